"""The server dies in mid-training: no completed epoch is lost, and the run can be finished."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from helpers import alerts, click_button, open_page, start_training, wait_for_end, wait_for_epoch
from playwright.sync_api import Page, expect


def test_a_killed_server_leaves_a_run_that_can_be_finished(
    fresh_server: Any, new_page: Callable[..., Page], until_up: Callable[..., None]
) -> None:
    until_up(fresh_server)
    page = new_page()
    open_page(page, fresh_server.url, "/train?data=chinese_news&model=tiny&epochs=40")
    name = start_training(page)
    wait_for_epoch(page, 1)
    page.close()
    fresh_server.kill()
    run = fresh_server.run(name)
    done = run.status().epoch
    assert 1 <= done < 40

    fresh_server.start()
    until_up(fresh_server)
    page = new_page()
    open_page(page, fresh_server.url, f"/train?run={name}")
    expect(alerts(page).filter(has_text="Interrupted after epoch")).to_be_visible()
    wait_for_epoch(page, done)
    click_button(page, "do_continue")
    wait_for_end(page)
    assert run.epochs() == list(range(41))
    assert [e["epoch"] for e in run.events() if e["type"] == "epoch_end"] == list(range(41))
