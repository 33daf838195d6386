"""The settings of the next run, as controls whose values are in the address."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import partial, reduce
from typing import Any, Literal, get_args

import streamlit as st

from dynmask_core import glossary
from dynmask_core.config import (
    PRESETS,
    Controls,
    DataConfig,
    Device,
    ExperimentConfig,
    GateMode,
    InitialMask,
    MaskConfig,
    StepRule,
    TrainConfig,
)
from dynmask_core.config.offers import BATCHES, MAX_EPOCHS, MAX_SEED, MOST_EVIDENCE, STEP_SIZES
from dynmask_core.data import Dataset
from dynmask_core.data.media import TEXT
from dynmask_core.data.tokenize import TOKENIZER_MODES
from dynmask_core.inputs import fit_to
from dynmask_core.masks.compose import missing
from dynmask_core.messages import gloss
from dynmask_core.recipes import RECIPES
from dynmask_core.tasks import task_of
from dynmask_core.ui import address, choose, encoders, hiding, starts
from dynmask_core.ui import arms as arm_picker
from dynmask_core.ui.frame import go_to
from dynmask_core.ui.hiding import hides
from dynmask_core.ui.i18n import capital, lang, plain, setting_label, t

ACTS_AS = {
    "alpha": "step_size",
    "tau": "evidence_threshold",
    "theta": "keep_threshold",
    "initial": "initial",
    "rule": "step_rule",
    "gate": "gate_mode",
}
"""Setting → name by which a strategy declares that it uses it; all other settings act on the whole experiment."""


TERMS = {
    "alpha": "alpha",
    "tau": "tau",
    "theta": "theta",
    "seed": "seed",
    "epochs": "epoch",
    "batch": "batch",
}
"""Setting → the term of the glossary that it sets."""
SAID_BY_TERM = TERMS.keys() - {"tau"}
"""Of these the term says all."""


def described(name: str, when: str, arms: Sequence[str] = ()) -> dict[str, Any]:
    """Label and help of a setting. For those in ACTS_AS, the help says on which of the arms it acts."""
    told = [glossary.term(TERMS[name], lang())[1]] if name in TERMS else []
    told += [t(f"setting.{name}.help")] if name not in SAID_BY_TERM else []
    if name in ACTS_AS:
        acting = [arm for arm in arms if arm_picker.uses(arm, ACTS_AS[name])]
        when = when if acting else "idle"
        told += [t("setting.acts_on", arms=" · ".join(acting))] if acting else []
    return {"label": setting_label(name, when), "help": plain(" ".join([*told, t(f"help.{when}")]))}


def live_controls(
    arms: Sequence[str],
    on_change: Callable[[], None] | None = None,
    when: Literal["live", "restarts"] = "live",
    varied: Collection[str] = (),
    stacked: bool = False,
) -> None:
    """α, τ and θ. If "live", a change takes effect in the current run, with these arms, at its next epoch.

    varied: names in Controls that a study varies; they are disabled here. stacked: one below the other.
    """
    start = Controls()
    off = {key: ACTS_AS[key] in varied for key in ("alpha", "tau", "theta")}
    shown = [key for key in off if not hides(key)]
    bounds = {
        "alpha": address.choice("alpha", STEP_SIZES, start.step_size),
        "tau": address.number("tau", 0.0, MOST_EVIDENCE, start.evidence_threshold),
        "theta": address.number("theta", 0.0, 1.0, start.keep_threshold),
    }
    places = [st.container() for _ in shown] if stacked or not shown else st.columns(len(shown))
    for key, place in zip(shown, places, strict=True):
        keywords = described(key, when, arms) | bounds[key] | {"on_change": on_change, "disabled": off[key]}
        with place:
            if key == "alpha":
                st.select_slider(options=STEP_SIZES, **keywords)
            else:
                most, step = (MOST_EVIDENCE, 0.1) if key == "tau" else (1.0, 0.05)
                st.slider(min_value=0.0, max_value=most, step=step, **keywords)


def others_controls(running: Controls, arms: Sequence[str]) -> None:
    """α, τ and θ of a run that somebody else has started: to be seen, not to be moved."""
    now = {"alpha": running.step_size, "tau": running.evidence_threshold, "theta": running.keep_threshold}
    most = {"alpha": STEP_SIZES[-1], "tau": MOST_EVIDENCE, "theta": 1.0}
    shown = [name for name in now if not hides(name)]
    for name in shown:
        value = now[name]
        told = described(name, "live", arms)
        # A key with the value in it: a slider follows what it is told only under a new one.
        st.slider(value=value, min_value=0.0, max_value=most[name], disabled=True, key=f"others_{name}_{value}", **told)
    if shown:
        st.caption(t("equal.controls"))


def follow(running: Controls) -> None:
    """For a reader who opens a run by its address alone: sets α, τ and θ to the run's values."""
    nearest = min(STEP_SIZES, key=lambda size: abs(size - running.step_size))
    values = {"alpha": nearest, "tau": running.evidence_threshold, "theta": running.keep_threshold}
    for key, value in values.items():
        if key not in st.session_state and key not in st.query_params:
            st.session_state[key] = value


def controls() -> Controls:
    state = st.session_state
    return Controls(float(state["alpha"]), float(state["tau"]), float(state["theta"]))


def _cook(name: str) -> None:
    recipe = RECIPES[name]
    arm_picker.take(recipe.arms)
    state = st.session_state
    state["model"], state["epochs"], state["batch"] = recipe.model, recipe.epochs, recipe.batch_size
    state["recipes_used"] = state.get("recipes_used", 0) + 1


