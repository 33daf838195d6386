"""The live panel: a page of the app beside a lesson's words, with everything set."""

from __future__ import annotations

from urllib.parse import urlencode

import streamlit as st

from dynmask_core.learn.lesson import Lesson, Panel
from dynmask_core.learn.markup import plain as words_of
from dynmask_core.learn.pages import hidden_on, rules
from dynmask_core.ui import address, carried, frame, hiding
from dynmask_core.ui.frame import go_to
from dynmask_core.ui.i18n import lang, plain, t
from dynmask_core.ui.learn.guide import ALONE, Guide

HEIGHT = 720


def panel(shown: Panel, lesson: Lesson, number: int, guide: Guide = ALONE) -> None:
    """Draws the page in a frame: it is the real one, in a session of its own."""
    with st.container(key="lesson_panel"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{plain(words_of(shown.label))}**")
            if st.button(t("learn.whole"), icon=":material/open_in_full:", type="tertiary", key="whole"):
                _go(shown, lesson, number, guide)
        st.iframe(_embedded(shown, lesson, guide), height=HEIGHT, alt=words_of(shown.label))


def _embedded(shown: Panel, lesson: Lesson, guide: Guide) -> str:
    base = "/".join(filter(None, ("", str(st.get_option("server.baseUrlPath")).strip("/"))))
    theme = "dark_theme" if st.context.theme.type == "dark" else "light_theme"
    around = [("lang", lang()), ("embed", "true"), ("embed_options", theme)]
    page = "" if shown.page == "home" else shown.page  # the first page stands at the root
    return f"{base}/{page}?{urlencode([*_parameters(shown, lesson, guide).items(), *around])}"


def _parameters(shown: Panel, lesson: Lesson, guide: Guide) -> dict[str, str]:
    """What the page's address says: the lesson's settings, the name of the lesson if the page shows its file or run,
    who reads it in a class, what is hidden, and whether its letters are large."""
    said = dict(shown.parameters)
    if carried.asks(said):
        said[carried.KEY] = st.session_state[carried.READ]
    seen = {
        hiding.PARAMETER: hidden_on(shown.page, lesson.hide, guide.hidden),
        frame.LARGE: "1" if guide.large else frame.large(),
    }
    return {**said, **guide.person} | {name: value for name, value in seen.items() if value}


def _go(shown: Panel, lesson: Lesson, number: int, guide: Guide) -> None:
    """Opens the page in the place of the lesson, and remembers the way back."""
    st.session_state["lesson_left"] = (st.session_state.get("lesson", ""), number, lesson.title)
    parameters = _parameters(shown, lesson, guide)
    if carried.KEY in parameters:
        st.session_state[carried.KEY] = parameters[carried.KEY]
    address.arrive(parameters, {*rules()[shown.page], hiding.PARAMETER, frame.LARGE})
    st.session_state.pop(f"{shown.page}_run", None)  # the one that was looked at before is not the lesson's
    go_to(shown.page, parameters)
