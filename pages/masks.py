"""Masks: every strategy, applied to one sentence."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from dynmask_core.analysis.preview import ROWS, Preview
from dynmask_core.data import list_samples
from dynmask_core.data.media import MEDIA, TEXT
from dynmask_core.errors import InputError
from dynmask_core.masks import REGISTRY
from dynmask_core.masks.search import CARDS, search
from dynmask_core.messages import gloss, speaking_of
from dynmask_core.ui import address, catalogue, choose, composer, find, first_masks, hiding, one_sample, pictures
from dynmask_core.ui.components.in_view import in_view, watch
from dynmask_core.ui.frame import require_frame
from dynmask_core.ui.i18n import helped, in_a_row, lang, plain, t
from dynmask_core.ui.learn import making
from dynmask_core.ui.timer import redrawn
from dynmask_core.ui.workers import previews

require_frame(__file__)

st.html(catalogue.STYLE)
st.title(t("masks.title"))
about = st.container()


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
media = [medium for medium in MEDIA if list_samples(medium)]


def other_data() -> None:
    """Masks for pictures are shown on a picture."""
    wanted = st.session_state["for"]
    if wanted and choose.LABELLED.chosen_medium() != wanted:
        choose.LABELLED.pick(list_samples(wanted)[0].name)


# A lesson's frame is small, and its words have said what the rest is. If it leads to a mask of one's own, that one
# comes first, else what narrows the list down, with the pictures.
in_lesson = bool(st.context.is_embedded)
led = in_lesson and bool(st.query_params.get(composer.OWN))
if in_lesson and not led:
    filters, gallery, choice, own = (st.container() for _ in range(4))
else:
    choice, own, filters, gallery = (st.container() for _ in range(4))
what = (filters if led else choice).pills(
    t("masks.for"), ["", *media], required=True, wrap=True, on_change=other_data,
    format_func=lambda medium: t(f"masks.for_{medium}") if medium else t("masks.all"),
    help=helped("masks.for.help", "picture"), **address.choice("for", ["", *media], ""),
)  # fmt: skip
left, right = choice.columns([1, 2])
with left:
    data = choose.LABELLED.box()
try:
    _, dataset, _ = choose.LABELLED.load(data, tokenizer, max_rows=ROWS)
except InputError as error:
    st.error(plain(error.sentence(lang())), icon=":material/error:")
    st.stop()
is_text = dataset.medium == TEXT
with speaking_of(dataset.medium):
    with about:
        hiding.purpose(t("masks.what"))
    with right:
        sentence = one_sample.choose(dataset, data)
    if not is_text:
        choice.caption(t("masks.on_sample"))

words = one_sample.units(dataset, sentence, tokenizer)
with own:
    composer.section(words, dataset.medium)

known = catalogue.acting(str(what))
families = list(dict.fromkeys(REGISTRY[name].family for name in known))
left, right = filters.columns([1, 2])
with left:
    query = find.field()
    found = st.container()
with right, speaking_of(dataset.medium):
    family = pills("family", families)
with filters, speaking_of(dataset.medium):
    site = pills("site", list(dict.fromkeys(REGISTRY[name].site for name in known)))
with own if in_lesson else filters, speaking_of(dataset.medium):
    catalogue.legend()

first = first_masks.shown(family, site) if is_text else []
names = search(query, [*first, *(name for name in known if catalogue.fits(name, family, site))])
cannot = {name: error for name in names if name in REGISTRY and (error := catalogue.unfit(name, dataset.medium))}
pictured = [name for name in names if name in REGISTRY and name not in cannot]
if query:
    with found:
        find.said(query, names, [*CARDS, *known])
shipped = pictures.ready(dataset, sentence, pictured, tokenizer)
to_draw = [name for name in pictured if name not in shipped]


def look() -> tuple[Mapping[str, Preview | InputError], bool]:
    """The pictures that are there, and whether those of the cards in sight are: no others are asked for."""
    made = previews().look(dataset, sentence, to_draw, tokenizer) if to_draw else {}
    wanted = in_view([name for name in to_draw if name not in made], "cards_in_view")
    if wanted:
        made |= previews().ask(dataset, sentence, wanted, tokenizer)
    return {**shipped, **made}, all(name in made for name in wanted)


complete = look()[1]


def grid(key: str, members: list[str], drawn: Mapping[str, Preview | InputError]) -> None:
    with st.grid(min_column_width=340, key=key):
        for name in members:
            if name in first:
                first_masks.card(name, words)
            else:
                catalogue.card(name, cannot.get(name) or drawn.get(name))


def cards() -> None:
    with speaking_of(dataset.medium):
        drawn_so_far()


def drawn_so_far() -> None:
    drawn, done = look()
    if len(drawn) < len(pictured):
        st.caption(t("masks.drawing", done=len(drawn), all=len(pictured)))
    elif pictured:
        counts = {"all": len(pictured), "texts": len(dataset)}
        st.caption(plain(t("masks.drawn", data=choose.LABELLED.title(data), **counts)))
    # All models read the same training texts.
    first_drawn = next((picture for picture in drawn.values() if isinstance(picture, Preview)), None)
    if first_drawn is not None and first_drawn.unknown:
        st.text(t("unknown.words", words=in_a_row(first_drawn.unknown)))
    if query:
        grid("found", names, drawn)
    else:
        catalogue.sections(names, first, lambda key, members: grid(key, members, drawn))
    if len(drawn) < len(pictured):
        watch("cards_in_view")
    if done != complete:
        st.rerun()  # all that are in sight are drawn, or others have come in sight: stop or start the timer


with gallery, st.container(key="catalogue"):
    redrawn(None if complete else 1.0, cards)
making.offer("masks")
