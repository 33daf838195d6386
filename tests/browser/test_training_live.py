"""A run as it is watched and steered while it trains."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from helpers import (
    alerts,
    button,
    can_click,
    cannot_click,
    click_button,
    keyed,
    main,
    move_slider,
    newest_epoch,
    open_page,
    open_view,
    parameters,
    player,
    run_name,
    sentence,
    shown_epoch,
    start_training,
    switch_language,
    type_sentence,
    wait_for_end,
    wait_for_epoch,
    wait_for_scores,
    wait_until_drawn,
)  # fmt: skip
from playwright.sync_api import Page, expect

from dynmask_core.config import Controls
from dynmask_core.messages import text
from dynmask_core.runs import Run

LONG = "/train?data=chinese_news&model=small&epochs=60"
"""With a seed of its own for each test: equal experiments are trained once, and whoever comes second only looks on."""


def test_the_reader_scrubs_while_training_goes_on(server: Any, page: Page, until: Callable[..., None]) -> None:
    open_page(page, server.url, f"{LONG}&seed=1")
    start_training(page)
    wait_for_epoch(page, 3)
    expect(player(page)).to_have_attribute("data-live", "true")

    scrubber = page.get_by_test_id("mp-scrubber")
    scrubber.focus()
    scrubber.press("Home")
    scrubber.press("ArrowRight")
    assert shown_epoch(page) == 1
    words = sentence(page).inner_text()
    wait_for_epoch(page, newest_epoch(page) + 2)
    assert shown_epoch(page) == 1
    assert sentence(page).inner_text() == words
    assert scrubber.evaluate("node => node.matches(':focus')")

    page.get_by_test_id("mp-live").click()
    expect(player(page)).to_have_attribute("data-live", "true")
    now = newest_epoch(page)
    wait_for_epoch(page, now + 1)
    until(lambda: shown_epoch(page) > now)


def test_a_chart_without_a_width_for_a_moment_draws_what_comes_in(server: Any, ended: Run, page: Page) -> None:
    open_page(page, server.url, f"/train?run={ended.name}")
    wait_for_end(page)
    chart = page.get_by_test_id("lc").first
    expect(chart.locator("strong")).to_have_text("Accuracy")
    expect(chart.locator("svg circle").first).to_be_visible()
    # So it measures while Streamlit moves its place on the page.
    chart.evaluate("node => Object.defineProperty(node, 'clientWidth', { get: () => 0 })")
    switch_language(page, "中文")
    expect(chart.locator("strong")).to_have_text("准确率")
    expect(chart.locator("svg circle").first).to_be_visible()


def test_a_live_setting_reaches_the_run_under_way(server: Any, page: Page, until: Callable[..., None]) -> None:
    open_page(page, server.url, f"{LONG}&seed=2")
    run = server.run(start_training(page))
    wait_for_epoch(page, 1)
    move_slider(page, "alpha", 2)
    until(lambda: [event for event in run.events() if event["type"] == "controls_changed"])
    changed = next(event for event in run.events() if event["type"] == "controls_changed")
    assert changed["controls"]["step_size"] > 0.1
    assert changed["controls"]["evidence_threshold"] == Controls().evidence_threshold
    until(lambda: parameters(page).get("alpha") == "0.5")


def test_pause_resume_one_epoch_stop_and_to_the_end(server: Any, page: Page, until: Callable[..., None]) -> None:
    open_page(page, server.url, "/train?data=chinese_news&model=tiny&epochs=40")
    run = server.run(start_training(page))
    cannot_click(page, "do_start")
    wait_for_epoch(page, 1)

    click_button(page, "do_pause")
    until(lambda: run.status().state == "paused")
    expect(button(page, "do_resume")).to_be_visible()
    epoch = run.status().epoch

    click_button(page, "do_step")
    until(lambda: run.status().epoch == epoch + 1 and run.status().state == "paused")
    wait_for_epoch(page, epoch + 1)
    expect(alerts(page).first).to_contain_text("Paused")

    click_button(page, "do_resume")
    until(lambda: run.status().state == "training" or run.status().epoch > epoch + 1)
    click_button(page, "do_stop")
    until(lambda: run.status().state == "stopped")
    expect(button(page, "do_continue")).to_be_visible()
    expect(alerts(page).first).to_contain_text("Stopped after epoch")
    open_view(page, "Scores")
    expect(main(page).get_by_text(text("score.later"))).to_be_visible()
    assert run.result() is None

    click_button(page, "do_continue")
    wait_for_scores(page)
    assert run.status().state == "finished"
    assert run.epochs() == list(range(41))
    expect(page.get_by_test_id("confusion")).to_have_count(2)
    can_click(page, "do_start")
    cannot_click(page, "do_stop")


def test_a_reload_and_a_second_visitor_see_the_same_run(server: Any, page: Page, new_page: Callable[..., Page]) -> None:
    open_page(page, server.url, f"{LONG}&seed=3")
    name = start_training(page)
    wait_for_epoch(page, 2)
    page.reload()
    wait_for_epoch(page, 2)
    assert name in page.url
    wait_for_epoch(page, newest_epoch(page) + 1)

    other = new_page()
    open_page(other, server.url, f"/train?run={name}")
    wait_for_epoch(other, newest_epoch(page))
    can_click(other, "do_pause")
    click_button(other, "do_stop")
    expect(button(page, "do_continue")).to_be_visible()
    expect(button(other, "do_continue")).to_be_visible()
    assert server.run(name).status().state == "stopped"


def test_live_charts_keep_their_place_and_the_readers_zoom(server: Any, page: Page) -> None:
    open_page(page, server.url, f"{LONG}&seed=4")
    start_training(page)
    wait_for_epoch(page, 1)
    player(page).evaluate("node => { node.marked = true }")
    chart = keyed(page, "chart_accuracy").get_by_test_id("lc")
    plot = chart.locator("svg")
    plot.evaluate("node => { node.marked = true }")
    expect(chart.get_by_test_id("lc-reset")).to_be_hidden()
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    assert box
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 60, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + 200, middle, steps=4)
    page.mouse.up()
    zoomed = chart.get_attribute("data-range")
    assert zoomed
    drawn = plot.locator("polyline").count()
    wait_for_epoch(page, newest_epoch(page) + 2)
    assert chart.get_attribute("data-range") == zoomed
    assert plot.locator("polyline").count() == drawn == 4
    assert plot.evaluate("node => node.marked")
    assert player(page).evaluate("node => node.marked")
    chart.get_by_test_id("lc-reset").click()
    assert chart.get_attribute("data-range") == ""


def test_a_sentence_typed_during_training_is_recorded(server: Any, page: Page, until: Callable[..., None]) -> None:
    open_page(page, server.url, f"{LONG}&seed=5")
    run = server.run(start_training(page))
    wait_for_epoch(page, 1)
    type_sentence(page, "a wonderful <b>film</b> *really* 🙂")
    expect(sentence(page)).to_contain_text("a wonderful <b>film</b> *really* 🙂")
    until(lambda: any(probe.text.startswith("a wonderful") for probe in run.probes()))
    wait_for_epoch(page, newest_epoch(page) + 2)
    expect(page.get_by_test_id("mp-probability").first).not_to_be_empty()
    expect(page.get_by_test_id("mp-attention-missing")).to_be_hidden()


def test_a_sentence_typed_after_the_end_is_read_by_the_finished_models(server: Any, ended: Run, page: Page) -> None:
    open_page(page, server.url, f"/train?run={ended.name}")
    wait_for_end(page)
    type_sentence(page, "I was told it was good; it was not.")
    expect(sentence(page)).to_contain_text("I was told it was good; it was not.")
    expect(main(page).get_by_text("Typed after training")).to_be_visible()
    expect(page.get_by_test_id("mp-probability").first).not_to_be_empty()
    type_sentence(page, "   ")
    expect(sentence(page)).not_to_contain_text("I was told")


def test_reset_leaves_a_run_and_another_one_starts_with_a_single_epoch(
    server: Any, page: Page, until: Callable[..., None]
) -> None:
    open_page(page, server.url, f"{LONG}&seed=6")
    first = start_training(page)
    wait_for_epoch(page, 1)
    click_button(page, "do_reset")
    expect(alerts(page).first).to_contain_text(text("train.empty"))
    assert "run=" not in page.url
    click_button(page, "do_step")  # one epoch from nothing trains one and waits
    assert run_name(page) != first
    wait_for_epoch(page, 1)
    expect(button(page, "do_resume")).to_be_visible()
    click_button(page, "do_stop")
    expect(button(page, "do_continue")).to_be_visible()
    until(lambda: server.run(first).status().state == "stopped")
    wait_until_drawn(page)
    assert newest_epoch(page) == 1
