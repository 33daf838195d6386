"""A bounded queue of runs, with one executor per slot."""

from __future__ import annotations

import inspect
import logging
import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Protocol

from dynmask_core.errors import InputError, kind_of
from dynmask_core.jobs import worker
from dynmask_core.runs import ACTIVE, Run, Status
from dynmask_core.runs.folder import LETTING_GO
from dynmask_core.runs.status import State

log = logging.getLogger(__name__)
MAX_WAITING = 100
TOUCH = 2.0
"""Seconds between signs of life for waiting runs."""


def local_executor(start: Callable[[], None] = worker.start) -> Executor:
    """One warm local process, initialised by `start`.

    loky starts it without importing the page that asked for it, unlike spawn, and without copying threads, unlike fork.
    """
    from loky.process_executor import ProcessPoolExecutor

    quiet = {"OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "PASSIVE"}
    # loky replaces workers that have grown by 300 MB. Larger models need more, and a new worker warms up for seconds.
    quiet["LOKY_MAX_MEMORY_LEAK_SIZE"] = "4e9"
    executor: Executor = ProcessPoolExecutor(max_workers=1, initializer=start, env=quiet)
    executor.submit(worker.ready)
    return executor


def shut_down(executor: Executor) -> None:
    """Ends the executor at once; its current task is lost."""
    # loky has its own option; without it, a worker would first finish its run.
    at_once = "kill_workers" in inspect.signature(executor.shutdown).parameters
    executor.shutdown(wait=False, **{"kill_workers" if at_once else "cancel_futures": True})


class Closes(Protocol):
    def close(self) -> None: ...


_OPEN: list[Closes] = []


def close_at_exit(one: Closes) -> None:
    """Has it closed when the program ends. Without that, loky would make the program wait for a run that is paused
    forever. A server calls `close_all` before: Python waits for loky's runs first."""
    _OPEN.append(one)

    def wait() -> None:
        threading.main_thread().join()
        one.close()

    threading.Thread(target=wait, daemon=True).start()


def close_all() -> None:
    """Closes every queue and maker of previews."""
    for one in list(_OPEN):
        one.close()


@dataclass(frozen=True)
class Waiting:
    """A run that waits. turn: runs of a lower turn come first, those of one turn in the order of their arrival."""

    run: Run
    turn: int
    owner: str


class Queue:
    """Runs wait here for a slot. If the worker of a slot dies, the slot gets a new one and its run becomes interrupted.

    Owners take turns: somebody who starts ten runs does not keep the next one waiting for all ten. Each run gets the
    turn after the one being served, or after the last of its owner's (self-clocked fair queueing, Golestani 1994).

    make_executor: makes a standard executor for a slot. slots: default one per core, at most four. warm_after: seconds
    before the first executor is made without a waiting run; the others follow. most_waiting: runs that wait, of all.
    most_of_one: runs of one owner that wait or train, None for any number; who gives no name has no limit.
    """

    def __init__(
        self,
        make_executor: Callable[[], Executor] = local_executor,
        slots: int | None = None,
        warm_after: float = 0.0,
        *,
        most_waiting: int = MAX_WAITING,
        most_of_one: int | None = None,
    ) -> None:
        self._make = make_executor
        self._waiting: list[Waiting] = []
        self._change = threading.Condition()
        self._closed = False
        self._executors: dict[int, Executor] = {}
        self._handed: dict[int, Run] = {}
        self._owners: dict[int, str] = {}
        self._turn = 0
        self._last: dict[str, int] = {}
        self._warm_after = warm_after
        self._most_waiting, self._most_of_one = most_waiting, most_of_one
        self.slots = slots or max(1, min(4, os.cpu_count() or 1))
        threads = [threading.Thread(target=self._serve, args=(i,), daemon=True) for i in range(self.slots)]
        threads.append(threading.Thread(target=self._keep_line, daemon=True))
        for thread in threads:
            thread.start()
        close_at_exit(self)

    @property
    def free(self) -> int:
        """Number of idle slots, less the waiting runs."""
        return max(self.slots - len(self._handed) - len(self._waiting), 0)

    @property
    def training(self) -> int:
        """Number of runs that a worker has."""
        return len(self._handed)

    @property
    def waiting(self) -> int:
        """Number of runs in line."""
        return len(self._waiting)

    def submit(self, run: Run, owner: str = "") -> None:
        """Adds a run to the queue. owner: any text that tells those who share the queue apart.

        Raises InputError: `run_active`, `line_full` if the queue is full, `many_runs` if the owner has too many.
        """
        run.config()  # one whose settings are damaged is refused here, to who brings it
        held = run.status().state not in ACTIVE and run.is_held(LETTING_GO)  # before the lock: the line does not wait
        with self._change:
            if held or run.status().state in ACTIVE:
                raise InputError("run_active", name=run.name)
            if len(self._waiting) >= self._most_waiting:
                raise InputError("line_full", limit=self._most_waiting)
            if owner and self._most_of_one is not None and self._of(owner) >= self._most_of_one:
                raise InputError("many_runs", limit=self._most_of_one)
            run.command("run")
            turn = max(self._turn, self._last.get(owner, 0)) + 1
            self._last[owner] = turn
            self._waiting.append(Waiting(run, turn, owner))
            self._renumber()
            self._change.notify_all()

    def _of(self, owner: str) -> int:
        waiting = sum(one.owner == owner for one in self._waiting)
        return waiting + sum(self._owners.get(slot) == owner for slot in self._handed)

    def close(self) -> None:
        """Ends the worker processes; active runs become interrupted, waiting runs are left as they are."""
        with self._change:
            self._closed = True
            self._change.notify_all()
        for executor in list(self._executors.values()):
            shut_down(executor)

    def _stand(self, run: Run, state: State, place: int = 0, reason: str = "") -> None:
        """Writes the status of a run that no worker has; its progress is kept. A run whose folder was removed or harmed
        while it waits does not end the line for the others."""
        try:
            before, epochs = run.status(), run.config().train.epochs
            kept = Status(state, before.epoch, epochs, elapsed=before.elapsed, fraction=before.fraction)
            run.write_status(replace(kept, place=place, reason=reason))
        except (OSError, InputError) as error:
            log.warning("run %s: %s", run.name, kind_of(error))

    def _serve(self, slot: int) -> None:
        with self._change:
            # One after another: workers that load torch at the same time slow down the first one.
            self._change.wait_for(lambda: self._wanted(slot), timeout=self._warm_after * (1 + 2 * slot))
        self._equip(slot)
        while (run := self._next(slot)) is not None:
            try:
                log.info("run %s: begins", run.name)
                state = self._executors[slot].submit(worker.train_run, run.path).result()
                log.info("run %s: %s", run.name, state)
            except Exception as error:
                # An error inside the run is in its folder already, but a worker that died could not write anything.
                log.warning("run %s: %s", run.name, kind_of(error))
                run.mark_interrupted()
            with self._change:
                del self._handed[slot]
            if not self._closed and not self._healthy(slot):
                self._equip(slot)

    def _wanted(self, slot: int) -> bool:
        return self._closed or len(self._waiting) + len(self._handed) > slot

    def _equip(self, slot: int) -> None:
        """Gives the slot a new executor; retries if that fails (for example, the cluster cannot be reached)."""
        while not self._closed:
            try:
                self._executors[slot] = self._make()
                return
            except Exception as error:
                log.warning("no executor for slot %d: %s", slot, kind_of(error))
                time.sleep(TOUCH)

    def _healthy(self, slot: int) -> bool:
        try:
            return bool(self._executors[slot].submit(worker.ready).result())
        except Exception:
            return False

    def _next(self, slot: int) -> Run | None:
        with self._change:
            while not self._closed:
                while self._waiting:
                    first = self._line()[0]
                    self._waiting.remove(first)
                    if first.run.wanted()[0] != "stop":
                        # Before the lock is released: the slot must not look free in between.
                        self._handed[slot], self._owners[slot] = first.run, first.owner
                        self._turn = first.turn
                        self._last = {owner: turn for owner, turn in self._last.items() if turn > self._turn}
                        self._renumber()
                        self._stand(first.run, "starting")
                        return first.run
                    self._stand(first.run, "stopped", reason="asked")
                self._change.wait()
            return None

    def _line(self) -> list[Waiting]:
        return sorted(self._waiting, key=lambda one: one.turn)

    def _renumber(self) -> None:
        for place, one in enumerate(self._line(), 1):
            self._stand(one.run, "queued", place)

    def _keep_line(self) -> None:
        """Gives signs of life for waiting runs and removes those that must stop."""
        while not self._closed:
            # A worker that is still warming up cannot give signs of life for its run.
            for run in list(self._handed.values()):
                with suppress(OSError):  # its worker hears of it
                    if run.status().state == "starting":
                        run.sign_of_life()
            with self._change:
                for one in list(self._waiting):
                    run = one.run
                    if run.wanted()[0] == "stop" or run.unwatched():
                        self._waiting.remove(one)
                        self._stand(run, "stopped", reason="asked" if run.wanted()[0] == "stop" else "unwatched")
                        self._renumber()
                    elif run.exists():
                        with suppress(OSError):
                            run.sign_of_life()
                    else:
                        self._waiting.remove(one)
                        self._renumber()
            time.sleep(TOUCH)
