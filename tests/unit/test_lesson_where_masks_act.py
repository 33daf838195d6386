"""The numbers in the lesson on where masks act: worked out, with the model's own LayerNorm and count of arithmetic."""

from __future__ import annotations

import re
from math import exp, log, sqrt

import numpy as np
import pytest
import torch

from dynmask_core.config import PRESETS
from dynmask_core.evaluate.cost import Usage
from dynmask_core.learn.catalogue import find, source
from dynmask_core.learn.markup import plain
from dynmask_core.masks import REGISTRY
from dynmask_core.messages import LANGUAGES

NAME = "where-masks-act"
WORD, PLACE, NEUTRAL = (np.array(v, float) for v in ((4, -4, 4, -4), (1, 1, -1, -1), (4, 4, -4, -4)))
SMALL = PRESETS["small"]
UNIT = 2 * 128
"""128 multiplications, each with an addition."""


def normed(vector: list[float] | np.ndarray) -> np.ndarray:
    """By hand: minus the mean, divided by the spread."""
    left = np.asarray(vector, float) - np.mean(vector)
    spread = sqrt(np.mean(left**2))
    return left / spread if spread else left


def part(vector: np.ndarray) -> float:
    """How much of the normed vector is the word."""
    return float(normed(vector) @ normed(WORD) / len(WORD))


def layer_cost(words: int, heads: int = SMALL.heads) -> float:
    """FLOPs of one layer of the model `small`, as the app counts them."""
    usage = Usage(SMALL)
    usage.add(np.array([[words]]), [heads], words)
    return usage.flops


def units(words: int) -> int:
    return 256 * words + words * words


@pytest.mark.parametrize("factor", [0.01, 0.5, 10, 1000])
def test_a_layer_norm_undoes_a_factor(factor: float) -> None:
    x = [7.0, 3.0, 7.0, 3.0]
    assert normed(x).tolist() == [1, -1, 1, -1]
    norm = torch.nn.LayerNorm(4)
    for vector in (torch.tensor(x), torch.randn(4, generator=torch.Generator().manual_seed(0))):
        # With the tiny number that programs add, a small factor leaves a trace: next to nothing.
        near = 0.05 if factor < 0.1 else 1e-3
        assert torch.allclose(norm(factor * vector), norm(vector), atol=near)
        assert normed(factor * vector.double().numpy()) == pytest.approx(normed(vector.double().numpy()))
    assert norm(0 * torch.tensor(x)).tolist() == [0, 0, 0, 0]
    assert normed([-1 * one for one in x]).tolist() == [-1, 1, -1, 1]


def test_the_place_is_added_after_the_mask_and_blending_turns_the_vector() -> None:
    sums = {1: (5, -3, 3, -5), 0.5: (3, -1, 1, -3), 0.1: (1.4, 0.6, -0.6, -1.4), 0: (1, 1, -1, -1)}
    for m, told in sums.items():
        assert m * WORD + PLACE == pytest.approx(told)
        assert np.mean(np.array(told) ** 2) == pytest.approx({1: 17, 0.5: 5, 0.1: 1.16, 0: 1}[m])
        assert part(m * WORD + PLACE) == pytest.approx(4 * m / sqrt(16 * m * m + 1))
    assert 1 - part(WORD / 2 + PLACE) / part(WORD + PLACE) == pytest.approx(1 / 13, abs=0.002)
    assert ((WORD + NEUTRAL) / 2).tolist() == [4, 0, 0, -4]
    assert part(WORD / 10) == pytest.approx(1)


def test_arithmetic_is_counted_as_the_app_counts_it() -> None:
    table, forward = 4 * SMALL.dim * SMALL.dim, 2 * SMALL.dim * SMALL.ff_multiple * SMALL.dim
    assert (table, forward, table + forward) == (16_384, 16_384, 32_768)
    assert 3 * table // 4 == 12_288
    assert 3 * table // 4 + forward == 28_672
    assert (SMALL.layers, SMALL.heads) == (2, 4)
    for words in (8, 16, 256, 512):
        assert layer_cost(words) == units(words) * UNIT
    # Looks are not in the 0.875, so that the app says a little less.
    assert 0.8 < layer_cost(16, heads=3) / layer_cost(16) < 0.875
    assert units(4_000_000 // 2) / units(4_000_000) == pytest.approx(0.25, abs=0.001)


def numbers() -> set[str]:
    """Every number with a decimal point, a comma, or a percent sign."""
    powers = [1.0, exp(2), exp(1), exp(1)]
    tenth = [1.0, exp(2) * 0.1, exp(1), exp(1)]
    told = {"0.5", "0.1", "0.01", "99%", "90%", "5%"}  # mask values, and what somebody says
    told |= {"3.5", "1.5", f"{np.mean([3.5, 1.5, 3.5, 1.5]):.1f}", "1.4", "0.6", f"{1.16}"}
    told |= {f"{part(m * WORD + PLACE):.3f}" for m in (1, 0.5, 0.1)} | {f"{part((WORD + NEUTRAL) / 2):.3f}"}
    told |= {f"{part(WORD + PLACE) / 2:.3f}"}
    told |= {f"{power:.2f}" for power in (*powers, sum(powers), sum(tenth))}
    told |= {f"{powers[1] / sum(powers):.3f}", f"{tenth[1]:.3f}", f"{tenth[1] / sum(tenth):.3f}"}
    told |= {f"{-log(0.1):.2f}", f"{-log(0.5):.2f}", "0.75", f"{28_672 / 32_768:.3f}"}
    told |= {"16,384", "32,768", "12,288", "28,672"}
    told |= {f"{256 * n:,}" for n in (8, 16, 256, 512)} | {f"{n * n:,}" for n in (256, 512)}
    told |= {f"{units(n):,}" for n in (8, 16, 256, 512)}
    told |= {f"{units(8) / units(16):.3f}", f"{(units(16) + units(8)) / (2 * units(16)):.3f}"}
    return told


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_numbers_of_where_masks_act_are_worked_out(lang: str) -> None:
    text = plain(re.sub(r"\(\w+\?[^)]*\)|^= .*$", "", source(NAME, lang).split("---", 2)[2], flags=re.MULTILINE))
    assert set(re.findall(r"\d+\.\d+%?|\d+%|\d{1,3}(?:,\d{3})+", text)) == numbers()
    for whole in (f"{units(16)}", f"{units(8)}", f"{2 * units(16)}"):
        assert whole in text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_right_answers_of_where_masks_act_are_worked_out(lang: str) -> None:
    asked = [question for question in find(NAME).lessons[lang].questions if question.kind == "number"]
    tenth = exp(2) * 0.1
    wanted = [
        normed([70, 30, 70, 30])[0], part(0.1 * WORD), tenth / (1 + tenth + 2 * exp(1)),
        (16_384 / 2 + 16_384) / 32_768, units(256) / units(512), (units(16) + units(8)) / (2 * units(16)),
    ]  # fmt: skip
    for question, value in zip(asked, wanted, strict=True):
        assert question.judge(round(float(value), 6)).right, question.text
        assert not question.judge(float(value) * 1.4).right, question.text


def test_masks_act_where_the_lesson_says() -> None:
    sites = {name: REGISTRY[name].site for name in ("causal", "static", "article", "repaired", "heads", "topk")}
    assert sites == {
        "causal": "attention", "static": "input", "article": "input", "repaired": "input", "heads": "head",
        "topk": "removal",
    }  # fmt: skip
