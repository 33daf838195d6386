"""The same runs on a Dask cluster: `Queue(cluster.executor, cluster.slots)`. Needs the extra `cluster`."""

from __future__ import annotations

import os
import secrets
import tempfile
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from concurrent.futures import wait as wait_for
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dynmask_core.errors import InputError
from dynmask_core.jobs import worker
from dynmask_core.jobs.execute import execute
from dynmask_core.runs import Run, files
from dynmask_core.runs.parcel import FETCHED, SENT, pack, unpack

if TYPE_CHECKING:
    from distributed import Client
    from distributed import Future as Task

CONNECT = 10.0
"""Seconds within which the scheduler must answer."""
PATIENCE = 5.0
"""Seconds within which a first worker must be there."""
LOOK = 1.0
"""Seconds between two looks at a run under way."""


class Cluster:
    """A connection to the scheduler at `address` ("host:port"), shared by all slots.

    slots: how many workers there are. shared: whether all of them see the folder last given to `share`; False before.
    Raises InputError where the package is missing, nobody answers, or the workers are not fit for training.
    """

    def __init__(self, address: str) -> None:
        try:
            from distributed.utils import LoopRunner
        except ImportError as error:
            raise InputError("no_distributed") from error
        self.address = address
        self.shared = False
        self._lock = threading.Lock()
        # One event loop for all attempts to connect: a client that finds no scheduler would leave its own running.
        self._loop = LoopRunner()
        self._loop.start()
        try:
            self._client = self._connect()
            try:
                self.slots = self._count_workers()
            except BaseException:
                self._client.close()
                raise
        except BaseException:
            self._loop.stop()
            raise

    def __enter__(self) -> Cluster:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the connection; training under way for it ends at its next step, resumable."""
        self._client.close()
        if self._loop.is_started():
            self._loop.stop()

    def share(self, folder: Path) -> None:
        """Finds out whether every worker sees `folder`, in which the runs lie, under the same path: they then train
        there, and their progress, pauses and checkpoints are seen. Otherwise runs travel, and come back when done."""
        folder.mkdir(parents=True, exist_ok=True)
        sign, token = folder.absolute() / f".seen-{secrets.token_hex(8)}", secrets.token_hex(16)
        files.write_bytes(sign, token.encode())
        try:
            seen = self._client.run(read_sign, str(sign), on_error="return")
        finally:
            sign.unlink(missing_ok=True)
        self.shared = bool(seen) and all(read == token for read in seen.values())

    def executor(self) -> Executor:
        """A new executor, for one slot of a queue; connects anew where the scheduler went away. Raises InputError
        where it is still out of reach."""
        with self._lock:
            if not self._loop.is_started():
                raise RuntimeError("the cluster is closed")
            if self._client.status == "closed":
                self._client = self._connect()
            return ClusterExecutor(self, self._client)

    def _connect(self) -> Client:
        from distributed import Client

        try:
            if not self.address.strip():
                raise ValueError("an empty address would start a cluster on this machine")
            return Client(self.address, timeout=CONNECT, set_as_default=False, loop=self._loop.loop)
        except Exception as error:  # each kind of bad address has its own
            raise InputError("no_cluster", address=self.address) from error

    def _count_workers(self) -> int:
        try:
            self._client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError as error:
            raise InputError("cluster_empty", address=self.address) from error
        workers: dict[str, int] = self._client.nthreads()
        for name, threads in workers.items():
            # Two runs that train in one process share torch's random state: each would change the other's numbers.
            if threads > 1:
                raise InputError("cluster_threads", worker=name, threads=threads)
        answers = self._client.run(worker.ready, on_error="return")
        for answer in answers.values():
            if isinstance(answer, Exception) and not isinstance(answer, OSError):  # that one just left
                raise InputError("cluster_package", address=self.address) from answer
        return len(workers)


class ClusterExecutor(Executor):
    """What one slot submits to. Cancelling a task that runs makes its training leave at the next step."""

    def __init__(self, cluster: Cluster, client: Client) -> None:
        self._cluster = cluster
        self._client = client
        self._lock = threading.Lock()
        self._tasks: dict[Future[Any], Task[Any]] = {}
        self._closed = False

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """`worker.train_run` trains in place or in a copy, see `Cluster.share`; anything else runs as it is."""
        if fn is not worker.train_run:
            return self._send(partial(fn, *args, **kwargs))
        run = Run(args[0])
        if self._cluster.shared:
            return self._send(partial(train_in_place, str(run.path.absolute())), look=lambda _: run.sign_of_life())
        copy = partial(train_in_copy, run.name, pack(run, SENT))
        return self._send(copy, look=partial(_look_after_copy, run), finish=partial(_put_back, run))

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """With `cancel_futures` also what is under way is cancelled: what a queue hands over is never merely queued."""
        with self._lock:
            self._closed = True
            tasks = dict(self._tasks)
        if cancel_futures:
            for task in tasks.values():
                task.cancel()
        if wait:
            wait_for(tasks)

    def _send(
        self,
        work: Callable[[], Any],
        look: Callable[[Task[Any]], None] = lambda task: None,
        finish: Callable[[Any], Any] = lambda value: value,
    ) -> Future[Any]:
        """Runs `work` on the cluster; `look` is called now and then meanwhile, `finish` with what came back."""
        answer: Future[Any] = Future()
        answer.set_running_or_notify_cancel()
        with self._lock:
            if self._closed:
                raise RuntimeError("cannot schedule new futures after shutdown")
            # Never pure: a run that is resumed is the same call with another outcome.
            task = self._tasks[answer] = self._client.submit(work, pure=False)

        def follow() -> None:
            try:
                answer.set_result(finish(_result(task, look)))
            except BaseException as error:
                answer.set_exception(error)
            finally:
                with self._lock:
                    del self._tasks[answer]

        threading.Thread(target=follow, daemon=True, name="cluster task").start()
        return answer


def _result(task: Task[Any], look: Callable[[Task[Any]], None]) -> Any:
    """Waits for a task. Where its worker dies the cluster hands it to another, and the waiting goes on."""
    while True:
        try:
            return task.result(timeout=LOOK)
        except TimeoutError:
            if task.done():  # just now, or it failed by a timeout of its own
                return task.result()
            look(task)


def _look_after_copy(run: Run, task: Task[Any]) -> None:
    """Does for a run that trains out of sight what its trainer cannot: shows that it lives, and obeys "stop"."""
    run.sign_of_life()
    asked = run.wanted()[0] == "stop"
    if asked or run.unwatched():
        run.write_status(replace(run.status(), state="stopped", reason="asked" if asked else "unwatched"))
        task.cancel()


def _put_back(run: Run, parcel: bytes) -> str:
    """Takes over what a copy became. Returns its last state; raises InputError where that is "failed"."""
    unpack(run, parcel, FETCHED)
    status = run.status()
    if status.state == "failed" and status.error:
        code, params = status.error
        raise InputError(code, **params)
    return status.state


# What runs on the workers


def read_sign(path: str) -> str:
    """What stands in the file at `path`; nothing where its folder cannot be written to. Raises OSError without it."""
    sign = Path(path)
    return sign.read_text() if os.access(sign.parent, os.W_OK) else ""


def train_in_place(folder: str) -> str:
    """A task: like `worker.train_run`."""
    return execute(Path(folder), abandoned=_taken_away())


def train_in_copy(name: str, parcel: bytes) -> bytes:
    """A task: trains a packed run in a folder of its own; returns what was written, a failure too."""
    with tempfile.TemporaryDirectory(prefix="dynmask-") as place:
        run = Run(Path(place) / name)
        unpack(run, parcel, SENT)
        try:
            execute(run.path, abandoned=_taken_away())
        except Exception:
            if run.status().state != "failed":
                raise
        return pack(run, FETCHED)


def _taken_away() -> Callable[[], bool]:
    """Tells whether the task that calls this is still its worker's: one that was cancelled, or whose worker lost the
    scheduler, goes on in its thread while another worker may have it already."""
    from distributed import Status, get_worker

    here = get_worker()
    key = here.get_current_task()

    def taken_away() -> bool:
        task = here.state.tasks.get(key)
        leaving = here.status in (Status.closing, Status.closed, Status.failed)
        return leaving or task is None or task.state != "executing"

    return taken_away
