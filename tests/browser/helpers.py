"""Words for what a reader does on a page. Each waits for a condition; none sleeps."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

# Two cores that train as well, and test in a second process, draw a page in seconds, not at
# once; the first run of a server waits for its worker to load torch.
expect.set_options(timeout=60_000)


def keyed(page: Page, key: str) -> Locator:
    """The widget or container of that key."""
    return page.locator(f".st-key-{key}")


def main(page: Page) -> Locator:
    return page.get_by_test_id("stMain")


def open_page(page: Page, base: str, path: str = "/") -> None:
    """Goes there and waits until the page's own script has run through."""
    page.goto(base + path)
    wait_until_drawn(page)


def wait_until_drawn(page: Page) -> None:
    """Streamlit's script has ended, nothing on screen is left over from before."""
    expect(page.get_by_role("heading", level=1).first).to_be_visible()
    expect(page.locator("[data-testid=stApp][data-test-script-state=running]")).to_have_count(0)
    expect(page.locator("[data-testid=stSkeleton]")).to_have_count(0)


def fits(page: Page) -> bool:
    """Whether nothing is wider than the screen."""
    return bool(
        page.evaluate(
            "innerWidth >= Math.max(document.documentElement.scrollWidth, "
            "document.querySelector('[data-testid=stMain]').scrollWidth)"
        )
    )


def serious(page: Page) -> list[str]:
    """What axe objects to on the page. A page inside a lesson is left out: it is looked at by itself."""
    found = Axe().run(page, options={"iframes": False}).response["violations"]
    return [
        f"{one['impact']} {one['id']}: {node['html'][:200]}: {node['failureSummary']}"
        for one in found
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]


def heading(page: Page, text: str) -> None:
    expect(page.get_by_role("heading", level=1, name=text)).to_be_visible()


def button(page: Page, key: str) -> Locator:
    # A button with help is in the page twice, once for screens without a pointer; and while the page draws itself in
    # another layout, that of before is still there.
    return page.locator(f'.st-key-{key}:not([data-stale="true"])').locator("button:visible")


def click_button(page: Page, key: str) -> None:
    button(page, key).click()


def can_click(page: Page, key: str) -> None:
    expect(button(page, key)).to_be_enabled()


def cannot_click(page: Page, key: str) -> None:
    expect(button(page, key)).to_be_disabled()


def chosen_option(page: Page, key: str) -> Locator:
    return keyed(page, key).get_by_role("combobox")


def choose_option(page: Page, key: str, option: str | re.Pattern[str]) -> None:
    """Opens a select box and takes the option of that label."""
    keyed(page, key).locator("button").last.click()
    exact = isinstance(option, str)
    page.get_by_role("option", name=option, exact=exact).click()
    wait_until_drawn(page)


def open_settings(page: Page) -> None:
    """Unfolds the settings that most readers leave alone."""
    summary = keyed(page, "settings").locator("summary")
    summary.click()
    expect(keyed(page, "epochs")).to_be_visible()


def slider(page: Page, key: str) -> Locator:
    return keyed(page, key).locator("input[type=range]")


def move_slider(page: Page, key: str, steps: int) -> None:
    """Moves it by so many steps, to the right or, negative, to the left."""
    handle = slider(page, key)
    handle.focus()
    for _ in range(abs(steps)):
        handle.press("ArrowRight" if steps > 0 else "ArrowLeft")


def switch_language(page: Page, name: str) -> None:
    keyed(page, "language").get_by_role("radio", name=name).click()


def upload(page: Page, file: Path | dict[str, Any]) -> None:
    """A path, or {"name", "mimeType", "buffer"} as Playwright takes it."""
    wait_until_drawn(page)  # a file given while the page still draws the last one can be passed over
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(file)  # type: ignore[arg-type]


def paste(page: Page, text: str) -> None:
    page.get_by_role("tab").nth(1).click()
    field = keyed(page, "pasted").locator("textarea")
    field.fill(text)
    field.press("Control+Enter")
    click_button(page, "read_pasted")


def alerts(page: Page) -> Locator:
    return main(page).get_by_test_id("stAlert")


def parameters(page: Page) -> dict[str, str]:
    """What the address says."""
    # Asked of the page: what Playwright remembers of the address is renewed by events alone.
    search = page.evaluate("location.search")
    return {name: values[0] for name, values in parse_qs(search.removeprefix("?")).items()}


def run_name(page: Page) -> str:
    """The run that the address names; waits for it to be there."""
    page.wait_for_url(re.compile(r"[?&]run="))
    return parameters(page)["run"]


def start_training(page: Page) -> str:
    """Presses Start; returns the run's name."""
    click_button(page, "do_start")
    return run_name(page)


def player(page: Page) -> Locator:
    return page.get_by_test_id("mask-player")


def shown_epoch(page: Page) -> int:
    """The epoch at which the player stands."""
    return int(player(page).get_attribute("data-epoch") or -1)


def newest_epoch(page: Page) -> int:
    """The last epoch that the player has."""
    return int(page.get_by_test_id("mp-scrubber").get_attribute("max") or -1)


def wait_for_epoch(page: Page, epoch: int) -> None:
    """Waits until the player has been given that epoch."""
    # The player lives in a shadow root, which plain selectors do not enter.
    page.wait_for_function(
        """epoch => [...document.querySelectorAll('[data-testid=stMain] *')].some(
            host => Number(host.shadowRoot?.querySelector('[data-testid=mp-scrubber]')?.max || -1) >= epoch)""",
        arg=epoch,
    )


def wait_for_end(page: Page) -> None:
    """Waits until the run is finished and the page says what came out."""
    expect(keyed(page, "outcome")).to_be_visible()


def open_view(page: Page, name: str, key: str = "view") -> None:
    """Opens a view of the run, by its shown name."""
    keyed(page, key).get_by_role("radio", name=name, exact=True).click()
    wait_until_drawn(page)


def wait_for_scores(page: Page) -> None:
    """Waits until the run is finished, goes to its scores, and waits until they and their pictures are drawn."""
    wait_for_end(page)
    if parameters(page).get("view") != "scores":
        click_button(page, "to_scores")
    expect(keyed(page, "scores")).to_be_visible()
    expect(page.get_by_test_id("confusion").first).to_be_visible()


def type_sentence(page: Page, text: str) -> None:
    field = keyed(page, "own_probe").locator("input")
    field.fill(text)
    field.press("Enter")


def sentence(page: Page) -> Locator:
    """The words that the player draws for the first arm."""
    return player(page).get_by_test_id("mp-arms").locator(".mp-arm").first
