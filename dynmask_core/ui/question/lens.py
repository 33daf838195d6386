"""The mask lens below the player: how the attention of one word comes about in every arm, at any kept epoch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Protocol

import numpy as np
import streamlit as st

from dynmask_core.analysis.standing import At, at, can_stand
from dynmask_core.colors import arm_color
from dynmask_core.errors import InputError
from dynmask_core.masks import brief
from dynmask_core.runs import Run
from dynmask_core.ui.components.lens import STRING_KEYS, LensData, mask_lens
from dynmask_core.ui.i18n import explained, in_a_row, lang, plain, t, templates
from dynmask_core.ui.question.subjects import BY_NAME, subject
from dynmask_core.ui.watch.run_view import RunView

if TYPE_CHECKING:
    from dynmask_core.analysis.lens import Lens, LensRow

BEST = -1
"""Stands for every arm's best epoch."""


class Place(Protocol):
    """What a reader picks in the player; numbers from 0, position 0 is [CLS]. epoch: its number."""

    @property
    def epoch(self) -> int: ...
    @property
    def layer(self) -> int: ...
    @property
    def head(self) -> int | None: ...
    @property
    def query(self) -> int: ...
    @property
    def key(self) -> int | None: ...


def take(view: RunView, text: str, pick: Place | None) -> None:
    """Turns the lens to what the reader has picked in the player of this sentence, once per pick; to be called before
    `draw`."""
    state = st.session_state
    if pick is None or (view.run.name, pick) == state.get("lens_pick"):
        return
    state["lens_pick"], state["lens_asked"] = (view.run.name, pick), view.run.name
    state["lens_of"] = (view.run.name, text)
    kept = view.run.kept_epochs()
    typed = all(probe.text != text for probe in view.probes)
    if typed and pick.epoch == view.epochs[-1] and can_stand(view.run):
        state["lens_epoch"] = BEST
    elif kept:
        state["lens_epoch"] = min(kept, key=lambda epoch: abs(epoch - pick.epoch))
    state["lens_layer"], state["lens_query"], state["lens_key"] = pick.layer, pick.query, pick.key
    if pick.head is not None:
        state["lens_head"] = pick.head


def draw(view: RunView, text: str) -> None:
    """Draws the section for a sentence, "" for none. The models are opened when the reader asks for it; that takes
    torch, which loads slowly."""
    st.subheader(t("lens.title"), anchor=False, help=explained("softmax"))
    epochs = view.run.kept_epochs() if view.config.task.opened_masked else []
    if not epochs and not can_stand(view.run):
        st.caption(t("lens.later"))
        return
    st.caption(t("lens.read"))
    if not text:
        return
    if st.session_state.get("lens_asked") != view.run.name:
        asked = partial(st.session_state.__setitem__, "lens_asked", view.run.name)
        st.button(t("lens.open"), icon=":material/search:", key="lens_open", on_click=asked)
        return
    if not epochs:
        st.caption(t("lens.only_best"))
    with st.container(horizontal=True, key="lens_place"):
        # The player shows a sentence that was typed after training as the best epochs see it.
        offered = [*epochs, *([BEST] if can_stand(view.run) else [])]
        epoch = _choose("epoch", offered, _epoch, (epochs or offered)[-1])
        with st.spinner(t("lens.computing")):
            try:
                lenses = _lenses(view, text, epoch)
            except InputError as error:
                st.error(plain(error.sentence(lang())))
                return
        rows = _rows(view, text, lenses)
    _show(view, lenses, rows)


def _lenses(view: RunView, text: str, epoch: int) -> list[Lens]:
    watched = [probe.text for probe in view.probes]
    sample = -1 - watched.index(text) if text in watched else -1
    when = at(view.run) if epoch == BEST else epoch
    return [_lens(view.run, arm, when, text, sample) for arm in view.arms]


def _rows(view: RunView, text: str, lenses: list[Lens]) -> list[LensRow]:
    """The rows of the chosen block, head and word. For another sentence, those where the arms differ most."""
    from dynmask_core.analysis.lens import telling

    state, first = st.session_state, lenses[0]
    layers, heads, size = first.weight.shape[:3]
    start = telling(lenses)
    if state.get("lens_of") != (view.run.name, text):
        state["lens_of"], state["lens_key"] = (view.run.name, text), None
        state["lens_layer"], state["lens_head"], state["lens_query"] = start
    layer = _choose("layer", range(layers), lambda i: str(i + 1), start[0])
    head = _choose("head", range(heads), lambda i: str(i + 1), start[1])
    query = _choose("query", range(size), lambda i: f"{i} · {first.words[i]}" if i else first.words[0], start[2])
    return [one.row(layer, head, query) for one in lenses]


def _choose(name: str, options: Sequence[int], say: Callable[[int], str], start: int) -> int:
    """A select box; `start` if what was chosen before is no option."""
    key = f"lens_{name}"
    if st.session_state.get(key) not in options:
        st.session_state[key] = start
    # While training the list grows: the options are given as a list that equals the old one where nothing has changed.
    told = st.selectbox(t(f"lens.{name}"), list(options), format_func=say, key=key, help=_help(name), width=150)
    return int(told)


def _help(name: str) -> str | None:
    return t("lens.epoch.help") if name == "epoch" else None


def _epoch(epoch: int) -> str:
    return t("lens.best") if epoch == BEST else str(epoch)


def _show(view: RunView, lenses: list[Lens], rows: list[LensRow]) -> None:
    st.text(t(f"lens.look.{_what_acts(lenses, rows)}"))
    gone = [row.arm for row in rows if row.removed[row.query]]
    if gone:
        st.text(t("lens.gone", arms=in_a_row(map(brief, gone))))
    for row in rows:
        if row.map != "softmax":
            st.text(t(f"lens.map.{row.map}", arm=brief(row.arm), alpha=f"{row.alpha or 0:g}"))
    only = [one.arm for one in lenses if one.only_training]
    if only:
        st.text(t("lens.only_training", arms=in_a_row(map(brief, only))))
    data = LensData(rows, [arm_color(i) for i in range(len(rows))], st.session_state.get("lens_key"))
    mask_lens(data, lang=lang(), strings=templates(STRING_KEYS), key="lens")
    st.caption(t("player.attention_caution"))


def _what_acts(lenses: list[Lens], rows: list[LensRow]) -> str:
    """What there is to look at in these rows: what happens in attention comes first."""
    if any((np.isneginf(row.bias) & ~row.removed).any() for row in rows):
        return "forbidden"
    if any(row.removed.any() for row in rows):
        return "removed"
    if any((row.bias[~row.removed] != 0).any() for row in rows):
        return "soft"
    if any(row.gate != 1 for row in rows):
        return "heads"
    return "input" if any({"input", "corruption"} & set(one.sites) for one in lenses) else "nothing"


@st.cache_resource(show_spinner=False, max_entries=16, hash_funcs=BY_NAME)
def _lens(run: Run, arm: str, when: int | At, text: str, sample: int) -> Lens:
    # Loaded here: only this needs torch, which takes seconds to load.
    from dynmask_core.analysis.lens import lens

    return lens(subject(run, arm, when), text, sample)
