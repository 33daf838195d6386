"""The board of a class: the runs of everybody, as dots of one chart. It holds numbers and no texts."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from dynmask_core.data.samples import PREFIX
from dynmask_core.learn.classroom.room import Person, Room
from dynmask_core.masks import brief
from dynmask_core.runs import Run

SETTINGS = ("alpha", "tau", "theta", "epochs", "seed")
"""What the chart can lay its dots along."""


@dataclass(frozen=True)
class Arm:
    """name: in short. test, validation: accuracies in [0, 1]."""

    name: str
    test: float
    validation: float


@dataclass(frozen=True)
class Score:
    """A finished run. data: the sample's address, "" for texts that somebody brought: their name is nobody's business.

    moved: whether α, τ or θ were moved while it trained, so that `settings` holds the last ones. texts: of the test.
    """

    run: str
    data: str
    texts: int
    settings: dict[str, float]
    arms: tuple[Arm, ...]
    moved: bool


@dataclass(frozen=True)
class Dot:
    """people: whose run it is; several where equal runs were trained once."""

    score: Score
    people: tuple[Person, ...]


@dataclass(frozen=True)
class Board:
    """dots: of finished runs on labelled texts. open: runs that are not finished. others: runs without classes."""

    dots: tuple[Dot, ...]
    open: int
    others: int

    @property
    def data(self) -> list[tuple[str, int]]:
        """(data, texts) of the dots, the most frequent first: accuracies on different tests cannot be compared."""
        return [found for found, _ in Counter((dot.score.data, dot.score.texts) for dot in self.dots).most_common()]


def board_of(room: Room) -> Board:
    """Reads what is new; finished runs are read once."""
    people = {one.who: one for one in room.people()}
    owners: dict[str, list[Person]] = {}
    for who, name in room.runs():
        if who in people:
            owners.setdefault(name, []).append(people[who])
    dots, unfinished, others = [], 0, 0
    for name, whose in owners.items():
        run = Run.at(room.runs_root, name)
        if run is None:
            continue  # deleted meanwhile
        if not run.finished:
            unfinished += 1
        elif (score := _score(room.runs_root, name)) is None:
            others += 1
        else:
            dots.append(Dot(score, tuple(whose)))
    return Board(tuple(dots), unfinished, others)


def half_width(accuracy: float, texts: int) -> float:
    """Half of the 95% interval of an accuracy measured on so many texts (the normal approximation)."""
    return 1.96 * math.sqrt(max(accuracy * (1 - accuracy), 0.0) / max(texts, 1))


def typical_half_width(scores: Sequence[Score]) -> float:
    """The same for the middle accuracy among all arms of these runs."""
    found = sorted(arm.test for score in scores for arm in score.arms)
    return half_width(found[len(found) // 2], scores[0].texts) if found else 0.0


@lru_cache(maxsize=4_000)
def _score(root: Path, name: str) -> Score | None:
    """None for a run that learned no classes, or whose files are damaged."""
    try:
        return _read(Run(root / name))
    except (ValueError, TypeError, KeyError, IndexError, OSError):
        return None


def _read(run: Run) -> Score | None:
    config, result = run.config(), run.result()
    if result is None or config.task.page != "train":
        return None
    arms: list[dict[str, Any]] = result["arms"]
    last, first = run.controls(), config.controls
    settings = {
        "alpha": last.step_size,
        "tau": last.evidence_threshold,
        "theta": last.keep_threshold,
        "epochs": config.train.epochs,
        "seed": config.train.seed,
    }
    source = config.data.source
    return Score(
        run.name,
        source if source.startswith(PREFIX) else "",
        int(sum(one["support"] for one in arms[0]["test"]["per_class"])),
        {name: float(value) for name, value in settings.items()},
        tuple(Arm(brief(arm["name"]), arm["test"]["accuracy"], arm["validation"]["accuracy"]) for arm in arms),
        last != first,
    )
