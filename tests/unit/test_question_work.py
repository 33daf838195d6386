"""The work on a question: done once however many ask, and not undone by who stops waiting."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import pytest

from dynmask_core.errors import InputError
from dynmask_core.runs import Run
from dynmask_core.ui.question.asking import Work


def finished(work: Work) -> None:
    end = time.monotonic() + 30
    while work.running:
        assert time.monotonic() < end
        time.sleep(0.01)


def test_two_who_ask_at_once_have_it_computed_once(tmp_path: Path) -> None:
    work, go, times = Work(), threading.Event(), []

    def compute(run: Run, tick: Any) -> None:
        times.append(run.path)
        tick(0.5)
        go.wait(30)

    work.start(compute, Run(tmp_path))
    work.start(compute, Run(tmp_path))
    assert work.running
    go.set()
    finished(work)
    assert times == [tmp_path]
    assert work.share == 0.5
    assert work.error is None


@pytest.mark.parametrize("error", [InputError("no_units"), ValueError("broken")])
def test_what_went_wrong_is_told_and_the_next_try_begins_anew(tmp_path: Path, error: Exception) -> None:
    work = Work()

    def fail(run: Run, tick: Any) -> None:
        raise error

    work.start(fail, Run(tmp_path))
    finished(work)
    assert work.error is error
    work.start(lambda run, tick: tick(1.0), Run(tmp_path))
    finished(work)
    assert work.error is None
    assert work.share == 1.0
