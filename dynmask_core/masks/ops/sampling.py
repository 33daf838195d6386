"""Random draws of words and spans: the counts are exact, and the results depend on keys alone.

Everywhere: words bool [B, T], True where a mask may act; sample int64 [B], the texts' indices in the data set; key, the
names of the random generator (see keys.py).
"""

from __future__ import annotations

import numpy as np

from dynmask_core.keys import bits_grid, seed_of, uniform_grid
from dynmask_core.masks.ops.ranks import ranks

SPAN_P, SPAN_MAX = 0.2, 10
"""A span has ℓ ≤ 10 words, with probability ∝ p(1−p)^(ℓ−1): 3.8 words on average (SpanBERT, Joshi et al. 2020)."""


def turn(refresh: str, epoch: int, step: int, k: int) -> tuple[int, ...]:
    """The part of a key that makes a mask change: equal turns give equal masks."""
    turns: dict[str, tuple[int, ...]] = {
        "dataset": (),
        "cycle": (epoch % k,),
        "every": ((epoch - 1) // k,),
        "epoch": (epoch,),
        "forward": (epoch, step),
    }
    return turns[refresh]


def mean_counts(n: np.ndarray, rate: float, sample: np.ndarray, *key: int | str) -> np.ndarray:
    """int64 [B]: n·rate of each text's n words on average, rounded up or down at random. n: int64 [B]."""
    chance = uniform_grid(seed_of(*key, "count"), sample, 1)[:, 0]
    counts: np.ndarray = np.floor(n * rate + chance).astype(np.int64)
    return counts


def hidden_counts(words: np.ndarray, rate: float, sample: np.ndarray, *key: int | str) -> np.ndarray:
    """int64 [B]: how many of each text's n words to hide: n·rate on average, and never all."""
    n = words.sum(1)
    counts: np.ndarray = np.minimum(mean_counts(n, rate, sample, *key), np.maximum(n - 1, 0))
    return counts


def draw_words(
    words: np.ndarray, rate: float, sample: np.ndarray, *key: int | str, weights: np.ndarray | None = None
) -> np.ndarray:
    """bool [B, T], True for the words to hide, drawn without replacement.

    weights: float [B, T] ≥ 0, see `first_arrivals`; None: all words are equally likely.
    """
    counts = hidden_counts(words, rate, sample, *key)
    if weights is None:
        return pick_words(words, counts, sample, *key)
    u = uniform_grid(seed_of(*key, "word"), sample, words.shape[1]).astype(np.float64)
    return first_arrivals(-np.log1p(-u), weights, words, counts)


def first_arrivals(
    exponential: np.ndarray, weights: np.ndarray | float, words: np.ndarray, counts: np.ndarray
) -> np.ndarray:
    """bool [B, T]: `counts` [B] of each text's words, drawn one by one without replacement; each draw takes a word with
    a probability proportional to its weight.

    exponential: float [B, T], drawn from the exponential distribution. weights: ≥ 0, broadcastable to it. If words
    arrive at rates `weights`, the first arrivals are such a sample (Efraimidis & Spirakis 2006).
    """
    chosen: np.ndarray = ranks(exponential / np.maximum(weights, 1e-9), words) < counts[:, None]
    return chosen


def pick_words(words: np.ndarray, counts: np.ndarray, sample: np.ndarray, *key: int | str) -> np.ndarray:
    """bool [B, T]: `counts` of each text's words; all choices of that many words are equally likely.

    counts: int64 [B] in [0, number of words].
    """
    width = words.shape[1]
    if not width:
        return words.copy()
    # The column in the low bits makes scores distinct and breaks ties as a stable sort would.
    score = bits_grid(seed_of(*key, "word"), sample, width) & ~np.uint64(2**40 - 1)
    score |= np.arange(width, dtype=np.uint64)
    if not words.all():
        score[~words] = np.iinfo(np.uint64).max
    last = np.sort(score, axis=1)[np.arange(len(score)), np.maximum(counts - 1, 0)]
    chosen: np.ndarray = (score <= last[:, None]) & (counts > 0)[:, None]
    return chosen


def draw_spans(words: np.ndarray, rate: float, sample: np.ndarray, *key: int | str) -> np.ndarray:
    """bool [B, T], True for the words to hide: spans, with as many words in all as `draw_words` hides."""
    spans = pick_spans(words.sum(1), hidden_counts(words, rate, sample, *key), sample, *key)
    chosen: np.ndarray = (np.take_along_axis(spans, np.maximum(np.cumsum(words, 1) - 1, 0), 1) >= 0) & words
    return chosen


def pick_spans(n: np.ndarray, counts: np.ndarray, sample: np.ndarray, *key: int | str) -> np.ndarray:
    """int64 [B, max(n, 1)]: the number of the span that each of a text's n words lies in, −1 outside spans.

    n: int64 [B]. counts: int64 [B] in [0, n], the words in spans; the last span is cut short to meet it exactly.
    All orders of the spans and of the words between them are equally likely, on a ring: the first words of a text are
    hidden as often as those in its middle; a span that crosses the end continues at the beginning.
    """
    texts, width = len(n), max(int(n.max(initial=0)), 1)
    share = (1 - SPAN_P) ** np.arange(SPAN_MAX)
    drawn = uniform_grid(seed_of(*key, "length"), sample, width)
    lengths = 1 + np.searchsorted(np.cumsum(share / share.sum())[:-1], drawn, side="right")
    lengths = np.clip(counts[:, None] - (np.cumsum(lengths, 1) - lengths), 0, lengths)  # what the budget still allows
    # A text is a row of items: spans and single visible words. The items with the lowest ranks are the spans.
    spans = (lengths > 0).sum(1)
    items = np.arange(width) < (n - counts + spans)[:, None]
    rank = ranks(uniform_grid(seed_of(*key, "place"), sample, width), items)
    is_span = rank < spans[:, None]
    size = np.where(is_span, np.take_along_axis(lengths, np.minimum(rank, width - 1), 1), items)
    end = np.cumsum(size, 1)
    row, item = np.nonzero(is_span)
    edges = np.zeros((texts, width + 1), dtype=np.int64)  # number + 1 where a span opens, minus that after its end
    np.add.at(edges, (row, (end - size)[row, item]), rank[row, item] + 1)
    np.add.at(edges, (row, end[row, item]), -rank[row, item] - 1)
    number = np.cumsum(edges, 1)[:, :-1] - 1
    turned = (n * uniform_grid(seed_of(*key, "turn"), sample, 1)[:, 0]).astype(np.int64)[:, None]
    picked: np.ndarray = np.take_along_axis(number, (np.arange(width) + turned) % np.maximum(n, 1)[:, None], 1)
    picked[np.arange(width) >= n[:, None]] = -1
    return picked
