"""What is seen of a run: progress, curves, the words that moved, the mask player, the final scores."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from dynmask_core.data.report import detectable_difference
from dynmask_core.events import Probe, ProbeRecord
from dynmask_core.messages import text
from dynmask_core.runs import Run, Status
from dynmask_core.ui import charts
from dynmask_core.ui.components.player import STRING_KEYS, mask_player
from dynmask_core.ui.i18n import lang, plain, t, templates
from dynmask_core.ui.run_view import RunView

MOVED = 12
SAVED = 0.95
"""Below this share of the baseline's cost something was saved: closer to 1, a clock on a busy machine cannot tell."""
MAX_TYPED = 2000
"""Characters; the player shows at most 128 words of them."""


def clock(seconds: float) -> str:
    """m:ss"""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def progress(view: RunView, status: Status) -> None:
    """epoch i of N, time gone and to go, speed, and in plain words where the run stands."""
    parts = [
        t("progress.epoch", epoch=status.epoch, epochs=status.epochs),
        t("progress.gone", time=clock(status.elapsed)),
    ]
    if status.state in ("training", "paused") and status.remaining is not None:
        parts.append(t("progress.left", time=clock(status.remaining)))
    if status.state == "training" and not status.fraction and status.steps:
        # Nothing that is counted has begun: an arm learns a language first.
        parts.append(t("progress.pretraining", arm=plain(status.arm), share=f"{status.step / status.steps:.0%}"))
    speeds = [event["tokens_per_second"] for event in view.arm_epochs()]
    if speeds:
        parts.append(t("progress.speed", speed=f"{np.median(speeds[-6:]):,.0f}"))
    if view.started:
        parts.append(view.started["device"].upper())
    st.progress(min(status.fraction, 1.0), text=" · ".join(parts))
    match status.state:
        case "queued":
            st.info(t("state.queued", place=status.place), icon=":material/hourglass_top:")
        case "starting":
            st.caption(t("state.starting"))
        case "paused":
            st.info(t("state.paused"), icon=":material/pause:")
        case "stopped":
            # Masked language modelling has no test texts to keep back.
            stopped = "mlm.stopped" if view.config.mlm else "state.stopped"
            reason = "state.unwatched" if status.reason == "unwatched" else stopped
            st.info(t(reason, epoch=status.epoch), icon=":material/stop_circle:")
        case "interrupted":
            st.warning(t("state.interrupted", epoch=status.epoch), icon=":material/power_off:")
        case "failed" if status.error:
            code, parameters = status.error
            st.error(plain(text(f"error.{code}", lang(), **parameters)), icon=":material/error:")


def curves(view: RunView) -> None:
    left, right = st.columns(2)
    with left:
        charts.live_curve(view, "accuracy", "chart_accuracy")
    with right:
        charts.live_curve(view, "loss", "chart_loss")


def moved_words(view: RunView) -> None:
    """For each arm whose mask belongs to words and moves: who rose most and who fell most."""
    shown = [(arm, view.moved_words(arm, MOVED)) for arm in view.arms if view.has_word_masks(arm)]
    shown = [(arm, words) for arm, words in shown if words]
    st.markdown(f"**{t('moved.title')}**")
    if not shown:
        st.caption(t("moved.none"))
    for arm, words in shown:
        st.caption(plain(t("moved.caption", arm=arm)))
        half = len([word for word in words if word.values[-1] > word.values[0]])
        for column, part, name in zip(st.columns(2), (words[:half], words[half:]), ("rose", "fell"), strict=True):
            with column:
                _word_table(part, name, arm)


def _word_table(words: list, name: str, arm: str) -> None:  # type: ignore[type-arg]
    table = pd.DataFrame(
        {
            "word": [word.word for word in words],
            "path": [word.values for word in words],
            "now": [word.values[-1] for word in words],
            "count": [word.count for word in words],
        }
    )
    config = {
        "word": st.column_config.TextColumn(t(f"moved.{name}")),
        "path": st.column_config.LineChartColumn(t("moved.path"), y_min=0, y_max=1),
        "now": st.column_config.NumberColumn(t("moved.now"), format="%.2f", width="small"),
        "count": st.column_config.NumberColumn(t("moved.count"), width="small"),
    }
    with st.container(key=f"moved_{arm}_{name}"):
        st.dataframe(table, hide_index=True, column_config=config, height=250)


def player(view: RunView, status: Status, *, running: bool) -> None:
    """The mask player for a recorded sentence, or for one the reader types."""
    st.markdown(f"**{t('probe.title')}**")
    recorded = [probe.text for probe in view.probes]
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    with left:
        index = st.selectbox(
            t("probe.choose"), range(len(recorded)), format_func=lambda i: _probe_label(view, i), key="probe"
        )
    with right:
        typed = st.text_input(t("probe.own"), key="own_probe", placeholder=t("probe.own.placeholder"))
    typed = typed.strip()[:MAX_TYPED]
    final: dict[str, ProbeRecord] | None = None
    probe = view.probes[index] if index is not None and index < len(recorded) else None
    if typed:
        probe = next((known for known in view.probes if known.text == typed), Probe(typed))
        if running and typed not in recorded:
            view.run.add_probe(typed)
            st.caption(t("probe.soon"))
        elif status.state == "finished" and typed not in recorded:
            final = _final_records(view.run, typed)
            st.caption(t("probe.after"))
    if probe is None or not view.epochs:
        return
    data = view.player(probe, running=running, final=final)
    if not data.spans:
        st.caption(t("probe.empty"))
        return
    mask_player(data, lang=lang(), strings=templates(STRING_KEYS), key="player")


