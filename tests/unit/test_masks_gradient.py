"""±α by gradient: the evidence against a slow reference, and what it moves."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from scipy.stats import ttest_1samp

from dynmask_core.config import Controls
from dynmask_core.data.tokenize import CLS, PAD, SPECIAL_TOKENS
from dynmask_core.masks import REGISTRY, CorpusStatistics, MaskContext, Setting
from dynmask_core.masks.loss_driven import z_scores

WORDS = (*SPECIAL_TOKENS, *(f"word{i}" for i in range(6)))
FIRST = len(SPECIAL_TOKENS)
UP, DOWN, IDLE, ONCE = range(FIRST, FIRST + 4)


def made() -> Any:
    strategy = REGISTRY["gradient"](Setting())
    strategy.fit(CorpusStatistics(WORDS, FIRST, np.array([4], np.int32), np.array([1]), np.array([0]), ("a", "b")))
    return strategy


def batch(*texts: list[int]) -> MaskContext:
    width = max(map(len, texts)) + 1
    ids = torch.tensor([[CLS, *text] + [PAD] * (width - 1 - len(text)) for text in texts])
    return MaskContext(ids, ids != PAD, ids < FIRST, torch.arange(len(texts)), 1, 0, "train")


def learn(strategy: Any, slope: dict[int, float], *texts: list[int], step: int = 0) -> None:
    """One step whose loss, of each text, is the sum of `slope` times the gate of its words, with a little noise."""
    context = batch(*texts)
    plan = strategy.plan(context)
    noise = torch.from_numpy(np.random.default_rng(step).normal(0, 0.1, context.input_ids.shape))
    rise = (
        torch.tensor([slope.get(int(i), 0.0) for i in context.input_ids.flatten()]).view_as(context.input_ids) + noise
    )
    (plan.token_gate * rise).sum(1).mean().backward()
    strategy.feedback(context, plan)


TEXTS = ([UP, DOWN, IDLE], [UP, IDLE, DOWN, ONCE], [IDLE, DOWN, UP, DOWN])
SLOPE = {UP: -1.0, DOWN: 1.0, ONCE: -5.0}


def test_evidence_is_the_t_statistic_of_a_words_gradients() -> None:
    values = np.random.default_rng(0).normal(0.3, 1, 9)
    seen = np.array([9.0]), values.sum()[None], (values**2).sum()[None]
    assert z_scores(*seen)[0] == pytest.approx(ttest_1samp(values, 0).statistic)


def test_without_two_different_values_there_is_no_evidence() -> None:
    count, total, squares = np.array([0.0, 1.0, 3.0]), np.array([0.0, 5.0, 3.0]), np.array([0.0, 25.0, 3.0])
    assert z_scores(count, total, squares).tolist() == [0, 0, 0]


def test_sums_are_those_of_a_loop_over_tokens_whatever_the_batch_size() -> None:
    strategy, slow = made(), np.zeros((3, len(WORDS)))
    context = batch(*TEXTS)
    plan = strategy.plan(context)
    rise = torch.linspace(-1, 1, plan.token_gate.numel()).view_as(plan.token_gate)
    (plan.token_gate * rise).sum(1).mean().backward()
    strategy.feedback(context, plan)
    for row, text in enumerate(TEXTS):
        for column, word in enumerate(text, 1):
            gain = -float(rise[row, column])
            slow[:, word] += 1, gain, gain**2
    np.testing.assert_allclose(strategy.seen, slow, atol=1e-6)
    assert math.isclose(strategy.seen[0].sum(), sum(map(len, TEXTS)))  # neither [CLS] nor padding


def test_words_that_lower_the_loss_rise_and_words_that_raise_it_fall() -> None:
    strategy = made()
    for step in range(10):
        learn(strategy, SLOPE, *TEXTS, step=step)
    strategy.on_epoch(2, Controls(step_size=0.1, evidence_threshold=3.0))
    moved = np.round(strategy.word_mask() - 0.5, 3)
    assert moved[[UP, DOWN, IDLE]].tolist() == pytest.approx([0.1, -0.1, 0.0])
    assert (strategy.seen == 0).all()  # each epoch's evidence is its own
    strategy.on_epoch(3, Controls(step_size=0.1, evidence_threshold=3.0))
    assert np.round(strategy.word_mask() - 0.5, 3).tolist() == moved.tolist()


def test_a_word_seen_once_does_not_move() -> None:
    strategy = made()
    learn(strategy, SLOPE, *TEXTS)
    strategy.on_epoch(2, Controls(evidence_threshold=0.0))
    assert strategy.word_mask()[ONCE] == 0.5
    assert strategy.word_mask()[UP] > 0.5


def test_a_removed_word_has_no_evidence_and_does_not_come_back() -> None:
    strategy = made()
    strategy.mask[UP] = 0.05
    strategy.on_epoch(1, Controls(keep_threshold=0.1))
    for _ in range(2):
        learn(strategy, SLOPE, *TEXTS)
    assert strategy.seen[0, UP] == 0
    strategy.on_epoch(2, Controls(keep_threshold=0.1))
    assert strategy.word_mask()[UP] == np.float32(0.05)


def test_evidence_gathered_before_a_checkpoint_moves_the_mask_after_it() -> None:
    strategy, resumed = made(), made()
    learn(strategy, SLOPE, *TEXTS)
    resumed.load_state_dict(strategy.state_dict())
    for one in (strategy, resumed):
        one.on_epoch(2, Controls())
    assert strategy.word_mask().tolist() == resumed.word_mask().tolist()
    assert strategy.word_mask()[UP] != 0.5
