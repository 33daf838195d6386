"""Reports: the numbers are the study's, nothing is loaded, a reader's words stay words, in both languages."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from report_pages import Page, tables_of, unfenced

from dynmask_core.config import DataConfig, ExperimentConfig, ModelConfig
from dynmask_core.data import build, planted
from dynmask_core.data.variants import transfer_to
from dynmask_core.errors import InputError
from dynmask_core.evaluate.statistics import interval
from dynmask_core.masks.naming import named
from dynmask_core.messages import LANGUAGES, told
from dynmask_core.report import report_html, report_markdown, write_report
from dynmask_core.studies import Study, StudyConfig
from dynmask_core.studies.command import command_of
from dynmask_core.studies.comparison import Comparison, compare, transfer, verdict
from dynmask_core.studies.cost import costs
from dynmask_core.studies.results import METRICS, results

EVIL = ("<script>alert(1)</script> | x", "# no _heading_ | `y` @z")
SOURCE = """evil | <img src="https://example.org/a.png"> 'q' #.csv"""
ARMS = ("none", "lexicon:good#|<b>bad</b>")
Make = Callable[..., Study]


@pytest.fixture(scope="module")
def make(tmp_path_factory: pytest.TempPathFactory, settings: Any) -> Make:
    """Makes a study with evil names and trains its first `runs` runs."""
    from dynmask_core.jobs import execute

    table = planted(texts=80, noise_words=40).table
    table.frame["label"] = table.frame["label"].map(dict(zip(("class_0", "class_1"), EVIL, strict=True)))
    other = planted(texts=30, noise_words=40, seed=1).table
    other.frame["label"] = other.frame["label"].map(dict(zip(("class_0", "class_1"), EVIL, strict=True)))
    dataset, report = build(table)
    joined, _ = transfer_to(dataset, build(other)[0])
    base: ExperimentConfig = replace(
        settings(*ARMS, epochs=1, learning_rate=0.01), model=ModelConfig(8, 1, 1), data=DataConfig(SOURCE)
    )
    root = tmp_path_factory.mktemp("studies")

    def made(*, runs: int | None = None, arms: tuple[str, ...] = ARMS, **what: Any) -> Study:
        config = StudyConfig(base=replace(base, arms=arms), **what)
        study = Study.create(root, config, joined if config.test_on else dataset, report)
        texts = study.dataset()
        for job in study.jobs[:runs]:
            execute(study.prepare(job, texts).path)
        return study

    return made


@pytest.fixture(scope="module")
def study(make: Make) -> Study:
    return make(kind="compare", seeds=6, test_on="other.csv")


@pytest.fixture(scope="module")
def comparison(study: Study) -> Comparison:
    return compare(results(study), ARMS)


