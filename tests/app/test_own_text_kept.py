"""The reader's own text is found again by its address alone, until it is forgotten."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from streamlit.testing.v1 import AppTest

from dynmask_core.data import list_samples
from dynmask_core.data.samples import list_hidden
from dynmask_core.messages import LANGUAGES, text
from dynmask_core.runs.uploads import FOLDER, Upload

Visit = Callable[..., AppTest]
ROWS = "what;label;group\n" + "".join(
    f"the day number {i} was {'ab'[i % 2]};{'ab'[i % 2]};{i % 3}\n" for i in range(60)
)
LINES = "\n".join(f"the old dog number {i % 9} sees one of the {i} young cats and the hen {i % 8}" for i in range(90))
DEFAULT = {"data": "english_sentiment", "corpus": "english_prose"}


def query(app: AppTest) -> dict[str, str]:
    return {name: values[0] if isinstance(values, list) else values for name, values in app.query_params.items()}


def again(visit: Visit, app: AppTest, page: str = "data") -> AppTest:
    """The same address in a new session: a reload, or another tab."""
    return visit(f"/{page}?{urlencode(query(app))}")


def upload(app: AppTest, content: str | bytes = ROWS, name: str = "mine.csv", box: str = "upload") -> AppTest:
    data = content.encode() if isinstance(content, str) else content
    app.file_uploader(key=box).set_value((name, data, "text/csv")).run()
    assert not app.exception
    return app


def remove(app: AppTest, box: str = "upload") -> AppTest:
    app.file_uploader(key=box).clear().run()
    assert not app.exception
    return app


def paste(app: AppTest, content: str = ROWS) -> AppTest:
    app.text_area(key="pasted").set_value(content)
    app.button(key="read_pasted").click().run()
    assert not app.exception
    return app


def kept(root: Path) -> list[Path]:
    return sorted(path for path in (root / FOLDER).glob("*") if path.is_dir())


def columns(app: AppTest) -> dict[str, Any]:
    return {box.key.split("_")[1]: box.value for box in app.selectbox if (box.key or "").startswith("column_")}


def pick(app: AppTest, prefix: str, value: Any) -> AppTest:
    next(box for box in app.selectbox if (box.key or "").startswith(prefix)).set_value(value).run()
    assert not app.exception
    return app


@pytest.mark.parametrize("bring", [upload, paste])
def test_a_reload_finds_the_text_and_how_it_is_read(visit: Visit, bring: Callable[[AppTest], AppTest]) -> None:
    app = bring(visit("/data"))
    assert columns(app) == {"text": "what", "label": "label", "split": None}
    pick(app, "column_label", "group")
    later = again(visit, app)
    assert later.selectbox(key="data").value == "own"
    assert columns(later)["label"] == "group"
    assert later.selectbox(key="data").options[-1] == app.selectbox(key="data").options[-1]
    # What is changed in one tab holds in the other.
    pick(later, "column_label", "label")
    assert columns(app.run())["label"] == "label"


@pytest.mark.parametrize("page", ["train", "compare", "masks"])
def test_other_pages_carry_the_key(visit: Visit, page: str) -> None:
    app = upload(visit("/data"))
    app.switch_page(f"pages/{page}.py").run()
    assert query(app)["own"] == app.session_state["own"]
    later = again(visit, app, page)
    assert not later.exception
    assert later.selectbox(key="data").value == "own"


def test_nobody_without_the_address_sees_it(visit: Visit) -> None:
    upload(visit("/data"))
    for page in ("data", "train", "mlm"):
        other = visit(f"/{page}?data=own")
        assert "own" not in query(other)
        assert not [option for box in other.selectbox for option in box.options if "mine.csv" in option]


def test_two_sessions_do_not_mix(visit: Visit) -> None:
    first, second = upload(visit("/data"), name="one.csv"), upload(visit("/data"), name="two.csv")
    assert first.session_state["own"] != second.session_state["own"]
    assert text("data.own_title", name="one.csv") in first.run().selectbox(key="data").options
    assert text("data.own_title", name="two.csv") in second.run().selectbox(key="data").options


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("key", ["20200101-000000-0123456789abcdef", "../..", "x" * 3000])
def test_a_text_that_is_gone_is_said_to_be_gone(visit: Visit, key: str, lang: str) -> None:
    app = visit(f"/data?lang={lang}&data=own&own={key}")
    assert not app.exception
    gone = text("data.own_gone", lang)
    assert [warning.value for warning in app.warning] == [gone], "it is told once"
    assert "own" not in query(app)
    assert gone in [warning.value for warning in app.run().warning]  # until the reader does something about it
    app.selectbox(key="data").set_value("fruit").run()
    assert gone not in [warning.value for warning in app.warning]


def test_the_button_forgets_the_text(visit: Visit, runs_root: Path) -> None:
    app = upload(visit("/data"))
    address = query(app)
    assert len(kept(runs_root)) == 1
    app.button(key="forget_own").click().run()
    assert not app.exception
    assert kept(runs_root) == []
    assert app.selectbox(key="data").value == DEFAULT["data"]
    assert query(app).keys().isdisjoint({"own", "data"})
    assert text("data.own_gone") in [w.value for w in visit(f"/data?{urlencode(address)}").warning]


def test_what_is_removed_from_the_box_is_forgotten_and_comes_back_when_it_is_uploaded_again(
    visit: Visit, runs_root: Path
) -> None:
    app = upload(visit("/data"))
    app.selectbox(key="data").set_value("fruit").run()
    remove(app)
    assert kept(runs_root) == []
    assert app.selectbox(key="data").value == "fruit"
    upload(app)
    assert app.selectbox(key="data").value == "own"
    assert len(kept(runs_root)) == 1


def test_a_cross_forgets_the_file_in_the_box_alone(visit: Visit, runs_root: Path) -> None:
    app = upload(visit("/data"))
    paste(app)
    pasted = app.session_state["own"]
    remove(app)
    assert [path.name for path in kept(runs_root)] == [pasted]
    assert app.selectbox(key="data").value == "own"


def test_an_unreadable_file_takes_nothing_away(visit: Visit, runs_root: Path) -> None:
    app = upload(visit("/data"))
    # Browsers send the removal of the old file first, then the new one.
    remove(app)
    upload(app, b"", "empty.csv")
    assert app.selectbox(key="data").value == "own"
    assert text("data.own_title", name="mine.csv") in app.selectbox(key="data").options
    assert [error.value.replace("\\", "") for error in app.error] == [text("error.empty_file")]
    assert len(kept(runs_root)) == 1
    app.button(key="put_aside").click().run()
    assert not app.error


def test_a_removed_text_does_not_come_back_later(visit: Visit, runs_root: Path) -> None:
    app = remove(upload(visit("/data")))
    app.run()
    upload(app, b"", "empty.csv")
    assert app.selectbox(key="data").value == DEFAULT["data"]
    assert kept(runs_root) == []


def test_a_file_that_cannot_be_read_can_be_read_in_another_way(visit: Visit, runs_root: Path) -> None:
    app = upload(visit("/data"), "text;label\n")
    assert [error.value.replace("\\", "") for error in app.error] == [text("error.no_rows")]
    assert kept(runs_root) == []
    pick(app, "read_has_header", False)
    assert text("error.no_rows") not in [error.value.replace("\\", "") for error in app.error]
    assert app.selectbox(key="data").value == "own"
    assert len(kept(runs_root)) == 1
    assert again(visit, app).selectbox(key="data").value == "own"


def test_a_bad_byte_is_replaced_by_one_click(visit: Visit, runs_root: Path) -> None:
    rows = "what;label\n" + "".join(f"{i} 这部电影值得再看一遍;{'ab'[i % 2]}\n" for i in range(40))
    app = upload(visit("/data"), rows.encode() + b"the end \xff;a\n")
    assert len(app.error) == 1
    assert kept(runs_root) == []
    next(button for button in app.button if (button.key or "").startswith("remedy_error")).click().run()
    assert not app.exception
    assert not app.error
    assert app.selectbox(key="data").value == "own"
    assert [button.key for button in app.button if (button.key or "").startswith("undo_")] == ["undo_replace_bytes"]
    assert columns(again(visit, app)) == {"text": "what", "label": "label", "split": None}


def test_a_setting_that_does_not_fit_is_said_and_taken_back(visit: Visit) -> None:
    app = upload(visit("/data"))
    pick(app, "read_encoding", "utf-16")
    assert len(app.error) == 1
    assert app.selectbox(key="data").value == "own"
    assert app.button(key="go_train").disabled
    app.button(key="undo_encoding").click().run()
    assert not app.error
    assert not app.button(key="go_train").disabled
    assert not [button for button in app.button if (button.key or "").startswith("undo_")]


def test_columns_that_another_reading_lacks_are_guessed_again(visit: Visit) -> None:
    app = pick(upload(visit("/data")), "column_label", "group")
    pick(app, "read_has_header", False)
    assert columns(app)["text"] == "column_1"
    assert not app.error


def test_a_remedy_is_one_click_and_can_be_undone(visit: Visit) -> None:
    rows = "text,label\n" + "".join(f"day {i} was as days are,{('Good', 'good', 'bad')[i % 3]}\n" for i in range(60))
    app = upload(visit("/data"), rows)
    offered = [button for button in app.button if (button.key or "").startswith("remedy_labels_alike")]
    offered[0].click().run()
    assert not app.exception
    assert len(app.dataframe[-1].value) == 2
    app.button(key="undo_merge_labels").click().run()
    assert len(app.dataframe[-1].value) == 3


def test_too_many_rows_are_sampled_by_one_click(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dynmask_core.data.limits.MAX_ROWS", 40)
    app = upload(visit("/data"))
    assert len(app.error) == 1
    next(button for button in app.button if (button.key or "").startswith("remedy_error")).click().run()
    assert not app.exception
    assert not app.error
    assert not app.button(key="go_train").disabled
    app.button(key="undo_max_rows").click().run()
    assert len(app.error) == 1


def test_plain_text_is_found_again_too(visit: Visit, runs_root: Path) -> None:
    app = upload(visit("/mlm"), LINES, "lines.txt", "upload_corpus")
    assert app.selectbox(key="corpus").value == "own"
    later = again(visit, app, "mlm")
    assert later.selectbox(key="corpus").value == "own"
    later.button(key="forget_own_corpus").click().run()
    assert kept(runs_root) == []
    assert later.selectbox(key="corpus").value == DEFAULT["corpus"]


def test_a_run_keeps_its_texts_when_they_are_forgotten(visit: Visit, line: Any, runs_root: Path) -> None:
    app = upload(visit("/train?model=tiny&epochs=1").switch_page("pages/data.py").run())
    app.switch_page("pages/train.py").run()
    app.button(key="do_start").click().run()
    run = line.submitted[-1]
    address = {**query(app), "run": run.name}
    Upload(runs_root / FOLDER / address["own"]).forget()
    later = visit(f"/train?{urlencode(address)}")
    assert not later.exception
    assert text("data.own_gone") in [warning.value for warning in later.warning]
    assert any("mine" in folded.label for folded in later.expander)
    assert len(run.dataset()) == 60


def test_a_file_named_like_a_sample_is_no_sample(visit: Visit, line: Any) -> None:
    app = upload(visit("/train?model=tiny&epochs=1").switch_page("pages/data.py").run(), name="sample:nothing")
    app.switch_page("pages/train.py").run()
    app.button(key="do_start").click().run()
    assert not app.exception
    assert line.submitted[-1].config().data.source == "sample_nothing"


@pytest.mark.parametrize("page", ["data", "train", "compare", "masks"])
def test_a_chinese_reader_starts_on_chinese_samples(visit: Visit, page: str) -> None:
    app = visit(f"/{page}?lang=zh")
    assert not app.exception
    box = app.selectbox(key="data")
    assert box.value == "chinese_sentiment"
    assert box.options[:2] == [text("sample.chinese_sentiment", "zh"), text("sample.chinese_news", "zh")]
    assert "data" not in query(app)


def test_what_an_address_names_wins_over_the_language(visit: Visit) -> None:
    assert visit("/data?lang=zh&data=english_sentiment").selectbox(key="data").value == "english_sentiment"
    assert visit("/mlm?lang=zh&corpus=english_prose").selectbox(key="corpus").value == "english_prose"


def test_a_choice_that_nobody_made_follows_the_language(visit: Visit) -> None:
    app = visit("/data")
    app.session_state["lang"] = "zh"
    assert app.run().selectbox(key="data").value == "chinese_sentiment"
    app.selectbox(key="data").set_value("chinese_news").run()
    app.session_state["lang"] = "en"
    assert app.run().selectbox(key="data").value == "chinese_news"


def test_samples_are_one_click_away(visit: Visit) -> None:
    app = visit("/data")
    pills = app.button_group(key="sample")
    assert set(pills.options) >= {text(f"sample.{sample.name}") for sample in list_samples()}
    pills.set_value("fruit").run()
    assert not app.exception
    assert app.selectbox(key="data").value == "fruit"
    assert query(app)["data"] == "fruit"


def test_all_corpora_are_offered(visit: Visit) -> None:
    assert len(visit("/mlm").selectbox(key="corpus").options) == len(list_hidden())
