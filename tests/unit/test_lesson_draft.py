"""A lesson written on the pages: its file is read as what was filled in, or its author is told what to mend."""

from __future__ import annotations

from pathlib import Path

import pytest

from dynmask_core.cli import main
from dynmask_core.errors import InputError
from dynmask_core.learn import parse
from dynmask_core.learn.catalogue import ready, source
from dynmask_core.learn.draft import Draft, DraftStep
from dynmask_core.learn.lesson import Panel

MASKS = Panel("masks", (("data", "fruit"), ("edges", "(k<4)")), "Open the page")
OWN = Panel("train", (("data", "lesson"), ("run", "lesson"), ("view", "scores")), "Open the page")


def draft(*steps: DraftStep) -> Draft:
    return Draft("en", "Mine: a “first” #try", "See it.\n\n Say it. ", steps=list(steps))


def full(**changes: str) -> DraftStep:
    values = {
        "title": "Looking *back*", "before": "Some **words**.\r\n\r\n\r\n- a list\n- of two",
        "question": "How\nmany?", "answers": "3.2 +- 0.1", "feedback": "So it is.",
        "reveal": "| a | b |\n|---|---|\n| 1 | 2 |", "note": "For me.",
    }  # fmt: skip
    return DraftStep(panel=MASKS, asks="number", **{**values, **changes})  # type: ignore[arg-type]


def test_what_is_filled_in_is_read_from_the_file(tmp_path: Path) -> None:
    mine = draft(full(), DraftStep("Second", MASKS))
    mine.steps[1].after = True
    lesson = parse(mine.checked())
    assert lesson.goals == ("See it.", "Say it.")
    assert lesson.title == "Mine: a “first” #try"
    first, second = lesson.steps
    assert (first.panel, first.predict[0].text, first.predict[0].low) == (MASKS, "How many?", pytest.approx(3.1))
    assert first.before == "Some **words**.\n\n- a list\n- of two"
    assert first.note == "For me."
    assert second.panel is not None
    assert second.panel.after
    path = tmp_path / "mine.md"
    path.write_text(mine.checked(), encoding="utf-8")
    assert main(["lesson", "check", str(path)]) == 0


@pytest.mark.parametrize(
    ("asks", "answers", "right"),
    [("choice", "one\n* two\nthree", (1,)), ("text", "softmax\nthe softmax", ("softmax", "the softmax"))],
)
def test_questions_of_every_kind_keep_their_right_answers(asks: str, answers: str, right: tuple[object, ...]) -> None:
    step = full(answers=answers)
    step.asks = asks  # type: ignore[assignment]
    (question,) = parse(draft(step).checked()).questions
    assert (question.right if asks == "choice" else question.answers) == right


@pytest.mark.parametrize(
    ("asks", "answers"),
    [("choice", "one\ntwo"), ("choice", "*one"), ("choice", "*one\n*two"), ("choice", "*a\na"), ("number", "many"),
     ("number", "1\n2"), ("text", ""), ("choice", "*a\n" + "\n".join(map(str, range(40))))],
)  # fmt: skip
def test_a_question_that_cannot_be_asked_is_told_with_its_step(asks: str, answers: str) -> None:
    step = full(answers=answers)
    step.asks = asks  # type: ignore[assignment]
    with pytest.raises(InputError, match="Step 2") as refused:
        draft(full(), step).checked()
    assert refused.value.code == f"draft_{asks}"


@pytest.mark.parametrize(
    "before",
    ["## Another step", "### Reveal\n\nall", "[Go](train?epochs=3)", "> **For the teacher:** told", "# x",
     "![x](https://example.org/x.png)", "a\u202eb", "---\nid: x\n---"],
)  # fmt: skip
def test_words_that_the_file_would_read_otherwise_are_refused(before: str) -> None:
    with pytest.raises(InputError):
        draft(full(), full(before=before)).checked()


def test_own_data_and_the_run_are_named_only_if_they_travel() -> None:
    mine = draft(DraftStep("One", OWN))
    assert mine.uses("data")
    assert mine.uses("run")
    alone = parse(mine.checked())
    assert (alone.data, alone.run) == ("", "")
    assert alone.steps[0].panel is not None
    assert alone.steps[0].panel.parameters == (("view", "scores"),)
    mine.data, mine.run = "texts.csv", True
    both = parse(mine.checked())
    assert (both.data, both.run) == ("texts.csv", "run.zip")
    assert both.steps[0].panel == OWN


def test_steps_are_moved_and_removed() -> None:
    mine = draft(*(DraftStep(title, MASKS) for title in "abc"))
    mine.move(mine.steps[2].key, -1)
    mine.move(mine.steps[0].key, -1)
    mine.move(mine.steps[2].key, 1)
    assert [step.title for step in mine.steps] == ["a", "c", "b"]
    mine.remove(mine.steps[1].key)
    assert [step.title for step in mine.steps] == ["a", "b"]
    mine.steps.clear()
    with pytest.raises(InputError):
        mine.checked()


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("name", [one.name for one in ready()])
def test_a_lesson_is_loaded_into_the_form_and_written_again_without_a_loss(name: str, lang: str) -> None:
    lesson = parse(source(name, lang))
    assert parse(Draft.of(lesson).checked()) == lesson


def test_a_draft_that_is_loaded_from_its_file_has_all_its_fields_again() -> None:
    steps = [full(), full(answers="one\n*two\nthree"), full(answers="softmax\nthe softmax"), DraftStep("Last", OWN)]
    steps[1].asks, steps[2].asks = "choice", "text"
    mine = draft(*steps)
    mine.data, mine.run, mine.authors = "texts.csv", True, "A. Teacher"
    again = Draft.of(parse(mine.checked()))
    assert [step.asks for step in again.steps] == ["number", "choice", "text", "nothing"]
    assert [step.answers for step in again.steps[:3]] == ["3.2 +- 0.1", "one\n*two\nthree", "softmax\nthe softmax"]
    assert (again.data, again.run, again.authors, again.id) == ("texts.csv", True, "A. Teacher", mine.id)
    assert again.checked() == mine.checked()
    again.steps[1].answers = "*one\ntwo"
    assert parse(again.checked()).steps[1].predict[0].right == (0,)


def test_what_the_form_has_no_fields_for_stays_until_it_is_replaced() -> None:
    lesson = parse(source("how-sure", "en"))
    mine = Draft.of(lesson)
    number = next(place for place, step in enumerate(mine.steps) if step.asks == "kept")
    mine.steps[number].title = "Another title"
    changed = parse(mine.checked())
    assert changed.steps[number].predict == lesson.steps[number].predict
    assert changed.intro == lesson.intro
    mine.steps[number].asks = "nothing"
    assert parse(mine.checked()).steps[number].predict == ()
