"""The visitor's own lesson, as it is written: its steps, what travels with it, and the ways to hand it on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, get_args

import streamlit as st

from dynmask_core.errors import InputError
from dynmask_core.learn.bundle import Bundle
from dynmask_core.learn.draft import ASKS, Draft, DraftStep
from dynmask_core.learn.kept import KeptLesson
from dynmask_core.learn.lesson import Difficulty
from dynmask_core.learn.markup import plain as words_of
from dynmask_core.runs import default_root
from dynmask_core.ui.i18n import lang, plain, t
from dynmask_core.ui.learn import link, making, shelf
from dynmask_core.ui.visitor import visitor


def edit() -> None:
    """Draws the draft; what is typed is kept in it at once."""
    now = making.made()
    assert now is not None  # the address names a draft only while there is one
    st.query_params.pop("step", None)
    st.button(t("learn.back"), icon=":material/arrow_back:", type="tertiary", key="to_shelf", on_click=shelf.close)
    st.title(t("draft.heading"), anchor=False)
    st.markdown(t("draft.what"))
    _about(now.draft)
    for number, step in enumerate(now.draft.steps, 1):
        _step(now.draft, step, number)
    _travels(now)
    _hand_on(now)


def _about(draft: Draft) -> None:
    with st.container(border=True, key="draft_about"):
        draft.title = _text("title", draft.title)
        draft.goals = _area("goals", draft.goals, 90)
        minutes, level, licence, authors = st.columns(4)
        with minutes:
            st.session_state.setdefault("draft_minutes", draft.minutes)
            draft.minutes = int(st.number_input(t("draft.minutes"), 1, 600, step=5, key="draft_minutes"))
        with level:
            levels = get_args(Difficulty)
            draft.difficulty = _one("difficulty", draft.difficulty, levels, lambda name: t(f"lesson.{name}"))
        with licence:
            draft.licence = _text("licence", draft.licence, help=t("draft.licence.help"))
        with authors:
            draft.authors = _text("authors", draft.authors)


def _step(draft: Draft, step: DraftStep, number: int) -> None:
    with st.expander(plain(f"{number}. {step.title}"), expanded=number == len(draft.steps), key=f"step_{step.key}"):
        step.title = _text("step_title", step.title, step.key)
        step.before = _area("before", step.before, 120, step.key, help=t("draft.prose.help"))
        after = st.container()
        if step.panel is not None:
            st.caption(plain(t("draft.page", address=step.panel.address)))
            label, after = st.columns([3, 2], vertical_alignment="bottom")
            with label:
                step.panel = replace(step.panel, label=_text("label_of", step.panel.label, step.key))
        _question(step)
        if step.asks != "nothing" and step.panel is not None:
            with after:
                step.after = st.toggle(t("draft.after"), value=step.after, key=f"draft_after_{step.key}")
        step.note = _area("note", step.note, 68, step.key)
        with st.container(horizontal=True):
            moves: list[tuple[str, str, bool, Any, tuple[Any, ...]]] = [
                ("up", "arrow_upward", number > 1, draft.move, (step.key, -1)),
                ("down", "arrow_downward", number < len(draft.steps), draft.move, (step.key, 1)),
                ("remove", "delete", True, draft.remove, (step.key,)),
            ]
            for name, icon, can, act, args in moves:
                st.button(
                    t(f"draft.{name}"), icon=f":material/{icon}:", type="tertiary", key=f"draft_{name}_{step.key}",
                    disabled=not can, on_click=act, args=args,
                )  # fmt: skip


def _question(step: DraftStep) -> None:
    options = (*ASKS, "kept") if step.kept and step.kept.predict else ASKS
    step.asks = _one("asks", step.asks, options, lambda name: t(f"draft.asks.{name}"), step.key)
    if step.asks == "nothing":
        step.after = False
    elif step.asks == "kept" and step.kept is not None:
        for question in step.kept.predict:
            st.text("· " + words_of(question.text))
        st.caption(t("draft.asks.kept.means"))
    else:
        step.question = _text("question", step.question, step.key)
        told = t(f"draft.answers.{step.asks}")
        if step.asks == "number":
            step.answers = _text("answers", step.answers.partition("\n")[0], step.key, help=told)
        else:
            step.answers = _area("answers", step.answers, 110, step.key, help=told)
        st.caption(plain(told))
        step.feedback = _text("feedback", step.feedback, step.key)
    step.reveal = _area("reveal", step.reveal, 90, step.key, help=t("draft.prose.help"))
    if step.kept and step.kept.explain:
        st.caption(t("draft.explain.kept", count=len(step.kept.explain)))


def _travels(now: making.Made) -> None:
    """What of the visitor's own goes along: nothing, until it is ticked."""
    if now.replaced:
        st.info(t("draft.replaced"), icon=":material/swap_horiz:")
    if now.text is not None and now.draft.uses("data"):
        now.travels = st.checkbox(t("draft.data"), value=now.travels, key="draft_data")
        st.caption(t("draft.data.means" if now.travels else "draft.data.without"))
    if now.run and now.draft.uses("run"):
        now.draft.run = st.checkbox(t("draft.run"), value=now.draft.run, key="draft_run")
        st.caption(t("draft.run.means" if now.draft.run else "draft.run.without"))
        if now.draft.run and now.may_give_models():
            now.models = st.checkbox(t("draft.models"), value=now.models, key="draft_models")
            st.caption(t("draft.models.means"))