@pytest.fixture(scope="module", params=LANGUAGES)
def lang(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def page(study: Study, lang: str) -> Page:
    return Page(report_html(study, lang))


def numbers(cells: list[str]) -> list[float]:
    """All numbers in cells, "–" left out."""
    return [float(number) for cell in cells for number in re.findall(r"[-+]?\d+\.?\d*", cell)]


def table(page: Page, columns: int, rows: int) -> list[list[str]]:
    """The one table of that size, its head left out."""
    found = [one for one in page.tables if len(one) == rows + 1 and len(one[0]) == columns]
    assert len(found) == 1
    return found[0][1:]


def test_the_scores_are_those_of_the_comparison(page: Page, comparison: Comparison, lang: str) -> None:
    for row, arm in zip(table(page, 10, 2), ARMS, strict=True):
        accuracy = comparison.scores(arm)
        assert row[0] == told(named(arm), lang)
        wanted = [accuracy.mean(), *interval(accuracy), accuracy.std(ddof=1)]
        wanted += [comparison.scores(arm, metric).mean() for metric in METRICS[1:]]
        assert numbers(row[1:7]) == pytest.approx([100 * value for value in wanted], abs=0.051)
        seconds, kept = (comparison.numbers(arm, name).mean() for name in ("seconds", "kept_fraction"))
        assert numbers(row[7:9]) == pytest.approx([seconds, 100 * kept], abs=0.06)
        counted = comparison.numbers(arm, "training_flops").mean()
        assert row[9] == f"{counted / 1e6:#.3g} M"


def test_the_differences_are_those_of_the_comparison(page: Page, comparison: Comparison) -> None:
    for row, d in zip(table(page, 9, 4), comparison.differences, strict=True):
        own = d.statistics
        assert numbers(row[2:5]) == pytest.approx([100 * v for v in (own.mean, *own.ci95, own.sd)], abs=0.051)
        wanted = [own.p_value, d.adjusted_p, own.probability_of_improvement]
        assert numbers(row[5:8]) == pytest.approx(wanted, abs=0.006)


def test_same_texts_cost_and_transfer_are_those_of_the_comparison(page: Page, comparison: Comparison) -> None:
    (check,) = comparison.same_texts
    (row,) = table(page, 4, 1)
    won, lost = (sum(getattr(seed, name) for seed in check.seeds) / 6 for name in ("only_treated", "only_baseline"))
    assert numbers(row[1:]) == pytest.approx([won, lost, check.p_value], abs=0.06)
    for row, one in zip(table(page, 5, 6), check.seeds, strict=True):
        assert numbers(row[2:]) == pytest.approx([one.only_treated, one.only_baseline, one.p_value], abs=0.001)
    for row, spent in zip(table(page, 9, 2), costs(comparison), strict=True):
        wanted = [100 * spent["accuracy"], spent["seconds"], spent["seconds_ratio"]]
        assert numbers(row[1:4]) == pytest.approx(wanted, abs=0.06)
        assert [cell != "–" for cell in row[7:]] == [spent["seconds_frontier"], spent["training_flops_frontier"]]
    for row, arm in zip(table(page, 5, 2), ARMS, strict=True):
        found = transfer(comparison, arm)
        wanted = [found["home"], found["away"], found["drop"], *found["ci95"]]
        assert numbers(row[1:]) == pytest.approx([100 * value for value in wanted], abs=0.051)


def test_every_seed_stands_in_the_report(page: Page, study: Study) -> None:
    for row, result in zip(table(page, 13, 12), results(study), strict=True):
        assert (row[0], row[1], row[2]) == (result.arm, result.run[-8:], str(result.seed))
        assert numbers(row[4:8]) == pytest.approx([100 * result.score(metric) for metric in METRICS], abs=0.051)


def test_the_verdict_stands_first_in_plain_words(page: Page, comparison: Comparison, lang: str) -> None:
    said = verdict(comparison.of("accuracy")[0], comparison, lang)
    assert said in page.seen
    assert page.seen.index(said) < 800


def test_markdown_has_the_same_tables(study: Study, page: Page, lang: str) -> None:
    assert tables_of(report_markdown(study, lang)) == page.tables


def test_the_page_loads_nothing(page: Page) -> None:
    for _, attributes in page.tags:
        assert not {"src", "href", "srcset", "action", "data"} & set(attributes)
    policy = next(a["content"] for tag, a in page.tags if tag == "meta" and "http-equiv" in a)
    assert policy is not None
    assert policy.startswith("default-src 'none'")
    assert "://" not in policy


def test_names_stay_words(study: Study, page: Page, lang: str) -> None:
    assert {tag for tag, _ in page.tags}.isdisjoint({"b", "img"})
    assert all(name in page.seen for name in (*EVIL, SOURCE, ARMS[1]))
    written = report_html(study, lang)
    assert "<script>alert" not in written
    assert "<b>bad" not in written
    outside = unfenced(report_markdown(study, lang))
    assert "<script" not in outside
    assert "<b>" not in outside
    assert "https://" not in outside
    assert "@z" not in outside
    headings = [line for line in outside.splitlines() if line.startswith("#")]
    assert not any("heading" in line for line in headings)


def test_the_command_in_the_report_repeats_the_study(page: Page, study: Study) -> None:
    assert page.code == command_of(study.config)
    words = shlex.split(page.code, comments=True)
    assert words[:3] == ["dynmask", "compare", SOURCE]
    assert words[words.index("--arms") + 1] == ",".join(ARMS)


def test_chinese_headings_are_chinese(study: Study) -> None:
    headings = [line for line in unfenced(report_markdown(study, "zh")).splitlines() if line.startswith("#")]
    assert len(headings) > 8
    assert all(re.search(r"[\u4e00-\u9fff]", line) for line in headings)


def test_an_unfinished_study_says_so(make: Make) -> None:
    begun = make(kind="compare", seeds=6, runs=1)
    assert "1 of 6 runs are done" in report_markdown(begun, "en")
    untouched = make(kind="compare", seeds=6, runs=0)
    assert "0 of 6 runs are done" in Page(report_html(untouched, "en")).seen
    for kind in ({"kind": "sweep", "axes": (("step_size", (0.1, 0.2)),)}, {"kind": "curve", "sizes": (10, 20)}):
        assert "runs are done" in report_markdown(make(seeds=2, runs=0, **kind), "en")


def test_a_finished_study_does_not(study: Study) -> None:
    assert "not finished" not in report_markdown(study, "en")


def test_a_sweep_reports_its_choice_and_all_cells(make: Make, lang: str) -> None:
    axes = (("step_size", (0.1, 0.2)), ("evidence_threshold", (0.0, 1.0)), ("dropout", (0.1,)))
    swept = make(kind="sweep", seeds=1, arms=("repaired",), axes=axes)
    written = report_markdown(swept, lang)
    assert "★" in written
    assert Page(report_html(swept, lang)).tables == tables_of(written)
    cells = next(table for table in tables_of(written) if len(table) == 5 and len(table[0]) == 8)
    assert [row[1:3] for row in cells[1:]] == [["0.1", "0"], ["0.1", "1"], ["0.2", "0"], ["0.2", "1"]]


def test_a_curve_reports_every_size(make: Make, lang: str) -> None:
    drawn = make(kind="curve", seeds=2, arms=("none", "static"), sizes=(12, 24))
    sizes = next(table for table in tables_of(report_markdown(drawn, lang)) if len(table[0]) == 9)
    none, static = (told(named(arm), lang) for arm in ("none", "static"))
    assert [row[:2] for row in sizes[1:]] == [[none, "12"], [none, "24"], [static, "12"], [static, "24"]]
    assert Page(report_html(drawn, lang)).tables == tables_of(report_markdown(drawn, lang))


def test_a_report_is_written_by_its_ending(study: Study, tmp_path: Path) -> None:
    for ending, start in ((".html", "<!doctype html>"), (".MD", "# ")):
        path = tmp_path / f"report{ending}"
        write_report(study, path, "en")
        assert path.read_text(encoding="utf-8").startswith(start)
    with pytest.raises(InputError, match="neither"):
        write_report(study, tmp_path / "report.pdf", "en")
