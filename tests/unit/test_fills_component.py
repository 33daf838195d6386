"""What the browser gets of the hidden words, and what is believed of what it sends back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from dynmask_core.messages import LANGUAGES, catalogue
from dynmask_core.ui.components.fills import GUESSES, MOST_HIDDEN, STRING_KEYS, FillsData, Guess, chosen, pack

STRINGS = {key: catalogue("en")[key] for key in STRING_KEYS}
GUESS = Guess([("river", 0.512345), ("road", 0.2)], 0.512345, 1)
DATA = FillsData(
    text="A 🙂 river.",
    spans=[(0, 1), (2, 3), (4, 9), (9, 10)],
    hidden=[1, 2],
    arms=[{"name": "static", "color": "#64748b"}, {"name": "dynamic", "color": "#d55e00"}],
    epochs=[0, 1, 2],
    guesses=[[[GUESS] * 2] * 3] * 2,
)


def choice(data: FillsData, state: Any) -> list[int]:
    return chosen(data.text, data.spans, data.hidden, state)


def packed(data: FillsData = DATA, state: Any = None) -> dict[str, Any]:
    return pack(data, lang="en", strings=STRINGS, state=state)


def state(data: FillsData = DATA, **changed: Any) -> dict[str, Any]:
    return {"sentence": packed(data)["sentence"], "hidden": [0, 3], "clicks": 2} | changed


def test_the_sentence_is_cut_by_characters_where_a_browser_would_count_an_emoji_twice() -> None:
    payload = packed()
    assert payload["words"] == ["A", "🙂", "river", "."]
    assert payload["gaps"] == ["", " ", " ", "", ""]


def test_guesses_travel_by_arm_epoch_and_hidden_word() -> None:
    guesses = [[[Guess([(f"{a}{e}{k}", 0.5)], None, None) for k in range(2)] for e in range(3)] for a in range(2)]
    assert packed(replace(DATA, guesses=guesses))["guesses"][1][2][0] == [["120"], [0.5], None, None]
    assert packed()["guesses"][0][0][0] == [["river", "road"], [0.5123, 0.2], 0.5123, 1]


@pytest.mark.parametrize(
    "wrong",
    [
        {"guesses": DATA.guesses[:1]},
        {"guesses": [DATA.guesses[0], DATA.guesses[1][:2]]},
        {"guesses": [[[GUESS]] * 3] * 2},
        {"guesses": [[[replace(GUESS, rank=None)] * 2] * 3] * 2},
        {"guesses": [[[replace(GUESS, rank=0)] * 2] * 3] * 2},
        {"guesses": [[[replace(GUESS, words=[("a", 0.1)] * (GUESSES + 1))] * 2] * 3] * 2},
        {"hidden": [2, 1]},
        {"hidden": [1, 4]},
        {"epochs": [0, 2, 1]},
    ],
)
def test_what_does_not_fit_together_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"guess|hidden|epochs"):
        packed(replace(DATA, **wrong))


def test_the_readers_choice_is_taken_for_this_sentence_only() -> None:
    assert choice(DATA, None) == [1, 2]
    assert choice(DATA, state()) == [0, 3]
    assert choice(DATA, state(hidden=[])) == []
    for other in (replace(DATA, text="B 🙂 river."), replace(DATA, spans=[(0, 1), (2, 3), (4, 8), (8, 10)])):
        assert choice(other, state()) == other.hidden
        assert packed(other, state())["clicks"] == 0
    assert packed(DATA, state())["clicks"] == 2


@pytest.mark.parametrize("hidden", [None, "12", [4], [-1], [True], [1.0], [0] * (MOST_HIDDEN + 1), [[0]]])
def test_a_choice_that_no_reader_can_have_made_is_ignored(hidden: Any) -> None:
    assert choice(DATA, state(hidden=hidden)) == DATA.hidden


@pytest.mark.parametrize(("text", "lang"), [("一条河", "zh"), ("川がある", ""), ("a river", "")])
def test_only_chinese_is_declared_chinese(text: str, lang: str) -> None:
    data = replace(DATA, text=text, spans=[(i, i + 1) for i in range(len(text))])
    assert packed(data)["textLang"] == lang


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_text_that_the_browser_needs_exists(lang: str) -> None:
    assert set(STRING_KEYS) <= set(catalogue(lang))
