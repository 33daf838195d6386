"""What the app's server does when it starts and ends."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest
from streamlit import config

from dynmask_core.jobs import queue
from dynmask_core.ui import server


class Line:
    def __init__(self) -> None:
        self.closed = False

    def close(self) -> None:
        self.closed = True


def live(monkeypatch: pytest.MonkeyPatch, *, headless: bool) -> tuple[list[str], Line]:
    opened: list[str] = []
    line = Line()
    monkeypatch.setattr(queue, "_OPEN", [line])
    monkeypatch.setattr(server, "SOON", 0.0)
    monkeypatch.setattr("streamlit.cli_util.open_browser", opened.append)
    options = {"server.headless": headless, "server.port": 8765, "server.address": "0.0.0.0"}
    real = config.get_option
    monkeypatch.setattr(config, "get_option", lambda key: options.get(key, real(key)))

    async def stay() -> None:
        async with server.lifespan(None):
            await asyncio.sleep(0.05)
            assert not line.closed

    with ThreadPoolExecutor(1) as apart:  # playwright leaves a loop in the thread of the tests
        apart.submit(asyncio.run, stay()).result()
    return opened, line


def test_a_browser_is_opened_where_the_server_can_be_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    opened, _ = live(monkeypatch, headless=False)
    assert len(opened) == 1
    assert opened[0].startswith("http://localhost:")


def test_none_is_opened_for_a_server_without_a_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    opened, _ = live(monkeypatch, headless=True)
    assert opened == []


def test_workers_are_ended_with_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    _, line = live(monkeypatch, headless=True)
    assert line.closed


def test_a_limit_that_is_none_ends_the_program_with_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DYNMASK_LINE", "many")
    with pytest.raises(SystemExit, match="DYNMASK_LINE"):
        server.check()
