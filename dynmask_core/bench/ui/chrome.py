"""A headless Chromium, and what it says about itself: bytes that came, by kind, and its seconds of work."""

from __future__ import annotations

import base64
import contextlib
import shutil
import zlib
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from playwright.sync_api import Browser, Page, Playwright

from dynmask_core.errors import InputError

BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
SETTLED = """
    () => document.querySelector("h1") && !document.querySelector("[data-testid=stSkeleton]")
      && document.querySelector("[data-testid=stApp]")?.dataset.testScriptState === "notRunning"
"""
"""True when the server has drawn the whole page."""


@contextlib.contextmanager
def launched(playwright: Playwright) -> Iterator[Browser]:
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        raise InputError("no_browser", names=", ".join(BROWSERS))
    browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
    try:
        yield browser
    finally:
        browser.close()


def work(browser: Browser) -> float:
    """Seconds of work of all its processes since it was started."""
    session = browser.new_browser_cdp_session()
    found = session.send("SystemInfo.getProcessInfo")["processInfo"]
    session.detach()
    return float(sum(process["cpuTime"] for process in found))


class Wire:
    """What one page receives. sent: bytes as they came over the wire, by kind; open: the same after decompression.

    Kinds: "bundle", Streamlit's own scripts, styles and fonts; "scripts", those of the app; "drawn", its messages;
    "media", its files; other.
    """

    def __init__(self, page: Page) -> None:
        self.sent: dict[str, int] = defaultdict(int)
        self.open: dict[str, int] = defaultdict(int)
        self._kinds: dict[str, str] = {}
        self._deflated: Any = None
        self._session = page.context.new_cdp_session(page)
        self._session.send("Network.enable")
        for event, hears in (
            ("responseReceived", self._begins),
            ("dataReceived", self._comes),
            ("loadingFinished", self._ends),
            ("webSocketHandshakeResponseReceived", self._agreed),
            ("webSocketFrameReceived", self._message),
        ):
            self._session.on(f"Network.{event}", hears)

    @property
    def total(self) -> int:
        return sum(self.sent.values())

    def forget(self) -> None:
        """What has come so far does not count."""
        self.sent.clear()
        self.open.clear()

    def _begins(self, event: Any) -> None:
        url = event["response"]["url"]
        kinds = {"/static/dynmask/": "scripts", "/static/": "bundle", "/media/": "media"}
        kind = next((kind for part, kind in kinds.items() if part in url), "other")
        self._kinds[event["requestId"]] = kind

    def _comes(self, event: Any) -> None:
        self.open[self._kinds.get(event["requestId"], "other")] += event["dataLength"]

    def _ends(self, event: Any) -> None:
        self.sent[self._kinds.get(event["requestId"], "other")] += int(event["encodedDataLength"])

    def _agreed(self, event: Any) -> None:
        headers = {name.lower(): value for name, value in event["response"]["headers"].items()}
        if "permessage-deflate" in headers.get("sec-websocket-extensions", ""):
            self._deflated = zlib.compressobj(wbits=-zlib.MAX_WBITS)

    def _message(self, event: Any) -> None:
        # The browser tells messages as they are after decompression: what they took is found by doing it once more.
        text, binary = event["response"]["payloadData"], event["response"]["opcode"] == 2
        content = base64.b64decode(text) if binary else text.encode()
        self.open["drawn"] += len(content)
        packed = self._deflated
        size = len(packed.compress(content)) + len(packed.flush(zlib.Z_SYNC_FLUSH)) if packed else len(content)
        self.sent["drawn"] += size

    def told(self) -> str:
        kinds = ", ".join(f"{kind} {size / 1e6:.2f}" for kind, size in sorted(self.sent.items()))
        return f"{self.total / 1e6:.2f} MB ({kinds}), {sum(self.open.values()) / 1e6:.2f} MB uncompressed"
