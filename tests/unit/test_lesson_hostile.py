"""Lessons by strangers: whatever the file holds, it is refused in one sentence with the line, or shown as words."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dynmask_core.errors import InputError
from dynmask_core.learn import Choice, Lesson, Question, check, parse, read
from dynmask_core.learn.bundle import Bundle
from dynmask_core.learn.qti import qti
from dynmask_core.learn.sheet import sheet
from dynmask_core.messages import LANGUAGES

FRONT = "dynmask_lesson: 1\nid: a\nlanguage: en\ntitle: t\nminutes: 1\ndifficulty: easy\ngoals: [x]\nlicence: m\n"
STEP = "\n## S\n\n### Predict\n\n1. Q?\n= 1\n"
GOOD = f"---\n{FRONT}---\n{STEP}"
SCRIPT = "<script>alert(1)</script>"


def front(more: str) -> str:
    return f"---\n{FRONT}{more}---\n{STEP}"


def body(text: str) -> str:
    return f"---\n{FRONT}---\n\n## S\n\n{text}\n"


BOMB = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"
HOSTILE = {
    "nothing": ("", "lesson_no_front"),
    "no front matter": ("# Hello\n", "lesson_no_front"),
    "open front matter": ("---\nid: a\n", "lesson_front_open"),
    "10 MB of quotes": (body(">" * 10_000_000), "lesson_large"),
    "10 MB of lists in the front matter": (front(f"prior: {'[' * 10_000_000}\n"), "lesson_large"),
    "deep quotes": (body("> " * 60 + "x"), "lesson_deep"),
    "deep lists": (body("\n".join("  " * level + "- x" for level in range(40))), "lesson_deep"),
    "deep emphasis": (body("*a _b " * 30 + "_*" * 30), "lesson_deep"),
    "deep front matter": (front(f"prior: {'[' * 300}\n"), "lesson_front_deep"),
    "long front matter": (front("prior:\n" + f"  - {'x' * 90}\n" * 99), "lesson_front_long"),
    "brackets": (body("[" * 3000), "lesson_signs"),
    "brackets in many lines": (body("[[[[\n" * 2000), "lesson_signs"),
    "tables": (body("|a|b|\n|-|-|\n" * 5000), "lesson_lines"),
    "a long line": (body("x" * 5000), "lesson_line_long"),
    "YAML bomb": (front(BOMB), "lesson_alias"),
    "a tag": (front('authors: !!python/object/apply:os.system ["true"]\n'), "lesson_tag"),
    "a harmless tag": (front("authors: !!str x\n"), "lesson_tag"),
    "two documents": (f"---\n{FRONT}...\n%YAML 1.1\n---\n{STEP}", "lesson_yaml"),
    "a merge key": (front("<<: {place: 1}\n"), "lesson_front_form"),
    "a key twice": (front("title: u\n"), "lesson_key_twice"),
    "an unknown key": (front("script: x\n"), "lesson_key_unknown"),
    "a number with 3900 digits": (front(f"place: {'9' * 3900}\n"), "lesson_value_most"),
    "a number as a key": (front("1: x\n"), "lesson_front_form"),
    "a list as a key": (front("[x]: y\n"), "lesson_front_form"),
    "a list as front matter": ("---\n- a\n---\n## S\n", "lesson_front_form"),
    "text as front matter": ("---\njust words\n---\n## S\n", "lesson_front_form"),
    "wrong types": (GOOD.replace("minutes: 1", "minutes: soon"), "lesson_needs_integer"),
    "a date": (GOOD.replace("title: t", "title: 2024-01-01"), "lesson_needs_string"),
    "yes as a number": (GOOD.replace("minutes: 1", "minutes: yes"), "lesson_needs_integer"),
    "a missing key": (GOOD.replace("licence: m\n", ""), "lesson_key_missing"),
    "no version": (GOOD.replace("dynmask_lesson: 1\n", ""), "lesson_key_missing"),
    "a version of the future": (GOOD.replace("dynmask_lesson: 1", "dynmask_lesson: 2"), "lesson_version"),
    "true as the version": (GOOD.replace("dynmask_lesson: 1", "dynmask_lesson: true"), "lesson_version"),
    "a language that is none": (GOOD.replace("language: en", "language: xx"), "lesson_value_unknown"),
    "too many minutes": (GOOD.replace("minutes: 1", "minutes: 100000"), "lesson_value_most"),
    "an id with a path": (GOOD.replace("id: a", "id: ../a"), "lesson_value_form"),
    "a part with a path": (front("data: ../../etc/passwd\n"), "lesson_value_form"),
    "a part with a drive": (front('data: "C:x"\n'), "lesson_value_form"),
    "a control to hide that is none": (front("hide: [everything]\n"), "lesson_value_unknown"),
    "no steps": (f"---\n{FRONT}---\n\nwords\n", "lesson_no_steps"),
    "too many steps": (f"---\n{FRONT}---\n" + "\n## S\n" * 50, "lesson_steps"),
    "too many questions": (f"---\n{FRONT}---\n\n## S\n\n### Predict\n" + "\n1. Q?\n= 1\n" * 120, "lesson_questions"),
    "too many problems": (body("### Predict\n" + "x\n" * 2000), "lesson_question_line"),
    "a title with #": (f"---\n{FRONT}---\n\n# T\n{STEP}", "lesson_h1"),
    "an unknown section": (body("### Answer"), "lesson_section"),
    "sections in the wrong order": (body("### Reveal\n\nx\n\n### Predict\n\n1. Q?\n= 1"), "lesson_section_order"),
    "an empty section": (body("### Predict"), "lesson_section_empty"),
    "a step without a title": (f"---\n{FRONT}---\n\n##\n", "lesson_step_title"),
    "an image": (body("![x](https://example.org/x.png)"), "lesson_image"),
    "an image by reference": (body("![x][y]\n\n[y]: https://example.org/x.png"), "lesson_image"),
    "an image in a question": (body("### Predict\n\n1. ![x](y.png)\n= 1"), "lesson_image"),
    "an image as a page": (body("[![x](y.png)](train)"), "lesson_image"),
    "a script as an address": (body("[x](javascript:alert\\(1\\))"), "lesson_address_page"),
    "a script in a link": (body("so [x](javascript:alert\\(1\\)) it is"), "lesson_link"),
    "a file in a link": (body("so <file:///etc/passwd> it is"), "lesson_link"),
    "a page in the middle of the prose": (body("so [x](train) it is"), "lesson_link"),
    "an address to elsewhere": (body("[x](//example.org/train)"), "lesson_address_page"),
    "two pages": (body("[x](train)\n\n[y](masks)"), "lesson_panels"),
    "a page above the steps": (f"---\n{FRONT}---\n\n[x](train)\n{STEP}", "lesson_panel_intro"),
    "a page with a run of others": (body("[x](train?run=20260101-000000-0123456789abcdef)"), "lesson_address_value"),
    "an invisible sign": (body("a\u202eb"), "lesson_control"),
    "a zero byte": (body("a\0b"), "lesson_control"),
    "half a letter": (body("a\ud800b"), "lesson_control"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_lesson_is_refused_in_one_sentence_that_names_the_line(name: str) -> None:
    text, code = HOSTILE[name]
    problems = check(text)
    assert code in {error.code for error in problems}
    assert len(problems) <= 50
    lines = text.count("\n") + 1
    for error in problems:
        assert 1 <= error.params["line"] <= lines
        for lang in LANGUAGES:
            sentence = error.sentence(lang)
            assert str(error.params["line"]) in sentence
            assert "\n" not in sentence
            assert len(sentence) < 600
    with pytest.raises(InputError) as raised:
        parse(text)
    assert raised.value.code == problems[0].code


def test_bytes_that_are_no_text_are_refused() -> None:
    (error,) = check(GOOD.encode() + b"\n\xff\xfe")
    assert (error.code, error.params["line"]) == ("lesson_utf8", GOOD.count("\n") + 2)
    assert check(GOOD.encode("utf-16"))[0].code == "lesson_utf8"
    assert not check(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())


class Tags(HTMLParser):
    """Notes each tag with its attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))


