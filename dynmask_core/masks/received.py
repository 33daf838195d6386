"""How much attention each token receives."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


def received(attention: Tensor, keep: Tensor) -> Tensor:
    """float [B, T]: the attention a token receives, mean over heads and queries, in multiples of an even share 1/n.

    attention: float [B, H, T, T], rows are queries. keep: bool [B, T], the n tokens that count, as queries and as keys;
    a mean over padding as well would change with the other texts of the batch. 1 is average; 0 at tokens not kept.
    """
    queries = keep[:, None, :, None].to(attention.dtype)
    # A sum over queries is n times their mean, which is the mean in multiples of 1/n.
    return (attention * queries).sum(2).mean(1) * keep


def largest(scores: Tensor, among: Tensor, count: Tensor) -> Tensor:
    """bool [..., T]: the `count` int [...] largest scores of each row `among` bool [..., T]; of equals the first."""
    rank = scores.masked_fill(~among, float("-inf")).argsort(dim=-1, descending=True, stable=True).argsort(dim=-1)
    return (rank < count[..., None]) & among
