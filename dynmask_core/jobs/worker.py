"""Functions that run inside a worker process."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dynmask_core.analysis.preview import Preview
    from dynmask_core.data.dataset import Dataset


def start() -> None:
    """Called once in a new worker: does slow imports and a warm-up, and ends the process when its parent is gone."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1.0)
        os._exit(1)

    threading.Thread(target=watch, daemon=True, name="parent watch").start()
    import torch

    from dynmask_core.training.fit import warm_up

    torch.set_num_threads(1)
    warm_up()


def start_quietly() -> None:
    """Like `start`, with low priority if the system supports it: pages come first. $DYNMASK_NICE says how low, from 0,
    as all others, to 19; 10 if it says nothing."""
    if hasattr(os, "nice"):
        os.nice(int(os.environ.get("DYNMASK_NICE", "10")))
    start()


def ready() -> bool:
    """Returns as soon as the worker is warm."""
    return True


def train_run(folder: Path) -> str:
    """Trains the run in `folder`; returns its last state."""
    from dynmask_core.jobs.execute import execute

    return execute(folder)


def preview(arm: str, dataset: Dataset, sentence: str, tokenizer: str) -> Preview:
    """See `dynmask_core.analysis.preview`."""
    from dynmask_core.analysis.preview import preview

    return preview(arm, dataset, sentence, tokenizer)
