"""Attention patterns: which query may see which key.

A pattern is a `mask_mod(b, h, q, kv) -> bool`, True where the edge stays. This is the signature of FlexAttention, so
masks can be used in both. FlexAttention has no backward pass on the CPU, so the model gets the dense mask.

Patterns also take NumPy's arrays, so that a page can draw them without torch; only `random_blocks` needs tensors.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from functools import lru_cache, reduce
from typing import TYPE_CHECKING, Any

import numpy as np

from dynmask_core.keys import seed_of, uniform_grid
from dynmask_core.lazy import torch
from dynmask_core.masks.ops.ranks import ranks

if TYPE_CHECKING:
    from torch import Tensor

MaskMod = Callable[["Tensor", "Tensor", "Tensor", "Tensor"], "Tensor"]
"""Indices of text, head, query and key, integers of broadcastable shapes → bool, True where the edge stays."""


def full() -> MaskMod:
    """Every edge. Vaswani et al. 2017, Attention Is All You Need."""
    return lambda b, h, q, kv: (q >= 0) & (kv >= 0)


def causal() -> MaskMod:
    """A query sees itself and what comes before it. Vaswani et al. 2017, the decoder."""
    return lambda b, h, q, kv: kv <= q


def sliding_window(width: int, coordinates: Tensor | None = None) -> MaskMod:
    """Units at most `width` away. Beltagy, Peters & Cohan 2020, Longformer (whose w is 2 × width).

    coordinates: int64 [B, T, k], see MaskContext. The distance of two units is the largest difference over the k axes
    (Chebyshev), so that a window on a grid is a square.
    """
    apart = _apart(coordinates)
    return _placed(lambda b, h, q, kv: (abs(apart(b, q, kv)) <= width).all(-1), coordinates)


def dilated(width: int, step: int, coordinates: Tensor | None = None) -> MaskMod:
    """Like a window of width · step, but along each axis only units a multiple of `step` away. Also Longformer."""
    apart = _apart(coordinates)

    def mod(b: Tensor, h: Tensor, q: Tensor, kv: Tensor) -> Tensor:
        away = apart(b, q, kv)
        return (abs(away) <= width * step).all(-1) & (away % step == 0).all(-1)

    return _placed(mod, coordinates)


def strided(step: int, coordinates: Tensor | None = None) -> MaskMod:
    """Units a multiple of `step` away along each axis, however far. Child et al. 2019, Sparse Transformer."""
    apart = _apart(coordinates)
    return _placed(lambda b, h, q, kv: (apart(b, q, kv) % step == 0).all(-1), coordinates)


def itself() -> MaskMod:
    """The edge from a unit to itself."""
    return lambda b, h, q, kv: q == kv


def _apart(coordinates: Tensor | None) -> Callable[[Tensor, Tensor, Tensor], Tensor]:
    """(b, q, kv) → int64 [..., k]: along each axis, the query's place minus the key's."""
    if coordinates is None:
        return lambda b, q, kv: (q - kv)[..., None]
    return lambda b, q, kv: coordinates[b, q] - coordinates[b, kv]


def _placed(mod: MaskMod, coordinates: Tensor | None) -> MaskMod:
    """On a grid of several axes the special unit in front has no place: it sees all units and all see it."""
    on_grid = coordinates is not None and coordinates.shape[-1] > 1
    return or_masks(mod, global_tokens(1)) if on_grid else mod


def prefix(length: int | Tensor) -> MaskMod:
    """The first `length` keys are open to all, the rest is causal. Raffel et al. 2020, T5 (prefix LM).

    length: one number for all texts, or int64 [B].
    """
    if isinstance(length, int):
        return lambda b, h, q, kv: (kv < length) | (kv <= q)
    return lambda b, h, q, kv: (kv < length[b]) | (kv <= q)


def block(size: int) -> MaskMod:
    """Tokens of one block of `size` see each other. Qiu et al. 2020, Blockwise Self-Attention."""
    return lambda b, h, q, kv: q // size == kv // size


def document(document_ids: Tensor) -> MaskMod:
    """Tokens of one document see each other; document_ids int [B, T]. As in packed training, Krell et al. 2021."""
    return lambda b, h, q, kv: document_ids[b, q] == document_ids[b, kv]


def global_tokens(count: int) -> MaskMod:
    """The first `count` tokens see all and are seen by all. Beltagy, Peters & Cohan 2020, Longformer."""
    return lambda b, h, q, kv: (q < count) | (kv < count)


def global_at(places: Sequence[int]) -> MaskMod:
    """The tokens at these places see all and are seen by all. Beltagy, Peters & Cohan 2020, Longformer."""

    def mod(b: Tensor, h: Tensor, q: Tensor, kv: Tensor) -> Tensor:
        here, there = ([token == place for place in places] for token in (q, kv))
        return reduce(operator.or_, here) | reduce(operator.or_, there)

    return mod


def random_edges(seed: int, share: float, tokens: int) -> MaskMod:
    """Each edge with probability `share`, drawn once; the same edges in every text, however long the others are."""
    return table(uniform_grid(seed, np.arange(tokens), tokens) < share)


def table(edges: np.ndarray) -> MaskMod:
    """The edges that stand in `edges`, bool [n, n], rows are queries; beyond its places every edge."""
    n = len(edges)

    def mod(b: Tensor, h: Tensor, q: Tensor, kv: Tensor) -> Tensor:
        known: Any = edges if isinstance(q, np.ndarray) else torch.from_numpy(edges).to(q.device)
        inside: Tensor = known[q.clip(0, n - 1), kv.clip(0, n - 1)]
        return inside | (q >= n) | (kv >= n)

    return mod


def random_blocks(seed: int, count: int, size: int, heads: int, tokens: int) -> MaskMod:
    """Each block of `size` sees `count` random earlier blocks, and they see it. Zaheer et al. 2020, BigBird.

    tokens: length of the longest text. BigBird draws from all blocks of a text, in one direction. Drawing from earlier
    blocks, in both directions, makes the pattern at the start of a text independent of what follows, and so of the
    padding.
    """
    table = torch.from_numpy(_drawn(seed, count, heads, -(-tokens // size)))
    return lambda b, h, q, kv: table.to(q.device)[h, q // size, kv // size]


@lru_cache(maxsize=64)
def _drawn(seed: int, count: int, heads: int, blocks: int) -> np.ndarray:
    """bool [heads, blocks, blocks], symmetric."""
    rows = np.arange(blocks)
    earlier = rows < rows[:, None]
    table = []
    for head in range(heads):
        lots = uniform_grid(seed_of(seed, "random blocks", head), rows, blocks)
        drawn = (ranks(lots, earlier) < count) & earlier
        table.append(drawn | drawn.T)
    return np.stack(table)


def or_masks(*mods: MaskMod) -> MaskMod:
    """The edges that at least one of the masks keeps."""
    return reduce(lambda one, other: lambda b, h, q, kv: one(b, h, q, kv) | other(b, h, q, kv), mods)


def dense(mask_mod: MaskMod, B: int, H: int, T: int, device: torch.device | str = "cpu") -> Tensor:
    """The mask written out: bool [B, H, T, T], rows are queries."""
    b, h, q, kv = (torch.arange(n, device=device) for n in (B, H, T, T))
    return mask_mod(b[:, None, None, None], h[:, None, None], q[:, None], kv).expand(B, H, T, T)


def drawn_out(mask_mod: MaskMod, T: int) -> np.ndarray:
    """The mask of the first text and head, written out without torch: bool [T, T], rows are queries."""
    first, places = np.zeros((1, 1), dtype=np.int64), np.arange(T)
    mod: Any = mask_mod
    return np.array(np.broadcast_to(mod(first, first, places[:, None], places[None]), (T, T)))


def alone(mask: Any, keep: Any) -> Any:
    """The queries without any edge to a unit that is there. mask: bool [B or 1, H or 1, T, T]; keep: bool [B, T] →
    bool [B, H or 1, T, 1]. Tensors or arrays."""
    return ~(mask & keep[:, None, None, :]).any(-1)[..., None] & keep[:, None, :, None]


def distances(position: Tensor) -> Tensor:
    """position int64 [B, T'], the place of each token → int64 [B, T', T'], the key's place minus the query's.

    [1, T', T'] if all texts share their places, which they do until something is removed.
    """
    if position.stride(0) == 0:
        position = position[:1]
    return position[:, None, :] - position[:, :, None]


def reader(mask_mod: MaskMod) -> MaskMod:
    """The same pattern between words, but place 0 sees every token and no token sees it."""
    return lambda b, h, q, kv: (q == 0) | (mask_mod(b, h, q, kv) & (kv > 0))
