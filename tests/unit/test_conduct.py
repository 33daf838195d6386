"""Working through a study: every run once, whatever is stopped, killed, broken or in the way."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dynmask_core.config import ExperimentConfig
from dynmask_core.data import Dataset, Report, build, planted
from dynmask_core.errors import InputError
from dynmask_core.jobs import Queue, conduct, execute, queue
from dynmask_core.jobs.conduct import TRIES
from dynmask_core.runs import ACTIVE, Run, Status, files
from dynmask_core.runs.folder import ALIVE_FOR
from dynmask_core.runs.run import LEASE
from dynmask_core.studies import Progress, Study, StudyConfig

Settings = Callable[..., ExperimentConfig]
Until = Callable[..., None]
Work = Callable[[Run], None]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conduct, "PACE", 0.01)
    monkeypatch.setattr(queue, "TOUCH", 0.05)


@pytest.fixture(scope="session")
def report() -> Report:
    return build(planted(texts=80, noise_words=60).table)[1]


@pytest.fixture
def new(tmp_path: Path, settings: Settings, dataset: Dataset, report: Report) -> Callable[..., Study]:
    """A study of six seeds, unless told otherwise."""

    def make(seeds: int = 6, **training: Any) -> Study:
        base = settings("none", "repaired", **{"epochs": 1, **training})
        return Study.create(tmp_path / "runs", StudyConfig(base=base, seeds=seeds), dataset, report)

    return make


def finish(run: Run) -> None:
    """What a trained run leaves, without training."""
    files.write_json(run.path / "result.json", {"arms": [{"name": arm} for arm in run.config().arms]})
    run.write_status(Status("finished", epoch=1, epochs=1, elapsed=1.0, fraction=1.0))


class Instant(Executor):
    """Trains in no time, in the thread that asks: `work` does to a run what a worker would. begun: their names."""

    def __init__(self, work: Work = finish) -> None:
        self.work = work
        self.begun: list[str] = []

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            if args:
                self.begun.append(args[0].name)
                self.work(Run(args[0]))
            future.set_result(True)
        except Exception as error:
            future.set_exception(error)
        return future


@contextmanager
def served(executor: Executor, slots: int = 2) -> Iterator[Queue]:
    line = Queue(lambda: executor, slots=slots)
    try:
        yield line
    finally:
        line.close()


@contextmanager
def under_way(study: Study, line: Queue) -> Iterator[list[str]]:
    """Conducts in a thread; the list holds the final state once it is done."""
    states: list[str] = []
    thread = threading.Thread(target=lambda: states.append(conduct.conduct(study, line)))
    thread.start()
    try:
        yield states
    finally:
        study.command("stop")
        thread.join(30)
        assert not thread.is_alive()


def names(study: Study) -> list[str]:
    return [study.run(job).name for job in study.jobs]


def test_every_run_is_trained_once_and_in_order(new: Callable[..., Study]) -> None:
    study, executor, seen = new(), Instant(), list[Progress]()
    with served(executor, slots=1) as line:
        assert conduct.conduct(study, line, seen.append) == "finished"
    assert executor.begun == names(study)
    assert seen[-1] == study.progress()
    assert (seen[-1].state, seen[-1].done, seen[-1].fraction) == ("finished", 6, 1.0)
    assert [p.done for p in seen] == sorted(p.done for p in seen)
    assert not study.worked_on()


def test_a_study_of_100_runs_stopped_at_37_goes_on_with_the_other_63(new: Callable[..., Study]) -> None:
    study = new(100)

    def work(run: Run) -> None:
        if len(executor.begun) <= 37:
            finish(run)
            if len(executor.begun) == 37:
                study.command("stop")
        else:  # already under way when the wish came: it obeys, as a worker does
            run.write_status(Status("stopped", reason="asked"))

    executor = Instant(work)
    with served(executor, slots=1) as line:
        assert conduct.conduct(study, line) == "stopped"
    first = [study.run(job).name for job, _ in study.finished()]
    assert len(first) == 37
    assert not any(study.status(job).state in ACTIVE for job in study.jobs)
    assert not study.worked_on()
    before = {name: (study.path / "runs" / name / "result.json").stat().st_mtime_ns for name in first}

    study, executor = Study(study.path), Instant()
    with served(executor, slots=3) as line:
        assert conduct.conduct(study, line) == "finished"
    assert len(executor.begun) == len(set(executor.begun)) == 63
    assert set(executor.begun) | set(first) == set(names(study))
    assert {name: (study.path / "runs" / name / "result.json").stat().st_mtime_ns for name in first} == before
    assert {path.name for path in (study.path / "runs").iterdir()} == set(names(study))
    for job in study.jobs:
        assert study.run(job).config() == job.config
        assert study.run(job).dataset().split is not None
    assert not list(study.path.rglob(".part-*"))

    with served(executor) as line:
        assert conduct.conduct(study, line) == "finished"
    assert len(executor.begun) == 63


def test_a_run_that_kills_its_worker_every_time_is_given_up_and_stops_no_other(new: Callable[..., Study]) -> None:
    study = new()
    deadly, unlucky = names(study)[1], names(study)[3]

    def work(run: Run) -> None:
        if run.name == deadly or (run.name == unlucky and executor.begun.count(unlucky) < TRIES):
            run.write_status(Status("training"))
            raise BrokenPipeError("the worker is gone")
        finish(run)

    executor = Instant(work)
    with served(executor) as line:
        assert conduct.conduct(study, line) == "stopped"
    begun = Counter(executor.begun)
    assert begun == {**dict.fromkeys(names(study), 1), deadly: TRIES, unlucky: TRIES}
    assert [study.status(job).state for job in study.jobs].count("finished") == 5
    assert Run(study.path / "runs" / deadly).status().state == "interrupted"
    executor.work = finish
    with served(executor) as line:
        assert conduct.conduct(study, line) == "finished"


def test_a_run_that_fails_says_why_stops_no_other_and_is_tried_anew_next_time(new: Callable[..., Study]) -> None:
    study = new()
    bad = names(study)[0]

    def work(run: Run) -> None:
        if run.name == bad:
            run.write_status(Status("failed", error=("no_device", {"device": "mps", "available": "cpu"})))
            raise InputError("no_device", device="mps", available="cpu")
        finish(run)

    executor = Instant(work)
    with served(executor) as line:
        assert conduct.conduct(study, line) == "failed"
    assert Counter(executor.begun) == Counter(names(study))
    progress = study.progress()
    assert (progress.done, progress.failed) == (5, 1)
    assert progress.error == ("no_device", {"device": "mps", "available": "cpu"})
    executor.work = finish
    with served(executor) as line:
        assert conduct.conduct(study, line) == "finished"
    assert study.progress().error is None


def test_whoever_else_uses_the_queue_comes_first(
    new: Callable[..., Study], settings: Settings, dataset: Dataset, tmp_path: Path
) -> None:
    study = new()
    visitor = Run.create(tmp_path / "runs", settings("none", epochs=1), dataset)

    def work(run: Run) -> None:
        if len(executor.begun) == 2:
            line.submit(visitor)
        finish(run)

    executor = Instant(work)
    with served(executor, slots=1) as line:
        assert conduct.conduct(study, line) == "finished"
    assert executor.begun == [*names(study)[:2], visitor.name, *names(study)[2:]]


def test_no_more_runs_stand_in_line_than_there_are_free_slots(new: Callable[..., Study], until: Until) -> None:
    study, gate = new(), threading.Event()

    def work(run: Run) -> None:
        assert gate.wait(30)
        finish(run)

    with served(Instant(work), slots=2) as line, under_way(study, line) as states:
        until(lambda: study.progress().working == 2)
        looked = study.progress()
        until(lambda: line.free == 0)
        assert (looked.working, study.progress().working) == (2, 2)
        gate.set()
        until(lambda: states)
    assert states == ["finished"]


def test_a_second_conductor_is_refused_and_disturbs_nothing(new: Callable[..., Study], until: Until) -> None:
    study, gate = new(), threading.Event()

    def work(run: Run) -> None:
        assert gate.wait(30)
        finish(run)

    executor = Instant(work)
    with served(executor, slots=1) as line, under_way(study, line) as states:
        until(lambda: executor.begun)
        with pytest.raises(InputError) as caught:
            conduct.conduct(Study(study.path), line)
        assert caught.value.code == "study_active"
        assert study.worked_on()
        assert study.wanted() == "run"
        gate.set()
        until(lambda: states)
    assert executor.begun == names(study)


def test_of_many_who_begin_at_once_one_gets_the_study(new: Callable[..., Study]) -> None:
    study, ready, taken = new(), threading.Barrier(8), []

    def begin() -> None:
        ready.wait()
        taken.append(Study(study.path).take())

    threads = [threading.Thread(target=begin) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == [False] * 7 + [True]


def test_what_a_killed_conductor_leaves_is_taken_over(new: Callable[..., Study]) -> None:
    study, executor = new(), Instant()
    run = study.prepare(study.jobs[0], study.dataset())
    run.write_status(Status("training", epoch=1))
    study.sign_of_life()
    past = time.time() - ALIVE_FOR - 1
    for path in (study.path, run.path):
        os.utime(path / "alive", (past, past))
    with served(executor) as line:
        assert conduct.conduct(study, line) == "finished"
    assert Counter(executor.begun) == Counter(names(study))


def test_a_run_that_a_reader_stops_is_not_begun_again_in_that_go(new: Callable[..., Study]) -> None:
    study = new()
    unwanted = names(study)[2]

    def work(run: Run) -> None:
        if run.name == unwanted:
            run.write_status(Status("stopped", reason="asked"))
        else:
            finish(run)

    executor = Instant(work)
    with served(executor) as line:
        assert conduct.conduct(study, line) == "stopped"
    assert Counter(executor.begun) == Counter(names(study))
    assert study.progress().done == 5


def test_runs_under_way_when_a_study_stops_are_asked_to_stop_and_waited_for(
    new: Callable[..., Study], until: Until
) -> None:
    study = new()
    asked: list[str] = []

    def work(run: Run) -> None:
        run.write_status(Status("training"))
        until(lambda: run.wanted()[0] == "stop")
        asked.append(run.name)
        run.write_status(Status("stopped", reason="asked"))

    executor = Instant(work)
    with served(executor) as line, under_way(study, line) as states:
        until(lambda: len(executor.begun) == 2)
        study.command("stop")
        until(lambda: states)
        assert states == ["stopped"]
        assert sorted(asked) == sorted(executor.begun)
        assert len(asked) == 2
        assert not any(study.status(job).state in ACTIVE for job in study.jobs)
        assert not study.worked_on()


def test_an_interrupted_conductor_leaves_nobody_at_work(new: Callable[..., Study], until: Until) -> None:
    study = new()

    def work(run: Run) -> None:
        run.write_status(Status("training"))
        until(lambda: run.wanted()[0] == "stop")
        run.write_status(Status("stopped", reason="asked"))

    def interrupt(progress: Progress) -> None:
        if progress.working == 2:
            raise KeyboardInterrupt

    with served(Instant(work)) as line:
        with pytest.raises(KeyboardInterrupt):
            conduct.conduct(study, line, interrupt)
        assert not study.worked_on()
        until(lambda: not any(study.status(job).state in ACTIVE for job in study.jobs))


def test_a_run_that_nobody_watched_for_days_is_not_ended_as_unwatched(new: Callable[..., Study]) -> None:
    study = new()
    run = study.prepare(study.jobs[0], study.dataset())
    run.renew_lease()
    past = time.time() - LEASE - 1
    os.utime(run.path / "lease", (past, past))
    unwatched: list[bool] = []

    def work(run: Run) -> None:
        unwatched.append(run.unwatched())
        finish(run)

    with served(Instant(work), slots=1) as line:
        assert conduct.conduct(study, line) == "finished"
    assert unwatched == [False] * 6


def test_what_a_run_has_done_counts_while_it_waits_to_go_on(new: Callable[..., Study], until: Until) -> None:
    study, gate = new(), threading.Event()
    run = study.prepare(study.jobs[0], study.dataset())
    run.write_status(Status("interrupted", epoch=3, epochs=4, elapsed=6.0, fraction=0.75))
    seen: list[Status] = []

    def work(run: Run) -> None:
        seen.append(run.status())
        assert gate.wait(30)
        finish(run)

    with served(Instant(work), slots=1) as line, under_way(study, line) as states:
        until(lambda: seen)
        assert seen[0] == Status("starting", epoch=3, epochs=1, elapsed=6.0, fraction=0.75)
        assert study.progress().fraction == pytest.approx(0.75 / 6)
        gate.set()
        until(lambda: states)


# Real workers


def numbers(run: Run) -> list[Any]:
    """What a run learned, clocks left out."""
    result = run.result()
    assert result is not None
    return [{key: v for key, v in arm.items() if key not in ("seconds", "tokens_per_second")} for arm in result["arms"]]


def test_a_killed_worker_costs_a_study_nothing_but_time(
    new: Callable[..., Study], until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conduct, "PACE", 0.1)
    study = new(epochs=30)
    line = Queue(slots=2)
    try:
        with under_way(study, line) as states:
            until(lambda: in_the_middle(line), 120)
            ((slot, victim), *_) = in_the_middle(line)
            (pid,) = line._executors[slot]._processes  # type: ignore[attr-defined]
            os.kill(pid, signal.SIGKILL)
            until(lambda: states, 180)
    finally:
        line.close()
    assert states == ["finished"]
    assert [event["type"] for event in victim.events()].count("started") == 2
    others = [run for job in study.jobs[-1:] if (run := study.run(job)).name != victim.name]
    for run in (victim, *others):
        assert run.epochs() == list(range(31))
        straight = Run.create(study.path.parent, replace(run.config()), run.dataset())
        assert execute(straight.path) == "finished"
        assert numbers(run) == numbers(straight)


def in_the_middle(line: Queue) -> list[tuple[int, Run]]:
    """Slots and their runs that have done some epochs, and have some before them."""
    now = [(slot, run, run.status()) for slot, run in list(line._handed.items())]
    return [(slot, run) for slot, run, status in now if status.state == "training" and 1 <= status.epoch <= 20]
