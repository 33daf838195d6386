"""Which words of a text are hidden, drawn at random: exact counts, and numbers that depend on keys alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

import numpy as np

from dynmask_core.data.tokenize import MASK
from dynmask_core.keys import bits_grid, seed_of, uniform_grid
from dynmask_core.lazy import torch
from dynmask_core.masks.base import MaskStrategy, Param, Refresh, Setting, Value
from dynmask_core.masks.context import MaskContext
from dynmask_core.masks.plan import MaskPlan

if TYPE_CHECKING:
    from torch import Tensor

SPAN_P, SPAN_MAX = 0.2, 10
"""Spans have ℓ words with a probability ∝ p(1−p)^(ℓ−1), ℓ ≤ 10: 3.8 in the mean (SpanBERT, Joshi et al. 2020)."""


def turn(refresh: str, epoch: int, step: int, k: int) -> tuple[int, ...]:
    """The part of a key that makes a mask change: equal turns, equal masks."""
    turns: dict[str, tuple[int, ...]] = {
        "dataset": (),
        "cycle": (epoch % k,),
        "every": ((epoch - 1) // k,),
        "epoch": (epoch,),
        "forward": (epoch, step),
    }
    return turns[refresh]


def mean_counts(n: np.ndarray, rate: float, sample: np.ndarray, *key: int | str) -> np.ndarray:
    """int64 [B]: n·rate of each text's n words in the mean, rounded up or down. n, sample: int64 [B]."""
    chance = uniform_grid(seed_of(*key, "count"), sample, 1)[:, 0]
    counts: np.ndarray = np.floor(n * rate + chance).astype(np.int64)
    return counts


def hidden_counts(words: np.ndarray, rate: float, sample: np.ndarray, *key: int | str) -> np.ndarray:
    """int64 [B]: how many of each text's n words to hide, n·rate in the mean, rounded up or down, and never all.

    words: bool [B, T], True where a mask may act. sample: int64 [B], the texts' indices.
    """
    n = words.sum(1)
    counts: np.ndarray = np.minimum(mean_counts(n, rate, sample, *key), np.maximum(n - 1, 0))
    return counts


def draw_words(
    words: np.ndarray, rate: float, sample: np.ndarray, *key: int | str, weights: np.ndarray | None = None
) -> np.ndarray:
    """bool [B, T], True for the words to hide: drawn one by one without replacement.

    weights: float [B, T] ≥ 0; each draw takes a word with a probability proportional to its weight. Exponential races:
    the first arrivals at rates `weights` are such a sample (Efraimidis & Spirakis 2006).
    """
    counts = hidden_counts(words, rate, sample, *key)
    if weights is None:
        return pick_words(words, counts, sample, *key)
    arrival = -np.log1p(-uniform_grid(seed_of(*key, "word"), sample, words.shape[1]).astype(np.float64))
    arrival /= np.maximum(weights, 1e-9)
    chosen: np.ndarray = _ranks(arrival, words) < counts[:, None]
    return chosen


def pick_words(words: np.ndarray, counts: np.ndarray, sample: np.ndarray, *key: int | str) -> np.ndarray:
    """bool [B, T]: `counts` of each text's words, every choice of so many equally likely.

    words: bool [B, T]. counts: int64 [B] in [0, number of words]. sample: int64 [B].
    """
    width = words.shape[1]
    if not width:
        return words.copy()
    # The column in the low bits keeps scores apart and breaks ties as a stable order would.
    score = bits_grid(seed_of(*key, "word"), sample, width) & ~np.uint64(2**40 - 1)
    score |= np.arange(width, dtype=np.uint64)
    if not words.all():
        score[~words] = np.iinfo(np.uint64).max
    last = np.sort(score, axis=1)[np.arange(len(score)), np.maximum(counts - 1, 0)]
    chosen: np.ndarray = (score <= last[:, None]) & (counts > 0)[:, None]
    return chosen


def draw_spans(words: np.ndarray, rate: float, sample: np.ndarray, *key: int | str) -> np.ndarray:
    """bool [B, T], True for the words to hide: spans of words, as many words as `draw_words` hides."""
    spans = pick_spans(words.sum(1), hidden_counts(words, rate, sample, *key), sample, *key)
    chosen: np.ndarray = (np.take_along_axis(spans, np.maximum(np.cumsum(words, 1) - 1, 0), 1) >= 0) & words
    return chosen


