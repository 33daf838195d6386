"""Runs on a Dask cluster: `Queue(cluster.executor, cluster.slots)`. Needs the extra `cluster`."""

from __future__ import annotations

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
from dynmask_core.jobs.on_cluster import train_in_copy, train_in_place
from dynmask_core.jobs.sight import Sight
from dynmask_core.runs import Run
from dynmask_core.runs.parcel import FETCHED, SENT, pack, set_away, unpack

if TYPE_CHECKING:
    from distributed import Client
    from distributed import Future as Task

CONNECT = 10.0
"""Seconds to wait for the scheduler."""
PATIENCE = 5.0
"""Seconds to wait for the first worker."""
LOOK = 1.0
"""Seconds between two checks of an active run."""


class Cluster:
    """A connection to the scheduler at `address` ("host:port"), shared by all slots.

    slots: number of workers. Raises InputError if the package is missing, the scheduler does not answer, or the workers
    cannot train.
    """

    def __init__(self, address: str) -> None:
        try:
            from distributed.utils import LoopRunner
        except ImportError as error:
            raise InputError("no_distributed") from error
        self.address = address
        self._lock = threading.Lock()
        self._sight = Sight(address)
        # One event loop for all attempts to connect, because a client that fails would leave its own loop running.
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
        """Ends the connection; its active runs end at their next step and can be resumed."""
        self._client.close()
        if self._loop.is_started():
            self._loop.stop()

    @property
    def state(self) -> str:
        """Of the connection: "running", "connecting" after the scheduler was lost, or "closed" if it did not return."""
        return str(self._client.status)

    def sees(self, folder: Path) -> bool:
        """Whether every worker sees `folder`, which holds runs: see `Sight`. If not, runs are sent to their workers."""
        return self._sight.sees(self._client, folder)

    def executor(self) -> Executor:
        """A new executor for one slot of a queue. Reconnects if the scheduler was lost.

        Raises InputError if it cannot be reached.
        """
        with self._lock:
            if not self._loop.is_started():
                raise RuntimeError("the cluster is closed")
            if self._client.status == "closed":
                self._client = self._connect()
            return ClusterExecutor(self, self._client)

    def _connect(self) -> Client:
        from distributed import Client

        class Connection(Client):  # type: ignore[misc]
            """A client that closes itself when it cannot begin.

            Left to the garbage collector it would close whenever Python happens to collect, and wait for a lock of
            the event loops that the interrupted thread may hold: a deadlock while the next loop starts.
            """

            def start(self, **kwargs: Any) -> None:
                try:
                    super().start(**kwargs)
                except BaseException:
                    self.close()
                    self._loop_runner.stop()  # which close() leaves out after a connection that failed
                    raise

        try:
            if not self.address.strip():
                raise ValueError("an empty address would start a cluster on this machine")
            return Connection(self.address, timeout=CONNECT, set_as_default=False, loop=self._loop.loop)
        except Exception as error:  # each kind of bad address raises its own type
            raise InputError("no_cluster", address=self.address) from error

    def _count_workers(self) -> int:
        try:
            self._client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError as error:
            raise InputError("cluster_empty", address=self.address) from error
        workers: dict[str, int] = self._client.nthreads()
        for name, threads in workers.items():
            # Two runs in one process would share torch's random state and change each other's results.
            if threads > 1:
                raise InputError("cluster_threads", worker=name, threads=threads)
        answers = self._client.run(worker.ready, on_error="return")
        for answer in answers.values():
            if isinstance(answer, Exception) and not isinstance(answer, OSError):  # OSError: the worker just left
                raise InputError("cluster_package", address=self.address) from answer
        return len(workers)


class ClusterExecutor(Executor):
    """The executor of one slot. If a running task is cancelled, its training ends at the next step."""

    def __init__(self, cluster: Cluster, client: Client) -> None:
        self._cluster = cluster
        self._client = client
        self._lock = threading.Lock()
        self._tasks: dict[Future[Any], Task[Any]] = {}
        self._closed = False

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Runs `worker.train_run` in place or in a copy (see `Cluster.sees`), and any other call unchanged."""
        if fn is not worker.train_run:
            return self._send(partial(fn, *args, **kwargs))
        run = Run(args[0])
        if self._cluster.sees(run.path.parent):
            set_away(run, False)
            return self._send(partial(train_in_place, str(run.path.absolute())), look=lambda _: run.sign_of_life())
        copy = partial(train_in_copy, run.name, pack(run, SENT))
        set_away(run, True)
        return self._send(copy, look=partial(_look_after_copy, run), finish=partial(_put_back, run))

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """`cancel_futures` also cancels running tasks, because a queue only submits tasks that start at once."""
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
        """Runs `work` on the cluster. Meanwhile, `look(task)` is called regularly; `finish` converts the result."""
        answer: Future[Any] = Future()
        answer.set_running_or_notify_cancel()
        with self._lock:
            if self._closed:
                raise RuntimeError("cannot schedule new futures after shutdown")
            # Not pure: to resume a run is the same call with another result.
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
    """Waits for a task. If its worker dies, the cluster gives it to another one, and the wait continues."""
    while True:
        try:
            return task.result(timeout=LOOK)
        except TimeoutError:
            if task.done():  # just finished, or the task itself raised TimeoutError
                return task.result()
            look(task)


def _look_after_copy(run: Run, task: Task[Any]) -> None:
    """For a run that trains in a remote copy: gives signs of life and obeys "stop", which its trainer cannot do."""
    run.sign_of_life()
    asked = run.wanted()[0] == "stop"
    if asked or run.unwatched():
        run.write_status(replace(run.status(), state="stopped", reason="asked" if asked else "unwatched"))
        task.cancel()


def _put_back(run: Run, parcel: bytes) -> str:
    """Copies the results into the run. Returns its last state; raises its error as an InputError if it failed."""
    unpack(run, parcel, FETCHED)
    set_away(run, False)
    status = run.status()
    if status.state == "failed" and status.error:
        code, params = status.error
        raise InputError(code, **params)
    return status.state
