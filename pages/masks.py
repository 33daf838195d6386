"""Masks: every strategy, applied to one sentence."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from dynmask_core.analysis.preview import ROWS, Preview
from dynmask_core.config import ExperimentConfig
from dynmask_core.data.tokenize import Tokenizer
from dynmask_core.errors import InputError
from dynmask_core.masks import REGISTRY
from dynmask_core.masks.search import CARDS, search
from dynmask_core.messages import gloss
from dynmask_core.training.probes import choose_probes
from dynmask_core.ui import address, arms, catalogue, choose, composer, find, first_masks
from dynmask_core.ui.frame import require_frame
from dynmask_core.ui.i18n import helped, lang, plain, t
from dynmask_core.ui.learn import making
from dynmask_core.ui.timer import redrawn
from dynmask_core.ui.workers import previews

require_frame(__file__)
MAX_TYPED = 500

st.html(catalogue.STYLE)
st.title(t("masks.title"))
st.markdown(t("masks.what"))


def pills(axis: str, options: list[str]) -> str:
    """Draws the options as buttons; returns the chosen one, or "" for all."""

    def say(option: str) -> str:
        return gloss(f"{axis}.{option}", lang())[0] if option else t("masks.all")

    bound = address.choice(axis, ["", *options], "")
    told = helped(f"masks.{axis}.help", "picture")
    return str(
        st.pills(t(f"masks.{axis}"), ["", *options], required=True, wrap=True, format_func=say, help=told, **bound)
    )


tokenizer = st.session_state.get("tokenizer", "auto")
left, right = st.columns([1, 2])
with left:
    data = choose.LABELLED.box()
try:
    _, dataset, _ = choose.LABELLED.load(data, tokenizer, max_rows=ROWS)
except InputError as error:
    st.error(plain(error.sentence(lang())), icon=":material/error:")
    st.stop()
with right:
    usual = choose_probes(dataset, 0, 1)[0].text
    typed = st.text_input(
        t("masks.sentence"), key="masks_sentence", placeholder=usual, persist_state="session",
        help=helped("masks.sentence.help", "picture"),
    )  # fmt: skip
sentence = (typed or "").strip()[:MAX_TYPED] or usual

composer.section(Tokenizer(tokenizer).tokens(sentence))

known = arms.names(ExperimentConfig())
families = list(dict.fromkeys(REGISTRY[name].family for name in known))
left, right = st.columns([1, 2])
with left:
    query = find.field()
    found = st.container()
with right:
    family = pills("family", families)
site = pills("site", list(dict.fromkeys(REGISTRY[name].site for name in known)))
catalogue.legend()

first = first_masks.shown(family, site)
names = search(query, [*first, *(name for name in known if catalogue.fits(name, family, site))])
pictured = [name for name in names if name in REGISTRY]
if query:
    with found:
        find.said(query, names, [*CARDS, *known])
complete = len(previews().look(dataset, sentence, pictured, tokenizer)) == len(pictured)


def grid(key: str, members: list[str], drawn: Mapping[str, Preview | InputError]) -> None:
    with st.grid(min_column_width=340, key=key):
        for name in members:
            if name in first:
                first_masks.card(name, Tokenizer(tokenizer).tokens(sentence))
            else:
                catalogue.card(name, drawn.get(name))


def cards() -> None:
    drawn = previews().look(dataset, sentence, pictured, tokenizer)
    if len(drawn) < len(pictured):
        st.caption(t("masks.drawing", done=len(drawn), all=len(pictured)))
    elif pictured:
        st.caption(plain(t("masks.drawn", all=len(pictured), texts=len(dataset), data=choose.LABELLED.title(data))))
    # All models read the same training texts.
    shown = next((picture for picture in drawn.values() if isinstance(picture, Preview)), None)
    if shown is not None and shown.unknown:
        st.text(t("unknown.words", words=", ".join(shown.unknown)))
    if query:
        grid("found", names, drawn)
    else:
        catalogue.sections(names, first, lambda key, members: grid(key, members, drawn))
    if len(drawn) == len(pictured) and not complete:
        st.rerun()  # all pictures are drawn: stop the timer


with st.container(key="catalogue"):
    redrawn(None if complete else 1.0, cards)
making.offer("masks")
