"""The sample texts that come with the project."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Unpack

from dynmask_core.data.dates import dates
from dynmask_core.data.digits import digits
from dynmask_core.data.media import IMAGE, SOUND, TEXT
from dynmask_core.data.planted import planted
from dynmask_core.data.readers import read_path
from dynmask_core.data.readers.source import ReadOptions, refuse_unused
from dynmask_core.data.scenes import scenes, two_objects
from dynmask_core.data.sound.words import spoken_words
from dynmask_core.data.stories import stories
from dynmask_core.data.table import Table
from dynmask_core.data.tagged import tags_en, tags_zh
from dynmask_core.errors import InputError
from dynmask_core.place import folder

PREFIX = "sample:"


@dataclass(frozen=True)
class Sample:
    """name: as in `sample:NAME`. file: None if generated. language: "en", "zh", or "" for invented words.

    labelled: False for plain prose and pairs. medium: what its samples are, see `data.media`. tasks: what it is meant
    for, names of config.TASK_SETTINGS; texts can also be guessed. The locales have its title as `sample.NAME` and a
    short description as `sample.NAME.about`.
    """

    name: str
    file: str | None
    language: str
    labelled: bool = True
    medium: str = TEXT
    tasks: tuple[str, ...] = ("classify",)


_SAMPLES = (
    Sample("english_sentiment", "english_sentiment.csv", "en"),
    Sample("chinese_sentiment", "chinese_sentiment.csv", "zh"),
    Sample("english_news", "english_news.csv", "en"),
    Sample("chinese_news", "chinese_news.csv", "zh"),
    Sample("negation", "negation.csv", "en"),
    Sample("fruit", "fruit.csv", "en"),
    Sample("planted", None, ""),
    Sample("digits", None, "", medium=IMAGE),
    Sample("scenes", None, "", medium=IMAGE, tasks=("classify", "mark")),
    Sample("two_objects", None, "", medium=IMAGE, tasks=("mark",)),
    Sample("tags_en", None, "en", tasks=("mark",)),
    Sample("tags_zh", None, "zh", tasks=("mark",)),
    Sample("dates", None, "", labelled=False, tasks=("continue",)),
    Sample("stories", None, "", labelled=False, tasks=("continue",)),
    Sample("stories_two", None, "", labelled=False, tasks=("continue",)),
    Sample("spoken_words", None, "", medium=SOUND),
    Sample("english_prose", "english_prose.txt", "en", labelled=False),
    Sample("chinese_prose", "chinese_prose.txt", "zh", labelled=False),
)


_GENERATED: dict[str, Callable[[], Table]] = {
    # One label in ten is wrong; otherwise a model that finds the ten keywords would always be right.
    "planted": lambda: planted(flip=0.1).table,
    "digits": digits,
    "scenes": scenes,
    "two_objects": two_objects,
    "tags_en": tags_en,
    "tags_zh": tags_zh,
    "dates": dates,
    "stories": stories,
    "stories_two": lambda: stories(facts=2),
    "spoken_words": spoken_words,
}
"""How the samples without a file are made."""


def list_samples(*media: str, task: str = "classify") -> tuple[Sample, ...]:
    """All labelled samples of these media, by default of texts, for a task; of each the first is the best to start
    with."""
    wanted = [sample for sample in _SAMPLES if sample.labelled and task in sample.tasks]
    return tuple(sample for one in media or (TEXT,) for sample in wanted if sample.medium == one)


def list_pairs() -> tuple[Sample, ...]:
    """All samples of pairs; the first is the best to start with."""
    return tuple(sample for sample in _SAMPLES if sample.tasks == ("continue",))


def list_sequences() -> tuple[Sample, ...]:
    """All samples to be written on from: those of pairs, then prose."""
    return (*list_pairs(), *(sample for sample in list_corpora() if not sample.labelled))


def list_corpora() -> tuple[Sample, ...]:
    """All samples to learn a language from: prose, then the labelled ones that are not generated."""
    written = [sample for sample in _SAMPLES if sample.language and "classify" in sample.tasks]
    return tuple(sorted(written, key=lambda sample: sample.labelled))


def list_hidden() -> tuple[Sample, ...]:
    """All samples of which parts can be hidden, to be guessed or restored: texts, then pictures and sounds."""
    return (*list_corpora(), *list_samples(IMAGE, SOUND))


def samples_folder() -> Path:
    """The folder with the samples' files: next to the package in a checkout, inside it when installed."""
    return folder("sample_data", "fruit.csv", "_sample_data")


def load_sample(name: str) -> Table:
    """Reads or generates a sample. Raises `InputError` `unknown_sample` with similar names."""
    sample = next((sample for sample in _SAMPLES if sample.name == name), None)
    if sample is None:
        names = [known.name for known in _SAMPLES]
        near = difflib.get_close_matches(name.casefold(), names, n=3, cutoff=0.4) or names
        raise InputError("unknown_sample", name=name, near=", ".join(near))
    if sample.file is None:
        return _GENERATED[name]()
    return replace(read_path(samples_folder() / sample.file), name=name)


def resolve(source: str, **options: Unpack[ReadOptions]) -> Table:
    """The table that a command's DATA names: `sample:NAME`, or a file read with `options`. Raises `InputError`."""
    if source.startswith(PREFIX):
        refuse_unused(options, (), "sample")
        return load_sample(source.removeprefix(PREFIX).strip())
    return read_path(source, **options)
