"""Thirty readers: what is made of the figures that the server and the readers leave."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from dynmask_core.bench import endurance, readers
from dynmask_core.bench.reader import Reader
from dynmask_core.bench.serving import Server
from dynmask_core.config import ExperimentConfig
from dynmask_core.data import Dataset
from dynmask_core.runs import Run


def make(root: Path, config: ExperimentConfig, dataset: Dataset, came: float, began: float) -> Run:
    run = Run.create(root, config, dataset)
    (run.path / "vocabulary.json").write_text("{}")
    os.utime(run.path / "config.json", (came, came))
    os.utime(run.path / "vocabulary.json", (began, began))
    return run


def test_turns_are_told_in_seconds_and_in_places(
    runs_root: Path, settings: Callable[..., ExperimentConfig], dataset: Dataset
) -> None:
    times = [(100.0, 101.0), (101.0, 109.0), (102.0, 104.0), (103.0, 105.0)]
    runs = [make(runs_root, settings(), dataset, *one) for one in times]
    turns, late = readers._turns(runs[::-1])
    assert turns == pytest.approx([1.0, 8.0, 2.0, 2.0])
    assert late == 2  # the second in line was the last to be trained


def test_a_reader_who_is_sent_another_s_text_is_counted() -> None:
    first, second = Reader("a:1"), Reader("a:1")
    first.received += b"..one.."
    second.received += b"..two..one"
    assert readers._seen([first, second], ["one", "two"]) == 1
    with pytest.raises(AssertionError):
        readers._seen([first, second], ["two", "one"])


@pytest.mark.parametrize(("fragments", "left"), [([], set()), (["part"], {"part"})])
def test_timers_end_when_the_whole_page_is_drawn_but_not_when_a_part_is(fragments: list[str], left: set[str]) -> None:
    async def sent() -> AsyncIterator[bytes]:
        timer, drawn = ForwardMsg(), ForwardMsg()
        timer.auto_rerun.fragment_id, timer.auto_rerun.interval = "part", 60.0
        drawn.new_session.name = "page"
        drawn.metadata.run.fragment_ids.extend(fragments)
        for message in (timer, drawn):
            yield message.SerializeToString()

    async def timers() -> set[str]:
        reader = Reader("a:1")
        reader._socket = sent()  # type: ignore[assignment]
        await reader._hear()
        return set(reader._timers)

    # In a thread: the tests in a browser leave an event loop in this one.
    with ThreadPoolExecutor(1) as beside:
        assert beside.submit(asyncio.run, timers()).result() == left


def test_a_place_in_line_that_rises_is_counted_once() -> None:
    found = endurance.Found()
    for places in ({"a": 1, "b": 2}, {"b": 1}, {"b": 1, "c": 3}, {"b": 2, "c": 2}):
        endurance.note_places(found, places)
    assert (found.rose, found.longest) == (1, 3)


def test_a_mark_of_another_reader_is_seen_and_the_own_one_is_not() -> None:
    assert not endurance.saw_another(b"..secret0007x001melon..secret0007x002melon", 7)
    assert endurance.saw_another(b"..secret0007x001melon..secret0003x002melon", 7)


def test_a_reader_comes_back_as_the_same_visitor_and_goes_when_the_time_is_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    came: list[str] = []

    class Visitor(Reader):
        @contextlib.asynccontextmanager
        async def visit(self, page: str, query: str) -> AsyncIterator[Reader]:
            came.append(self.cookie)
            self.cookie = self.cookie or "ann"
            yield self

        async def settled(self, quiet: float = 0.4) -> float:
            return time.monotonic()

        async def click(self, key: str) -> float:
            raise ConnectionError

    async def bring(reader: Reader, mark: str) -> float:
        reader.received += mark.encode()
        return 0.5

    monkeypatch.setattr(endurance, "THINK", (0.001, 0.01))
    monkeypatch.setattr(endurance, "Reader", Visitor)
    monkeypatch.setattr(endurance, "bring", bring)
    found, server = endurance.Found(), Server("a:1", Path(), None)  # type: ignore[arg-type]
    with ThreadPoolExecutor(1) as beside:
        beside.submit(asyncio.run, endurance.stay(server, 4, time.monotonic() + 1.0, found)).result()
    assert came[0] == ""
    assert len(came) > 5
    assert set(came[1:]) == {"ann"}
    assert len(found.ready) == len(came)
    assert set(found.texts) == {0.5}
    assert set(found.lost) == {"train train: ConnectionError"}
    assert found.seen == 0
