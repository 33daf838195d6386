"""The catalogue of masks: cards, pictures, filters, and the way to training."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dynmask_core.config import ExperimentConfig
from dynmask_core.errors import InputError
from dynmask_core.masks import REGISTRY
from dynmask_core.messages import LANGUAGES, catalogue
from dynmask_core.tasks import offered
from dynmask_core.ui import pictures
from dynmask_core.ui.pictures import ready

Visit = Callable[..., AppTest]


def cards(app: AppTest) -> set[str]:
    """The strategies that have a card, each known by its button."""
    return {str(button.key).removeprefix("try_") for button in app.button if str(button.key).startswith("try_")}


def drawn(app: AppTest) -> str:
    bodies = (element.proto.body for element in app.get("html"))
    return "\n".join(body for body in bodies if "<style>" not in body)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_mask_has_a_card_with_its_sentence(visit: Visit, lang: str) -> None:
    app = visit(f"/masks?lang={lang}")
    assert not app.exception
    assert cards(app) == set(REGISTRY)
    here = offered(ExperimentConfig()), offered(ExperimentConfig(input="image"))
    assert drawn(app).count("mk-drawn") == len({name for known in here for name in known})
    assert len(app.latex) == sum(bool(strategy.formula) for strategy in REGISTRY.values())


def test_cards_can_be_narrowed_down(visit: Visit) -> None:
    app = visit("/masks?family=baseline")
    assert cards(app) == {name for name, s in REGISTRY.items() if s.family == "baseline"}
    app = visit("/masks?site=input")
    assert cards(app) == {name for name, s in REGISTRY.items() if s.site == "input"}


def test_a_search_stands_in_the_address_and_shows_the_best_first(visit: Visit) -> None:
    app = visit("/masks?family=nonsense&site=")
    app.text_input(key="find").set_value("the rule, REPAIRED").run()
    assert next(iter(cards(app))) == "repaired"
    assert app.query_params["find"] in ("the rule, REPAIRED", ["the rule, REPAIRED"])
    app = visit("/masks?find=看不到未来")
    assert cards(app) == {"causal"}
    assert any("看不到未来" in caption.value and "1" in caption.value for caption in app.caption)


def test_a_search_that_finds_nothing_says_what_to_try(visit: Visit) -> None:
    app = visit("/masks?find=no such thing&family=head")
    assert cards(app) == set()
    assert catalogue("en")["masks.nothing"] in [info.value for info in app.info]
    app.button(key="find_1").click().run()
    assert app.session_state["find"] == "hide the future"
    assert cards(app) == {"causal"}


def test_a_search_can_leave_the_chosen_family(visit: Visit) -> None:
    app = visit("/masks?find=GPT&family=head")
    assert cards(app) == set()
    app.button(key="find_everywhere").click().run()
    assert cards(app) == {"causal"}
    assert app.session_state["family"] == ""


@pytest.mark.parametrize(("query", "title"), [("padding", "learn.title"), ("遮住一个词", "mlm.title")])
def test_padding_and_the_mask_token_have_cards_that_lead_on(visit: Visit, query: str, title: str) -> None:
    app = visit(f"/masks?find={query}&lang=en")
    assert not app.exception
    own = [button for button in app.button if str(button.key).startswith("see_")]
    own[0].click().run()
    assert not app.exception
    assert app.title[0].value == catalogue("en")[title] or app.session_state["lesson"]


def test_the_padded_batch_is_drawn_with_its_filling(visit: Visit) -> None:
    app = visit("/masks?site=attention")
    app.text_input(key="masks_sentence").set_value("five plain <b>words</b> here").run()
    assert not app.exception
    body = next(one for one in drawn(app).split("</table>") if "mk-batch" in one)
    words = body.count("<td>") - 3  # less the shorter text: [CLS] and two words
    assert body.count("[PAD]") == words - 3
    assert "<b>words" not in body


def test_a_card_leads_to_training_with_its_mask(visit: Visit) -> None:
    app = visit("/masks?data=fruit")
    app.button(key="try_article").click().run()
    assert not app.exception
    assert app.title[0].value == catalogue("en")["train.title"]
    assert app.session_state["dynamic"] == "article"
    assert app.selectbox(key="dynamic_strategy").value == "article"
    assert app.selectbox(key="data").value == "fruit"


def test_a_sentence_is_shown_as_it_is_written(visit: Visit, painter: Any) -> None:
    app = visit("/masks")
    usual = painter.looked[-1]
    assert usual
    app.text_input(key="masks_sentence").set_value("<img src=x onerror=alert(1)> & 'so' on").run()
    assert painter.looked[-1] == "<img src=x onerror=alert(1)> & 'so' on"
    assert "<img src=x" not in drawn(app)
    assert "&lt;img" in drawn(app)
    app.text_input(key="masks_sentence").set_value("  ").run()
    assert painter.looked[-1] == usual


def test_words_that_the_models_never_saw_are_named(visit: Visit, painter: Any) -> None:
    assert not visit("/masks").text
    painter.unknown = ("qwertz", "<b>")
    assert [said.value for said in visit("/masks").text] == ["Words the model never saw: qwertz, <b>"]


def test_what_is_removed_is_told_without_colour(visit: Visit, painter: Any) -> None:
    painter.mask = 0.05
    body = drawn(visit("/masks?family=baseline"))
    # `static` follows θ, and 0.05 is below its start.
    assert "mk-gone" in body
    assert "0.05, removed" in body
    painter.mask = 0.5
    body = drawn(visit("/masks?family=baseline"))
    assert "mk-gone" not in body
    assert "0.50, kept" in body


def test_a_card_waits_for_its_picture_and_says_why_there_is_none(
    visit: Visit, painter: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    painter.arms = ["none"]
    app = visit("/masks?family=baseline")
    assert catalogue("en")["masks.waiting"] in drawn(app)
    assert any("pictures are drawn" in caption.value for caption in app.caption)
    error = InputError("no_preview")
    monkeypatch.setattr(painter, "look", lambda data, sentence, arms, tokenizer: dict.fromkeys(arms, error))
    app = visit("/masks?family=baseline")
    assert not app.exception
    assert error.sentence("en") in drawn(app)


def test_own_text_that_cannot_be_used_is_refused(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: Any, **settings: Any) -> None:
        raise InputError("no_rows")

    monkeypatch.setattr("dynmask_core.ui.choose.purpose.load", refuse)
    app = visit("/masks")
    assert not app.exception
    assert len(app.error) == 1
    assert not cards(app)


def test_a_lesson_that_leads_to_a_written_mask_shows_it_before_the_rest(
    visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    def first(address: str) -> list[str]:
        drawn = str(visit(address).main)
        return sorted(("key='composer_text'", "key='for'"), key=drawn.index)

    assert first("/masks?edges=causal") == ["key='for'", "key='composer_text'"]
    monkeypatch.setattr(type(st.context), "is_embedded", True)
    assert first("/masks?edges=causal") == ["key='composer_text'", "key='for'"]
    assert first("/masks?family=head") == ["key='for'", "key='composer_text'"]


def test_only_pictures_of_cards_in_sight_are_made(visit: Visit, painter: Any) -> None:
    painter.arms = []
    app = visit("/masks")
    assert not app.exception
    first = painter.wanted[-1]
    assert 0 < len(first) < len(REGISTRY) / 2
    assert drawn(app).count("mk-waiting") > len(first)


def test_pictures_of_samples_came_with_the_app(visit: Visit, painter: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "ready", ready)
    app = visit("/masks")
    assert not app.exception
    assert "mk-drawn" in drawn(app)
    assert "mk-waiting" not in drawn(app)
    assert not painter.wanted
    app.text_input(key="masks_sentence").set_value("a sentence of my own").run()
    assert "mk-drawn" in drawn(app)
    assert painter.looked[-1] == "a sentence of my own"


def test_beside_a_lesson_the_masks_come_before_what_they_are_shown_on(
    visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    def first(address: str) -> list[str]:
        drawn = str(visit(address).main)
        return sorted(("key='family'", "key='try_heads'", "key='data'"), key=drawn.index)

    assert first("/masks?family=head") == ["key='data'", "key='family'", "key='try_heads'"]
    monkeypatch.setattr(type(st.context), "is_embedded", True)
    assert first("/masks?family=head") == ["key='family'", "key='try_heads'", "key='data'"]
