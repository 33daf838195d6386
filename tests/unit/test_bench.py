"""The benchmarks run and measure what they say; how fast anything is, they alone decide."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from dynmask_core.bench import rationale, words
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
    assert stepper.arm.step == 2
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
    rows = [{"rationale": [0, 1]}, {"rationale": [0, 0]}, {"rationale": [1, 0]}]
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
    rows = rationale.run(epochs=1, arms=("keyword",))
    assert [row.name for row in rows] == ["random", "keyword"]
    assert 0 < rows[0].ratio < 1
