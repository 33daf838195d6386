"""The first page: a recorded run that tells something, what to look at, and the way to the same run of one's own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dynmask_core.messages import LANGUAGES, text
from dynmask_core.ui import demo
from dynmask_core.ui.components.player import PlayerData
from dynmask_core.ui.look_here import look_here, telling

Visit = Callable[..., AppTest]


def test_training_it_oneself_repeats_the_recorded_run(visit: Visit, line: Any) -> None:
    app = visit("/", seed=99, gate="multiply", alpha=0.5, arm3="none")
    app.button(key="go_train").click().run()
    app.button(key="do_start").click().run()
    assert not app.exception
    (run,) = line.submitted
    recorded, own = demo.view("en").config, run.config()
    alike = replace(own.data, text_column=None, label_column=None, split_column=None)
    assert replace(own, data=alike, train=replace(own.train, device="cpu")) == recorded


def test_each_language_sets_its_own_recording(visit: Visit) -> None:
    app = visit("/?lang=zh", seed=99)
    app.button(key="go_train").click().run()
    assert not app.exception
    recorded = demo.view("zh").config
    assert app.session_state["seed"] == recorded.train.seed
    assert f"sample:{app.session_state['data']}" == recorded.data.source == "sample:chinese_sentiment"
    assert (app.session_state["baseline"], app.session_state["dynamic"]) == recorded.arms


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_first_sentence_is_one_about_which_the_models_differ(visit: Visit, lang: str) -> None:
    app = visit(f"/?lang={lang}")
    assert not app.exception
    shown = demo.pictures(lang)[app.selectbox(key="home_probe").value]
    answers = shown.probabilities[:, -1].argmax(-1)
    assert answers[-1] == shown.label != answers[0]
    assert any(shown.classes[shown.label] in one.value for one in app.text)


def picture(masks: list[list[list[float]]], answers: list[list[float]], label: int | None) -> PlayerData:
    """masks: [A][E][T] of the words "a b c"; answers: [A][C] in the last epoch."""
    of = demo.pictures("en")[0]
    values = np.array(masks, dtype=np.float32)
    chances = np.full((len(masks), values.shape[1], 2), np.nan, dtype=np.float32)
    chances[:, -1] = answers
    return replace(
        of, text="a b c", spans=[(0, 1), (2, 3), (4, 5)], masks=values, epochs=[0, 1], thresholds=[0.1, 0.1],
        probabilities=chances, label=label, planned=1, classes=["no", "yes"],
        arms=[{"name": "still"}, {"name": "moving"}],
    )  # fmt: skip


STILL = [[0.5, 0.5, 0.5], [0.5, 0.5, 0.5]]


def test_what_to_look_at_names_the_words_that_moved_most_and_who_is_right() -> None:
    data = picture([STILL, [[0.5, 0.5, 0.5], [0.9, 0.05, 0.6]]], [[0.8, 0.2], [0.3, 0.7]], 1)
    end = text("look.end")
    up = text("look.up", word="a", start="0.50", now="0.90")
    down = text("look.gone", word="b", start="0.50", now="0.05")
    moves = text("look.arm", arm="moving", moves=text("look.both", up=up, down=down))
    assert look_here(data) == f"{moves} {text('look.some_right', when=end, truth='yes', right='moving', wrong='still')}"
    assert look_here(picture([STILL, STILL], [[0.8, 0.2], [0.9, 0.1]], 1)) == text(
        "look.all_wrong", when=end, truth="yes"
    )
    assert look_here(replace(data, planned=9)).count(text("look.now", epoch=1)) == 1
    assert look_here(picture([STILL, STILL], [[0.8, 0.2], [0.9, 0.1]], None)) == ""


def test_what_chance_hides_is_told_as_no_story() -> None:
    data = picture([STILL, [[0.5, 0.5, 0.5], [0.9, 0.05, 0.6]]], [[0.8, 0.2], [0.9, 0.1]], None)
    drawn = replace(data, arms=[data.arms[0], {"name": "dropout", "roles": ["redrawn"]}])
    assert look_here(drawn) == text("look.drawn", arm="dropout")


def test_punctuation_is_never_the_word_to_look_at() -> None:
    moved = [[0.5, 0.5, 0.5], [0.1, 0.9, 0.5]]
    data = picture([STILL, moved], [[0.8, 0.2], [0.9, 0.1]], None)
    assert look_here(replace(data, text="， ! c")) == ""
    assert "“c”" not in look_here(data)
    said = look_here(replace(data, text=", b c"))
    assert "“b”" in said
    assert "“,”" not in said


def test_of_words_that_moved_as_far_the_longest_is_named() -> None:
    moved = [[0.5, 0.5, 0.5], [0.0, 0.0, 0.5]]
    data = picture([STILL, moved], [[0.8, 0.2], [0.9, 0.1]], None)
    assert "“awful”" in look_here(replace(data, text="a awful c", spans=[(0, 1), (2, 7), (8, 9)]))


def test_the_most_telling_sentence_is_the_one_that_the_last_arm_alone_gets_right() -> None:
    moved = [[0.5, 0.5, 0.5], [1.0, 0.0, 0.5]]
    both_right = picture([STILL, moved], [[0.1, 0.9], [0.1, 0.9]], 1)
    first_right = picture([STILL, STILL], [[0.1, 0.9], [0.9, 0.1]], 1)
    last_right = picture([STILL, STILL], [[0.9, 0.1], [0.1, 0.9]], 1)
    assert telling([both_right, first_right, last_right]) == 2
    assert telling([both_right, first_right]) == 1
    assert telling([picture([STILL, STILL], [[0.1, 0.9], [0.1, 0.9]], 1), both_right]) == 1
