"""A reader's own text: uploaded or pasted, read, refused with one sentence, trained on, and shown as it is written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from helpers import (
    alerts,
    button,
    chosen_option,
    click_button,
    heading,
    keyed,
    main,
    open_page,
    paste,
    run_name,
    sentence,
    start_training,
    upload,
    wait_for_end,
    wait_for_epoch,
    wait_for_scores,
    wait_until_drawn,
)  # fmt: skip
from playwright.sync_api import Locator, Page, expect

GOOD = "text,label\n" + "".join(f"a {word} day number {i},{word}\n" for i in range(12) for word in ("fine", "sad"))
# What is wrong, and the beginning of the one sentence that says so.
BAD = {
    "empty.csv": (b"", "The file is empty"),
    "picture.csv": (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x01" * 40, "The file is one picture (PNG)"),
    "one_class.csv": (b"text,label\n" + b"good,yes\n" * 9, "Only the label yes"),
    "no_label.csv": (b"text\n" + b"a few words here and there\n" * 9, "The file has only one column"),
    "paper.pdf": (b"%PDF-1.4 and so on" * 20, "The file is in the format PDF"),
}


def file(name: str, content: str | bytes) -> dict[str, Any]:
    data = content.encode() if isinstance(content, str) else content
    return {"name": name, "mimeType": "text/csv", "buffer": data}


def odd_columns(texts: int) -> str:
    """Text and two columns that could both be the label."""
    rows = [f'{i},"{("lovely", "awful")[i % 2]} thing, number {i}",{i % 3},{"+-"[i % 2]}' for i in range(texts)]
    return "\n".join(["n°,Was *gesagt* wurde,<b>group</b>,opinion", *rows])


def role(page: Page, name: str) -> Locator:
    """The select box of the text, label or split column."""
    # While the page draws anew, the box of before can still be there.
    return page.locator(f"[class*=st-key-column_{name}]").get_by_role("combobox").last


def choose_column(page: Page, name: str, column: str) -> None:
    # A list that is open closes when the page scrolls, as it does while a chart is still to come.
    expect(page.get_by_test_id("stVegaLiteChart").locator("canvas, svg").first).to_be_visible()
    role(page, name).scroll_into_view_if_needed()
    page.locator(f"[class*=st-key-column_{name}]").locator("button").last.click()
    page.get_by_role("option", name=column, exact=True).click()
    wait_until_drawn(page)


def test_an_upload_is_read_changed_and_trained_on(server: Any, page: Page, tmp_path: Path) -> None:
    open_page(page, server.url, "/train?model=tiny&epochs=2")
    page.get_by_role("link", name="Data").click()
    heading(page, "Data")
    path = tmp_path / "odd columns.csv"
    path.write_text(odd_columns(60), encoding="utf-8")
    upload(page, path)
    expect(chosen_option(page, "data")).to_have_value("My text: odd columns.csv")
    expect(main(page).get_by_text("60 rows")).to_be_visible()
    expect(role(page, "text")).to_have_value("Was *gesagt* wurde")
    for label in ("<b>group</b>", "opinion"):
        if role(page, "label").input_value() != label:
            choose_column(page, "label", label)
        expect(role(page, "label")).to_have_value(label)
        expect(keyed(page, "report").get_by_text("test texts: differences under")).to_be_visible()
        wait_until_drawn(page)

    click_button(page, "go_train")
    heading(page, "Train & watch")
    expect(chosen_option(page, "data")).to_have_value("My text: odd columns.csv")
    run = server.run(start_training(page))
    wait_for_end(page)
    assert set(run.events()[0]["classes"]) == {"+", "-"}
    assert run.config().data.text_column == "Was *gesagt* wurde"
    assert run.config().model.dim == 32
    assert run.config().train.epochs == 2
    # The reader's words never stand in the address.
    assert "lovely" not in page.url
    assert "gesagt" not in page.url


def test_a_split_that_was_guessed_can_be_left_unused_and_pasted_text_is_read(server: Any, page: Page) -> None:
    parts = [f"word {i} there,{'ab'[i % 2]},{('train', 'train', 'train', 'test')[i % 4]}" for i in range(80)]
    open_page(page, server.url, "/data")
    upload(page, file("split.csv", "\n".join(["text,label,split", *parts])))
    expect(role(page, "split")).to_have_value("split")
    expect(main(page).get_by_text("20 test texts")).to_be_visible()
    choose_column(page, "split", "none")
    expect(main(page).get_by_text("16 test texts")).to_be_visible()
    wait_until_drawn(page)
    # Text that is pasted takes its place, and stays where the next one cannot be read.
    paste(page, GOOD)
    expect(chosen_option(page, "data")).to_have_value("My text: pasted text")
    expect(main(page).get_by_text("24 rows")).to_be_visible()
    paste(page, "nothing at all")
    expect(alerts(page).first).to_be_visible()
    expect(chosen_option(page, "data")).to_have_value("My text: pasted text")


def test_what_cannot_be_read_is_refused_in_one_sentence_and_nothing_is_lost(server: Any, page: Page) -> None:
    open_page(page, server.url, "/data")
    good = "good.csv"
    upload(page, file(good, GOOD))
    expect(chosen_option(page, "data")).to_have_value(f"My text: {good}")
    for turn, (name, (content, words)) in enumerate(BAD.items()):
        upload(page, file(name, content))
        refused = alerts(page).filter(has_text=words)
        expect(refused).to_have_count(1)
        expect(refused.locator("p")).to_have_count(1)
        if name not in ("one_class.csv", "no_label.csv"):
            expect(chosen_option(page, "data")).to_have_value(f"My text: {good}")
            expect(keyed(page, "report")).to_be_visible()
        else:
            # It can be read, and other columns may be chosen; the samples are still there.
            expect(chosen_option(page, "data")).to_have_value(f"My text: {name}")
        # Another name each time shows that it is this file that has been read.
        good = f"good {turn}.csv"
        upload(page, file(good, GOOD))
        expect(chosen_option(page, "data")).to_have_value(f"My text: {good}")
        expect(refused).to_have_count(0)
        expect(button(page, "go_train")).to_be_enabled()


def test_own_words_are_shown_as_they_are_written(server: Any, page: Page) -> None:
    classes = ("<b>yes</b>", "*no* 🙂")
    rows = [{"text": f"<img src=x> **fine** `{i}` 🙂 [a](b)", "label": classes[i % 2]} for i in range(40)]
    page.add_init_script("window.alert = () => { throw new Error('the words of a reader ran') }")
    open_page(page, server.url, "/train?model=tiny&epochs=1")
    page.get_by_role("link", name="Data").click()
    name = "*my* <i>own</i> words.jsonl"
    upload(page, file(name, "\n".join(map(json.dumps, rows))))
    expect(chosen_option(page, "data")).to_have_value(f"My text: {name}")
    # Conflicting labels and the like are told of in sentences that quote the reader's words.
    expect(keyed(page, "report")).to_be_visible()
    click_button(page, "go_train")
    start_training(page)
    wait_for_end(page)
    expect(keyed(page, "settings").locator("summary")).to_contain_text(name)
    expect(sentence(page)).to_contain_text("<img src=x> **fine** `")
    expect(sentence(page)).to_contain_text("🙂 [a](b)")
    wait_for_scores(page)
    for matrix in page.get_by_test_id("confusion").all():
        expect(matrix).to_contain_text("<b>yes</b>")
    assert main(page).locator("img[src=x]").count() == 0
    for tag in ("b", "i"):
        assert main(page).locator(tag).filter(has_text="yes").count() == 0
        assert main(page).locator(tag).filter(has_text="own").count() == 0


def test_data_of_many_classes_and_very_long_names(server: Any, page: Page) -> None:
    names = [f"class {k} " + "of a very long name " * 6 for k in range(12)]
    rows = "\n".join(f"word{k} again word{k} {i}\t{names[k]}" for i in range(8) for k in range(12))
    open_page(page, server.url, "/train?model=tiny&epochs=1")
    page.get_by_role("link", name="Data").click()
    upload(page, file("twelve.tsv", "text\tlabel\n" + rows))
    expect(chosen_option(page, "data")).to_have_value("My text: twelve.tsv")
    click_button(page, "go_train")
    start_training(page)
    run_name(page)
    wait_for_epoch(page, 1)
    wait_for_scores(page)
    width = page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth")
    assert width <= page.viewport_size["width"]  # type: ignore[index]
