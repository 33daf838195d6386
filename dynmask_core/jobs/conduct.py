"""Working through a study: hands its missing runs to a queue until all are done or somebody says stop."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable

from dynmask_core.data.dataset import Dataset
from dynmask_core.errors import InputError
from dynmask_core.jobs.queue import Queue
from dynmask_core.runs import ACTIVE
from dynmask_core.studies import Job, Progress, Study

PACE = 0.2
"""Seconds between two looks at the runs."""
TRIES = 3
"""How often a run is begun or taken up again in one go: one that kills its worker every time is given up."""


def conduct(study: Study, queue: Queue, on_progress: Callable[[Progress], None] = lambda progress: None) -> str:
    """Returns "finished", "stopped" or "failed" once no run is left to hand on and none is under way.

    Runs that are done stay as they are; those that were interrupted go on from their last complete epoch; those that
    failed are tried anew. A run enters the queue only when a slot is free: whoever else uses the queue comes first.
    Raises InputError `study_active` where somebody works on the study already.
    """
    if not study.take():
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
                # Stopped by a reader who watched just this run, or failed: not again in this go.
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
                # A reader who looked at one run and left must not end it; one who paused it must not hold its slot.
                if state != "paused":
                    run.renew_lease()
            _hand_on(study, queue, missing, dataset, tries)
        time.sleep(PACE)


def _hand_on(study: Study, queue: Queue, missing: list[Job], dataset: Dataset, tries: Counter[str]) -> None:
    for job in missing[: queue.free]:
        run = study.prepare(job, dataset)
        run.renew_lease()  # the last one may be of another day: it would end as unwatched at once
        try:
            queue.submit(run)
        except InputError:
            continue  # somebody else was faster; it is looked at again
        tries[run.name] += 1
