"""What a lesson carries, and what becomes of it: a zip, questions for other systems, a sheet, the command."""

from __future__ import annotations

import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from carrying import lesson

from dynmask_core.cli import main
from dynmask_core.errors import InputError
from dynmask_core.learn import parse
from dynmask_core.learn.bundle import Bundle
from dynmask_core.learn.catalogue import ready, source
from dynmask_core.learn.qti import qti
from dynmask_core.learn.recorded import unpacked
from dynmask_core.learn.sheet import sheet
from dynmask_core.runs import Run
from dynmask_core.runs.store import export_run

LESSON = (
    lesson("train?data=lesson&run=lesson", data="own texts.csv", run="run.zip", hide="[settings]")
    + "\n### Predict\n\n1. How much?\n= 3.25 +- 0.5\n"
)
DATA = "text,label\ngood,1\n坏,0\n".encode("gb18030")


@pytest.fixture(scope="module")
def recorded(finished_run: Run, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("recorded") / "run.zip"
    export_run(finished_run, path)
    return path.read_bytes()


def test_a_lesson_with_its_parts_is_read_as_it_was_written(recorded: bytes, finished_run: Run, runs_root: Path) -> None:
    bundle = Bundle(LESSON, DATA, recorded)
    content = bundle.to_bytes()
    read = Bundle.read(content, "x.zip")
    assert read == bundle
    assert read.to_bytes() == content
    assert read.lesson.hide == ("settings",)
    run = unpacked(read, runs_root)
    assert run.result() == finished_run.result()
    assert run.config() == finished_run.config()


def test_a_part_that_is_missing_is_named(recorded: bytes) -> None:
    with pytest.raises(InputError, match=r"own texts\.csv"):
        Bundle(LESSON, b"", recorded).to_bytes()
    with pytest.raises(InputError, match="run"):
        Bundle(LESSON, DATA, b"something else").to_bytes()


def test_a_lesson_alone_is_a_markdown_file_or_a_zip(runs_root: Path) -> None:
    text = re.sub(r"(data|run): .*\n|\[Go\].*", "", LESSON)
    alone = Bundle(text)
    assert Bundle.read(text.encode(), "x.md") == alone
    assert Bundle.read(alone.to_bytes(), "x.zip") == alone
    with pytest.raises(InputError, match="no recorded run"):
        unpacked(alone, runs_root)


def items(content: bytes) -> list[Any]:
    """The items of a QTI 1.2 package, as XML elements without the namespace in their names."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        manifest = ElementTree.fromstring(archive.read("imsmanifest.xml"))
        files = [element.attrib["href"] for element in manifest.iter() if element.tag.endswith("}file")]
        assert files
        assert set(files) < set(archive.namelist())
        roots = [ElementTree.fromstring(archive.read(name)) for name in files]
    for root in roots:
        for element in root.iter():
            element.tag = element.tag.partition("}")[2]
    (found,) = (root for root in roots if root.tag == "questestinterop")
    return list(found.iter("item"))


KINDS = {
    "choice": "multiple_choice_question",
    "several": "multiple_answers_question",
    "number": "numerical_question",
    "text": "short_answer_question",
}


@pytest.mark.parametrize("name", [one.name for one in ready()])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_questions_reach_other_systems_with_their_kinds_and_right_answers(name: str, lang: str) -> None:
    lesson = parse(source(name, lang))
    found = items(qti(lesson))
    assert len(found) == len(lesson.questions)
    for item, question in zip(found, lesson.questions, strict=True):
        fields = [field.findtext("fieldentry") for field in item.iter("qtimetadatafield")]
        assert KINDS[question.kind] == fields[0]
        if question.choices:
            labels = [label.attrib["ident"] for label in item.iter("response_label")]
            (scored,) = (one for one in item.iter("respcondition") if one.find("setvar") is not None)
            wrong = {equal.text for no in scored.iter("not") for equal in no.iter("varequal")}
            right = {equal.text for equal in scored.iter("varequal")} - wrong
            assert right == {labels[place] for place in question.right}
        elif question.kind == "number" and question.low < question.high:
            assert float(item.find(".//vargte").text) == pytest.approx(question.low, abs=1e-4)
            assert float(item.find(".//varlte").text) == pytest.approx(question.high, abs=1e-4)


def test_the_same_question_twice_can_be_exported() -> None:
    text = LESSON.replace("= 3.25 +- 0.5", "= 1\n\n2. How much?\n= 2")
    assert len(items(qti(parse(text)))) == 2
    with pytest.raises(InputError, match="no questions"):
        qti(parse(LESSON[: LESSON.index("### Predict")]))


def test_a_sheet_for_pupils_gives_nothing_away() -> None:
    lesson = parse(
        LESSON.replace(
            "= 3.25 +- 0.5", "+ feedback\n= 3.25 +- 0.5\n\n2. Which?\n*a) this\nb) that\n\n### Reveal\n\nrevealed"
        )
        + "\n> **For the teacher:** a note\n"
    )
    pupils, teachers = sheet(lesson), sheet(lesson, teacher=True)
    for given_away in ("3.25", "feedback", "revealed", "a note", 'class="right"'):
        assert given_away not in pupils
        assert given_away in teachers
    for told in ("How much?", "this", "that"):
        assert told in pupils
    # On paper, an address can be of use to whoever opens the page for the class.
    assert "train?data=lesson" in teachers
    assert "train?data=lesson" not in pupils
    assert 'lang="zh-Hans"' in sheet(parse(LESSON.replace("language: en", "language: zh")))


def run_command(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any], str]:
    """(exit status, the JSON, standard error)."""
    status = main(["lesson", *arguments, "--json"])
    captured = capsys.readouterr()
    return status, json.loads(captured.out.splitlines()[-1]) if captured.out else {}, captured.err


def test_the_command_checks_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "mine.en.md"
    path.write_text(source("what-is-a-mask", "en"), encoding="utf-8")
    status, told, _ = run_command(capsys, "check", str(path))
    assert (status, told["problems"]) == (0, [])
    assert told["steps"] == len(parse(path.read_bytes()).steps)
    assert told["questions"] == len(parse(path.read_bytes()).questions)
    (tmp_path / "mine.zh.md").write_text(
        source("what-is-a-mask", "zh").replace("minutes: 45", "minutes: 40"), encoding="utf-8"
    )
    status, told, error = run_command(capsys, "check", str(path))
    assert status == 2
    assert [problem["code"] for problem in told["problems"]] == ["lesson_apart_front"]
    assert len(error.splitlines()) == 1
    path.write_text("words", encoding="utf-8")
    status, told, error = run_command(capsys, "check", str(path))
    assert (status, told["steps"], told["problems"][0]["line"]) == (2, 0, 1)
    assert told["problems"][0]["en"] in error
    assert "第 1 行" in told["problems"][0]["zh"]


def test_the_command_lists_and_exports(
    tmp_path: Path, recorded: bytes, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    status, told, _ = run_command(capsys, "list")
    assert status == 0
    assert "what-is-a-mask" in [line["name"] for line in told["lessons"]]
    status, told, _ = run_command(capsys, "export", "what-is-a-mask", "--to", "a.md", "--lang", "zh")
    assert (status, told["to"]) == (0, "a.md")
    assert Path("a.md").read_text(encoding="utf-8") == source("what-is-a-mask", "zh")
    Path("b.zip").write_bytes(Bundle(LESSON, DATA, recorded).to_bytes())
    assert run_command(capsys, "check", "b.zip")[0] == 0
    for name in ("c.zip", "c.html", "c.qti.zip"):
        assert run_command(capsys, "export", "b.zip", "--to", name, "--teacher")[0] == 0
    assert Path("c.zip").read_bytes() == Path("b.zip").read_bytes()
    assert "3.25" in Path("c.html").read_text(encoding="utf-8")
    assert len(items(Path("c.qti.zip").read_bytes())) == 1
    assert main(["lesson", "list"]) == 0
    assert "what-is-a-mask" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [
        ["check"], ["check", "missing.md"], ["export", "no-such-lesson", "--to", "x.md"], ["export", "what-is-a-mask"],
        ["export", "what-is-a-mask", "--to", "x.pdf"], ["export", "../../etc/passwd", "--to", "x.md"],
    ],
)  # fmt: skip
def test_wishes_that_cannot_be_fulfilled_get_one_sentence(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    status, told, error = run_command(capsys, *arguments)
    assert (status, told) == (2, {})
    assert len(error.splitlines()) == 1
    assert "Traceback" not in error
