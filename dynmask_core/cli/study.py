"""Shared by `compare`, `sweep` and `curve`: options, workers, progress, resuming."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dynmask_core.cli.data import add_data_options, load_dataset
from dynmask_core.cli.experiment import RUNS_DIR_HELP
from dynmask_core.cli.questions.base import progress
from dynmask_core.cli.train import add_settings, experiment_config, given
from dynmask_core.errors import InputError
from dynmask_core.messages import LANGUAGES, speaking_of, told
from dynmask_core.report import write_report, writer_of
from dynmask_core.runs import ACTIVE, default_root
from dynmask_core.runs.folder import ALIVE_FOR
from dynmask_core.studies import KINDS, Progress, Study, StudyConfig, same_study
from dynmask_core.studies.results import results

if TYPE_CHECKING:
    from dynmask_core.data import Dataset, Report
    from dynmask_core.jobs import Queue

SAY_EVERY = 5.0
"""Seconds between two lines of progress."""


def add_study_options(command: argparse.ArgumentParser, name: str, *, lists: bool = False) -> None:
    """name: kind of study, for the defaults. lists: see `add_settings`."""
    kind = KINDS[name]
    add_data_options(command)
    add_settings(command, kind.start, lists=lists)
    command.add_argument(
        "--seeds", type=int, default=kind.seeds, metavar="N", help="runs of each kind (default %(default)s)"
    )
    command.add_argument(
        "--engine", choices=("local", "dask"), default="local", help="who trains (default %(default)s)"
    )
    command.add_argument("--workers", type=int, metavar="N", help="local processes (default: one per core)")
    command.add_argument("--scheduler", metavar="ADDRESS", help="of a Dask cluster, for example tcp://10.0.0.1:8786")
    command.add_argument("--runs-dir", type=Path, metavar="DIR", help=RUNS_DIR_HELP)
    command.add_argument(
        "--report", type=Path, action="append", default=[], metavar="FILE", help="write a report: .html or .md"
    )
    if kind.questions:
        told = "first ask the trained models of all seeds: " + ", ".join(kind.questions)
        command.add_argument("--with-questions", action="store_true", help=told)
    command.add_argument("--lang", choices=tuple(LANGUAGES), default="en", help="of the report (default %(default)s)")


def study_config(arguments: argparse.Namespace, **what: Any) -> StudyConfig:
    return StudyConfig(base=experiment_config(arguments), seeds=arguments.seeds, **what)


def run_study(arguments: argparse.Namespace, config: StudyConfig) -> dict[str, Any]:
    """Does the missing runs, then analyses the study. A study of the same settings and texts is resumed."""
    for path in arguments.report:
        writer_of(path)
    _check_engine(arguments, config)
    root = arguments.runs_dir or default_root()
    dataset, report, left_out = _texts(arguments, config)
    config = _fitting(arguments, config, dataset)
    kind = KINDS[config.kind]
    study = same_study(root, config, dataset) or Study.create(root, config, dataset, report)
    print(f"study {study.name}", file=sys.stderr)
    now = study.progress()
    if now.state != "finished":
        if doubt := kind.doubt(config.seeds, len(config.base.arms)):
            print(f"! {told(doubt)}", file=sys.stderr)
        now = _work(arguments, study)
    if kind.questions and arguments.with_questions:
        _ask(study, kind.questions)
    for path in arguments.report:
        write_report(study, path, arguments.lang)
        print(f"report written to {path}", file=sys.stderr)
    classes = {name: int((dataset.labels == i).sum()) for i, name in enumerate(dataset.classes)}
    with speaking_of(dataset.medium):
        said = kind.to_json(kind.analyse(results(study), config))
    return {
        "study": study.name,
        "kind": config.kind,
        "state": now.state,
        "runs": {"done": now.done, "total": now.total, "failed": now.failed},
        "dataset": {"rows": report.rows, "classes": classes, "dropped": report.dropped},
        **({} if left_out is None else {"test_on": {"source": config.test_on, "left_out": left_out}}),
        **said,
    }


def _ask(study: Study, questions: Sequence[str]) -> None:
    from dynmask_core.studies.questions import QUESTIONS

    for name in questions:
        print(f"the models of all seeds are asked: {name}", file=sys.stderr)
        with progress() as tick:
            QUESTIONS[name].answer(study, tick)


def _check_engine(arguments: argparse.Namespace, config: StudyConfig) -> None:
    """Reports errors that would end every run before the first one starts."""
    if arguments.engine == "dask":
        if not arguments.scheduler:
            raise InputError("no_scheduler")
        return
    if arguments.workers is not None and arguments.workers < 1:
        raise InputError("bad_number", name="workers", value=arguments.workers, least=1)
    if config.base.train.device not in ("auto", "cpu"):
        from dynmask_core.training.fit import choose_device

        choose_device(config.base.train.device)


def _fitting(arguments: argparse.Namespace, config: StudyConfig, dataset: Dataset) -> StudyConfig:
    from dynmask_core.inputs import fit_to

    config = replace(config, base=fit_to(config.base, dataset, given=given(arguments)))
    fitted = KINDS[config.kind].fitting(config, dataset)
    if fitted.sizes != config.sizes:
        print(f"! There are {fitted.sizes[-1]} training texts: larger sizes stand for all of them.", file=sys.stderr)
    return fitted


def _texts(arguments: argparse.Namespace, config: StudyConfig) -> tuple[Dataset, Report, int | None]:
    dataset, report = load_dataset(config.base.data, arguments)
    with speaking_of(dataset.medium):
        for warning in report.to_json()["warnings"]:
            print(f"! {warning}", file=sys.stderr)
    if not config.test_on:
        return dataset, report, None
    from dynmask_core.data import resolve
    from dynmask_core.data.load import load
    from dynmask_core.data.variants import transfer_to

    # Guess the columns again: another file may have other names.
    plain = replace(config.base.data, source=config.test_on, text_column=None, label_column=None, split_column="")
    other, _ = load(resolve(config.test_on), plain, arguments.seed)
    joined, left_out = transfer_to(dataset, other)
    if left_out:
        print(
            f"! {left_out} texts of {config.test_on} stand in {config.base.data.source}, too: left out", file=sys.stderr
        )
    return joined, report, left_out


def _work(arguments: argparse.Namespace, study: Study) -> Progress:
    from dynmask_core.jobs.conduct import conduct

    # A killed study seems alive for some seconds. One that seems alive after that really is: `conduct` refuses it.
    deadline = time.monotonic() + ALIVE_FOR
    while study.worked_on() and time.monotonic() < deadline:
        time.sleep(0.1)
    with _engine(arguments, study) as queue:
        try:
            conduct(study, queue, _Said())
        except KeyboardInterrupt:
            # Workers check for requests several times a second: let them end between two steps.
            deadline = time.monotonic() + 3
            while time.monotonic() < deadline and any(study.status(job).state in ACTIVE for job in study.jobs):
                time.sleep(0.1)
            raise
    now = study.progress()
    if now.error is not None:
        code, params = now.error
        raise InputError(code, **params)
    return now


@contextmanager
def _engine(arguments: argparse.Namespace, study: Study) -> Iterator[Queue]:
    from dynmask_core.jobs import Queue

    if arguments.engine == "local":
        queue = Queue(slots=arguments.workers or os.cpu_count() or 1)
        try:
            yield queue
        finally:
            queue.close()
        return
    from dynmask_core.jobs.cluster import Cluster

    with Cluster(arguments.scheduler) as cluster:
        queue = Queue(cluster.executor, slots=cluster.slots)
        try:
            yield queue
        finally:
            queue.close()


def show_head(result: dict[str, Any]) -> None:
    """Prints the first line of the output of all three commands."""
    runs = result["runs"]
    print(f"study {result['study']}: {result['state']}, {runs['done']} of {runs['total']} runs")


class _Said:
    """Prints progress on standard error, every few seconds and after each finished run."""

    def __init__(self) -> None:
        self._spoke = 0.0
        self._done = -1

    def __call__(self, progress: Progress) -> None:
        now = time.monotonic()
        if progress.done == self._done and now - self._spoke < SAY_EVERY:
            return
        self._spoke, self._done = now, progress.done
        to_go = "" if progress.remaining is None else f", {progress.remaining / 60:.1f} minutes to go"
        line = f"{progress.done} of {progress.total} runs done, {progress.working} under way, {progress.fraction:.0%}"
        print(line + to_go, file=sys.stderr, flush=True)
