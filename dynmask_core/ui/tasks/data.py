"""The samples of each task that the page offers, and a first look at them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from dynmask_core.config import GUESS_TOKENS, DataConfig
from dynmask_core.data import Dataset
from dynmask_core.data.load import load_marked, load_sequences
from dynmask_core.data.media import IMAGE, MEDIA, picture_of, pixels_of
from dynmask_core.data.samples import PREFIX, Sample, list_pairs, list_samples
from dynmask_core.ui import shown
from dynmask_core.ui.i18n import lang, t

TASKS = ("mark", "continue")
KEYS = {"mark": "marked", "continue": "pairs"}
"""Task → the name in the address of what is chosen for it."""
LOOKED_AT = 5
"""So many samples are shown before the first run."""
ROW = 72
"""Pixels of the height of a picture's row."""


def samples(task: str) -> tuple[Sample, ...]:
    """Those that the task learns from."""
    return list_samples(*reversed(MEDIA), task=task) if task == "mark" else list_pairs()


def options(task: str) -> list[str]:
    """Their names, those in the reader's language before those in another one."""

    def foreign(sample: Sample) -> bool:
        return bool(sample.language) and sample.language != lang()

    return [sample.name for sample in sorted(samples(task), key=foreign)]


def medium(task: str, name: str) -> str:
    return next(sample.medium for sample in samples(task) if sample.name == name)


@st.cache_resource(show_spinner=False, max_entries=8)
def load(task: str, name: str, seed: int) -> tuple[DataConfig, Dataset]:
    """Raises InputError if they cannot be used."""
    if task == "mark":
        config = DataConfig(PREFIX + name)
        return config, load_marked(config, seed)[0]
    config = DataConfig(PREFIX + name)
    dataset = load_sequences(config, seed)[0]
    if dataset.targets is None:
        config = DataConfig(PREFIX + name, max_tokens=GUESS_TOKENS)
        dataset = load_sequences(config, seed)[0]
    return config, dataset


def first_look(dataset: Dataset) -> None:
    """Some training samples beside what each is to become."""
    rows = dataset.rows("train")[:LOOKED_AT]
    parts = {part: len(dataset.rows(part)) for part in ("train", "validation", "test")}
    st.caption(t("tasks.parts", **parts))
    targets = dataset.targets or [""] * len(dataset)
    kind = dataset.medium
    cells = shown.cells(shown.reader_of(dataset), [dataset.texts[row] for row in rows]) if kind == IMAGE else None
    found = [
        {
            "text": cells[place] if cells else dataset.texts[row],
            "target": _objects(targets[row]) if kind == IMAGE else targets[row],
        }
        for place, row in enumerate(rows)
    ]
    title = shown.words("data.text_column", kind)
    make: Any = st.column_config.ImageColumn if kind == IMAGE else st.column_config.TextColumn
    config = {"text": make(title), "target": make(t("tasks.objects" if kind == IMAGE else "tasks.target"))}
    with st.container(key="first_look"):
        high = ROW if kind == IMAGE else None
        st.dataframe(pd.DataFrame(found), hide_index=True, column_config=config, row_height=high)


def _objects(target: str) -> str:
    """A picture whose pixels are numbers of objects, in black and white, as large as its sample is shown."""
    pixels = pixels_of(target)
    times = max(1, shown.LEAST // max(pixels.shape[:2]))
    return picture_of(((pixels > 0) * np.uint8(255)).repeat(times, 0).repeat(times, 1))
