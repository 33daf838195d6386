"""Draws the blocks of a report on a page, where a reader can choose and click."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import streamlit as st

from dynmask_core.blocks import (
    Beside,
    Block,
    Choice,
    Code,
    Column,
    Figure,
    Finding,
    Folded,
    Form,
    Paragraph,
    Pictures,
    Section,
    Table,
    head_of,
)
from dynmask_core.messages import Words, told
from dynmask_core.report import figures
from dynmask_core.report.plain import written
from dynmask_core.ui.i18n import lang, plain, t
from dynmask_core.ui.parts import number, open_run, plot, table

ICONS = {
    "better": ":material/trending_up:",
    "worse": ":material/trending_down:",
    "chosen": ":material/target:",
    "wait": ":material/hourglass_top:",
    "note": ":material/info:",
    "right": ":material/check_circle:",
    "wrong": ":material/warning:",
}
NUMBERS: dict[Form, tuple[float, str]] = {
    "percent": (100, "%.1f"),
    "points": (100, "%+.1f"),
    "p": (1, "%.4f"),
    "tenths": (1, "%.1f"),
    "hundredths": (1, "%.2f"),
    "thousandths": (1, "%.3f"),
    "count": (1, "%d"),
    "whole": (1, "%d"),
}
"""Numeric columns, which a reader can sort: factor of a cell, and its format. All other columns are text."""


class Drawer:
    """Draws the blocks of one page. A reader's choice applies to all choices with the same key."""

    def __init__(self) -> None:
        self._picked: dict[str, int] = {}
        self._keys: Counter[str] = Counter()

    def sections(self, sections: Sequence[Section]) -> None:
        for section in sections:
            st.header(_plain(section.title), anchor=False)
            self.blocks(section.blocks)

    def blocks(self, blocks: Sequence[Block]) -> None:
        for block in blocks:
            self._draw(block)

    def _draw(self, block: Block) -> None:
        match block:
            case Paragraph(words, term):
                head, rest = head_of(told(words, lang())) if term else ("", told(words, lang()))
                st.markdown(f":small[{f'**{plain(head)}** ' if head else ''}{plain(rest)}]")  # a caption is too pale
            case Finding(words, look):
                st.info(_plain(words), icon=ICONS.get(look, ":material/balance:"))
            case Table():
                _table(block)
            case Figure():
                self._figure(block)
            case Pictures(columns, rows):
                for name, drawn in rows:
                    st.text(told(name, lang()))
                    for place, title, picture in zip(st.columns(len(columns)), columns, drawn, strict=True):
                        place.image(picture.url, caption=_plain(title))
            case Beside(inner):
                if any(isinstance(one, Figure) and one.draw in OPENS for one in inner):
                    st.caption(t("sweep.click"))
                for column, one in zip(st.columns(len(inner)), inner, strict=True):
                    with column:
                        self._draw(one)
            case Choice():
                self.blocks(block.options[self._choose(block)][1])
            case Code(text):
                st.code(text, language="sh")
            case Folded(title, inner):
                with st.expander(_plain(title)):
                    self.blocks(inner)

    def _choose(self, choice: Choice) -> int:
        """The index of the option that the reader has chosen."""
        if choice.key not in self._picked:
            names = [told(name, lang()) for name, _ in choice.options]
            title, options, key = _plain(choice.title), range(len(names)), f"pick_{choice.key}"
            say = names.__getitem__
            if choice.on_paper == "titled":
                picked = st.select_slider(title, options, format_func=say, key=key) if len(names) > 1 else 0
            else:
                picked = st.segmented_control(
                    title, options, default=0, required=True, wrap=True, format_func=say, key=key
                )
            self._picked[choice.key] = int(picked or 0)
        return min(self._picked[choice.key], len(choice.options) - 1)

    def _figure(self, block: Figure) -> None:
        self._keys[block.key] += 1
        key = block.key if self._keys[block.key] == 1 else f"{block.key}_{self._keys[block.key]}"
        figure = figures.draw(block, lang())
        if block.draw in OPENS:
            _open_picked(plot(figure, key, on_select="rerun", selection_mode="points"), key)
        else:
            plot(figure, key)


OPENS = ("heatmap",)
"""Figures whose points have the names of their runs as customdata."""


def _open_picked(picked: Any, key: str) -> None:
    """Opens the first run of a clicked point, once per click."""
    points = picked["selection"]["points"] if picked else []
    runs = points[0].get("customdata") if points else None
    if runs and st.session_state.get(f"{key}_opened") != points[0]:
        st.session_state[f"{key}_opened"] = points[0]
        open_run(runs[0] if isinstance(runs, (list, tuple)) else runs)


def _table(block: Table) -> None:
    columns = block.columns
    rows = [{own.name: _cell(cell, own.form) for own, cell in zip(columns, row, strict=True)} for row in block.rows]
    table(rows, {own.name: _config(own) for own in columns}, block.key)


def _cell(value: Any, form: Form) -> Any:
    if form not in NUMBERS:
        return written(value, form, lang())
    return None if value is None else NUMBERS[form][0] * value


def _config(column: Column) -> Any:
    title, help = told(column.title, lang()), told(column.help, lang()) or None
    if column.form in NUMBERS:
        return number(title, NUMBERS[column.form][1], help=help)
    return st.column_config.TextColumn(title, help=help)


def _plain(words: Words) -> str:
    return plain(told(words, lang()))
