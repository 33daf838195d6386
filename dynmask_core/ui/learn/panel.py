"""The live panel: a page of the app beside a lesson's words, with everything set."""

from __future__ import annotations

from urllib.parse import urlencode

import streamlit as st

from dynmask_core.learn.lesson import Lesson, Panel
from dynmask_core.learn.markup import plain as words_of
from dynmask_core.learn.pages import rules
from dynmask_core.ui import address, carried
from dynmask_core.ui.frame import ROOT
from dynmask_core.ui.i18n import lang, plain, t

HEIGHT = 720


def panel(shown: Panel, lesson: Lesson, number: int) -> None:
    """Draws the page in a frame: it is the real one, in a session of its own."""
    with st.container(key="lesson_panel"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{plain(words_of(shown.label))}**")
            if st.button(t("learn.whole"), icon=":material/open_in_full:", type="tertiary", key="whole"):
                _go(shown, lesson, number)
        st.iframe(_embedded(shown), height=HEIGHT, alt=words_of(shown.label))


def _embedded(shown: Panel) -> str:
    base = "/".join(filter(None, ("", str(st.get_option("server.baseUrlPath")).strip("/"))))
    theme = "dark_theme" if st.context.theme.type == "dark" else "light_theme"
    frame = [("lang", lang()), ("embed", "true"), ("embed_options", theme)]
    page = "" if shown.page == "home" else shown.page  # the first page stands at the root
    return f"{base}/{page}?{urlencode([*_said(shown).items(), *frame])}"


def _said(shown: Panel) -> dict[str, str]:
    """The panel's settings, with the name of the lesson whose file or run it shows: the page finds them by it."""
    said = dict(shown.parameters)
    return said | {carried.KEY: st.session_state[carried.READ]} if carried.asks(said) else said


def _go(shown: Panel, lesson: Lesson, number: int) -> None:
    """Opens the page in the place of the lesson, and remembers the way back."""
    st.session_state["lesson_left"] = (st.session_state["lesson"], number, lesson.title)
    parameters = _said(shown)
    if carried.KEY in parameters:
        st.session_state[carried.KEY] = parameters[carried.KEY]
    address.arrive(parameters, rules()[shown.page])
    st.session_state.pop(f"{shown.page}_run", None)  # the one that was looked at before is not the lesson's
    st.switch_page(str(ROOT / "pages" / f"{shown.page}.py"), query_params=parameters)
