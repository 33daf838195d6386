"""Settings in the page's address, so that a link carries them. Addresses are checked like any other input.

Streamlit's own binding writes an option's displayed label into the address, so the link breaks in another language.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import streamlit as st

T = TypeVar("T")
_UNREAD, _CHECKED = "address_unread", "address_checked"
_ELSEWHERE = ("run", "study", "lesson", "embed", "embed_options")
"""Read without this module: by other parts of the app, and by Streamlit."""
MOST_TOLD = 60
"""Characters of a part of the address that is told to be of no use."""


def choice(key: str, options: Sequence[T], default: T) -> dict[str, Any]:
    """Keywords for a widget that chooses one of `options`; an unknown value in the address is ignored."""
    by_name = {_written(option): option for option in options}

    def read(written: str) -> T:
        if written not in by_name:
            raise ValueError(written)
        return by_name[written]

    if st.session_state.get(key, default) not in options:
        del st.session_state[key]
    return _bound(key, default, read)


def several(key: str, options: Sequence[str], default: Sequence[str]) -> dict[str, Any]:
    """Keywords for a widget that chooses one or more of `options`; the address joins them with commas."""

    def read(written: str) -> list[str]:
        named = written.split(",")
        if not set(named) <= set(options):
            raise ValueError(written)
        return [option for option in options if option in named]

    if not st.session_state.get(key, default):
        del st.session_state[key]
    return _bound(key, list(default), read)


def number(key: str, low: T, high: T, default: T) -> dict[str, Any]:
    """Keywords for a widget that takes a number in [low, high], of the type of `default`."""

    def read(written: str) -> Any:
        value = type(default)(written)  # type: ignore[call-arg]
        if not low <= value <= high:  # type: ignore[operator]
            raise ValueError
        return value

    return _bound(key, default, read)


def text(key: str, default: str, read: Callable[[str], str]) -> str:
    """A setting without a widget. `read` checks the value in the address and raises ValueError to ignore it."""
    _bound(key, default, read)
    return str(st.session_state[key])


def arrive(parameters: Mapping[str, str], settings: Iterable[str]) -> None:
    """Forgets these settings: the next page reads `parameters`, as it does from a link."""
    for key in settings:
        st.session_state.pop(key, None)
    st.session_state["arrived_with"] = dict(parameters)


def follow(of: str, begins: Mapping[str, object]) -> None:
    """Settings that begin otherwise with another choice: when that changes, those left as they began begin again.

    of: the choice, any name. begins: of each setting, with what it begins now.
    """
    before: Mapping[str, object] = st.session_state.get(f"{of}_begins", {})
    st.session_state[f"{of}_begins"] = dict(begins)
    for key, value in before.items():
        if begins.get(key) != value and st.session_state.get(key) == value:
            forget(key)


def forget(*settings: str) -> None:
    """These settings begin again, whatever the first address said of them."""
    for key in settings:
        st.session_state.pop(key, None)
        st.query_params.pop(key, None)
        st.session_state.get("arrived_with", {}).pop(key, None)


def pass_over(key: str, written: str) -> None:
    """Notes a part of the address that is of no use, see `passed_over`; the rest of what the key says may be used."""
    st.session_state.setdefault(_UNREAD, {})[key] = written


def passed_over() -> str:
    """The parts of the address that were of no use on the page that has just been drawn, as they were written, each
    told once; "" if there are none."""
    state = st.session_state
    parts: dict[str, str] = state.pop(_UNREAD, {})
    if not state.get(_CHECKED):
        # Later pages find what is meant for them in the first address.
        state[_CHECKED] = True
        known = {*state.get("drawn_in", {}), *_ELSEWHERE}
        parts |= {key: value for key, value in state.get("arrived_with", {}).items() if key not in known}
    return ", ".join(f"{key}={value}"[:MOST_TOLD] for key, value in parts.items())


def told(key: str) -> None:
    """The page has said itself why this part of the address was of no use."""
    st.session_state.get(_UNREAD, {}).pop(key, None)


def _bound(key: str, default: Any, read: Callable[[str], Any]) -> dict[str, Any]:
    if key not in st.session_state:
        arrived: dict[str, str] = {}
        try:
            # Pages that do not draw this setting drop it from the address, so the first address is remembered.
            arrived = st.session_state.setdefault("arrived_with", {}) | st.query_params.to_dict()
            st.session_state[key] = read(arrived[key])
        except KeyError:
            st.session_state[key] = default
        except (ValueError, OverflowError):
            st.session_state[key] = default
            pass_over(key, arrived[key])
    value = st.session_state[key]
    # After a change of language, the browser shows a chosen option in the old one until its value is set again.
    drawn_in = st.session_state.setdefault("drawn_in", {})
    if drawn_in.get(key) != st.session_state.get("lang"):
        drawn_in[key] = st.session_state.get("lang")
        st.session_state[key] = value
    if value == default:
        st.query_params.pop(key, None)
    elif st.query_params.get(key) != _written(value):
        st.query_params[key] = _written(value)
    return {"key": key, "persist_state": "session"}


def _written(value: object) -> str:
    if isinstance(value, list):
        return ",".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else str(value)
