"""What flows through the encoder: vectors, their positions and their masks."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor


@dataclass(frozen=True)
class Stream:
    """The units of a batch on their way through the model. T' of T are left, the special unit always first.

    x: float [B, T', D]; before the embedding the units themselves, int64 [B, T'] or float [B, T', F].
    keep: bool [B, T'], False where nothing may attend to: padding, and units removed but not cut out.
    position: int64 [B, T'], each unit's place in the batch; None: 0…T−1, nothing has been cut out.
    gate: float [B, T'] in [0, 1], the plan's token gate, or None.
    bias: float, broadcastable to [B, H, T', T'], added to the scores of every block, or None.
    extra: the same, for the next block only.
    """

    x: Tensor
    keep: Tensor
    position: Tensor | None = None
    gate: Tensor | None = None
    bias: Tensor | None = None
    extra: Tensor | None = None

    @property
    def places(self) -> Tensor:
        """int64 [B, T']: `position`, also where it is None."""
        if self.position is not None:
            return self.position
        return torch.arange(self.keep.shape[1], device=self.keep.device).expand(self.keep.shape)

    def remove(self, keep: Tensor, *, cut: bool) -> Stream:
        """Removes the units where `keep`, bool [B, T'], is False; the special unit always stays.

        cut: shorten the tensors to the sample with most units left. Otherwise the units are masked in place, which
        gives the same numbers.
        """
        keep = self.keep & keep
        keep[:, 0] = True
        places = kept_places(keep) if cut else None
        if places is None:
            return replace(self, keep=keep)
        wide = places.reshape(*places.shape, *[1] * (self.x.ndim - 2)).expand(*places.shape, *self.x.shape[2:])
        return Stream(
            x=self.x.gather(1, wide),  # [B, T', …] → [B, T'', …]
            keep=keep.gather(1, places),
            position=places if self.position is None else self.position.gather(1, places),
            gate=None if self.gate is None else self.gate.gather(1, places),
            bias=bias_at(self.bias, places),
            extra=bias_at(self.extra, places),
        )


def kept_places(keep: Tensor) -> Tensor | None:
    """keep bool [B, T] → int64 [B, T'], T' the most units kept in any sample: the kept places of each sample in
    order, then removed ones as filling. None if no column can be dropped."""
    longest = int(keep.sum(1).max())
    if longest == keep.shape[1]:
        return None
    order: Tensor = keep.to(torch.uint8).argsort(dim=1, descending=True, stable=True)
    return order[:, :longest]


def bias_at(bias: Tensor | None, places: Tensor) -> Tensor | None:
    """bias, broadcastable to [B, H, T, T], at the rows and columns `places`, int64 [B, T']."""
    if bias is None:
        return None
    B, size = places.shape
    bias = bias.expand(B, *bias.shape[-3:]) if bias.ndim >= 3 else bias.expand(B, 1, *bias.shape[-2:])
    if bias.shape[-2] > 1:
        bias = bias.gather(2, places[:, None, :, None].expand(B, bias.shape[1], size, bias.shape[3]))
    if bias.shape[-1] > 1:
        bias = bias.gather(3, places[:, None, None, :].expand(B, bias.shape[1], bias.shape[2], size))
    return bias


@dataclass(frozen=True)
class Pooled:
    """A sum of vectors, float [B, D], and their number, float [B, 1]."""

    total: Tensor
    count: Tensor

    @classmethod
    def of(cls, x: Tensor, where: Tensor) -> Pooled:
        """The sum of the vectors of x, float [B, T, D], where `where`, bool [B, T], is True."""
        share = where[..., None].to(x.dtype)  # [B, T, 1]
        return cls((x * share).sum(1), share.sum(1))

    def __add__(self, other: Pooled) -> Pooled:
        return Pooled(self.total + other.total, self.count + other.count)

    @property
    def mean(self) -> Tensor:
        """float [B, D]."""
        return self.total / self.count


def add(a: Tensor | None, b: Tensor | None) -> Tensor | None:
    """a + b, where None counts as 0."""
    return b if a is None else a if b is None else a + b
