"""Kills training at chosen and at random moments, resumes it, and looks whether anything was lost.

`python -m dynmask_core.bench.kill --kills 50 --seed 0` says what was found; it needs an operating system that can fork.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np

from dynmask_core.config import DataConfig, ExperimentConfig, ModelConfig, TrainConfig
from dynmask_core.data import build, planted
from dynmask_core.data.dataset import Dataset
from dynmask_core.jobs import execute
from dynmask_core.runs import Run, files
from dynmask_core.runs.check import faults

MOMENTS = ("event", "before", "within", "after")
"""When a process is killed: at an event of its training, before, within or after a write."""
CLOCKS = ("seconds", "tokens_per_second", "elapsed")


@dataclass
class Tally:
    """What came of the kills. lost: of a completed epoch that was gone or could not be read. different: of a run that
    ended otherwise than one that nobody killed."""

    kills: Counter[str] = field(default_factory=Counter)
    finished: int = 0
    lost: list[str] = field(default_factory=list)
    different: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        return sum(self.kills.values())


def kills(number: int, seed: int, root: Path, epochs: int = 2) -> Tally:
    """Kills training in folders under `root` so many times. The same seed gives the same moments."""
    config, dataset = experiment(epochs)
    straight = Run.create(root, config, dataset)
    writes, events = _counted(straight)
    expected, rng, tally = learned(straight), np.random.default_rng(seed), Tally()
    while tally.total < number:
        run = Run.create(root, config, dataset)
        while not run.finished:
            moment = MOMENTS[rng.integers(len(MOMENTS))]
            at = int(rng.integers(1, (events if moment == "event" else writes) + 1))
            before, name = completed(run), f"{run.name} {moment} {at}"
            if _trained(run, moment, at):
                break  # it was done before that moment
            tally.kills[moment] += 1
            tally.lost += [f"{name}: {left}" for left in _lost(run, before)]
            if tally.total >= number:
                _trained(run, "", 0)
        tally.finished += 1
        if learned(run) != expected:
            tally.different.append(run.name)
    return tally


def experiment(epochs: int) -> tuple[ExperimentConfig, Dataset]:
    """Two arms on sixty short texts: some tenths of a second."""
    training = TrainConfig(epochs=epochs, batch_size=16, device="cpu")
    model = ModelConfig(dim=8, heads=2, layers=1)
    config = ExperimentConfig(DataConfig("planted"), model, train=training, arms=("none", "repaired"))
    return config, build(planted(texts=60, noise_words=40).table)[0]


def completed(run: Run) -> int:
    """The last epoch from which the run can go on, −1 for none."""
    found = run.checkpoint("progress")
    return run.config().train.epochs if run.finished else -1 if found is None else int(found[""][0])


def learned(run: Run) -> dict[str, Any]:
    """All that a run has learned, clocks left out, to be compared bit by bit."""

    def timeless(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: timeless(item) for key, item in value.items() if key not in CLOCKS}
        return [timeless(item) for item in value] if isinstance(value, list) else value

    told: dict[str, Any] = {"result": timeless(run.result())}
    told["epochs"] = timeless([event for event in run.events() if event["type"] == "arm_epoch"])
    for arm in run.config().arms:
        told[arm] = {name: array.tobytes() for name, array in files.read_tensors(run.weights_file(arm)).items()}
    for epoch in run.epochs():
        told[f"epoch {epoch}"] = {name: array.tobytes() for name, array in run.snapshot(epoch).arrays.items()}
    return told


def _lost(run: Run, before: int) -> list[str]:
    """What is wrong with the folder of a run whose process was just killed."""
    wrong = [str(fault) for fault in faults(run)]
    if completed(run) < before:
        wrong.append(f"epoch {before} was complete, now it is {completed(run)}")
    return wrong


def _counted(run: Run) -> tuple[int, int]:
    """Trains the run; how many writes that took, and how many events."""
    counts = Counter[str]()

    def counting(write: Callable[..., None]) -> Callable[..., None]:
        def counted(*given: Any) -> None:
            counts["write"] += 1
            write(*given)

        return counted

    with _written_by(counting):
        execute(run.path, lambda event: counts.update(event=1))
    return counts["write"], counts["event"]


def _written_by(instead: Callable[[Callable[..., None]], Callable[..., None]]) -> AbstractContextManager[Any]:
    """Puts something in the place of both ways to write."""
    return mock.patch.multiple(files, write_bytes=instead(files.write_bytes), append_line=instead(files.append_line))


def _trained(run: Run, moment: str, at: int) -> bool:
    """Trains the run in a process of its own that kills itself at that moment; False if it did."""
    process = multiprocessing.get_context("fork").Process(target=_train, args=(run.path, moment, at))
    process.start()
    process.join()
    if process.exitcode not in (0, -signal.SIGKILL):
        raise RuntimeError(f"the process ended with {process.exitcode}")
    return process.exitcode == 0


def _train(path: Path, moment: str, at: int) -> None:
    counts = Counter[str]()

    def die(*_: Any) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def dying(write: Callable[..., None]) -> Callable[..., None]:
        def written(*given: Any) -> None:
            counts["write"] += 1
            if counts["write"] < at or moment == "event":
                write(*given)
            elif moment == "before":
                die()
            elif moment == "within":
                mock.patch.object(os, "replace", die).start()
                _half_a_line(*given)
                write(*given)
                die()
            else:
                write(*given)
                die()

        return written

    def heard(event: object) -> None:
        counts["event"] += 1
        if moment == "event" and counts["event"] == at:
            die()

    with _written_by(dying) if moment else nullcontext():
        execute(path, heard)


def _half_a_line(path: Path, value: Any) -> None:
    """What a killed writer leaves of a line in a log; other files are written aside and then renamed."""
    if path.suffix == ".jsonl":
        with path.open("ab") as file:
            file.write(b'{"type": "arm_ep')
        os.kill(os.getpid(), signal.SIGKILL)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m dynmask_core.bench.kill", description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        tally = kills(arguments.kills, arguments.seed, Path(place))
    told = ", ".join(f"{number} {moment}" for moment, number in sorted(tally.kills.items()))
    print(f"{tally.total} kills ({told}); {tally.finished} runs trained to their end")
    print(f"completed epochs lost: {len(tally.lost)}; runs that ended otherwise: {len(tally.different)}")
    for line in (*tally.lost, *tally.different):
        print(line)
    return int(bool(tally.lost or tally.different))


if __name__ == "__main__":
    sys.exit(main())
