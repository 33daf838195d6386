"""Two nearly equal sentences: which differing words make the difference."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from dynmask_core.analysis.contrast import Contrast, contrast
from dynmask_core.config import DataConfig
from dynmask_core.data.tokenize import SPECIAL_TOKENS, Vocabulary
from dynmask_core.errors import InputError
from dynmask_core.inputs.text import Text
from dynmask_core.messages import LANGUAGES, told

WORDS = ("a", "film", "good", "bad", "not", "movie", "好", "坏", "很")
LOGITS = {"good": 2.0, "bad": -2.0, "好": 1.0, "坏": -1.0}


class Toy:
    """A model whose logit is the sum over its words, and that turns its sign when "not" is there."""

    arm, classes = "toy", ("negative", "positive")

    def __init__(self, words: int = 12) -> None:
        vocabulary = Vocabulary(SPECIAL_TOKENS + WORDS, np.ones(len(SPECIAL_TOKENS + WORDS), dtype=np.int64))
        self.reader = Text(DataConfig(max_tokens=words), vocabulary)

    def logit(self, units: np.ndarray) -> float:
        words = [self.reader.vocabulary.words[unit] for unit in units]
        return sum(LOGITS.get(word, 0.0) for word in words) * (-1 if "not" in words else 1)


@pytest.fixture(autouse=True)
def answered(monkeypatch: pytest.MonkeyPatch) -> None:
    def answers(subject: Toy, variants: Any) -> np.ndarray:
        rows = [units for units, _ in variants]
        assert all(len(row) <= subject.reader.max_positions for row in rows)
        p = 1 / (1 + np.exp(-np.array([subject.logit(row) for row in rows])))
        return np.stack([1 - p, p], axis=1)

    monkeypatch.setattr("dynmask_core.analysis.contrast.answers", answers)


def of(first: str, second: str, **options: Any) -> Contrast:
    return contrast([Toy(**options)], first, second)  # type: ignore[list-item]


def test_words_that_differ_are_named_one_by_one() -> None:
    found = of("A good film", "a bad movie")
    assert [(span.old, span.new) for span in found.spans] == [("good", "bad"), ("film", "movie")]
    assert [(span.first, span.second) for span in found.spans] == [((2, 3), (2, 3)), ((3, 4), (3, 4))]


def test_an_added_and_a_left_out_word_are_spans_with_an_empty_side() -> None:
    found = of("a good film", "not a good")
    assert [(span.old, span.new) for span in found.spans] == [("", "not"), ("film", "")]
    assert found.spans[0].first == (1, 1)
    assert found.spans[1].second == (4, 4)


def test_the_change_is_that_of_the_log_odds_and_a_single_span_explains_all_of_it() -> None:
    arm = of("a good film", "a bad film").arms[0]
    assert arm.target == 1
    assert arm.change == pytest.approx(-4)
    assert [effect.share for effect in arm.effects] == [pytest.approx(1)]
    assert arm.together_share == pytest.approx(0, abs=1e-9)


def test_effects_that_add_up_leave_nothing_for_their_company() -> None:
    arm = of("good film 好", "bad film 坏").arms[0]
    assert [effect.log_odds for effect in arm.effects] == [pytest.approx(-4), pytest.approx(-2)]
    assert [effect.share for effect in arm.effects] == [pytest.approx(2 / 3), pytest.approx(1 / 3)]
    assert arm.together == pytest.approx(0, abs=1e-9)


def test_words_that_cancel_each_other_are_not_given_shares() -> None:
    """Alone each turns the sign, together they turn it twice."""
    found = of("a good film 好", "not a bad film 好")
    arm = found.arms[0]
    # 3 → −3 by "not"; 3 → −1 by "bad"; together 3 → 1.
    assert arm.change == pytest.approx(-2)
    assert [effect.log_odds for effect in arm.effects] == [pytest.approx(-6), pytest.approx(-4)]
    assert arm.together == pytest.approx(8)
    assert [effect.share for effect in arm.effects] == [None, None]
    assert "−6.00" in told(found.verdict(arm))
    assert "−2.00" in told(found.verdict(arm))


def test_words_that_act_together_are_said_to() -> None:
    found = of("a film 好", "not a film 好 好")
    arm = found.arms[0]
    # 1 → −1 by "not"; 1 → 2 by the second "好"; together 1 → −2.
    assert arm.change == pytest.approx(-3)
    assert [effect.log_odds for effect in arm.effects] == [pytest.approx(-2), pytest.approx(1)]
    assert "+67%" in told(found.verdict(arm))


def test_the_verdict_names_the_word_and_its_share() -> None:
    found = of("good film 好", "bad film 坏")
    assert told(found.verdict(found.arms[0])) == "toy: “bad” in place of “good” makes 67% of the difference."
    assert "67%" in told(found.verdict(found.arms[0]), "zh")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_difference_that_is_none_is_not_shared_out(lang: str) -> None:
    found = of("a good film", "a good movie")
    assert [effect.share for effect in found.arms[0].effects] == [None]
    assert "toy" in told(found.verdict(found.arms[0]), lang)
    same = of("a film", "A  FILM")
    assert same.spans == ()
    assert told(same.verdict(same.arms[0]), lang)


def test_sentences_with_little_in_common_are_said_to_be_far_apart() -> None:
    assert of("a good film", "not bad 好").far
    assert not of("a good film", "a bad film").far


def test_chinese_sentences_are_compared_word_by_word() -> None:
    found = of("很好", "很坏")
    assert [(span.old, span.new) for span in found.spans][-1][1].endswith("坏")


def test_an_added_word_does_not_push_the_last_one_off_the_models_places() -> None:
    found = of("a film good", "not a film", words=3)
    assert len(found.arms[0].effects) == len(found.spans)


def test_a_sentence_without_words_is_bad_input() -> None:
    with pytest.raises(InputError, match="no word"):
        of("a", " ")
