"""Takes the pictures of the app that README and documentation show: `python -m dynmask_core.docs.picture`.

Needs a checkout of the project, the extra `dev` and a Chromium. Starts the app with an empty runs folder, opens its
first page, waits until the recorded run has been played to its end, and writes `app.png` (English) and `app_zh.png`
(Chinese).
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

FOLDER = Path(__file__).parent
ROOT = FOLDER.parents[1]
PICTURES = {"en": "app.png", "zh": "app_zh.png"}
SIZE = {"width": 1440, "height": 900}
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
PATIENCE = 60.0
"""Seconds until the app has to be up, and a picture drawn."""


@contextmanager
def app(runs: Path) -> Iterator[str]:
    """A server of the app whose runs lie in `runs`; gives its address. Raises TimeoutError if it does not answer."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless", "true"]
    command += ["--server.port", str(port), "--server.address", "127.0.0.1"]
    environment = {**os.environ, "DYNMASK_RUNS": str(runs)}
    quiet = subprocess.DEVNULL
    server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=quiet, stderr=quiet)
    try:
        _wait_for(f"http://127.0.0.1:{port}/_stcore/health")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()


def _wait_for(address: str) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(address, timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(f"{address} does not answer")


def take(browser: Browser, address: str, lang: str, file: Path) -> None:
    """Writes a picture of the first screen of the app's first page."""
    context = browser.new_context(viewport=SIZE, locale=lang, color_scheme="light")  # type: ignore[arg-type]
    context.set_default_timeout(1000 * PATIENCE)
    page = context.new_page()
    page.goto(f"{address}/?lang={lang}")
    # The recorded run plays once; its last epoch shows what the masks have become.
    page.get_by_test_id("mask-player").and_(page.locator("[data-playing=false]")).wait_for()
    page.screenshot(path=file, animations="disabled")
    context.close()


def main() -> None:
    with tempfile.TemporaryDirectory() as runs, app(Path(runs)) as address, sync_playwright() as playwright:
        # Without one on the path, Playwright takes its own.
        found = next(filter(None, map(shutil.which, BROWSERS)), None)
        # No sandbox: it cannot be set up inside most containers.
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        for lang, name in PICTURES.items():
            take(browser, address, lang, FOLDER / name)
            print(FOLDER / name)
        browser.close()


if __name__ == "__main__":
    main()
