"""Masked attention: what is looked at, and what its heads learn from."""

from __future__ import annotations

import numpy as np
import torch

from dynmask_core.config import ModelConfig
from dynmask_core.masks import REGISTRY, CorpusStatistics, LayerContext, MaskContext, Setting
from dynmask_core.masks.base import MaskStrategy
from dynmask_core.masks.library.foreground import GAIN

DIM = 4


def made(**values: float | str) -> MaskStrategy:
    strategy = REGISTRY["foreground"](Setting(values, model=ModelConfig(DIM, 1, 2)))
    nothing = np.zeros(0, dtype=np.int64)
    strategy.fit(CorpusStatistics((), 0, nothing, nothing, nothing, ()))
    # The head before the second block reads the first number of a unit.
    strategy.learn("heads", np.array([[0] * (DIM + 1), [1, *[0] * DIM]]) / GAIN)
    return strategy


def layer(first: list[float], layer: int = 1, marks: list[int] | None = None, keep: int = 0) -> LayerContext:
    """One sample: the special unit, and one unit per number; the last `keep` are padding."""
    size = len(first) + 1
    there = (torch.arange(size) < size - keep)[None]
    special = ~there | (torch.arange(size) == 0)
    given = None if marks is None else torch.tensor([[-1, *marks]])
    split = "test" if marks is None else "train"
    batch = MaskContext(torch.zeros(1, size, 2), there, special, torch.zeros(1), 1, 0, split, marks=given)  # type: ignore[arg-type]
    hidden = torch.zeros(1, size, DIM)
    hidden[0, 1:, 0] = torch.tensor(first)
    return LayerContext(batch, layer, hidden, None, torch.arange(size)[None], there)


def seen(context: LayerContext, **values: float | str) -> list[bool] | None:
    bias = made(**values).layer_plan(context).attention_bias
    return None if bias is None else (bias[0, 0, 0] == 0).tolist()


def test_only_the_foreground_and_the_special_unit_are_looked_at() -> None:
    assert seen(layer([2.0, -2.0, 0.1])) == [True, True, False, True]
    assert seen(layer([2.0, -2.0, 0.1]), threshold=0.8) == [True, True, False, False]


def test_where_nothing_is_seen_all_are_looked_at() -> None:
    assert seen(layer([-1.0, -2.0])) == [True, True, True]
    assert seen(layer([-1.0, 2.0], keep=1)) == [True, True, True]  # padding is no foreground


def test_the_first_block_looks_everywhere_and_so_does_the_control() -> None:
    assert seen(layer([2.0, -2.0], layer=0)) is None
    control = made(attend="all").layer_plan(layer([2.0, -2.0], marks=[1, 0]))
    assert control.attention_bias is None
    assert control.aux_loss is not None


def test_the_heads_learn_from_the_marks_of_training_alone() -> None:
    right, wrong = (made().layer_plan(layer([2.0, -2.0], marks=marks)).aux_loss for marks in ([1, 0], [0, 1]))
    assert right is not None
    assert wrong is not None
    assert float(right) < 0.2 < 2 < float(wrong)
    unasked = made().layer_plan(layer([2.0, -2.0], marks=[1, -1])).aux_loss
    assert unasked is not None
    torch.testing.assert_close(unasked, right)
    assert made().layer_plan(layer([2.0, -2.0])).aux_loss is None
