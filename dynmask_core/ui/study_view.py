"""What is seen of a study: progress, the verdict, the figures behind it, and every run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from dynmask_core.messages import text
from dynmask_core.report import figures
from dynmask_core.studies import Progress, Study
from dynmask_core.studies.comparison import Comparison, compare, transfer, verdict
from dynmask_core.studies.cost import COSTS, costs
from dynmask_core.studies.curve import curve
from dynmask_core.studies.results import METRICS, Result
from dynmask_core.studies.sweep import Choice, sweep
from dynmask_core.ui.frame import go_to
from dynmask_core.ui.i18n import lang, plain, t
from dynmask_core.ui.live import clock

ICONS = {"better": ":material/trending_up:", "worse": ":material/trending_down:"}


def progress(now: Progress) -> None:
    parts = [t("study.runs", done=now.done, all=now.total)]
    if now.working:
        parts.append(t("study.working", working=now.working))
    if now.remaining is not None and now.state == "working":
        parts.append(t("progress.left", time=clock(now.remaining)))
    if now.failed:
        parts.append(t("study.failed", failed=now.failed))
    st.progress(min(now.fraction, 1.0), text=" · ".join(parts))
    if now.state == "stopped":
        st.info(t("study.stopped", left=now.total - now.done), icon=":material/stop_circle:")
    if now.error is not None:
        code, params = now.error
        st.error(plain(text(f"error.{code}", lang(), **params)), icon=":material/error:")


def show(study: Study, found: Sequence[Result], now: Progress) -> None:
    """What the study shows so far, in the manner of its kind."""
    arms = study.config.base.arms
    match study.config.kind:
        case "compare":
            comparison = compare(found, arms)
            if comparison.seeds:
                _compared(comparison, now)
        case "sweep":
            for arm in arms:
                _swept(study, found, arm)
        case "curve":
            _curved(found, arms)
    if found:
        _runs(found)


def _plot(figure: go.Figure, key: str, **options: Any) -> Any:
    return st.plotly_chart(figure, key=key, config={"displaylogo": False}, **options)


def _compared(comparison: Comparison, now: Progress) -> None:
    st.markdown(f"**{t('compare.verdict')}**")
    if now.state == "working":
        # Looking again and again, and stopping when one likes what one sees, declares differences that are not there.
        st.info(t("compare.wait", seeds=len(comparison.seeds)), icon=":material/hourglass_top:")
    else:
        for difference in comparison.of("accuracy"):
            icon = ICONS.get(difference.decision, ":material/balance:")
            st.info(plain(verdict(difference, comparison, lang())), icon=icon)
        st.caption(t("compare.limits", tests=comparison.tests))
    metric = _one_of("metric", METRICS, lambda name: t(f"score.{name}"))
    left, right = st.columns(2)
    with left:
        _plot(figures.dots(comparison, metric, lang()), "figure_dots")
    with right:
        _plot(figures.scores(comparison, metric, lang()), "figure_scores")
    _arm_table(comparison)
    if now.state != "working":
        _difference_table(comparison)
        _same_texts(comparison)
    if comparison.transferred:
        _transferred(comparison)
    st.markdown(f"**{t('compare.cost')}**")
    cost = _one_of("cost", COSTS, lambda name: t(f"compare.cost.{name}"))
    _plot(figures.cost(comparison, cost, lang()), "figure_cost")
    _cost_table(comparison)


def _one_of(key: str, options: Sequence[str], say: Any) -> str:
    return str(
        st.segmented_control(
            t(f"compare.{key}.choose"), options, default=options[0], required=True, format_func=say, key=f"pick_{key}"
        )
    )


def _number(label: str, form: str = "%.3f", **more: Any) -> Any:
    return st.column_config.NumberColumn(label, format=form, **more)


def _table(rows: list[dict[str, Any]], config: dict[str, Any], key: str) -> None:
    with st.container(key=key):
        st.dataframe(pd.DataFrame(rows), hide_index=True, column_config=config)


def _arm_table(comparison: Comparison) -> None:
    rows = [
        {
            "arm": arm,
            **{metric: float(comparison.scores(arm, metric).mean()) for metric in METRICS},
            "spread": float(comparison.scores(arm).std(ddof=1)) if len(comparison.seeds) > 1 else 0.0,
            "seconds": float(comparison.numbers(arm, "seconds").mean()),
            "kept": float(comparison.numbers(arm, "kept_fraction").mean()),
        }
        for arm in comparison.arms
    ]
    config = {
        "arm": st.column_config.TextColumn(t("score.arm")),
        **{metric: _number(t(f"score.{metric}")) for metric in METRICS},
        "spread": _number(t("compare.spread"), "%.4f", help=t("compare.spread.help")),
        "seconds": _number(t("score.seconds"), "%.1f"),
        "kept": _number(t("score.kept"), "percent", help=t("score.kept.help")),
    }
    st.markdown(f"**{t('compare.arms', seeds=len(comparison.seeds))}**")
    _table(rows, config, "study_arms")


def _difference_table(comparison: Comparison) -> None:
    rows = [
        {
            "arm": d.arm,
            "metric": t(f"score.{d.metric}"),
            "mean": 100 * d.statistics.mean,
            "low": 100 * d.statistics.ci95[0],
            "high": 100 * d.statistics.ci95[1],
            "p": d.statistics.p_value,
            "adjusted": d.adjusted_p,
            "improved": d.statistics.probability_of_improvement,
            "decision": t(f"compare.decision.{d.decision}"),
        }
        for d in comparison.differences
    ]
    config = {
        "arm": st.column_config.TextColumn(t("score.arm")),
        "metric": st.column_config.TextColumn(t("compare.metric.choose")),
        "mean": _number(t("compare.points"), "%+.2f"),
        "low": _number(t("compare.low"), "%+.2f", help=t("compare.interval.help")),
        "high": _number(t("compare.high"), "%+.2f", help=t("compare.interval.help")),
        "p": _number("p", "%.4f", help=t("compare.p.help")),
        "adjusted": _number(t("compare.adjusted"), "%.4f", help=t("compare.adjusted.help")),
        "improved": _number(t("compare.improved"), "percent", help=t("compare.improved.help")),
        "decision": st.column_config.TextColumn(t("compare.decision")),
    }
    st.markdown(f"**{t('compare.differences', baseline=plain(comparison.arms[0]))}**")
    _table(rows, config, "study_differences")


def _same_texts(comparison: Comparison) -> None:
    if not comparison.same_texts:
        return
    rows = [
        {
            "arm": check.arm,
            "only_arm": sum(pair.only_treated for pair in check.seeds) / len(check.seeds),
            "only_baseline": sum(pair.only_baseline for pair in check.seeds) / len(check.seeds),
            "p": check.p_value,
        }
        for check in comparison.same_texts
    ]
    config = {
        "arm": st.column_config.TextColumn(t("score.arm")),
        "only_arm": _number(t("compare.only_arm"), "%.1f"),
        "only_baseline": _number(t("compare.only_baseline"), "%.1f"),
        "p": _number("p", "%.4f"),
    }
    st.markdown(f"**{t('compare.same_texts')}**")
    st.caption(t("compare.same_texts.about"))
    _table(rows, config, "study_same_texts")


def _transferred(comparison: Comparison) -> None:
    st.markdown(f"**{t('compare.transfer')}**")
    _plot(figures.transfer(comparison, lang()), "figure_transfer")
    rows = []
    for arm in comparison.arms:
        said = transfer(comparison, arm)
        low, high = said["ci95"]
        rows.append({"arm": arm, "home": said["home"], "away": said["away"], "drop": 100 * said["drop"]})
        rows[-1] |= {"low": 100 * low, "high": 100 * high}
    config = {
        "arm": st.column_config.TextColumn(t("score.arm")),
        "home": _number(t("compare.home")),
        "away": _number(t("compare.away")),
        "drop": _number(t("compare.drop"), "%+.2f"),
        "low": _number(t("compare.low"), "%+.2f"),
        "high": _number(t("compare.high"), "%+.2f"),
    }
    _table(rows, config, "study_transfer")


def _cost_table(comparison: Comparison) -> None:
    rows = costs(comparison)
    for row in rows:
        row["frontier"] = " · ".join(t(f"compare.cost.{cost}") for cost in COSTS if row[f"{cost}_frontier"]) or "–"
    config = {
        "arm": st.column_config.TextColumn(t("score.arm")),
        "accuracy": _number(t("score.accuracy")),
        "seconds_ratio": _number(t("cost.seconds"), "percent", help=t("cost.seconds.help")),
        "training_flops_ratio": _number(t("cost.flops"), "percent", help=t("cost.flops.help")),
        "frontier": st.column_config.TextColumn(t("compare.frontier"), help=t("compare.frontier.help")),
    }
    _table([{name: row[name] for name in config} for row in rows], config, "study_cost")


def _swept(study: Study, found: Sequence[Result], arm: str) -> None:
    grid = sweep(found, arm)
    if not grid.cells:
        return
    axes = study.config.axes
    if grid.choice is not None:
        _chosen(grid.choice)
    fixed = {}
    for name, values in axes[2:]:
        fixed[name] = st.select_slider(_axis(name), values, key=f"slice_{name}")
    st.caption(t("sweep.click"))
    for column, quantity in zip(st.columns(3), ("validation", "kept_fraction", "seconds"), strict=True):
        with column:
            figure = figures.heatmap(grid, quantity, lang(), axes, fixed)
            picked = _plot(figure, f"heat_{quantity}", on_select="rerun", selection_mode="points")
            _open_picked(picked, f"heat_{quantity}")


def _axis(name: str) -> str:
    letters = {"step_size": "alpha", "evidence_threshold": "tau", "keep_threshold": "theta"}
    return t(f"setting.{letters[name]}") if name in letters else name


def _open_picked(picked: Any, key: str) -> None:
    """A cell that was clicked opens its first run, once per click."""
    points = picked["selection"]["points"] if picked else []
    runs = points[0].get("customdata") if points else None
    if runs and st.session_state.get(f"{key}_opened") != points[0]:
        st.session_state[f"{key}_opened"] = points[0]
        _open(runs[0] if isinstance(runs, (list, tuple)) else runs)


def _chosen(choice: Choice) -> None:
    settings = " · ".join(f"{_axis(name)} {value}" for name, value in choice.cell.cell)
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


def _curved(found: Sequence[Result], arms: Sequence[str]) -> None:
    made = curve(found, arms)
    if not made.comparisons:
        return
    _plot(figures.learning_curve(made, lang()), "figure_curve")
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
        "size": _number(t("curve.size"), "%d"),
        "accuracy": _number(t("score.accuracy")),
        "low": _number(t("compare.low"), help=t("compare.interval.help")),
        "high": _number(t("compare.high"), help=t("compare.interval.help")),
        "points": _number(t("compare.points"), "%+.2f"),
        "decision": st.column_config.TextColumn(t("compare.decision")),
    }
    _table(rows, config, "study_curve")
    st.caption(t("curve.limits"))


def _runs(found: Sequence[Result]) -> None:
    """Every run that is done, and the way to it."""
    names = list(dict.fromkeys(result.run for result in found))
    by_name = {result.run: result for result in found}

    def say(name: str) -> str:
        result = by_name[name]
        cell = "".join(f" · {_axis(axis)} {value}" for axis, value in result.cell)
        size = "" if result.size is None else f" · {result.size}"
        return t("study.one_run", seed=result.seed) + cell + size

    with st.container(horizontal=True, vertical_alignment="bottom", key="open_run"):
        name = st.selectbox(t("study.run"), names, format_func=say, key="study_run", help=t("study.run.help"))
        if st.button(t("study.open"), icon=":material/open_in_new:", key="study_open"):
            _open(name)


def _open(name: str) -> None:
    st.session_state["run"] = name
    go_to("train")


def describe(study: Study) -> str:
    """One line: what is studied, on which texts, with which arms and seeds."""
    config = study.config
    source = config.base.data.source
    data = t(f"sample.{source.removeprefix('sample:')}") if source.startswith("sample:") else source
    arms, first = " · ".join(config.base.arms), config.base.train.seed
    seeds = f"{first}–{first + config.seeds - 1}"
    return t("study.describe", kind=t(f"study.kind.{config.kind}"), data=data, arms=arms, seeds=seeds)