def everywhere(text: str) -> Lesson:
    """A lesson that holds the text wherever a text can stand."""
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')
    told = f"---\n{FRONT}---\n".replace("title: t", f'title: "{quoted}"').replace("[x]", f'["{quoted}"]')
    told = told.replace("licence: m", f'licence: "{quoted}"').replace("---\n\n", f'authors: "{quoted}"\n---\n\n')
    question = f"Title: {text}\n1. {text}\n... {text}\n+ {text}\n- {text}\n*a) {text}\n... {text}\n"
    question += f"b) other\n\n2. {text}\n* {text}\n"
    return parse(
        f"{told}\n{text}\n\n> **For the teacher:** {text}\n\n## {text}\n\n{text}\n\n### Predict\n\n{question}\n"
        f"### Reveal\n\n{text}\n\n- {text}\n"
    )


@pytest.mark.parametrize(
    "text",
    [
        SCRIPT, "<img src=x onerror=alert(1)>", "x</title>" + SCRIPT, "&lt;script&gt;x&lt;/script&gt;", "{{ 7 * 7 }}",
        "<a href='javascript:x'>y</a>", "$\\input{/etc/passwd}$", "`<b>`", "]]>" + SCRIPT, "%COMMENT",
    ],
)  # fmt: skip
def test_script_in_every_string_stays_words(text: str) -> None:
    lesson = everywhere(text)
    page = Tags()
    page.feed(sheet(lesson, teacher=True))
    assert not {tag for tag, _ in page.seen} & {"script", "img", "a", "b", "iframe", "object", "link"}
    assert not [name for _, attributes in page.seen for name in attributes if name.startswith("on")]
    assert "49" not in sheet(lesson)
    only_words(qti(lesson))