def _probe_label(view: RunView, index: int) -> str:
    probe = view.probes[index]
    cut = probe.text if len(probe.text) <= 80 else probe.text[:79] + "…"
    label = t("probe.typed") if probe.label is None else view.classes[probe.label]
    return f"{index + 1} · {label} · {cut}"


@st.cache_data(show_spinner=False, max_entries=64, hash_funcs={Run: lambda run: run.name})
def _final_records(run: Run, sentence: str) -> dict[str, ProbeRecord]:
    # Imported here: torch is needed for this alone, and takes seconds to load.
    from dynmask_core.predict import Predictor

    return {arm: Predictor.of_run(run, arm).records([sentence])[0] for arm in run.config().arms}


def scores(view: RunView, status: Status) -> None:
    """The final scores side by side; before the end, why there are none yet."""
    st.markdown(f"**{t('score.title')}**")
    result = view.run.result()
    if result is None:
        st.caption(t("score.later"))
        return
    rows = [
        {
            "arm": arm["name"],
            **{name: arm["test"][name] for name in ("accuracy", "precision", "recall", "f1")},
            "best_epoch": arm["best_epoch"],
            "kept": arm["kept_fraction"],
            "seconds": arm["seconds"],
            "speed": arm["tokens_per_second"],
        }
        for arm in result["arms"]
    ]
    config = {
        "arm": st.column_config.TextColumn(t("score.arm")),
        **{
            name: st.column_config.NumberColumn(t(f"score.{name}"), format="%.3f")
            for name in ("accuracy", "precision", "recall", "f1")
        },
        "best_epoch": st.column_config.NumberColumn(t("score.best_epoch"), help=t("score.best_epoch.help")),
        "kept": st.column_config.NumberColumn(t("score.kept"), format="percent", help=t("score.kept.help")),
        "seconds": st.column_config.NumberColumn(t("score.seconds"), format="%.1f"),
        "speed": st.column_config.NumberColumn(t("score.speed"), format="%,d"),
    }
    with st.container(key="scores"):
        st.dataframe(pd.DataFrame(rows), hide_index=True, column_config=config)
    _verdict(view, result["arms"])
    _cost(result["arms"])
    for column, arm in zip(st.columns(len(result["arms"])), result["arms"], strict=True):
        with column:
            charts.confusion(arm["test"]["confusion"], view.classes, arm["name"], f"confusion_{arm['name']}")
    with st.expander(t("score.per_class")):
        per_class = [
            {"arm": arm["name"], "class": name, **values}
            for arm in result["arms"]
            for name, values in zip(view.classes, arm["test"]["per_class"], strict=True)
        ]
        names = {"arm": t("score.arm"), "class": t("score.class"), "support": t("score.support")}
        names |= {name: t(f"score.{name}") for name in ("precision", "recall", "f1")}
        formats = {
            key: st.column_config.NumberColumn(names[key], format="%.3f") for key in ("precision", "recall", "f1")
        }
        others = {key: st.column_config.Column(names[key]) for key in ("arm", "class", "support")}
        st.dataframe(pd.DataFrame(per_class), hide_index=True, column_config=formats | others)


def _cost(arms: list[dict]) -> None:  # type: ignore[type-arg]
    """What each arm's training cost beside the baseline's; a saving that was counted and measured is called real."""
    if "training_flops" not in arms[0]:
        return  # a run recorded before costs were
    st.markdown(f"**{t('cost.title')}**")
    baseline = arms[0]
    rows = []
    for arm in arms:
        flops = arm["training_flops"] / max(baseline["training_flops"], 1)
        seconds = arm["seconds"] / max(baseline["seconds"], 1e-9)
        fell = (flops < SAVED, seconds < SAVED)
        word = "baseline" if arm is baseline else {(True, True): "real", (True, False): "counted"}.get(fell, "none")
        rows.append(
            {
                "arm": arm["name"],
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
    with st.container(key="cost"):
        st.dataframe(pd.DataFrame(rows), hide_index=True, column_config=config)


def _verdict(view: RunView, arms: list[dict]) -> None:  # type: ignore[type-arg]
    """What one seed on this much test data can and cannot show."""
    tests = view.started["sizes"]["test"]
    points = detectable_difference(max(tests, 1)) or 0.0
    if len(arms) < 2:
        st.caption(t("verdict.alone", tests=tests, points=f"{points:.1f}"))
        return
    baseline, *others = arms
    for arm in others:
        difference = 100 * (arm["test"]["accuracy"] - baseline["test"]["accuracy"])
        key = "verdict.within" if abs(difference) < points else "verdict.beyond"
        names = {"dynamic": arm["name"], "baseline": baseline["name"]}
        said = t(key, tests=tests, points=f"{points:.1f}", difference=f"{difference:+.1f}", **names)
        st.info(plain(said), icon=":material/balance:")
