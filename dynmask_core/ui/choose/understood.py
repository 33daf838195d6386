"""How the reader's own text was understood, said in sentences, and the controls to have it read in another way."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import fields
from typing import Any

import streamlit as st

from dynmask_core.config import DataConfig
from dynmask_core.data import Table
from dynmask_core.data.encoding import ENCODINGS
from dynmask_core.data.readers import READERS
from dynmask_core.data.readers.delimited import DELIMITERS
from dynmask_core.data.roles import Choice, Guess
from dynmask_core.errors import InputError
from dynmask_core.messages import listed
from dynmask_core.remedies import Remedy
from dynmask_core.ui.choose.chooser import Chooser
from dynmask_core.ui.choose.own import Unread
from dynmask_core.ui.choose.purpose import PURPOSES
from dynmask_core.ui.choose.texts import OwnText, name_of
from dynmask_core.ui.i18n import helped, lang, plain, t

What = OwnText | Unread
ROLES = ("text", "label", "split")
"""Of labelled texts."""
SWITCHES = ("merge_labels", "drop_markers")
_AUTO = "\0"
"""Stands for "detect it" among the options of a select box; no file has such a name in it."""


def refused(chooser: Chooser[Any], what: What, error: InputError, table: Table | None = None) -> None:
    """One sentence on why the text cannot be used, and ways to read it that may help."""
    if isinstance(what, Unread):
        st.header(plain(t("data.unread", name=what.title)), anchor=False)
    st.error(plain(error.sentence(lang())), icon=":material/error:")
    remedies(chooser, what, error.remedies, f"error_{error.code}")
    if table is None:
        changes(chooser, what)
        how(chooser, what, None)
    if isinstance(what, Unread):
        st.button(t("data.put_aside"), icon=":material/close:", key="put_aside", on_click=chooser.forget, args=(what,))


def remedies(chooser: Chooser[Any], what: What | None, offered: Sequence[Remedy], key: str) -> None:
    """A button for each remedy. Samples have none: nothing about them can be changed."""
    if what is None or not offered:
        return
    with st.container(horizontal=True, width="content", key=f"remedies_{key}"):
        for number, remedy in enumerate(offered):
            st.button(
                plain(remedy.text(lang())), icon=":material/auto_fix_high:", key=f"remedy_{key}_{number}",
                on_click=chooser.change, args=(what, remedy.read, remedy.config),
            )  # fmt: skip


def changes(chooser: Chooser[Any], what: What) -> None:
    """All that the reader has set, each with a button that takes it back."""
    usual = {field.name: field.default for field in fields(DataConfig)}
    roles, config = PURPOSES[chooser.purpose].roles, what.reading.config
    # That the file has no header is a setting; that bytes are not replaced is none. The rest is what the page expects.
    unset = {"has_header": None, **{name: what.reading.read.get(name) for name in ("format", "columns")}}
    read = {name: value for name, value in what.reading.read.items() if value not in (None, unset.get(name, False))}
    told = {
        name: getattr(config, name) for name in (*roles, *SWITCHES, "max_rows") if getattr(config, name) != usual[name]
    }
    if not read and not told:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="changes"):
        st.caption(t("data.changes"), width="content")
        for name, value in {**read, **told}.items():
            back = ({name: None}, None) if name in read else (None, {name: usual[name]})
            said = f"{_said(chooser, name, value)} · {t('data.undo')}"
            st.button(
                plain(said), icon=":material/undo:", key=f"undo_{name}", on_click=chooser.change, args=(what, *back)
            )


def _said(chooser: Chooser[Any], name: str, value: Any) -> str:
    if isinstance(value, bool):
        return t(f"data.changed.{name}" if value else f"data.changed.{name}.no")
    say = {"delimiter": _delimiter, "encoding": _encoding_name}.get(name, str)
    title = column_title(chooser, name) if name in PURPOSES[chooser.purpose].roles else t(f"data.{name}")
    return f"{title}: {say(value) if value else t('data.column.none')}"


def understood(chooser: Chooser[Any], own: OwnText, table: Table, guess: Guess) -> None:
    """What the file is and which columns are used, with the evidence, each beside the control that changes it."""
    read_as(chooser, own, table)
    _columns(chooser, own, table, guess)
    with st.container(horizontal=True, key="switches"):
        for name in SWITCHES:
            switch(chooser, own, name, getattr(own.reading.config, name))


def read_as(chooser: Chooser[Any], own: OwnText, table: Table) -> None:
    """What the file is, and how it was read, beside the controls that change it."""
    st.header(t("data.understood"), anchor=False)
    name = name_of(own.reading)
    size = {"rows": f"{len(table):,}", "columns": len(table.columns)}
    said = t("data.understood.table", name=name, format=table.format.upper(), **size)
    if table.encoding:
        said = t("data.understood.encoding", read=said, encoding=_encoding_name(table.encoding))
    st.markdown(plain(said))
    changes(chooser, own)
    how(chooser, own, table)


def how(chooser: Chooser[Any], what: What, table: Table | None) -> None:
    """Encoding, delimiter, header and sheet. table: what was read; None if nothing could be."""
    uses = _uses(table)
    shown: list[Callable[[], None]] = []
    if "encoding" in uses:
        shown.append(lambda: _encoding(chooser, what, table))
    if "delimiter" in uses:
        shown.append(lambda: _delimiters(chooser, what, table))
    if "has_header" in uses:
        shown.append(lambda: _header(chooser, what, table))
    if table is not None and len(table.sheets) > 1:
        shown.append(lambda: _sheet(chooser, what, table))
    if not shown:
        return
    for place, draw in zip(st.columns(len(shown)), shown, strict=True):
        with place:
            draw()


def _uses(table: Table | None) -> Collection[str]:
    """The options that mean something for a table's format."""
    if table is None or table.format == "text":
        return ("encoding", "delimiter", "has_header")  # a delimiter makes a table of plain text
    return next((reader.uses for reader in READERS if reader.format == table.format), ())


