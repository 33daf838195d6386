"""A real server and a real browser for every test in this folder; no test may leave an error in the console."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from dynmask_core.config import DataConfig, ExperimentConfig
from dynmask_core.data import build, load_sample
from dynmask_core.runs import Run

ROOT = Path(__file__).resolve().parents[2]
# The shell draws the same pages without the windows around them, for a third of the work.
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
# No sandbox: it cannot be set up inside most containers. No network chatter of its own, no graphics card.
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
ARGUMENTS += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
# A page lives for seconds: compiling its scripts for speed would take longer than they run.
ARGUMENTS += ["--js-flags=--no-opt --no-maglev"]
# Streamlit looks for itself beside the page first, then at the root.
PROBES = re.compile(r"/(data|learn|masks|train|compare|mlm|tasks|glossary)/_stcore/(health|host-config)$")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


class Server:
    """One `streamlit run app.py` with a runs folder of its own."""

    def __init__(self, runs: Path) -> None:
        self.runs = runs
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless", "true"]
        command += ["--server.port", str(self.port), "--server.address", "127.0.0.1"]
        # Tests wait for what is trained: it is not put behind everything else on the machine.
        self.process = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, "DYNMASK_RUNS": str(self.runs), "DYNMASK_NICE": "0"},
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def answers(self) -> bool:
        assert self.process.poll() is None, "the server has ended"
        try:
            with urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=1) as reply:
                return bool(reply.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def kill(self) -> None:
        """At once, as a machine that loses its power."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def close(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(3)
        except subprocess.TimeoutExpired:
            self.kill()

    def run(self, name: str) -> Run:
        return Run(self.runs / name)


@pytest.fixture(scope="session")
def start_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Server]]:
    """Starts a server that nobody has visited yet."""
    servers: list[Server] = []

    def start() -> Server:
        servers.append(Server(tmp_path_factory.mktemp("runs")))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture(scope="session")
def server(start_server: Callable[[], Server], until: Callable[..., None]) -> Server:
    """The one that most tests share; it answers."""
    server = start_server()
    until(server.answers)
    return server


@pytest.fixture(scope="session")
def ended(server: Server, settings: Callable[..., ExperimentConfig]) -> Run:
    """A run of one epoch among the server's, trained to its end: where it does not matter how it was started."""
    from dynmask_core.jobs import execute

    config = replace(settings(epochs=1), data=DataConfig("sample:fruit", max_tokens=64))
    run = Run.create(server.runs, config, build(load_sample("fruit"))[0])
    assert execute(run.path) == "finished"
    return run


@pytest.fixture
def fresh_server(start_server: Callable[[], Server]) -> Iterator[Server]:
    server = start_server()
    yield server
    server.close()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        none_found = f"no browser found: looked for {', '.join(BROWSERS)}"
        if os.environ.get("DYNMASK_REQUIRE_BROWSER"):
            pytest.fail(none_found)
        pytest.skip(none_found)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def new_page(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """new_page(width=1280, height=900, **what a browser context takes): a page of a new visitor.

    The visitor wants no movement: sixty pictures a second of something that moves are most of what a browser without
    a graphics card has to do.
    """
    contexts = []
    problems: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        missing = "404" in message.text and PROBES.search(message.location.get("url", ""))
        if message.type == "error" and not missing:
            problems.append(f"{message.text} ({message.location.get('url')})")

    def make(width: int = 1280, height: int = 900, **options: Any) -> Page:
        options = {"locale": "en-US", "reduced_motion": "reduce", **options}
        context = chromium.new_context(viewport={"width": width, "height": height}, **options)
        context.set_default_timeout(60_000)
        context.on("console", heard)
        context.on("weberror", lambda error: problems.append(str(error.error)))
        contexts.append(context)
        return context.new_page()

    yield make
    for context in contexts:
        context.close()
    assert not problems, problems


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    return new_page()


@pytest.fixture
def until_up(until: Callable[..., None]) -> Callable[[Server], None]:
    """Waits for a server to answer."""
    return lambda server: until(server.answers)


@pytest.fixture(autouse=True)
def stop_what_still_trains(request: pytest.FixtureRequest) -> Iterator[None]:
    """No test is slowed by what another one left behind."""
    yield
    if "server" in request.fixturenames:
        shared: Server = request.getfixturevalue("server")
        for folder in shared.runs.iterdir():
            Run(folder).command("stop")
