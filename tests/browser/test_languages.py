"""The whole app in Chinese, on Chinese text, and back."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from helpers import (
    chosen_option,
    heading,
    keyed,
    main,
    move_slider,
    open_page,
    parameters,
    player,
    sentence,
    slider,
    start_training,
    switch_language,
    upload,
    wait_for_end,
    wait_until_drawn,
)  # fmt: skip
from playwright.sync_api import Page, expect

from dynmask_core.config import Controls
from dynmask_core.masks import REGISTRY
from dynmask_core.messages import catalogue

# Names of things that are the same in every language, and Streamlit's own words around an upload.
NAMES = {
    *REGISTRY,
    "transformer",
    "english",
    "cpu",
    "png",
    "svg",
    "csv",
    "tsv",
    "txt",
    "jsonl",
    "json",
    "ndjson",
    "xlsx",
}


def english_left(page: Page) -> set[str]:
    """Latin words on the page that no Chinese sentence of ours contains."""
    shown = main(page).evaluate(
        """root => {
            const texts = [];
            const walk = node => {
                if (node.nodeType === Node.TEXT_NODE) { texts.push(node.data); return }
                if (node.nodeType !== Node.ELEMENT_NODE && node.nodeType !== Node.DOCUMENT_FRAGMENT_NODE) return;
                const skipped = "style, script, canvas, svg, [data-testid=stIconMaterial], [translate=no], " +
                    "[data-testid=stFileUploaderDropzone], .st-key-language";
                if (node.matches?.(skipped)) return;
                // What the player says to those who cannot see it; Streamlit's own labels are not ours.
                if (node.getRootNode() !== document)
                    for (const name of ['aria-label', 'title', 'alt'])
                        if (node.hasAttribute?.(name)) texts.push(node.getAttribute(name));
                if (node.tagName === 'INPUT') texts.push(node.value || node.placeholder);
                for (const child of (node.shadowRoot || node).childNodes) walk(child);
            };
            walk(root);
            return texts.join('\\n');
        }"""
    )
    known = {word.lower() for text in catalogue("zh").values() for word in re.findall(r"[A-Za-z]+", text)}
    return {word for word in re.findall(r"[A-Za-z]{3,}", shown) if word.lower() not in known | NAMES}


def test_a_chinese_browser_gets_a_chinese_page(server: Any, new_page: Callable[..., Page]) -> None:
    page = new_page(locale="zh-CN")
    open_page(page, server.url)
    heading(page, catalogue("zh")["home.title"])
    expect(player(page)).to_be_visible()
    expect(player(page)).to_have_attribute("lang", "zh")
    expect(page.get_by_role("link", name=catalogue("zh")["nav.train"])).to_be_visible()
    assert english_left(page) == set()
    assert "lang" not in parameters(page)


def test_chinese_data_is_trained_and_shown_in_chinese(server: Any, page: Page) -> None:
    texts = {"好看": "这部电影真的很好看，值得再看一遍", "难看": "剧情拖沓，演员也不行，实在难看"}
    rows = "\n".join(f"{text}{'。！～'[i % 3]},{label}" for i in range(20) for label, text in texts.items())
    open_page(page, server.url, "/train?lang=zh&model=tiny&epochs=1")
    page.get_by_role("link", name=catalogue("zh")["nav.data"]).click()
    heading(page, catalogue("zh")["data.title"])
    gb = ("文本,标签\n" + rows.replace("～", "?")).encode("gb18030")
    upload(page, {"name": "评论.csv", "mimeType": "text/csv", "buffer": gb})
    expect(keyed(page, "data").get_by_role("combobox")).to_have_value(re.compile("评论.csv"))
    expect(main(page).get_by_text(re.compile("gb18030", re.IGNORECASE)).first).to_be_visible()
    expect(keyed(page, "report")).to_be_visible()
    assert english_left(page) <= {"gb18030", "GB18030", "GB", "GBK"}
    keyed(page, "go_train").locator("button").click()
    heading(page, catalogue("zh")["train.title"])
    assert parameters(page)["lang"] == "zh"
    run = server.run(start_training(page))
    wait_for_end(page)
    assert set(run.events()[0]["classes"]) == set(texts)
    # Words, not single characters and not one long line.
    words = sentence(page).get_by_test_id("mp-token")
    expect(words.filter(has_text=re.compile("^(电影|演员)$")).first).to_be_visible()
    assert english_left(page) == set()


def test_switching_the_language_keeps_settings_and_upload(server: Any, page: Page) -> None:
    open_page(page, server.url, "/train?alpha=0.05&model=tiny&dynamic=article")
    move_slider(page, "tau", 3)
    tau = f"{Controls().evidence_threshold + 0.3:g}"
    expect(slider(page, "tau")).to_have_value(tau)
    expect(page).to_have_url(re.compile(f"tau={tau}"))  # the server knows it too
    page.get_by_role("link", name="Data").click()
    heading(page, "Data")
    rows = "text,label\n" + "fine day,yes\nsad day,no\n" * 8
    upload(page, {"name": "mine.csv", "mimeType": "text/csv", "buffer": rows.encode()})
    expect(chosen_option(page, "data")).to_have_value("My text: mine.csv")
    switch_language(page, "中文")
    heading(page, catalogue("zh")["data.title"])
    expect(chosen_option(page, "data")).to_have_value(catalogue("zh")["data.own_title"].format(name="mine.csv"))
    page.get_by_role("link", name=catalogue("zh")["nav.train"]).click()
    heading(page, catalogue("zh")["train.title"])
    wait_until_drawn(page)
    assert {"alpha": "0.05", "model": "tiny", "dynamic": "article", "lang": "zh"}.items() <= parameters(page).items()
    expect(slider(page, "tau")).to_have_value(tau)
    expect(slider(page, "alpha")).to_have_attribute("aria-valuetext", "0.05")
    expect(chosen_option(page, "data")).to_have_value(catalogue("zh")["data.own_title"].format(name="mine.csv"))
    switch_language(page, "English")
    heading(page, "Train & watch")
    expect(chosen_option(page, "data")).to_have_value("My text: mine.csv")
    expect(slider(page, "tau")).to_have_value(tau)


def test_a_language_in_a_link_wins_over_the_browsers(server: Any, new_page: Callable[..., Page]) -> None:
    page = new_page(locale="zh-CN")
    open_page(page, server.url, "/data?lang=en")
    heading(page, "Data")
