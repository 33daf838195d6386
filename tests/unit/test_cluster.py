"""A cluster of real processes trains as this machine does, and a worker's death costs no more than an epoch."""

from __future__ import annotations

import asyncio
import io
import json
import os
import signal
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dynmask_core.config import ExperimentConfig
from dynmask_core.data import Dataset, build, planted
from dynmask_core.errors import InputError
from dynmask_core.jobs import Queue, cluster, execute, sight, worker
from dynmask_core.jobs.cluster import Cluster
from dynmask_core.jobs.conduct import conduct
from dynmask_core.runs import ACTIVE, Run
from dynmask_core.runs.parcel import FETCHED, SENT, is_away, pack, unpack
from dynmask_core.studies import Study, StudyConfig
from dynmask_core.studies.comparison import compare
from dynmask_core.studies.results import results
from dynmask_core.ui.clusters import Lines

distributed = pytest.importorskip("distributed", reason="needs the extra cluster")

ROOT = Path(__file__).resolve().parents[2]
Until = Callable[..., None]


class Network:
    """A scheduler and its workers, each a process of its own on this machine."""

    def __init__(self, folder: Path, until: Until) -> None:
        self.folder, self.until = folder, until
        self.processes: list[subprocess.Popen[bytes]] = []
        self.workers: list[subprocess.Popen[bytes]] = []
        self.file = folder / "scheduler.json"
        self._start("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--no-show")
        until(lambda: self.file.exists() and self.file.read_text().endswith("}"))
        self.address: str = json.loads(self.file.read_text())["address"]

    def _start(self, role: str, *options: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", f"distributed.cli.dask_{role}", "--scheduler-file", str(self.file), *options]
        own = {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "DASK_TEMPORARY_DIRECTORY": str(self.folder)}
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(command, cwd=self.folder, env={**os.environ, **own}, stdout=log, stderr=log)
        self.processes.append(process)
        return process

    def add_worker(self, *options: str) -> None:
        local = ("--host", "127.0.0.1", "--no-nanny", "--no-dashboard")
        self.workers.append(self._start("worker", *local, *(options or ("--nthreads", "1"))))

    def fill(self, count: int) -> None:
        """Sees to it that so many workers are there."""
        self.workers = [process for process in self.workers if process.poll() is None]
        while len(self.workers) < count:
            self.add_worker()
        with distributed.Client(self.address, set_as_default=False) as client:
            self.until(lambda: len(client.nthreads()) == count)

    def close(self) -> None:
        for process in self.processes:
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory, until: Until) -> Iterator[Network]:
    network = Network(tmp_path_factory.mktemp("cluster"), until)
    try:
        yield network
    finally:
        network.close()


@pytest.fixture
def two(network: Network, tmp_path: Path) -> Iterator[Cluster]:
    """A connection to two workers that see the runs."""
    network.fill(2)
    with Cluster(network.address) as connection:
        assert connection.sees(tmp_path / "runs")
        assert connection.slots == 2
        yield connection


@pytest.fixture
def make(tmp_path: Path, settings: Callable[..., ExperimentConfig], dataset: Dataset) -> Callable[..., Run]:
    def new(*arms: str, root: str = "runs", **training: Any) -> Run:
        return Run.create(tmp_path / root, settings(*arms, **training), dataset)

    return new


@contextmanager
def line_of(connection: Cluster) -> Iterator[Queue]:
    line = Queue(connection.executor, connection.slots)
    try:
        yield line
    finally:
        line.close()


def learned(run: Run) -> list[tuple[Any, ...]]:
    """What a run learned, clocks left out."""
    result = run.result()
    assert result is not None
    epochs = [event for event in run.events() if event["type"] == "arm_epoch"]
    return [(event["arm"], event["epoch"], event["train"], event["validation"]) for event in epochs] + [
        (arm["name"], arm["best_epoch"], arm["test"]) for arm in result["arms"]
    ]


def trained_here(run: Run) -> Run:
    """A run of the same settings and data, trained in this process."""
    twin = Run.create(run.path.parents[1] / "here", run.config(), run.dataset())
    assert execute(twin.path) == "finished"
    return twin


