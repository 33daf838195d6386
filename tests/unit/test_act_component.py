"""What the browser is given to act on a sentence, and what is believed of its answers."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from dynmask_core.analysis.act import Acted, ArmAnswer, Word
from dynmask_core.analysis.contrast import ArmContrast, Contrast, Effect, Span
from dynmask_core.analysis.forced import Forced
from dynmask_core.messages import LANGUAGES, catalogue
from dynmask_core.ui.components import act, contrast
from dynmask_core.ui.web.packing import digest_of

TEXT = "Not 好, <b>!"
SPANS = [(0, 3), (4, 5), (7, 10)]
STRINGS = {key: key for key in act.STRING_KEYS}


def answer(**changes: Any) -> ArmAnswer:
    values: dict[str, Any] = {
        "arm": "none", "before": (0.2, 0.8), "after": (0.6, 0.4), "mask": (1.0, 0.4, 0.05), "left_at": (None, None, 0),
        "counts": (True, True, False), "word_drops": (0.1, -0.2, None), "heads": ((1.0, 0.0),),
        "head_drops": ((0.01, None),), "edges": False, "absent": False,
    }  # fmt: skip
    return ArmAnswer(**{**values, **changes})


def acted(*arms: ArmAnswer, classes: tuple[str, ...] = ("bad", "good"), forced: Forced | None = None) -> Acted:
    words = tuple(Word(i, word, known=True) for i, word in enumerate(("Not", "好", "<b>"), 1))
    return Acted(TEXT, words, 0, classes, forced or Forced(), arms)


def packed(found: Acted, **more: Any) -> dict[str, Any]:
    before = [arm.before for arm in found.arms]
    data = act.ActData(found, before, SPANS, ["#112233"] * len(before))
    return act.pack(data, lang="en", strings=STRINGS, **more)


def test_the_browser_gets_words_gaps_and_numbers_as_json() -> None:
    sent = packed(acted(answer(), forced=Forced(frozenset([2]), heads_off=frozenset([(0, 1)]))))
    assert json.loads(json.dumps(sent)) == json.loads(json.dumps(sent, allow_nan=False))
    assert sent["words"] == ["Not", "好", "<b>"]
    assert "".join(gap + word for gap, word in zip(sent["gaps"], [*sent["words"], ""], strict=True)) == TEXT
    assert (sent["removed"], sent["restored"], sent["off"]) == ([2], [], [1])
    assert sent["arms"][0]["left"] == [-1, -1, 0]
    assert sent["textLang"] == "zh"


def test_a_click_does_what_makes_a_difference_to_some_model() -> None:
    """A whole word can be removed; a soft one also restored; one that a mask removed is restored first."""
    assert packed(acted(answer()))["cycles"] == [["", "removed"], ["", "removed", "restored"], ["", "restored"]]
    keeps = answer(mask=(1.0, 1.0, 1.0), left_at=(None, None, None))
    assert packed(acted(answer(), keeps))["cycles"][2] == ["", "restored", "removed"]


def test_of_many_classes_the_likeliest_have_bars_in_their_order() -> None:
    probabilities = (0.01, 0.3, 0.02, 0.2, 0.1, 0.15, 0.12, 0.1)
    first = answer(before=probabilities, after=probabilities[::-1])
    sent = packed(acted(first, classes=tuple("abcdefgh")))
    assert sent["shown"] == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize(("arm", "note"), [(answer(edges=True), "edges"), (answer(absent=True, edges=True), "absent")])
def test_a_mask_that_cannot_be_forced_is_said_to_be_one(arm: ArmAnswer, note: str) -> None:
    assert packed(acted(arm))["arms"][0]["note"] == note


def test_the_clicks_that_python_has_seen_are_sent_back() -> None:
    assert packed(acted(answer()), state={"clicks": 7})["clicks"] == 7
    assert packed(acted(answer()), state={"clicks": "7"})["clicks"] == 0


def state(**changes: Any) -> dict[str, Any]:
    return {"sentence": digest_of(TEXT), "removed": [3, 1], "restored": [2], "heads": [1], "clicks": 1} | changes


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (state(), act.Choice((1, 3), (2,), ((0, 1),))),
        (state(sentence="another"), act.Choice(heads=((0, 1),))),
        (state(removed=[0, 4, True, "1", 2.0]), act.Choice((), (2,), ((0, 1),))),
        (state(removed=[2]), act.Choice((2,), (), ((0, 1),))),
        (state(heads=[4, -1]), act.Choice((1, 3), (2,))),
        (state(removed="13", restored=None, heads={}), act.Choice()),
        (None, act.Choice()),
        ([1], act.Choice()),
    ],
)
def test_only_words_and_heads_that_are_there_are_believed(given: Any, expected: act.Choice) -> None:
    assert act.chosen(given, digest_of(TEXT), 3, 2, 2) == expected


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_text_that_the_browser_asks_for_is_in_both_languages(lang: str) -> None:
    assert {*act.STRING_KEYS, *contrast.STRING_KEYS} <= set(catalogue(lang))


def compared() -> Contrast:
    spans = (Span((2, 3), (2, 4), "good", "not bad"), Span((4, 4), (5, 6), "", "!"))
    arm = ArmContrast("none", 1, (0.1, 0.9), (0.8, 0.2), -3.5, (Effect(-3.0, 0.857), Effect(0.1, -0.03)), -0.6, 0.17)
    return Contrast("a good film", "a not bad film !", spans, 0.6, ("negative", "positive"), (arm,))


def packed_contrast(found: Contrast) -> dict[str, Any]:
    spans = ([(0, 1), (2, 6), (7, 11)], [(0, 1), (2, 5), (6, 9), (10, 14), (15, 16)])
    strings = {key: key for key in contrast.STRING_KEYS}
    return contrast.pack(contrast.ContrastData(found, ["said"], spans, ["#112233"]), lang="en", strings=strings)


def test_two_sentences_are_cut_where_they_differ() -> None:
    sent = packed_contrast(compared())
    first, second = (text["pieces"] for text in sent["texts"])
    assert first == [["a ", 0], ["good", 1], [" film", 0]]
    assert second == [["a ", 0], ["not bad", 1], [" film ", 0], ["!", 2]]
    assert sent["spans"] == [[1, "good", "not bad"], [2, "", "!"]]
    assert (sent["arms"][0]["first"], sent["arms"][0]["second"]) == (0.9, 0.2)


def test_of_many_differing_words_those_with_the_largest_effects_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contrast, "MOST_SPANS", 1)
    sent = packed_contrast(replace(compared()))
    assert sent["spans"] == [[1, "good", "not bad"]]
    assert sent["arms"][0]["effects"] == [[-3.0, 0.857]]
