"""Masks on heads: which go, when, and that they really leave."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from dynmask_core.config import Controls, ModelConfig
from dynmask_core.data.tokenize import CLS
from dynmask_core.errors import InputError
from dynmask_core.events import ArmEpoch
from dynmask_core.masks import REGISTRY, CorpusStatistics, MaskContext, MaskStrategy, Setting, Split
from dynmask_core.masks.library.headgrad import prune
from dynmask_core.training.fit import fit

MODEL = ModelConfig(dim=16, heads=4, layers=3)
KNOWN = CorpusStatistics(["a"] * 9, 4, np.array([5, 6], np.int32), np.array([2]), np.array([0]), ("a", "b"))


def made(name: str, model: ModelConfig = MODEL, epochs: int = 5, **values: Any) -> Any:
    strategy: MaskStrategy = REGISTRY[name](Setting(values, model=model, epochs=epochs))
    strategy.fit(KNOWN)
    return strategy


def batch(texts: int = 2, split: Split = "train", step: int = 0, first: int = 0) -> MaskContext:
    ids = torch.tensor([[CLS, 5, 6]] * texts)
    return MaskContext(ids, ids > 0, ids == CLS, torch.arange(first, first + texts), 1, step, split)


# heads


@pytest.mark.parametrize(
    ("heads", "removed"),
    [
        ("*.0", {(0, 0), (1, 0), (2, 0)}),
        ("0.1|2.3", {(0, 1), (2, 3)}),
        ("1.*", {(1, 0), (1, 1), (1, 2)}),  # the last head of a layer stays
    ],
)
def test_the_listed_heads_are_removed(heads: str, removed: set[tuple[int, int]]) -> None:
    keep = made("heads", heads=heads).plan(batch()).head_keep
    assert {tuple(place) for place in (~keep).nonzero().tolist()} == removed


def test_a_model_with_one_head_keeps_it() -> None:
    assert made("heads", ModelConfig(8, 1, 2)).plan(batch()).head_keep.all()


@pytest.mark.parametrize("heads", ["3.0", "0.4", "", "one", "1", "0.1,1.1", "-1.0"])
def test_a_head_that_is_not_there_is_bad_input(heads: str) -> None:
    with pytest.raises(InputError) as error:
        made("heads", heads=heads)
    assert error.value.code == "bad_parameter"


# drophead


def test_heads_are_dropped_at_the_rate_and_never_a_whole_layer() -> None:
    for rate in (0.3, 0.9):
        gate = made("drophead", rate=rate, shape="flat").plan(batch(8000)).head_gate.numpy()
        assert set(np.unique(gate)) == {0.0, 1.0}
        assert gate.any(-1).all()
        # The head that saves a layer from being empty is one that would have gone.
        assert 1 - gate.mean() == pytest.approx(rate - rate**4 / 4, abs=0.01)
        assert np.ptp(gate.mean((0, 1))) < 0.02


def test_the_v_falls_to_0_in_the_middle_of_the_run() -> None:
    strategy, rates = made("drophead", rate=0.4), []
    for epoch in range(1, 6):
        strategy.on_epoch(epoch, Controls())
        rates.append(strategy.rate)
    assert rates == pytest.approx([0.4, 0.2, 0.0, 0.2, 0.4])


def test_what_a_text_drops_does_not_depend_on_its_neighbours_and_changes_with_the_step() -> None:
    strategy = made("drophead", rate=0.5)
    many, one = strategy.plan(batch(9)).head_gate, strategy.plan(batch(1, first=4)).head_gate
    assert torch.equal(many[4], one[0])
    assert not torch.equal(many, strategy.plan(batch(9, step=1)).head_gate)


# headgrad


def test_pruning_compares_heads_within_their_layers_scale() -> None:
    importance = np.array([[100.0, 90.0, 1.0], [0.3, 0.4, 0.1]])
    kept = prune(importance, np.ones((2, 3), dtype=bool), 4)
    assert kept.tolist() == [[True, True, False], [True, True, False]]
    assert prune(importance, kept, 3).sum() == 3
    assert not (prune(importance, kept, 3) & ~kept).any()  # what is gone stays gone
    assert prune(importance, kept, 0).sum() == 1  # never all heads of the model


def test_importance_adds_up_each_texts_own_slope() -> None:
    """The two texts of a batch pull in opposite directions: their importance must not cancel."""
    strategy, context = made("headgrad"), batch(2)
    plan = strategy.plan(context)
    weights = torch.stack([torch.arange(12.0).view(3, 4), -torch.arange(12.0).view(3, 4)])
    (plan.head_gate * weights).sum((1, 2)).mean().backward()
    strategy.feedback(context, plan)
    np.testing.assert_allclose(strategy.importance, 2 * np.arange(12.0).reshape(3, 4))


def test_heads_go_at_an_even_pace_and_importance_survives_a_checkpoint() -> None:
    strategy, left = made("headgrad", keep=0.5, start=3), []
    for epoch in range(1, 6):
        other = made("headgrad", keep=0.5, start=3)
        other.load_state_dict(strategy.state_dict())
        for one in (strategy, other):
            one.on_epoch(epoch, Controls())
        assert (strategy.keep == other.keep).all()
        left.append(int(strategy.keep.sum()))
        strategy.importance += np.random.default_rng(epoch).random((3, 4))
    assert left == [12, 12, 10, 8, 6]


def test_headgrad_trains_and_prunes_with_the_models_own_gradients(settings: Callable[..., Any], dataset: Any) -> None:
    events = [e for e in fit(settings("headgrad", "none", epochs=3), dataset) if isinstance(e, ArmEpoch)]
    first, none, *_, last, _ = events
    assert last.flops_per_token < first.flops_per_token == none.flops_per_token
    assert first.train["loss"] == none.train["loss"]  # gates of one change nothing


# headgate


def test_a_closed_head_leaves_the_matrices_in_prediction_only() -> None:
    strategy = made("headgate")
    with torch.no_grad():
        strategy.trainable["log_alpha"][1, 2] = -5.0
    test, train = strategy.plan(batch(split="test")), strategy.plan(batch())
    assert (~test.head_keep).nonzero().tolist() == [[1, 2]]
    assert test.head_gate[1, 2] == 0
    assert train.head_keep is None
    assert train.head_gate.shape == (2, 3, 4)
    assert not torch.equal(train.head_gate[0], train.head_gate[1])


def test_the_share_of_open_heads_is_pulled_to_its_target() -> None:
    strategy = made("headgate", target=0.25)
    optimizer = torch.optim.Adam([strategy.trainable["log_alpha"]], lr=0.02)
    worth = torch.arange(12.0).view(3, 4) / 100  # what each head takes off the loss
    for step in range(300):
        context = batch(8, step=step)
        plan = strategy.plan(context)
        optimizer.zero_grad()
        (plan.aux_loss - (plan.head_gate * worth).sum((1, 2)).mean()).backward()
        optimizer.step()
        strategy.feedback(context, plan)
    kept = strategy.plan(batch(split="test")).head_keep
    assert kept.sum() == pytest.approx(3, abs=1)
    assert kept.flatten()[-2:].all()  # the most useful ones
