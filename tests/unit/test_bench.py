"""The benchmarks run and measure what they say; how fast anything is, they alone decide."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from dynmask_core.bench import calibration, rationale, train, words
from dynmask_core.bench.steps import Stepper
from dynmask_core.bench.timing import speed_up, take_turns
from dynmask_core.cli.main import main
from dynmask_core.config import ModelConfig


def test_contestants_take_turns_and_every_one_goes_first_in_some_round() -> None:
    order: list[str] = []
    seconds = take_turns({name: lambda name=name: order.append(name) for name in "abc"}, rounds=6, warm_up=0)  # type: ignore[misc]
    rounds = ["".join(order[i : i + 3]) for i in range(0, 18, 3)]
    assert all(sorted(one) == ["a", "b", "c"] for one in rounds)
    assert {one[0] for one in rounds} == {"a", "b", "c"}
    assert all(len(values) == 6 for values in seconds.values())


def test_a_ratio_is_the_median_of_those_within_each_round() -> None:
    seconds = {"new": np.array([1.0, 1.0, 10.0]), "old": np.array([2.0, 3.0, 20.0])}
    row = speed_up(seconds, "new", "old")
    assert row.ratio == 2
    assert row.spread == (2, 2.5)


def test_a_stepper_takes_the_steps_of_training() -> None:
    stepper = Stepper("none", ModelConfig(8, 1, 1), texts=4, tokens=5, vocabulary=30)
    stepper()
    stepper()
    assert stepper.learner.step == 2
    assert stepper.usage.kept_per_layer == [1.0]
    assert stepper.usage.given == 4 * 6


def test_the_words_suite_tells_a_good_mask_from_a_bad_one() -> None:
    rows = {row.name: row for row in words.run(seeds=1, epochs=8, arms=("repaired", "static"), texts=400)}
    assert rows["repaired, 50% / 50%"].ratio > 0.9
    assert rows["static, 50% / 50%"].ratio < 0.4
    assert rows["random, 50% / 50%"].ratio < 0.4


def test_pieces_are_put_together_to_the_words_that_people_marked() -> None:
    values = [("do", 1.0), ("n't", 0.5), ("go", 0.25), ("!", 0.0)]
    assert rationale.per_word(["don't", "go!"], values).tolist() == [0.75, 0.125]


def test_precision_is_a_mean_over_the_sentences_that_have_a_mark() -> None:
    rows = [np.array(marks) for marks in ([0, 1], [0, 0], [1, 0])]
    scores = [np.array([0.0, 1.0]), np.array([1.0, 0.0]), np.array([0.0, 1.0])]
    assert rationale.precision(rows, scores) == 0.75


def test_naive_bayes_knows_which_way_a_word_speaks() -> None:
    rows = [{"tokens": ["Good", "film"], "label": 4}, {"tokens": ["bad", "film"], "label": 0}]
    odds = rationale.naive_bayes(rows)
    assert odds["good"] > 0 > odds["bad"]
    assert odds["film"] == 0


def test_the_rationale_suite_says_what_it_misses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DYNMASK_DATA", str(tmp_path))
    assert main(["bench", "--suite", "rationale"]) == 2
    assert "DYNMASK_DATA" in capsys.readouterr().err


def test_the_rationale_suite_reads_marked_sentences(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words_of = {4: "lovely", 0: "dreadful"}
    with (tmp_path / rationale.FILE).open("w") as file:
        for i in range(80):
            label = (0, 4)[i % 2]
            tokens = ["a", words_of[label], "film", f"number{i}"]
            split = "test" if i % 5 == 0 else "dev" if i % 5 == 1 else "train"
            file.write(json.dumps({"tokens": tokens, "label": label, "rationale": [0, 1, 0, 0], "split": split}) + "\n")
    monkeypatch.setenv("DYNMASK_DATA", str(tmp_path))
    rows = rationale.run(epochs=1, arms=("keyword",), fine=("rationale:classes=ordered",))
    assert [row.name for row in rows] == ["random", "keyword", "rationale:classes=ordered, five classes"]
    assert 0 < rows[0].ratio < 1


def test_a_suite_that_takes_minutes_or_needs_data_runs_only_when_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[str] = []

    class Suite:
        def __init__(self, name: str) -> None:
            self.name = name

        def run(self) -> list[object]:
            ran.append(self.name.rpartition(".")[2])
            return []

    monkeypatch.setattr("dynmask_core.cli.bench.importlib.import_module", Suite)
    assert main(["bench"]) == 0
    assert ran == ["masks", "removal", "words", "corruption"]
    assert main(["bench", "--suite", "calibration"]) == 0
    assert ran[4:] == ["calibration"]


def test_verdicts_on_chance_alone_and_on_a_true_difference() -> None:
    rng = np.random.default_rng(0)
    baseline, treated = np.rint(400 * rng.normal(0.75, 0.015, (2, 200, 10))) / 400
    alike, interval, better = calibration.judged(baseline, treated, 400)
    assert alike.ratio * 0.05 <= calibration.MOST_FALSE_ALARMS
    assert interval.ratio > alike.ratio
    assert better.ratio * 0.8 >= calibration.LEAST_POWER
    for row in (alike, interval, better):
        assert row.spread[0] <= row.ratio <= row.spread[1]
    # The noise of far fewer texts hides the same difference.
    *_, hidden = calibration.judged(*np.rint(100 * rng.normal(0.75, 0.06, (2, 50, 10))) / 100, 100)
    assert hidden.ratio < 0.6


def test_correcting_wrong_answers_gives_the_advantage_that_was_asked_for() -> None:
    accuracy = np.array([[0.5, 0.9, 1.0]] * 400)
    gained = calibration.corrected(accuracy, 400, 0.03) - accuracy
    assert gained[:, :2].mean(0) == pytest.approx([0.03, 0.03], abs=0.001)
    assert (gained >= 0).all()
    assert (gained[:, 2] == 0).all()
    assert np.allclose(gained * 400, np.rint(gained * 400))
    assert len(np.unique(gained[:, 0])) > 5


def test_the_calibration_suite_trains_what_it_judges() -> None:
    dataset = calibration.texts()
    assert {part: len(dataset.rows(part)) for part in calibration.SIZES} == calibration.SIZES
    rows = calibration.run(comparisons=2, seeds=3, epochs=1)
    assert len(rows) == 3
    # Three seeds cannot declare anything; the arms differ all the same.
    assert rows[0].ratio == rows[2].ratio == 0
    assert "0 of 2" in rows[0].note
    assert "sd of a paired difference 0.0" not in rows[0].note


def test_the_train_suite_times_whole_passes_of_all_contestants_over_the_same_texts() -> None:
    sizes = {"d 8": ModelConfig(8, 1, 1)}
    rows = train.run(rounds=1, sizes=sizes, texts=80)
    peers = {"Hugging Face", "nn.TransformerEncoder"}
    assert {row.peer for row in rows} == {train.BARE, *peers, *(f"{peer}, bucketed" for peer in peers)}
    assert all(row.name == "d 8" and row.ratio > 0 for row in rows)
    learner = train.learner_of(sizes["d 8"], texts=80)
    train.ours(learner)()
    assert learner.step == -(-len(learner.task.corpus.rows("train")) // train.BATCH)


def test_buckets_hold_the_same_texts_with_less_padding() -> None:
    ids = [np.arange(1, 1 + size) for size in np.random.default_rng(0).integers(2, 60, 300)]
    texts = train.Texts(ids, 100, 60)
    padded = {}
    for bucketed in (False, True):
        batches = texts.batches(bucketed=bucketed)
        assert sum(int((batch != 0).sum()) for batch in batches) == sum(map(len, ids))
        padded[bucketed] = sum(batch.numel() for batch in batches)
    assert padded[True] < 0.7 * padded[False]
