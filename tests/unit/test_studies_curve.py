"""Learning curves: every size by itself."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from study_results import HIGH, LOW, refused, result

from dynmask_core.config import ExperimentConfig
from dynmask_core.data import Dataset, build, planted
from dynmask_core.studies import KINDS, StudyConfig
from dynmask_core.studies.comparison import compare
from dynmask_core.studies.kinds.curve import curve as curve_of

BASE = ExperimentConfig(arms=("none", "topk:0.6", "dropout+topk"))


def test_a_curve_compares_at_every_size_by_itself() -> None:
    found = [
        result(arm, seed, score + size / 1000, size=size)
        for size in (100, 20)
        for arm, own in {"none": LOW, "topk": HIGH}.items()
        for seed, score in enumerate(own)
    ] + [result("none", 0, size=400)]
    curve = curve_of(found, ("none", "topk"))
    assert list(curve.comparisons) == [20, 100]
    for size in (20, 100):
        alone = compare([r for r in found if r.size == size], ("none", "topk"))
        assert curve.differences(size) == alone.of("accuracy")
    points = curve.points("topk")
    assert [(p.size, p.accuracy) for p in points] == [
        (20, pytest.approx(np.mean(HIGH) + 0.02)), (100, pytest.approx(np.mean(HIGH) + 0.1)),
    ]  # fmt: skip
    told = json.loads(json.dumps(KINDS["curve"].to_json(curve)))
    assert [(p["arm"], p["size"]) for p in told["points"]] == [
        (arm, size) for arm in ("none", "topk") for size in (20, 100)
    ]
    assert [(d["size"], d["decision"]) for d in told["differences"]] == [(20, "better"), (100, "better")]


def test_sizes_beyond_the_training_part_are_one_the_whole_part(dataset: Dataset) -> None:
    whole = len(dataset.rows("train"))
    config = StudyConfig("curve", BASE, 2, sizes=(8, whole - 1, whole + 1, 4000))
    assert KINDS["curve"].fitting(config, dataset).sizes == (8, whole - 1, whole)
    assert KINDS["curve"].fitting(replace(config, sizes=(8, whole)), dataset).sizes == (8, whole)
    many = build(planted(texts=80, classes=4).table)[0]
    assert refused(lambda: KINDS["curve"].fitting(replace(config, sizes=(7, 20)), many)).code == "too_short"
