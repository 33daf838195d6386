"""How a run stands: its final result, or what it would be if the run ended with its last complete epoch."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from dynmask_core.errors import InputError
from dynmask_core.runs import Run, files
from dynmask_core.tasks import task_of

EARLY = "early.json"
At = tuple[int, bool]
"""The epoch of a run's standing, and whether that is early: models of a run that has gone on are others."""


@dataclass(frozen=True)
class Standing:
    """result: as `Run.result()`. early: the run is not finished; its arms are those of its best epochs so far. epoch:
    the last complete one."""

    result: dict[str, Any]
    epoch: int
    early: bool

    def best_epoch(self, arm: str) -> int:
        return int(next(one["best_epoch"] for one in self.result["arms"] if one["name"] == arm))


def require_classes(run: Run) -> None:
    """Raises InputError `no_classes` if the run's task does not tell classes apart."""
    if "labels" not in task_of(run.config()).provides:
        raise InputError("no_classes", name=run.name)


def can_stand(run: Run) -> bool:
    """Whether `standing` has something to say; it does not load torch."""
    return run.finished or _epoch(run) > 0


def at(run: Run) -> At:
    """Where a run stands."""
    return (run.config().train.epochs, False) if run.finished else (_epoch(run), True)


def known(run: Run) -> Standing | None:
    """The standing, if it needs no computing."""
    finished = run.result()
    if finished is not None:
        return Standing(finished, run.config().train.epochs, early=False)
    kept: Standing | None = files.wish(
        run.folder / EARLY, lambda stored: Standing(stored["result"], int(stored["epoch"]), early=True)
    )
    return kept if kept is not None and kept.epoch == _epoch(run) else None


def standing(run: Run) -> Standing:
    """Scores a run that is not finished, once per epoch: the scores are kept in its folder. Resuming is not disturbed.

    Raises InputError `no_weights` before the end of the first epoch.
    """
    kept = known(run)
    if kept is not None:
        return kept
    # Loaded here: to ask whether there is a result must not take the seconds that torch needs.
    from dynmask_core.training.fit import score_so_far

    state = run.checkpoint()
    if state is None or _epoch_of(state["progress"]) < 1:
        raise InputError("no_weights", name=run.name, arm=", ".join(run.config().arms))
    epoch = _epoch_of(state["progress"])
    result = score_so_far(run.going_on(), run.dataset(), state | run.frozen("frozen.")).result
    with suppress(OSError):  # it can be computed again
        files.write_json(run.path / EARLY, {"epoch": epoch, "result": result})
    return Standing(result, epoch, early=True)


def _epoch(run: Run) -> int:
    """The epoch of the checkpoint; 0 if there is none, and for a run inside a zip file."""
    if not isinstance(run.folder, Path):
        return 0
    found = run.checkpoint("progress")
    return 0 if found is None else _epoch_of(found[""])


def _epoch_of(progress: np.ndarray) -> int:
    return int(progress[0])
