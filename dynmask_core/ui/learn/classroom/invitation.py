"""The way into a class: its code to be read from the last row, a picture for phones, and the link."""

from __future__ import annotations

from html import escape
from ipaddress import ip_address
from urllib.parse import urlsplit

import segno
import streamlit as st

from dynmask_core.learn.classroom import Room
from dynmask_core.learn.classroom.codes import spoken
from dynmask_core.ui.i18n import lang, t


def invitation(room: Room) -> None:
    """Draws code, picture and link."""
    link = f"{base()}?class={room.code}&lang={lang()}"
    with st.container(horizontal=True, vertical_alignment="center", key="class_invitation"):
        st.html(f'<div class="class-code">{escape(spoken(room.code))}</div>')
        st.html(picture(link, t("class.picture", code=spoken(room.code))))
    st.markdown(t("class.how"))
    with st.container(key="class_link"):
        st.code(link, language=None, wrap_lines=True)
    if only_here(link):
        st.warning(t("class.only_here"), icon=":material/phonelink_off:")


def base() -> str:
    """The address of the page, without what it says."""
    return str(st.context.url or "").partition("?")[0]


def picture(link: str, alt: str) -> str:
    """A QR code (ISO/IEC 18004) of the link as HTML. Dark on white in both themes, with the margin of four modules that
    cameras need; corrected at level
    M: fewer and larger modules, to be read from the last row."""
    code = segno.make(link, error="m", micro=False)
    source = code.svg_data_uri(border=4, light="#fff", omitsize=True)
    return f'<img class="class-picture" alt="{escape(alt)}" src="{source}">'


def only_here(link: str) -> bool:
    """Whether no other machine can open it: the address names the machine on which it is opened.

    >>> only_here("http://localhost:8501/learn"), only_here("http://192.168.1.7:8501/learn")
    (True, False)
    """
    host = urlsplit(link).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
