"""Results that are computed once per run and arm and kept in the run's folder, until the run goes on."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from dynmask_core.analysis.standing import at
from dynmask_core.runs import Run, files

FORM = 1
"""Raise it when a result changes its form: older ones are then computed anew."""
_WRITING = threading.Lock()
Tick = Callable[[float], None]
"""Told the share of the work that is done, in [0, 1]."""


def silent(share: float) -> None:
    """Nobody waits for the work."""


def piece(tick: Tick, number: int, of: int) -> Tick:
    """For piece `number`, from 0, of `of` equal pieces of the work."""
    return lambda share: tick((number + share) / of)


def kept(run: Run, name: str) -> dict[str, Any]:
    """By arm, what was kept under this name at the run's last complete epoch, as JSON."""
    return _kept(run, name, at(run))


def keep(run: Run, name: str, arm: str, result: dict[str, Any], made_at: tuple[int, bool]) -> None:
    """Keeps a result. made_at: where the run stood (see `standing.at`) when its models were opened; if the run has gone
    on since, the result is of no use any more and is not kept."""
    if made_at != at(run):
        return
    with _WRITING:
        arms = _kept(run, name, made_at) | {arm: result}
        files.write_json(run.path / f"{name}.json", {"made_at": [*made_at, FORM], "arms": arms})


def _kept(run: Run, name: str, made_at: tuple[int, bool]) -> dict[str, Any]:
    found = files.read_json(run.folder / f"{name}.json")
    arms: dict[str, Any] = found["arms"] if found and found["made_at"] == [*made_at, FORM] else {}
    return arms
