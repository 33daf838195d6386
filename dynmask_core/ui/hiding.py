"""What a link puts out of sight: `hide=alpha,data`. What is hidden keeps the value that the address gives it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import TypeVar

import streamlit as st

from dynmask_core.config.offers import HIDEABLE
from dynmask_core.ui import address, in_class
from dynmask_core.ui.i18n import plain, t

T = TypeVar("T")
PARAMETER = "hide"


def names() -> tuple[str, ...]:
    """The names that the address gives, in the order of HIDEABLE. Those that are unknown are told to be of no use."""
    return tuple(name for name in address.text(PARAMETER, "", _read).split(",") if name)


def hides(name: str) -> bool:
    """Whether the control `name`, one of HIDEABLE, is not shown."""
    return name in names()


@contextmanager
def hideable(name: str, *, key: str = "") -> Iterator[None]:
    """A place for many controls, which are drawn out of sight if it is hidden: so their values are read all the same.

    name: one of HIDEABLE. key: of the place if it is not `name`.
    """
    key = key or name
    if hides(name):
        st.html(f"<style>.st-key-{key} {{ display: none }}</style>")
    with st.container(key=key):
        yield


def more(draw: Callable[[], None], *, folded: bool = False) -> None:
    """Draws settings that most users do not change, in a fold of their own. folded: the place is one already."""
    with hideable("more"), nullcontext() if folded else st.expander(t("setting.more"), icon=":material/tune:"):
        draw()


def purpose(words: str) -> None:
    """What a page, or a part of it, is for, as Markdown. Beside a lesson it is left out: the lesson's words say it, and
    the frame is small."""
    if words and not st.context.is_embedded:
        st.markdown(words)


def place(title: str, form: Callable[[], T], folded: str = "", about: str = "") -> T:
    """Draws a page's title and what is chosen once; returns what `form` returns.

    folded: what the run on the page was made with; the form is folded under this line, beside the title, and the line
    is left if it is hidden. "": there is none, and the form is open, under what the page is `about` (Markdown).
    """
    if not folded:
        st.title(title)
        purpose(about)
        told()
        with hideable("settings"):
            return form()
    # Centred on a wide screen; on a narrow one they stand below each other.
    left, right = st.columns([1, 3], vertical_alignment="center")
    with left:
        st.title(title)
    with right:
        told()
        if hides("settings"):
            st.text(folded)
        with hideable("settings"), st.expander(plain(folded), icon=":material/tune:"):
            st.caption(t("train.next_start"))
            return form()


def told() -> None:
    """One line that says what is hidden, with a button that shows it. Nothing in a class."""
    hidden = names()
    if not hidden or in_class.code():
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="hidden"):
        said = t("hide.hidden", names=" · ".join(t(f"hide.{name}") for name in hidden))
        st.caption(said, width="content")
        st.button(t("hide.show"), icon=":material/visibility:", type="tertiary", key="show_hidden", on_click=_show)


def _show() -> None:
    st.session_state[PARAMETER] = ""


def _read(written: str) -> str:
    named = [name.strip() for name in written.split(",")]
    if unknown := [name for name in named if name and name not in HIDEABLE]:
        address.pass_over(PARAMETER, ",".join(unknown))
    return ",".join(name for name in HIDEABLE if name in named)