def _encoding(chooser: Chooser[Any], what: What, table: Table | None) -> None:
    found = table.encoding if table else None
    guessed = table is not None and any(warning.code == "encoding_guessed" for warning in table.warnings)
    named, replaced = what.reading.read.get("encoding"), bool(what.reading.read.get("replace_bytes"))
    _select(
        chooser, what, "encoding", list(dict(ENCODINGS)), named, _encoding_name, typed=True,
        automatic=_encoding_name(found) if found else None,
        evidence="" if table is None or named or replaced else t(f"data.encoding.{'guess' if guessed else 'certain'}"),
    )  # fmt: skip
    switch(chooser, what, "replace_bytes", replaced)


def _delimiters(chooser: Chooser[Any], what: What, table: Table | None) -> None:
    found = _delimiter(table.delimiter) if table and table.delimiter else None
    _select(
        chooser, what, "delimiter", DELIMITERS, what.reading.read.get("delimiter"), _delimiter, automatic=found,
        typed=True, evidence=t("data.delimiter.evidence", columns=len(table.columns)) if table else "",
    )  # fmt: skip


def _header(chooser: Chooser[Any], what: What, table: Table | None) -> None:
    def say(value: bool) -> str:
        return t("data.header.yes" if value else "data.header.no")

    evidence = ""
    if table is not None:
        key = "data.header.evidence" if table.has_header else "data.header.none"
        evidence = t(key, columns=listed(table.columns, 4))
    _select(
        chooser, what, "has_header", (True, False), what.reading.read.get("has_header"), say, evidence=evidence,
        automatic=say(table.has_header) if table else None,
    )  # fmt: skip


def _sheet(chooser: Chooser[Any], what: What, table: Table) -> None:
    _select(
        chooser, what, "sheet", table.sheets, what.reading.read.get("sheet"), str, automatic=table.sheet,
        evidence=t("data.sheet.evidence", sheets=len(table.sheets)),
    )  # fmt: skip


def _columns(chooser: Chooser[Any], own: OwnText, table: Table, guess: Guess) -> None:
    for place, role in zip(st.columns(len(ROLES)), ROLES, strict=True):
        choice: Choice = getattr(guess, role)
        none: list[str | None] = [None] if role == "split" or choice.column is None else []
        with place:
            column(chooser, own, f"{role}_column", [*none, *table.columns], choice.column)
            why = t("data.why", reason=t(f"columns.reason.{choice.reason}"))
            if choice.runner_up:
                why += t("data.why.next", column=choice.runner_up)
            st.caption(plain(why))


def column_title(chooser: Chooser[Any], role: str) -> str:
    """What a column is called: of marks and pairs otherwise than of labelled texts."""
    return t(f"data.{role}" if chooser.purpose == "labelled" else f"{chooser.purpose}.{role}")


def column(chooser: Chooser[Any], own: OwnText, role: str, options: Sequence[str | None], now: str | None) -> None:
    """A select box for the column of a role, one of the purpose's. options: None stands for no column."""
    key = f"column_{role}_{own.key}"
    st.session_state[key] = now if now in options else options[0]

    def picked() -> None:
        # An empty name means that there is no such column; None would mean: guess.
        chooser.change(own, config={role: st.session_state[key] or ""})

    st.selectbox(
        column_title(chooser, role), options, format_func=lambda name: name or t("data.column.none"), key=key,
        on_change=picked, placeholder=t("data.column.none"),
        help=helped(f"data.{role}.help", "reads") if chooser.purpose == "labelled" else None,
    )  # fmt: skip


def _select(
    chooser: Chooser[Any],
    what: What,
    option: str,
    values: Sequence[Any],
    now: Any,
    say: Callable[[Any], str],
    *,
    automatic: str | None,
    typed: bool = False,
    evidence: str = "",
) -> None:
    """A select box for one of ReadOptions, with the evidence below. typed: other values can be typed."""
    key = f"read_{option}_{what.key if isinstance(what, OwnText) else 'unread'}"
    options = [_AUTO, *dict.fromkeys([*values, *([] if now is None else [now])])]
    st.session_state[key] = _AUTO if now is None else now

    def told(value: Any) -> str:
        if value == _AUTO:
            return t("data.automatic.found", found=automatic) if automatic else t("data.automatic")
        return say(value)

    def picked() -> None:
        value = st.session_state[key]
        chooser.change(what, read={option: None if value in (_AUTO, None) else _typed(value)})

    st.selectbox(
        t(f"data.{option}"), options, format_func=told, key=key, on_change=picked, accept_new_options=typed,
        help=helped("data.option.help", "reads"),
    )  # fmt: skip
    if evidence:
        st.caption(plain(evidence))


def switch(chooser: Chooser[Any], what: What, name: str, now: bool) -> None:
    """A box to tick for one of SWITCHES, or for replaced bytes."""
    key = f"switch_{name}_{what.key if isinstance(what, OwnText) else 'unread'}"
    st.session_state[key] = now

    def switched() -> None:
        change = {name: st.session_state[key]}
        chooser.change(what, **({"read": change} if name == "replace_bytes" else {"config": change}))

    st.checkbox(t(f"data.{name}"), key=key, on_change=switched, help=helped(f"data.{name}.help", "reads"))


def _encoding_name(codec: str) -> str:
    return dict(ENCODINGS).get(codec, codec)


def _delimiter(value: str) -> str:
    return t("data.tab") if value == "\t" else value


def _typed(value: Any) -> Any:
    return "\t" if value == "\\t" else value
