"""Questions to the models of a comparison: the verdict over seeds is that of a computation by hand."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from report_pages import Page, tables_of

from dynmask_core.analysis import drops, faithfulness, thresholds
from dynmask_core.analysis.faithfulness import SHARES, Faithfulness, Mean, Ranking
from dynmask_core.analysis.thresholds import Curves, Thresholds
from dynmask_core.cli.main import main
from dynmask_core.config import ModelConfig
from dynmask_core.data import Dataset, build, planted
from dynmask_core.errors import InputError
from dynmask_core.jobs import execute
from dynmask_core.messages import LANGUAGES, text, told
from dynmask_core.report import report_html, report_markdown
from dynmask_core.report.questions.over_seeds import blocks
from dynmask_core.studies import Study, StudyConfig
from dynmask_core.studies.questions import QUESTIONS, Verdict

SEEDS = range(7)
FAITHFUL, OVER_THETA = QUESTIONS["faithfulness"], QUESTIONS["thresholds"]


def mean(value: float) -> Mean:
    return Mean(value, value, value)


def ranking(normalized: float | None, lost: float, precision: float | None) -> Ranking:
    drops = [mean(lost)] * len(SHARES)
    between = None if normalized is None else [mean(normalized), mean(0.5)]
    return Ranking(drops, drops, mean(lost), mean(lost), None, between, precision, precision)


def answer(arm: str, mask: float | None, random: float = 0.3, precision: float | None = None, texts: int = 100) -> Any:
    """mask: the normalized AOPC of its order, None where it has no order."""
    if mask is None:
        return Faithfulness(arm, texts, texts, texts, {}, None, 0, 0, 0)
    rankings = {"mask": ranking(mask, mask / 2, precision), "random": ranking(random, 0.1, precision and 0.2)}
    return Faithfulness(arm, texts, texts, 0, rankings, mean(0.1), 5, 1, texts if precision else 0)


def by_hand(differences: list[float]) -> float:
    """The exact sign-flip test, by all sign patterns."""
    sums = [abs(sum(sign * d for sign, d in zip(signs, differences, strict=True)))
            for signs in itertools.product((-1, 1), repeat=len(differences))]  # fmt: skip
    return sum(total >= abs(sum(differences)) - 1e-9 for total in sums) / len(sums)


def of(verdicts: Any, arm: str, against: str, metric: str) -> Verdict:
    (found,) = [one for one in verdicts if (one.arm, one.against, one.metric) == (arm, against, metric)]
    return found  # type: ignore[no-any-return]


def test_verdicts_are_those_of_a_computation_by_hand() -> None:
    one = [0.50, 0.45, 0.61, 0.52, 0.48, 0.55, 0.40]
    other = [0.31, 0.28, 0.33, 0.29, 0.30, 0.26, 0.35]
    answers: dict[str, Any] = {
        "none": {seed: answer("none", None) for seed in SEEDS},
        "static": {seed: answer("static", other[seed], precision=0.25) for seed in SEEDS},
        "repaired": {seed: answer("repaired", one[seed], precision=0.5) for seed in SEEDS},
    }
    found = FAITHFUL.compare(answers, own_texts=True)
    assert set(found.notes) == {"none"}
    gains = {"repaired": [value - 0.3 for value in one], "static": [value - 0.3 for value in other]}
    p = {arm: by_hand(own) for arm, own in gains.items()}
    for arm, own in gains.items():
        verdict = of(found.verdicts, arm, "random", "normalized")
        assert verdict.statistics.mean == pytest.approx(np.mean(own))
        assert verdict.statistics.p_value == pytest.approx(p[arm])
        # Holm: the smaller of two counts double, the larger is no smaller than that.
        doubled = 2 * min(p.values())
        assert verdict.adjusted_p == pytest.approx(doubled if p[arm] == min(p.values()) else max(doubled, p[arm]))
        assert verdict.won == sum(gain > 0 for gain in own)
        assert verdict.texts == 5 * len(SEEDS)
        assert list(verdict.differences.values()) == pytest.approx(own)
    assert of(found.verdicts, "repaired", "random", "normalized").decision == "better"
    assert of(found.verdicts, "static", "random", "normalized").decision == "undetected"
    apart = of(found.verdicts, "repaired", "arm", "normalized")
    assert apart.baseline == "static"
    assert apart.statistics.mean == pytest.approx(np.mean(one) - np.mean(other))
    assert apart.adjusted_p == apart.statistics.p_value == pytest.approx(2 / 2**7)
    assert of(found.verdicts, "repaired", "arm", "precision").statistics.mean == pytest.approx(0.25)
    # How much is lost depends on the model: it is compared within one alone.
    assert not [one for one in found.verdicts if one.metric == "lost" and one.against == "arm"]
    assert found.metrics[0] == "normalized"


def test_a_worse_order_is_called_worse_and_few_seeds_or_texts_judge_nothing() -> None:
    low = {"repaired": {seed: answer("repaired", 0.1 + 0.01 * seed) for seed in SEEDS}}
    (verdict,) = FAITHFUL.compare(low, own_texts=True).deciding
    assert verdict.decision == "worse"
    for lang in LANGUAGES:
        assert "repaired" in told(verdict.sentence, lang)
    few = {"repaired": dict(list(low["repaired"].items())[:5])}
    assert FAITHFUL.compare(few, own_texts=True).deciding[0].decision == "too_few"
    # Five texts, the same in every seed.
    assert FAITHFUL.compare(low, own_texts=False).deciding[0].decision == "few_texts"


def test_seeds_without_an_order_are_left_out_and_said() -> None:
    values = [0.5, 0.6, None, 0.55, 0.52, 0.58, 0.61]
    answers = {"repaired": {seed: answer("repaired", values[seed]) for seed in SEEDS}}
    found = FAITHFUL.compare(answers, own_texts=True)
    (verdict,) = found.deciding
    assert sorted(verdict.differences) == [0, 1, 3, 4, 5, 6]
    assert verdict.statistics.n == 6
    assert told(found.notes["repaired"]) == text("over.flat", arm="repaired", flat=1, seeds=7)


def curved(arm: str, own: list[float], random: list[float], chosen: int) -> Thresholds:
    test = Curves(100, 100, 5, own, [1.0, 0.6, 0.2], [50.0, 30.0, 10.0], random, random, random, own, own)
    return Thresholds(arm, "", [0.0, 0.5, 1.0], 1, chosen, {"validation": test, "test": test})


def test_curves_over_seeds_are_means_and_their_verdict_rests_on_the_mean_over_theta() -> None:
    own = {seed: [0.8, 0.8 - 0.01 * seed, 0.6] for seed in SEEDS}
    random = {seed: [0.8, 0.7, 0.5 + 0.01 * seed] for seed in SEEDS}
    fixed = Thresholds("none", "other", [], 0, 0, {})
    answers: dict[str, Any] = {
        "none": dict.fromkeys(SEEDS, fixed),
        "repaired": {seed: curved("repaired", own[seed], random[seed], 0) for seed in SEEDS},
    }
    found = OVER_THETA.compare(answers, own_texts=True)
    assert told(found.notes["none"]) == text("thresholds.why.other", arm="none")
    gains = [np.mean(own[seed]) - np.mean(random[seed]) for seed in SEEDS]
    verdict = of(found.verdicts, "repaired", "random", "curve")
    assert verdict.statistics.mean == pytest.approx(np.mean(gains))
    assert verdict.statistics.p_value == pytest.approx(by_hand([float(gain) for gain in gains]))
    chosen = of(found.verdicts, "repaired", "trained", "chosen")
    assert chosen.statistics.mean == pytest.approx(np.mean([0.01 * seed for seed in SEEDS]))
    drawn = found.curves["repaired"]
    assert drawn.own == pytest.approx(np.mean(list(own.values()), 0))
    assert drawn.random == pytest.approx(np.mean(list(random.values()), 0))
    assert drawn.cost == pytest.approx([1, 0.6, 0.2])
    assert drawn.own_ends[1][0] < drawn.own[1] < drawn.own_ends[1][1]
    assert blocks(found)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory, settings: Any) -> Study:
    """Six seeds of tiny models, finished."""
    dataset, report = build(planted(texts=80, noise_words=20).table)
    base = replace(settings("none", "static", epochs=1), model=ModelConfig(8, 1, 1))
    study = Study.create(tmp_path_factory.mktemp("asked"), StudyConfig(base=base, seeds=6), dataset, report)
    for job in study.jobs:
        assert execute(study.prepare(job, dataset).path) == "finished"
    return study


@pytest.fixture
def few_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drops, "BOUNDED_TEXTS", 4)


def ask(study: Study, what: str, capsys: pytest.CaptureFixture[str], *more: str) -> dict[str, Any]:
    where = ["--runs-dir", str(study.path.parent), "--json"]
    assert main(["ask", study.name, "--what", what, *more, *where]) == 0
    return dict(json.loads(capsys.readouterr().out.splitlines()[-1]))


@pytest.mark.usefixtures("few_bounds")
def test_ask_puts_the_question_to_all_runs_and_the_report_holds_the_answer(
    study: Study, capsys: pytest.CaptureFixture[str]
) -> None:
    before = report_markdown(study, "en")
    assert "dynmask ask" in before
    assert FAITHFUL.kept(study) is None
    found, curves = ask(study, "faithfulness", capsys), ask(study, "thresholds", capsys)
    runs = [run for _, run in study.finished()]
    kept = [faithfulness.known(run)["static"].rankings for run in runs]
    own, random = ([one[name].normalized[0].mean for one in kept] for name in ("mask", "random"))  # type: ignore[index]
    (values,) = [one for one in found["values"] if one["metric"] == "normalized"]
    assert [pair["own"] for pair in values["per_seed"]] == own
    assert [pair["other"] for pair in values["per_seed"]] == random
    (verdict,) = [one for one in found["comparisons"] if one["metric"] == "normalized"]
    gains = [a - b for a, b in zip(own, random, strict=True)]
    assert verdict["mean"] == pytest.approx(np.mean(gains))
    assert verdict["p_value"] == verdict["adjusted_p"] == pytest.approx(by_hand(gains))
    areas = [thresholds.known(run)["static"].parts["test"] for run in runs]
    (area,) = [one for one in curves["comparisons"] if one["metric"] == "curve"]
    assert area["mean"] == pytest.approx(np.mean([np.mean(one.accuracy) - np.mean(one.random_mean) for one in areas]))
    for lang in LANGUAGES:
        page = Page(report_html(study, lang))
        assert tables_of(report_markdown(study, lang)) == page.tables
        assert text("over.faithfulness", lang) in page.seen
        if lang == "en":
            assert all(said in page.seen for said in (*found["verdicts"], *curves["verdicts"]))
        told_by = {tuple(one[0]): one[1:] for one in page.tables}
        (rows,) = [
            rows
            for head, rows in told_by.items()
            if text("over.metric.curve", lang) in {r[2] for r in rows if len(r) > 2}
        ]
        assert float(rows[0][3]) == pytest.approx(100 * area["mean"], abs=0.051)


def test_what_is_not_asked_of_studies_is_refused(study: Study, capsys: pytest.CaptureFixture[str]) -> None:
    where = ["--runs-dir", str(study.path.parent)]
    for more in (
        ["--what", "errors"],
        ["--what", "thresholds", "--arm", "static"],
        ["--what", "thresholds", "--epoch", "1"],
    ):
        assert main(["ask", study.name, *more, *where]) == 2
        assert "Traceback" not in capsys.readouterr().err


def test_no_verdict_while_the_study_is_worked_on_or_before_a_seed_is_complete(
    tmp_path: Path, settings: Any, dataset: Dataset
) -> None:
    report = build(planted(texts=80, noise_words=60).table)[1]
    study = Study.create(tmp_path, StudyConfig(base=settings("none", "static"), seeds=6), dataset, report)
    with pytest.raises(InputError, match="no seed"):
        OVER_THETA.answer(study)
    study.sign_of_life()
    with pytest.raises(InputError, match="under way"):
        OVER_THETA.answer(study)
