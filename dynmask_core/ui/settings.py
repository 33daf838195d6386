"""The settings of the next run, as controls whose values stand in the address."""

from __future__ import annotations

from collections.abc import Callable
from typing import get_args

import streamlit as st

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
from dynmask_core.data.tokenize import TOKENIZER_MODES
from dynmask_core.ui import address, chosen
from dynmask_core.ui.i18n import strategy_name, t

# Names of the strategies without importing them: that would bring torch into the page.
BASELINES = ("static", "none", "article", "repaired")
DYNAMIC = ("repaired", "article", "static", "none")
STEP_SIZES = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
EPOCHS, MAX_EPOCHS = 15, 60
MAX_SEED = 2**31


def _label(name: str, when: str) -> str:
    return f"{t(f'setting.{name}')} :{'green' if when == 'live' else 'gray'}-badge[{t(f'setting.{when}')}]"


def live_controls(on_change: Callable[[], None]) -> None:
    """α, τ and θ: a change reaches a run that is under way at its next epoch."""
    start = Controls()
    left, middle, right = st.columns(3)
    with left:
        bound = address.choice("alpha", STEP_SIZES, start.step_size)
        st.select_slider(
            _label("alpha", "live"), STEP_SIZES, help=t("setting.alpha.help"), on_change=on_change, **bound
        )
    with middle:
        bound = address.number("tau", 0.0, 5.0, start.evidence_threshold)
        st.slider(_label("tau", "live"), 0.0, 5.0, step=0.1, help=t("setting.tau.help"), on_change=on_change, **bound)
    with right:
        bound = address.number("theta", 0.0, 1.0, start.keep_threshold)
        st.slider(
            _label("theta", "live"), 0.0, 1.0, step=0.05, help=t("setting.theta.help"), on_change=on_change, **bound
        )


def follow(running: Controls) -> None:
    """A reader who arrives at a run by its address alone finds α, τ and θ where the run has them."""
    nearest = min(STEP_SIZES, key=lambda size: abs(size - running.step_size))
    values = {"alpha": nearest, "tau": running.evidence_threshold, "theta": running.keep_threshold}
    for key, value in values.items():
        if key not in st.session_state and key not in st.query_params:
            st.session_state[key] = value


def hidden() -> bool:
    """True where the address says `hide=settings`."""
    address.choice("hide", ("", "settings"), "")
    return bool(st.session_state["hide"])


def controls() -> Controls:
    state = st.session_state
    return Controls(float(state["alpha"]), float(state["tau"]), float(state["theta"]))


def what_to_compare() -> None:
    """Data and the two arms."""
    left, middle, right = st.columns(3)
    with left:
        chosen.choose()
    with middle:
        _choice("dynamic", DYNAMIC, strategy_name)
    with right:
        _choice("baseline", BASELINES, strategy_name)


def more() -> None:
    """Settings most readers leave alone; all of them take effect at the next start."""
    with st.expander(t("setting.more"), icon=":material/tune:"):
        columns = st.columns(4)
        with columns[0]:
            bound = address.number("epochs", 1, MAX_EPOCHS, EPOCHS)
            st.slider(_label("epochs", "restarts"), 1, MAX_EPOCHS, help=t("setting.epochs.help"), **bound)
            _choice("model", tuple(PRESETS), default="small")
        with columns[1]:
            bound = address.number("seed", 0, MAX_SEED, 0)
            st.number_input(_label("seed", "restarts"), 0, MAX_SEED, step=1, help=t("setting.seed.help"), **bound)
            _choice("device", get_args(Device))
        with columns[2]:
            _choice("initial", get_args(InitialMask))
            _choice("rule", get_args(StepRule))
        with columns[3]:
            _choice("gate", get_args(GateMode))
            _choice("tokenizer", TOKENIZER_MODES)


def _choice(
    name: str, values: tuple[str, ...], shown: Callable[[str], str] | None = None, default: str | None = None
) -> None:
    def say(value: str) -> str:
        return shown(value) if shown else t(f"setting.{name}.{value}")

    bound = address.choice(name, values, default or values[0])
    st.selectbox(_label(name, "restarts"), values, format_func=say, help=t(f"setting.{name}.help"), **bound)


def arms() -> tuple[str, ...]:
    """Baseline first; one arm where both choices are the same."""
    return tuple(dict.fromkeys((st.session_state["baseline"], st.session_state["dynamic"])))


def experiment(data: DataConfig) -> ExperimentConfig:
    """The experiment the controls describe."""
    state = st.session_state
    return ExperimentConfig(
        data=data,
        model=PRESETS[state["model"]],
        mask=MaskConfig(initial=state["initial"], step_rule=state["rule"], gate_mode=state["gate"]),
        controls=controls(),
        train=TrainConfig(epochs=int(state["epochs"]), seed=int(state["seed"]), device=state["device"]),
        arms=arms(),
    )
