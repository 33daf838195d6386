"""Which test texts were wrong, how they are found again, and which labels are in doubt."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dynmask_core.analysis import errors
from dynmask_core.analysis.errors import Answers, answers, contains, select, suspects
from dynmask_core.analysis.subject import Subject
from dynmask_core.cli import main
from dynmask_core.config import DataConfig
from dynmask_core.data import Dataset
from dynmask_core.data.tokenize import Vocabulary
from dynmask_core.errors import InputError
from dynmask_core.inputs.text import Text
from dynmask_core.jobs import execute
from dynmask_core.runs import Run


def made(**changes: Any) -> Answers:
    """Four texts, two arms: the first arm gets text 1 and 3 wrong, the second text 1 alone."""
    truth = np.array([0, 0, 1, 1])
    probabilities = np.array(
        [[[0.9, 0.1], [0.2, 0.8], [0.4, 0.6], [0.7, 0.3]], [[0.8, 0.2], [0.1, 0.9], [0.3, 0.7], [0.4, 0.6]]],
        dtype=np.float32,
    )
    found = [suspects(truth, one) for one in probabilities]
    values = {
        "arms": ("none", "repaired"),
        "classes": ("bad, very", "good"),
        "texts": ("A nice car", "carpets, Nice!", "红色汽车", "the CAR"),
        "rows": np.array([3, 5, 8, 9]),
        "truth": truth,
        "predicted": probabilities.argmax(-1),
        "probability": probabilities.max(-1),
        "loss": -np.log(probabilities[:, np.arange(4), truth]),
        "suspect": np.stack([one[0] for one in found]),
        "margin": np.stack([one[1] for one in found]),
        "early": False,
        "epoch": 1,
        "reader": Text(DataConfig(), Vocabulary(("[PAD]", "[UNK]", "[CLS]", "[MASK]", "nice", "a"), np.zeros(6))),
    }
    return Answers(**{**values, **changes})


@pytest.mark.parametrize(
    ("arm", "conditions", "expected"),
    [
        ("none", {}, [1, 3, 2, 0]),
        ("none", {"wrong": True}, [1, 3]),
        ("repaired", {"wrong": True}, [1]),
        ("none", {"disagree": True}, [3]),
        ("none", {"cell": ("bad, very", "good")}, [1]),
        ("none", {"cell": ("good", "good")}, [2]),
        ("none", {"word": "car"}, [3, 0]),
        ("none", {"word": "nice", "wrong": True}, [1]),
        ("none", {"word": "汽车"}, [2]),
        ("none", {"word": "nothing"}, []),
    ],
)
def test_conditions_join_and_the_highest_loss_comes_first(
    arm: str, conditions: dict[str, Any], expected: list[int]
) -> None:
    assert select(made(), arm, **conditions).tolist() == expected


@pytest.mark.parametrize(("arm", "cell"), [("other", None), ("none", ("good", "red"))])
def test_an_unknown_arm_or_class_is_bad_input(arm: str, cell: Any) -> None:
    with pytest.raises(InputError):
        select(made(), arm, cell=cell)


@pytest.mark.parametrize(
    ("sought", "text", "there"),
    [
        ("art", "art.", True),
        ("art", "part", False),
        ("Art", "an ART show", True),
        ("not good", "it was not good", True),
        ("好", "很好吃", True),
        ("iPhone", "用iPhone手机", True),
        ("C++", "I like c++ most", True),
        ("a.b", "axb", False),
        ("café", "cafés", False),
    ],
)
def test_a_word_is_sought_as_a_whole_where_words_are_separated(sought: str, text: str, there: bool) -> None:
    assert contains(sought)(text) is there


def test_planted_wrong_labels_are_doubted_before_all_others() -> None:
    """1,000 texts of three classes, 5 % with another label; the model knows nothing of the change."""
    rng = np.random.default_rng(0)
    right = rng.integers(3, size=1000)
    probabilities = np.full((1000, 3), 0.1)
    probabilities[np.arange(1000), right] = 0.8
    probabilities = np.clip(probabilities + rng.normal(0, 0.03, probabilities.shape), 0.01, None)
    probabilities = (probabilities / probabilities.sum(1, keepdims=True)).astype(np.float32)
    flipped = rng.choice(1000, 50, replace=False)
    labels = right.copy()
    labels[flipped] = (labels[flipped] + 1) % 3
    suspect, margin = suspects(labels, probabilities)
    assert set(np.argsort(margin)[:50]) == set(flipped)
    doubted = np.flatnonzero(suspect >= 0)
    assert set(doubted) <= set(flipped)
    assert len(doubted) >= 25
    assert (suspect[doubted] == right[doubted]).all()


def test_a_label_is_doubted_by_the_threshold_of_each_class() -> None:
    """Computed by hand. Class 1 is answered unsurely: its threshold is 0.5, that of class 0 is 0.55."""
    labels = np.array([0, 0, 1, 1])
    probabilities = np.array([[0.9, 0.1], [0.2, 0.8], [0.5, 0.5], [0.5, 0.5]], dtype=np.float32)
    suspect, margin = suspects(labels, probabilities)
    assert suspect.tolist() == [-1, 1, -1, -1]
    np.testing.assert_allclose(margin, [0.8, -0.6, 0.0, 0.0], atol=1e-6)


def test_no_label_is_doubted_for_a_class_without_texts() -> None:
    probabilities = np.array([[0.1, 0.1, 0.8], [0.2, 0.7, 0.1]], dtype=np.float32)
    assert suspects(np.array([0, 1]), probabilities)[0].tolist() == [-1, -1]
    assert suspects(np.zeros(0, dtype=np.int64), np.zeros((0, 2), dtype=np.float32))[0].shape == (0,)


def test_answers_are_those_of_the_test_and_are_computed_once(
    settings: Any, dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Run.create(tmp_path, settings("none", "dropout", "repaired+drophead"), dataset)
    execute(run.path)
    found = answers(run)
    stored, result = run.predictions(), run.result()
    assert stored is not None
    assert result is not None
    for a, arm in enumerate(found.arms):
        np.testing.assert_array_equal(found.predicted[a], stored[arm])
        assert found.loss[a].mean() == pytest.approx(result["arms"][a]["test"]["loss"], abs=1e-5)
    assert found.texts == tuple(dataset.texts[row] for row in dataset.rows("test"))
    assert (found.early, found.epoch) == (False, 2)
    monkeypatch.setattr(errors, "_compute", lambda *_: pytest.fail("computed again"))
    np.testing.assert_array_equal(answers(run).margin, found.margin)


def test_a_stopped_run_is_scored_early_and_then_resumes_as_if_nobody_had_asked(
    settings: Any, dataset: Dataset, tmp_path: Path, plain: Callable[[Any], Any]
) -> None:
    from dynmask_core.events import EpochEnd

    config = settings(epochs=3)
    whole = Run.create(tmp_path, config, dataset)
    execute(whole.path)
    run = Run.create(tmp_path, config, dataset)
    execute(run.path, lambda event: run.command("stop") if isinstance(event, EpochEnd) and event.epoch == 2 else None)
    assert run.status().state == "stopped"
    before = run.checkpoint_file.read_bytes()
    found = answers(run)
    assert (found.early, found.epoch) == (True, 2)
    assert run.checkpoint_file.read_bytes() == before
    short = Run.create(tmp_path, replace(config, train=replace(config.train, epochs=2)), dataset)
    assert Subject.open(run, "repaired").probabilities(["ba bo"]).shape == (1, 2)
    with pytest.raises(InputError, match="epoch"):
        answers(short)  # not even begun
    run.command("run")
    execute(run.path)
    assert plain(run.result()) == plain(whole.result())
    again = answers(run)
    assert (again.early, again.epoch) == (False, 3)
    np.testing.assert_array_equal(again.loss, answers(whole).loss)


def test_a_run_stopped_before_its_first_epoch_has_nothing_to_say(
    settings: Any, dataset: Dataset, tmp_path: Path
) -> None:
    from dynmask_core.events import EpochEnd

    run = Run.create(tmp_path, settings(), dataset)
    execute(run.path, lambda event: run.command("stop") if isinstance(event, EpochEnd) else None)
    assert run.checkpoint_file.exists()
    with pytest.raises(InputError, match="epoch"):
        answers(run)


def test_a_run_that_learned_no_classes_is_refused(settings: Any, dataset: Dataset, tmp_path: Path) -> None:
    from dynmask_core.config import GuessSettings

    guessing = Run.create(tmp_path, replace(settings("dynamic"), task=GuessSettings()), dataset)
    with pytest.raises(InputError, match="classes"):
        answers(guessing)


@pytest.fixture
def ask(finished_run: Run, capsys: pytest.CaptureFixture[str]) -> Callable[..., dict[str, Any]]:
    def run(*arguments: str) -> dict[str, Any]:
        place = ["--runs-dir", str(finished_run.path.parent)]
        assert main(["ask", finished_run.name, "--what", "errors", *place, *arguments, "--json"]) == 0
        result: dict[str, Any] = json.loads(capsys.readouterr().out)
        return result

    return run


def test_the_command_lists_the_wrong_texts(ask: Any, finished_run: Run) -> None:
    everything = ask("--all", "--top", "1000")
    assert everything["found"] == everything["tests"] == len(everything["texts"])
    wrong = ask("--arm", "static")
    assert (wrong["arm"], wrong["early"], wrong["epoch"]) == ("static", False, 3)
    assert wrong["found"] == wrong["wrong"]["static"]
    for text in everything["texts"]:
        assert set(text["answers"]) == {"static", "repaired"}
        assert text["text"] == finished_run.dataset().texts[text["row"]]
    losses = [text["answers"]["repaired"]["loss"] for text in everything["texts"]]
    assert losses == sorted(losses, reverse=True)


def test_the_command_filters(ask: Any) -> None:
    first = ask("--all", "--top", "1")["texts"][0]
    cell = f"{first['truth']},{first['answers']['repaired']['predicted']}"
    assert first["row"] in [text["row"] for text in ask("--cell", cell, "--top", "1000")["texts"]]
    for text in ask("--disagree")["texts"]:
        assert text["answers"]["static"]["predicted"] != text["answers"]["repaired"]["predicted"]
    doubted = ask("--suspicious")
    assert "Northcutt" in doubted["source"]
    assert all(text["answers"]["repaired"]["suspect"] not in (None, text["truth"]) for text in doubted["texts"])
    word = first["text"].split()[0]
    assert all(word in text["text"].split() for text in ask("--all", "--word", word)["texts"])


@pytest.mark.parametrize("more", [["--cell", "x"], ["--cell", "x,y"], ["--arm", "none"], ["--top", "0"]])
def test_bad_wishes_get_one_sentence(finished_run: Run, capsys: pytest.CaptureFixture[str], more: list[str]) -> None:
    place = ["--runs-dir", str(finished_run.path.parent)]
    assert main(["ask", finished_run.name, "--what", "errors", *place, *more]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_class_may_have_a_comma_in_its_name() -> None:
    from dynmask_core.cli.questions.errors import _cell

    assert _cell("bad, very,good", made().classes) == ("bad, very", "good")
    assert _cell("good,bad, very", made().classes) == ("good", "bad, very")


def test_words_that_training_never_saw_are_named_as_written() -> None:
    assert made().to_json(1)["unknown"] == ["carpets", ",", "!"]
    assert made().reader.unknown_units("Nice a NICE Zebra zebra Zebra") == ["Zebra", "zebra"]
