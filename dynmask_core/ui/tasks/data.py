"""The samples of each task, a reader's own included, how these were understood, and a first look at what is learned."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from dynmask_core.config import DataConfig
from dynmask_core.data import Dataset
from dynmask_core.data.marked import marked_columns
from dynmask_core.data.media import IMAGE, picture_of, pixels_of
from dynmask_core.data.pairs import pair_columns
from dynmask_core.data.samples import PREFIX, list_pairs
from dynmask_core.data.table import Table
from dynmask_core.errors import InputError
from dynmask_core.messages import listed
from dynmask_core.ui import choose, report, shown
from dynmask_core.ui.choose import MARKED, OWN, SEQUENCES, Chooser
from dynmask_core.ui.choose.purpose import PURPOSES
from dynmask_core.ui.choose.texts import OwnText, name_of
from dynmask_core.ui.i18n import t

TASKS = ("mark", "continue")
CHOOSERS: dict[str, Chooser[Any]] = {"mark": MARKED, "continue": SEQUENCES}
"""Of the samples of each task."""
LOOKED_AT = 5
"""So many samples are shown before the first run."""
ROW = 72
"""Pixels of the height of a picture's row."""


def load(task: str, seed: int) -> tuple[DataConfig, Dataset, Any]:
    """The chosen samples. Raises InputError if they cannot be used."""
    chooser = CHOOSERS[task]
    return chooser.load(chooser.chosen(), seed=seed)


def prose() -> bool:
    """Whether what is to be written on is prose, which has no sources."""
    name = SEQUENCES.chosen()
    if name != OWN:
        return name not in {sample.name for sample in list_pairs()}
    own = SEQUENCES.own()
    with suppress(InputError):
        return own is not None and len(own.table().columns) == 1
    return False


def understood(task: str, seed: int) -> None:
    """Of a reader's own file: the columns in use, with a click to change them, what is used and what is left out."""
    chooser = CHOOSERS[task]
    own = chooser.own() if chooser.chosen() == OWN else None
    if own is None:
        return
    table, found = None, None
    with st.container(key="own_samples", border=True):
        try:
            table = own.table()
            _, dataset, found = load(task, seed)
        except InputError as error:
            choose.refused(chooser, own, error, table)
        if table is None:
            return
        _columns(chooser, own, table)
        if found is not None:
            _account(own, dataset, found)
        with st.expander(t("task_data.how"), icon=":material/description:"):
            choose.read_as(chooser, own, table)
            if chooser is SEQUENCES:
                choose.switch(chooser, own, "drop_markers", own.reading.config.drop_markers)
            if found is not None and found.warnings:
                report.doubts(found.warnings, lambda offered, key: choose.remedies(chooser, own, offered, key))
            if found is None:
                shown.frame(table.frame.head(LOOKED_AT))


def _columns(chooser: Chooser[Any], own: OwnText, table: Table) -> None:
    """A box for every column, and of pairs a button that turns them round; nothing for prose, which has one column."""
    if len(table.columns) < 2:
        return
    roles, used = PURPOSES[chooser.purpose].roles, _used(chooser, own, table)
    *places, last = st.columns([*[3] * len(roles), 2], vertical_alignment="bottom")
    for place, role in zip(places, roles, strict=True):
        none: list[str | None] = [] if used[role] else [None]
        with place:
            choose.column(chooser, own, role, [*none, *table.columns], used[role])
    if chooser is SEQUENCES and all(used.values()):
        turned = dict(zip(roles, reversed(list(used.values())), strict=True))
        with last:
            st.button(
                t("task_data.turn"), icon=":material/swap_horiz:", key="turn_pairs", on_click=chooser.change,
                args=(own, None, turned), help=t("task_data.turn.help"),
            )  # fmt: skip


def _used(chooser: Chooser[Any], own: OwnText, table: Table) -> dict[str, str | None]:
    """The column of every role, None where nobody knows."""
    config = own.reading.config
    named = {role: getattr(config, role) for role in PURPOSES[chooser.purpose].roles}
    try:
        if chooser is SEQUENCES:
            return dict(zip(named, pair_columns(table, config.text_column, config.target_column), strict=True))
        return dict(zip(named, marked_columns(table, config), strict=True))
    except InputError:
        return named


def _account(own: OwnText, dataset: Dataset, found: Any) -> None:
    """What was read and what was left out, in one line."""
    sizes = {part: len(dataset.rows(part)) for part in ("train", "validation", "test")}
    kind = "prose" if dataset.targets is None and not hasattr(found, "marks") else "samples"
    said = [t(f"task_data.read.{kind}", name=name_of(own.reading), rows=f"{len(dataset):,}", **sizes)]
    reasons: Mapping[str, int] = found.dropped
    if lost := sum(reasons.values()):
        told = listed(t("task_data.reason", reason=t(f"dropped.{one}"), rows=n) for one, n in reasons.items())
        said.append(t("task_data.lost", rows=f"{lost:,}", reasons=told))
    if marks := getattr(found, "marks", {}):
        said.append(t("task_data.marks", marks=listed((f"{mark} {count:,}" for mark, count in marks.items()), 12)))
    st.text(" ".join(said))


def first_look(task: str, seed: int) -> None:
    """Some training samples beside what each is to become. Raises InputError if they cannot be used."""
    config, dataset, _ = load(task, seed)
    if config.source.startswith(PREFIX):
        st.caption(t(f"sample.{config.source.removeprefix(PREFIX)}.about"))
    rows = dataset.rows("train")[:LOOKED_AT]
    parts = {part: len(dataset.rows(part)) for part in ("train", "validation", "test")}
    st.caption(t("tasks.parts", **parts) if parts["test"] else t("tasks.parts.prose", **parts))
    kind = dataset.medium
    texts = [dataset.texts[row] for row in rows]
    drawn = {"text": shown.cells(shown.reader_of(dataset), texts) if kind == IMAGE else texts}
    if dataset.targets is not None:
        targets = [dataset.targets[row] for row in rows]
        drawn["target"] = list(map(_objects, targets)) if kind == IMAGE else targets
    make: Any = st.column_config.ImageColumn if kind == IMAGE else st.column_config.TextColumn
    columns = {"text": make(shown.words("data.text_column", kind))}
    columns["target"] = make(t("tasks.objects" if kind == IMAGE else "tasks.target"))
    with st.container(key="first_look"):
        high = ROW if kind == IMAGE else None
        st.dataframe(pd.DataFrame(drawn), hide_index=True, column_config=columns, row_height=high)


def _objects(target: str) -> str:
    """A picture whose pixels are numbers of objects, in black and white, as large as its sample is shown."""
    pixels = pixels_of(target)
    times = max(1, shown.LEAST // max(pixels.shape[:2]))
    return picture_of(((pixels > 0) * np.uint8(255)).repeat(times, 0).repeat(times, 1))