def beginnings() -> None:
    """Ready-made experiments, one click each, and the way to texts of the reader's own."""
    if hides("recipes") and hides("data"):
        return
    with st.container(horizontal=True, key="beginnings"):
        if not hides("recipes"):
            _recipes()
        if not hides("data") and st.button(t("home.own"), icon=":material/upload_file:", key="own_texts"):
            go_to("data")


def _recipes() -> None:
    # A new key is a closed box: one click chooses, and the page is there to be seen.
    key = f"recipes{st.session_state.get('recipes_used', '')}"
    with st.popover(t("recipe.title"), icon=":material/menu_book:", help=t("recipe.help"), key=key):
        # What an address has just chosen is followed only further down.
        config = starts.blank(choose.LABELLED.chosen_medium())
        provided = task_of(config).provided(config)
        for name, recipe in RECIPES.items():
            if any(missing(arm, provided) for arm in recipe.arms):
                continue
            words, sentence = gloss(f"recipe.{name}", lang())
            st.button(words, key=f"recipe_{name}", on_click=_cook, args=(name,), type="tertiary")
            st.caption(plain(capital(sentence)))


def what_to_compare(one: bool = False) -> None:
    """Draws data and arms. one: a single arm, without a baseline."""
    starts.follow(choose.LABELLED.chosen_medium())
    arm_picker.arrive()
    known = arm_picker.names(starts.blank(starts.medium()))
    slots = [] if hides("arms") else ["dynamic"] if one else ["dynamic", "baseline"]
    boxes: list[Callable[[], object]] = [] if hides("data") else [choose.LABELLED.box]
    boxes += [partial(arm_picker.picker, slot, known) for slot in slots]
    for column, box in zip(st.columns(3) if boxes else (), boxes, strict=False):
        with column:
            box()
    if slots and not one:
        arm_picker.extras(known)
    if slots:
        _not_offered()


def _not_offered() -> None:
    """Says why some masks are missing in the lists, if the samples are no texts."""
    found = starts.lacking(starts.medium())
    if starts.medium() == TEXT or not found:
        return
    names = list(dict.fromkeys(name for group in found.values() for name in group))
    needs = reduce(lambda first, more: t("need.several", first=first, more=more), (t(f"need.{need}") for need in found))
    st.caption(plain(t("arms.not_offered", n=len(names), needs=needs)), help=plain(", ".join(names)))


def more() -> None:
    """Settings that most users do not change, folded."""
    hiding.more(_rest)


def rest() -> None:
    """The same, for a place that is folded already."""
    hiding.more(_rest, folded=True)


def _rest() -> None:
    """All of it takes effect at the next start."""
    groups: list[Callable[[], None]] = [_chance, _mask, _reading]
    if hides("epochs") and hides("model"):
        _size()
    else:
        groups.insert(0, _size)
    for column, group in zip(st.columns(len(groups)), groups, strict=True):
        with column:
            group()


def _size() -> None:
    bound = address.number("epochs", 1, MAX_EPOCHS, starts.now().epochs)
    if not hides("epochs"):
        st.slider(min_value=1, max_value=MAX_EPOCHS, **described("epochs", "restarts"), **bound)
    choice("model", tuple(PRESETS), default="small")
    if _words():
        encoders.box()


def _chance() -> None:
    seed()
    choice("device", get_args(Device))


def _mask() -> None:
    choice("initial", get_args(InitialMask), arms=arms())
    choice("rule", get_args(StepRule), arms=arms())
    batch(starts.now().batch_size)


def _reading() -> None:
    choice("gate", get_args(GateMode), arms=arms())
    choice("tokenizer", TOKENIZER_MODES, drawn=_words())


def _words() -> bool:
    """Whether the chosen samples have words."""
    config = starts.blank(starts.medium())
    return "words" in task_of(config).provided(config)


def seed() -> None:
    bound = address.number("seed", 0, MAX_SEED, 0)
    if not hides("seed"):
        st.number_input(min_value=0, max_value=MAX_SEED, step=1, **described("seed", "restarts"), **bound)


def batch(default: int) -> None:
    bound = address.choice("batch", BATCHES, default)
    st.select_slider(options=BATCHES, **described("batch", "restarts"), **bound)


def choice(
    name: str, values: tuple[str, ...], default: str | None = None, arms: Sequence[str] = (), *, drawn: bool = True
) -> None:
    """A select box for the setting `name`. arms: those on which it may act. drawn: False keeps its value out of sight,
    where it says nothing of the samples."""

    def say(value: str) -> str:
        return t(f"setting.{name}.{value}")

    bound = address.choice(name, values, default or values[0])
    if drawn and not hides(name):
        st.selectbox(options=values, format_func=say, **described(name, "restarts", arms), **bound)


def arms() -> tuple[str, ...]:
    """Baseline first; a single arm if all choices are the same."""
    return arm_picker.chosen_arms()


def experiment(data: DataConfig, dataset: Dataset) -> ExperimentConfig:
    """The experiment that the controls describe, fitted to its samples as `dynmask train` fits it."""
    state = st.session_state
    config = ExperimentConfig(
        data=data,
        model=PRESETS[state["model"]],
        mask=MaskConfig(initial=state["initial"], step_rule=state["rule"], gate_mode=state["gate"]),
        controls=controls(),
        train=TrainConfig(
            epochs=int(state["epochs"]),
            batch_size=int(state["batch"]),
            seed=int(state["seed"]),
            device=state["device"],
        ),
        arms=arms(),
    )
    return fit_to(encoders.applied(config, dataset), dataset)
