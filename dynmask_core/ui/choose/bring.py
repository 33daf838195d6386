"""The ways to text: a sample, or the reader's own, uploaded or pasted."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dynmask_core.data import template_csv
from dynmask_core.data.media import MEDIA, TEXT
from dynmask_core.data.readers.source import ReadOptions
from dynmask_core.jobs.limits import Limits
from dynmask_core.learn.lesson import LESSON_WORD
from dynmask_core.runs.uploads import KEEP_DAYS
from dynmask_core.ui.choose.chooser import CORPUS, LABELLED, Chooser
from dynmask_core.ui.choose.own import OWN
from dynmask_core.ui.choose.texts import OwnText, name_of
from dynmask_core.ui.choose.understood import refused
from dynmask_core.ui.i18n import helped, plain, t


def ways_in() -> None:
    """Two cards side by side: the samples, and the reader's own text."""
    left, right = st.columns(2)
    with left, st.container(border=True, height="stretch", key="way_sample"):
        st.header(t("data.way.sample"), anchor=False)
        _samples()
    with right, st.container(border=True, height="stretch", key="way_own"):
        st.header(t("data.way.own"), anchor=False)
        _bring_labelled()
        if own := LABELLED.own():
            _kept(own)
    if unread := LABELLED.unread():
        with st.container(border=True, key="unread"):
            refused(LABELLED, unread, unread.error)


def bring_corpus() -> None:
    """A small button to upload or paste text without labels, one text per line."""
    bring(CORPUS, "mlm.own", {"format": "text"})


def bring(chooser: Chooser[Any], words: str, pasted: ReadOptions | None = None) -> None:
    """A small button to upload or paste text for a chooser. words: where its sentences begin. pasted: how pasted text
    is read; None to find out."""
    name = chooser.key
    with st.popover(t(words), icon=":material/upload_file:", help=t(f"{words}.help"), key=f"own_{name}_box"):
        _uploader(chooser, t(f"{words}.upload"), f"upload_{name}")
        _paste(chooser, t(f"{words}.paste"), f"pasted_{name}", f"read_{name}", pasted)
        if own := chooser.own():
            _kept(own, chooser)
        if unread := chooser.unread():
            refused(chooser, unread, unread.error)


def _samples() -> None:
    """The samples as buttons, by medium. None is pressed while the reader's own text, or a lesson's, is chosen."""
    names = [name for name in LABELLED.options() if name not in (OWN, LESSON_WORD)]
    chosen = LABELLED.chosen() if LABELLED.chosen() in names else None
    for medium in MEDIA:
        among = [name for name in names if LABELLED.medium(name) == medium]
        if among:
            _pills(medium, among, chosen)
    st.markdown(t(f"sample.{chosen}.about" if chosen else "data.way.sample.about"))


def _pills(medium: str, names: list[str], chosen: str | None) -> None:
    key = "sample" if medium == TEXT else f"sample_{medium}"
    st.session_state[key] = chosen if chosen in names else None

    def pick() -> None:
        if name := st.session_state[key]:
            LABELLED.pick(name)

    st.pills(
        t(f"medium.{medium}"), names, format_func=lambda name: t(f"sample.{name}"), key=key, on_change=pick,
        wrap=True, help=helped("data.choose.help", "restarts"),
    )  # fmt: skip


def _bring_labelled() -> None:
    upload, paste = st.tabs([t("data.upload"), t("data.paste")], key="intake")
    with upload:
        _uploader(LABELLED, t("data.upload.label"), "upload")
        if LABELLED.own() is None:
            st.download_button(
                t("data.template"), template_csv, "dynmask-template.csv", "text/csv", icon=":material/download:",
                key="template", type="tertiary",
            )  # fmt: skip
    with paste:
        _paste(LABELLED, t("data.paste.label"), "pasted", "read_pasted", placeholder=t("data.paste.placeholder"))


def _uploader(chooser: Chooser[Any], label: str, name: str) -> None:
    """Takes files of all kinds: what cannot be read is refused in the reader's language, not in the browser's."""
    # A box with another key is an empty box.
    key = f"{name}{st.session_state.get(f'{chooser.key}_boxes', 0) or ''}"
    new = key not in st.session_state
    told = helped("data.upload.help", "reads")
    file = st.file_uploader(label, key=key, max_upload_size=Limits.given().upload_mb, help=told)
    chooser.follow_box(file, new=new)


def _paste(
    chooser: Chooser[Any],
    label: str,
    field: str,
    button: str,
    read: ReadOptions | None = None,
    placeholder: str | None = None,
) -> None:
    told = helped("data.paste.help", "reads")
    st.text_area(label, height=140, key=field, placeholder=placeholder, help=told)

    def take() -> None:
        chooser.take(st.session_state[field].encode(), "", read)

    st.button(t("data.paste.read"), icon=":material/content_paste:", key=button, on_click=take)


def _kept(own: OwnText, chooser: Chooser[Any] = LABELLED) -> None:
    """Where the text is, and how to get rid of it."""

    def forget() -> None:
        if chooser.in_upload_box(own):
            boxes = f"{chooser.key}_boxes"
            st.session_state[boxes] = st.session_state.get(boxes, 0) + 1
        chooser.forget(own)

    with st.container(horizontal=True, vertical_alignment="center", key=f"kept_{chooser.key}"):
        if chooser.chosen() != OWN:
            st.button(
                plain(own.title), icon=":material/undo:", key=f"use_{chooser.own_key}", on_click=chooser.pick,
                args=(OWN,),
            )  # fmt: skip
        st.button(
            t("data.forget"), icon=":material/delete:", key=f"forget_{chooser.own_key}", on_click=forget,
            help=t("data.forget.help"),
        )  # fmt: skip
        st.caption(plain(t("data.kept", name=name_of(own.reading), days=KEEP_DAYS)))
