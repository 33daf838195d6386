"""The section "Threshold after training"."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from dynmask_core.analysis.thresholds import PARTS, Thresholds, known, thresholds
from dynmask_core.colors import arm_color
from dynmask_core.data.report import detectable_difference
from dynmask_core.masks import brief
from dynmask_core.runs import Status
from dynmask_core.ui.components.thresholds import STRING_KEYS, threshold_curves
from dynmask_core.ui.i18n import plain, t, templates
from dynmask_core.ui.parts import number
from dynmask_core.ui.question.asking import asked
from dynmask_core.ui.watch.run_view import RunView


def draw(view: RunView, status: Status) -> None:
    """Draws the section; the curves are computed when the reader asks for them."""
    st.subheader(t("thresholds.title"), anchor=False)
    st.caption(t("thresholds.read"))
    found = asked(view, status, "thresholds", known, thresholds)
    if found is None:
        return
    shown = [found[arm] for arm in view.arms if not found[arm].why_not]
    if shown:
        st.text(t("thresholds.look", draws=shown[0].parts["test"].draws))
        colors = [arm_color(view.arms.index(one.arm)) for one in shown]
        threshold_curves(
            shown, colors, run=view.run.name, strings=templates(STRING_KEYS), key=f"thresholds_{view.run.name}"
        )
        _honest(shown[0])
        with st.expander(t("thresholds.table")):
            _table(shown)
    else:
        st.caption(t("thresholds.nothing"))
    for arm in view.arms:
        if found[arm].why_not:
            st.text(t(f"thresholds.why.{found[arm].why_not}", arm=brief(arm)))


def _honest(one: Thresholds) -> None:
    test = one.parts["test"]
    said = [t("thresholds.honest")]
    points = detectable_difference(test.texts)
    if points is not None:
        said.append(t("thresholds.chance", texts=test.texts, points=f"{points:.1f}"))
    if test.texts < test.given:
        said.append(t("thresholds.sampled", texts=test.texts, given=test.given))
    st.caption(plain(" ".join(said)))


def _table(shown: list[Thresholds]) -> None:
    rows: list[dict[str, Any]] = []
    for one in shown:
        for i, theta in enumerate(one.thetas):
            row: dict[str, Any] = {"arm": brief(one.arm), "theta": theta}
            for part in PARTS:
                row[part] = one.parts[part].accuracy[i]
            test = one.parts["test"]
            row |= {"random": test.random_mean[i], "kept": test.kept[i], "cost": test.flops[i] / max(test.flops[0], 1)}
            rows.append(row)
    config: dict[str, Any] = {
        "arm": st.column_config.TextColumn(t("thresholds.arm")),
        "theta": number("θ", "%g"),
        **{str(part): number(t(f"thresholds.{part}")) for part in PARTS},
        "random": number(t("thresholds.random")),
        "kept": number(t("thresholds.kept"), "percent"),
        "cost": number(t("thresholds.cost"), "percent"),
    }
    st.dataframe(pd.DataFrame(rows), hide_index=True, column_config=config, key="thresholds_table", height=300)
