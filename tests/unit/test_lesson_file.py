"""A lesson's file: what is read from it, what is written to it, and what an address in it may say."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dynmask_core.errors import InputError
from dynmask_core.learn import Choice, Lesson, Panel, Question, Step, check, differences, parse, write
from dynmask_core.learn.markup import inline_html, plain, stressed, to_html
from dynmask_core.learn.pages import read_address

HEAD = """---
dynmask_lesson: 1
id: small
language: en
title: "Small: a lesson"
minutes: 5
difficulty: easy
goals: [one]
licence: CC0-1.0
---
"""


def asked(text: str, **front: Any) -> Question:
    """The only question of a lesson with this text under Predict."""
    (question,) = parse(f"{HEAD}\n## Step\n\n### Predict\n\n{text}\n").questions
    return question


def code(text: str) -> tuple[str, int]:
    """Code and line of the first problem."""
    first = check(text)[0]
    return first.code, first.params["line"]


def test_a_step_is_cut_at_its_headings() -> None:
    text = (
        f"{HEAD}\nIntro.\n\n> **For the teacher.** All.\n\n## One *step*\n\nBefore.\n\n"
        "[Go](masks?family=head)\n\nMore.\n\n"
        "### predict\n\n1. Q?\n= 3\n\n> **给老师：** among\n> questions\n\n### Reveal\n\nAfter.\n\n> A quote.\n\n"
        "### Explain\n\n"
        "1. Why?\n*a) x\nb) y\n\n## Two\n"
    )
    lesson = parse(text)
    assert (lesson.title, lesson.intro, lesson.note) == ("Small: a lesson", "Intro.", "All.")
    one, two = lesson.steps
    assert (one.title, one.before, one.reveal) == ("One *step*", "Before.\n\nMore.", "After.\n\n> A quote.")
    assert one.note == "among\nquestions"
    assert one.panel == Panel("masks", (("family", "head"),), "Go")
    assert [question.kind for question in lesson.questions] == ["number", "choice"]
    assert text.split("\n")[one.predict[0].line - 1] == "1. Q?"
    assert two == Step("Two")


def test_a_page_shown_after_the_prediction_is_told_from_one_shown_before() -> None:
    panel = parse(f"{HEAD}\n## A\n\n### Reveal\n\n[x](train)\n").steps[0].panel
    assert panel is not None
    assert panel.after


@pytest.mark.parametrize(
    ("written", "low", "high"),
    [("3.2 +- 0.1", 3.1, 3.3), ("-2 +- 50%", -3, -1), ("[3, 4.5]", 3, 4.5), ("7", 7, 7), ("+7", 7, 7)],
)
def test_numbers_have_a_margin(written: str, low: float, high: float) -> None:
    question = asked(f"1. How much?\n= {written}")
    assert (question.low, question.high) == (low, high)
    assert question.judge(low).right
    assert question.judge(high).right
    assert not question.judge(high + 0.01).right
    assert not question.judge(math.nan).right


def test_answers_are_judged_and_get_the_feedback_that_fits() -> None:
    text = "1. Q?\n... always\n+ well done\n- no\n"
    one = asked(f"{text}*a) x\n... chosen\nb) y\n")
    assert one.judge(0).feedback == ("chosen", "well done", "always")
    assert one.judge([1]).feedback == ("no", "always")
    several = asked(f"{text}[*] x\n[*] y\n[ ] z\n... not z\n")
    assert several.judge([0, 1]).right
    assert several.judge([0]).feedback == ("no", "always")
    assert several.judge({0, 1, 2}).feedback == ("not z", "no", "always")
    words = asked(f"{text}* softmax\n* 软最大\n")
    assert words.judge(" ＳｏｆｔＭａｘ. ").right
    assert not words.judge("").right


def test_text_goes_on_in_indented_lines() -> None:
    question = asked("Title: T\n1.  one\n    two 三\n    四\n*a) yes\n    indeed\n    ... and\nb) no\n% left out\n")
    assert (question.title, question.text) == ("T", "one two 三四")
    assert question.choices[0].text == "yes indeed ... and"


@pytest.mark.parametrize(
    ("text", "problem", "line"),
    [
        ("1. Q?\n*a) x", "lesson_choices", 1),
        ("1. Q?\na) x\nb) y", "lesson_one_right", 1),
        ("1. Q?\n*a) x\n*b) y", "lesson_one_right", 1),
        ("1. Q?\n[ ] x\n[ ] y", "lesson_none_right", 1),
        ("1. Q?\n*a) x\nb) **X**", "lesson_choice_twice", 1),
        ("1. Q?\n*a) x\nb) y\n[ ] z", "lesson_question_mixed", 4),
        ("1. Q?\n= 1\n= 2", "lesson_question_mixed", 3),
        ("1. Q?\n= one", "lesson_number", 2),
        ("1. Q?\n= 3 +- -1", "lesson_number", 2),
        ("1. Q?\n= 0", "lesson_number_zero", 2),
        ("1. Q?\n= [0, 1]", "lesson_number_zero", 2),
        ("1. Q?", "lesson_no_answer", 1),
        ("*a) x", "lesson_question_first", 1),
        ("What?\n\n1. Q?\n= 1", "lesson_question_line", 1),
        ("1. Q?\n= 1\n+ well", "lesson_feedback_late", 3),
        ("1. Q?\n+ a\n+ b\n= 1", "lesson_feedback_twice", 3),
        ("1. Q?\n= 1\nTitle: T", "lesson_title_alone", 1),
        (f"1. {'x' * 2500}\n= 1", "lesson_wording", 1),
    ],
)
def test_a_wrong_question_is_told_with_its_line(text: str, problem: str, line: int) -> None:
    before = f"{HEAD}\n## Step\n\n### Predict\n"
    found, where = code(f"{before}{text}\n")
    assert found == problem
    # The last "Title:" is told with the heading above it.
    assert where - before.count("\n") in (line, 0)


def test_an_address_keeps_what_it_says() -> None:
    panel = read_address("train?baseline=none&dynamic=repaired+window:4&alpha=0.1&view=watch", "Go", 3)
    assert dict(panel.parameters)["dynamic"] == "repaired+window:4"
    assert read_address(panel.address, "Go", 3) == panel
    own = read_address("masks?edges=%28k%3C4%29", "Go", 3)
    assert own.parameters == (("edges", "(k<4)"),)
    assert read_address(own.address, "Go", 3) == own


@pytest.mark.parametrize(
    "address",
    [
        "https://example.org/train", "//example.org", "/train", "../train", "javascript:alert(1)", "data:text/html,x",
        "train?run=20260101-000000-0123456789abcdef", "train?lang=zh", "train?view=nothing", "train?alpha=0.3",
        "train?tau=nan", "train?tau=-1", "train?theta=1e-1", "train?epochs=61", "train?seed=９",
        "train?dynamic=no_such", "train?dynamic=", "train?view=watch&view=ask", "train?", "train?view", "train?&&",
        "masks?edges=import os", "masks#x", "mlm?refresh=static,often", "home?data=fruit",
        "train?data=%ff", "train?data=C:/secret", "nowhere", "",
        "train?" + "&".join(f"x{i}=1" for i in range(99)), f"train?data={'x' * 3000}",
    ],
)  # fmt: skip
def test_an_address_to_elsewhere_or_of_no_use_is_refused(address: str) -> None:
    with pytest.raises(InputError, match=r"^Line 7: "):
        read_address(address, "Go", 7)


def test_only_a_lesson_with_parts_speaks_of_them() -> None:
    step = "\n## A\n\n[x](train?data=lesson)\n"
    assert code(HEAD + step)[0] == "lesson_carries_none"
    assert not check(HEAD.replace("licence", "data: own.csv\nlicence") + step)


def test_links_and_images_of_strangers_are_words() -> None:
    assert to_html("[a](https://x.org) ![b](https://x.org/y.png) <b>c</b>") == (
        "<p>a (https://x.org) b &lt;b&gt;c&lt;/b&gt;</p>\n"
    )
    assert inline_html("<https://x.org>") == "https://x.org"
    assert plain("*a* `b` <i> &amp; [c](https://d.org)") == "a b <i> & c"


def test_a_label_keeps_stress_and_nothing_else() -> None:
    def escaped(words: str) -> str:
        return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", words)

    assert stressed("*a* is **b**, `c`", escaped) == r"*a* is **b**\, c"
    assert stressed("![a](https://x.org) <b> 2 * 3", escaped) == r"a \<b\> 2 \* 3"
    assert stressed("*猫*，[狗](https://x.org)", escaped) == "*猫*，狗"


def test_a_line_of_chinese_goes_on_without_a_space() -> None:
    assert to_html("地方，\n“作用” *自己*\n的 a\nb") == "<p>地方，“作用” <em>自己</em>的 a\nb</p>\n"
    assert plain("地方\n作用 a\nb") == "地方作用 a b"


words = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S")), min_size=1, max_size=12)
plain_words = st.text("abc 字γ.,?", min_size=1, max_size=20).map(lambda text: f"x{text}".strip())
choices = st.lists(plain_words, min_size=2, max_size=4, unique_by=str.casefold)


@st.composite
def questions(draw: st.DrawFn) -> Question:
    kind = draw(st.sampled_from(["choice", "several", "number", "text"]))
    told = {name: draw(st.just("") | plain_words) for name in ("title", "feedback", "if_right", "if_wrong")}
    text = draw(plain_words)
    if kind == "number":
        low = draw(st.integers(1, 9999))
        return Question("number", text, low=low / 100, high=(low + draw(st.integers(0, 99))) / 100, **told)
    if kind == "text":
        return Question("text", text, answers=tuple(draw(st.lists(plain_words, min_size=1, max_size=3))), **told)
    offered = draw(choices)
    right = draw(st.integers(0, len(offered) - 1))
    made = tuple(
        Choice(words, place == right or (kind == "several" and draw(st.booleans())), draw(st.just("") | plain_words))
        for place, words in enumerate(offered)
    )
    return Question(kind, text, choices=made, **told)


@st.composite
def lessons(draw: st.DrawFn) -> Lesson:
    language = draw(st.sampled_from(["en", "zh"]))
    panel = Panel("train", (("dynamic", "causal"), ("epochs", "3")), "Go")
    steps = []
    for _ in range(draw(st.integers(1, 3))):
        after = draw(st.booleans())
        steps.append(
            Step(
                draw(plain_words), draw(st.just("") | plain_words), tuple(draw(st.lists(questions(), max_size=2))),
                draw(plain_words), tuple(draw(st.lists(questions(), max_size=1))),
                draw(st.none() | st.just(replace(panel, after=after))), draw(st.just("") | plain_words),
            )
        )  # fmt: skip
    return Lesson(
        "an-id", language, draw(words), draw(st.integers(1, 99)), "hard",
        tuple(draw(st.lists(words, min_size=1, max_size=3))),
        tuple(draw(st.lists(words, max_size=2))), draw(words), tuple(steps), draw(st.just("") | plain_words),
        hide=draw(st.sampled_from([(), ("settings", "alpha")])),
    )  # fmt: skip


@settings(max_examples=20, deadline=None)
@given(lessons())
def test_a_lesson_is_read_as_it_was_written(lesson: Lesson) -> None:
    assert parse(write(lesson)) == lesson


def test_languages_of_one_lesson_are_compared() -> None:
    text = f"{HEAD}\n## A\n\nx\n\n[x](masks?family=head)\n\n### Predict\n\n1. Q?\n*a) x\nb) y\n"
    lesson = parse(text)
    assert (
        differences(lesson, parse(text.replace("Q?", "问？").replace("masks?family=head", "masks?family=head"))) == ()
    )

    def apart(old: str, new: str) -> list[str]:
        return [error.code for error in differences(lesson, parse(text.replace(old, new)))]

    assert apart("minutes: 5", "minutes: 6") == ["lesson_apart_front"]
    assert apart("*a) x\nb) y", "a) x\n*b) y") == ["lesson_apart_answer"]
    assert apart("family=head", "family=gate") == ["lesson_apart_panel"]
    assert apart("\nx\n", "\n") == ["lesson_apart_parts"]
    assert apart("1. Q?", "1. R?\n= 1\n\n2. Q?") == ["lesson_apart_questions"]
    assert apart("\n## A", "\n## B\n\n## A") == ["lesson_apart_steps"]
