"""What came out of a run, in one sentence."""

from __future__ import annotations

import streamlit as st

from dynmask_core.evaluate.verdict import of_run
from dynmask_core.masks import brief
from dynmask_core.messages import Sentence, told
from dynmask_core.runs import Status
from dynmask_core.ui.i18n import lang, plain, t
from dynmask_core.ui.watch.going import go_to_view, on_the_way
from dynmask_core.ui.watch.run_view import RunView


def outcome(view: RunView, status: Status) -> None:
    """For a finished run on labelled texts: the accuracies, and how sure the difference is."""
    if view.result is None:
        return
    arms = view.result["arms"]
    scores = " · ".join(f"{brief(arm['name'])} {arm['test']['accuracy']:.1%}" for arm in arms)
    sure = " ".join(told(sentence, lang()) for sentence in _weightiest(of_run(arms, view.classes)))
    say(scores, sure, key="view")


def say(scores: str, sure: str, *, key: str) -> None:
    """Draws the sentence, plain text, and the way to the view of the scores. key: of the views, see `draw_views`."""
    with st.container(key="outcome"):
        said, way = st.columns([5, 1], vertical_alignment="center")
        said.markdown(f"**{plain(scores)}** {plain(sure)}")
        if st.session_state.get(key) != "scores" and not on_the_way():
            way.button(
                t("outcome.scores"),
                icon=":material/leaderboard:",
                key="to_scores",
                on_click=go_to_view,
                args=("scores",),
            )


def _weightiest(said: list[Sentence]) -> list[Sentence]:
    """What a reader must know first: differences beyond chance, if there are any, else the largest within it."""
    rest = [sentence for sentence in said if sentence.key not in ("verdict.beyond", "verdict.within")]
    beyond = [sentence for sentence in said if sentence.key == "verdict.beyond"]
    within = [sentence for sentence in said if sentence.key == "verdict.within"]
    largest = sorted(within, key=lambda sentence: -abs(float(sentence.params["difference"])))[:1]
    return [*rest, *(beyond or largest)]
