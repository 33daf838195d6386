"""Dropout that spends little on random numbers: on small models torch's own takes a fifth of a training step."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

LEVELS = 2**16


class Dropout(nn.Module):
    """Zeroes a share of all numbers in training and enlarges the others, so that the mean stays (Srivastava et al.
    2014).

    rate: in [0, 1), rounded to a multiple of 1/65,536. On the CPU a draw is 16 bits of torch's generator, compared as
    an integer; torch's own dropout makes a float of 24 bits for each. On other devices it is torch's own.
    """

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = rate
        self.dropped = min(round(rate * LEVELS), LEVELS - 1)

    def extra_repr(self) -> str:
        return f"{self.rate:g}"

    def forward(self, x: Tensor) -> Tensor:
        """x float, of any shape → the same shape."""
        if not self._acts():
            return x
        if x.device.type != "cpu":
            return F.dropout(x, self.rate)
        return x * self._kept(x).mul_(self._scale)

    def added(self, x: Tensor, y: Tensor) -> Tensor:
        """x + dropout(y), in one pass over both; of equal shape."""
        if not self._acts():
            return x + y
        if y.device.type != "cpu":
            return x + F.dropout(y, self.rate)
        return torch.addcmul(x, y, self._kept(y), value=self._scale)

    def _acts(self) -> bool:
        return self.training and self.dropped > 0

    @property
    def _scale(self) -> float:
        return LEVELS / (LEVELS - self.dropped)

    def _kept(self, like: Tensor) -> Tensor:
        """1 or 0 for each number of `like`, in its shape and type."""
        count = like.numel()
        draws = torch.empty(-(-count // 4), dtype=torch.int64)
        draws.random_(torch.iinfo(torch.int64).min, None)  # all 64 bits; without bounds the first would always be 0
        kept = torch.empty_like(like, memory_format=torch.contiguous_format)
        return torch.ge(draws.view(torch.int16)[:count].view(like.shape), self.dropped - LEVELS // 2, out=kept)
