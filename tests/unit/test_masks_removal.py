"""Removal: what leaves, what stays, and that leaving saves arithmetic."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from dynmask_core.bench.steps import Stepper
from dynmask_core.config import Controls, ModelConfig
from dynmask_core.evaluate.cost import Usage
from dynmask_core.masks import LayerContext, MaskContext
from dynmask_core.masks.ops.ranks import largest
from dynmask_core.masks.ops.received import received
from dynmask_core.model.stream import kept_places
from dynmask_core.training.batches import kept_lengths

MODEL = ModelConfig(dim=16, heads=2, layers=3)


def stepper(name: str, epoch: int = 1, epochs: int = 10, tokens: int = 12) -> Stepper:
    return Stepper(name, MODEL, texts=6, tokens=tokens, vocabulary=40, epoch=epoch, epochs=epochs)


def kept(name: str, **settings: int) -> list[float]:
    made = stepper(name, **settings)
    made()
    return made.usage.kept_per_layer


# Received attention


def slow_received(attention: np.ndarray, keep: np.ndarray) -> np.ndarray:
    """attention [H, T, T] of one text: n × the mean over heads and kept queries."""
    n = int(keep.sum())
    result = np.zeros(len(keep))
    for i in range(len(keep)):
        if keep[i]:
            result[i] = n * np.mean([[attention[h, q, i] for q in range(len(keep)) if keep[q]] for h in range(2)])
    return result


def test_received_attention_agrees_with_a_slow_one_and_ignores_padding() -> None:
    rng = np.random.default_rng(0)
    keep = np.array([[True] * 5, [True, True, True, False, False]])
    attention = rng.random((2, 2, 5, 5)) * keep[:, None, None, :]
    attention /= attention.sum(-1, keepdims=True)
    got = received(torch.from_numpy(attention), torch.from_numpy(keep)).numpy()
    for row in range(2):
        np.testing.assert_allclose(got[row], slow_received(attention[row], keep[row]))
        assert got[row].sum() == pytest.approx(keep[row].sum())  # 1 on average
    alone = received(torch.from_numpy(attention[1:, :, :3, :3]), torch.ones(1, 3, dtype=torch.bool))
    np.testing.assert_allclose(alone[0], got[1, :3])


@given(st.integers(0, 1000), st.integers(0, 6))
def test_the_largest_are_chosen_among_those_allowed_the_first_of_equals(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    scores, among = rng.integers(0, 4, 6).astype(float), rng.random(6) < 0.6
    chosen = largest(torch.from_numpy(scores[None]), torch.from_numpy(among[None]), torch.tensor([count]))[0]
    order = sorted(np.flatnonzero(among), key=lambda i: (-scores[i], i))[:count]
    assert np.flatnonzero(chosen.numpy()).tolist() == sorted(order)


# Cutting out


@given(st.lists(st.lists(st.booleans(), min_size=5, max_size=5), min_size=1, max_size=4))
def test_kept_places_are_in_order_and_as_wide_as_the_longest(rows: list[list[bool]]) -> None:
    keep = torch.tensor(rows)
    keep[:, 0] = True
    places = kept_places(keep)
    longest = int(keep.sum(1).max())
    assert (places is None) == (longest == 5)
    if places is not None:
        assert places.shape == (len(rows), longest)
        for row, place in zip(keep, places, strict=True):
            inside = int(row.sum())
            assert place[:inside].tolist() == row.nonzero()[:, 0].tolist()
            assert not row[place[inside:]].any()


def test_counted_arithmetic_follows_what_is_kept() -> None:
    def flops(tokens: int, heads: int) -> float:
        usage = Usage(ModelConfig(dim=8, heads=2, layers=1, ff_multiple=2))
        usage.add(np.array([[tokens]]), [heads], 10)
        return usage.flops_per_token * 10

    # By hand: q, k, v and out 4·8·8, feed-forward 2·8·16, scores and weighted sum 2·n·8; times 2.
    assert flops(10, 2) == 2 * (10 * (4 * 64 + 2 * 128) + 2 * 100 * 8)
    assert flops(5, 2) == 2 * (5 * (4 * 64 + 2 * 128) + 2 * 25 * 8)
    assert flops(10, 1) == 2 * (10 * (2 * 64 + 2 * 128) + 2 * 100 * 4)


# Token dropping


@pytest.mark.parametrize("by", ["random", "rarity", "log-odds"])
def test_token_dropping_keeps_exactly_its_share(by: str) -> None:
    assert kept(f"tokendrop:0.5:by={by}") == [0.5, 0.5, 0.5]
    assert kept(f"tokendrop:0.5:by={by}:from_layer=2") == [1, 1, 0.5]
    assert kept(f"tokendrop:0.5..1:by={by}", epoch=10) == [1, 1, 1]
    assert kept(f"tokendrop:0.05:by={by}") == pytest.approx([1 / 12] * 3)  # never nothing


def drawn(made: Stepper) -> torch.Tensor:
    keep = made.learner.strategy.plan(made.context).keep
    assert keep is not None
    return keep[:, 1:]


def test_token_dropping_draws_anew_in_every_epoch_and_favours_rare_words() -> None:
    made = Stepper("tokendrop:0.5:by=rarity", MODEL, texts=64, tokens=40, vocabulary=200)
    frequent = made.context.input_ids[:, 1:] < 20
    first = drawn(made)
    assert first[~frequent].float().mean() > first[frequent].float().mean() + 0.1
    made.context = MaskContext(**{**vars(made.context), "epoch": 2})
    assert not torch.equal(first, drawn(made))


# Attention-driven removal


def layer_context(made: Stepper, attention: torch.Tensor, layer: int = 1) -> LayerContext:
    B, T = made.context.input_ids.shape
    position = torch.arange(T).expand(B, T)
    return LayerContext(made.context, layer, torch.zeros(B, T, 16), attention, position, made.context.attention_mask)


def some_attention(made: Stepper) -> torch.Tensor:
    B, T = made.context.input_ids.shape
    return (torch.randn(B, 2, T, T, generator=torch.Generator().manual_seed(0))).softmax(-1)


def test_top_k_keeps_what_is_looked_at_most_and_the_first_token() -> None:
    made = stepper("topk:0.25")
    attention = some_attention(made)
    keep = made.learner.strategy.layer_plan(layer_context(made, attention)).keep
    assert keep is not None
    assert keep[:, 0].all()
    for row in range(len(keep)):
        score = attention[row].sum((0, 1))[1:]
        assert set(keep[row, 1:].nonzero()[:, 0].tolist()) == set(score.topk(3).indices.tolist())


def test_top_k_prunes_from_block_to_block() -> None:
    assert kept("topk:0.5") == [1, 0.5, 0.25]


@pytest.mark.parametrize("pool", ["all", "kept"])
def test_what_left_early_is_pooled_as_it_was_when_it_left(pool: str) -> None:
    masked = stepper(f"topk:0.5:pool={pool}").learner.averaged
    model = masked.model
    context = masked.batch([np.array([2, 5, 7, 9, 11]), np.array([2, 5, 6])], np.arange(2), "test", 1)
    with torch.no_grad():
        output = masked.forward(context, masked.strategy.plan(context), trace=True)
        for row, length in enumerate((5, 3)):
            states = []
            for token in range(length):
                # A token leaves before the first block that does not see it, with what the block before made of it.
                seen = [layer for layer in range(3) if output.trace.gates[layer][row, token]]
                if pool == "all" or len(seen) == 3:
                    states.append(model.encoder.norm(output.trace.hidden[len(seen)][row, token]))
            logits = model.head(torch.stack(states).mean(0))
            torch.testing.assert_close(output.logits[row], logits)


def test_the_soft_threshold_approaches_the_hard_one_as_the_temperature_falls() -> None:
    hard_made = stepper("ltp", epoch=10)
    attention = some_attention(hard_made)
    hard = hard_made.learner.strategy.layer_plan(layer_context(hard_made, attention)).keep
    assert hard is not None
    assert 0 < hard.float().mean() < 1
    distance = []
    for temperature in (1, 0.1, 0.01, 0.0001):
        made = stepper(f"ltp:temperature={temperature}:soft=1")
        gate = made.learner.strategy.layer_plan(layer_context(made, attention)).token_gate
        assert gate is not None
        distance.append(float((gate.detach() - hard.float()).abs().mean()))
    assert distance == sorted(distance, reverse=True)
    assert distance[-1] < 1e-3


def test_the_learned_threshold_reaches_its_target_and_then_stands() -> None:
    made = stepper("ltp:target=0.5:soft=0.5", epochs=2, tokens=20)
    for _ in range(400):  # the learning rate is still warming up
        made()
    assert made.usage.kept_per_layer == [1, 1, 1]  # soft: nothing leaves yet
    threshold = made.learner.strategy.trainable["0.threshold"].clone()
    made.learner.strategy.on_epoch(2, Controls())
    made()
    shares = made.usage.kept_per_layer
    assert shares[0] == 1
    assert 0.2 < shares[1] < 0.8
    assert shares[2] < shares[1]
    made()
    assert torch.equal(made.learner.strategy.trainable["0.threshold"], threshold)


# Order of batches


def test_texts_are_ordered_by_what_is_kept_where_that_is_known() -> None:
    made = stepper("repaired").learner
    strategy = made.strategy.parts[0]
    strategy.mask = np.where(np.arange(40) % 2, 1.0, 0.0).astype(np.float32)  # type: ignore[attr-defined]
    strategy.threshold = 0.5  # type: ignore[attr-defined]
    texts = [np.array([2, 5, 7, 9]), np.array([2, 4, 6, 8, 10, 12]), np.array([2, 5, 6])]
    assert kept_lengths(made, texts, np.arange(3), 1).tolist() == [4, 1, 2]
    assert kept_lengths(stepper("topk").learner, texts, np.arange(3), 1).tolist() == [4, 6, 3]
