"""The live panel: a page of the app beside a lesson's words, with everything set."""

from __future__ import annotations

from urllib.parse import urlencode

import streamlit as st

from dynmask_core.learn.lesson import Lesson, Panel
from dynmask_core.learn.markup import plain as words_of
from dynmask_core.learn.pages import rules
from dynmask_core.ui import address
from dynmask_core.ui.frame import ROOT
from dynmask_core.ui.i18n import lang, plain, t
from dynmask_core.ui.learn.guide import ALONE, Guide

HEIGHT = 720


def panel(shown: Panel, lesson: Lesson, number: int, guide: Guide = ALONE) -> None:
    """Draws the page in a frame: it is the real one, in a session of its own."""
    also = guide.parameters(lesson)
    with st.container(key="lesson_panel"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{plain(words_of(shown.label))}**")
            if st.button(t("learn.whole"), icon=":material/open_in_full:", type="tertiary", key="whole"):
                _go(shown, lesson, number, also)
        st.iframe(_embedded(shown, also), height=HEIGHT, alt=words_of(shown.label))


def _embedded(shown: Panel, also: list[tuple[str, str]]) -> str:
    base = "/".join(filter(None, ("", str(st.get_option("server.baseUrlPath")).strip("/"))))
    theme = "dark_theme" if st.context.theme.type == "dark" else "light_theme"
    frame = [("lang", lang()), ("embed", "true"), ("embed_options", theme)]
    page = "" if shown.page == "home" else shown.page  # the first page stands at the root
    return f"{base}/{page}?{urlencode([*shown.parameters, *also, *frame])}"


def _go(shown: Panel, lesson: Lesson, number: int, also: list[tuple[str, str]]) -> None:
    """Opens the page in the place of the lesson, and remembers the way back."""
    st.session_state["lesson_left"] = (st.session_state["lesson"], number, lesson.title)
    parameters = dict([*shown.parameters, *also])
    address.arrive(parameters, rules()[shown.page])
    st.session_state.pop(f"{shown.page}_run", None)  # the one that was looked at before is not the lesson's
    st.switch_page(str(ROOT / "pages" / f"{shown.page}.py"), query_params=parameters)
