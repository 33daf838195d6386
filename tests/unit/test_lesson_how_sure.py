"""The numbers in the lesson on how sure one can be: counted and worked out, with the statistics that Compare uses."""

from __future__ import annotations

import re
from itertools import product
from math import comb, sqrt

import numpy as np
import pytest

from dynmask_core.data.report import detectable_difference
from dynmask_core.evaluate import statistics
from dynmask_core.learn.catalogue import find, source
from dynmask_core.learn.markup import plain
from dynmask_core.masks.library.dropout import TokenDropout
from dynmask_core.messages import LANGUAGES
from dynmask_core.studies import KINDS

NAME = "how-sure"
SIX = (3, -2, 1, -2, 4, -1)


def p_of(differences: tuple[int, ...]) -> float:
    """Every way to set the signs, counted one by one."""
    ways = [sum(sign * abs(d) for sign, d in zip(signs, differences, strict=True)) for signs in all_signs(differences)]
    return sum(abs(way) >= abs(sum(differences)) for way in ways) / len(ways)


def all_signs(differences: tuple[int, ...]) -> list[tuple[int, ...]]:
    return list(product((1, -1), repeat=len(differences)))


def winner(*tries: float) -> float:
    """The chance of at least one winner among worthless masks that win with these chances."""
    none = 1.0
    for chance in tries:
        none *= 1 - chance
    return 1 - none


def sign_p(ahead: int, seeds: int) -> float:
    most = max(ahead, seeds - ahead)
    return min(1.0, 2 * sum(comb(seeds, k) for k in range(most, seeds + 1)) / 2**seeds)


def fooled(looks: tuple[int, ...]) -> int:
    """Of the 1024 ways in which ten coins fall, how many show a winner at one of the looks."""
    ways = product((0, 1), repeat=10)
    return sum(any(sign_p(sum(way[:n]), n) <= statistics.ALPHA for n in looks) for way in ways)


def reach(texts: int) -> float:
    return 1.96 * sqrt(0.8 * 0.2 / texts)


@pytest.mark.parametrize("differences", [(2, 1, 3), (3, -1, 2), SIX, (1, 2, 3, 4, 5, 6)])
def test_signs_turned_by_hand_give_the_p_of_compare(differences: tuple[int, ...]) -> None:
    found = statistics.paired(np.array(differences, float), np.zeros(len(differences)))
    assert p_of(differences) == pytest.approx(found.p_value)


def test_six_dots_on_one_side_and_nothing_else_give_the_smallest_p() -> None:
    smallest = statistics.smallest_p(6)
    for signs in product((1, 0, -1), repeat=6):
        differences = tuple(sign * size for sign, size in zip(signs, (1, 2, 3, 4, 5, 7), strict=True))
        assert (p_of(differences) == smallest) == (abs(sum(signs)) == 6), differences
    # So two alike arms are told apart in about three comparisons of a hundred.
    assert smallest == pytest.approx(0.03, abs=0.002)
    assert statistics.smallest_p(6) <= statistics.ALPHA < statistics.smallest_p(5)
    assert 2 * smallest > statistics.ALPHA


def test_the_pairs_of_arms_differ_in_their_dice_alone() -> None:
    rate = next(param for param in TokenDropout.parameters if param.name == "rate")
    assert rate.default == 0.3
    for lang in LANGUAGES:
        for step in (0, 1, 5):
            panel = find(NAME).lessons[lang].steps[step].panel
            assert panel is not None
            assert dict(panel.parameters)["baseline"] == "dropout"
            assert dict(panel.parameters)["dynamic"] == "dropout:draw=1"


def numbers() -> set[str]:
    """Every number with a decimal point, and every percentage."""
    told = {f"{np.mean(SIX):.1f}", "0.3", "84%", "81%"}  # a p, and two scores, that are only talked of
    told |= {f"{p_of((2, 1, 3)):.2f}", f"{p_of((3, -1, 2)):.1f}", f"{statistics.smallest_p(6):.3f}"}
    told |= {f"{statistics.smallest_p(5):.4f}", f"{statistics.ALPHA}"}
    told |= {"1.96", "0.8", "0.2", "80%", f"{0.16 / 100:.4f}", f"{sqrt(0.16 / 100):.2f}", f"{0.16 / 20:.3f}"}
    told |= {f"{reach(100):.3f}", f"{reach(20):.3f}"} | {f"{100 * reach(n):.1f}" for n in (20, 100, 400)}
    told |= {f"{0.8 - reach(20):.0%}", f"{0.8 + reach(20):.0%}", f"{sqrt(2):.1f}"}
    told |= {"0.95", "5%", "100%", f"{winner(*[0.05] * 20):.0%}", f"{0.95**3:.3f}"}
    told |= {f"{winner(*[0.05] * k):.3f}" for k in (3, 10, 20)}
    told |= {"0.01", "0.02", "0.03", *(f"{p:.2f}" for p in statistics.holm([0.01, 0.03, 0.04])), "0.04"}
    told |= {f"{statistics.smallest_adjusted_p(6, 3):.3f}"}
    return told | {f"{fooled((10,)) / 1024:.1%}", f"{fooled((6, 7, 8, 9, 10)) / 1024:.1%}"}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_numbers_of_how_sure_are_worked_out(lang: str) -> None:
    text = plain(re.sub(r"\(\w+\?[^)]*\)|^= .*$", "", source(NAME, lang).split("---", 2)[2], flags=re.MULTILINE))
    assert set(re.findall(r"\d+\.\d+%?|\d+%", text.replace("95% ", ""))) == numbers()
    assert f" {fooled((10,))} " in text
    assert f" {fooled((6, 7, 8, 9, 10))} " in text
    assert all(detectable_difference(n) == pytest.approx(100 * reach(n)) for n in (20, 100, 400))
    assert statistics.LEAST_TEXTS == 20
    assert KINDS["compare"].least_seeds == statistics.least_seeds() == 6
    assert statistics.least_seeds(3) == 7
    assert winner(*[0.05] * 14) > 0.5 > winner(*[0.05] * 13)


def test_the_looks_of_ben_are_told_rightly() -> None:
    enough = {n: next(k for k in range(n + 1) if 2 * k > n and sign_p(k, n) <= 0.05) for n in range(6, 11)}
    assert enough == {6: 6, 7: 7, 8: 8, 9: 8, 10: 9}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_right_answers_of_how_sure_are_worked_out(lang: str) -> None:
    asked = [question for question in find(NAME).lessons[lang].questions if question.kind == "number"]
    wanted = [
        np.mean(SIX), p_of((3, -1, 2)), statistics.smallest_p(3), 100 * reach(400), winner(*[0.05] * 3),
        statistics.holm([0.02, 0.01, 0.5])[0], statistics.least_seeds(),
    ]  # fmt: skip
    for question, value in zip(asked, wanted, strict=True):
        assert question.judge(float(value)).right, question.text
        assert not question.judge(float(value) * 1.3).right, question.text
    assert statistics.holm([0.01, 0.02, 0.5])[:2] == pytest.approx([0.03, 0.04])
