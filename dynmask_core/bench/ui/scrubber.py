"""How long a step of the player's scrubber takes in a browser, and what is sent to it.

Every step is drawn and shown before the next one begins.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Browser

from dynmask_core.attention_code import encode
from dynmask_core.bench.timing import Row
from dynmask_core.colors import arm_color
from dynmask_core.messages import catalogue
from dynmask_core.ui.components.player import STRING_KEYS, PlayerData, pack
from dynmask_core.ui.web.alone import page

SIZES = {64: 16.0, 128: 33.0}
"""Positions of a map → how many milliseconds a step may take."""
VIEWS = {"every word": "mp-view-words", "all heads": "mp-head-all"}
"""What is shown → the button that shows it."""
STEP = """
    async (index) => {
      const range = document.querySelector("[data-testid=mp-scrubber]");
      range.value = String(index % (Number(range.max) + 1));
      range.dispatchEvent(new Event("input", { bubbles: true }));
      await new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)));
    }
"""


def milliseconds(tab: Any, steps: int) -> np.ndarray:
    """float64 [steps]: the computing time of the page's main thread for each step: script, style, layout and painting.

    Computing time, not time on the clock, so that other work on the machine does not count; Linux counts it.
    """
    session = tab.context.browser.new_browser_cdp_session()
    processes = session.send("SystemInfo.getProcessInfo")["processInfo"]
    page_process = max(process["id"] for process in processes if process["type"] == "renderer")
    spent = Path(f"/proc/{page_process}/schedstat")
    took = []
    for step in range(steps):
        before = int(spent.read_text().split()[0])
        tab.evaluate(STEP, step * 7)
        took.append(int(spent.read_text().split()[0]) - before)
    return np.array(took) / 1e6


def made(side: int, arms: int = 4, epochs: int = 40, layers: int = 2, heads: int = 4) -> PlayerData:
    """A sentence of side − 1 words in a run of that size; numbers are drawn at random."""
    draw = np.random.default_rng(0)
    words = [f"word{i}" for i in range(side - 1)]
    ends = np.cumsum([len(word) + 1 for word in words])
    weights = draw.dirichlet(np.full(side, 0.3), (arms, epochs, layers, heads, side)).astype(np.float32)
    edges = np.broadcast_to((np.arange(arms) % 2 == 0)[:, None, None, None, None, None], weights.shape) | np.tri(
        side, dtype=bool
    )
    return PlayerData(
        text=" ".join(words),
        spans=[(int(end) - len(word) - 1, int(end) - 1) for word, end in zip(words, ends, strict=True)],
        arms=[{"name": f"arm {a}", "color": arm_color(a), "roles": ["epoch"], "shows": "words"} for a in range(arms)],
        epochs=list(range(epochs)),
        classes=["no", "yes"],
        label=1,
        masks=draw.random((arms, epochs, side - 1), dtype=np.float32),
        thresholds=[0.1] * epochs,
        probabilities=draw.dirichlet((1, 1), (arms, epochs)),
        attention=encode(weights, edges),
        keys=edges.sum(-1),
        heads=np.ones((arms, epochs, layers, heads), dtype=np.float32),
        attention_recorded=[True] * epochs,
        running=False,
    )


def measure(browser: Browser, steps: int = 120, sizes: tuple[int, ...] = tuple(SIZES)) -> Iterator[Row]:
    """A step against its limit, for four arms × 40 epochs × 2 layers × 4 heads.

    The note gives the 95th percentile and the payload.
    """
    strings = {key: catalogue("en")[key] for key in STRING_KEYS}
    with tempfile.TemporaryDirectory() as folder:
        for side in sizes:
            sealed = pack(made(side), lang="en", strings=strings)
            file = Path(folder) / f"{side}.html"
            file.write_text(page("player", sealed), encoding="utf-8")
            for name, button in VIEWS.items():
                tab = browser.new_page(viewport={"width": 1440, "height": 900})
                tab.goto(file.as_uri())
                tab.get_by_test_id(button).click()
                took = milliseconds(tab, steps + 10)[10:]
                tab.close()
                low, slow, high = (SIZES[side] / np.quantile(took, [0.75, 0.95, 0.25])).tolist()
                note = f"95th percentile {np.quantile(took, 0.95):.1f} ms, {len(sealed) / 1e6:.1f} MB sent"
                yield Row(f"{side} × {side}, {name}", f"{SIZES[side]:.0f} ms", slow, (low, high), note)
