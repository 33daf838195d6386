"""A messy export, from the file to the start of training; and own text that reloads, tabs and removals do to."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from helpers import (
    alerts,
    button,
    choose_option,
    chosen_option,
    click_button,
    heading,
    keyed,
    main,
    open_page,
    parameters,
    run_name,
    upload,
    wait_until_drawn,
)  # fmt: skip
from playwright.sync_api import Page, expect

KINDS = {
    "Garden": ("the hedge is cut too short", "the roses have black spots", "who waters the beds at the café"),
    "House": ("the roof is leaking again", "the door of flat 3 does not close", "naïve question: whose is the cellar"),
}


def export(rows: int = 120) -> dict[str, Any]:
    """As a program in Western Europe writes it: semicolons, Windows-1252, many columns, labels in any case."""
    lines = ["No.;Opened;By;E-mail;Title;Message;Kind;Urgency;Link"]
    for row in range(rows):
        kind = list(KINDS)[row % 2]
        label = (kind, kind.lower(), kind, kind, "N/A")[row % 5]
        message = f"{KINDS[kind][row % 3]}; since day {row}, please help"
        cells = (f"R-{row:05d}", f"2031-03-{1 + row % 28:02d}", "Zoë", f"z{row}@example.org", f"Request {row}")
        lines.append(";".join((*cells, f'"{message}"', label, "", f"https://example.org/{row}")))
        if row % 40 == 7:
            lines[-1] = lines[-1].rsplit(";", 2)[0]
    return {"name": "requests 2031.csv", "mimeType": "text/csv", "buffer": "\r\n".join(lines).encode("cp1252")}


def remove_upload(page: Page) -> None:
    page.get_by_test_id("stFileChipDeleteBtn").get_by_role("button").click()
    wait_until_drawn(page)


def mine(page: Page, name: str = "requests 2031.csv") -> None:
    expect(chosen_option(page, "data")).to_have_value(f"My text: {name}")


def test_from_a_messy_file_to_start_in_three_clicks(server: Any, new_page: Callable[..., Page]) -> None:
    page = new_page(width=1440, height=900)
    # Small, so that the test is quick; a reader would come by the link in the navigation.
    open_page(page, server.url, "/train?model=tiny&epochs=1")
    page.get_by_role("link", name="Data").click()
    heading(page, "Data")
    upload(page, export())  # 1: choose the file
    mine(page)
    go_on = button(page, "go_train")
    expect(go_on).to_be_enabled()
    expect(go_on).to_be_in_viewport(ratio=1)
    go_on.click()  # 2
    heading(page, "Train & watch")
    mine(page)
    click_button(page, "do_start")  # 3
    run = server.run(run_name(page))
    assert (run.config().data.source, len(run.dataset())) == ("requests 2031.csv", 120)
    assert "café" in " ".join(run.dataset().texts)


def test_what_was_understood_is_said_and_a_remedy_is_applied_and_undone(server: Any, page: Page) -> None:
    open_page(page, server.url, "/data")
    upload(page, export())
    mine(page)
    for words in ("What was understood", "What was left out", "What to look at", "The texts as they will be used"):
        expect(page.get_by_role("heading", level=2, name=words)).to_be_visible()
    for role, column in (("text", "Message"), ("label", "Kind")):
        box = page.locator(f"[class*=st-key-column_{role}]")
        expect(box.get_by_role("combobox").last).to_have_value(column)
    expect(page.locator("[class*=st-key-read_encoding]").get_by_role("combobox").last).to_have_value(re.compile("1252"))
    alike = page.locator("[class*=st-key-doubt_]").filter(has_text="differ only in how they are written")
    alike.get_by_role("button").first.click()
    expect(alike).to_have_count(0)
    expect(keyed(page, "changes")).to_contain_text("look-alike labels merged")
    open_page(page, page.url.removesuffix("/"), "")
    expect(keyed(page, "changes")).to_contain_text("look-alike labels merged")
    click_button(page, "undo_merge_labels")
    expect(alike).to_have_count(1)
    expect(keyed(page, "changes")).to_have_count(0)


def test_a_delimiter_of_ones_own_can_be_typed(server: Any, page: Page) -> None:
    rows = "what~label\n" + "".join(f"a {('fine', 'sad')[i % 2]} day, number {i}~{'ab'[i % 2]}\n" for i in range(40))
    open_page(page, server.url, "/data")
    upload(page, {"name": "tilde.txt", "mimeType": "text/plain", "buffer": rows.encode()})
    mine(page, "tilde.txt")
    field = page.locator("[class*=st-key-read_delimiter]").get_by_role("combobox")
    field.fill("~")
    field.press("Enter")
    expect(keyed(page, "changes")).to_contain_text("Delimiter: ~")
    expect(page.locator("[class*=st-key-column_text]").get_by_role("combobox").last).to_have_value("what")


def test_a_reload_and_a_second_tab_find_it_and_nobody_else_does(
    server: Any, page: Page, new_page: Callable[..., Page]
) -> None:
    open_page(page, server.url, "/data")
    upload(page, export())
    mine(page)
    wait_until_drawn(page)
    assert re.fullmatch(r"\d{8}-\d{6}-[0-9a-f]{16}", parameters(page)["own"])
    address = page.url
    page.reload()
    mine(page)
    tab = new_page()
    tab.goto(address)
    mine(tab)
    stranger = new_page()
    open_page(stranger, server.url, "/data?data=own")
    expect(chosen_option(stranger, "data")).to_have_value("English sentiment")
    # Another text in the second tab leaves the first one alone.
    upload(tab, {"name": "other.csv", "mimeType": "text/csv", "buffer": export()["buffer"]})
    mine(tab, "other.csv")
    page.reload()
    mine(page)
    # Forgotten in one, gone in the other.
    click_button(page, "forget_own")
    expect(chosen_option(page, "data")).to_have_value("English sentiment")
    again = new_page()
    open_page(again, address, "")
    expect(alerts(again).filter(has_text="are not on the server")).to_be_visible()


def test_a_removed_file_comes_back_when_it_is_uploaded_again(server: Any, page: Page) -> None:
    open_page(page, server.url, "/data")
    upload(page, export())
    mine(page)
    choose_option(page, "data", "Fruit, from the article")
    remove_upload(page)
    expect(chosen_option(page, "data")).to_have_value("Fruit, from the article")
    expect(main(page).get_by_text("requests 2031.csv")).to_have_count(0)
    assert "own" not in parameters(page)
    upload(page, export())
    mine(page)


def test_the_text_is_there_again_after_the_server_was_restarted(
    fresh_server: Any, until_up: Callable[..., None], page: Page
) -> None:
    until_up(fresh_server)
    open_page(page, fresh_server.url, "/data")
    upload(page, export())
    mine(page)
    wait_until_drawn(page)
    address = page.url
    page.goto("about:blank")
    fresh_server.kill()
    fresh_server.start()
    until_up(fresh_server)
    page.goto(address)
    mine(page)
