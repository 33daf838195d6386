"""Masks that hide words at random while training."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2, chisquare
from torch import Tensor

from dynmask_core.config import Controls
from dynmask_core.data.tokenize import CLS, MASK, PAD
from dynmask_core.masks import REGISTRY, MaskContext, MaskPlan, MaskStrategy, Setting, Split, build
from dynmask_core.masks.ops.sampling import SPAN_MAX, SPAN_P, draw_spans, draw_words

NAMES = ("dropout", "spandrop")
DRAWS = (draw_words, draw_spans)
Draw = Callable[..., np.ndarray]


def made(name: str, seed: int = 0, epochs: int = 10, **values: str | float) -> MaskStrategy:
    return REGISTRY[name](Setting(values, seed=seed, epochs=epochs))


def batch(*lengths: int, first: int = 0, epoch: int = 1, step: int = 0, split: Split = "train") -> MaskContext:
    ids = torch.full((len(lengths), max(lengths, default=0) + 1), PAD)
    for row, length in enumerate(lengths):
        ids[row, : length + 1] = torch.arange(3, 4 + length)
    ids[:, 0] = CLS
    rows = first + torch.arange(len(lengths))
    return MaskContext(ids, ids != PAD, (ids < 4) & (ids != 1), rows, epoch, step, split)


def hidden(strategy: MaskStrategy, context: MaskContext) -> Tensor:
    """bool [B, T], whatever `how` says."""
    strategy.on_epoch(context.epoch, Controls())
    plan = strategy.plan(context)
    if plan.keep is not None:
        return ~plan.keep
    if plan.units is not None:
        return plan.units != context.input_ids
    assert plan.token_gate is not None
    return plan.token_gate == 0


def all_words(texts: int, length: int) -> np.ndarray:
    return np.ones((texts, length), dtype=bool)


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=30)
@given(st.lists(st.integers(0, 14), min_size=1, max_size=5), st.floats(0, 1), st.integers(0, 99))
def test_the_share_of_words_is_hidden_to_the_nearest_word_and_never_all(
    name: str, lengths: list[int], rate: float, seed: int
) -> None:
    context = batch(*lengths)
    out = hidden(made(name, seed, rate=rate), context)
    assert not out[~context.maskable].any()
    for length, count in zip(lengths, out.sum(1).tolist(), strict=True):
        assert count in {min(int(length * rate), max(length - 1, 0)), min(int(length * rate) + 1, max(length - 1, 0))}


@pytest.mark.parametrize("draw", DRAWS)
@pytest.mark.parametrize(("length", "rate"), [(3, 0.15), (7, 0.3), (11, 0.5)])
def test_rounding_keeps_the_mean(draw: Draw, length: int, rate: float) -> None:
    counts = draw(all_words(4000, length), rate, np.arange(4000), 0, "test").sum(1)
    assert len(np.unique(counts)) == 2
    assert counts.mean() == pytest.approx(length * rate, abs=4 * 0.5 / np.sqrt(4000))


@pytest.mark.parametrize("draw", DRAWS)
def test_every_place_is_hidden_equally_often(draw: Draw) -> None:
    out = draw(all_words(6000, 12), 0.25, np.arange(6000), 0, "test")  # three words each
    # Of 12 places 3 are drawn without replacement, so the counts vary less than for independent draws.
    assert chisquare(out.sum(0)).statistic < chi2.ppf(0.999, 11)


def test_single_words_are_drawn_independently_of_their_neighbours() -> None:
    out = draw_words(all_words(6000, 12), 0.25, np.arange(6000), 0, "test")
    both = (out[:, :-1] & out[:, 1:]).mean()
    assert both == pytest.approx(3 / 12 * 2 / 11, abs=0.004)


def test_words_are_drawn_in_proportion_to_their_weights() -> None:
    weights = np.tile([1.0, 2.0, 3.0, 4.0, 0.0], (8000, 1))
    first = draw_words(all_words(8000, 5), 0.2, np.arange(8000), 0, "test", weights=weights)  # one word each
    assert first.mean(0) == pytest.approx([0.1, 0.2, 0.3, 0.4, 0], abs=0.02)
    two = draw_words(all_words(8000, 5), 0.4, np.arange(8000), 0, "test", weights=weights)
    p = np.array([0.1, 0.2, 0.3, 0.4])
    second = [p[i] + sum(p[j] * p[i] / (1 - p[j]) for j in range(4) if j != i) for i in range(4)]
    assert two.mean(0) == pytest.approx([*second, 0], abs=0.02)


def slow_spans(length: int, count: int, rng: np.random.Generator) -> list[int]:
    """Lengths of spans drawn one after another until `count` words are hidden."""
    lengths: list[int] = []
    while sum(lengths) < count:
        length = int(rng.geometric(SPAN_P))
        if length <= SPAN_MAX:
            lengths.append(min(length, count - sum(lengths)))
    return lengths


def ring(spans: list[int], length: int, rng: np.random.Generator) -> np.ndarray:
    """bool [length]: the spans and the words between them in a random order, turned by a random number of words."""
    items = [[True] * span for span in spans] + [[False]] * (length - sum(spans))
    order = rng.permutation(len(items))
    return np.roll(np.concatenate([items[i] for i in order]), rng.integers(length))


def test_spans_agree_with_a_slow_reference() -> None:
    rng, texts, length = np.random.default_rng(0), 2000, 40
    slow = np.array([ring(slow_spans(length, 12, rng), length, rng) for _ in range(texts)])
    fast = draw_spans(all_words(texts, length), 0.3, np.arange(texts), 0, "test")
    assert (fast.sum(1) == 12).all()
    for distance in (1, 2, 3, 5, 9, 20):  # how often two words so far apart are both hidden
        together = [(out & np.roll(out, distance, 1)).mean() for out in (slow, fast)]
        assert together[0] == pytest.approx(together[1], abs=0.006)
    runs = [(out & ~np.roll(out, 1, 1)).sum(1) for out in (slow, fast)]
    np.testing.assert_allclose(*[np.bincount(r, minlength=13) / texts for r in runs], atol=0.05)


def test_spans_are_longer_than_single_words_by_chance() -> None:
    def runs(out: np.ndarray) -> float:
        return float((out[:, 1:] & ~out[:, :-1]).sum() / out.sum())

    words, rows = all_words(500, 60), np.arange(500)
    assert runs(draw_spans(words, 0.3, rows, 0, "t")) < 0.5 * runs(draw_words(words, 0.3, rows, 0, "t"))


@pytest.mark.parametrize("draw", DRAWS)
def test_a_text_is_drawn_alike_whatever_stands_beside_it(draw: Draw) -> None:
    words = np.zeros((3, 30), dtype=bool)
    for row, length in enumerate((29, 6, 17)):
        words[row, 1 : length + 1] = True
    together = draw(words, 0.4, np.array([5, 6, 7]), 0, "test")
    alone = draw(words[1:2, :7], 0.4, np.array([6]), 0, "test")
    assert (together[1, :7] == alone[0]).all()
    assert not together[1, 7:].any()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("values", "same"),
    [
        ({"refresh": "dataset"}, [0, 0, 0, 0, 0, 0]),
        ({"refresh": "cycle", "k": 2}, [0, 1, 0, 1, 0, 1]),
        ({"refresh": "cycle", "k": 4}, [0, 1, 2, 3, 0, 1]),
        ({"refresh": "every", "k": 4}, [0, 0, 0, 0, 1, 1]),
        ({"refresh": "epoch"}, [0, 1, 2, 3, 4, 5]),
        ({"refresh": "forward"}, [0, 1, 2, 3, 4, 5]),
    ],
)
def test_a_mask_is_drawn_anew_when_refresh_says(name: str, values: dict[str, str | float], same: list[int]) -> None:
    strategy = made(name, **values)
    drawn = [hidden(strategy, batch(*[16] * 8, epoch=epoch)).tolist() for epoch in range(1, 7)]
    assert [drawn.index(mask) for mask in drawn] == [same.index(number) for number in same]


def test_only_forward_looks_at_the_step() -> None:
    for refresh in ("dataset", "cycle", "every", "epoch", "forward"):
        strategy = made("dropout", refresh=refresh)
        one, other = (hidden(strategy, batch(*[16] * 8, step=step)) for step in (0, 1))
        assert torch.equal(one, other) == (refresh != "forward")
        assert strategy.predictable == (refresh != "forward")


@pytest.mark.parametrize("name", NAMES)
def test_seeds_and_texts_get_masks_of_their_own(name: str) -> None:
    context = batch(*[16] * 8)
    one = hidden(made(name), context)
    assert not torch.equal(one, hidden(made(name, seed=1), context))
    assert not torch.equal(one[0], one[1])
    assert torch.equal(one[1], hidden(made(name), batch(16, first=1))[0])


@pytest.mark.parametrize("name", NAMES)
def test_the_three_ways_to_hide_hide_the_same_words(name: str) -> None:
    context = batch(12, 5, 1, 0)
    plans = {how: made(name, how=how).plan(context) for how in ("remove", "mask", "blend")}
    out = ~plans["remove"].keep
    assert out.any()
    assert (plans["mask"].units[out] == MASK).all()
    assert (plans["mask"].units[~out] == context.input_ids[~out]).all()
    assert torch.equal(plans["blend"].token_gate, (~out).float())
    assert [made(name, how=how).predictable for how in plans] == [True, False, False]


@pytest.mark.parametrize("name", NAMES)
def test_predictions_are_made_without_the_mask(name: str) -> None:
    for how in ("remove", "mask", "blend"):
        arm = build(f"{name}:how={how}", Setting())
        for split in ("validation", "test", "transfer"):
            assert arm.plan(batch(12, split=split)) == MaskPlan()
    assert hidden(made(name), batch(12, split="probe")).any()


def test_the_rate_follows_its_schedule() -> None:
    strategy = made("dropout", epochs=5, rate="0.8..0@linear")
    counts = [int(hidden(strategy, batch(*[10] * 50, epoch=epoch)).sum()) for epoch in range(1, 6)]
    assert counts == [400, 300, 200, 100, 0]
