"""Columns that several tables on the page of a run share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from dynmask_core.data.media import TEXT
from dynmask_core.evaluate import METRICS
from dynmask_core.masks import brief
from dynmask_core.ui import shown
from dynmask_core.ui.i18n import explained, plain, t


def share(label: str, help: str | None = None) -> Any:
    """A column of shares, whose values are in percent: written as everywhere on screen, with one decimal."""
    return st.column_config.NumberColumn(label, format="%.1f%%", help=help)


def of_scores() -> dict[str, Any]:
    """For a column of each of `METRICS`, see `in_percent`."""
    return {name: share(t(f"score.{name}"), help=explained(name)) for name in METRICS}


def in_percent(scores: Mapping[str, float]) -> dict[str, float]:
    """Those of `METRICS` that are there, from shares of 1."""
    return {name: 100 * scores[name] for name in METRICS if name in scores}


def of_answers(arms: Sequence[str], medium: str = TEXT) -> dict[str, Any]:
    """For `text` (see shown.cells), `file`, `unknown`, and of each arm by its number `predicted_0`, `probability_0`."""
    config: dict[str, Any] = {
        "text": shown.column(medium),
        "file": st.column_config.TextColumn(t("use.file")),
        "unknown": st.column_config.TextColumn(t("unknown.title"), help=t("unknown.help")),
    }
    for a, arm in enumerate(arms):
        config[f"predicted_{a}"] = st.column_config.TextColumn(
            brief(arm), help=None if brief(arm) == arm else plain(arm)
        )
        config[f"probability_{a}"] = st.column_config.NumberColumn(
            t("wrong.confidence", arm=brief(arm)), format="percent"
        )
    return config


def height(rows: int, most: int) -> int:
    """Pixels of a table with a header, at most `most`."""
    return min(36 * rows + 40, most)
