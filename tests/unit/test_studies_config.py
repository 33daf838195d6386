"""Which settings make a study, and which runs it has."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from study_results import refused

from dynmask_core.config import PRESETS, ExperimentConfig, TrainConfig
from dynmask_core.studies import KINDS, StudyConfig
from dynmask_core.studies.config import MAX_RUNS
from dynmask_core.studies.settings import with_setting

BASE = ExperimentConfig(arms=("none", "topk:0.6", "dropout+topk"))


@pytest.mark.parametrize(
    ("what", "name"),
    [
        ({"kind": "race"}, "kind"),
        ({"seeds": 5}, "seeds"),
        ({"seeds": 201}, "seeds"),
        ({"base": ExperimentConfig(arms=("none",))}, "arms"),
        ({"kind": "sweep"}, "axes"),
        ({"kind": "curve"}, "sizes"),
        ({"sizes": (50,)}, "sizes"),
        ({"kind": "curve", "sizes": (50, 50)}, "sizes"),
        ({"kind": "curve", "sizes": (2, 50)}, "train_rows"),
        ({"axes": (("dropout", (0.1,)), ("dropout", (0.2,)))}, "axes"),
        ({"axes": (("dropout", ()),)}, "dropout"),
        ({"axes": (("dropout", (0.1, 0.1)),)}, "dropout"),
        ({"axes": (("epochs", (0,)),)}, "epochs"),
        ({"axes": (("dim", (64, 32)), ("preset", ("tiny", "small")))}, "axes"),
        ({"base": ExperimentConfig(train=TrainConfig(seed=2**32 - 1))}, "seed"),
    ],
)
def test_what_cannot_be_a_study_is_refused_before_anything_is_written(what: dict[str, Any], name: str) -> None:
    error = refused(lambda: StudyConfig(**what))
    assert (error.code, error.params["name"]) == ("bad_setting", name)


def test_the_last_seeds_there_are_can_be_used() -> None:
    config = StudyConfig(base=ExperimentConfig(train=TrainConfig(seed=2**32 - 10)))
    assert config.jobs()[-1].seed == 2**32 - 1


def test_an_unknown_arm_and_an_unknown_setting_are_refused() -> None:
    assert refused(lambda: StudyConfig(base=ExperimentConfig(arms=("none", "stattic")))).code == "unknown_strategy"
    assert refused(lambda: StudyConfig(axes=(("colour", ("red",)),))).code == "unknown_setting"


def test_too_many_runs_are_counted_and_not_made() -> None:
    assert refused(lambda: StudyConfig(seeds=41, axes=(("dropout", tuple(i / 100 for i in range(50))),))).params == {
        "runs": 2050,
        "limit": MAX_RUNS,
    }
    many = tuple(i / 1000 for i in range(900))
    axes = tuple((name, many) for name in ("dropout", "embedding_dropout", "token_dropout", "step_size"))
    began = time.monotonic()
    assert refused(lambda: StudyConfig(axes=axes)).code == "too_many_runs"
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(("kind", "what"), [
    ("compare", {}), ("sweep", {"axes": (("dropout", (0.1,)),)}), ("curve", {"sizes": (50,)}),
])  # fmt: skip
def test_each_kind_has_its_fewest_seeds(kind: Any, what: dict[str, Any]) -> None:
    least = KINDS[kind].least_seeds
    assert len({job.seed for job in StudyConfig(kind, seeds=least, **what).jobs()}) == least
    assert refused(lambda: StudyConfig(kind, seeds=least - 1, **what)).params["name"] == "seeds"


axis_values = {
    "step_size": st.floats(0, 1),
    "epochs": st.integers(1, 1000),
    "initial": st.sampled_from(["default", "uniform", "normal", "constant"]),
    "preset": st.sampled_from(sorted(PRESETS)),
    "topk.keep": st.sampled_from([0.2, 0.3, "0.9..0.3@cosine"]),
}
axes = st.lists(st.sampled_from(sorted(axis_values)), min_size=1, max_size=3, unique=True).flatmap(
    lambda chosen: st.tuples(
        *(
            st.tuples(st.just(name), st.lists(axis_values[name], min_size=1, max_size=3, unique=True).map(tuple))
            for name in chosen
        )
    )
)


@given(st.sampled_from(["compare", "sweep", "curve"]), axes, st.integers(6, 9), st.integers(0, 2**32 - 10))
def test_settings_come_back_from_json_and_give_the_same_jobs(kind: Any, axes: Any, seeds: int, first: int) -> None:
    base = replace(BASE, train=TrainConfig(seed=first))
    config = StudyConfig(kind, base, seeds, axes, (10, 20) if kind == "curve" else (), "sample:fruit")
    stored = json.dumps(config.to_json())
    again = StudyConfig.from_json(json.loads(stored))
    assert again == config
    assert again.digest() == config.digest()
    assert again.jobs() == config.jobs()


@given(axes, st.integers(2, 5), st.sets(st.integers(4, 500), min_size=1, max_size=3))
def test_jobs_are_seeds_times_cells_times_sizes_each_its_own_seed_by_seed(
    axes: Any, seeds: int, sizes: set[int]
) -> None:
    config = StudyConfig("curve", replace(BASE, train=TrainConfig(seed=3)), seeds, axes, tuple(sorted(sizes)))
    jobs = config.jobs()
    assert len(jobs) == seeds * int(np.prod([len(values) for _, values in axes])) * len(sizes)
    assert len({job.digest for job in jobs}) == len(jobs)
    assert [job.seed for job in jobs] == sorted(job.seed for job in jobs)
    assert {job.seed for job in jobs} == set(range(3, 3 + seeds))
    for job in jobs:
        expected = config.base
        for name, value in job.cell:
            expected = with_setting(expected, name, value)
        expected = replace(expected, train=replace(expected.train, seed=job.seed))
        assert job.config == replace(expected, data=replace(expected.data, train_rows=job.size))


def test_numpys_numbers_are_written_as_plain_ones() -> None:
    seeds, sizes = np.int64(6), tuple(np.arange(10, 30, 10))
    config = StudyConfig("curve", BASE, seeds, (("step_size", tuple(np.array([0.1, 0.2]))),), sizes)  # type: ignore[arg-type]
    again = StudyConfig.from_json(json.loads(json.dumps(config.to_json())))
    assert again.digest() == config.digest() == StudyConfig("curve", BASE, 6, again.axes, (10, 20)).digest()
