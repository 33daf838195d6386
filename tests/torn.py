"""Runs and a study whose files are harmed one by one, as disks and killed copies do; for tests of any folder."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dynmask_core.config import DataConfig, ExperimentConfig, ModelConfig, TrainConfig
from dynmask_core.data import build, planted
from dynmask_core.events import EpochEnd
from dynmask_core.jobs import execute
from dynmask_core.runs import Run
from dynmask_core.studies import Study, StudyConfig

Until = Callable[..., None]
LONG = bool(os.environ.get("DYNMASK_LONG"))
"""Every file and every harm, by hand; otherwise a sample of both."""
SAMPLE = 14
HARMS = ("cut", "emptied", "zeroed", "noise", "another", "deleted")
SIGNS = ("alive", "lease", "lock")
"""Files without content, whose age alone counts."""


def harm(path: Path, how: str) -> None:
    """Harms a file in place, as `how`, one of `HARMS`, says. Noise is the same each time."""
    content = path.read_bytes()
    if how == "deleted":
        path.unlink()
        return
    rng = np.random.default_rng(len(content))
    path.write_bytes({
        "cut": content[: len(content) // 2],
        "emptied": b"",
        "zeroed": bytes(len(content)),
        "noise": rng.bytes(len(content)),
        "another": b"[1]",
    }[how])  # fmt: skip


def full(*_: object) -> None:
    """In the place of a call that writes: the disk is full."""
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@dataclass(frozen=True)
class Shelf:
    """A runs folder. finished, stopped: runs, the latter after one of its two epochs; sound: one that is never harmed.
    study: of which the first run is finished, where tests want one."""

    root: Path
    finished: Run
    stopped: Run
    sound: Run
    study: Study | None = None

    def copy(self, to: Path) -> Shelf:
        """The same in another place, to be harmed."""
        shutil.copytree(self.root, to)
        finished, stopped, sound = (Run(to / run.name) for run in (self.finished, self.stopped, self.sound))
        study = None if self.study is None else Study(to / self.study.name)
        return Shelf(to, finished, stopped, sound, study)

    def files(self) -> Iterator[tuple[str, str]]:
        """(finished, stopped or study; a file's path in its folder), of every file that is read."""
        for name in ("finished", "stopped", "study"):
            if (folder := getattr(self, name)) is not None:
                for path in sorted(folder.path.rglob("*")):
                    if path.is_file() and path.name not in SIGNS:
                        yield name, path.relative_to(folder.path).as_posix()

    def cases(self, seed: int) -> list[tuple[str, str, str]]:
        """(folder, file, harm): all of them, or a sample."""
        every = [(folder, file, how) for folder, file in self.files() for how in HARMS]
        if LONG:
            return every
        chosen = np.random.default_rng(seed).choice(len(every), SAMPLE, replace=False)
        return [every[i] for i in sorted(chosen)]


def config(epochs: int = 2) -> ExperimentConfig:
    training = TrainConfig(epochs=epochs, batch_size=16, device="cpu")
    model = ModelConfig(dim=8, heads=2, layers=1)
    return ExperimentConfig(DataConfig("planted", max_tokens=32), model, train=training, arms=("none", "repaired"))


def shelf(root: Path, *, study: bool = False) -> Shelf:
    """Trains the runs."""
    dataset, report = build(planted(texts=60, noise_words=40).table)
    runs = [Run.create(root, config(), dataset) for _ in range(3)]
    for run in runs:
        execute(run.path, stop_after(run, 1) if run is runs[1] else lambda event: None)
    made = None
    if study:
        made = Study.create(root, StudyConfig(base=config(epochs=1), seeds=6), dataset, report)
        execute(made.prepare(made.jobs[0], dataset).path)
    finished, stopped, sound = runs
    return Shelf(root, finished, stopped, sound, made)


def stop_after(run: Run, epoch: int) -> Callable[[object], None]:
    """For `execute`: asks the run to stop when this epoch is done."""

    def on_event(event: object) -> None:
        if isinstance(event, EpochEnd) and event.epoch == epoch:
            run.command("stop")

    return on_event
