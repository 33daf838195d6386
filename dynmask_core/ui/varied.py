"""What a sweep shows, and a learning curve."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from dynmask_core.report import figures
from dynmask_core.report.plain import setting_name
from dynmask_core.studies import Study
from dynmask_core.studies.curve import curve
from dynmask_core.studies.results import Result
from dynmask_core.studies.sweep import Choice, sweep
from dynmask_core.ui.i18n import lang, plain, t
from dynmask_core.ui.parts import number, open_run, plot, table


def show_sweep(study: Study, found: Sequence[Result], arm: str) -> None:
    grid = sweep(found, arm)
    if not grid.cells:
        return
    axes = study.config.axes
    if grid.choice is not None:
        _chosen(grid.choice)
    fixed = {}
    for name, values in axes[2:]:
        fixed[name] = st.select_slider(setting_name(name, lang()), values, key=f"slice_{name}")
    st.caption(t("sweep.click"))
    for column, quantity in zip(st.columns(3), ("validation", "kept_fraction", "seconds"), strict=True):
        with column:
            figure = figures.heatmap(grid, quantity, lang(), axes, fixed)
            picked = plot(figure, f"heat_{quantity}", on_select="rerun", selection_mode="points")
            _open_picked(picked, f"heat_{quantity}")


def _open_picked(picked: Any, key: str) -> None:
    """A cell that was clicked opens its first run, once per click."""
    points = picked["selection"]["points"] if picked else []
    runs = points[0].get("customdata") if points else None
    if runs and st.session_state.get(f"{key}_opened") != points[0]:
        st.session_state[f"{key}_opened"] = points[0]
        open_run(runs[0] if isinstance(runs, (list, tuple)) else runs)


def _chosen(choice: Choice) -> None:
    settings = " · ".join(f"{setting_name(name, lang())} {value}" for name, value in choice.cell.cell)
    low, high = choice.ci95
    said = {"settings": settings, "cells": choice.cells, "seeds": choice.seeds, "texts": choice.texts}
    said |= {"validation": f"{choice.validation:.3f}", "test": f"{choice.test:.3f}"}
    said |= {"low": f"{low:.3f}", "high": f"{high:.3f}"}
    st.info(plain(t("sweep.chosen", **said)), icon=":material/target:")
    if choice.flattery is None:
        st.caption(t("sweep.one_seed"))
    else:
        points = f"{100 * choice.flattery:+.1f}"
        st.caption(t("sweep.flattery", honest=f"{choice.honest:.3f}", points=points))


def show_curve(found: Sequence[Result], arms: Sequence[str]) -> None:
    made = curve(found, arms)
    if not made.comparisons:
        return
    plot(figures.learning_curve(made, lang()), "figure_curve")
    rows = []
    for arm in arms:
        for point in made.points(arm):
            apart = next((d for d in made.differences(point.size) if d.arm == arm), None)
            rows.append(
                {
                    "arm": arm,
                    "size": point.size,
                    "accuracy": point.mean,
                    "low": point.ci95[0],
                    "high": point.ci95[1],
                    "points": None if apart is None else 100 * apart.statistics.mean,
                    "decision": "" if apart is None else t(f"compare.decision.{apart.decision}"),
                }
            )
    config = {
        "arm": st.column_config.TextColumn(t("score.arm")),
        "size": number(t("curve.size"), "%d"),
        "accuracy": number(t("score.accuracy")),
        "low": number(t("compare.low"), help=t("compare.interval.help")),
        "high": number(t("compare.high"), help=t("compare.interval.help")),
        "points": number(t("compare.points"), "%+.2f"),
        "decision": st.column_config.TextColumn(t("compare.decision")),
    }
    table(rows, config, "study_curve")
    st.caption(t("curve.limits"))
