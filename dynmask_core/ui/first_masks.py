"""Cards of two masks that are not strategies: padding, which every arm has, and [MASK], which is a task of its own."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import numpy as np
import streamlit as st

from dynmask_core.masks.search import CARDS
from dynmask_core.messages import gloss
from dynmask_core.ui import mask_picture
from dynmask_core.ui.frame import go_to, read_lesson
from dynmask_core.ui.i18n import capital, lang, t

SITES = {"padding": "attention", "corruption": "corruption"}
LONGEST = 6
"""Words of a picture; a longer one would not fit a phone."""
LESSON = "what-is-a-mask"


def shown(family: str, site: str) -> list[str]:
    """The cards that fit; they belong to no family of strategies."""
    return [] if family else [name for name in CARDS if site in ("", SITES[name])]


def card(name: str, words: Sequence[str]) -> None:
    """words: of the reader's sentence."""
    with st.container(border=True, key=f"card_{name}", height="stretch"):
        called, sentence = gloss(f"card.{name}", lang())
        st.html(f'<div class="mk"><h3>{escape(capital(called))}</h3><p>{escape(capital(sentence))}</p></div>')
        {"padding": _padding, "corruption": _corruption}[name](list(words[:LONGEST]))


def _padding(words: list[str]) -> None:
    short = t("card.padding.short").split()
    if len(words) <= len(short):
        short = short[:1]
    longer, shorter = (["[CLS]", *row] for row in (words, short) if row)
    if len(longer) == len(shorter):
        longer.append(t("card.padding.short").split()[-1])
    size, filled = len(longer), len(longer) - len(shorter)
    rows = ((t("card.padding.first"), longer), (t("card.padding.second"), [*shorter, *[""] * filled]))
    batch = "".join(f"<tr><th scope=row>{escape(name)}</th>{''.join(map(_place, row))}</tr>" for name, row in rows)
    maps = "".join(_edges(name, size, size - row.count("")) for name, row in rows)
    share = f"{filled / size:.0%}"
    notes = "".join(
        f"<p class=mk-note>{escape(note)}</p>"
        for note in (t("card.padding.every"), t("card.padding.look"), t("card.padding.without", share=share))
    )
    st.html(
        f'<div class="mk mk-picture">{_scrolls("padding")}<table class=mk-batch translate=no>{batch}</table>'
        f"</div><div class=mk-layer>{maps}{mask_picture.hatched()}</div></div><div class=mk>{notes}</div>"
    )
    if st.button(t("card.padding.learn"), icon=":material/school:", key="see_padding", type="tertiary"):
        read_lesson(LESSON)


def _scrolls(name: str) -> str:
    """The beginning of a box that scrolls, by keyboard too: long words do not fit a phone."""
    return f'<div class=mk-scroll tabindex=0 role=group aria-label="{escape(gloss(f"card.{name}", lang())[0])}">'


def _place(word: str) -> str:
    return f"<td>{escape(word)}</td>" if word else '<td class="mk-pad">[PAD]</td>'


def _edges(name: str, size: int, kept: int) -> str:
    """A map of a text with `kept` places in a batch of length `size`: nobody looks at padding."""
    said = escape(t("card.padding.edges", text=name))
    picture = mask_picture.pattern(np.arange(size) < np.full((size, 1), kept))
    return (
        f'<figure class="mk-map"><img src="data:image/png;base64,{picture}" alt="{said}" title="{said}">'
        f"<figcaption>{escape(name)}</figcaption></figure>"
    )


def _corruption(words: list[str]) -> None:
    hidden = max(range(len(words)), key=lambda place: len(words[place]), default=-1)
    read = "".join(f"<td>{'[MASK]' if i == hidden else escape(word)}</td>" for i, word in enumerate(words))
    asked = "".join(f"<td>{escape(word) if i == hidden else ''}</td>" for i, word in enumerate(words))
    st.html(
        f'<div class="mk mk-picture">{_scrolls("corruption")}<table class="mk-batch mk-asked" translate=no>'
        f"<tr>{read}</tr><tr>{asked}</tr></table></div></div><div class=mk>"
        f"<p class=mk-note>{escape(t('card.corruption.picture'))}</p><p>{escape(t('card.corruption.what'))}</p></div>"
    )
    if st.button(t("card.corruption.go"), icon=":material/password:", key="see_corruption", type="tertiary"):
        go_to("mlm")
