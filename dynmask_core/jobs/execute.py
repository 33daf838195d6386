"""Trains one run from its folder, in this process, and obeys the requests of its viewers."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from dynmask_core.errors import InputError, of_system
from dynmask_core.events import EpochEnd, Event, Finished
from dynmask_core.inputs import make_input
from dynmask_core.runs import Run, RunWriter, files
from dynmask_core.runs.status import State
from dynmask_core.training.probes import choose_probes

POLL = 0.1
"""Seconds between two checks for requests while paused."""
REST = 60.0
"""A run paused for longer than these seconds gives its worker back: others may be waiting for it."""
HOLD = 2.0
"""Seconds to wait for a run that another process holds: one that asks whether it is held, holds it for a moment."""


class Stopped(Exception):
    """Somebody asked the run to stop, nobody watches it any more, or its pause lasted."""


class Abandoned(Exception):
    """The run no longer belongs to this process. Another one may train it already, so not even this is written."""


def execute(
    folder: Path,
    on_event: Callable[[Event], None] = lambda event: None,
    abandoned: Callable[[], bool] = lambda: False,
    patience: float = HOLD,
) -> str:
    """Runs the experiment in `folder`, or resumes it if there is a checkpoint; returns its last state.

    Each epoch is on disk before the next one begins. Any exception is recorded as the run's failure and raised;
    KeyboardInterrupt leaves the run "interrupted" (it can be resumed) and is raised. So does a disk that refuses to
    write, which is told as an InputError, see `errors.of_system`; `folder_gone` if the folder was removed. As soon as
    `abandoned()` is true, nothing more is written, and Abandoned is raised.

    patience: seconds to wait for another process that trains the run. Raises InputError `run_active` after that.
    """
    run = Run(folder)
    try:
        with run.held(patience):
            return _train(run, on_event, abandoned)
    except OSError as error:
        raise of_system(error) from error


def _train(run: Run, on_event: Callable[[Event], None], abandoned: Callable[[], bool]) -> str:
    writer = None
    try:
        writer = RunWriter(run)
        with run.living():
            for event in _events(run, writer):
                if abandoned():
                    raise Abandoned
                writer.write(event)
                on_event(event)
                if not isinstance(event, Finished):
                    _obey(run, writer, event, abandoned)
    except Stopped as reason:
        _leave(run, writer, "stopped", reason=str(reason))
    except Abandoned:
        raise
    except KeyboardInterrupt:
        _leave(run, writer, "interrupted")
        raise
    except Exception as error:
        _record(run, writer, error)
        if not run.exists():
            raise InputError("folder_gone", path=run.path) from error
        raise
    return run.status().state


def _events(run: Run, writer: RunWriter) -> Iterator[Event]:
    # Imported here, because a process that only queues runs (for example a page) does not need torch.
    import torch

    from dynmask_core.training.fit import fit

    torch.set_num_threads(1)  # more threads change sums and compete for busy cores
    dataset = run.dataset()
    first = choose_probes(dataset, writer.config.train.seed, sample=make_input(writer.config).sample)
    resume = writer.resume_state()
    return fit(writer.config, dataset, controls=run.controls, probes=lambda: writer.probes(first), resume=resume)


def _record(run: Run, writer: RunWriter | None, error: Exception) -> None:
    """Notes in the run's folder why its training ended."""
    if isinstance(error, InputError):
        _leave(run, writer, "failed", error=(error.code, error.params))
    elif isinstance(error, OSError):
        refused = of_system(error, files.told)
        _leave(run, writer, "interrupted", error=(refused.code, refused.params))
    else:
        with suppress(OSError):
            (run.path / "failure.txt").write_text(traceback.format_exc())
        _leave(run, writer, "failed", error=("unexpected", {}))


def _leave(run: Run, writer: RunWriter | None, state: State, **told: Any) -> None:
    """Writes the last status. If the disk refuses even that, the run is seen to be interrupted by its silence."""
    try:
        if writer is None:
            run.write_status(replace(run.status(), state=state, **told))
        else:
            writer.state(state, **told)
    except OSError:
        with suppress(OSError):
            (run.path / "alive").unlink(missing_ok=True)


def _obey(run: Run, writer: RunWriter, event: Event, abandoned: Callable[[], bool]) -> None:
    """Waits until the run may go on; raises Stopped or Abandoned if it must end."""
    waiting = False
    since = time.monotonic()
    while True:
        if abandoned():
            raise Abandoned
        action, until = run.wanted()
        if action == "stop":
            raise Stopped("asked")
        if run.unwatched():
            raise Stopped("unwatched")
        reached = until is not None and isinstance(event, EpochEnd) and event.epoch >= until
        if action == "run" and not reached:
            break
        if action == "run":
            # Epoch `until` is done: from here on it is a normal pause.
            run.command("pause")
        if not waiting:
            writer.state("paused")
            waiting = True
        # What was done of the epoch is done again after a rest, to the same numbers.
        if time.monotonic() - since > REST and not run.of_study:
            raise Stopped("rested")
        time.sleep(POLL)
    if waiting:
        writer.state("training")
