"""Columns that several tables on the page of a run share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from dynmask_core.evaluate import METRICS
from dynmask_core.masks import brief
from dynmask_core.ui.i18n import plain, t


def of_scores() -> dict[str, Any]:
    """For a column of each of `METRICS`."""
    return {name: st.column_config.NumberColumn(t(f"score.{name}"), format="%.3f") for name in METRICS}


def of_answers(arms: Sequence[str]) -> dict[str, Any]:
    """For `text`, `unknown`, and of each arm by its number `predicted_0` and `probability_0`."""
    config: dict[str, Any] = {
        "text": st.column_config.TextColumn(t("data.text_column"), width="large"),
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
