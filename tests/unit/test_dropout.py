"""Dropout: the share that is dropped, the mean that stays, and draws that depend on the seed alone."""

from __future__ import annotations

import pytest
import torch

from dynmask_core.model.dropout import Dropout


@pytest.mark.parametrize("rate", [0.05, 0.1, 0.3, 0.5, 0.9])
def test_the_asked_share_is_dropped_and_the_mean_stays(rate: float) -> None:
    torch.manual_seed(0)
    ones = torch.ones(400, 1001)
    dropped = Dropout(rate)(ones)
    shares = (dropped == 0).double().view(-1)
    assert shares.mean().item() == pytest.approx(rate, abs=0.003)
    # Draws are cut from 64-bit numbers: each of the four places must be as likely as the others.
    assert shares[: len(shares) // 4 * 4].view(-1, 4).mean(0).tolist() == pytest.approx([rate] * 4, abs=0.006)
    assert dropped.max().item() == pytest.approx(1 / (1 - rate), rel=1e-3)
    assert dropped.mean().item() == pytest.approx(1, abs=0.02)


def test_neighbours_are_dropped_independently() -> None:
    torch.manual_seed(1)
    gone = (Dropout(0.5)(torch.ones(1000, 1000)) == 0).double().view(-1)
    for apart in range(1, 9):
        assert (gone[:-apart] * gone[apart:]).mean().item() == pytest.approx(0.25, abs=0.003)


def test_adding_what_is_left_equals_dropping_and_adding() -> None:
    x, y = torch.randn(5, 7, 3), torch.randn(5, 7, 3, requires_grad=True)
    dropout = Dropout(0.4)
    torch.manual_seed(3)
    apart = x + dropout(y)
    torch.manual_seed(3)
    at_once = dropout.added(x, y)
    torch.testing.assert_close(at_once, apart)
    (slope,) = torch.autograd.grad(at_once.sum(), y)
    torch.testing.assert_close(slope, (at_once - x) / y)


def test_a_seed_gives_the_same_draws_and_another_seed_others() -> None:
    dropout, x = Dropout(0.5), torch.ones(64, 64)
    drawn = []
    for seed in (7, 7, 8):
        torch.manual_seed(seed)
        drawn.append(dropout(x))
    assert torch.equal(drawn[0], drawn[1])
    assert not torch.equal(drawn[0], drawn[2])


@pytest.mark.parametrize("changed", [lambda layer: layer.eval(), lambda layer: setattr(layer, "dropped", 0)])
def test_nothing_is_dropped_or_drawn_where_it_does_not_act(changed: object) -> None:
    dropout, x = Dropout(0.5), torch.randn(4, 4)
    changed(dropout)  # type: ignore[operator]
    torch.manual_seed(5)
    first = torch.rand(1)
    torch.manual_seed(5)
    assert torch.equal(dropout(x), x)
    assert torch.equal(dropout.added(x, x), x + x)
    assert torch.equal(torch.rand(1), first)


def test_odd_shapes_and_other_types_keep_theirs() -> None:
    for dtype in (torch.float32, torch.float64, torch.bfloat16):
        x = torch.ones(3, 5, 7, dtype=dtype).transpose(0, 2)
        dropped = Dropout(0.3)(x)
        assert dropped.shape == x.shape
        assert dropped.dtype == dtype
        assert set(dropped.unique().tolist()) <= {0.0, dropped.max().item()}
