"""Results that are computed once per run and arm and kept in the run's folder, until the run goes on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from dynmask_core.analysis.standing import At, at
from dynmask_core.config.checks import one_of
from dynmask_core.runs import Run, files

if TYPE_CHECKING:
    from dynmask_core.analysis.removal import Opened

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


def keep(run: Run, name: str, arm: str, result: dict[str, Any], made_at: At) -> None:
    """Keeps a result. made_at: where the run stood (see `standing.at`) when its models were opened; if the run has gone
    on since, the result is of no use any more and is not kept."""
    if made_at != at(run):
        return
    with _WRITING:
        arms = _kept(run, name, made_at) | {arm: result}
        with suppress(OSError):  # it can be computed again
            files.write_json(run.path / f"{name}.json", {"made_at": [*made_at, FORM], "arms": arms})


class Storable(Protocol):
    def to_json(self) -> dict[str, Any]: ...


R = TypeVar("R", bound=Storable)


def of_arms(
    run: Run,
    name: str,
    arms: Sequence[str],
    known: Callable[[Run], dict[str, R]],
    make: Callable[[Opened, str, Tick], R],
    tick: Tick,
) -> dict[str, R]:
    """The results of some arms, by default of all: the `known` ones, and the others made and kept.

    Raises InputError: `bad_setting` for an unknown arm, and what `Opened.of` and `make` raise.
    """
    # Loaded here: kept results are read without torch.
    from dynmask_core.analysis.removal import Opened

    names = run.config().arms
    for arm in arms:
        one_of("arm", arm, names)
    wanted = list(arms or names)
    found = known(run)
    missing = [arm for arm in wanted if arm not in found]
    if missing:
        opened = Opened.of(run)
        for number, arm in enumerate(missing):
            found[arm] = make(opened, arm, piece(tick, number, len(missing)))
            keep(run, name, arm, found[arm].to_json(), opened.made_at)
    return {arm: found[arm] for arm in wanted}


def _kept(run: Run, name: str, made_at: At) -> dict[str, Any]:
    found = files.wish(run.folder / f"{name}.json", lambda stored: (stored["made_at"], {**stored["arms"]}))
    arms: dict[str, Any] = found[1] if found and found[0] == [*made_at, FORM] else {}
    return arms
