"""The headers that the documents tell a proxy to add: every page works under them, and nothing else is let in."""

from __future__ import annotations

import re
import socket
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from helpers import open_page, player
from playwright.sync_api import Browser, Page, expect

from dynmask_core.ui.frame import GLOSSARY, ICONS

TOLD = (Path(__file__).resolve().parents[2] / "dynmask_core" / "docs" / "serving.md").read_text(encoding="utf-8")
HEADERS = {name: value.strip('"') for name, value in re.findall(r"^add_header (\S+) (.+) always;$", TOLD, re.MULTILINE)}
HEAR = "window.refused = []; document.addEventListener('securitypolicyviolation', e => refused.push(e.blockedURI));"


class Proxy(socketserver.ThreadingTCPServer):
    """Passes on one request of each connection, a WebSocket too, and adds the headers to the answer."""

    allow_reuse_address = daemon_threads = True

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", 0), Passing)
        self.behind = port

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Passing(socketserver.BaseRequestHandler):
    server: Proxy

    def handle(self) -> None:
        with socket.create_connection(("127.0.0.1", self.server.behind)) as app, suppress(OSError):
            asked, rest = self._head(self.request)
            if b"upgrade: websocket" not in asked.lower():
                asked = re.sub(rb"(?im)^connection: .*\r\n", b"", asked) + b"Connection: close\r\n"
            app.sendall(asked + b"\r\n" + rest)
            threading.Thread(target=self._pass_on, args=(self.request, app), daemon=True).start()
            answered, rest = self._head(app)
            added = "".join(f"{name}: {value}\r\n" for name, value in HEADERS.items())
            self.request.sendall(answered + added.encode() + b"\r\n" + rest)
            self._pass_on(app, self.request)

    @staticmethod
    def _head(source: socket.socket) -> tuple[bytes, bytes]:
        """Request or status line with the headers, and what came after them."""
        data = b""
        while b"\r\n\r\n" not in data:
            if not (more := source.recv(65536)):
                raise ConnectionError
            data += more
        head, _, rest = data.partition(b"\r\n\r\n")
        return head + b"\r\n", rest

    @staticmethod
    def _pass_on(source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)


@pytest.fixture(scope="module")
def proxy(server: Any) -> Iterator[Proxy]:
    with Proxy(server.port) as proxy:
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        yield proxy
        proxy.shutdown()


@pytest.fixture
def behind(new_page: Callable[..., Page]) -> Page:
    """A page of a browser that tells, for itself and its frames, what the policy refused."""
    page = new_page()
    page.add_init_script(HEAR)
    return page


def test_the_documents_name_the_headers() -> None:
    assert set(HEADERS) == {
        "Content-Security-Policy",
        "X-Content-Type-Options",
        "X-Frame-Options",
        "Referrer-Policy",
    }
    policy = dict(part.strip().split(" ", 1) for part in HEADERS["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == policy["frame-ancestors"] == "'self'"
    others = {word for values in policy.values() for word in values.split()} - {"'self'", "'none'"}
    assert others == {"'unsafe-inline'", "'unsafe-eval'", "blob:", "data:", "ws:", "wss:"}


def test_every_page_and_what_it_shows_is_drawn_under_the_policy(proxy: Proxy, ended: Any, behind: Page) -> None:
    pages = [f"/{name}" for name in (*ICONS, GLOSSARY) if name != "home"]
    for address in ("/", f"/train?run={ended.name}", *pages):
        open_page(behind, proxy.url, address)
        if address not in pages:
            expect(player(behind)).to_be_visible()
        refused = [frame.evaluate("window.refused") for frame in behind.frames]
        assert refused == [[]] * len(refused), address


def test_what_is_elsewhere_is_refused_under_the_policy(proxy: Proxy, chromium: Browser) -> None:
    page = chromium.new_page()
    page.add_init_script(HEAR)
    page.goto(proxy.url)
    page.evaluate("fetch('http://127.0.0.2:9/x').catch(() => 0)")
    page.evaluate("document.body.append(Object.assign(new Image(), {src: 'http://127.0.0.2:9/y.png'}))")
    page.wait_for_function("window.refused.length >= 2")
    assert {address.rsplit("/", 1)[1] for address in page.evaluate("window.refused")} == {"x", "y.png"}
    page.context.close()
