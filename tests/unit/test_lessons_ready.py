"""What holds for every ready lesson, and for the one in the documentation; and the numbers in their prose."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatch
from math import exp, log
from pathlib import Path

import pytest

from dynmask_core.analysis.composed import compose
from dynmask_core.config import PRESETS, GuessSettings
from dynmask_core.learn import Lesson, Panel, check, differences, parse, write
from dynmask_core.learn.catalogue import find, ready, source
from dynmask_core.learn.markup import plain, to_html
from dynmask_core.messages import LANGUAGES
from dynmask_core.model.attention import REMOVED

ROOT = Path(__file__).parents[2]
ALL = [(one.name, lang) for one in ready() for lang in one.lessons]


def markdown_of(lesson: Lesson) -> Iterator[str]:
    """Every text of a lesson that is Markdown."""
    yield from (lesson.intro, lesson.note, *lesson.goals)
    for step in lesson.steps:
        yield from (step.title, step.before, step.reveal, step.note)
    for question in lesson.questions:
        yield from (question.text, question.feedback, question.if_right, question.if_wrong)
        yield from (words for choice in question.choices for words in (choice.text, choice.feedback))


def test_there_are_lessons_and_all_of_them_are_packaged() -> None:
    import tomllib

    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
    globs = settings["package-data"]["dynmask_core.learn"]
    files = [
        path.relative_to(ROOT / "dynmask_core/learn").as_posix()
        for path in (ROOT / "dynmask_core/learn").glob("**/*.*")
    ]
    assert ALL
    for name in files:
        assert name.endswith((".py", ".pyc")) or any(fnmatch(name, one) for one in globs), name


@pytest.mark.parametrize("name", [one.name for one in ready()])
def test_a_lesson_is_there_in_every_language_and_is_the_same(name: str) -> None:
    one = find(name)
    assert list(one.lessons) == list(LANGUAGES)
    first, *others = one.lessons.values()
    assert first.id == name
    for other in others:
        assert [str(error) for error in differences(first, other)] == []
    assert one.in_language("zh").language == "zh"


def test_lessons_have_places_of_their_own() -> None:
    places = [one.in_language("en").place for one in ready()]
    assert places == sorted(places)
    assert len(set(places)) == len(places)


@pytest.mark.parametrize(("name", "lang"), ALL)
def test_a_lesson_has_no_problems_and_survives_being_written(name: str, lang: str) -> None:
    text = source(name, lang)
    assert check(text) == ()
    lesson = parse(text)
    assert parse(write(lesson)) == lesson
    assert lesson.language == lang
    assert lesson.note


@pytest.mark.parametrize(("name", "lang"), ALL)
def test_each_step_has_something_to_predict_to_move_and_to_explain(name: str, lang: str) -> None:
    for step in parse(source(name, lang)).steps:
        assert step.predict, step.title
        assert step.panel or step.reveal, step.title
        assert step.explain, step.title
        assert step.panel, step.title


@pytest.mark.parametrize(("name", "lang"), ALL)
def test_every_answer_gets_feedback(name: str, lang: str) -> None:
    for question in parse(source(name, lang)).questions:
        if question.choices:
            for place, choice in enumerate(question.choices):
                assert question.judge([place]).feedback or choice.feedback, question.text
            assert question.judge(question.right).right
        elif question.kind == "text":
            assert all(question.judge(answer).right for answer in question.answers)


@pytest.mark.parametrize(("name", "lang"), ALL)
def test_no_mark_of_markdown_is_left_over_and_prose_is_in_its_language(name: str, lang: str) -> None:
    for text in markdown_of(parse(source(name, lang))):
        shown = re.sub(r"<code>.*?</code>|<[^>]*>", "", to_html(text), flags=re.DOTALL)
        assert not re.search(r"[*`]", shown), shown
        if lang == "en":
            assert not re.search("[\u4e00-\u9fff]", shown), shown
        elif len(re.findall(r"[A-Za-z]{2,}", shown)) >= 4:
            assert re.search("[\u4e00-\u9fff]", shown), shown


@pytest.mark.parametrize(("name", "lang"), ALL)
def test_text2qti_itself_reads_the_questions_alike(name: str, lang: str) -> None:
    from text2qti.config import Config
    from text2qti.quiz import Quiz

    kinds = {
        "multiple_choice_question": "choice", "true_false_question": "choice", "multiple_answers_question": "several",
        "numerical_question": "number", "short_answer_question": "text",
    }  # fmt: skip
    lines = source(name, lang).split("\n")
    starts = [place for place, line in enumerate(lines) if re.match("### (Predict|Explain|先猜一猜|说一说)$", line)]
    read = []
    for start in starts:
        end = next((place for place in range(start + 1, len(lines)) if re.match("#{2,3} |>", lines[place])), len(lines))
        read += Quiz("\n".join(lines[start + 1 : end]), config=Config()).questions_and_delims
    for theirs, ours in zip(read, parse(source(name, lang)).questions, strict=True):
        assert kinds[theirs.type] == ours.kind
        assert [choice.correct for choice in theirs.choices if ours.choices] == [
            choice.right for choice in ours.choices
        ]
        if ours.kind == "number":
            assert (theirs.numerical_min, theirs.numerical_max) == pytest.approx((ours.low, ours.high))


def test_the_lesson_of_the_documentation_is_one() -> None:
    page = (ROOT / "dynmask_core/docs/lessons.md").read_text(encoding="utf-8")
    (text,) = re.findall(r"^<!-- a lesson -->\n```markdown\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    assert [str(error) for error in check(text)] == []
    lesson = parse(text)
    assert {question.kind for question in lesson.questions} == {"choice", "several", "number", "text"}
    assert lesson.note
    assert lesson.steps[0].panel == Panel("masks", (("edges", "causal"),), "Play with the table")
    assert int(compose("causal", (), 3).edges.sum()) == lesson.questions[0].low == 6


# What is a mask?


def softmax(scores: list[float]) -> list[float]:
    powers = [exp(score) for score in scores]
    return [power / sum(powers) for power in powers]


def numbers_of_what_is_a_mask() -> set[str]:
    """Every number with a decimal point, or in per cent, that the lesson may tell: worked out, not copied."""
    cat, saw, the, itself = 2.0, 1.0, 0.0, 1.0
    row = [the, cat, saw, itself]
    powers, shares = [exp(score) for score in row], softmax(row)
    total = sum(powers)
    left = softmax([the, saw, itself])
    zeroed = softmax([the, 0.0, saw, itself])
    moved = softmax([score - 2 for score in row])
    assert moved == pytest.approx(shares)
    assert max(moved) == moved[1]
    assert row[1] - 2 == 0
    gain = total / (total - powers[1])
    assert [gain * share for share in (shares[0], shares[2], shares[3])] == pytest.approx(left)
    assert left[1] / left[0] == pytest.approx(exp(1)) == pytest.approx(shares[2] / shares[0])
    padded = softmax([*row, 0.0, 0.0])
    gate = 0.5
    half = powers[1] * gate
    gated = softmax([the, cat + log(gate), saw, itself])
    told = {f"{power:.2f}" for power in (*powers, total, total - powers[1], sum(map(exp, (the, 0, saw, itself))))}
    told |= {f"{share:.3f}" for share in (*shares, *left, zeroed[1], padded[1], 2 * padded[4], gated[1])}
    told |= {f"{gain:.2f}", f"{total + 2:.2f}", f"{half:.2f}", f"{total - half:.2f}", f"{-log(gate):.2f}"}
    # Answers that are wrong, and why: equal parts of what was taken, a share that is halved after the softmax.
    told |= {f"{shares[2] + shares[1] / 3:.3f}", f"{shares[1] / 2:.3f}", f"{1 - shares[1]:.3f}"}
    told |= {f"{softmax([the, -10.0, saw, itself])[1]:.6f}", f"{1 / 4:.2f}", f"{GuessSettings.rate:.2f}", f"{gate:.1f}"}
    return told | {f"{compose(edges, (), 6).kept:.0%}" for edges in ("causal", "(k<4)")}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_numbers_of_what_is_a_mask_are_worked_out(lang: str) -> None:
    lesson = find("what-is-a-mask").lessons[lang]
    prose = "\n".join(map(plain, markdown_of(lesson)))
    told = set(re.findall(r"\d+\.\d+%?|\d+%", prose))
    assert told == numbers_of_what_is_a_mask()
    assert "−10⁹" in prose
    assert REMOVED == -1e9


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_right_answers_of_what_is_a_mask_are_those_of_the_app(lang: str) -> None:
    lesson = find("what-is-a-mask").lessons[lang]
    numbers = [question for question in lesson.questions if question.kind == "number"]
    model = PRESETS["small"]
    share = softmax([0.0, 2.0, 1.0, 1.0])
    wanted = [
        compose("all", (), 4).edges.sum(), share[1], share[2], 1 / (1 - share[1]), exp(0),
        compose("(k<4)", (), 6).edges.sum(), compose("causal", (), 6).edges.sum(),
        40 * float(GuessSettings.rate), model.layers * (model.heads - 1),
    ]  # fmt: skip
    assert len(numbers) == len(wanted)
    for question, value in zip(numbers, wanted, strict=True):
        assert question.judge(float(value)).right, question.text
        assert not question.judge(float(value) * 1.3 + 1).right, question.text
    # The wrong answers to "what share" are shares of other stories; the right one is that of the story told.
    shares = [
        question
        for question in lesson.questions
        if re.match(r"0\.\d{3}", plain(question.choices[-1].text if question.choices else ""))
    ]
    told = [next(float(plain(choice.text)[:5]) for choice in question.choices if choice.right) for question in shares]
    worked_out = [softmax([0, 1, 1])[1], softmax([0, 0, 1, 1])[1], softmax([0, 2 + log(0.5), 1, 1])[1]]
    assert told == pytest.approx(worked_out, abs=0.0006)


def test_the_shares_of_hidden_words_are_those_that_the_lesson_tells() -> None:
    assert GuessSettings.mask_share == 0.8
    assert GuessSettings.random_share == 0.1


NARROW = 53
"""Characters of a line of code that a telephone shows without breaking it: what goes on at the margin reads as another
line."""


@pytest.mark.parametrize(("name", "lang"), ALL)
def test_lessons_are_set_as_print_is(name: str, lang: str) -> None:
    said = list(markdown_of(find(name).lessons[lang]))
    fenced = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
    for line in (line for text in said for block in fenced.findall(text) for line in block.splitlines()):
        assert len(line) <= NARROW, line
    for words in (re.sub(r"`[^`]*`", "", fenced.sub("", text)) for text in said):
        assert '"' not in words, words  # quotation marks are “ and ”
        assert not re.search(r"(?<![\w.])\.\d", words), words  # 0.5, not .5
