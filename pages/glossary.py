"""Glossary: every term in one sentence; `?term=NAME` shows one of them first."""

from __future__ import annotations

from html import escape

import streamlit as st

from dynmask_core.glossary import GROUPS, TERMS, term
from dynmask_core.ui import address
from dynmask_core.ui.frame import require_frame
from dynmask_core.ui.i18n import capital, lang, t

require_frame(__file__)


def entries(names: tuple[str, ...]) -> str:
    """HTML of the terms, each with its sentence and the name by which a link finds it."""
    found = ((name, *term(name, lang())) for name in names)
    rows = (
        f"<dt>{escape(capital(words))} <small translate=no>{escape(name)}</small></dt><dd>{escape(sentence)}</dd>"
        for name, words, sentence in found
    )
    return f"<dl class=glossary>{''.join(rows)}</dl>"


def known(name: str) -> str:
    if name and name not in TERMS:
        raise ValueError(name)
    return name


st.title(t("glossary.title"))
st.caption(t("glossary.what"))
if asked := address.text("term", "", known):
    with st.container(border=True, key="asked"):
        st.subheader(t("glossary.asked"), anchor=False)
        st.html(entries((asked,)))
for group, names in GROUPS.items():
    st.header(t(f"glossary.{group}"), anchor=group)
    st.html(entries(names))
