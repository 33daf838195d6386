"""Works through a study: submits its missing runs to a queue until all are done or somebody stops it."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable

from dynmask_core.data.dataset import Dataset
from dynmask_core.errors import InputError
from dynmask_core.jobs.execute import HOLD
from dynmask_core.jobs.queue import Queue
from dynmask_core.runs import ACTIVE
from dynmask_core.studies import Job, Progress, Study

PACE = 0.2
"""Seconds between two checks of the runs."""
TRIES = 3
"""How often one call of `conduct` starts a run: one that kills its worker every time is given up."""


def conduct(study: Study, queue: Queue, on_progress: Callable[[Progress], None] = lambda progress: None) -> str:
    """Returns "finished", "stopped" or "failed" when no run is active and none is left to submit.

    Finished runs stay as they are, interrupted ones resume from their last complete epoch, failed ones are tried again.
    A run enters the queue only when a slot is free, so other users of the queue come first. Raises InputError
    `study_active` if somebody already works on the study.
    """
    with study.held(HOLD):
        return _conduct(study, queue, on_progress)


def _conduct(study: Study, queue: Queue, on_progress: Callable[[Progress], None]) -> str:
    if not study.take():  # where locks do not reach, its signs of life do
        raise InputError("study_active", name=study.name)
    try:
        with study.living():
            study.command("run")
            _work(study, queue, on_progress)
    finally:
        for job in study.jobs:
            if study.status(job).state in ACTIVE:
                study.run(job).command("stop")
        study.let_go()
    final = study.progress()
    on_progress(final)
    return final.state


def _work(study: Study, queue: Queue, on_progress: Callable[[Progress], None]) -> None:
    dataset = study.dataset()
    tries: Counter[str] = Counter()
    asked_to_end: set[str] = set()
    while True:
        stopping = study.wanted() == "stop"
        under_way, missing = [], []
        statuses = study.statuses()
        for job, status in zip(study.jobs, statuses, strict=True):
            if status.state in ACTIVE:
                under_way.append((study.run(job), status.state))
            elif status.state != "finished":
                name = study.run(job).name
                # Failed, or stopped by a viewer of this run: not again in this call.
                given_up = name in tries and (status.state == "failed" or status.reason == "asked")
                if not given_up and tries[name] < TRIES:
                    missing.append(job)
        on_progress(study.progress(statuses))
        if stopping:
            for run, _ in under_way:
                if run.name not in asked_to_end:
                    run.command("stop")
                    asked_to_end.add(run.name)
            if not under_way:
                return
        elif not missing and not under_way:
            return
        else:
            for run, state in under_way:
                # A viewer who leaves must not end the run; a paused run must not hold its slot forever.
                if state != "paused":
                    run.renew_lease()
            _hand_on(study, queue, missing, dataset, tries)
        time.sleep(PACE)


def _hand_on(study: Study, queue: Queue, missing: list[Job], dataset: Dataset, tries: Counter[str]) -> None:
    for job in missing[: queue.free]:
        run = study.prepare(job, dataset)
        run.renew_lease()  # with an old lease, the run would stop as unwatched at once
        try:
            queue.submit(run)
        except InputError:
            continue  # somebody else submitted it first; it is checked again later
        tries[run.name] += 1