def pick_spans(n: np.ndarray, counts: np.ndarray, sample: np.ndarray, *key: int | str) -> np.ndarray:
    """int64 [B, max(n, 1)]: for each of a text's n words the number of the span that it lies in, −1 for none.

    n, sample: int64 [B]. counts: int64 [B] in [0, n], the words in spans; the last span is cut so that it is exact.
    Every order of the spans and of the words left between them is equally likely, on a ring: the first words of a text
    are hidden as often as those in its middle; a span that crosses the end goes on at the beginning.
    """
    texts, width = len(n), max(int(n.max(initial=0)), 1)
    share = (1 - SPAN_P) ** np.arange(SPAN_MAX)
    drawn = uniform_grid(seed_of(*key, "length"), sample, width)
    lengths = 1 + np.searchsorted(np.cumsum(share / share.sum())[:-1], drawn, side="right")
    lengths = np.clip(counts[:, None] - (np.cumsum(lengths, 1) - lengths), 0, lengths)  # what the budget still allows
    # A text is a row of items, spans and single visible words; items of the lowest ranks are the spans.
    spans = (lengths > 0).sum(1)
    items = np.arange(width) < (n - counts + spans)[:, None]
    rank = _ranks(uniform_grid(seed_of(*key, "place"), sample, width), items)
    is_span = rank < spans[:, None]
    size = np.where(is_span, np.take_along_axis(lengths, np.minimum(rank, width - 1), 1), items)
    end = np.cumsum(size, 1)
    row, item = np.nonzero(is_span)
    edges = np.zeros((texts, width + 1), dtype=np.int64)  # + the span's number and 1 where it opens, − that behind it
    np.add.at(edges, (row, (end - size)[row, item]), rank[row, item] + 1)
    np.add.at(edges, (row, end[row, item]), -rank[row, item] - 1)
    number = np.cumsum(edges, 1)[:, :-1] - 1
    turned = (n * uniform_grid(seed_of(*key, "turn"), sample, 1)[:, 0]).astype(np.int64)[:, None]
    picked: np.ndarray = np.take_along_axis(number, (np.arange(width) + turned) % np.maximum(n, 1)[:, None], 1)
    picked[np.arange(width) >= n[:, None]] = -1
    return picked


def _ranks(score: np.ndarray, among: np.ndarray) -> np.ndarray:
    """int64 [B, T]: each place's rank by score in its row, from 0; those not `among` come last."""
    order = np.where(among, score, np.inf).argsort(axis=1, kind="stable")
    ranks = np.empty_like(order)
    np.put_along_axis(ranks, order, np.arange(score.shape[1])[None].repeat(len(score), 0), axis=1)
    return ranks


class RandomTokens(MaskStrategy):
    """Words hidden at random while training; predictions see whole texts. Subclasses say which, in `hidden`.

    how: "remove" takes them out of the sequence, "mask" writes [MASK] in their place, "blend" closes their gate.
    refresh: drawn once for the "dataset"; in a "cycle" of k masks; afresh "every" k epochs, "epoch" or "forward" pass.
    """

    family = "random"
    site = "removal"
    source = "random"
    only_training = True
    parameters = (
        Param("rate", 0.3, 0.0, 1.0, scheduled=True),
        Param("how", "remove", choices=("remove", "mask", "blend")),
        Param("refresh", "epoch", choices=("dataset", "cycle", "every", "epoch", "forward")),
        Param("k", 4, 1, 1000),
    )
    uses = ("gate_mode",)

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        changes = str(self.values["refresh"])
        self.refresh = cast(Refresh, "epoch" if changes in ("cycle", "every") else changes)
        self.predictable = self.values["how"] == "remove" and changes != "forward"

    @classmethod
    def replacement(cls, values: Mapping[str, Value]) -> str:
        return "units" if values.get("how") == "mask" else ""

    def hidden(self, words: np.ndarray, rate: float, sample: np.ndarray, *key: int | str) -> np.ndarray:
        """bool [B, T], True for the words to hide."""
        raise NotImplementedError

    def plan(self, context: MaskContext) -> MaskPlan:
        if context.split not in ("train", "probe"):
            return MaskPlan()
        when = turn(str(self.values["refresh"]), context.epoch, context.step, int(self.values["k"]))
        hidden = self.hidden(
            context.maskable.cpu().numpy(), self.at("rate"), context.sample.cpu().numpy(), self.seed, self.name, *when
        )
        return self.hide(context, torch.from_numpy(hidden).to(context.device))

    def hide(self, context: MaskContext, hidden: Tensor) -> MaskPlan:
        if self.values["how"] == "remove":
            return MaskPlan(keep=~hidden)
        if self.values["how"] == "mask":
            return MaskPlan(units=context.input_ids.masked_fill(hidden, MASK))
        return MaskPlan(token_gate=(~hidden).float(), gate_mode=self.setting.mask.gate_mode)
