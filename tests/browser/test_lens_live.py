"""The mask lens in a browser: its shares are the model's, a switch recomputes them at once, a phone shows one arm."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from helpers import click_button, keyed, open_page
from playwright.sync_api import Locator, Page, expect

from dynmask_core.analysis.lens import LensRow, lens, telling
from dynmask_core.analysis.subject import Subject
from dynmask_core.config import ExperimentConfig
from dynmask_core.data import Dataset
from dynmask_core.jobs import execute
from dynmask_core.masks.library.entmax import entmax
from dynmask_core.runs import Run

SPARSE = "causal+entmax"


@pytest.fixture(scope="module")
def run(server: Any, settings: Callable[..., ExperimentConfig], dataset: Dataset) -> Run:
    made = Run.create(server.runs, settings("none", SPARSE, epochs=2, learning_rate=0.02), dataset)
    execute(made.path)
    return made


def rows_of(run: Run) -> list[LensRow]:
    """What the lens shows first: the first watched sentence at the last epoch."""
    found = [lens(Subject.open(run, arm, 2), run.probes()[0].text) for arm in run.config().arms]
    return [one.row(*telling(found)) for one in found]


def shares(arm: Locator) -> np.ndarray:
    told: list[str] = arm.get_by_test_id("ln-row").evaluate_all("rows => rows.map((row) => row.dataset.share)")
    return np.array([float(share) for share in told])


def test_shares_are_the_models_and_follow_the_switches_at_once(server: Any, run: Run, page: Page) -> None:
    open_page(page, server.url, f"/train?run={run.name}")
    click_button(page, "lens_open")
    arms = page.get_by_test_id("ln-model")
    expect(arms).to_have_count(2)
    for place, row in enumerate(rows_of(run)):
        arm = arms.nth(place)
        was = shares(arm)
        np.testing.assert_allclose(was, row.weight, atol=2e-5)
        # The first word, and one after the query: in the causal arm that is forbidden.
        scores, last = torch.from_numpy(row.scaled + row.bias), len(row.words) - 1
        scores[1], scores[last] = -1e9, float(row.scaled[last]) if np.isinf(row.bias[last]) else -1e9
        for key in (1, last):
            arm.get_by_test_id("ln-switch").nth(key).click()
        expected = entmax(scores.clamp_min(-1e9), row.alpha or 1).numpy()
        np.testing.assert_allclose(shares(arm), expected, atol=5e-5)
        expect(arm.get_by_test_id("ln-switch").nth(1)).to_have_attribute("aria-checked", "false")
        arm.get_by_test_id("ln-reset").click()
        np.testing.assert_array_equal(shares(arm), was)
        expect(arm.get_by_test_id("ln-reset")).to_be_hidden()


def test_a_phone_shows_one_arm_at_a_time_and_nothing_is_cut(
    server: Any, run: Run, new_page: Callable[..., Page]
) -> None:
    page = new_page(390, 844)
    open_page(page, server.url, f"/train?run={run.name}&lang=zh")
    click_button(page, "lens_open")
    arms = page.get_by_test_id("ln-model")
    expect(arms.nth(1)).to_be_visible(timeout=60_000)
    expect(arms.nth(0)).to_be_hidden()
    page.get_by_test_id("ln-arm-0").click()
    expect(arms.nth(0)).to_be_visible()
    expect(arms.nth(1)).to_be_hidden()
    box = arms.nth(0).locator(".ln-box")
    assert box.evaluate("box => box.scrollWidth <= box.clientWidth + 1")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    expect(keyed(page, "lens_query")).to_be_visible()