def only_words(questions: bytes) -> None:
    """Asserts that what a school's system shows of the questions has no tags but paragraphs."""
    with zipfile.ZipFile(io.BytesIO(questions)) as archive:
        for name in archive.namelist():
            if not name.endswith(".xml"):
                assert name == "non_cc_assessments/"
                continue
            for element in ElementTree.fromstring(archive.read(name)).iter():
                page = Tags()
                page.feed("".join(text for key, text in element.attrib.items() if key == "title"))
                if element.tag.endswith("}title"):
                    page.feed(element.text or "")
                assert page.seen == []
                if element.tag.endswith("}mattext"):
                    page.feed(element.text or "")
                assert {tag for tag, _ in page.seen} <= {"p"}


@pytest.mark.parametrize(
    "text",
    [
        "```{.python .run}\nimport os\n```",
        "![x](/etc/passwd)",
        "$$x$$ $y$ \\SI{1}{m}",
        "    code",
        "> q\n\n# h",
        "END_GROUP",
    ],
)
def test_questions_for_other_systems_are_words(text: str) -> None:
    lesson = everywhere("x")
    step = lesson.steps[0]
    question = Question(
        "choice", text, text, (Choice(text, True, text), Choice("y", False)), feedback=text, if_right=text
    )
    only_words(qti(replace(lesson, title=text, steps=(replace(step, title=text, predict=(question, question)),))))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=300) | st.text(max_size=300).map(GOOD.__add__) | st.text(max_size=100).map(front))
def test_no_content_raises_anything_but_the_sentence(content: bytes | str) -> None:
    reading = read(content)
    assert (reading.lesson is None) == bool(reading.problems)


def zipped(parts: dict[str, bytes | str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()


WITH_DATA = front("data: own.csv\n")
WITH_RUN = front("run: run.zip\n")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (zipped({"../lesson.md": GOOD}), "lesson_bundle"),
        (zipped({"lesson.md": GOOD, "../../evil.py": "x"}), "lesson_bundle_name"),
        (zipped({"lesson.md": GOOD, "/etc/passwd": "x"}), "lesson_bundle_name"),
        (zipped({"lesson.md": GOOD, "more/": ""}), "lesson_bundle_name"),
        (zipped({"lesson.md": GOOD, "own.csv": "a"}), "lesson_bundle_name"),
        (zipped({"lesson.md": WITH_DATA}), "lesson_bundle_part"),
        (zipped({"lesson.md": WITH_DATA, "own.csv": bytes(21 * 2**20)}), "lesson_bundle_large"),
        (zipped({"lesson.md": bytes(10_000_000)}), "lesson_bundle_large"),
        (zipped({"lesson.md": "words"}), "lesson_no_front"),
        (zipped({"lesson.md": WITH_RUN, "run.zip": "no zip"}), "lesson_bundle_run"),
        (zipped({"lesson.md": WITH_RUN, "run.zip": zipped({"config.json": "{}"})}), "lesson_bundle_run"),
        (zipped({"lesson.md": WITH_RUN, "run.zip": zipped({"config.json": "{}", "x.py": ""})}), "lesson_bundle_run"),
        (zipped({"lesson.md": WITH_RUN, "run.zip": zipped({"config.json": "[" * 100_000})}), "lesson_bundle_run"),
        (zipped({"lesson.md": WITH_RUN, "run.zip": zipped({f"snapshots/epoch_{n:04d}.npz": "" for n in range(300)})}),
         "lesson_bundle_run"),
        (zipped({"lesson.md": GOOD})[:-30], "lesson_bundle"),
        (b"PK\x03\x04" + b"x" * 99, "lesson_bundle"),
        (b"PK" + bytes(49 * 2**20), "lesson_bundle_large"),
        (WITH_DATA.encode(), "lesson_bundle_part"),
        (b"\xff\xfe\x00", "lesson_utf8"),
        (b"", "lesson_no_front"),
    ],
)  # fmt: skip
def test_a_hostile_zip_is_refused_and_writes_nothing(
    content: bytes, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError) as raised:
        Bundle.read(content, "x\u202e.zip")
    assert raised.value.code == code
    for lang in LANGUAGES:
        assert "\n" not in raised.value.sentence(lang)
    assert list(tmp_path.iterdir()) == []


def test_of_a_zip_that_lies_about_its_size_the_true_bytes_count() -> None:
    honest = zipped({"lesson.md": WITH_DATA, "own.csv": b"text,label\n" * 1000})
    # In the directory at the end, the size that own.csv unpacks to becomes 5 bytes.
    place = honest.rindex(b"own.csv") - 46 + 24
    lying = honest[:place] + (5).to_bytes(4, "little") + honest[place + 4 :]
    assert Bundle.read(lying, "x.zip").data == Bundle.read(honest, "x.zip").data


def test_what_a_system_puts_beside_is_not_minded() -> None:
    assert Bundle.read(zipped({"lesson.md": GOOD, "__MACOSX/._lesson.md": "x"}), "x.zip").source == GOOD
