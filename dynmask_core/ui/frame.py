"""What surrounds every page: the language switch, the navigation, and the way from a deep link to its page."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

import streamlit as st

from dynmask_core.place import app_folder
from dynmask_core.ui import address, in_class, timer, troubles
from dynmask_core.ui.components.document import document
from dynmask_core.ui.i18n import lang, language_switch, plain, t

ICON = str(Path(__file__).with_name("icon.svg"))
STYLE = Path(__file__).with_name("frame.css")
LARGE = "large"
"""In the address: "1" for larger letters, as a projector needs them."""
LARGE_STYLE = Path(__file__).with_name("large.css")
LANGUAGE_TAGS = {"en": "en", "zh": "zh-CN"}
"""As HTML declares them."""
GLOSSARY = "glossary"
ICONS = {
    "home": ":material/play_circle:",
    "learn": ":material/school:",
    "data": ":material/table_rows:",
    "masks": ":material/filter_alt:",
    "train": ":material/model_training:",
    "compare": ":material/balance:",
    "mlm": ":material/password:",
    "tasks": ":material/edit_note:",
}


def run() -> None:
    """Draws the frame and the chosen page in it."""
    timer.begin()
    st.session_state["framed"] = True
    st.session_state.setdefault("arrived_with", st.query_params.to_dict())
    st.html(STYLE)
    # Inside a lesson the page stands alone: the lesson has the language and the way to other pages.
    alone = bool(st.context.is_embedded)
    with st.container(key="alone") if alone else nullcontext():
        language_switch()
    leaving = st.session_state.pop("leaving", False)
    document(LANGUAGE_TAGS[lang()], settle=leaving)
    if large():
        st.html(LARGE_STYLE)
    pages = {
        name: st.Page(f"pages/{name}.py", title=t(f"nav.{name}"), icon=icon, default=name == "home")
        for name, icon in ICONS.items()
    }
    # Found from the foot of every page; the menu is for what one does.
    pages[GLOSSARY] = st.Page(
        f"pages/{GLOSSARY}.py", title=t("glossary.title"), icon=":material/menu_book:", visibility="hidden"
    )
    chosen = st.navigation(list(pages.values()), position="hidden" if alone else "top")
    in_class.arrive(keeps=alone or chosen == pages["learn"])
    if leaving:
        timer.end()
        return  # not st.stop: a run that ends by itself forgets the old page's fragments, and a late tick finds none
    if "target" in st.session_state:
        name, parameters = st.session_state.pop("target")
        st.switch_page(pages[name], query_params=parameters)
    st.set_page_config(page_title=f"{chosen.title} · DynMask")
    above = st.container()
    if chosen != pages["learn"]:
        _way_back()
    with troubles.told():
        chosen.run()
    if not alone and chosen != pages[GLOSSARY]:
        with st.container(key="foot"):
            st.page_link(pages[GLOSSARY])
    if passed_over := address.passed_over():
        above.warning(t("address.ignored", parts=plain(passed_over)), icon=":material/link_off:")
    timer.end()


def large() -> str:
    """ "1" if the address asks for larger letters, else ""."""
    address.choice(LARGE, ("", "1"), "")
    return str(st.session_state[LARGE])


def _way_back() -> None:
    """A button that leads back to the lesson from which the reader came."""
    if "lesson_left" not in st.session_state:
        return
    name, step, title = st.session_state["lesson_left"]
    if st.button(plain(t("learn.return", title=title, step=step)), icon=":material/school:", key="to_lesson"):
        st.session_state["lesson"], st.session_state["step"] = name, step
        go_to("learn")


def require_frame(file: str) -> None:
    """First line of every page. On a fresh server Streamlit opens a deep link without app.py: go there first."""
    if not st.session_state.get("framed"):
        arrived = st.query_params.to_dict()
        st.session_state["arrived_with"] = arrived  # app.py gets another address but chooses the language
        st.session_state["target"] = (Path(file).stem, arrived)
        st.switch_page(str(app_folder() / "app.py"))


def go_to(name: str, parameters: dict[str, str] | None = None) -> None:
    """Goes to another page. parameters: what its address says.

    While a timer runs, a tick can be on its way. Streamlit would answer it as the page that was left and so take the
    new one off the screen. So the old page is taken off first, with its timers, and the browser says when that is done.
    """
    if timer.ticks():
        lead_to(name, parameters)
        st.rerun()
    st.switch_page(str(app_folder() / "pages" / f"{name}.py"), query_params=parameters)


def lead_to(name: str, parameters: dict[str, str] | None = None) -> None:
    """The same for a callback: the run that follows goes there."""
    st.session_state["target"], st.session_state["leaving"] = (name, parameters), timer.ticks()


def read_lesson(name: str) -> None:
    """Goes to a lesson from its beginning, or to that of the class in which this visitor is."""
    if not in_class.code():
        st.session_state["lesson"], st.session_state["step"] = name, 1
    go_to("learn")
