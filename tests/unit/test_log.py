"""What a server writes to its log: the names of runs and what became of them, and nothing that a reader brought."""

from __future__ import annotations

import ast
import asyncio
import logging
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import dynmask_core
from dynmask_core.bench.reader import Reader
from dynmask_core.bench.serving import serving
from dynmask_core.config import ExperimentConfig
from dynmask_core.data import Dataset
from dynmask_core.errors import InputError, kind_of
from dynmask_core.jobs import Queue
from dynmask_core.runs import Run
from dynmask_core.ui.visitor import _token

SOURCE = Path(dynmask_core.__file__).parent
SECRET = "watermelonsecret"


class Failing(Executor):
    """Every run ends with an error that quotes the text."""

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        if args:
            future.set_exception(InputError("unknown_run", name=SECRET, root="x"))
        else:
            future.set_result(True)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        pass


def test_an_error_that_quotes_the_input_is_logged_by_its_kind() -> None:
    assert kind_of(InputError("unknown_run", name=SECRET, root="x")) == "unknown_run"
    assert kind_of(ValueError(SECRET)) == "ValueError"


def test_a_run_that_fails_is_logged_by_its_name_without_what_its_error_quotes(
    runs_root: Path,
    settings: Callable[..., ExperimentConfig],
    dataset: Dataset,
    caplog: pytest.LogCaptureFixture,
    until: Callable[..., None],
) -> None:
    caplog.set_level(logging.INFO, "dynmask_core")
    run, line = Run.create(runs_root, settings(), dataset), Queue(Failing, slots=1)
    line.submit(run, "ann")
    until(lambda: "unknown_run" in caplog.text)
    line.close()
    assert f"run {run.name}" in caplog.text
    assert SECRET not in caplog.text


def test_no_page_and_no_job_logs_an_error_with_its_words() -> None:
    """`log.exception` writes the words of an error, and an error that is a value does so, too."""
    found = []
    for path in sorted(path for part in ("jobs", "ui", "runs", "learn") for path in (SOURCE / part).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("log."):
                words = {ast.unparse(value) for value in node.args}
                if "error" in words or node.func.attr == "exception":  # type: ignore[attr-defined]
                    found.append(f"{path.relative_to(SOURCE).as_posix()}: {ast.unparse(node)}")
    assert found == []


async def visit(host: str) -> None:
    """Pastes a text, one that cannot be read, and a mask that is none."""
    async with Reader(host).visit("data", "") as reader:
        assert _token(reader.cookie.partition("=")[2]), "without a cookie, who comes back is another visitor"
        await reader.settled()
        rows = "".join(f"{SECRET} is number {row},{'ab'[row % 2]}\n" for row in range(40))
        for text in ("text,label\n" + rows, f"\x00{SECRET}", f'[{{"text": "{SECRET}"'):
            await reader.type("pasted", text)
            await reader.click("read_pasted")
            await reader.settled()
        assert SECRET.encode() in reader.received
    async with Reader(host).visit("train", f"data=fruit&a={SECRET}&dynamic=rule%28{SECRET}%29") as reader:
        await reader.settled()


def test_a_pasted_text_is_not_in_the_log_of_a_server(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with log.open("wb") as written, serving(log=written) as server, ThreadPoolExecutor(1) as beside:
        # In a thread: the tests in a browser leave an event loop in this one.
        beside.submit(asyncio.run, visit(server.host)).result()
    told = log.read_text(encoding="utf-8", errors="replace")
    assert told, "a log that says nothing shows nothing"
    assert SECRET not in told


def test_the_app_s_command_logs_runs_by_their_names(tmp_path: Path) -> None:
    program = "from dynmask_core.cli import app; app.log(); import logging;"
    program += "logging.getLogger('dynmask_core.jobs.queue').info('run %s: %s', 'a', 'finished')"
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stderr
    assert told.strip().endswith("run a: finished")
