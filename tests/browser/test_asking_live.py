"""The trained models of a run are asked in a browser, in Chinese, whose words stand without gaps (in English:
test_replay.py and tests/app): acting on a sentence, θ, is the mask right, words, another run beside, a text of 512
words; and what the tabs of one browser remember together."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from helpers import click_button, keyed, open_page, open_view, player, type_sentence
from playwright.sync_api import Page, WebSocket, expect

from dynmask_core.analysis.act import Acted, act, open_arms
from dynmask_core.analysis.forced import Forced
from dynmask_core.analysis.thresholds import known
from dynmask_core.config import ExperimentConfig
from dynmask_core.data import build, load_sample
from dynmask_core.inputs import MAX_UNITS, make_input
from dynmask_core.jobs import execute
from dynmask_core.messages import text
from dynmask_core.runs import Run, files

LANG = "zh"
LONG = "这部电影并不像书那么好看"
OTHER = "20260501-094500-fedcba9876543210"
Settings = Callable[..., ExperimentConfig]


@pytest.fixture(scope="module")
def trained(server: Any, settings: Settings) -> tuple[Run, Run]:
    """A run, and another one that says it was trained with another θ."""
    config = settings("static", "repaired", epochs=1, learning_rate=0.02)
    config = replace(config, data=replace(config.data, source="sample:chinese_sentiment", max_tokens=512))
    run = Run.create(server.runs, config, build(load_sample("chinese_sentiment"), max_rows=80)[0])
    assert execute(run.path) == "finished"
    other = Run(shutil.copytree(run.path, server.runs / OTHER))
    stored = files.read_json(other.path / "config.json")
    stored["controls"]["keep_threshold"] = 0.3
    files.write_json(other.path / "config.json", stored)
    return run, other


def said(found: Acted, arm: int) -> list[re.Pattern[str]]:
    """How each class's probability is written before and after: half of a tenth is rounded up or down."""

    def percent(share: float) -> str:
        return "(" + "|".join(sorted({re.escape(f"{100 * share + nudge:.1f}") for nudge in (-1e-3, 1e-3)})) + ")"

    lines = []
    for before, after in zip(found.arms[arm].before, found.arms[arm].after, strict=True):
        changed = f"{percent(before)} → " if abs(after - before) >= 0.0005 else ""
        lines.append(re.compile(f"^{changed}{percent(after)}%$"))
    return lines


def answered(page: Page, found: Acted) -> None:
    """Both arms' answers on the page are these."""
    for arm in range(2):
        numbers = page.get_by_test_id("act-arm").nth(arm).locator(".ac-numbers")
        expect(numbers).to_have_text(said(found, arm))


def test_a_run_is_asked_from_its_words_to_a_text_of_512(server: Any, trained: tuple[Run, Run], page: Page) -> None:
    run, other = trained
    sent: list[Any] = []

    def listen(socket: WebSocket) -> None:
        socket.on("framesent", lambda frame: sent.append(frame))

    page.on("websocket", listen)
    open_page(page, server.url, f"/train?run={run.name}&view=words&beside={other.name}&lang={LANG}")
    sees_words_and_the_other_run(page)
    # Not `open_view`: the first question of a server waits until it has loaded torch.
    keyed(page, "view").get_by_role("radio", name=text("views.ask", LANG), exact=True).click()
    takes_a_word_out_and_a_head_off(page, run)
    moves_theta_without_the_server(page, run, sent)
    asks_whether_the_mask_is_right(page)
    looks_at_a_long_text(page, run)
    expect(page.get_by_test_id("stException")).to_have_count(0)


