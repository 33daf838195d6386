"""How much the probability of a model's answer drops when words of a text are removed, in different orders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from dynmask_core.analysis import aopc, removal
from dynmask_core.analysis.kept import Tick
from dynmask_core.analysis.subject import Subject
from dynmask_core.masks import MaskContext, MaskPlan
from dynmask_core.masks.ops.received import received
from dynmask_core.training.record import unit_values

TRACED = 8_000_000
"""Attention weights that are held at once."""
BOUNDED_TEXTS, BOUNDED_ANSWERS = 30, 24_000
"""At most so many texts get bounds, and about so many answers are given for them."""

Scores = dict[str, np.ndarray]
"""Of one text with n words, by name, float64 [n]: the word with the highest score comes first in that order."""
Orders = dict[str, np.ndarray]
"""Of one text with n words, by name, int64 [R, n]: each word's place, 0 is first. R is removal.DRAWS for "random",
else 1."""


@dataclass(frozen=True)
class Asked:
    """Test texts to be asked about. rows: int64 [N], their indices in the data set; the masks are those of `epoch`."""

    subject: Subject
    units: Sequence[np.ndarray]
    rows: np.ndarray
    epoch: int


@dataclass(frozen=True)
class Drops:
    """N texts, K shares. By order, float64 [N, K], in the mean over its R draws: how much the probability of the
    answer to the whole text drops without the first words (removed), and with these words alone (kept)."""

    removed: dict[str, np.ndarray]
    kept: dict[str, np.ndarray]


@dataclass(frozen=True)
class Between:
    """P texts. values: by order, float64 [P, 2], the drop over all steps, between the bounds of model and text (see
    `aopc`): when the first words leave first, and when the last ones do; NaN where the bounds are equal. exact: how
    many of the texts have exact bounds."""

    values: dict[str, np.ndarray]
    exact: int


def scores_of(asked: Asked, word_scores: dict[str, np.ndarray]) -> list[Scores]:
    """Each text's scores. "mask": the value of each word's mask, as it is shown. "attended": the attention that it
    receives. word_scores: see Opened.word_scores."""
    subject, model = asked.subject, asked.subject.model.config
    found: list[Scores] = [{} for _ in asked.rows]
    batch = removal.batches(subject, asked.units, asked.rows, "test", asked.epoch)
    for chosen, context in batch:
        size = context.attention_mask.shape[1]
        most = max(1, TRACED // (model.layers * model.heads * size * size))
        for start in range(0, len(chosen), most):
            some = chosen[start : start + most]
            part = subject.batch([asked.units[i] for i in some], asked.rows[some], "test", asked.epoch)
            scores = dict(zip(("mask", "attended"), _traced(subject, part), strict=True))
            if word_scores:
                ids = part.input_ids.cpu().numpy()
                scores |= {name: score[ids] for name, score in word_scores.items()}
            words = part.maskable.cpu().numpy()
            for row, i in enumerate(some):
                found[i] = {name: score[row, words[row]] for name, score in scores.items()}
    return found


def _traced(subject: Subject, context: MaskContext) -> tuple[np.ndarray, np.ndarray]:
    """float64 [B, T] each: mask values; the attention received from what is left, in the mean over the blocks."""
    plan = removal.plan(subject, context)
    parts = subject.strategy.latest
    trace = subject.forward(context, plan, trace=True).trace
    assert trace is not None
    with torch.inference_mode():
        mask = unit_values(context, plan, parts, trace)
        blocks = [
            received(weights * heads[..., None, None], gate > 0)
            for weights, heads, gate in zip(trace.attention, trace.heads, trace.gates, strict=True)
        ]
        attended = torch.stack(blocks).mean(0)
    return mask.double().cpu().numpy(), attended.double().cpu().numpy()


def orders_of(scores: Scores, row: int) -> Orders:
    """The orders by each score, and the random ones. Words with equal scores come in random order, the same for every
    arm."""
    n, here = len(scores["mask"]), np.array([row])
    words = np.ones((1, n), dtype=bool)
    orders = {name: removal.places(score[None], words, here, name) for name, score in scores.items()}
    drawn = [removal.random_places(words, here, draw) for draw in range(removal.DRAWS)]
    return orders | {"random": np.concatenate(drawn)}


def measure(asked: Asked, orders: Sequence[Orders], shares: Sequence[int], tick: Tick) -> Drops:
    """shares: per cent of a text's words, ascending; at least one word."""
    subject, names = asked.subject, list(orders[0])
    found = Drops(*({name: np.zeros((len(asked.rows), len(shares))) for name in names} for _ in range(2)))
    done, work = 0, len(asked.rows) * sum(len(orders[0][name]) for name in names)
    for chosen, context in removal.batches(subject, asked.units, asked.rows, "test", asked.epoch):
        words = context.maskable.cpu().numpy()
        plan = removal.plan(subject, context)
        whole = removal.probabilities(subject, removal.answer(subject, context, plan))
        answer = whole.argmax(-1)
        own = whole.max(-1)
        counts = [np.maximum(-(-share * words.sum(1) // 100), 1)[:, None] for share in shares]
        for name in names:
            for draw in range(len(orders[0][name])):
                place = np.zeros(words.shape, dtype=np.int64)
                place[words] = np.concatenate([orders[i][name][draw] for i in chosen])
                for k, count in enumerate(counts):
                    if not k or (count != counts[k - 1]).any():
                        first = words & (place < count)
                        removed = own - _chance(subject, context, plan, ~first, answer)
                        kept = own - _chance(subject, context, plan, ~words | first, answer)
                    found.removed[name][chosen, k] += removed / len(orders[0][name])
                    found.kept[name][chosen, k] += kept / len(orders[0][name])
                done += len(chosen)
                tick(done / work)
    return found


def _chance(subject: Subject, context: MaskContext, plan: MaskPlan, keep: np.ndarray, answer: np.ndarray) -> np.ndarray:
    """float64 [B]: the probability of the classes `answer`, int64 [B]."""
    given = removal.probabilities(subject, removal.answer(subject, context, plan, keep))
    chances: np.ndarray = given[np.arange(len(given)), answer]
    return chances


def normalize(asked: Asked, orders: Sequence[Orders], tick: Tick) -> Between:
    """For texts that are not too long, until there are BOUNDED_TEXTS, or their bounds have taken BOUNDED_ANSWERS."""
    values: dict[str, list[np.ndarray]] = {name: [] for name in orders[0]}
    given = bounded = exact = 0
    for i, own in enumerate(orders):
        n = own["mask"].shape[1]
        # A beam search asks for about this many answers, for both bounds.
        cost = 2**n if n <= aopc.EXACT else aopc.BEAM * n * (n + 1)
        if not 2 <= n <= aopc.MOST or given + cost > BOUNDED_ANSWERS:
            continue
        drop = drop_of(asked, i)
        low, high = aopc.bounds(drop, n)
        every = np.concatenate(list(own.values()))
        reached = aopc.aopc(drop, np.concatenate([every, n - 1 - every])).reshape(2, len(every))
        start = 0
        for name, order in own.items():
            some = aopc.normalized(reached[:, start : start + len(order)], low, high)
            values[name].append(some.mean(1))
            start += len(order)
        given, bounded, exact = given + cost, bounded + 1, exact + (n <= aopc.EXACT)
        tick(max(bounded / BOUNDED_TEXTS, given / BOUNDED_ANSWERS))
        if bounded == BOUNDED_TEXTS:
            break
    return Between({name: np.array(pairs).reshape(-1, 2) for name, pairs in values.items()}, exact)


def drop_of(asked: Asked, index: int) -> aopc.Drop:
    """What removing words of one text does to the probability of the model's answer to all of it."""
    subject, sample, row = asked.subject, asked.units[index], asked.rows[index]

    def answers(removed: np.ndarray) -> np.ndarray:
        given = []
        for start in range(0, len(removed), removal.BATCH):
            gone = removed[start : start + removal.BATCH]
            context = subject.batch([sample] * len(gone), np.full(len(gone), row), "test", asked.epoch)
            keep = np.ones(context.attention_mask.shape, dtype=bool)
            keep[context.maskable.cpu().numpy()] = ~gone.ravel()
            plan = removal.plan(subject, context)
            given.append(removal.probabilities(subject, removal.answer(subject, context, plan, keep)))
        return np.concatenate(given)

    words = int(subject.batch([sample], np.array([row]), "test", asked.epoch).maskable.sum())
    whole = answers(np.zeros((1, words), dtype=bool))[0]
    answer = int(whole.argmax())
    return lambda removed: whole[answer] - answers(removed)[:, answer]
