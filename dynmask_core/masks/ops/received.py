"""How much attention each token receives."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


def received(attention: Tensor, keep: Tensor) -> Tensor:
    """float [B, T]: attention each token receives, averaged over heads and queries, in multiples of an even share 1/n.

    attention: float [B, H, T, T], rows are queries. keep: bool [B, T], the n tokens that count, as queries and as keys:
    if padding counted, the average would change with the other texts of the batch. 1 is average; 0 where not kept.
    """
    queries = keep[:, None, :, None].to(attention.dtype)
    # The sum over n queries is n times their mean, that is, the mean in multiples of 1/n.
    return (attention * queries).sum(2).mean(1) * keep
