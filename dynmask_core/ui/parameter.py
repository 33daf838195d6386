"""One parameter of a strategy as widgets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args

import streamlit as st

from dynmask_core.masks import Param, Schedule
from dynmask_core.masks.base import Value
from dynmask_core.masks.schedule import CYCLES, Shape
from dynmask_core.messages import gloss
from dynmask_core.ui.i18n import capital, helped, lang, plain, t

WIDEST, LONGEST = 10.0, 64
"""The widest range of a slider, for floats and for integers; values of a wider range are typed."""


def parameter_widget(parameter: Param, value: Value, key: str, write: Callable[[Value], None]) -> None:
    """Draws the parameter at `value`. `write` gets a new value before the page is redrawn."""
    words, sentence = gloss(f"param.{parameter.name}", lang())
    told: dict[str, Any] = {
        "label": plain(words),
        "help": plain(f"{capital(sentence)} {t('help.restarts')}"),
        "key": key,
    }
    if parameter.is_text:
        st.session_state[key] = value
        told["on_change"] = lambda: write(st.session_state[key])
        if parameter.choices:
            st.selectbox(options=parameter.choices, **told)
        else:
            st.text_input(**told)
    elif parameter.scheduled:
        _scheduled(parameter, Schedule.read(value), told, write)
    else:
        _number(parameter, float(value), told, write)


def _number(parameter: Param, value: float, told: dict[str, Any], write: Callable[[Value], None]) -> None:
    low, high, default = parameter.low, parameter.high, parameter.default
    if isinstance(default, str):
        default = Schedule.read(default).start
    kind = int if isinstance(default, int) else float
    # If the default is smaller than a slider's step, typing is better.
    fine = default == 0 or abs(float(default)) >= (high - low) / 100
    slides = high - low <= LONGEST if kind is int else high - low <= WIDEST and fine
    if kind is int:
        step: float = 1
    elif slides:
        step = 0.01 if high - low <= 1 else 0.1
    else:
        step = abs(float(default)) / 10 or (high - low) / 100
    room: dict[str, Any] = {"min_value": kind(low), "max_value": kind(high), "step": step}
    if slides:
        key = told["key"]
        st.session_state[key] = kind(value)
        st.slider(on_change=lambda: write(st.session_state[key]), **room, **told)
    else:
        # A field in a closed popover can miss a value set from outside, so each value gets a new field.
        typed = f"{told['key']}={value:g}"
        shown = {**told, "key": typed, "value": kind(value), "format": "%d" if kind is int else "%g"}
        st.number_input(on_change=lambda: write(st.session_state[typed]), **room, **shown)


def _scheduled(parameter: Param, now: Schedule, told: dict[str, Any], write: Callable[[Value], None]) -> None:
    """A start value, how it changes over the run, and its end value."""

    def put(start: float, end: float, shape: str) -> None:
        cycles = now.cycles if shape == "cyclic" and now.cycles != CYCLES else ""
        write(start if shape == "constant" else f"{start:g}..{end:g}@{shape}{cycles}")

    moving = now.shape != "constant"
    first = {**told, "label": f"{told['label']} · {t('schedule.start')}"} if moving else told
    _number(parameter, now.start, first, lambda start: put(float(start), now.end, now.shape))
    key = f"{told['key']}_shape"
    st.session_state[key] = now.shape
    # A constant that becomes a schedule first goes to the far end of the range.
    end = now.end if moving else parameter.low if now.start > parameter.low else parameter.high
    st.selectbox(
        f"{told['label']} · {t('schedule.shape')}", get_args(Shape), format_func=lambda shape: t(f"schedule.{shape}"),
        help=helped("schedule.help", "restarts"), key=key, on_change=lambda: put(now.start, end, st.session_state[key]),
    )  # fmt: skip
    if moving:
        last = {**told, "key": f"{told['key']}_end", "label": f"{told['label']} · {t('schedule.end')}"}
        _number(parameter, now.end, last, lambda end: put(now.start, float(end), now.shape))
