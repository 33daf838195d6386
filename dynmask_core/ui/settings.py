"""The settings of the next run, as controls whose values stand in the address."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args

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
from dynmask_core.ui import chosen
from dynmask_core.ui.i18n import strategy_name, t

# Names of the strategies without importing them: that would bring torch into the page.
BASELINES = ("static", "none", "article", "repaired")
DYNAMIC = ("repaired", "article", "static", "none")
STEP_SIZES = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
EPOCHS = 15
LIVE = ("alpha", "tau", "theta")


def _keep(key: str) -> dict[str, Any]:
    return {"key": key, "bind": "query-params", "persist_state": "session"}


def _label(name: str, when: str) -> str:
    return f"{t(f'setting.{name}')} :{'green' if when == 'live' else 'gray'}-badge[{t(f'setting.{when}')}]"


def live_controls(on_change: Callable[[], None]) -> None:
    """α, τ and θ: a change reaches a run that is under way at its next epoch."""
    left, middle, right = st.columns(3)
    with left:
        st.select_slider(
            _label("alpha", "live"),
            STEP_SIZES,
            0.1,
            help=t("setting.alpha.help"),
            on_change=on_change,
            **_keep("alpha"),
        )
    with middle:
        st.slider(
            _label("tau", "live"), 0.0, 5.0, 1.0, 0.1, help=t("setting.tau.help"), on_change=on_change, **_keep("tau")
        )
    with right:
        st.slider(
            _label("theta", "live"), 0.0, 1.0, 0.1, 0.05, help=t("setting.theta.help"), on_change=on_change,
            **_keep("theta"),
        )  # fmt: skip


def controls() -> Controls:
    state = st.session_state
    return Controls(float(state["alpha"]), float(state["tau"]), float(state["theta"]))


def what_to_compare() -> str:
    """Data and the two arms. Returns the chosen data's name."""
    left, middle, right = st.columns(3)
    with left:
        name = chosen.choose()
    with middle:
        st.selectbox(
            _label("dynamic", "restarts"), DYNAMIC, format_func=strategy_name, help=t("setting.dynamic.help"),
            **_keep("dynamic"),
        )  # fmt: skip
    with right:
        st.selectbox(
            _label("baseline", "restarts"), BASELINES, format_func=strategy_name, help=t("setting.baseline.help"),
            **_keep("baseline"),
        )  # fmt: skip
    return name


def more() -> None:
    """Settings most readers leave alone; all of them take effect at the next start."""
    with st.expander(t("setting.more"), icon=":material/tune:"):
        columns = st.columns(4)
        with columns[0]:
            st.slider(_label("epochs", "restarts"), 1, 60, EPOCHS, help=t("setting.epochs.help"), **_keep("epochs"))
            _choice("model", tuple(PRESETS), 1)
        with columns[1]:
            st.number_input(_label("seed", "restarts"), 0, 2**31, 0, 1, help=t("setting.seed.help"), **_keep("seed"))
            _choice("device", get_args(Device))
        with columns[2]:
            _choice("initial", get_args(InitialMask))
            _choice("rule", get_args(StepRule))
        with columns[3]:
            _choice("gate", get_args(GateMode))
            _choice("tokenizer", ("auto", "words", "characters"))


def _choice(name: str, values: tuple[str, ...], index: int = 0) -> None:
    st.selectbox(
        _label(name, "restarts"), values, index, format_func=lambda value: t(f"setting.{name}.{value}"),
        help=t(f"setting.{name}.help"), **_keep(name),
    )  # fmt: skip


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
