"""How samples are shown outside the player: texts as they are, pictures as pictures, sounds to listen to.

A sample that is no text holds a whole file (see `data.media`), which must never stand on a page as text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import Any
from weakref import WeakKeyDictionary

import pandas as pd
import streamlit as st

from dynmask_core.config import ExperimentConfig
from dynmask_core.data import Dataset
from dynmask_core.data.media import IMAGE, SOUND, TEXT, content_of, medium, medium_of, picture_of, pixels_of
from dynmask_core.data.pairs import BETWEEN
from dynmask_core.errors import InputError
from dynmask_core.inputs import Input, fit_to, make_input
from dynmask_core.inputs.pairs import ARROW
from dynmask_core.messages import speaking_of
from dynmask_core.ui.i18n import t

LEAST = 64
"""Pixels of the longer side of a small picture: one of 8 pixels is enlarged, pixel by pixel."""
HEARD = 4
"""So many sounds of a data set can be listened to on its page."""


_READERS: WeakKeyDictionary[Dataset, Input] = WeakKeyDictionary()


def words(key: str, of: str, **params: Any) -> str:
    """The sentence `key` about samples of this medium, see `messages.speaking_of`."""
    with speaking_of(of):
        return t(key, **params)


def name(sample: str) -> str:
    """A sample inside a sentence or a list: a text is its own name."""
    kind = medium(sample)
    return sample.replace(BETWEEN, f" {ARROW} ") if kind == TEXT else t(f"medium.one.{kind}")


def reader_of(dataset: Dataset) -> Input:
    """Reads samples as an experiment on these data does."""
    # Many samples are decoded to find out how, so it is done once for as long as the data set is there.
    if dataset not in _READERS:
        _READERS[dataset] = make_input(fit_to(ExperimentConfig(), dataset))
    return _READERS[dataset]


@lru_cache(maxsize=2048)
def _enlarged(url: str) -> str:
    pixels = pixels_of(url)
    times = max(1, LEAST // max(pixels.shape[:2]))
    return picture_of(pixels.repeat(times, 0).repeat(times, 1)) if times > 1 else url


def picture(reader: Input, sample: str) -> str:
    """A small picture of a sample that is no text, as the model reads it: a data URL; "" if it cannot be read."""
    try:
        seen = reader.show(sample).picture
    except InputError:
        return ""
    return _enlarged(seen.url) if seen else ""


def cells(reader: Input, samples: Sequence[str]) -> list[str]:
    """What stands in a table's column of samples, for the column `column`."""
    return [sample if medium(sample) == TEXT else picture(reader, sample) for sample in samples]


def column(of: str) -> Any:
    """The column of `cells`. of: the medium."""
    if of == TEXT:
        return st.column_config.TextColumn(t("data.text_column"), width="large")
    return st.column_config.ImageColumn(t("data.text_column.media"), width="small")


def frame(table: pd.DataFrame) -> None:
    """Draws a table as it was read; what holds files is drawn or named."""
    config: dict[str, Any] = {}
    drawn = table.copy()
    for title in table.columns:
        kind = medium_of([str(cell) for cell in table[title]])
        if kind == IMAGE:
            config[title] = st.column_config.ImageColumn(width="small")
        elif kind == SOUND:
            drawn[title] = [name(str(cell)) for cell in table[title]]
    st.dataframe(drawn, hide_index=True, column_config=config)


def listen(samples: Sequence[str], labels: Sequence[str]) -> None:
    """Some sounds side by side, each with its label; nothing of other samples."""
    heard = [(sample, label) for sample, label in zip(samples, labels, strict=True) if medium(sample) == SOUND][:HEARD]
    if not heard:
        return
    for place, (sample, label) in zip(st.columns(HEARD), heard, strict=False):
        with place:
            st.text(label)
            hear(sample)


def hear(sample: str) -> None:
    """A sound to listen to; nothing of another sample."""
    if medium(sample) == SOUND:
        st.audio(content_of(sample), format="audio/wav")


def of_every_class(labels: Sequence[int]) -> list[int]:
    """The places of all samples: the first of each class, then the second of each, and so on, so that the first few
    show what there is."""
    seen: Counter[int] = Counter()
    turns = []
    for place, label in enumerate(labels):
        turns.append((seen[label], place))
        seen[label] += 1
    return [place for _, place in sorted(turns)]
