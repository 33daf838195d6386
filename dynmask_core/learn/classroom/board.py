"""The board of a class: the runs of everybody, as dots of one chart. It holds numbers and no texts."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import Any

from dynmask_core.data.samples import PREFIX
from dynmask_core.evaluate.ratio import Z
from dynmask_core.learn.classroom.room import Room
from dynmask_core.learn.classroom.stored import Person
from dynmask_core.masks import brief
from dynmask_core.masks.compose import parse, separate
from dynmask_core.runs import Run

Test = tuple[str, str, int]
"""What was tested on: data, own and texts of a `Score`."""
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

    own: a hash of those texts, "" for a sample. texts: of the test. moved: whether α, τ or θ were moved while it
    trained, so that `settings` holds the last ones.
    """

    run: str
    data: str
    own: str
    texts: int
    settings: dict[str, float]
    arms: tuple[Arm, ...]
    moved: bool

    @property
    def test(self) -> Test:
        """Accuracies can be compared where this is the same."""
        return self.data, self.own, self.texts


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
    def tests(self) -> list[Test]:
        """Of the dots, the most frequent first: accuracies on different tests cannot be compared."""
        return [found for found, _ in Counter(dot.score.test for dot in self.dots).most_common()]


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
    return Z * math.sqrt(max(accuracy * (1 - accuracy), 0.0) / max(texts, 1))


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
    sample = config.data.source.startswith(PREFIX)
    return Score(
        run.name,
        config.data.source if sample else "",
        "" if sample else blake2b((run.folder / "dataset.npz").read_bytes(), digest_size=8).hexdigest(),
        int(sum(one["support"] for one in arms[0]["test"]["per_class"])),
        {name: float(value) for name, value in settings.items()},
        tuple(Arm(_shown(arm["name"]), arm["test"]["accuracy"], arm["validation"]["accuracy"]) for arm in arms),
        last != first,
    )


def _shown(arm: str) -> str:
    """The arm's short name, without words that somebody has typed into it; those of `custom` are not anybody's."""
    shown = []
    for written, (name, values) in zip(separate(arm, "+"), parse(arm), strict=True):
        typed = name != "custom" and any(isinstance(value, str) for value in values.values())
        shown.append(name if typed else written)
    return brief("+".join(shown))
