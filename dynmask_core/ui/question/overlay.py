"""The view beside: what a setting has changed, shown as two runs laid over each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from dynmask_core.analysis.masks_apart import MasksApart, masks_apart
from dynmask_core.analysis.overlay import CAUTION, Overlay, Pair, curve, overlay, paired_arms
from dynmask_core.analysis.settings import Apart, settings_apart, told_settings
from dynmask_core.analysis.standing import at, can_stand
from dynmask_core.colors import BASELINE, arm_color
from dynmask_core.masks import brief
from dynmask_core.messages import Words, listed, p_value, told
from dynmask_core.runs import Run, Status
from dynmask_core.ui import shown
from dynmask_core.ui.arm_names import named
from dynmask_core.ui.choose import source_title
from dynmask_core.ui.components.curves import Line, curves
from dynmask_core.ui.i18n import lang, plain, t
from dynmask_core.ui.question import mine
from dynmask_core.ui.watch import columns
from dynmask_core.ui.watch.run_view import RunView

MOST = 100
"""Rows of a table."""
TRAINING = ("queued", "starting", "training")


def draw(view: RunView, status: Status) -> None:
    """Draws the section."""
    st.subheader(t("overlay.title"), anchor=False)
    other = mine.beside(view)
    if other is None:
        return
    st.text(t("overlay.the_other", told=_described(other)))
    st.caption(plain(t("overlay.look")))
    _settings(settings_apart(view.run, other))
    pairs = paired_arms(view.arms, other.config().arms)
    _curves(view, other, pairs)
    _alone(view, other, pairs)
    found = _answers(view, status, other)
    if not pairs:
        return
    pair = _pair(pairs)
    if found is not None:
        _texts(view, found, found.pairs[pair])
    _words(view, other, pairs[pair])


def _named(own: str, other: str) -> str:
    return " / ".join(map(brief, dict.fromkeys((own, other))))


def _say(sentence: Words) -> str:
    return told(sentence, lang())


def _described(run: Run) -> str:
    config, now = run.config(), run.controls()
    controls = f"α {now.step_size:g} · τ {now.evidence_threshold:g} · θ {now.keep_threshold:g}"
    seed = f"{t('setting.seed')} {config.train.seed}"
    return " · ".join([source_title(config.data.source), *map(brief, config.arms), controls, seed, mine.when(run)])


def _settings(apart: list[Apart]) -> None:
    st.text("\n".join(map(_say, told_settings(apart))))
    if len(apart) < 2:
        return
    rows = [
        {"setting": _say(one.title), "own": _say(one.shown(one.own)), "other": _say(one.shown(one.other))}
        for one in apart
    ]
    config = {name: st.column_config.TextColumn(t(f"overlay.{name}")) for name in ("setting", "own", "other")}
    with st.container(key="settings_apart"):
        st.dataframe(pd.DataFrame(rows), hide_index=True, column_config=config)


def _curves(view: RunView, other: Run, pairs: Sequence[tuple[str, str]]) -> None:
    """Accuracy and loss of both runs: an arm keeps its colour, the other run is dashed."""
    epochs = max(view.config.train.epochs, other.config().train.epochs)
    drawn = [("own", view.run, arm, arm_color(i)) for i, arm in enumerate(view.arms)]
    counterpart = {there: arm_color(view.arms.index(own)) for own, there in pairs}
    drawn += [("other", other, arm, counterpart.get(arm, BASELINE)) for arm in other.config().arms]
    for place, metric in zip(st.columns(2), ("accuracy", "loss"), strict=True):
        lines = [
            Line(f"{called} · {t(f'overlay.accuracy_{side}')}", color, side == "other", curve(of, arm, metric))
            for side, of, arm, color in drawn
            for called in [named(of.config(), arm, lang())]
        ]
        strings = {name: t(f"chart.{name}") for name in ("epoch", "reset")}
        strings |= {"title": t(f"chart.{metric}"), "alt": t("overlay.curves")}
        with place:
            name = f"{view.run.name}|{other.name}"
            curves(lines, run=name, epochs=epochs, strings=strings, key=f"overlay_{metric}")
    st.caption(t("overlay.curves"))


def _alone(view: RunView, other: Run, pairs: Sequence[tuple[str, str]]) -> None:
    """Names the arms that are not compared."""
    own, there = zip(*pairs, strict=True) if pairs else ((), ())
    left = [brief(arm) for arm in view.arms if arm not in own]
    right = [brief(arm) for arm in other.config().arms if arm not in there]
    if left or right:
        st.text(t("overlay.alone", own=listed(left) or "–", other=listed(right) or "–"))


def _answers(view: RunView, status: Status, other: Run) -> Overlay | None:
    """Draws what the test texts tell. Nobody sees the test of a run that has not ended, unless it has stopped and the
    reader asks for it."""
    st.subheader(t("overlay.verdict_title"), anchor=False)
    key = (view.run.name, other.name, at(view.run), at(other))
    if not all(run.finished for run in (view.run, other)) and st.session_state.get("overlay_asked") != key:
        st.caption(t("overlay.not_yet"))
        stopped = status.state not in TRAINING and other.status().state not in TRAINING
        if not (stopped and can_stand(view.run) and can_stand(other)):
            return None
        help = t("overlay.now.help")
        if not st.button(t("overlay.now"), icon=":material/hourglass_bottom:", key="overlay_now", help=help):
            return None
        st.session_state["overlay_asked"] = key
    with st.spinner(t("wrong.computing")):
        found = _overlay(view.run, other, *key)
    for sentence in found.told():
        st.info(plain(_say(sentence)), icon=":material/balance:")
    if found.texts == "same" and found.truth and found.pairs:
        _counts(found)
    if found.texts != "data" and found.pairs:
        st.caption(plain(_say(CAUTION)))
    return found


def _counts(found: Overlay) -> None:
    rows = [
        {
            "arm": _named(pair.own, pair.other),
            "accuracy_own": 100 * pair.accuracy[0],
            "accuracy_other": 100 * pair.accuracy[1],
            **pair.counts,
            "p": p_value(pair.p_value),
        }
        for pair in found.pairs
    ]
    config: dict[str, Any] = {"arm": st.column_config.TextColumn(t("score.arm"))}
    for name in ("accuracy_own", "accuracy_other"):
        label = f"{t('score.accuracy')}: {t(f'overlay.{name}')}"
        config[name] = columns.share(label)
    for name in ("both", "only_own", "only_other", "neither"):
        config[name] = st.column_config.NumberColumn(t(f"overlay.{name}"), format="%d")
    config["p"] = st.column_config.TextColumn(t("overlay.p"), help=t("overlay.p.help"))
    with st.container(key="overlay_counts"):
        st.dataframe(pd.DataFrame(rows), hide_index=True, column_config=config)


def _pair(pairs: Sequence[tuple[str, str]]) -> int:
    """Which pair of arms the two tables below are about; the last one at first."""
    if len(pairs) < 2:
        return 0
    names = {i: _named(*pair) for i, pair in enumerate(pairs)}
    options = list(reversed(names))
    if st.session_state.get("overlay_pair") not in options:
        st.session_state["overlay_pair"] = options[0]
    return int(st.selectbox(t("overlay.pair"), options, format_func=names.__getitem__, key="overlay_pair"))


def _texts(view: RunView, found: Overlay, pair: Pair) -> None:
    """The test texts that the two answer differently."""
    if found.texts != "same" or not found.truth:
        return
    differ = pair.disagree
    if not differ:
        return  # the verdict has said so
    st.text(t("overlay.disagree", disagree=len(differ), tests=len(found.truth)))
    samples = dict(
        zip(differ[:MOST], shown.cells(view.reader, [found.test_texts[i] for i in differ[:MOST]]), strict=True)
    )
    rows = [
        {
            "text": samples[i],
            "truth": found.truth[i],
            "own": pair.own_answers[i],
            "other": pair.other_answers[i],
            "right": t(f"overlay.{'own' if pair.own_right[i] else 'other' if pair.other_right[i] else 'neither'}"),
        }
        for i in differ[:MOST]
    ]
    config = {name: st.column_config.TextColumn(t(f"overlay.{name}")) for name in ("own", "other", "right")}
    config["text"] = shown.column(view.medium)
    config["truth"] = st.column_config.TextColumn(t("score.true"))
    with st.container(key="overlay_texts"):
        st.dataframe(pd.DataFrame(rows), hide_index=True, column_config=config, height=columns.height(len(rows), 300))
    if len(differ) > MOST:
        st.caption(t("wrong.first", shown=MOST))


def _words(view: RunView, other: Run, arms: tuple[str, str]) -> None:
    """The words whose masks differ most."""
    last = tuple(max(run.epochs(), default=0) for run in (view.run, other))
    found = _masks(view.run, other, view.run.name, other.name, arms, last)
    if found is None:
        return
    st.subheader(t("overlay.masks_title"), anchor=False)
    st.text(_say(found.told()))
    if not found.words:
        return

    def state(kept: bool) -> str:
        return t("paths.kept" if kept else "paths.removed")

    rows = [
        {
            "word": one.word,
            "own": one.own,
            "own_kept": state(one.own_kept),
            "other": one.other,
            "other_kept": state(one.other_kept),
            "count": one.count,
        }
        for one in found.words[:MOST]
    ]
    config: dict[str, Any] = {"word": st.column_config.TextColumn(t("paths.word"))}
    for side in ("own", "other"):
        config[side] = st.column_config.ProgressColumn(t(f"overlay.{side}"), min_value=0, max_value=1, format="%.2f")
        config[f"{side}_kept"] = st.column_config.TextColumn(t("paths.state"), width="small")
    config["count"] = st.column_config.NumberColumn(t("paths.count"), width="small")
    with st.container(key="overlay_words"):
        st.dataframe(pd.DataFrame(rows), hide_index=True, column_config=config, height=columns.height(len(rows), 300))


@st.cache_resource(show_spinner=False, max_entries=16)
def _overlay(
    _run: Run, _other: Run, name: str, other_name: str, stands: tuple[int, bool], other_stands: tuple[int, bool]
) -> Overlay:
    """stands, other_stands: the answers of a run that has gone on are others."""
    return overlay(_run, _other)


@st.cache_resource(show_spinner=False, max_entries=16)
def _masks(
    _run: Run, _other: Run, name: str, other_name: str, arms: tuple[str, str], last: tuple[int, ...]
) -> MasksApart | None:
    """last: the epochs whose masks these are."""
    return masks_apart(_run, _other, arms)
