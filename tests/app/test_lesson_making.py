"""“Make a lesson of this”: pages become steps, what is typed becomes a file, and what is not ticked stays at home."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from carrying import lesson
from streamlit.testing.v1 import AppTest

from dynmask_core.config import DataConfig
from dynmask_core.learn import parse
from dynmask_core.learn.bundle import Bundle
from dynmask_core.learn.catalogue import source
from dynmask_core.learn.classroom.codes import new_who
from dynmask_core.learn.kept import KeptLesson
from dynmask_core.messages import text
from dynmask_core.runs import Run
from dynmask_core.runs.store import export_run
from dynmask_core.runs.uploads import Reading, Upload
from dynmask_core.ui.i18n import plain
from dynmask_core.ui.learn import making

Visit = Callable[..., AppTest]
ROWS = "stars,what they said\n" + "".join(
    f"{mark},{words} number {n}\n" for n in range(30) for mark, words in ((5, "a fine film"), (1, "a dull film"))
)


def add(app: AppTest) -> AppTest:
    """Makes the page that is open a step, and follows to the draft, which a script alone cannot."""
    app.button(key="make_lesson_of_this").click().run()
    assert not app.exception
    app.switch_page("pages/learn.py").run()
    assert not app.exception
    return app


def now(app: AppTest) -> making.Made:
    found: making.Made = app.session_state[making.KEY]
    return found


def test_two_pages_become_a_lesson_that_is_opened_and_read_back(visit: Visit, runs_root: Path) -> None:
    app = add(visit("/masks?data=fruit&edges=(k<4)&lang=en"))
    assert app.query_params["lesson"] in (making.KEY, [making.KEY])
    app.switch_page("pages/train.py").run()
    assert "1" in app.button(key="make_lesson_of_this").label
    add(app)
    first, second = now(app).draft.steps
    assert ("edges", "(k<4)") in first.panel.parameters
    assert {"data", "baseline", "dynamic", "epochs"} <= {name for name, _ in second.panel.parameters}
    app.text_input(key=f"draft_step_title_{first.key}").set_value("A *title*").run()
    app.selectbox(key=f"draft_asks_{first.key}").set_value("choice").run()
    assert app.error  # the question has no words yet
    app.text_input(key=f"draft_question_{first.key}").set_value("Which?").run()
    app.text_area(key=f"draft_answers_{first.key}").set_value("this\n*that").run()
    app.button(key=f"draft_up_{second.key}").click().run()
    assert not app.exception
    assert not app.error
    app.button(key="draft_open").click().run()
    assert not app.exception
    (kept,) = KeptLesson.listed(runs_root / "lessons")
    assert app.query_params["lesson"] in (kept.name, [kept.name])
    lesson = kept.bundle().lesson
    assert [step.title for step in lesson.steps] == [second.title, "A *title*"]
    assert lesson.steps[1].predict[0].right == (1,)
    app.button(key="back_to_draft").click().run()
    app.text_input(key="draft_title").set_value("Another").run()
    app.button(key="draft_open").click().run()
    (again,) = KeptLesson.listed(runs_root / "lessons")
    assert (again.name, again.bundle().lesson.title) == (kept.name, "Another")
    app.button(key="back_to_draft").click().run()
    app.button(key="forget_own").click().run()
    assert not app.exception
    assert KeptLesson.listed(runs_root / "lessons") == []
    assert app.text_input(key="draft_title").value == "Another", "the draft stays"


def test_own_data_travels_only_if_it_is_ticked(visit: Visit, runs_root: Path) -> None:
    own = Upload.create(runs_root, ROWS.encode(), Reading("评分.csv", {}, DataConfig("评分.csv")))
    app = add(visit(f"/train?data=own&own={own.name}&model=tiny&epochs=2"))
    step = now(app).draft.steps[0]
    assert ("data", "lesson") in step.panel.parameters
    assert own.name not in step.panel.address
    bundle = now(app).bundle()
    assert not bundle.parts
    assert "data=" not in bundle.source
    app.checkbox(key="draft_data").set_value(True).run()
    bundle = now(app).bundle()
    assert bundle.parts == {"texts.csv": ROWS.encode()}
    assert Bundle.read(bundle.to_bytes(), "x.zip") == bundle


def test_data_read_in_a_way_of_its_own_travels_as_it_was_read(visit: Visit, runs_root: Path) -> None:
    content = ROWS.replace("what they said", "text;x").replace(",", ";").encode("utf-16")
    config = DataConfig("a.csv", text_column="text", label_column="stars")
    own = Upload.create(runs_root, content, Reading("a.csv", {"delimiter": ";"}, config))
    app = add(visit(f"/data?data=own&own={own.name}"))
    app.checkbox(key="draft_data").set_value(True).run()
    app.button(key="draft_open").click().run()
    (kept,) = KeptLesson.listed(runs_root / "lessons")
    (data,) = kept.bundle().parts.values()
    assert data.decode().splitlines()[:3] == ["text,label", "a fine film number 0,5", "a dull film number 0,1"]


def test_the_run_of_the_page_travels_only_if_it_is_ticked(
    visit: Visit, finished_run: Run, runs_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs_root.mkdir(parents=True, exist_ok=True)
    (runs_root / finished_run.name).symlink_to(finished_run.path)
    app = add(visit(f"/train?run={finished_run.name}&view=scores"))
    lesson = parse(now(app).bundle().source)
    assert lesson.run == ""
    app.checkbox(key="draft_run").set_value(True).run()
    bundle = now(app).bundle()
    assert ("run", "lesson") in bundle.lesson.steps[0].panel.parameters
    assert finished_run.name not in bundle.source
    without = len(bundle.run)
    assert "draft_models" not in [box.key for box in app.checkbox], "its texts are for who started it to give"
    monkeypatch.setattr(making.equal, "started_by", lambda run, visitor: True)
    app.run().checkbox(key="draft_models").set_value(True).run()
    assert len(now(app).bundle().run) > without
    app.button(key="draft_open").click().run()
    assert not app.exception
    assert len(KeptLesson.listed(runs_root / "lessons")) == 1


def test_a_draft_that_is_gone_is_told_and_a_page_in_a_lesson_makes_none(visit: Visit) -> None:
    app = visit(f"/learn?lesson={making.KEY}")
    assert not app.exception
    assert any(plain(f"lesson={making.KEY}") in warning.value for warning in app.warning)
    app = add(visit("/data"))
    app.button(key="draft_drop").click().run()
    assert not app.exception
    assert making.KEY not in app.session_state
    assert app.button(key="open_what-is-a-mask")


def test_another_text_must_be_ticked_anew_and_the_first_ones_steps_lose_it(visit: Visit, runs_root: Path) -> None:
    config = DataConfig("a.csv", text_column="what they said", label_column="stars")
    first, second = (
        Upload.create(runs_root, (ROWS + extra).encode(), Reading("a.csv", {}, config)).name
        for extra in ("", "5,one more\n")
    )
    app = add(visit(f"/data?data=own&own={first}"))
    app.checkbox(key="draft_data").set_value(True).run()
    app.session_state["own"], app.session_state["data"] = second, "own"
    app.switch_page("pages/data.py").run()
    app = add(app)
    made = now(app)
    assert not made.travels
    assert [("data", "lesson") in step.panel.parameters for step in made.draft.steps] == [False, True]
    assert text("draft.replaced", "en") in [info.value for info in app.info]


def test_a_participant_of_a_class_makes_no_lesson(visit: Visit) -> None:
    app = visit(f"/masks?class=K7M4QP&who={new_who()}")
    assert "make_lesson_of_this" not in [button.key for button in app.button]


def test_a_lesson_is_loaded_from_its_file_and_edited_on_with_all_that_it_carries(
    visit: Visit, finished_run: Run, runs_root: Path
) -> None:
    parcel = io.BytesIO()
    export_run(finished_run, parcel)
    written = lesson("train?run=lesson&view=scores", "data?data=lesson", data="own texts.csv", run="my run.zip")
    bundle = Bundle(written, ROWS.encode(), parcel.getvalue())
    app = add(visit("/masks?lang=en"))
    app.button(key="to_shelf").click().run()
    app.file_uploader(key="lesson_file").set_value(("mine.zip", bundle.to_bytes(), "application/zip")).run()
    assert any(text("draft.title.usual", "en") in caption.value for caption in app.caption), "the draft would go"
    app.button(key="edit_own").click().run()
    assert not app.exception
    assert not app.error
    assert app.text_input(key="draft_title").value == "Carrying"
    loaded = now(app).bundle()
    assert (loaded.lesson, loaded.parts) == (bundle.lesson, bundle.parts)
    app.text_input(key="draft_title").set_value("Another").run()
    second = now(app).draft.steps[1]
    app.text_input(key=f"draft_step_title_{second.key}").set_value("Its texts").run()
    changed = now(app).bundle()
    assert (changed.lesson.title, changed.lesson.steps[1].title) == ("Another", "Its texts")
    assert (changed.data, changed.run) == (bundle.data, bundle.run)
    app.checkbox(key="draft_run").set_value(False).run()
    without = now(app).bundle()
    assert without.run == b""
    assert without.lesson.steps[0].panel.address == "train?view=scores"


def test_a_changed_copy_of_a_ready_lesson_is_another_lesson() -> None:
    ready = Bundle(source("how-sure", "en"))
    made = making.Made.of(ready)
    changed = made.bundle().lesson
    assert changed.id != ready.lesson.id
    assert changed.place == 0
    assert changed.steps == ready.lesson.steps
