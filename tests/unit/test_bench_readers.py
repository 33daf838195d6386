"""Thirty readers: what is made of the figures that the server and the readers leave."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from dynmask_core.bench import readers
from dynmask_core.bench.reader import Reader
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