def _hand_on(now: making.Made) -> None:
    try:
        bundle = now.bundle()
    except InputError as error:
        st.error(plain(error.sentence(lang())), icon=":material/error:")
        _file(now)
        return
    with st.container(horizontal=True, key="draft_hand_on"):
        st.button(
            t("draft.open"), icon=":material/menu_book:", type="primary", key="draft_open", on_click=_open,
            args=(now, bundle), help=t("draft.open.help"),
        )  # fmt: skip
        ending, kind = (".zip", "application/zip") if bundle.parts else (".md", "text/markdown")
        st.download_button(
            t("draft.download", ending=ending), bundle.to_bytes if bundle.parts else bundle.source,
            f"{now.draft.id}{ending}", kind, icon=":material/download:", key="draft_download", on_click="ignore",
        )  # fmt: skip
        st.button(
            t("draft.drop"), icon=":material/delete:", type="tertiary", key="draft_drop", on_click=_drop,
        )  # fmt: skip
    if refused := st.session_state.pop("draft_refused", None):
        st.error(plain(refused.sentence(lang())), icon=":material/error:")
    if now.kept and KeptLesson.at(default_root() / KeptLesson.SHELF, now.kept):
        link.draw(now.kept)
    _file(now)


def _file(now: making.Made) -> None:
    """The file as it stands, with the numbers of its lines."""
    try:
        source = now.draft.text()
    except InputError:
        return
    with st.expander(t("draft.file"), icon=":material/code:"):
        st.code(source, language=None, line_numbers=True, wrap_lines=True)


def _open(now: making.Made, bundle: Bundle) -> None:
    """Keeps the lesson on the server, in the place of what it was before, and opens it."""
    try:
        now.kept = KeptLesson.create(default_root(), bundle, visitor(), now.kept).name
    except InputError as error:
        st.session_state["draft_refused"] = error
        return
    st.session_state["lesson"], st.session_state["step"] = now.kept, 1


def _drop() -> None:
    st.session_state.pop(making.KEY, None)
    shelf.close()


def _text(name: str, value: str, step: str = "", help: str | None = None) -> str:
    key = _bound(name, value, step)
    return str(st.text_input(t(f"draft.{name}"), key=key, help=help))


def _area(name: str, value: str, height: int, step: str = "", help: str | None = None) -> str:
    key = _bound(name, value, step)
    return str(st.text_area(t(f"draft.{name}"), key=key, height=height, help=help))


def _one(name: str, value: Any, options: tuple[Any, ...], say: Any, step: str = "") -> Any:
    key = _bound(name, value, step)
    return st.selectbox(t(f"draft.{name}"), options, format_func=say, key=key)


def _bound(name: str, value: Any, step: str) -> str:
    """The key of a field, which begins with `value`; a field that comes back to the page has lost what it held."""
    key = f"draft_{name}_{step}" if step else f"draft_{name}"
    st.session_state.setdefault(key, value)
    return key
