"""A class on one server: thirty readers open a page at the same moment, press Start, and bring texts of their own.

The server is the real one; the readers are `bench.reader`, on the same machine. Figures for your machine:
`dynmask bench --suite readers`. With `--minutes 10` the readers of `bench.endurance` come instead.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from dynmask_core.bench import endurance
from dynmask_core.bench.reader import PATIENCE, Reader
from dynmask_core.bench.serving import STEP, Server, bring, page_of_one, row, serving
from dynmask_core.bench.timing import Row
from dynmask_core.runs import Run, list_runs

READERS = 30


@dataclass
class Figures:
    """Seconds, one per reader, and megabytes. turns: from a reader's Start to the training of the reader's run. late:
    by how many places a run was trained later than its place in line said. shared: runs trained for all who started the
    same experiment. seen: pairs of readers of whom one was sent text of the other. cpu: shares of one core, while the
    readers' own experiments trained. work: seconds that a core of the server works for one reader's page, Start
    and text; other work on the machine lengthens the other figures, but not these."""

    alone: float = 0.0
    ready: list[float] = field(default_factory=list)
    same: list[float] = field(default_factory=list)
    own: list[float] = field(default_factory=list)
    busy: list[float] = field(default_factory=list)
    turns: list[float] = field(default_factory=list)
    texts: list[float] = field(default_factory=list)
    shared: int = 0
    late: int = 0
    seen: int = 0
    memory: dict[str, float] = field(default_factory=dict)
    cpu: dict[str, float] = field(default_factory=dict)
    work: dict[str, float] = field(default_factory=dict)


async def measure(server: Server, readers: int) -> Figures:
    """All of it with one server, in order: one reader, many, the same experiment, own experiments, own texts."""
    found = Figures()
    found.alone = await page_of_one(server)
    found.memory["before"], found.memory["workers"] = server.megabytes(), server.megabytes(workers=True)
    worked = server.cpu()
    async with _class(server, ["train"] * readers, [STEP] * readers) as (members, ready):
        found.ready = ready
        found.work["page"] = (server.cpu() - worked) / readers
        worked = server.cpu()
        found.same = await _all(member.click("do_start") for member in members)
        found.work["Start"] = (server.cpu() - worked) / readers
        found.shared = len(list_runs(server.runs))
        await _trained(server)
        found.memory["with"] = server.megabytes()
    queries = [f"{STEP}&seed={number}" for number in range(1, readers + 1)]
    async with _class(server, ["train"] * readers, queries) as (members, _):
        began, worked, own = time.monotonic(), server.cpu(), time.process_time()
        found.own = await _all(member.click("do_start") for member in members)
        # A latecomer, while the line is long.
        for _ in range(5):
            at = time.monotonic()
            async with Reader(server.host).visit("train", STEP) as late:
                found.busy.append(await late.settled() - at)
        await _trained(server)
        took = time.monotonic() - began
        found.cpu = {"server": (server.cpu() - worked) / took, "readers": (time.process_time() - own) / took}
        found.turns, found.late = _turns([run for run in list_runs(server.runs) if run.config().train.seed])
    marks = [f"secret{number:04d}melon" for number in range(readers)]
    async with _class(server, ["data"] * readers, [""] * readers) as (members, _):
        worked = server.cpu()
        found.texts = await _all(bring(member, mark) for member, mark in zip(members, marks, strict=True))
        found.work["text"] = (server.cpu() - worked) / readers
        await asyncio.sleep(1)
        found.seen = _seen(members, marks)
    await asyncio.sleep(5)
    found.memory["after"] = server.megabytes()
    return found


@contextlib.asynccontextmanager
async def _class(server: Server, pages: Sequence[str], queries: Sequence[str]) -> Any:
    """Readers who come at the same moment, and the seconds until each had the page."""
    async with contextlib.AsyncExitStack() as room:
        began = time.monotonic()

        async def come(page: str, query: str) -> tuple[Reader, float]:
            reader = await room.enter_async_context(Reader(server.host).visit(page, query))
            return reader, await reader.settled() - began

        came = await asyncio.gather(*(come(page, query) for page, query in zip(pages, queries, strict=True)))
        yield [reader for reader, _ in came], [seconds for _, seconds in came]


async def _all(waiting: Any) -> list[float]:
    return list(await asyncio.gather(*waiting))


def _seen(readers: Sequence[Reader], marks: Sequence[str]) -> int:
    """Raises AssertionError if a reader was not sent the own text: then nothing would be shown by the others."""
    seen = 0
    for reader, own in zip(readers, marks, strict=True):
        sent = bytes(reader.received)
        assert own.encode() in sent, own
        seen += sum(mark != own and mark.encode() in sent for mark in marks)
    return seen


async def _trained(server: Server) -> None:
    async with asyncio.timeout(2 * PATIENCE):
        while not all(run.finished for run in list_runs(server.runs)):
            await asyncio.sleep(0.5)


def _turns(runs: Sequence[Run]) -> tuple[list[float], int]:
    """See Figures. A run's config is written when it gets its place in line, its vocabulary when it has its turn."""
    came = sorted(runs, key=lambda run: (run.path / "config.json").stat().st_mtime_ns)
    began = [(run.path / "vocabulary.json").stat().st_mtime for run in came]
    turns = [began[place] - (run.path / "config.json").stat().st_mtime for place, run in enumerate(came)]
    places = {name: place for place, name in enumerate(sorted(range(len(came)), key=began.__getitem__))}
    return turns, max(places[place] - place for place in range(len(came)))


