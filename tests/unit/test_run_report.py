"""The report of a run holds what `dynmask ask` says, number for number, in HTML and Markdown and in both languages."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from report_pages import Page, tables_of, unfenced

from dynmask_core.analysis import drops
from dynmask_core.cli.main import main
from dynmask_core.config import GuessSettings
from dynmask_core.data import Dataset
from dynmask_core.errors import InputError
from dynmask_core.jobs import execute
from dynmask_core.messages import LANGUAGES, text
from dynmask_core.report import run_report
from dynmask_core.report.run_content import unanswered
from dynmask_core.runs import Run, Status

NAME = "20260502-093000-0123456789abcdef"
ARMS = ("static", "repaired")


@pytest.fixture(scope="module")
def root(finished_run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("reported")
    shutil.copytree(finished_run.path, root / NAME)
    for question in ("thresholds", "faithfulness"):  # another test may have asked
        (root / NAME / f"{question}.json").unlink(missing_ok=True)
    return root


@pytest.fixture(scope="module")
def asked(root: Path) -> Run:
    """All its questions are answered by the export of a report."""
    run = Run(root / NAME)
    assert unanswered(run) == ["thresholds", "faithfulness"]
    assert "dynmask ask" in run_report(run, ".md", "en")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(drops, "BOUNDED_TEXTS", 2)
        target = root / "report.md"
        command = ["runs", "export", NAME, "--to", str(target), "--with-questions", "--runs-dir", str(root)]
        assert main(command) == 0
    assert unanswered(run) == []
    assert target.read_text(encoding="utf-8") == run_report(run, ".md", "en")
    return run


@pytest.fixture
def ask(root: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    def said(*arguments: str) -> dict[str, Any]:
        assert main(["ask", NAME, *arguments, "--runs-dir", str(root), "--json"]) == 0
        return dict(json.loads(capsys.readouterr().out.splitlines()[-1]))

    return said


@pytest.fixture(scope="module", params=LANGUAGES)
def lang(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def page(asked: Run, lang: str) -> Page:
    return Page(run_report(asked, ".html", lang))


def table(page: Page, *columns: str) -> list[list[str]]:
    """The rows of the tables that have these columns, one after the other."""
    found = [one[1:] for one in page.tables if set(columns) <= set(one[0])]
    assert found
    return [row for one in found for row in one]


def numbers(cell: str) -> list[float]:
    return [float(number) for number in re.findall(r"-?\d+\.?\d*", cell)]


def test_faithfulness_is_that_of_ask(page: Page, ask: Any, lang: str) -> None:
    rows = iter(table(page, text("faith.comprehensiveness", lang), text("faith.f1", lang)))
    for arm in ask("--what", "faithfulness")["arms"]:
        if lang == "en":
            assert arm["said"] in page.seen
        for order, ranking in arm["rankings"].items():
            row = next(rows)
            assert row[:2] == [arm["arm"], text(f"faith.order.{order}", lang)]
            parts = [ranking[name] for name in ("comprehensiveness", "sufficiency", "more")]
            for cell, mean in zip(row[2:], [*parts, *(ranking["normalized"] or [None, None])], strict=False):
                wanted = [] if mean is None else [100 * mean[end] for end in ("mean", "low", "high")]
                assert numbers(cell) == pytest.approx(wanted, abs=0.051)
            found = [100 * ranking["precision"], 100 * ranking["f1"]]
            assert numbers(row[7]) + numbers(row[8]) == pytest.approx(found, abs=0.051)
    assert next(rows, None) is None


def test_thresholds_are_those_of_ask(page: Page, ask: Any, lang: str) -> None:
    rows = iter(table(page, "θ", text("thresholds.column.random", lang)))
    for arm in ask("--what", "thresholds")["arms"]:
        validation, test = arm["parts"]["validation"], arm["parts"]["test"]
        for i, theta in enumerate(arm["thetas"]):
            row = next(rows)
            wanted = [validation["accuracy"][i]]
            wanted += [test[name][i] for name in ("accuracy", "random_mean", "lowest", "highest", "kept")]
            wanted.append(test["flops"][i] / test["flops"][0])
            assert row[:2] == [arm["arm"], f"{theta:g}"]
            assert [float(cell) for cell in row[2:]] == pytest.approx([100 * share for share in wanted], abs=0.051)
    assert next(rows, None) is None


def test_wrong_texts_are_those_of_ask(page: Page, ask: Any, lang: str) -> None:
    rows = iter(table(page, text("wrong.text", lang), text("wrong.loss", lang)))
    for arm in ARMS:
        for told in ask("--what", "errors", "--arm", arm)["texts"]:
            row, answer = next(rows), told["answers"][arm]
            assert row[1:3] == [told["truth"], answer["predicted"]]
            assert row[0].rstrip("…") == told["text"][: len(row[0].rstrip("…"))]
            assert float(row[3]) == pytest.approx(100 * answer["probability"], abs=0.051)
            assert float(row[4]) == pytest.approx(answer["loss"], abs=0.0006)
    assert next(rows, None) is None


def test_paths_of_words_are_those_of_ask_and_have_their_picture(page: Page, ask: Any, lang: str) -> None:
    rows = iter(table(page, text("paths.word", lang), text("paths.now", lang)))
    drawn = [attributes["aria-label"] for tag, attributes in page.tags if attributes.get("role") == "img"]
    for arm in ARMS:
        found = ask("--what", "trajectories", "--arm", arm, "--top", "20")
        if lang == "en":
            assert all(sentence in page.seen for sentence in found["said"])
        moved = any(len(set(word["path"])) > 1 for word in found["words"])
        for word in found["words"][: 20 if moved else 8]:
            row = next(rows)
            assert row[:2] == [word["word"], f"{word['count']:,}"]
            assert len(row[3]) == len(word["path"]) == 4
            assert [float(cell) for cell in row[4:6]] == [word["path"][0], word["path"][-1]]
        assert any(said is not None and arm in said and "3" in said for said in drawn)


def test_scores_are_those_of_the_run(page: Page, asked: Run, lang: str) -> None:
    result = asked.result()
    assert result is not None
    rows = table(page, text("score.accuracy", lang), text("score.best_epoch", lang))
    for row, arm in zip(rows, result["arms"], strict=False):
        wanted = [arm["test"][name] for name in ("accuracy", "precision", "recall", "f1")]
        assert [float(cell) for cell in row[1:5]] == pytest.approx(wanted, abs=0.0006)
    assert len(rows) == len(result["arms"]) + len(result["reference"])


def test_markdown_has_the_same_tables_and_chinese_headings_are_chinese(asked: Run, page: Page, lang: str) -> None:
    written = run_report(asked, ".md", lang)
    assert tables_of(written) == page.tables
    headings = [line for line in unfenced(written).splitlines() if line.startswith("##")]
    assert len(headings) > 8
    if lang == "zh":
        assert all(re.search(r"[\u4e00-\u9fff]", line) for line in headings)


def test_the_page_is_one_file_that_loads_nothing(page: Page) -> None:
    for _, attributes in page.tags:
        assert not {"src", "href", "srcset", "action", "data"} & set(attributes)
    policy = next(a["content"] for tag, a in page.tags if tag == "meta" and "http-equiv" in a)
    assert policy is not None
    assert policy.startswith("default-src 'none'")


def test_an_html_file_is_the_replay_unless_a_report_is_asked_for(asked: Run, root: Path) -> None:
    where = ["--runs-dir", str(root), "--lang", "zh"]
    for what, part in (((), text("take.replay.look", "zh")), (("--what", "report"), text("run_report.result", "zh"))):
        target = root / "taken.html"
        assert main(["runs", "export", NAME, "--to", str(target), *what, *where]) == 0
        assert part in target.read_text(encoding="utf-8")


def test_a_run_that_trains_is_reported_as_far_as_it_is(finished_run: Run, tmp_path: Path) -> None:
    shutil.copytree(finished_run.path, tmp_path / NAME)
    run = Run(tmp_path / NAME)
    (run.path / "result.json").unlink()
    run.write_status(Status("training", epoch=3, epochs=9))
    written = run_report(run, ".md", "en")
    assert text("score.later") in written.replace("\\", "")
    assert text("paths.title") in written
    assert text("faith.title") not in written
    assert unanswered(run) == []
    assert not (run.path / "early.json").exists()


def test_a_run_without_an_epoch_has_nothing_to_report(tmp_path: Path, settings: Any, dataset: Dataset) -> None:
    run = Run.create(tmp_path, settings(), dataset)
    with pytest.raises(InputError, match="recorded nothing"):
        run_report(run, ".md", "en")


def test_a_run_that_guesses_words_is_reported_without_questions_on_classes(
    tmp_path: Path, settings: Any, dataset: Dataset
) -> None:
    from dataclasses import replace

    config = replace(settings("static", "dynamic", epochs=1), task=GuessSettings())
    run = Run.create(tmp_path, config, dataset)
    assert execute(run.path) == "finished"
    written = run_report(run, ".md", "en")
    assert text("run_report.validated.read") in written
    assert text("wrong.title") not in written
    assert "again.py" in written