def takes_a_word_out_and_a_head_off(page: Page, run: Run) -> None:
    expect(page.get_by_test_id("act-arm")).to_have_count(2)
    typed = keyed(page, "act_text").locator("textarea")
    expect(typed).not_to_have_value("")
    sentence = " ".join(typed.input_value().split())
    arms = open_arms(run)
    found = act(arms, sentence)
    answered(page, found)
    # A word that both models read, and whose loss the first one feels most.
    there = [i for i in range(len(found.words)) if all(arm.counts[i] for arm in found.arms)]
    place = max(there, key=lambda i: abs(found.arms[0].word_drops[i] or 0))
    page.get_by_test_id("act-word").nth(place).click()
    gone = frozenset([place + 1])
    without = act(arms, sentence, Forced(gone))
    assert all(one.after != one.before for one in without.arms)
    answered(page, without)
    page.get_by_test_id("act-head").nth(1).click()
    answered(page, act(arms, sentence, Forced(gone, heads_off=frozenset([(0, 1)]))))
    page.get_by_test_id("act-undo").click()
    answered(page, found)


def moves_theta_without_the_server(page: Page, run: Run, sent: list[Any]) -> None:
    click_button(page, "thresholds_ask")
    slider, table = page.get_by_test_id("thresholds-slider"), page.get_by_test_id("thresholds-table")
    expect(slider).to_be_visible(timeout=60_000)
    curves = known(run)["static"].parts
    frames = len(sent)
    for key, at in (("End", -1), ("Home", 0)):
        slider.press(key)
        own = [f"{curves[part].accuracy[at]:.1%}" for part in ("validation", "test")]
        expect(table.locator("[data-row=own] td")).to_have_text(own)
    assert len(sent) == frames


def asks_whether_the_mask_is_right(page: Page) -> None:
    page.evaluate("""() => new MutationObserver(() => {
        window.progressed ||= document.querySelector('[data-testid=stProgress]') !== null;
    }).observe(document.body, { childList: true, subtree: true })""")
    click_button(page, "faith_ask")
    expect(keyed(page, "faith_table").first).to_be_attached(timeout=60_000)
    assert page.evaluate("window.progressed")
    expect(keyed(page, "faith_ask")).to_have_count(0)


def sees_words_and_the_other_run(page: Page) -> None:
    expect(page.get_by_test_id("pa-path").first).to_be_attached()
    expect(keyed(page, "paths_table")).to_be_visible()
    open_view(page, text("views.beside", LANG))
    expect(keyed(page, "overlay_counts")).to_be_visible(timeout=60_000)
    expect(keyed(page, "overlay_accuracy").get_by_test_id("lc")).to_be_visible()


def looks_at_a_long_text(page: Page, run: Run) -> None:
    reader, long = make_input(run.config(), run.vocabulary()), LONG
    while len(reader.show(long).spans) < 512:
        long += LONG
    assert len(long) <= 2000
    open_view(page, text("views.watch", LANG))
    type_sentence(page, long)
    expect(player(page).get_by_test_id("mp-arm").first.get_by_test_id("mp-token")).to_have_count(MAX_UNITS)
    cut = text("probe.cut", LANG, shown=MAX_UNITS, all=512)
    expect(page.get_by_text(cut)).to_be_visible()
    click_button(page, "lens_open")
    models = page.get_by_test_id("ln-model")
    expect(models).to_have_count(2)
    expect(models.first.get_by_test_id("ln-row")).to_have_count(MAX_UNITS + 1)


def test_what_one_tab_forgets_stays_forgotten_in_all(
    server: Any, trained: tuple[Run, Run], page: Page, until: Callable[..., None]
) -> None:
    run, other = trained
    stored = "JSON.parse(localStorage.getItem('dynmask.runs') ?? '{}').names ?? null"
    open_page(page, server.url, f"/train?run={other.name}&view=words")
    second = page.context.new_page()
    open_page(second, server.url, f"/train?run={run.name}&view=beside")
    until(lambda: set(page.evaluate(stored) or []) == {run.name, other.name}, 30)
    click_button(second, "forget_runs")
    until(lambda: page.evaluate(stored) == [], 30)
    expect(keyed(second, "forget_runs")).to_have_count(0)
    open_view(page, "Beside another")  # the first tab draws itself again, and has nothing to offer
    expect(keyed(page, "beside_pasted")).to_be_visible()
    expect(keyed(page, "forget_runs")).to_have_count(0)
    assert page.evaluate(stored) == []
