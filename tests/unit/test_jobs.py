"""Runs under way: viewers' wishes are obeyed, and a worker that dies takes no completed epoch with it."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from dynmask_core.config import Controls, ExperimentConfig
from dynmask_core.data import Dataset
from dynmask_core.errors import InputError
from dynmask_core.events import ArmEpoch, EpochEnd, Event, Finished
from dynmask_core.jobs import Queue, execute, queue
from dynmask_core.jobs.execute import Abandoned
from dynmask_core.runs import Run, RunWriter, Status
from dynmask_core.runs.folder import ALIVE_FOR
from dynmask_core.runs.run import LEASE

Settings = Callable[..., ExperimentConfig]
Until = Callable[..., None]


@pytest.fixture
def make(tmp_path: Path, settings: Settings, dataset: Dataset) -> Callable[..., Run]:
    def new(*arms: str, **training: Any) -> Run:
        return Run.create(tmp_path / "runs", settings(*arms, **training), dataset)

    return new


@contextmanager
def under_way(run: Run) -> Iterator[list[str]]:
    """Trains in a thread; the list holds the final state once it is done."""
    states: list[str] = []
    thread = threading.Thread(target=lambda: states.append(execute(run.path)))
    thread.start()
    try:
        yield states
    finally:
        run.command("stop")
        thread.join(30)
        assert not thread.is_alive()


def accuracies(run: Run) -> list[tuple[Any, ...]]:
    """What a run learned, clocks left out."""
    result = run.result()
    assert result is not None
    epochs = [event for event in run.events() if event["type"] == "arm_epoch"]
    return [(event["arm"], event["epoch"], event["train"], event["validation"]) for event in epochs] + [
        (arm["name"], arm["best_epoch"], arm["test"]) for arm in result["arms"]
    ]


def test_pause_step_and_stop_are_obeyed_and_change_no_number(make: Callable[..., Run], until: Until) -> None:
    run, straight = make("none", "repaired", epochs=3), make("none", "repaired", epochs=3)
    assert execute(straight.path) == "finished"
    run.command("pause")
    with under_way(run) as states:
        until(lambda: run.status().state == "paused")
        assert run.status().epoch == 0
        before = run.status().elapsed
        run.command("run", until=1)
        until(lambda: run.status().state == "paused" and run.status().epoch == 1)
        assert run.wanted() == ("pause", None)
        assert run.epochs() == [0, 1]
        assert run.status().elapsed >= before
        asked = time.monotonic()
        run.command("stop")
        until(lambda: states)
        assert time.monotonic() - asked < 1
    assert states == ["stopped"]
    assert run.status().reason == "asked"
    run.command("run")
    assert execute(run.path) == "finished"
    assert accuracies(run) == accuracies(straight)


def test_a_run_paused_for_long_gives_its_worker_back_and_goes_on_to_the_same_numbers(
    make: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules[execute.__module__], "REST", 0.2)
    run, straight = make("none", "repaired", epochs=2), make("none", "repaired", epochs=2)
    assert execute(straight.path) == "finished"
    run.command("run", until=1)
    assert execute(run.path) == "stopped"
    assert (run.status().reason, run.status().epoch) == ("rested", 1)
    run.command("run")
    assert execute(run.path) == "finished"
    assert accuracies(run) == accuracies(straight)


def test_time_paused_is_not_time_worked(make: Callable[..., Run], monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SimpleNamespace(now=0.0, monotonic=lambda: clock.now)
    monkeypatch.setattr("dynmask_core.runs.writer.time", clock)
    run = make("none")
    writer = RunWriter(run)
    elapsed = []
    for state, clock.now in (("training", 1.0), ("paused", 6.0), ("training", 106.0), ("stopped", 108.0)):
        writer.state(state)
        elapsed.append(run.status().elapsed)
    assert elapsed == [1, 6, 6, 8]


@pytest.mark.parametrize("wish", ["stop", "pause"])
def test_a_wish_that_comes_too_late_does_not_undo_the_result(wish: Any, make: Callable[..., Run]) -> None:
    run = make("none", epochs=1)

    def late(event: Event) -> None:
        if isinstance(event, Finished):
            run.command(wish)

    assert execute(run.path, late) == "finished"
    assert run.status().state == "finished"
    assert run.result() is not None


def test_a_change_of_controls_reaches_the_next_epoch_and_the_log(make: Callable[..., Run]) -> None:
    run = make("repaired", epochs=3)

    def change(event: Event) -> None:
        if isinstance(event, ArmEpoch) and event.epoch == 1:
            run.set_controls(Controls(step_size=0.25))

    assert execute(run.path, change) == "finished"
    changes = [event for event in run.events() if event["type"] == "controls_changed"]
    assert [(event["epoch"], event["controls"]["step_size"]) for event in changes] == [(2, 0.25)]


def test_a_sentence_asked_for_is_recorded_from_the_next_epoch_on(make: Callable[..., Run]) -> None:
    run = make("repaired", epochs=2)

    def ask(event: Event) -> None:
        if isinstance(event, EpochEnd) and event.epoch == 1:
            run.add_probe("my own sentence")

    execute(run.path, ask)
    index = [probe.text for probe in run.probes()].index("my own sentence")
    assert index == len(run.probes()) - 1
    assert run.snapshot(1).probe(index, "repaired") is None
    assert run.snapshot(2).probe(index, "repaired") is not None


def test_a_run_that_nobody_watches_any_more_stops(make: Callable[..., Run]) -> None:
    run = make("none", epochs=1000)
    run.renew_lease()
    past = time.time() - LEASE - 1
    os.utime(run.path / "lease", (past, past))
    assert execute(run.path) == "stopped"
    assert run.status().reason == "unwatched"


def test_a_run_that_another_has_by_now_is_left_as_it_is(make: Callable[..., Run]) -> None:
    run, others = make("none", epochs=3), Status("starting", epoch=1, epochs=3)
    taken: list[bool] = []

    def take(event: Event) -> None:
        if isinstance(event, EpochEnd) and event.epoch == 1:
            run.write_status(others)
            taken.append(True)

    with pytest.raises(Abandoned):
        execute(run.path, take, lambda: bool(taken))
    assert run.status() == others
    assert run.epochs() == [0, 1]


def test_a_run_that_cannot_be_trained_says_why(make: Callable[..., Run], monkeypatch: pytest.MonkeyPatch) -> None:
    run = make("nobody")
    with pytest.raises(InputError):
        execute(run.path)
    assert run.status().state == "failed"
    assert run.status().error[0] == "unknown_strategy"  # type: ignore[index]
    broken = make("none")

    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a slip")

    monkeypatch.setattr("dynmask_core.training.fit.fit", fail)
    with pytest.raises(ZeroDivisionError):
        execute(broken.path)
    assert broken.status().error == ("unexpected", {})
    assert "a slip" in (broken.path / "failure.txt").read_text()


# The line


class Held(Executor):
    """Takes work and does it when told."""

    def __init__(self) -> None:
        self.futures: list[Future[Any]] = []

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        if args:
            self.futures.append(future)
        else:
            future.set_result(True)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        for future in self.futures:
            future.cancel()


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Queue, Held]]:
    monkeypatch.setattr(queue, "TOUCH", 0.05)
    executor = Held()
    line = Queue(lambda: executor, slots=1)
    yield line, executor
    line.close()


def test_runs_wait_in_a_visible_line(held: tuple[Queue, Held], make: Callable[..., Run], until: Until) -> None:
    line, executor = held
    first, second, third, fourth = (make("none") for _ in range(4))
    line.submit(first)
    until(lambda: first.status().state == "starting")
    for run in (second, third, fourth):
        line.submit(run)
    assert [(run.status().state, run.status().place) for run in (second, third, fourth)] == [
        ("queued", 1), ("queued", 2), ("queued", 3),
    ]  # fmt: skip
    third.command("stop")
    until(lambda: third.status().state == "stopped")
    assert third.status().reason == "asked"
    until(lambda: (fourth.status().state, fourth.status().place) == ("queued", 2))
    executor.futures[0].set_result("finished")
    until(lambda: second.status().state == "starting")
    assert fourth.status().place == 1


def test_owners_take_turns(held: tuple[Queue, Held], make: Callable[..., Run], until: Until) -> None:
    """Of one who starts four runs one is trained; whoever comes then waits for one more of them, not for all."""
    line, executor = held
    mine = [make("none") for _ in range(4)]
    yours, theirs = make("none"), make("none")
    line.submit(mine[0], "me")
    until(lambda: mine[0].status().state == "starting")
    for run in mine[1:]:
        line.submit(run, "me")
    line.submit(yours, "you")
    line.submit(theirs, "they")
    places = {run.status().place: run for run in (*mine[1:], yours, theirs)}
    assert [places[place] for place in range(1, 6)] == [mine[1], yours, theirs, *mine[2:]]
    executor.futures[0].set_result("finished")
    until(lambda: mine[1].status().state == "starting")
    # Nobody is overtaken again and again by those who come later.
    late = make("none")
    line.submit(late, "late")
    assert [run.status().place for run in (yours, theirs, mine[2], late, mine[3])] == [1, 2, 3, 4, 5]


def test_a_run_under_way_cannot_be_submitted_again(
    held: tuple[Queue, Held], make: Callable[..., Run], until: Until
) -> None:
    line, _ = held
    first, second = make("none"), make("none")
    for run in (first, second):
        line.submit(run)
        until(lambda run=run: run.status().state in ("starting", "queued"))
        with pytest.raises(InputError, match="under way"):
            line.submit(run)


def test_a_run_that_is_handed_to_a_cold_worker_is_not_shown_as_interrupted(
    held: tuple[Queue, Held], make: Callable[..., Run], until: Until
) -> None:
    line, _ = held
    first, second = make("none"), make("none")
    line.submit(first)
    until(lambda: first.status().state == "starting")
    line.submit(second)
    past = time.time() - ALIVE_FOR / 2
    for run in (first, second):
        os.utime(run.path / "alive", (past, past))
    until(lambda: all(time.time() - os.stat(run.path / "alive").st_mtime < 2 for run in (first, second)), 5)


def test_a_full_line_is_said_in_one_sentence(make: Callable[..., Run], until: Until) -> None:
    line = Queue(Held, slots=1, most_waiting=1)
    first, second, third = (make("none") for _ in range(3))
    line.submit(first)
    until(lambda: first.status().state == "starting")
    line.submit(second)
    with pytest.raises(InputError) as caught:
        line.submit(third)
    assert caught.value.code == "line_full"
    assert third.status().state == "stopped"


def test_one_visitor_has_a_number_of_runs_and_others_still_get_a_place(make: Callable[..., Run], until: Until) -> None:
    executor = Held()
    line = Queue(lambda: executor, slots=1, most_of_one=2)
    first, second, third, other = (make("none") for _ in range(4))
    line.submit(first, "ann")
    until(lambda: first.status().state == "starting")
    line.submit(second, "ann")
    with pytest.raises(InputError) as caught:
        line.submit(third, "ann")
    assert (caught.value.code, caught.value.params) == ("many_runs", {"limit": 2})
    assert third.status().state == "stopped"
    line.submit(other, "bob")
    assert (line.training, line.waiting) == (1, 2)
    executor.futures[0].set_result("finished")
    until(lambda: second.status().state == "starting")
    line.submit(third, "ann")
    line.close()


def test_what_a_resumed_run_has_done_stays_visible_while_it_waits(
    held: tuple[Queue, Held], make: Callable[..., Run], until: Until
) -> None:
    line, _ = held
    first, second = make("none"), make("none")
    second.write_status(Status("stopped", epoch=1, epochs=2, elapsed=3.5))
    line.submit(first)
    until(lambda: first.status().state == "starting")
    line.submit(second)
    assert second.status() == Status("queued", epoch=1, epochs=2, elapsed=3.5, place=1)
    second.command("stop")
    until(lambda: second.status().state == "stopped")
    assert second.status() == Status("stopped", epoch=1, epochs=2, elapsed=3.5, reason="asked")


def test_closing_ends_the_work_and_leaves_it_resumable(
    held: tuple[Queue, Held], make: Callable[..., Run], until: Until
) -> None:
    line, executor = held
    first, second = make("none"), make("none")
    line.submit(first)
    until(lambda: len(executor.futures) == 1)
    line.submit(second)
    line.close()
    until(lambda: first.status().state == "interrupted")


# A real worker


def test_a_killed_worker_loses_no_completed_epoch_and_the_line_goes_on(
    make: Callable[..., Run], settings: Settings, until: Until
) -> None:
    victim, follower = make("none", epochs=20), make("repaired", epochs=1)
    line = Queue(slots=1)
    try:
        line.submit(victim)
        line.submit(follower)
        until(lambda: victim.status().epoch >= 2, 180)
        (pid,) = line._executors[0]._processes  # type: ignore[attr-defined]
        os.kill(pid, signal.SIGKILL)
        until(lambda: victim.status().state == "interrupted", 5)
        done = victim.status().epoch
        assert 2 <= done < 20
        assert victim.epochs()[: done + 1] == list(range(done + 1))
        until(lambda: follower.status().state == "finished", 180)
        line.submit(victim)
        until(lambda: victim.status().state == "finished", 180)
    finally:
        line.close()
    assert victim.epochs() == list(range(21))
    said = [event["epoch"] for event in victim.events() if event["type"] == "arm_epoch"]
    assert said == list(range(1, 21))
    firsts = [event["first_epoch"] for event in victim.events() if event["type"] == "started"]
    assert firsts[0] == 1
    assert firsts[1] > done - 1
    straight = Run.create(victim.path.parent, replace(victim.config()), victim.dataset())
    assert execute(straight.path) == "finished"
    assert accuracies(straight) == accuracies(victim)
