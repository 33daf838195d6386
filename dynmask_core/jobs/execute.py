"""Trains one run from its folder, in this process, and obeys the requests of its viewers."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable
from pathlib import Path

from dynmask_core.errors import InputError
from dynmask_core.events import EpochEnd, Event, Finished
from dynmask_core.inputs import make_input
from dynmask_core.runs import Run, RunWriter
from dynmask_core.training.probes import choose_probes

POLL = 0.1
"""Seconds between two checks for requests while paused."""
REST = 60.0
"""A run paused for longer than these seconds gives its worker back: others may be waiting for it."""


class Stopped(Exception):
    """Somebody asked the run to stop, nobody watches it any more, or its pause lasted."""


class Abandoned(Exception):
    """The run no longer belongs to this process. Another one may train it already, so not even this is written."""


def execute(
    folder: Path, on_event: Callable[[Event], None] = lambda event: None, abandoned: Callable[[], bool] = lambda: False
) -> str:
    """Runs the experiment in `folder`, or resumes it if there is a checkpoint; returns its last state.

    Each epoch is on disk before the next one begins. Any exception is recorded as the run's failure and raised;
    KeyboardInterrupt leaves the run "interrupted" (it can be resumed) and is raised. As soon as `abandoned()` is true,
    nothing more is written, and Abandoned is raised.
    """
    # Imported here, because a process that only queues runs (for example a page) does not need torch.
    import torch

    from dynmask_core.training.fit import fit

    torch.set_num_threads(1)  # more threads change sums and compete for busy cores
    run = Run(folder)
    writer = RunWriter(run)
    try:
        with run.living():
            dataset = run.dataset()
            first = choose_probes(dataset, writer.config.train.seed, sample=make_input(writer.config).sample)
            resume = writer.resume_state()
            events = fit(
                writer.config, dataset, controls=run.controls, probes=lambda: writer.probes(first), resume=resume
            )
            for event in events:
                if abandoned():
                    raise Abandoned
                writer.write(event)
                on_event(event)
                if not isinstance(event, Finished):
                    _obey(run, writer, event, abandoned)
    except Stopped as reason:
        writer.state("stopped", reason=str(reason))
    except InputError as error:
        writer.state("failed", error=(error.code, error.params))
        raise
    except Abandoned:
        raise
    except KeyboardInterrupt:
        writer.state("interrupted")
        raise
    except Exception:
        (folder / "failure.txt").write_text(traceback.format_exc())
        writer.state("failed", error=("unexpected", {}))
        raise
    return run.status().state


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
