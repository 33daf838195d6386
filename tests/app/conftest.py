"""The app without a browser: every page as a script, with nothing that starts a worker process."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
import streamlit as st
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from dynmask_core.analysis.preview import Preview
from dynmask_core.data import Dataset
from dynmask_core.runs import Run, Status
from dynmask_core.ui import pictures, workers

ROOT = Path(__file__).resolve().parents[2]


class Line:
    """Stands in for the queue: takes runs, and trains them only when told to."""

    def __init__(self) -> None:
        self.submitted: list[Run] = []
        self.training = self.waiting = 0

    def submit(self, run: Run, owner: str = "") -> None:
        run.command("run")
        run.write_status(Status("queued", epochs=run.config().train.epochs, place=1))
        self.submitted.append(run)

    def train(self) -> None:
        """Trains the newest run here and now."""
        from dynmask_core.jobs import execute

        execute(self.submitted[-1].path)


class Painter:
    """Stands in for the maker of pictures, and for those that came with the app: has those of `arms` (all, where None)
    at once, the others never."""

    def __init__(self) -> None:
        self.arms: list[str] | None = None
        self.looked: list[str] = []
        self.asked: list[str] = []
        self.wanted: list[list[str]] = []
        self.mask = 0.25
        self.unknown: tuple[str, ...] = ()

    def ask(self, dataset: Dataset, sentence: str, arms: Sequence[str], tokenizer: str) -> dict[str, Any]:
        self.asked.append(sentence)
        self.wanted.append(list(arms))
        return self.look(dataset, sentence, arms, tokenizer)

    def look(self, dataset: Dataset, sentence: str, arms: Sequence[str], tokenizer: str) -> dict[str, Any]:
        self.looked.append(sentence)
        words = tuple(sentence.split())
        size = len(words) + 1
        attention = np.full((2, 4, size, size), 125, dtype=np.uint8)
        keys, heads = np.full((2, 4, size), size, dtype=np.uint16), np.ones((2, 4), dtype=np.float32)
        shown = Preview(words, np.full(len(words), self.mask, dtype=np.float32), attention, keys, heads, self.unknown)
        return {arm: shown for arm in arms if self.arms is None or arm in self.arms}


@pytest.fixture(autouse=True, scope="session")
def packages_are_looked_through_once() -> Iterator[None]:
    """Streamlit reads the metadata of every installed package for each AppTest: most of a short test's time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests))
        yield


@pytest.fixture
def painter(monkeypatch: pytest.MonkeyPatch) -> Painter:
    painter = Painter()
    monkeypatch.setattr(workers, "Previews", lambda: painter)
    monkeypatch.setattr(pictures, "ready", lambda *given: {})
    return painter


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch) -> Iterator[Line]:
    line = Line()
    monkeypatch.setattr(workers, "Queue", lambda *given, **settings: line)
    st.cache_resource.clear()
    st.cache_data.clear()
    yield line
    st.cache_resource.clear()


@pytest.fixture
def visit(line: Line, painter: Painter) -> Callable[..., AppTest]:
    """visit("/train?epochs=3"): the page as a first visitor gets it."""

    def go(address: str = "/", **state: Any) -> AppTest:
        parts = urlsplit(address)
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
        for name, values in parse_qs(parts.query, keep_blank_values=True).items():
            app.query_params[name] = values[0]
        for name, value in state.items():
            app.session_state[name] = value
        # At once, without Home before it, which takes longer to draw than most pages.
        if page := parts.path.strip("/"):
            app.switch_page(f"pages/{page}.py")
        return app.run()

    return go
