"""What a trained model would do at another keep threshold θ: its accuracy, the share of words kept, and the cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from dynmask_core.analysis.kept import Tick, kept, of_arms, piece, silent
from dynmask_core.evaluate.cost import Usage
from dynmask_core.masks import Composed, Split
from dynmask_core.masks.gates import LearnedGate
from dynmask_core.masks.word_table import TokenValues
from dynmask_core.runs import Run

if TYPE_CHECKING:
    from dynmask_core.analysis.removal import Opened
    from dynmask_core.analysis.subject import Subject
    from dynmask_core.masks import MaskContext, MaskPlan

NAME = "thresholds"
GRID = tuple(round(step / 20, 2) for step in range(21))
"""0, 0.05, …, 1; the threshold of the run joins them."""
MOST_TEXTS, MOST_WORDS = 1_000, 40_000
"""At most so many texts of each part are answered, with about so many words."""
PARTS: tuple[Split, ...] = ("validation", "test")
OTHERS = ("lowest", "highest")
"""Instead of the words below θ, as many words of each text leave that have the lowest or the highest log-odds."""


@dataclass(frozen=True)
class Curves:
    """One part at every θ. texts: answered, of `given` in the part.

    accuracy, kept: in [0, 1], see Usage.kept_fraction. flops: per given token, see Usage.flops_per_token. In place of
    the words below θ, as many other words of each text leave: random_mean, random_low, random_high: accuracy over
    `draws` random choices, with the worst and the best of them. lowest, highest: accuracy without the words of
    lowest or highest log-odds; empty if units are not words.
    """

    texts: int
    given: int
    draws: int
    accuracy: list[float]
    kept: list[float]
    flops: list[float]
    random_mean: list[float]
    random_low: list[float]
    random_high: list[float]
    lowest: list[float]
    highest: list[float]


@dataclass(frozen=True)
class Thresholds:
    """One arm. thetas: ascending. trained: the index of the θ that the model was trained with. chosen: the index of the
    θ with the best accuracy on validation, and of equally good ones of the one that keeps fewest words; test plays no
    part in that.

    why_not: "" or why there is nothing to move: "gates", the mask learns which words leave and has no θ; "training",
    predictions are made without the mask; "other", the mask has no value per word that θ could cut. Then `parts` is {}.
    """

    arm: str
    why_not: str
    thetas: list[float]
    trained: int
    chosen: int
    parts: dict[str, Curves]

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Thresholds:
        return cls(**stored | {"parts": {part: Curves(**curves) for part, curves in stored["parts"].items()}})


def known(run: Run) -> dict[str, Thresholds]:
    """The curves that are kept already, by arm."""
    return {arm: Thresholds.from_json(stored) for arm, stored in kept(run, NAME).items()}


def thresholds(run: Run, arms: Sequence[str] = (), tick: Tick = silent) -> dict[str, Thresholds]:
    """The curves of some arms, by default of all; they are computed once and kept in the run's folder.

    Raises InputError: `no_weights` before the end of the first epoch, `no_classes`, `bad_setting` for an unknown arm.
    """
    return of_arms(run, NAME, arms, known, _measure, tick)


def _measure(opened: Opened, arm: str, tick: Tick) -> Thresholds:
    subject, epoch = opened.subject(arm)
    cut = [part for part in subject.strategy.parts if isinstance(part, TokenValues)]
    if not cut:
        return Thresholds(arm, _why_not(subject.strategy), [], 0, 0, {})
    trained = cut[0].threshold
    thetas = sorted({*GRID, trained})
    parts = {
        str(part): _curves(opened, subject, epoch, part, thetas, piece(tick, number, len(PARTS)))
        for number, part in enumerate(PARTS)
    }
    by_validation = parts["validation"]
    own = thetas.index(trained)
    if not len(opened.corpus.rows("validation")):
        return Thresholds(arm, "", thetas, own, own, parts)  # nothing to choose by
    chosen = min(range(len(thetas)), key=lambda i: (-by_validation.accuracy[i], by_validation.kept[i]))
    return Thresholds(arm, "", thetas, own, chosen, parts)


def _why_not(strategy: Composed) -> str:
    if any(isinstance(part, LearnedGate) and part.removes for part in strategy.parts):
        return "gates"
    return "training" if strategy.only_training else "other"


def _curves(opened: Opened, subject: Subject, epoch: int, part: Split, thetas: list[float], tick: Tick) -> Curves:
    from dynmask_core.analysis import removal

    rows = opened.sample(part, MOST_TEXTS, MOST_WORDS)
    scores = opened.word_scores(subject)
    draws = [f"random {draw}" for draw in range(removal.DRAWS)]
    others = [*draws, *(OTHERS if scores else ())]
    right = {name: np.zeros(len(thetas), dtype=np.int64) for name in ("own", *others)}
    usages = [Usage(opened.config.model) for _ in thetas]
    units, done = opened.units(rows), 0
    for chosen, context in removal.batches(subject, units, rows, part, epoch) if len(rows) else ():
        labels = opened.corpus.labels[rows[chosen]]
        words, given = context.maskable.cpu().numpy(), sum(len(units[i]) for i in chosen)
        order = _orders(subject, context, words, rows[chosen], scores)
        whole, _ = _at(subject, context, 0.0)
        before = None
        for number, theta in enumerate(thetas):
            plan, gone = _at(subject, context, theta)
            if before is None or (gone != before).any():
                output = removal.answer(subject, context, plan)
                counts = {"own": _right(subject, output, labels)}
                for name in others:
                    # As many words of each text, in another order.
                    left = ~words | (order[name] >= gone.sum(1, keepdims=True))
                    other = removal.answer(subject, context, whole, left) if gone.any() else output
                    counts[name] = _right(subject, other, labels)
                before = gone
            usages[number].add(output.kept.cpu().numpy(), output.heads, given)
            for name, count in counts.items():
                right[name][number] += count
        done += len(chosen)
        tick(done / len(rows))
    share = {name: (counts / max(len(rows), 1)).tolist() for name, counts in right.items()}
    drawn = np.array([share[name] for name in draws])
    return Curves(
        texts=len(rows),
        given=len(opened.corpus.rows(part)),
        draws=removal.DRAWS,
        accuracy=share["own"],
        kept=[usage.kept_fraction for usage in usages],
        flops=[usage.flops_per_token for usage in usages],
        random_mean=drawn.mean(0).tolist(),
        random_low=drawn.min(0).tolist(),
        random_high=drawn.max(0).tolist(),
        lowest=share.get("lowest", []),
        highest=share.get("highest", []),
    )


def _at(subject: Subject, context: MaskContext, theta: float) -> tuple[MaskPlan, np.ndarray]:
    """The plan at this θ; bool [B, T], the words that are below it."""
    from dynmask_core.analysis import removal

    for part in subject.strategy.parts:
        if isinstance(part, TokenValues):
            part.threshold = theta
    plan = removal.plan(subject, context)
    gone = np.zeros(context.attention_mask.shape, dtype=bool)
    for part, own in zip(subject.strategy.parts, subject.strategy.latest, strict=True):
        if isinstance(part, TokenValues) and own.keep is not None:
            gone |= ~own.keep.cpu().numpy()
    return plan, gone & context.maskable.cpu().numpy()


def _orders(
    subject: Subject, context: MaskContext, words: np.ndarray, rows: np.ndarray, scores: dict[str, np.ndarray]
) -> dict[str, np.ndarray]:
    """By name, int64 [B, T]: which words leave first."""
    from dynmask_core.analysis.removal import DRAWS, places, random_places

    found = {f"random {draw}": random_places(words, rows, draw) for draw in range(DRAWS)}
    if scores:
        odds = scores["log_odds"][context.input_ids.cpu().numpy()]
        found |= {"lowest": places(-odds, words, rows, "lowest"), "highest": places(odds, words, rows, "highest")}
    return found


def _right(subject: Subject, output: Any, labels: np.ndarray) -> int:
    return int((output.logits.argmax(-1).cpu().numpy() == labels).sum())
