"""A class that comes and goes: readers who think, look at pages, train, bring texts, leave and come back for minutes.

They speak with the server as those of `bench.readers` do. What they do is drawn from their number, so that two
measurements have the same class; when they do it depends on how fast they are answered.
"""

from __future__ import annotations

import asyncio
import re
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from dynmask_core.bench.reader import Reader
from dynmask_core.bench.serving import STEP, Server, bring, page_of_one, row, serving
from dynmask_core.bench.timing import Row
from dynmask_core.errors import InputError
from dynmask_core.runs import list_runs

THINK = (5.0, 30.0)
"""Seconds between two acts of a reader, drawn evenly."""
ACTS = {"look": 0.5, "train": 0.3, "bring": 0.2}
"""What a visit is for, and how often."""
PAGES = ("", "learn", "data", "masks", "train", "compare", "mlm")
GONE = 130.0
"""Seconds after which Streamlit has forgotten who has left: it waits for two minutes, for them to come back."""
MARK = re.compile(rb"secret([0-9]{4})x")


@dataclass
class Found:
    """Seconds of each page, Start and text; see `Figures`. memory: megabytes. places: in line, when last seen.
    trained: finished runs. longest: the last place in line that was told. rose: how often a place was higher than it
    was before. seen: visits in which text of another reader was sent. lost: visits that broke off, with their reasons.
    cpu: share of one core that pages took."""

    alone: float = 0.0
    ready: list[float] = field(default_factory=list)
    starts: list[float] = field(default_factory=list)
    texts: list[float] = field(default_factory=list)
    memory: dict[str, float] = field(default_factory=dict)
    places: dict[str, int] = field(default_factory=dict)
    trained: int = 0
    longest: int = 0
    rose: int = 0
    seen: int = 0
    lost: list[str] = field(default_factory=list)
    cpu: float = 0.0


async def measure(server: Server, readers: int, minutes: float) -> Found:
    found = Found()
    found.alone = await page_of_one(server)
    found.memory["start"] = found.memory["peak"] = server.megabytes()
    began, worked = time.monotonic(), server.cpu()
    watching = asyncio.create_task(_watch(server, found))
    end = began + 60 * minutes
    await asyncio.gather(*(stay(server, number, end, found) for number in range(readers)))
    found.cpu = (server.cpu() - worked) / (time.monotonic() - began)
    found.memory["end"] = server.megabytes()
    await asyncio.sleep(GONE)
    watching.cancel()
    found.memory["after"] = server.megabytes()
    found.trained = sum(run.finished for run in list_runs(server.runs))
    return found


async def stay(server: Server, number: int, end: float, found: Found) -> None:
    """One reader, until `end` in seconds of `time.monotonic`."""
    chance, cookie, turn = np.random.default_rng(number), "", 0

    async def think() -> None:
        await asyncio.sleep(min(chance.uniform(*THINK), max(end - time.monotonic(), 0.0)))

    await think()
    while time.monotonic() < end:
        turn += 1
        act = str(chance.choice(list(ACTS), p=list(ACTS.values())))
        page = {"train": "train", "bring": "data"}.get(act) or str(chance.choice(PAGES))
        query = f"{STEP}&seed={1000 * number + turn}" if page == "train" else ""
        reader = Reader(server.host, cookie)
        try:
            began = time.monotonic()
            async with reader.visit(page, query):
                found.ready.append(await reader.settled() - began)
                await think()
                if act == "train":
                    found.starts.append(await reader.click("do_start"))
                elif act == "bring":
                    found.texts.append(await bring(reader, f"secret{number:04d}x{turn:03d}melon"))
                await think()
        except (OSError, TimeoutError, KeyError, AssertionError) as error:
            found.lost.append(f"{act} {page}: {type(error).__name__}")
        cookie = reader.cookie
        found.seen += saw_another(bytes(reader.received), number)
        await think()


def saw_another(sent: bytes, number: int) -> bool:
    """Whether text that another reader brought is in what was sent to the reader of this number."""
    return any(int(mark) != number for mark in MARK.findall(sent))


async def _watch(server: Server, found: Found) -> None:
    """Every second: the server's memory, and the places in line."""
    while True:
        found.memory["peak"] = max(found.memory["peak"], server.megabytes())
        places = await asyncio.to_thread(_places, server.runs)
        note_places(found, places)
        await asyncio.sleep(1.0)


def note_places(found: Found, places: dict[str, int]) -> None:
    """places: of the runs that wait now, by name."""
    found.rose += sum(place > found.places.get(name, place) for name, place in places.items())
    found.longest = max([found.longest, *places.values()])
    found.places = places


def _places(runs: Path) -> dict[str, int]:
    places = {}
    for run in list_runs(runs):
        try:
            status = run.status()
        except (InputError, OSError):
            continue
        if status.state == "queued":
            places[run.name] = status.place
    return places


def run(readers: int, minutes: float) -> list[Row]:
    with serving() as server:
        found = asyncio.run(measure(server, readers, minutes))
    for lost in found.lost:
        print(f"lost: {lost}", file=sys.stderr, flush=True)
    asked = f"{readers} readers, {minutes:g} minutes"
    kinds = {"page ready": found.ready, "Start": found.starts, "own text read": found.texts}
    rows = [
        row(f"{name}, {asked}", "one reader's page", found.alone, times, f"{len(times)} times")
        for name, times in kinds.items()
        if times
    ]
    memory = found.memory
    sizes = ", ".join(f"{name} {size:.0f} MB" for name, size in memory.items())
    line = f"{found.trained} runs trained, the longest line {found.longest}, places rose {found.rose} times"
    told = f"{line}; {found.seen} visits saw another's text; {len(found.lost)} visits broke off"
    rows.append(Row("memory", "at the end", memory["start"] / memory["end"], (1.0, 1.0), sizes))
    rows.append(Row("work for pages", "one core", found.cpu, (found.cpu, found.cpu), told))
    return rows
