"""The final scores of a run on labelled texts, their cost, and what they can and cannot show."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dynmask_core.analysis.standing import Standing, can_stand, known, standing
from dynmask_core.colors import arm_color
from dynmask_core.evaluate.verdict import of_run
from dynmask_core.masks import brief
from dynmask_core.messages import told
from dynmask_core.runs import Status
from dynmask_core.ui.arm_names import named
from dynmask_core.ui.components.confusion import confusion
from dynmask_core.ui.i18n import explained, lang, plain, t, templates
from dynmask_core.ui.parts import table
from dynmask_core.ui.watch import columns, errors, reference
from dynmask_core.ui.watch.run_view import RunView

EARLY = ("paused", "stopped", "interrupted", "failed")
"""States in which a run that is not finished can be scored as it is."""
SAVED = 0.95
"""A saving is a cost below this share of the baseline's: timings on a busy machine cannot show smaller ones."""


def scores(view: RunView, status: Status) -> Standing | None:
    """Draws the final scores side by side. Before the end, says why there are none yet; a run that has stopped is
    scored early if the reader asks for it. Returns what it has drawn."""
    st.subheader(t("score.title"), anchor=False)
    stands = reached(view, status)
    if stands is None:
        return None
    if stands.early:
        st.warning(t("score.early", epoch=stands.epoch, epochs=status.epochs), icon=":material/hourglass_bottom:")
    _draw(view, stands.result)
    return stands


def reached(view: RunView, status: Status) -> Standing | None:
    """The scores of the run, if there are any to look at; says what is missing."""
    if status.state not in ("queued", "starting", "training") and (stands := known(view.run)):
        return stands
    st.caption(t("score.later"))
    if status.state not in EARLY or not can_stand(view.run):
        return None
    if not st.button(t("score.now"), icon=":material/hourglass_bottom:", key="score_now", help=t("score.now.help")):
        return None
    with st.spinner(t("wrong.computing")):
        return standing(view.run)


def _draw(view: RunView, result: dict[str, Any]) -> None:
    rows: list[dict[str, Any]] = [
        {
            "arm": named(view.config, arm["name"], lang()),
            **columns.in_percent(arm["test"]),
            "best_epoch": arm["best_epoch"],
            "kept": 100 * arm["kept_fraction"],
            "seconds": arm["seconds"],
            "speed": arm["tokens_per_second"],
        }
        for arm in result["arms"]
    ]
    rows += reference.rows(result)
    config = {
        "arm": st.column_config.TextColumn(t("score.arm")),
        **columns.of_scores(),
        "best_epoch": st.column_config.NumberColumn(t("score.best_epoch"), help=t("score.best_epoch.help")),
        "kept": columns.share(t("score.kept"), help=t("score.kept.help")),
        "seconds": st.column_config.NumberColumn(t("score.seconds"), format="%.1f"),
        "speed": st.column_config.NumberColumn(t("score.speed"), format="%,d"),
    }
    table(rows, config, "scores")
    reference.verdict(result)
    _verdict(view, result["arms"])
    _cost(result["arms"])
    _confusions(view, result["arms"])
    st.caption(t("wrong.click"))
    with st.expander(t("score.per_class")):
        per_class = [
            {"arm": brief(arm["name"]), "class": name, **values, **columns.in_percent(values)}
            for arm in result["arms"]
            for name, values in zip(view.classes, arm["test"]["per_class"], strict=True)
        ]
        others = {key: st.column_config.Column(t(f"score.{key}")) for key in ("arm", "class", "support")}
        table(per_class, columns.of_scores() | others, "per_class")


def _confusions(view: RunView, arms: list[dict]) -> None:  # type: ignore[type-arg]
    strings = {"true": t("score.true"), "predicted": t("score.predicted"), **templates(["score.cell"])}
    strings["cell"] = strings.pop("score.cell")
    for index, (column, arm) in enumerate(zip(st.columns(len(arms)), arms, strict=True)):
        with column:
            name = arm["name"]
            cell = confusion(
                arm["test"]["confusion"], view.classes, title=brief(name), color=arm_color(index), strings=strings,
                key=f"confusion_{name}",
            )  # fmt: skip
            if cell is not None:
                errors.open_cell(view, name, cell)


def _cost(arms: list[dict]) -> None:  # type: ignore[type-arg]
    """Each arm's training cost relative to the baseline's. A saving is "real" if both FLOPs and seconds fell."""
    if "training_flops" not in arms[0]:
        return  # an old run, without recorded costs
    st.subheader(t("cost.title"), anchor=False, help=explained("removal"))
    baseline = arms[0]
    rows = []
    for arm in arms:
        flops = arm["training_flops"] / max(baseline["training_flops"], 1)
        seconds = arm["seconds"] / max(baseline["seconds"], 1e-9)
        fell = (flops < SAVED, seconds < SAVED)
        kinds = {(True, True): "real", (True, False): "counted", (False, True): "time_only", (False, False): "none"}
        word = "baseline" if arm is baseline else kinds[fell]
        rows.append(
            {
                "arm": brief(arm["name"]),
                "flops": flops,
                "seconds": seconds,
                "layers": " · ".join(f"{share:.0%}" for share in arm["kept_per_layer"]),
                "verdict": t(f"cost.{word}"),
            }
        )
    config = {
        "arm": st.column_config.TextColumn(t("score.arm")),
        "flops": st.column_config.NumberColumn(t("cost.flops"), format="percent", help=t("cost.flops.help")),
        "seconds": st.column_config.NumberColumn(t("cost.seconds"), format="percent", help=t("cost.seconds.help")),
        "layers": st.column_config.TextColumn(t("cost.layers"), help=t("cost.layers.help")),
        "verdict": st.column_config.TextColumn(t("cost.verdict"), help=t("cost.verdict.help")),
    }
    table(rows, config, "cost")


def _verdict(view: RunView, arms: list[dict]) -> None:  # type: ignore[type-arg]
    """What one seed on this much test data can and cannot show."""
    for sentence in of_run(arms, view.classes):
        said = plain(told(sentence, lang()))
        if len(arms) < 2:
            st.caption(said)
        else:
            st.info(said, icon=":material/balance:")