def run(readers: int = READERS, minutes: float = 0.0) -> list[Row]:
    """Page and answers of a class beside those of one reader, and beside workers of normal priority. minutes: a class
    that comes and goes for so long instead, see `bench.endurance`; 0 for none."""
    if minutes:
        return endurance.run(readers, minutes)
    found = {}
    for name, nice in (("low", "10"), ("normal", "0")):
        with serving(DYNMASK_NICE=nice) as server:
            found[name] = asyncio.run(measure(server, readers))
        print(_told(name, found[name]), file=sys.stderr, flush=True)
    low, normal = found["low"], found["normal"]
    memory, cpu = low.memory, low.cpu
    each = (memory["with"] - memory["before"]) / readers
    asked = f"{readers} readers at once"
    rows = [
        row(f"page ready, {asked}", "one reader", low.alone, low.ready),
        row(f"Start of one experiment, {asked}", "one reader's page", low.alone, low.same, f"runs: {low.shared}"),
        row(f"Start of own experiments, {asked}", "one reader's page", low.alone, low.own),
        row("page ready while all train", "workers of normal priority", float(np.median(normal.busy)), low.busy),
        row(f"own text read, {asked}", "one reader's page", low.alone, low.texts, f"{low.seen} saw another's"),
        row("from Start to the own turn", "workers of normal priority", float(np.median(normal.turns)), low.turns,
             f"at most {low.late} places late"),
    ]  # fmt: skip
    said = ", ".join(f"{name} {size:.0f} MB" for name, size in memory.items())
    each_time = ", ".join(f"{name} {seconds:.2f} s" for name, seconds in low.work.items())
    shares = f"{cpu['server']:.0%} of a core for pages, {cpu['readers']:.0%} for the readers; a reader's {each_time}"
    rows.append(
        Row("memory", "before", memory["before"] / memory["with"], (1.0, 1.0), f"{said}; {each:.1f} MB a reader")
    )
    rows.append(Row("work", "one core", cpu["server"], (cpu["server"], cpu["server"]), shares))
    return rows


def _told(name: str, found: Figures) -> str:
    kinds = ("ready", "same", "own", "busy", "turns", "texts")
    times = {kind: np.quantile(getattr(found, kind), [0.5, 0.95]) for kind in kinds}
    parts = [f"{kind} {middle:.2f} / {slow:.2f} s" for kind, (middle, slow) in times.items()]
    sizes = f"memory {found.memory}; cpu {found.cpu}; work {found.work}"
    return f"{name} priority: {', '.join(parts)}; {sizes}; shared {found.shared}, late {found.late}, seen {found.seen}"
