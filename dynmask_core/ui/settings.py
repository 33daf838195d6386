"""The settings of the next run, as controls whose values are in the address."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any, Literal, TypeVar, get_args

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
from dynmask_core.config.offers import BATCHES, EPOCHS, MAX_EPOCHS, MAX_SEED, MOST_EVIDENCE, STEP_SIZES
from dynmask_core.data.tokenize import TOKENIZER_MODES
from dynmask_core.messages import gloss
from dynmask_core.recipes import RECIPES
from dynmask_core.ui import address, choose
from dynmask_core.ui import arms as arm_picker
from dynmask_core.ui.frame import go_to
from dynmask_core.ui.i18n import capital, lang, plain, setting_label, t

T = TypeVar("T")

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
    left, middle, right = [st.container() for _ in range(3)] if stacked else st.columns(3)
    with left:
        bound = address.choice("alpha", STEP_SIZES, start.step_size)
        told = described("alpha", when, arms)
        st.select_slider(options=STEP_SIZES, on_change=on_change, disabled=off["alpha"], **told, **bound)
    with middle:
        bound = address.number("tau", 0.0, MOST_EVIDENCE, start.evidence_threshold)
        told = described("tau", when, arms)
        st.slider(
            min_value=0.0, max_value=MOST_EVIDENCE, step=0.1, on_change=on_change, disabled=off["tau"], **told, **bound
        )
    with right:
        bound = address.number("theta", 0.0, 1.0, start.keep_threshold)
        told = described("theta", when, arms)
        st.slider(min_value=0.0, max_value=1.0, step=0.05, on_change=on_change, disabled=off["theta"], **told, **bound)


def follow(running: Controls) -> None:
    """For a reader who opens a run by its address alone: sets α, τ and θ to the run's values."""
    nearest = min(STEP_SIZES, key=lambda size: abs(size - running.step_size))
    values = {"alpha": nearest, "tau": running.evidence_threshold, "theta": running.keep_threshold}
    for key, value in values.items():
        if key not in st.session_state and key not in st.query_params:
            st.session_state[key] = value


def hidden() -> bool:
    """True if the address says `hide=settings`."""
    address.choice("hide", ("", "settings"), "")
    return bool(st.session_state["hide"])


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
    with st.container(horizontal=True, key="beginnings"):
        # A new key is a closed box: one click chooses, and the page is there to be seen.
        key = f"recipes{st.session_state.get('recipes_used', '')}"
        with st.popover(t("recipe.title"), icon=":material/menu_book:", help=t("recipe.help"), key=key):
            for name in RECIPES:
                words, sentence = gloss(f"recipe.{name}", lang())
                st.button(words, key=f"recipe_{name}", on_click=_cook, args=(name,), type="tertiary")
                st.caption(plain(capital(sentence)))
        if st.button(t("home.own"), icon=":material/upload_file:", key="own_texts"):
            go_to("data")


def what_to_compare(one: bool = False) -> None:
    """Draws data and arms. one: a single arm, without a baseline."""
    arm_picker.arrive()
    known = arm_picker.names(ExperimentConfig())
    left, middle, right = st.columns(3)
    with left:
        choose.LABELLED.box()
    with middle:
        arm_picker.picker("dynamic", known)
    if one:
        return
    with right:
        arm_picker.picker("baseline", known)
    arm_picker.extras(known)


def place(title: str, form: Callable[[], T], folded: str = "", about: str = "") -> T:
    """Draws the page's title and what is chosen once; returns what `form` returns.

    A link can hide it and keep its values in use; then only `folded` is shown.

    folded: what the run on the page was made with; the form is folded under this line, beside the title. "": there is
    none, and the form is open, under what the page is `about` (Markdown).
    """
    if not folded:
        st.title(title)
        if about:
            st.markdown(about)
        return _form(form)
    # Centred on a wide screen; on a narrow one they stand below each other.
    left, right = st.columns([1, 3], vertical_alignment="center")
    with left:
        st.title(title)
    with right:
        return _form(form, folded)


def _form(form: Callable[[], T], folded: str = "") -> T:
    if hidden():
        # Drawn all the same, so that the values of the address are read.
        st.html("<style>.st-key-settings { display: none }</style>")
        if folded:
            st.text(folded)
    with st.container(key="settings"):
        if not folded:
            return form()
        with st.expander(plain(folded), icon=":material/tune:"):
            st.caption(t("train.next_start"))
            return form()


def more() -> None:
    """Settings that most users do not change, folded."""
    with st.expander(t("setting.more"), icon=":material/tune:"):
        rest()


def rest() -> None:
    """Settings that most users do not change; all take effect at the next start."""
    columns = st.columns(4)
    with columns[0]:
        bound = address.number("epochs", 1, MAX_EPOCHS, EPOCHS)
        st.slider(min_value=1, max_value=MAX_EPOCHS, **described("epochs", "restarts"), **bound)
        choice("model", tuple(PRESETS), default="small")
    with columns[1]:
        bound = address.number("seed", 0, MAX_SEED, 0)
        told = described("seed", "restarts")
        st.number_input(min_value=0, max_value=MAX_SEED, step=1, **told, **bound)
        choice("device", get_args(Device))
    with columns[2]:
        choice("initial", get_args(InitialMask), arms=arms())
        choice("rule", get_args(StepRule), arms=arms())
        bound = address.choice("batch", BATCHES, TrainConfig.batch_size)
        st.select_slider(options=BATCHES, **described("batch", "restarts"), **bound)
    with columns[3]:
        choice("gate", get_args(GateMode), arms=arms())
        choice("tokenizer", TOKENIZER_MODES)


def choice(name: str, values: tuple[str, ...], default: str | None = None, arms: Sequence[str] = ()) -> None:
    """A select box for the setting `name`. arms: those on which it may act."""

    def say(value: str) -> str:
        return t(f"setting.{name}.{value}")

    bound = address.choice(name, values, default or values[0])
    st.selectbox(options=values, format_func=say, **described(name, "restarts", arms), **bound)


def arms() -> tuple[str, ...]:
    """Baseline first; a single arm if all choices are the same."""
    return arm_picker.chosen_arms()


def experiment(data: DataConfig) -> ExperimentConfig:
    """The experiment that the controls describe."""
    state = st.session_state
    return ExperimentConfig(
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
