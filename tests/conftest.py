"""What tests share: a tiny experiment, and a way to compare what two runs said."""

from __future__ import annotations

import dataclasses
import itertools
import signal
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import hypothesis
import numpy as np
import pytest

from dynmask_core.config import Controls, DataConfig, ExperimentConfig, MaskConfig, ModelConfig, TrainConfig
from dynmask_core.data import Dataset, build, planted
from dynmask_core.runs import Run, files

# Busy cores make any example slow now and then.
hypothesis.settings.register_profile("patient", deadline=None)
hypothesis.settings.load_profile("patient")

NUMBERS = itertools.count()
CLOCK = ("seconds", "tokens_per_second", "elapsed")


@pytest.fixture(autouse=True)
def runs_root(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where runs of a test lie: never among the user's own. The folder is made by the first run."""
    # Not `tmp_path`: to make a folder for each of thousands of tests, pytest looks through all those before it.
    root = tmp_path_factory.getbasetemp() / f"runs-of-{next(NUMBERS)}"
    monkeypatch.setenv("DYNMASK_RUNS", str(root))
    return root


@pytest.fixture
def scored_run(runs_root: Path) -> Run:
    """A finished run without its training: settings and scores, as a board reads them."""
    run = Run.new(runs_root)
    scores = {"accuracy": 0.75, "per_class": [{"support": 60.0}, {"support": 40.0}]}
    arms = [{"name": name, "test": scores, "validation": {"accuracy": 0.8}} for name in ("static", "repaired")]
    files.write_json(run.path / "config.json", ExperimentConfig(DataConfig("sample:english_sentiment")).to_json())
    files.write_json(run.path / "result.json", {"arms": arms})
    return run


@pytest.fixture(scope="session")
def dataset() -> Dataset:
    """80 planted texts in two classes."""
    return build(planted(texts=80, noise_words=60).table)[0]


@pytest.fixture(scope="session")
def settings() -> Callable[..., ExperimentConfig]:
    """Makes a tiny experiment's settings: settings("none", "repaired", epochs=3, mask=…, controls=…, **training)."""
    import torch

    torch.set_num_threads(1)

    def make(
        *arms: str, mask: MaskConfig | None = None, controls: Controls | None = None, **training: Any
    ) -> ExperimentConfig:
        return ExperimentConfig(
            DataConfig("planted", max_tokens=64),
            ModelConfig(dim=16, heads=2, layers=2),
            mask or MaskConfig(),
            controls or Controls(),
            TrainConfig(**{"epochs": 2, "batch_size": 16, "device": "cpu", **training}),
            arms or ("static", "repaired"),
        )

    return make


@pytest.fixture(scope="session")
def finished_run(tmp_path_factory: pytest.TempPathFactory, settings: Any, dataset: Dataset) -> Run:
    """A run of three epochs, trained to its end; for reading only."""
    from dynmask_core.jobs import execute

    run = Run.create(tmp_path_factory.mktemp("finished"), settings(epochs=3), dataset)
    assert execute(run.path) == "finished"
    return run


@pytest.fixture(scope="session")
def plain() -> Callable[[Any], Any]:
    """Any event as nested tuples that compare by value, bit for bit, the clock's numbers left out."""
    return _plain


@pytest.fixture(scope="session")
def listen() -> Callable[[Iterable[Any]], list[Any]]:
    """All events but the Steps, which come by the clock, in comparable form."""

    def collect(events: Iterable[Any]) -> list[Any]:
        return [_plain(event) for event in events if type(event).__name__ != "Step"]

    return collect


@pytest.fixture(scope="session")
def hears_ctrl_c() -> Callable[[], None]:
    """For a new process to call first: one whose shell is in the background was told not to hear Ctrl-C."""

    def listen() -> None:
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    return listen


@pytest.fixture(scope="session")
def until() -> Callable[..., None]:
    """Waits for a condition; fails if it does not come true in time."""

    def wait(condition: Callable[[], object], seconds: float = 120.0) -> None:
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, "waited in vain"
            time.sleep(0.02)

    return wait


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return (value.shape, value.dtype.str, value.tobytes())
    if dataclasses.is_dataclass(value):
        fields = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
        return (type(value).__name__, _plain(fields))
    if isinstance(value, dict):
        pairs = []
        for key, item in value.items():
            if key in CLOCK:
                continue
            if str(key).endswith(".counters"):
                item = np.delete(item, 1)  # seconds
            pairs.append((key, _plain(item)))
        return tuple(sorted(pairs, key=lambda pair: str(pair[0])))  # read from a file, they come in another order
    if isinstance(value, list | tuple):
        return tuple(_plain(item) for item in value)
    return value
