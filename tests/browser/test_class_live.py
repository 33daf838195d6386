"""A teacher and two participants in three browsers: a code, a guess, the reveal, a run on the board."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from helpers import click_button, heading, keyed, main, open_page, parameters, serious
from playwright.sync_api import Page, expect

from dynmask_core.learn.catalogue import find
from dynmask_core.learn.classroom.codes import spoken
from dynmask_core.messages import text

LESSON = "what-is-a-mask"


def test_a_class_is_led_from_the_desk(server: Any, new_page: Callable[..., Page]) -> None:
    teacher = new_page(width=1440)
    open_page(teacher, server.url, f"/learn?lesson={LESSON}")
    click_button(teacher, "teach")
    expect(keyed(teacher, "class_bar")).to_contain_text("Here: 0")
    code = parameters(teacher)["class"]
    expect(main(teacher).get_by_text(spoken(code)).first).to_be_visible()

    typed = new_page(width=390, height=844)
    open_page(typed, server.url, "/learn")
    typed.get_by_label(text("class.code")).fill(code.lower())
    click_button(typed, "enter_class")
    linked = new_page(width=390, height=844, locale="zh-CN", color_scheme="dark")
    open_page(linked, server.url, f"/learn?class={code}")
    for page, lang in ((typed, "en"), (linked, "zh")):
        click_button(page, "do_join")
        heading(page, find(LESSON).in_language(lang).title)
        page.wait_for_url(re.compile("who="))
        expect(main(page).get_by_text(text("class.wait_step", lang))).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
    expect(keyed(teacher, "class_bar")).to_contain_text("Here: 2")
    # The picture for phones is drawn: what the page's cleaning of HTML lets through, a browser can show.
    square = teacher.get_by_role("img", name=text("class.picture", code=spoken(code)))
    expect(square).to_have_js_property("complete", True)
    assert square.evaluate("node => node.naturalWidth") > 0
    assert serious(teacher) == []
    assert serious(linked) == []

    number = linked.locator("input[type=number]")
    number.fill("12")
    number.press("Tab")
    keyed(linked, f"{LESSON}_1_p1").get_by_role("radiogroup").locator("label").nth(1).click()
    click_button(linked, f"guess_{LESSON}_1")
    expect(main(linked).get_by_text(text("class.wait_reveal", "zh"))).to_be_visible()
    expect(keyed(teacher, "class_bar")).to_contain_text("Guesses at step 1: 1")
    click_button(typed, f"pass_{LESSON}_1")
    expect(main(typed).get_by_text(text("class.wait_reveal"))).to_be_visible()
    expect(keyed(typed, "class_predictions")).to_have_count(0)
    click_button(teacher, "class_next")
    # The page follows by itself.
    expect(keyed(typed, "class_predictions")).to_contain_text("12 — 1")