def whereabouts(connection: Cluster) -> str | None:
    """The address of the worker that has a run."""
    return next((name for name, tasks in connection._client.processing().items() if tasks), None)


@pytest.mark.parametrize("shared", [True, False])
def test_a_cluster_gives_the_numbers_of_this_machine(
    shared: bool, two: Cluster, make: Callable[..., Run], until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(two, "sees", lambda folder: shared)
    runs = [make("none", "repaired", seed=seed) for seed in range(1 + two.slots)]
    with line_of(two) as line:
        for run in runs:
            line.submit(run)
        until(lambda: all(run.status().state == "finished" for run in runs))
    for run in runs:
        assert learned(run) == learned(trained_here(run))
        assert run.epochs() == [0, 1, 2]
        assert run.weights_file("repaired").exists()
    assert not list(runs[0].path.parent.glob(".*"))


def test_a_run_outlives_its_worker_and_learns_the_same(two: Cluster, make: Callable[..., Run], until: Until) -> None:
    run = make("none", "repaired", epochs=16)
    states: list[str] = []
    with line_of(two) as line:
        line.submit(run)
        until(lambda: run.status().epoch >= 1)
        victim = two._client.run(os.getpid)[whereabouts(two)]
        os.kill(victim, signal.SIGKILL)
        until(lambda: states.append(run.status().state) or states[-1] == "finished")
    assert "interrupted" not in states
    firsts = [event["first_epoch"] for event in run.events() if event["type"] == "started"]
    assert len(firsts) == 2
    assert firsts[0] == 1 < firsts[1] <= 16
    said = [(event["epoch"], event["arm"]) for event in run.events() if event["type"] == "arm_epoch"]
    assert sorted(set(said)) == sorted(said) == [(epoch, arm) for epoch in range(1, 17) for arm in ("none", "repaired")]
    assert learned(run) == learned(trained_here(run))


def test_closing_leaves_a_paused_run_resumable_and_its_worker_free(
    two: Cluster, make: Callable[..., Run], until: Until
) -> None:
    run = make("none", epochs=4)
    with line_of(two) as line:
        line.submit(run)
        until(lambda: run.status().state != "queued")
        run.command("run", until=2)
        until(lambda: run.status().state == "paused")
        where = whereabouts(two)
    until(lambda: run.status().state == "interrupted")
    assert two._client.submit(worker.ready, workers=[where], pure=False).result(timeout=10)
    assert run.status().state == "interrupted"
    with line_of(two) as line:
        line.submit(run)
        until(lambda: run.status().state == "finished")
    assert learned(run) == learned(trained_here(run))


def test_a_copy_goes_on_from_the_checkpoint_and_can_be_stopped(
    two: Cluster, make: Callable[..., Run], until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "LOOK", 0.1)
    monkeypatch.setattr(two, "sees", lambda folder: False)
    begun, endless = make("none", epochs=3), make("none", epochs=1000)

    def stop(event: object) -> None:
        if type(event).__name__ == "EpochEnd" and event.epoch == 1:  # type: ignore[attr-defined]
            begun.command("stop")

    assert execute(begun.path, stop) == "stopped"
    with line_of(two) as line:
        line.submit(begun)
        line.submit(endless)
        until(lambda: begun.status().state == "finished")
        assert endless.status().state == "starting"
        assert is_away(endless)
        until(lambda: not is_away(begun))
        endless.command("stop")
        until(lambda: endless.status().state == "stopped")
        until(lambda: not line._handed)
    assert (endless.status().state, endless.status().reason) == ("stopped", "asked")
    assert [event["first_epoch"] for event in begun.events() if event["type"] == "started"] == [1, 2]
    assert learned(begun) == learned(trained_here(begun))


def test_live_runs_go_to_the_cluster_of_the_server_and_obey(
    network: Network, make: Callable[..., Run], until: Until
) -> None:
    network.fill(2)
    run, lines = make("none", epochs=6), Lines()
    line = lines.line_or_none(network.address)
    assert line is not None
    assert lines.line(network.address) is line
    try:
        line.submit(run)
        run.command("run", until=1)
        until(lambda: run.status().state == "paused")
        assert whereabouts(lines._lines[network.address][1]) is not None
        run.command("run", until=2)
        until(lambda: (run.status().state, run.status().epoch) == ("paused", 2))
        run.command("stop")
        until(lambda: run.status().state == "stopped")
    finally:
        line.close()
        lines._lines[network.address][1].close()


def test_a_lost_cluster_is_connected_to_again(network: Network) -> None:
    network.fill(2)
    lines = Lines()
    first = lines.line_or_none(network.address)
    lines._lines[network.address][1]._client.close()
    second = lines.line_or_none(network.address)
    assert None is not second is not first
    second.close()
    lines._lines[network.address][1].close()


def test_a_scheduler_that_does_not_answer_is_not_asked_at_once_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "CONNECT", 0.1)
    lines = Lines()
    assert lines.line_or_none("127.0.0.1:1") is None
    monkeypatch.setattr(cluster, "Cluster", None)  # an attempt would raise now
    assert lines.line_or_none("127.0.0.1:1") is None
    with pytest.raises(TypeError):
        lines.line("127.0.0.1:1")


