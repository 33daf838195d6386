"""How every word's mask went over the recorded epochs, where it crossed θ, and what was changed meanwhile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np

from dynmask_core.analysis.changes import Change, changes
from dynmask_core.analysis.typical import Typical, typical_words
from dynmask_core.config import ExperimentConfig
from dynmask_core.config.checks import one_of
from dynmask_core.data.tokenize import Vocabulary
from dynmask_core.errors import InputError
from dynmask_core.masks import REGISTRY, parse
from dynmask_core.messages import Sentence, listed, say
from dynmask_core.runs import Run
from dynmask_core.runs.snapshot import Snapshot

BANDS: dict[str, tuple[int, float]] = {
    "common": (3, np.inf), "once": (1, 2), "few": (3, 9), "some": (10, 99), "many": (100, np.inf), "all": (0, np.inf),
}  # fmt: skip
"""How often a word stands in the training texts: least and most, both included. The first is the default."""
ALIKE = 8
"""At most so many words are found by a part of them."""

Kind = Literal["fell", "rose", "raised", "lowered"]
"""The mask fell below θ, or rose to it; or θ was raised above the mask, or lowered to it."""


@dataclass(frozen=True)
class Crossing:
    """From `epoch` on the word is on the other side of θ. value, threshold: its mask and θ at that epoch."""

    epoch: int
    kind: Kind
    value: float
    threshold: float


@dataclass(frozen=True, eq=False)
class Trajectories:
    """The mask of V words at E recorded epochs, special tokens left out.

    epochs: their numbers, ascending; the first value of a path is where the word started. counts: int64 [V], how often
    each word stands in the training texts. paths: float32 [V, E] in [0, 1], of older runs float16. thresholds:
    float32 [E], θ of each epoch.
    judged: whether a word below θ leaves the text; False for a mask that ignores θ, or of several parts that are each
    compared with θ. changes: of α, τ and θ. typical: None for a run without its texts or with one class.
    """

    arm: str
    epochs: tuple[int, ...]
    words: tuple[str, ...]
    counts: np.ndarray
    paths: np.ndarray
    thresholds: np.ndarray
    judged: bool
    changes: tuple[Change, ...]
    typical: Typical | None

    def __len__(self) -> int:
        return len(self.words)

    @cached_property
    def kept(self) -> np.ndarray:
        """bool [V, E]: the mask is not below the θ of that epoch. θ is rounded as the masks were recorded: a word at θ
        stays, as in the model."""
        found: np.ndarray = self.paths >= self.thresholds.astype(self.paths.dtype)
        return found

    @cached_property
    def moved(self) -> np.ndarray:
        """float32 [V]: the farthest that each word has been from its start, with its sign, to three digits: more were
        not recorded, and would tell apart words that moved equally far."""
        away = np.round(self.paths.astype(np.float32) - self.paths[:, :1].astype(np.float32), 3)
        farthest: np.ndarray = away[np.arange(len(away)), np.abs(away).argmax(1)]
        return farthest

    def crossings(self, index: int) -> list[Crossing]:
        """Where one word went below θ or came back, each judged with the θ of its epoch; [] if not `judged`."""
        if not self.judged:
            return []
        path, kept, found = self.paths[index], self.kept[index], []
        for e in np.flatnonzero(kept[1:] != kept[:-1]) + 1:
            # θ alone made the difference if the mask would not have crossed the θ of before.
            by_theta = bool(path[e] >= self.thresholds[e - 1].astype(self.paths.dtype)) == bool(kept[e - 1])
            kind: Kind = ("lowered" if by_theta else "rose") if kept[e] else ("raised" if by_theta else "fell")
            found.append(Crossing(self.epochs[e], kind, _shown(path[e]), _shown(self.thresholds[e])))
        return found

    def to_json(self, index: int) -> dict[str, Any]:
        """All about one word."""
        which = -1 if self.typical is None else int(self.typical.which[index])
        return {
            "word": self.words[index],
            "count": int(self.counts[index]),
            "typical_of": None if self.typical is None or which < 0 else self.typical.classes[which],
            "path": [_shown(value) for value in self.paths[index]],
            "kept": bool(self.kept[index, -1]) if self.judged else None,
            "crossings": [asdict(one) for one in self.crossings(index)],
        }


def _shown(value: Any) -> float:
    return round(float(value), 3)


def trajectories(run: Run, arm: str | None = None) -> Trajectories:
    """The paths of one arm, by default the last that has a mask for words.

    Raises InputError: `no_word_masks` if the arm has none, `bad_setting` for an unknown arm.
    """
    snapshots = run.snapshots()
    return of_snapshots(run.config(), arm, run.vocabulary(), snapshots, run.events(), typical_words(run))


def of_snapshots(
    config: ExperimentConfig,
    arm: str | None,
    vocabulary: Vocabulary | None,
    snapshots: Mapping[int, Snapshot],
    events: Sequence[Mapping[str, Any]],
    typical: Typical | None,
) -> Trajectories:
    """See `trajectories`; for callers who have read the run already."""
    if arm is not None:
        one_of("arm", arm, config.arms)
    able = [name for name in config.arms if has_word_mask(snapshots, name)]
    chosen = arm if arm is not None else able[-1] if able else config.arms[-1]
    if chosen not in able or vocabulary is None:
        raise InputError("no_word_masks", arm=chosen, others=listed(able) or "–")
    epochs = sorted(snapshots)
    masks = [mask for epoch in epochs if (mask := snapshots[epoch].word_mask(chosen)) is not None]
    return Trajectories(
        arm=chosen,
        epochs=tuple(epochs),
        words=vocabulary.words[vocabulary.specials :],
        counts=vocabulary.counts[vocabulary.specials :],
        paths=np.stack(masks, 1)[vocabulary.specials :],
        thresholds=np.array([snapshots[epoch].keep_threshold for epoch in epochs], dtype=np.float32),
        judged=_is_judged(chosen),
        changes=tuple(changes(events, config.controls)),
        typical=typical,
    )


def has_word_mask(snapshots: Mapping[int, Snapshot], arm: str) -> bool:
    return bool(snapshots) and snapshots[min(snapshots)].word_mask(arm) is not None


def _is_judged(arm: str) -> bool:
    return sum("keep_threshold" in REGISTRY[name].uses for name, _ in parse(arm)) == 1


def find(found: Trajectories, sought: str) -> list[int]:
    """The word that is written so, letter case ignored; else the most frequent that contain it, at most ALIKE."""
    low = sought.strip().lower()
    if not low:
        return []
    if low in found.words:
        return [found.words.index(low)]
    return [index for index, word in enumerate(found.words) if low in word][:ALIKE]


def select(found: Trajectories, *, pinned: Sequence[int] = (), cls: str | None = None, band: str = "") -> list[int]:
    """The words to show: `pinned` first, then those that are typical of `cls` and within `band`.

    Of these, the one that rose farthest and the one that fell farthest take turns; those that never moved come last. Of
    words that moved equally far, the more frequent comes first. Raises InputError `bad_setting` for an unknown class or
    band; "" is the first of BANDS.
    """
    band = band or next(iter(BANDS))
    one_of("band", band, tuple(BANDS))
    least, most = BANDS[band]
    fits = (found.counts >= least) & (found.counts <= most)
    if cls is not None:
        typical = found.typical
        one_of("class", cls, () if typical is None else typical.classes)
        assert typical is not None
        fits &= typical.which == typical.classes.index(cls)
    fits[list(pinned)] = False
    fitting = np.flatnonzero(fits)
    far = np.abs(found.moved[fitting])
    order = fitting[np.lexsort((-found.counts[fitting], -far))]
    turns = np.zeros(len(order))
    for sign in (1, -1):
        of_sign = np.sign(found.moved[order]) == sign
        turns[of_sign] = np.arange(of_sign.sum())
    turns[found.moved[order] == 0] = np.inf
    return [*pinned, *order[np.argsort(turns, kind="stable")].tolist()]


def bundles(found: Trajectories, shown: Sequence[int]) -> list[list[int]]:
    """Words with exactly the same path belong together: one line for all of them, in the order of `shown`."""
    together: dict[bytes, list[int]] = {}
    for index in shown:
        together.setdefault(found.paths[index].tobytes(), []).append(index)
    return list(together.values())


def density(found: Trajectories, steps: int = 20) -> np.ndarray:
    """int64 [E, steps + 1]: how many words are at 0, 1/steps … 1 at each epoch, rounded."""
    place = np.rint(found.paths.astype(np.float32) * steps).astype(np.int64)
    return np.stack([np.bincount(column, minlength=steps + 1) for column in place.T])


def told_crossings(found: Trajectories, together: Sequence[Sequence[int]], names: int = 6) -> list[Sentence]:
    """One sentence for all words that crossed θ at the same epoch in the same way, in the order of `together`.

    together: bundles, see there. names: at most so many words are named in each.
    """
    crossed: dict[tuple[int, Kind, float], list[int]] = {}
    for bundle in together:
        for one in found.crossings(bundle[0]):
            crossed.setdefault((one.epoch, one.kind, one.threshold), []).extend(bundle)
    return [
        say(
            f"paths.{kind}",
            words=listed((f"“{found.words[index]}”" for index in words), names),
            count=len(words),
            epoch=epoch,
            threshold=f"{threshold:g}",
        )
        for (epoch, kind, threshold), words in crossed.items()
    ]


def told_overall(found: Trajectories) -> list[Sentence]:
    """How many words there are, how many have moved, and how many are below θ, at the start and now."""
    moved = int((found.moved != 0).sum())
    facts = {"all": len(found), "epoch": found.epochs[-1]}
    if not moved:
        said = [say("paths.still", arm=found.arm, **facts)]
    else:
        said = [say("paths.moved", arm=found.arm, moved=moved, rose=int((found.moved > 0).sum()), **facts)]
    if found.judged:
        gone = (~found.kept).sum(0)
        theta = f"{found.thresholds[-1]:g}"
        said.append(say("paths.below", now=int(gone[-1]), before=int(gone[0]), threshold=theta, all=len(found)))
    else:
        said.append(say("paths.unjudged", arm=found.arm))
    return said
