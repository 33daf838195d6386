"""The views of a run of guessing hidden words."""

from __future__ import annotations

import streamlit as st

from dynmask_core.runs import ACTIVE, Status
from dynmask_core.ui import charts
from dynmask_core.ui.guess import ends, fills, hidden_words, pictures
from dynmask_core.ui.guess.afterwards import afterwards
from dynmask_core.ui.guess.ends import in_words
from dynmask_core.ui.i18n import t, templates
from dynmask_core.ui.watch import progress, sentence, which
from dynmask_core.ui.watch.run_view import RunView
from dynmask_core.ui.watch.views import Views, draw_views

MAX_TYPED = 500
# Here a mask does not remove a word but hides it, and the model must guess it.
RENAMED = tuple(f"player.{name}" for name in ("kept", "removed", "keeps", "mask_low", "mask_high", "threshold"))


def draw(view: RunView, status: Status) -> None:
    """Draws the row of views and the chosen one. Which words are hidden is known before a model has learned."""
    if not in_words(view):
        draw_views(PICTURES, view, status, key=ends.VIEW)
        return
    draw_views(VIEWS, view, status, key=ends.VIEW)
    if not view.ready:
        _text(view, status)


def curves(view: RunView) -> None:
    """The small curves beside the views."""
    if not in_words(view):
        charts.live_curve(view, "accuracy", "chart_explained", title="explained")
        charts.live_curve(view, "loss", "chart_loss", title="error")
        pictures.ever_hidden(view)
        return
    progress.curves(view)
    if view.run.has_texts:
        hidden_words.ever_asked(hidden_words.of_run(view.run), view.run.name, small=True)


def _text(view: RunView, status: Status) -> None:
    running = status.state in ACTIVE
    epoch = min(status.epoch + 1, status.epochs) if running else status.epochs
    of = hidden_words.of_run(view.run)
    hidden_words.show(of, epoch, running=running)
    hidden_words.until_when_alike(of)


def _fills(view: RunView, status: Status) -> None:
    st.subheader(t("mlm.sentence"), anchor=False)
    if text := _sentence(view):
        fills.fills(view, text)


def _inside(view: RunView, status: Status) -> None:
    st.subheader(t("mlm.inside"), anchor=False)
    if text := _sentence(view):
        begins = "mlm" if in_words(view) else "restored"
        ours = templates(f"{begins}.{key}" for key in RENAMED)
        words = {key: ours[f"{begins}.{key}"] for key in RENAMED}
        sentence.player(view, text, status, key="mlm_player", words=words)


def _sentence(view: RunView) -> str:
    return which.choose(view, "mlm_probe", most=MAX_TYPED)


VIEWS: Views = {
    "watch": (_text,),
    "fills": (_fills,),
    "inside": (_inside,),
    "scores": (ends.ends,),
    "after": (lambda view, status: afterwards(),),
}
PICTURES: Views = {
    "watch": (lambda view, status: pictures.draw(view),),
    "inside": (_inside,),
    "scores": (ends.ends,),
}
"""Of runs on pictures or sounds."""
