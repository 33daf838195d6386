"""What a comparison shows: the verdict, every seed, the differences, and what they cost."""

from __future__ import annotations

import streamlit as st

from dynmask_core.report import figures
from dynmask_core.studies import Progress
from dynmask_core.studies.comparison import Comparison, transfer, verdict
from dynmask_core.studies.cost import COSTS, costs
from dynmask_core.studies.results import METRICS
from dynmask_core.ui.i18n import lang, plain, t
from dynmask_core.ui.parts import number, one_of, plot, table

ICONS = {"better": ":material/trending_up:", "worse": ":material/trending_down:"}


def show(comparison: Comparison, now: Progress) -> None:
    st.markdown(f"**{t('compare.verdict')}**")
    if now.state == "working":
        # Looking again and again, and stopping when one likes what one sees, declares differences that are not there.
        st.info(t("compare.wait", seeds=len(comparison.seeds)), icon=":material/hourglass_top:")
    else:
        for difference in comparison.of("accuracy"):
            icon = ICONS.get(difference.decision, ":material/balance:")
            st.info(plain(verdict(difference, comparison, lang())), icon=icon)
        st.caption(t("compare.limits", tests=comparison.tests))
    metric = one_of("metric", METRICS, lambda name: t(f"score.{name}"))
    left, right = st.columns(2)
    with left:
        plot(figures.dots(comparison, metric, lang()), "figure_dots")
    with right:
        plot(figures.scores(comparison, metric, lang()), "figure_scores")
    _arm_table(comparison)
    if now.state != "working":
        _difference_table(comparison)
        _same_texts(comparison)
    if comparison.transferred:
        _transferred(comparison)
    st.markdown(f"**{t('compare.cost')}**")
    cost = one_of("cost", COSTS, lambda name: t(f"compare.cost.{name}"))
    plot(figures.cost(comparison, cost, lang()), "figure_cost")
    _cost_table(comparison)


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
        **{metric: number(t(f"score.{metric}")) for metric in METRICS},
        "spread": number(t("compare.spread"), "%.4f", help=t("compare.spread.help")),
        "seconds": number(t("score.seconds"), "%.1f"),
        "kept": number(t("score.kept"), "percent", help=t("score.kept.help")),
    }
    st.markdown(f"**{t('compare.arms', seeds=len(comparison.seeds))}**")
    table(rows, config, "study_arms")


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
        "mean": number(t("compare.points"), "%+.2f"),
        "low": number(t("compare.low"), "%+.2f", help=t("compare.interval.help")),
        "high": number(t("compare.high"), "%+.2f", help=t("compare.interval.help")),
        "p": number("p", "%.4f", help=t("compare.p.help")),
        "adjusted": number(t("compare.adjusted"), "%.4f", help=t("compare.adjusted.help")),
        "improved": number(t("compare.improved"), "percent", help=t("compare.improved.help")),
        "decision": st.column_config.TextColumn(t("compare.decision")),
    }
    st.markdown(f"**{t('compare.differences', baseline=plain(comparison.arms[0]))}**")
    table(rows, config, "study_differences")


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
        "only_arm": number(t("compare.only_arm"), "%.1f"),
        "only_baseline": number(t("compare.only_baseline"), "%.1f"),
        "p": number("p", "%.4f"),
    }
    st.markdown(f"**{t('compare.same_texts')}**")
    st.caption(t("compare.same_texts.about"))
    table(rows, config, "study_same_texts")


def _transferred(comparison: Comparison) -> None:
    st.markdown(f"**{t('compare.transfer')}**")
    plot(figures.transfer(comparison, lang()), "figure_transfer")
    rows = []
    for arm in comparison.arms:
        said = transfer(comparison, arm)
        low, high = said["ci95"]
        rows.append({"arm": arm, "home": said["home"], "away": said["away"], "drop": 100 * said["drop"]})
        rows[-1] |= {"low": 100 * low, "high": 100 * high}
    config = {
        "arm": st.column_config.TextColumn(t("score.arm")),
        "home": number(t("compare.home")),
        "away": number(t("compare.away")),
        "drop": number(t("compare.drop"), "%+.2f"),
        "low": number(t("compare.low"), "%+.2f"),
        "high": number(t("compare.high"), "%+.2f"),
    }
    table(rows, config, "study_transfer")


def _cost_table(comparison: Comparison) -> None:
    rows = costs(comparison)
    for row in rows:
        row["frontier"] = " · ".join(t(f"compare.cost.{cost}") for cost in COSTS if row[f"{cost}_frontier"]) or "–"
    config = {
        "arm": st.column_config.TextColumn(t("score.arm")),
        "accuracy": number(t("score.accuracy")),
        "seconds_ratio": number(t("cost.seconds"), "percent", help=t("cost.seconds.help")),
        "training_flops_ratio": number(t("cost.flops"), "percent", help=t("cost.flops.help")),
        "frontier": st.column_config.TextColumn(t("compare.frontier"), help=t("compare.frontier.help")),
    }
    table([{name: row[name] for name in config} for row in rows], config, "study_cost")
