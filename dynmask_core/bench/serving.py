"""The app on a server of its own, for readers to visit, and how their seconds are told."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np

from dynmask_core.bench.reader import PATIENCE, Reader
from dynmask_core.bench.timing import Row
from dynmask_core.place import app_folder

STEP = "data=fruit&model=tiny&epochs=3"
APP = app_folder() / "app.py"
WARM = 15.0
"""Seconds that a new server gets to load torch in its workers."""


@dataclass(frozen=True)
class Server:
    """The app in a process of its own, with nothing in its runs folder."""

    host: str
    runs: Path
    process: subprocess.Popen[bytes]

    def megabytes(self, *, workers: bool = False) -> float:
        import psutil

        own = psutil.Process(self.process.pid)
        of = own.children(recursive=True) if workers else [own]
        return float(sum(process.memory_info().rss for process in of)) / 2**20

    def cpu(self) -> float:
        """Seconds of work of the process that serves pages."""
        import psutil

        used = psutil.Process(self.process.pid).cpu_times()
        return float(used.user + used.system)


@contextlib.contextmanager
def serving(log: IO[bytes] | None = None, **environment: str) -> Iterator[Server]:
    """log: gets what the server writes to its log; None for nobody."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["--server.headless", "true", "--server.address", "127.0.0.1", "--server.port", str(port)]
    command = [sys.executable, "-m", "streamlit", "run", str(APP), *options]
    with tempfile.TemporaryDirectory() as folder:
        env = {**os.environ, "DYNMASK_RUNS": folder, **environment}
        to = log or subprocess.DEVNULL
        process = subprocess.Popen(command, cwd=APP.parent, env=env, stdout=to, stderr=to)
        try:
            server = Server(f"127.0.0.1:{port}", Path(folder), process)
            _wait_for(server)
            yield server
        finally:
            process.terminate()
            process.wait()


def _wait_for(server: Server) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"http://{server.host}/_stcore/health", timeout=5):
            return
        time.sleep(0.2)
    raise TimeoutError(server.host)


async def page_of_one(server: Server) -> float:
    """Seconds until a reader who is alone has the page; its workers are warm from then on."""
    async with Reader(server.host).visit("train", STEP) as first:
        await first.settled()
    await asyncio.sleep(WARM)
    began = time.monotonic()
    async with Reader(server.host).visit("train", STEP) as one:
        return await one.settled() - began


async def bring(reader: Reader, mark: str) -> float:
    rows = "".join(f"{mark} is number {row},{'ab'[row % 2]}\n" for row in range(40))
    await reader.type("pasted", "text,label\n" + rows)
    began = time.monotonic()
    await reader.click("read_pasted")
    async with asyncio.timeout(PATIENCE):
        while mark.encode() not in reader.received:  # the page may be drawn more than once until then
            await asyncio.sleep(0.05)
    return time.monotonic() - began


def row(name: str, peer: str, seconds: float, measured: Sequence[float], more: str = "") -> Row:
    low, middle, high, slow = np.quantile(measured, [0.25, 0.5, 0.75, 0.95]).tolist()
    note = f"median {middle:.2f} s, 95th percentile {slow:.2f} s, peer {seconds:.2f} s"
    return Row(name, peer, seconds / middle, (seconds / high, seconds / low), f"{note}; {more}" if more else note)
