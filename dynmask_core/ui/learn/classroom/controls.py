"""What a teacher sets: the pace, what participants see, the end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from dynmask_core.errors import InputError
from dynmask_core.learn.classroom import Room, Settings
from dynmask_core.learn.classroom.settings import HIDEABLE_IN_CLASS
from dynmask_core.ui.i18n import lang, plain, t

SWITCHES = ("free", "large", "board", "nicknames")
"""Settings that are on or off."""


def change(room: Room, **what: Any) -> None:
    """Sets what is named, or says why it cannot be."""
    try:
        room.change(**what)
    except InputError as error:
        st.toast(plain(error.sentence(lang())), icon=":material/group_off:")


def controls(room: Room, settings: Settings) -> None:
    """Draws all that can be set at once; participants' pages follow within two seconds."""
    for name in SWITCHES:
        _widget(name, getattr(settings, name))
        st.toggle(
            t(f"class.set.{name}"), key=f"class_{name}", help=t(f"class.set.{name}.help"), on_change=_sent(room, name)
        )
    if not settings.free:
        _widget("opened", settings.opened)
        st.selectbox(
            t("class.set.opened"),
            range(1, settings.steps + 1),
            key="class_opened",
            width=220,
            help=t("class.set.opened.help"),
            on_change=_sent(room, "opened", lambda step: {"opened": step, "revealed": False}),
        )
    _widget("hidden", list(settings.hidden))
    st.pills(
        t("class.set.hidden"), HIDEABLE_IN_CLASS, selection_mode="multi", wrap=True, key="class_hidden",
        format_func=lambda name: t(f"hide.{name}"), help=t("class.set.hidden.help"),
        on_change=_sent(room, "hidden", lambda names: {"hidden": tuple(names)}),
    )  # fmt: skip
    if settings.ended:
        st.button(t("class.reopen"), key="class_reopen", on_click=change, args=(room,), kwargs={"ended": False})
        return
    with st.popover(t("class.end"), icon=":material/stop_circle:", key="class_end"):
        st.markdown(t("class.end.what"))
        st.button(t("class.end.now"), key="class_end_now", on_click=change, args=(room,), kwargs={"ended": True})


def _widget(name: str, value: Any) -> None:
    """The widget shows what is set, whoever has set it: a teacher may have two tabs."""
    st.session_state[f"class_{name}"] = value


def _sent(room: Room, name: str, made: Callable[[Any], dict[str, Any]] | None = None) -> Callable[[], None]:
    def send() -> None:
        value = st.session_state[f"class_{name}"]
        change(room, **(made(value) if made else {name: value}))

    return send
