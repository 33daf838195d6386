"""The views of a run: each is a list of sections, one click and one address away."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import streamlit as st

from dynmask_core.errors import InputError
from dynmask_core.masks import brief
from dynmask_core.runs import Status
from dynmask_core.ui import address, troubles
from dynmask_core.ui.i18n import lang, plain, t
from dynmask_core.ui.question import act, faithfulness, lens, mine, overlay, take, thresholds, trajectories
from dynmask_core.ui.watch import errors, scores, sentence, use, which
from dynmask_core.ui.watch.going import arrived
from dynmask_core.ui.watch.run_view import RunView

Section = Callable[[RunView, Status], None]
"""Draws its own heading and what stands under it. It is called again every second while the run trains."""
Views = Mapping[str, tuple[Section, ...]]
"""By their names, the first one first."""


def _watch(view: RunView, status: Status) -> None:
    text = which.choose(view, "probe", lambda index: which.labelled(view, index))
    pick = sentence.player(view, text, status, key="player", opens=True) if text else None
    lens.take(view, text, pick)
    lens.draw(view, text)


def _scores(view: RunView, status: Status) -> None:
    stands = scores.scores(view, status)
    if stands is not None:
        use.use(view, stands)


def _which(view: RunView, status: Status) -> None:
    """Says which models answer: they may answer otherwise than those of the last epoch in the player."""
    if result := view.result:
        told = " · ".join(t("views.best", arm=brief(arm["name"]), epoch=arm["best_epoch"]) for arm in result["arms"])
        st.caption(plain(t("views.asked", models=told)))


VIEWS: Views = {
    "watch": (_watch,),
    "words": (trajectories.draw,),
    "ask": (_which, act.draw, thresholds.draw, faithfulness.draw),
    "errors": (errors.errors,),
    "scores": (_scores, take.draw),
    "beside": (overlay.draw,),
}


def draw(view: RunView, status: Status) -> None:
    """Draws the views of a run of labelled texts."""
    mine.remember(view)
    draw_views(offered(view), view, status, key="view")


def offered(view: RunView) -> Views:
    """The views that say something of the run's samples: only words have masks of their own that go from text to
    text."""
    return {name: sections for name, sections in VIEWS.items() if name != "words" or view.words}


def expect(views: Views, *, key: str) -> None:
    """Reads the view that the address names before there is a run to see it in, so that the first run opens there."""
    address.choice(key, tuple(views), next(iter(views)))


def draw_views(views: Views, view: RunView, status: Status, *, key: str) -> None:
    """Draws the row of views and, once there is an epoch, the chosen one. key: of its name in the address."""
    chosen = _choose(tuple(views), key)
    # The row shows which view is open; whoever cannot see that is told by a heading.
    with st.container(key="view_name"):
        st.header(t(f"views.{chosen}"), anchor=False)
    if not view.ready:
        return
    for section in views[chosen]:
        with troubles.told() if not view.run.recorded else _without():
            section(view, status)


@contextmanager
def _without() -> Iterator[None]:
    """A run that came with a lesson came without its texts or its models."""
    try:
        yield
    except InputError as error:
        st.info(plain(error.sentence(lang())), icon=":material/inventory_2:")


def _choose(known: tuple[str, ...], key: str) -> str:
    if following := arrived():
        st.session_state[key] = following
    bound = address.choice(key, known, known[0])
    with st.container(key="views"):
        st.segmented_control(
            t("views.title"), known, format_func=lambda name: t(f"views.{name}"), label_visibility="collapsed",
            required=True, wrap=True, **bound,
        )  # fmt: skip
    return str(st.session_state[key])
