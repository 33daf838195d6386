"""The section "Is the mask right?"."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go
import streamlit as st

from dynmask_core.analysis.faithfulness import SHARES, Faithfulness, Mean, faithfulness, known
from dynmask_core.colors import BASELINE, arm_color
from dynmask_core.masks import brief
from dynmask_core.messages import told
from dynmask_core.runs import Status
from dynmask_core.ui.i18n import lang, plain, t
from dynmask_core.ui.parts import number, plot, table
from dynmask_core.ui.question.asking import asked
from dynmask_core.ui.watch.run_view import RunView

ICONS = {"more": ":material/check_circle:", "less": ":material/warning:"}
SIGNS = {"random": ("dot", "circle-open"), "rare": ("dash", "square-open"), "attended": ("dashdot", "diamond-open"),
         "log_odds": ("longdash", "triangle-up-open")}  # fmt: skip
"""Dashes and marks of the orders beside the mask's: they are told apart without colour."""


def draw(view: RunView, status: Status) -> None:
    """Draws the section; the models are asked when the reader wants it."""
    st.subheader(t("faith.title"), anchor=False)
    st.caption(t("faith.read"))
    found = asked(view, status, "faith", known, faithfulness)
    if found is None:
        return
    arms = [found[arm] for arm in view.arms]
    for one in arms:
        icon = ICONS.get(one.verdict, ":material/balance:")
        st.info(plain(told(one.sentence, lang())), icon=icon)
    ranked = [one for one in arms if one.rankings]
    if not ranked:
        return
    st.text(t("faith.look"))
    for one in ranked:
        _curves(one, arm_color(view.arms.index(one.arm)))
        _more(one)
    st.caption(plain(t("faith.honest")))
    with st.expander(t("faith.table")):
        _table(ranked)


def _more(one: Faithfulness) -> None:
    """What else must be known about an arm's answers."""
    mask, said = one.rankings["mask"], []
    if mask.precision is not None and (chance := one.rankings["random"].precision) is not None:
        found = {"precision": f"{mask.precision:.2f}", "random": f"{chance:.2f}"}
        said.append(t("faith.truth", arm=brief(one.arm), marked=one.marked, **found))
    if one.flat:
        said.append(t("faith.tied", arm=brief(one.arm), flat=one.flat, texts=one.texts))
    if one.texts < one.given:
        said.append(t("faith.sampled", texts=one.texts, given=one.given))
    if said:
        st.text(" ".join(said))


def _curves(one: Faithfulness, color: str) -> None:
    for place, side in zip(st.columns(2), ("removed", "kept"), strict=True):
        with place:
            title = t("faith.gone" if side == "removed" else "faith.alone")
            figure = go.Figure()
            for name, ranking in one.rankings.items():
                means: list[Mean] = getattr(ranking, side)
                dash, symbol = SIGNS.get(name, ("solid", "circle"))
                own = name == "mask"
                figure.add_scatter(
                    x=[f"{share} %" for share in SHARES],
                    y=[100 * mean.mean for mean in means],
                    error_y=_ends(means) if name in ("mask", "random") else None,
                    name=t(f"faith.order.{name}"),
                    mode="lines+markers",
                    line={"color": color if own else BASELINE, "dash": dash, "width": 3 if own else 1.6},
                    marker={"symbol": symbol, "size": 8},
                    hovertemplate="%{x}: %{y:.1f}",
                )
            figure.update_layout(
                title={"text": f"{plain_title(brief(one.arm))} · {title}", "font": {"size": 14}},
                height=320,
                margin={"l": 10, "r": 10, "t": 40, "b": 10},
                legend={"orientation": "h", "y": -0.12, "yanchor": "top"},
                xaxis={"type": "category", "fixedrange": True},
                yaxis={"title": t("faith.answer"), "rangemode": "tozero", "fixedrange": True},
            )
            plot(figure, f"faith_{one.arm}_{side}")


def plain_title(arm: str) -> str:
    """Plotly reads tags in titles."""
    return arm.replace("<", "‹").replace(">", "›")


def _ends(means: list[Mean]) -> dict[str, Any]:
    above = [100 * (mean.high - mean.mean) for mean in means]
    below = [100 * (mean.mean - mean.low) for mean in means]
    return {"type": "data", "symmetric": False, "array": above, "arrayminus": below, "thickness": 1, "width": 3}


def _table(ranked: list[Faithfulness]) -> None:
    rows: list[dict[str, Any]] = []
    for one in ranked:
        for name, ranking in one.rankings.items():
            row: dict[str, Any] = {
                "arm": brief(one.arm),
                "order": t(f"faith.order.{name}"),
                "comprehensiveness": _written(ranking.comprehensiveness),
                "sufficiency": _written(ranking.sufficiency),
                "more": _written(ranking.more),
            }
            without, alone = ranking.normalized or (None, None)
            row |= {"normalized": _written(without), "normalized_alone": _written(alone)}
            if one.marked:
                row |= {"precision": ranking.precision, "f1": ranking.f1}
            rows.append(row)
    config = {
        "arm": st.column_config.TextColumn(t("faith.arm")),
        "order": st.column_config.TextColumn(t("faith.order")),
        **{
            name: st.column_config.TextColumn(t(f"faith.{name}"), help=t(f"faith.{name}.help"))
            for name in ("comprehensiveness", "sufficiency", "more")
        },
        **{name: st.column_config.TextColumn(t(f"faith.{name}")) for name in ("normalized", "normalized_alone")},
        **{name: number(t(f"faith.{name}"), help=t(f"faith.{name}.help")) for name in ("precision", "f1")},
    }
    table(rows, config, "faith_table")
    if any(one.bounded for one in ranked):
        most = max(ranked, key=lambda one: one.bounded)
        st.caption(plain(t("faith.bounds", bounded=most.bounded, exact=most.exact)))


def _written(mean: Mean | None) -> str:
    return "" if mean is None else f"{mean.mean:.3f} [{mean.low:.3f}, {mean.high:.3f}]"
