"""A process that is killed takes no completed epoch with it: the short form of `python -m dynmask_core.bench.kill`."""

from __future__ import annotations

import multiprocessing
import os
from pathlib import Path

import pytest

from dynmask_core.bench.kill import MOMENTS, kills

pytestmark = pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="this system cannot fork")
NUMBER = 50 if os.environ.get("DYNMASK_LONG") else 8


def test_kills_lose_no_completed_epoch_and_the_run_ends_as_if_nobody_had_killed_it(tmp_path: Path) -> None:
    tally = kills(NUMBER, seed=3, root=tmp_path, epochs=1 if NUMBER < 50 else 2)
    assert tally.total == NUMBER
    assert len(tally.kills) >= 3, f"seldom other moments than {MOMENTS[:2]}"
    assert tally.lost == []
    assert tally.different == []
