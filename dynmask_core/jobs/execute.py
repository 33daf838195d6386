"""Trains one run from its folder, in this process, obeying what its viewers ask for."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable
from pathlib import Path

from dynmask_core.errors import InputError
from dynmask_core.events import EpochEnd, Event, Finished
from dynmask_core.runs import Run, RunWriter
from dynmask_core.training.probes import choose_probes

POLL = 0.1
"""Seconds between two looks at the wishes while paused."""


class Stopped(Exception):
    """Somebody asked for the run to stop, or nobody watches it any more."""


class Abandoned(Exception):
    """The run is no longer this process's to train. Another may have it by now, so not even that is written down."""


def execute(
    folder: Path, on_event: Callable[[Event], None] = lambda event: None, abandoned: Callable[[], bool] = lambda: False
) -> str:
    """Runs (or resumes, where a checkpoint lies) the experiment in `folder`; returns its last state.

    Every complete epoch is on disk before the next one begins. An InputError is written down as the run's failure and
    raised; a KeyboardInterrupt leaves the run "interrupted", resumable, and is raised. Once `abandoned()` is true
    nothing more is written, and Abandoned is raised.
    """
    # Loaded here: whoever only queues runs, a page for instance, does without torch.
    import torch

    from dynmask_core.training.fit import fit

    torch.set_num_threads(1)  # more threads change sums, and spin against each other on busy cores
    run = Run(folder)
    writer = RunWriter(run)
    try:
        with run.living():
            dataset = run.dataset()
            first = choose_probes(dataset, writer.config.train.seed)
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
    """Returns when the run may go on; raises Stopped or Abandoned when it must not."""
    waiting = False
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
            # The step asked for is done: from here on it is an ordinary pause.
            run.command("pause")
        if not waiting:
            writer.state("paused")
            waiting = True
        time.sleep(POLL)
    if waiting:
        writer.state("training")
