"""Looks through all files of a run, and names those that are damaged or lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from dynmask_core.errors import InputError
from dynmask_core.runs import files
from dynmask_core.runs.run import Run
from dynmask_core.runs.status import Status


def faults(run: Run) -> list[InputError]:
    """For each file of a run that cannot be read, the sentence that names it. Reads them all, models too.

    Raises InputError if it is the settings: without these, nothing can be said of the others.
    """
    run.config()
    found: list[InputError] = []
    for look in _looks(run):
        try:
            look()
        except InputError as error:
            found.append(error)
    return found


def _looks(run: Run) -> Iterator[Callable[[], object]]:
    yield partial(_status, run)
    yield partial(_log, run)
    yield from (run.vocabulary, run.probes, run.result, run.predictions, run.split)
    if not run.recorded:
        yield run.dataset
    last = max(run.epochs(), default=-1)
    yield from (partial(run.snapshot, epoch) for epoch in range(last + 1))
    yield from (partial(files.read_tensors, run.kept_file(epoch)) for epoch in run.kept_epochs())
    if run.finished:
        if not run.recorded:
            yield from (partial(files.read_tensors, run.weights_file(arm)) for arm in run.config().arms)
    else:
        yield run.require_checkpoint
    if run.frozen_file.exists():
        yield partial(run.frozen, "")


def _status(run: Run) -> None:
    path = run.folder / "status.json"
    stored: Status | None = files.read_json(path, Status.read)
    if stored is None:
        raise files.missing(path)
    if stored.state == "finished" and not run.finished:
        raise files.missing(run.folder / "result.json")


def _log(run: Run) -> None:
    """The log begins with the start of the training, before anything else is recorded."""
    if run.epochs():
        run.started()
