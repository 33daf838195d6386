"""The settings of a run that marks units or writes, as controls whose values are in the address."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import streamlit as st

from dynmask_core.config import (
    MARK_ARMS,
    MARK_TRAIN,
    PRESETS,
    ContinueSettings,
    DataConfig,
    Device,
    ExperimentConfig,
    MarkSettings,
    Sight,
    TrainConfig,
    Way,
    mark_model,
)
from dynmask_core.config.offers import MAX_EPOCHS
from dynmask_core.data import Dataset
from dynmask_core.errors import InputError
from dynmask_core.inputs import INPUTS, fit_to
from dynmask_core.masks import canonical, separate
from dynmask_core.tasks import offered, task_of
from dynmask_core.ui import address, hiding
from dynmask_core.ui.arm_names import named
from dynmask_core.ui.choose import bring, source_title
from dynmask_core.ui.hiding import hides
from dynmask_core.ui.i18n import explained, helped, lang, plain, strategy_name, t
from dynmask_core.ui.settings import choice, seed
from dynmask_core.ui.tasks import data

MOST_ARMS = 4
PAIRS = "pairs"
PROSE_ARMS = ("none", "window:3")
"""Prose has no source, so a mask of sources would change nothing there; how far a word sees, does."""


def task() -> str:
    address.choice("task", data.TASKS, data.TASKS[0])
    for chooser in data.CHOOSERS.values():
        chooser.chosen()  # those of both tasks are read: an address may say what the other one begins with
    return str(st.session_state["task"])


def medium() -> str:
    """What the samples of the chosen task are."""
    return data.CHOOSERS[task()].chosen_medium()


def blank() -> ExperimentConfig:
    """Such an experiment without data: says what can act in it, and what is tuned for it."""
    sight = address.choice("sight", get_args(Sight), ContinueSettings.mask)["key"]
    way = address.choice("way", get_args(Way), ContinueSettings.way)["key"]
    if task() == "mark":
        return ExperimentConfig(task=MarkSettings(), input=medium())
    return ExperimentConfig(task=ContinueSettings(st.session_state[sight], st.session_state[way]), input=PAIRS)


def check() -> None:
    """Raises InputError for arms that cannot act; reads no data."""
    config = replace(blank(), arms=arms())
    task_of(config).check(config)


def form() -> None:
    """Draws what to learn, from what, under which masks and how long."""
    now = task()
    _follow()
    left, right = st.columns([2, 3], vertical_alignment="bottom")
    if not hides("data"):
        with left:
            st.segmented_control(
                t("tasks.task"), data.TASKS, format_func=lambda name: t(f"tasks.task.{name}"), required=True,
                wrap=True, **address.choice("task", data.TASKS, data.TASKS[0]),
            )  # fmt: skip
        with right, st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall"):
            data.CHOOSERS[now].box()
            bring(data.CHOOSERS[now], f"task_data.own.{now}")
        data.understood(now, int(st.session_state.get("seed", 0)))
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    if not hides("arms"):
        with left:
            _arms_box()
    bound = address.number("task_epochs", 1, MAX_EPOCHS, _epochs())
    if not hides("epochs"):
        with right:
            told = explained("epoch", t("help.restarts"))
            st.slider(t("setting.epochs"), min_value=1, max_value=MAX_EPOCHS, help=told, **bound)
    if now == "continue":
        _how_to_write()


def _how_to_write() -> None:
    left, right = st.columns(2)
    with left:
        bound = address.choice("sight", get_args(Sight), ContinueSettings.mask)
        st.selectbox(
            t("tasks.sight"), get_args(Sight), format_func=lambda name: t(f"tasks.sight.{name}"),
            help=helped("tasks.sight.help", "restarts"), **bound,
        )  # fmt: skip
    with right:
        bound = address.choice("way", get_args(Way), ContinueSettings.way)
        st.selectbox(
            t("tasks.way"), get_args(Way), format_func=lambda name: t(f"tasks.way.{name}"),
            help=helped("tasks.way.help", "restarts"), **bound,
        )  # fmt: skip


def more() -> None:
    """Settings that most users do not change, folded."""
    hiding.more(_rest)


def rest() -> None:
    """The same, for a place that is folded already."""
    hiding.more(_rest, folded=True)


def _rest() -> None:
    left, middle, right = st.columns(3)
    with left:
        choice("model", tuple(PRESETS), default="small")
    with middle:
        seed()
    with right:
        choice("device", get_args(Device))


# ---- arms: written as in masks.compose, in one parameter of the address -------------------------------------------


def arms() -> tuple[str, ...]:
    """The chosen ones, the baseline first."""
    written = address.text("task_arms", ",".join(_usual()), read_arms)
    return tuple(separate(written, ","))


def read_arms(written: str) -> str:
    """One to four different arms, separated by commas, in their shortest form. Raises InputError."""
    # A "+" between masks arrives as a space.
    found = [canonical(arm.strip().replace(" ", "+")) for arm in separate(written, ",") if arm.strip()]
    if not 1 <= len(set(found)) <= MOST_ARMS:
        raise InputError("bad_setting", name="arms", value=written, expected="1–4")
    return ",".join(dict.fromkeys(found))


def _arms_box() -> None:
    chosen = arms()
    st.session_state["task_arms_box"] = list(chosen)
    known = list(dict.fromkeys([*chosen, *offered(blank())]))
    st.multiselect(
        t("tasks.arms"), known, format_func=_in_list, key="task_arms_box", max_selections=MOST_ARMS,
        accept_new_options=True, placeholder=t("tasks.arms.none"), help=helped("tasks.arms.help", "restarts"),
        on_change=_take_arms, wrap=True,
    )  # fmt: skip
    if problem := st.session_state.pop("task_arms_problem", None):
        st.warning(plain(problem.sentence(lang())))


def _take_arms() -> None:
    """Keeps the old arms, and says why, if one of the new ones cannot act."""
    try:
        written = read_arms(",".join(st.session_state["task_arms_box"]))
        config = replace(blank(), arms=tuple(separate(written, ",")))
        task_of(config).check(config)
    except InputError as error:
        st.session_state["task_arms_problem"] = error
    else:
        st.session_state["task_arms"] = written


def _in_list(arm: str) -> str:
    return strategy_name(arm) if arm.isalpha() else arm


# ---- what trains well on the sample -------------------------------------------------------------------------------


def _usual() -> tuple[str, ...]:
    if task() == "continue" and data.prose():
        return PROSE_ARMS
    tuned = INPUTS[blank().input].tuned
    return tuned.arms if tuned else MARK_ARMS


def _epochs() -> int:
    tuned = INPUTS[blank().input].tuned
    return tuned.epochs if tuned else MARK_TRAIN.epochs


def _follow() -> None:
    """When another kind of sample is chosen, what was left as it began begins again."""
    address.follow("task", {"task_arms": ",".join(_usual()), "task_epochs": _epochs()})


def experiment() -> tuple[ExperimentConfig, Dataset]:
    """What the controls describe, made as the commands make it. Raises InputError."""
    state, now = st.session_state, task()
    read, texts, _ = data.load(now, int(state["seed"]))
    config = _marking(read) if now == "mark" else _writing(read)
    config = fit_to(config, texts, given={"arms", "epochs"})
    task_of(config).check(config)
    return config, texts


def _trained(start: TrainConfig) -> TrainConfig:
    state = st.session_state
    return replace(start, epochs=int(state["task_epochs"]), seed=int(state["seed"]), device=state["device"])


def _marking(read: DataConfig) -> ExperimentConfig:
    model = mark_model(PRESETS[st.session_state["model"]])
    return ExperimentConfig(read, model, train=_trained(MARK_TRAIN), arms=arms(), task=MarkSettings())


def _writing(read: DataConfig) -> ExperimentConfig:
    model, train = PRESETS[st.session_state["model"]], _trained(TrainConfig())
    return ExperimentConfig(read, model, train=train, arms=arms(), task=blank().task, input=PAIRS)


def describe(config: ExperimentConfig) -> str:
    """One line about a run's settings."""
    told = {"task": t(f"tasks.task.{config.task.name}"), "data": source_title(config.data.source)}
    told |= {"arms": " · ".join(named(config, arm, lang()) for arm in config.arms), "seed": str(config.train.seed)}
    return t("tasks.describe", **told)
