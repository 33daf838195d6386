"""A lesson that a visitor brings: kept under a link that others can open, deleted by who brought it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from streamlit.testing.v1 import AppTest

from dynmask_core.learn.bundle import Bundle
from dynmask_core.learn.catalogue import source
from dynmask_core.learn.kept import KeptLesson
from dynmask_core.messages import text

Visit = Callable[..., AppTest]
SOURCE = source("how-sure", "zh").replace("id: how-sure", "id: my-own")


def bring(app: AppTest, content: bytes, name: str = "mine.md") -> AppTest:
    app.file_uploader(key="lesson_file").set_value((name, content, "text/markdown")).run()
    assert not app.exception
    return app


def test_a_lesson_that_is_brought_is_opened_by_others_by_its_link(visit: Visit, runs_root: Path) -> None:
    app = bring(visit("/learn"), SOURCE.encode())
    (kept,) = KeptLesson.listed(runs_root / "lessons")
    link = app.code[0].value
    assert link.endswith(f"?lesson={kept.name}")
    assert Bundle(SOURCE).lesson.title not in link
    app.button(key="open_own").click().run()
    assert not app.exception
    title = app.title[0].value
    other = visit(f"/learn?lesson={kept.name}&step=2&lang=en")
    assert not other.exception
    assert other.title[0].value == title
    assert other.session_state["step"] == 2


def test_who_brought_a_lesson_can_have_it_deleted_and_its_link_says_so(visit: Visit, runs_root: Path) -> None:
    app = bring(visit("/learn"), SOURCE.encode())
    (kept,) = KeptLesson.listed(runs_root / "lessons")
    app.button(key="forget_own").click().run()
    assert not app.exception
    assert KeptLesson.listed(runs_root / "lessons") == []
    assert not [button for button in app.button if button.key == "open_own"]
    other = visit(f"/learn?lesson={kept.name}")
    assert not other.exception
    assert [error.value for error in other.error] != []
    assert other.button(key="open_what-is-a-mask")
    assert "lesson" not in other.query_params


def test_a_lesson_can_be_deleted_where_it_is_read_by_who_brought_it_alone(visit: Visit, runs_root: Path) -> None:
    kept = KeptLesson.create(runs_root, Bundle(SOURCE), "anna")
    stranger = visit(f"/learn?lesson={kept.name}", visitor="ben")
    assert "forget_own" not in [button.key for button in stranger.button]
    app = visit(f"/learn?lesson={kept.name}", visitor="anna")
    app.button(key="forget_own").click().run()
    assert not app.exception
    assert KeptLesson.listed(runs_root / "lessons") == []
    assert [toast.value for toast in app.toast] == [text("learn.own.forgotten", app.session_state["lang"])]
    assert app.button(key="open_what-is-a-mask")


def test_a_file_that_is_no_lesson_is_refused_and_not_kept(visit: Visit, runs_root: Path) -> None:
    app = bring(visit("/learn?lang=en"), b"# words")
    assert app.error[0].value.replace("\\", "") == text("error.lesson_no_front", "en", line=1)
    assert not KeptLesson.listed(runs_root / "lessons")
