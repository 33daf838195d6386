"""A newcomer finds three hints, and the way from the first page to what a mask is."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dynmask_core.messages import LANGUAGES, text
from dynmask_core.ui.components import tour

Visit = Callable[..., AppTest]


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the hints were given, by drawing."""
    found: list[dict[str, Any]] = []
    monkeypatch.setattr(tour, "_mount", lambda data, key: found.append(data))
    return found


def test_the_hints_stand_on_the_first_page_in_the_readers_language(visit: Visit, shown: list[dict[str, Any]]) -> None:
    assert not visit("/?lang=zh").exception
    assert shown[-1]["hints"] == [text(f"tour.{name}", "zh") for name in ("home", "drag", "click")]
    assert shown[-1]["words"]["skip"] == text("tour.skip", "zh")
    # The first one says where to press.
    assert text("home.train", "zh") in shown[-1]["hints"][0]


def test_a_page_inside_a_lesson_has_no_hints(
    visit: Visit, shown: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(st.context), "is_embedded", True)
    assert not visit("/?lang=en").exception
    assert shown == []


def test_who_asks_what_a_mask_is_gets_the_first_lesson(visit: Visit) -> None:
    app = visit("/?lang=en")
    app.button(key="go_learn").click().run()
    assert not app.exception
    assert app.session_state["lesson"] == "what-is-a-mask"
    assert any("mask" in title.value.lower() for title in app.title)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_hint_does_not_repeat_what_the_page_below_it_says(lang: str) -> None:
    # The two stand one above the other on a first visit.
    hint, empty = (re.split(r"[:：，,.。]", text(key, lang)) for key in ("tour.start", "train.empty"))
    assert not {part.strip() for part in hint if part.strip()} & {part.strip() for part in empty}