def all_have_an_epoch(study: Study) -> bool:
    """Of the runs under way, two of them, each has something to go on from, and something before it."""
    under_way = [status for job in study.jobs if (status := study.status(job)).state in ACTIVE]
    return len(under_way) == 2 and all(1 <= status.epoch < 12 for status in under_way)


def test_a_comparison_on_a_cluster_loses_a_worker_and_says_what_this_machine_says(
    two: Cluster, tmp_path: Path, settings: Callable[..., ExperimentConfig], dataset: Dataset, until: Until
) -> None:
    config = StudyConfig(base=settings("none", "repaired", epochs=16), seeds=6)
    report = build(planted(texts=80, noise_words=60).table)[1]
    study, twin = (Study.create(tmp_path / place, config, dataset, report) for place in ("runs", "here"))
    states: list[str] = []
    with line_of(two) as line:
        thread = threading.Thread(target=lambda: states.append(conduct(study, line)))
        thread.start()
        try:
            until(lambda: all_have_an_epoch(study))
            # A run may end between the look above and the kill below, and the next one has nothing to go on from yet.
            going = {job for job in study.jobs if study.status(job).epoch >= 1}
            victim = two._client.run(os.getpid)[whereabouts(two)]
            os.kill(victim, signal.SIGKILL)
            until(lambda: states)
        finally:
            study.command("stop")
            thread.join(30)
    assert states == ["finished"]
    for job in twin.jobs:
        assert execute(twin.prepare(job, dataset).path) == "finished"
        run = study.run(job)
        said = [(event["epoch"], event["arm"]) for event in run.events() if event["type"] == "arm_epoch"]
        assert len(set(said)) == len(said) == 2 * 16
        begun = [event["first_epoch"] for event in run.events() if event["type"] == "started"]
        assert begun[0] == 1
        assert job not in going or all(first > 1 for first in begun[1:]), "begun twice from scratch"
    here, there = (compare(results(one), config.base.arms) for one in (twin, study))
    assert there.seeds == (0, 1, 2, 3, 4, 5)
    assert there.differences == here.differences
    assert there.same_texts == here.same_texts


