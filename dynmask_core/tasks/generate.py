"""Writing targets: word by word from left to right, or all places at once, the surest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dynmask_core.config.checks import number
from dynmask_core.data.encode import by_length
from dynmask_core.data.tokenize import END, MASK, SEP
from dynmask_core.lazy import torch
from dynmask_core.tasks.target_order import NOTHING

if TYPE_CHECKING:
    from torch import Tensor

    from dynmask_core.masked_model import MaskedModel

LONGEST = 64
"""Units of a target where the data do not say how long targets are."""
BATCH = 256


@dataclass(frozen=True)
class Sampling:
    """How a word is chosen. temperature: 0 takes the likeliest (greedy); else probabilities are sharpened below 1 and
    flattened above. top_k: only the k likeliest are candidates, 0 for all. seed: of the draws."""

    temperature: float = 0.0
    top_k: int = 0
    seed: int = 0

    def __post_init__(self) -> None:
        number("temperature", self.temperature, 0, 10)
        number("top_k", self.top_k, 0, 100_000, whole=True)
        number("seed", self.seed, 0, 2**32 - 1, whole=True)

    def choose(self, logits: Tensor, generator: torch.Generator) -> Tensor:
        """float [G, V] → int64 [G]."""
        if not self.temperature:
            return logits.argmax(-1)
        if self.top_k:
            least = logits.topk(min(self.top_k, logits.shape[-1])).values[..., -1:]
            logits = logits.masked_fill(logits < least, -torch.inf)
        return torch.multinomial((logits / self.temperature).softmax(-1), 1, generator=generator)[:, 0]


class Written(NamedTuple):
    """A target that a model wrote. units: int32, without the end. chance: its probability, the end included; of words
    that were unmasked the product of what each had when it was settled."""

    units: np.ndarray
    chance: float


def words_alone(logits: Tensor, specials: int) -> Tensor:
    """The logits, −∞ for units that cannot be written: the special ones, but for the end."""
    out = logits.float().clone()
    out[..., :specials] = -torch.inf
    out[..., END] = logits[..., END]
    return out


def prompts(units: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Samples, cut to what is given: of pairs all up to the separator, of prose all but the end."""
    cut = []
    for sample in units:
        at = np.flatnonzero(sample == SEP)
        cut.append(sample[: at[0] + 1] if len(at) else sample[: len(sample) - (sample[-1] == END)])
    return cut


def from_left(
    masked: MaskedModel,
    given: Sequence[np.ndarray],
    rows: np.ndarray,
    epoch: int,
    limit: int,
    sampling: Sampling | None = None,
) -> list[Written]:
    """What the model writes after each sequence: at most `limit` units.

    given: see `prompts`. rows, epoch: see MaskedModel.answer; masks of training do not act.
    """
    sampling = sampling or Sampling()
    draws = torch.Generator().manual_seed(sampling.seed)
    written: list[list[int]] = [[] for _ in given]
    chance = np.ones(len(given))
    specials = masked.reader.vocabulary.specials
    for chosen in by_length(np.array([len(sample) for sample in given]), BATCH):
        open_ones = list(chosen)
        for _ in range(limit):
            now = [np.append(given[i], np.array(written[i], dtype=np.int32)) for i in open_ones]
            logits = words_alone(last_logits(masked, now, rows[open_ones], epoch), specials)
            units = sampling.choose(logits.cpu(), draws).tolist()
            chance[open_ones] *= logits.softmax(-1).cpu().numpy()[np.arange(len(units)), units]
            for i, unit in zip(open_ones, units, strict=True):
                if unit != END:
                    written[i].append(unit)
            open_ones = [i for i, unit in zip(open_ones, units, strict=True) if unit != END]
            if not open_ones:
                break
    return [Written(np.array(one, dtype=np.int32), float(p)) for one, p in zip(written, chance, strict=True)]


def last_logits(masked: MaskedModel, units: Sequence[np.ndarray], rows: np.ndarray, epoch: int) -> Tensor:
    """float [B, V]: what comes after the last unit of each sequence."""
    context = masked.batch(units, rows, "test", epoch)
    with torch.inference_mode():
        plan = masked.strategy.plan(context)
    labels = torch.full_like(context.units, NOTHING)
    labels[torch.arange(len(units)), context.attention_mask.sum(1) - 1] = 0
    return masked.forward(context, replace(plan, labels=labels)).logits


@dataclass(frozen=True)
class Unmasking:
    """How targets were unmasked, all of `limit` places. units: int64 [B, limit], the end included. step: int64
    [B, limit], when each was settled. sure: float32 [B, limit], its probability then."""

    units: np.ndarray
    step: np.ndarray
    sure: np.ndarray

    def written(self) -> list[Written]:
        """The targets, up to the first end."""
        found = []
        for row, sure in zip(self.units, self.sure, strict=True):
            ends = np.flatnonzero(row == END)
            size = int(ends[0]) if len(ends) else len(row)
            found.append(Written(row[:size].astype(np.int32), float(sure[: size + 1].prod())))
        return found


def unmask(
    masked: MaskedModel,
    given: Sequence[np.ndarray],
    rows: np.ndarray,
    epoch: int,
    limit: int,
    sampling: Sampling | None = None,
    steps: int | None = None,
) -> Unmasking:
    """All places hidden at first; in each step the places whose likeliest word is surest are settled, the least sure
    last. steps: in so many steps; None: one place each."""
    sampling = sampling or Sampling()
    draws = torch.Generator().manual_seed(sampling.seed)
    steps = min(steps or limit, limit)
    found = Unmasking(
        np.full((len(given), limit), MASK), np.full((len(given), limit), -1), np.zeros((len(given), limit), np.float32)
    )
    for chosen in by_length(np.array([len(sample) for sample in given]), BATCH):
        for step in range(steps):
            logits = hidden_logits(masked, [given[i] for i in chosen], found.units[chosen], rows[chosen], epoch)
            hidden = found.units[chosen] == MASK
            units = np.zeros(hidden.shape, dtype=np.int64)
            sure = np.full(hidden.shape, -1.0, dtype=np.float32)
            units[hidden] = sampling.choose(logits.cpu(), draws).numpy()
            sure[hidden] = logits.softmax(-1).cpu().numpy()[np.arange(int(hidden.sum())), units[hidden]]
            left = int(hidden[0].sum())
            take = -(-left // (steps - step))
            best = np.argsort(-sure, axis=1, kind="stable")[:, :take]
            at = chosen[:, None]
            found.units[at, best] = np.take_along_axis(units, best, 1)
            found.sure[at, best] = np.take_along_axis(sure, best, 1)
            found.step[at, best] = step
    return found


def hidden_logits(
    masked: MaskedModel, given: Sequence[np.ndarray], canvas: np.ndarray, rows: np.ndarray, epoch: int
) -> Tensor:
    """float [G, V], for the G places of the canvas [B, limit] that are still hidden, row by row."""
    sequences = [np.append(sample, places).astype(np.int32) for sample, places in zip(given, canvas, strict=True)]
    context = masked.batch(sequences, rows, "test", epoch)
    labels = torch.where(context.units == MASK, 0, NOTHING)
    with torch.inference_mode():
        plan = masked.strategy.plan(context)
    output = masked.forward(context, replace(plan, units=None, labels=labels))
    return words_alone(output.logits, masked.reader.vocabulary.specials)
