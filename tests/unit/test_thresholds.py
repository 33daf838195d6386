"""What a trained model does at another θ: the curves are those of real evaluations."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dynmask_core.analysis import removal
from dynmask_core.analysis.subject import Subject
from dynmask_core.analysis.thresholds import GRID, PARTS, Thresholds, known, thresholds
from dynmask_core.cli import main
from dynmask_core.data import Dataset
from dynmask_core.errors import InputError
from dynmask_core.events import EpochEnd
from dynmask_core.jobs import execute
from dynmask_core.masks.ops.evidence import association
from dynmask_core.masks.word_table import TokenValues
from dynmask_core.runs import Run
from dynmask_core.tasks import task_of


@pytest.fixture(scope="module")
def curves(finished_run: Run) -> dict[str, Thresholds]:
    return thresholds(finished_run)


def at(run: Run, arm: str, theta: float) -> Subject:
    """The trained arm with another θ."""
    subject = Subject.open(run, arm)
    for part in subject.strategy.parts:
        assert isinstance(part, TokenValues)
        part.threshold = theta
    return subject


def best_epoch(run: Run, arm: str) -> int:
    result = run.result()
    assert result is not None
    return int(next(one["best_epoch"] for one in result["arms"] if one["name"] == arm))


@pytest.mark.parametrize("arm", ["static", "repaired"])
@pytest.mark.parametrize("theta", [0.0, 0.35, 0.5, 0.55, 1.0])
def test_a_curve_is_what_an_evaluation_at_that_theta_gives(
    finished_run: Run, curves: dict[str, Thresholds], arm: str, theta: float
) -> None:
    config, data = finished_run.config(), finished_run.dataset()
    task, i = task_of(config).of(config, data), curves[arm].thetas.index(theta)
    for part in PARTS:
        again = task.evaluate(at(finished_run, arm, theta), part, best_epoch(finished_run, arm))
        found = curves[arm].parts[part]
        assert found.accuracy[i] == again.scores["accuracy"]
        assert found.kept[i] == again.usage.kept_fraction
        assert found.flops[i] == again.usage.flops_per_token


def test_the_theta_of_training_gives_the_scores_of_the_run(finished_run: Run, curves: dict[str, Thresholds]) -> None:
    result = finished_run.result()
    assert result is not None
    for scored in result["arms"]:
        found = curves[scored["name"]]
        assert found.thetas[found.trained] == finished_run.config().controls.keep_threshold
        for part in PARTS:
            assert found.parts[part].accuracy[found.trained] == scored[part]["accuracy"]
        assert found.parts["test"].kept[found.trained] == scored["kept_fraction"]


@pytest.mark.parametrize("name", ["lowest", "highest", "random"])
def test_in_place_of_the_words_below_theta_as_many_others_leave_each_text(
    finished_run: Run, curves: dict[str, Thresholds], name: str
) -> None:
    """Text by text, in plain loops. With `static` no two words have the same value."""
    found, theta = curves["static"], 0.4
    opened = removal.Opened.of(finished_run)
    subject, epoch = opened.subject("static")
    corpus, table = opened.corpus, subject.strategy.word_mask()
    assert table is not None
    training = [corpus.ids[row][1:] for row in corpus.rows("train")]
    counts = np.zeros((len(corpus.classes), len(corpus.vocabulary)), dtype=np.int64)
    for row, ids in zip(corpus.rows("train"), training, strict=True):
        for word in ids:
            counts[corpus.labels[row], word] += 1
    odds = association(counts)
    whole, right = at(finished_run, "static", 0.0), []
    for draw in range(removal.DRAWS if name == "random" else 1):
        right.append(0)
        for row in corpus.rows("test"):
            ids = corpus.ids[row]
            context = whole.batch([ids], np.array([row]), "test", epoch)
            words, leave = context.maskable.numpy(), int((table[ids[1:]] < np.float32(theta)).sum())
            if name == "random":
                place = removal.random_places(words, np.array([row]), draw)
            else:
                score = odds[ids][None] * (1 if name == "highest" else -1)
                place = removal.places(score, words, np.array([row]), name)
            output = removal.answer(whole, context, removal.plan(whole, context), ~(words & (place < leave)))
            right[-1] += int(output.logits.argmax() == corpus.labels[row])
    accuracy, i, test = np.array(right) / len(corpus.rows("test")), found.thetas.index(theta), found.parts["test"]
    if name == "random":
        assert (test.random_low[i], test.random_high[i]) == (accuracy.min(), accuracy.max())
        assert test.random_mean[i] == pytest.approx(accuracy.mean())
    else:
        assert getattr(test, name)[i] == accuracy[0]


def test_equal_words_come_in_an_order_that_does_not_depend_on_the_batch() -> None:
    rng = np.random.default_rng(0)
    words = rng.random((6, 9)) < 0.7
    score, rows = rng.integers(0, 3, (6, 9)).astype(float), np.arange(10, 16)
    place = removal.places(score, words, rows, "x")
    for b in range(6):
        assert sorted(place[b]) == list(range(9))
        by_place = np.argsort(place[b])
        count = int(words[b].sum())
        assert words[b][by_place][:count].all()
        assert (np.diff(score[b][by_place][:count]) <= 0).all()
    wider = np.pad(words[2:4], ((0, 0), (0, 3)))
    again = removal.places(np.pad(score[2:4], ((0, 0), (0, 3))), wider, rows[2:4], "x")
    assert (again[wider] == place[2:4][words[2:4]]).all()
    first = np.argmin(removal.random_places(np.ones((4000, 3), dtype=bool), np.arange(4000), 0), axis=1)
    assert (np.abs(np.bincount(first) / 4000 - 1 / 3) < 0.04).all()


def test_theta_is_chosen_on_validation_and_of_equal_ones_the_cheapest(curves: dict[str, Thresholds]) -> None:
    for found in curves.values():
        validation = found.parts["validation"]
        best = max(validation.accuracy)
        equal = [i for i, accuracy in enumerate(validation.accuracy) if accuracy == best]
        assert found.chosen in equal
        assert validation.kept[found.chosen] == min(validation.kept[i] for i in equal)


def test_the_curves_are_computed_once(
    finished_run: Run, curves: dict[str, Thresholds], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(removal.Opened, "of", lambda run: pytest.fail("computed again"))
    assert thresholds(finished_run, ["repaired"]) == {"repaired": curves["repaired"]}
    assert known(finished_run) == curves


def test_arms_without_a_theta_say_why(tmp_path: Path, settings: Any, dataset: Dataset) -> None:
    arms = ("none", "hardconcrete", "dropout", "rationale+window:2")
    run = Run.create(tmp_path, settings(*arms, epochs=1), dataset)
    assert execute(run.path) == "finished"
    shares: list[float] = []
    found = thresholds(run, tick=shares.append)
    assert [found[arm].why_not for arm in arms] == ["other", "gates", "training", ""]
    # A value per token that depends on the text has a θ as well.
    assert found[arms[-1]].parts["test"].kept[-1] < 1
    assert shares == sorted(shares)
    assert shares[-1] == 1


def test_a_stopped_run_is_asked_as_it_stands_and_again_when_it_has_gone_on(
    tmp_path: Path, settings: Any, dataset: Dataset
) -> None:
    run = Run.create(tmp_path, settings("repaired", epochs=2), dataset)
    with pytest.raises(InputError, match="has no weights"):
        thresholds(run)
    execute(run.path, lambda event: run.command("stop") if isinstance(event, EpochEnd) and event.epoch == 1 else None)
    assert run.status().state == "stopped"
    assert thresholds(run)["repaired"].parts["test"].texts == len(run.dataset().rows("test"))
    assert known(run)
    run.command("run")
    execute(run.path)
    assert run.status().state == "finished"
    assert not known(run)


def test_the_command_says_it_as_json(finished_run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["ask", finished_run.name, "--runs-dir", str(finished_run.path.parent), "--what", "thresholds"]
    assert main([*command, "--arm", "repaired", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    (arm,) = told["arms"]
    assert (
        Thresholds.from_json({name: arm[name] for name in Thresholds.__dataclass_fields__})
        == known(finished_run)["repaired"]
    )
    assert (told["early"], told["epoch"], len(arm["thetas"])) == (False, 3, len(GRID))
    assert main(command) == 0
    assert "best on validation" in capsys.readouterr().out
    assert main([*command, "--epoch", "1"]) == 2
    assert main([*command, "--arm", "nothing"]) == 2