@pytest.mark.parametrize("shared", [True, False])
def test_a_run_that_cannot_be_trained_says_why(
    shared: bool, two: Cluster, make: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(two, "sees", lambda folder: shared)
    run = make("nobody")
    executor = two.executor()
    with pytest.raises(InputError) as caught:
        executor.submit(worker.train_run, run.path).result(timeout=30)
    assert caught.value.code == "unknown_strategy"
    assert run.status().state == "failed"
    assert run.status().error == ("unknown_strategy", caught.value.params)
    executor.shutdown()
    with pytest.raises(RuntimeError):
        executor.submit(worker.ready)


def test_a_folder_that_one_worker_cannot_see_is_not_shared(
    two: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    asked: list[str] = []

    async def one_sees(read: Callable[[str], str], sign: str, **_: Any) -> dict[str, Any]:
        asked.append(sign)
        return {"a": read(sign), "b": FileNotFoundError(sign)}

    monkeypatch.setattr(two._client, "run", one_sees)
    assert not two.sees(tmp_path / "elsewhere")
    assert "do not see" in caplog.text
    assert list((tmp_path / "elsewhere").iterdir()) == []
    assert not two.sees(tmp_path / "elsewhere")
    assert len(asked) == 1, "they are asked once for each folder"
    assert two.sees(tmp_path / "runs"), "what is known of one folder says nothing of another"
    assert len(asked) == 1


def test_workers_that_do_not_answer_hold_nobody_up(
    two: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    asked: list[str] = []

    async def silent(read: Callable[[str], str], sign: str, **_: Any) -> dict[str, Any]:
        asked.append(sign)
        await asyncio.sleep(60)
        return {}

    monkeypatch.setattr(sight, "ANSWER", 0.2)
    monkeypatch.setattr(two._client, "run", silent)
    for _ in range(2):
        assert not two.sees(tmp_path / "elsewhere")
    assert len(asked) == 1
    assert "did not say" in caplog.text
    monkeypatch.undo()
    assert not two.sees(tmp_path / "elsewhere"), "not asked again so soon"
    two._sight._known[tmp_path / "elsewhere"] = replace(two._sight._known[tmp_path / "elsewhere"], until=0.0)
    assert two.sees(tmp_path / "elsewhere")


def test_a_parcel_cannot_lead_out_of_its_folder(make: Callable[..., Run], finished_run: Run, tmp_path: Path) -> None:
    run = make("none")
    buffer = io.BytesIO()
    bad = ("../status.json", "/status.json", "weights/../../x.safetensors", "snapshots/epoch_0001.npz/../../../y.npz")
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in (*bad, "command.json", "result.json"):
            archive.writestr(name, "{}")
    before = {path for path in tmp_path.rglob("*") if path.is_file()}
    unpack(run, buffer.getvalue(), FETCHED)
    assert {path for path in tmp_path.rglob("*") if path.is_file()} - before == {run.path / "result.json"}
    unpack(run, pack(finished_run, FETCHED), FETCHED)
    assert learned(run) == learned(finished_run)
    assert run.epochs() == finished_run.epochs()
    with zipfile.ZipFile(io.BytesIO(pack(finished_run, SENT))) as sent:
        assert {"config.json", "dataset.npz", "events.jsonl"} <= set(sent.namelist())


@pytest.mark.parametrize(
    "address", ["", "nonsense", "foo://x:1", "127.0.0.1:x", "127.0.0.1:1", "tcp://127.0.0.1:99999"]
)
def test_a_cluster_out_of_reach_is_said_in_one_sentence(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "CONNECT", 0.3)
    before = set(threading.enumerate())
    with pytest.raises(InputError) as caught:
        Cluster(address)
    assert caught.value.code == "no_cluster"
    # A client that is left for the garbage collector keeps its loop, and can stop the next attempt for ever.
    assert not [thread for thread in set(threading.enumerate()) - before if thread.name == "IO loop"]


def test_without_the_package_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed.utils", None)
    with pytest.raises(InputError, match=r"dynmask\[cluster\]"):
        Cluster("127.0.0.1:8786")


def test_workers_that_are_not_fit_for_training_are_refused(
    tmp_path: Path, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refusal() -> str:
        with pytest.raises(InputError) as caught:
            Cluster(network.address)
        return caught.value.code

    network = Network(tmp_path, until)
    try:
        with monkeypatch.context() as patch:
            patch.setattr(cluster, "PATIENCE", 0.1)
            assert refusal() == "cluster_empty"
        network.add_worker("--nthreads", "1", "--preload", "import sys; sys.modules['dynmask_core'] = None")
        assert refusal() == "cluster_package"
        network.add_worker("--nthreads", "2")
        until(lambda: refusal() == "cluster_threads")
    finally:
        network.close()
