"""Pairs of a source and a target: a sentence and its translation, a question and its answer."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import regex

from dynmask_core.config import DataConfig
from dynmask_core.data.clean import clean_texts
from dynmask_core.data.columns import check_name
from dynmask_core.data.dataset import Dataset
from dynmask_core.data.limits import check_rows, check_words
from dynmask_core.data.names import SPLIT_NAMES
from dynmask_core.data.report import overlap, overlap_of
from dynmask_core.data.rows import sample_of
from dynmask_core.data.split import divided, split_codes
from dynmask_core.data.table import Table
from dynmask_core.data.tokenize import UNSPACED, Tokenizer
from dynmask_core.data.warning import DataWarning
from dynmask_core.errors import InputError

BETWEEN = "\t"
"""Between source and target where both are one text; cells of a file are written without it."""
LEAST = 20
"""Fewer training pairs teach nothing."""
NAMES = (
    "source target", "src tgt", "src trg", "input output", "question answer", "prompt completion", "prompt response",
    "instruction output", "原文 译文", "源文 目标", "问题 答案", "问题 回答", "原文 譯文", "問題 答案",
)  # fmt: skip
"""Columns that are a source and its target, in whatever order the file has them."""
_LANGUAGES = frozenset(
    {"en", "de", "fr", "es", "it", "pt", "nl", "zh", "ja", "ko", "ru", "ar", "cs", "pl", "sv", "da", "fi", "tr", "uk"}
    | {"vi", "th", "hi"}
)
_NAMED = ("english", "german", "french", "spanish", "chinese", "英文", "中文", "英语", "汉语", "德语", "法语")
HEADINGS = tuple(
    sorted(
        {
            written
            for name in (*" ".join(NAMES).split(), *_LANGUAGES, *_NAMED)
            for written in (name, name.capitalize(), name.upper())
        }
    )
)
"""Cells that name a column of pairs, so that a first row with one of them is no pair."""
_SENTENCE = re.compile(r"[^.!?。！？\s][^.!?。！？]*[.!?。！？]*")
_NUMBER_GOES_ON = regex.compile(r"\d[.,:]?$")
_NUMBER = regex.compile(r"\d[\d.,:]*")

_NO_SPACE_BEFORE = regex.compile(rf"[,.;:!?%)\]}}»”’/\-'。，；：！？、）》」]|{UNSPACED}", regex.VERSION1)
_NO_SPACE_AFTER = regex.compile(rf"(?:[(\[{{«“‘/\-$£€¥。，；：！？、（《「]|{UNSPACED})$", regex.VERSION1)
REPEATED = 0.9
"""Sentences are units if so many of them occur more than once, and sources have SEVERAL on average."""
SEVERAL = 3
Span = tuple[int, int]


@dataclass(frozen=True)
class PairsReport:
    """What was read. rows: pairs. dropped: rows left out, by reason. parts: pairs of each part. longest: units of the
    longest source and of the longest target. duplicates: pairs that repeat an earlier one. overlap: test pairs whose
    source is also in train (see `text_key`): a model can know their targets by heart."""

    rows: int
    dropped: dict[str, int]
    parts: dict[str, int]
    source_column: str
    target_column: str
    longest: tuple[int, int]
    duplicates: int = 0
    overlap: int = 0
    warnings: tuple[DataWarning, ...] = ()

    def to_json(self, lang: str = "en") -> dict[str, Any]:
        """Plain types for `json.dumps`; warnings become sentences in `lang`."""
        return {**asdict(self), "longest": list(self.longest), "warnings": [one.text(lang) for one in self.warnings]}


def joined(source: str, target: str = "") -> str:
    """Both as one sample. Without a target it asks for one."""
    return f"{source}{BETWEEN}{target}"


def parted(sample: str) -> tuple[str | None, str]:
    """The source and the target of a sample. None: the sample has no source, and is all target, as prose is."""
    source, between, target = sample.partition(BETWEEN)
    return (source, target) if between else (None, sample)


def in_writing(words: Iterable[str]) -> str:
    """Words as people write them: a space between two words of letters, none beside characters of Chinese, between
    digits, and before a mark. Which letters were large is not known any more."""
    text = ""
    for word in words:
        close = not text or _NO_SPACE_BEFORE.match(word) or _NO_SPACE_AFTER.search(text)
        together = word[:1].isdecimal() and _NUMBER_GOES_ON.search(text)
        text += word if close or together else f" {word}"
    return text


def cutter(config: DataConfig) -> Tokenizer:
    """What is written without spaces is cut into characters, unless words are asked for: with few pairs, a word that
    occurs once could not be written."""
    return Tokenizer("words" if config.tokenizer == "words" else "characters")


def unit_spans(text: str, tokenizer: Tokenizer) -> list[Span]:
    """Characters [start, end) of words; every digit is a unit of its own, so that numbers which no text of training has
    can be read and written."""
    spans: list[Span] = []
    for start, end in tokenizer.spans(text):
        if _NUMBER.fullmatch(text, start, end):
            spans.extend((place, place + 1) for place in range(start, end))
        else:
            spans.append((start, end))
    return spans


def beginning(text: str, config: DataConfig, words: int = 4) -> str:
    """The first words of a text, in which Chinese characters need no spaces to be words."""
    spans = unit_spans(text, cutter(config))[:words]
    return text[: spans[-1][1]] if spans else text


def sentence_spans(text: str) -> list[Span]:
    """Characters [start, end) of sentences, for sources that are read sentence by sentence."""
    return [(found.start(), found.start() + len(found.group().rstrip())) for found in _SENTENCE.finditer(text)]


def repeats_sentences(sources: Iterable[str]) -> bool:
    """Whether the sources are made of sentences that come again and again, as in stories made by rule: then a sentence
    is the better unit, since what stands in it is learned once."""
    counts: Counter[str] = Counter()
    texts = 0
    for source in sources:
        texts += 1
        counts.update(source[start:end].lower() for start, end in sentence_spans(source))
    total = counts.total()
    return total >= SEVERAL * max(texts, 1) and sum(n for n in counts.values() if n > 1) >= REPEATED * total


def source_spans(text: str, tokenizer: Tokenizer, sentences: bool) -> list[Span]:
    return sentence_spans(text) if sentences else unit_spans(text, tokenizer)


def pair_columns(table: Table, source: str | None = None, target: str | None = None) -> tuple[str, str]:
    """The columns of source and target: those named, else a pair of names that belong together, two languages, or the
    only two columns. Raises InputError `column_missing`, `same_column`, `no_pairs`."""
    for name in (source, target):
        check_name(table, name)
    if source is not None and source == target:
        raise InputError("same_column", column=source)
    plain = {name.casefold().strip(): name for name in table.columns}
    free = [name for name in table.columns if name.casefold().strip() not in SPLIT_NAMES]
    found = _named(plain, free)
    if source is None or target is None:
        rest = [name for name in free if name not in (source, target)]
        if source is None and target is None and found:
            return found
        if source is not None and len(rest) == 1:
            return source, rest[0]
        if target is not None and len(rest) == 1:
            return rest[0], target
        if found and source in (None, found[0]) and target in (None, found[1]):
            return found
        raise InputError("no_pairs", columns=", ".join(table.columns))
    return source, target


def _named(plain: dict[str, str], free: list[str]) -> tuple[str, str] | None:
    for names in NAMES:
        one, other = names.split()
        if one in plain and other in plain:
            return plain[one], plain[other]
    languages = [name for name in free if name.casefold().strip() in _LANGUAGES]
    pair = languages if len(languages) == 2 else free
    return (pair[0], pair[1]) if len(pair) == 2 else None


def build_pairs(table: Table, config: DataConfig, seed: int) -> tuple[Dataset, PairsReport]:
    """A data set with targets and without classes.

    Rows without source or target are left out and counted. Equal sources stay in one part. A column `split` is
    respected; without one, a fifth is for the test and a tenth for validation. Raises InputError: what `pair_columns`
    and `divided` raise, `pairs_few` if fewer than LEAST pairs are left for training, `too_many_words`.
    """
    source, target = pair_columns(table, config.text_column, config.target_column)
    sources, told = clean_texts(table.cells(source), drop_markers=config.drop_markers)
    targets, more = clean_texts(table.cells(target), drop_markers=config.drop_markers)
    sources, targets = ([one.replace(BETWEEN, " ") for one in cells] for cells in (sources, targets))
    tokenizer, sentences = cutter(config), config.sentences or repeats_sentences(sources)
    dropped = {"malformed": table.malformed} if table.malformed else {}
    spans: dict[int, list[Span]] = {}
    units = 0
    for row, text in enumerate(sources):
        if text:
            spans[row] = source_spans(text, tokenizer, sentences)
            units += len(spans[row])
            if config.max_rows is None:  # of a sample only its own words count
                check_words(units)
    rows = [row for row, found in spans.items() if found and targets[row]]
    if len(rows) < len(sources):
        dropped["empty_text"] = len(sources) - len(rows)
    if config.max_rows is not None and len(rows) > config.max_rows:
        dropped["not_sampled"] = len(rows) - config.max_rows
        rows = [rows[i] for i in sample_of(len(rows), config.max_rows, seed)]
    check_rows(len(rows))
    check_words(sum(len(spans[row]) for row in rows))
    texts = [sources[row] for row in rows]
    column = _split_column(table, config)
    named = None if column is None else [table.cells(column)[row] for row in rows]
    split, given = divided(named, np.zeros(len(rows), dtype=np.int64), texts, seed=seed)
    marks = None
    if table.rationale is not None and sentences:
        marks = [np.array(table.rationale[row][: len(spans[row])], dtype=np.int8) for row in rows]
    dataset = Dataset(
        name=table.name,
        texts=texts,
        labels=np.zeros(len(rows), dtype=np.int64),
        classes=(),
        split=split,
        spans=[np.array(spans[row], dtype=np.int32).reshape(-1, 2) for row in rows],
        rationale=marks,
        given=given,
        targets=[targets[row] for row in rows],
    )
    parts = {part: len(dataset.rows(part)) for part in ("train", "validation", "test")}
    if parts["train"] < LEAST or not parts["validation"] or not parts["test"]:
        raise InputError("pairs_few", pairs=len(rows), least=LEAST)
    longest = max(len(spans[row]) for row in rows), _longest((targets[row] for row in rows), tokenizer)
    repeated, shared = len(rows) - len({(sources[row], targets[row]) for row in rows}), overlap(dataset, "test")
    found = [*table.warnings, *told, *more]
    if shared:
        found.append(overlap_of(shared, parts["test"], named=column is not None))
    if repeated:
        found.append(DataWarning("duplicate_pairs", {"rows": repeated, "share": f"{100 * repeated / len(rows):.0f}"}))
    return dataset, PairsReport(
        len(rows), dropped, parts, source, target, longest, repeated, shared, warnings=tuple(found)
    )


def _longest(targets: Iterable[str], tokenizer: Tokenizer) -> int:
    longest = units = 0
    for target in targets:
        count = len(unit_spans(target, tokenizer))
        longest, units = max(longest, count), units + count
        check_words(units)
    return longest


def _split_column(table: Table, config: DataConfig) -> str | None:
    """The configured column, "" for none; else one that is named like a split and holds nothing else."""
    if config.split_column is not None:
        check_name(table, config.split_column or None)
        return config.split_column or None
    column = next((name for name in table.columns if name.casefold().strip() in SPLIT_NAMES), None)
    return None if column is None or split_codes(table.cells(column))[1] else column
