"""Studies: which runs belong together, where they lie, and what they show once they are done."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from dynmask_core.config import PRESETS, ExperimentConfig, TrainConfig
from dynmask_core.data import Dataset, Report, build, planted
from dynmask_core.data.split import TRAIN, UNKNOWN
from dynmask_core.data.variants import resplit, shorten
from dynmask_core.errors import InputError
from dynmask_core.events import Started
from dynmask_core.jobs import execute
from dynmask_core.messages import LANGUAGES, text
from dynmask_core.runs import Run, Status, find_run, list_runs
from dynmask_core.runs.folder import ALIVE_FOR, NAME
from dynmask_core.studies import KINDS, Study, StudyConfig, find_study, list_studies, same_study
from dynmask_core.studies import comparison as comparing
from dynmask_core.studies import curve as curves
from dynmask_core.studies import sweep as sweeps
from dynmask_core.studies.comparison import compare, verdict
from dynmask_core.studies.config import MAX_RUNS
from dynmask_core.studies.cost import costs, frontier
from dynmask_core.studies.results import METRICS, Result, paired_seeds, results
from dynmask_core.studies.settings import names, read, with_setting

Settings = Callable[..., ExperimentConfig]
BASE = ExperimentConfig(arms=("none", "topk:0.6", "dropout+topk"))


def refused(make: Callable[[], object]) -> InputError:
    with pytest.raises(InputError) as caught:
        make()
    assert all(caught.value.sentence(lang) for lang in LANGUAGES)
    return caught.value


# Settings


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


# Any setting by its name


@pytest.mark.parametrize(("name", "written", "expected"), [
    ("step_size", ["0.1", " .5 ", "", "0.10"], (0.1, 0.5)),
    ("epochs", ["3", "5"], (3, 5)),
    ("gate_mode", ["attention"], ("attention",)),
    ("dim", ["32", "64"], (32, 64)),
    ("preset", ["tiny", "small"], ("tiny", "small")),
    ("topk.keep", ["0.3", "0.9..0.3@cosine"], (0.3, "0.9..0.3@cosine")),
])  # fmt: skip
def test_values_are_read_as_the_setting_has_them(name: str, written: list[str], expected: tuple[Any, ...]) -> None:
    values = read(BASE, name, written)
    assert values == expected
    assert [type(value) for value in values] == [type(value) for value in expected]


def test_each_setting_changes_itself_alone() -> None:
    assert with_setting(BASE, "step_size", 0.5).controls.step_size == 0.5
    assert with_setting(BASE, "epochs", 3).train == replace(BASE.train, epochs=3)
    assert with_setting(BASE, "heads", 2).model == replace(BASE.model, heads=2)
    assert with_setting(BASE, "initial_value", 0.3).mask == replace(BASE.mask, initial_value=0.3)
    assert with_setting(BASE, "preset", "tiny") == replace(BASE, model=PRESETS["tiny"])
    assert with_setting(BASE, "topk.keep", 0.25).arms == ("none", "topk:0.25", "dropout+topk:0.25")
    assert with_setting(BASE, "topk.keep", "0.9..0.3").arms[1] == "topk:0.9..0.3"
    assert with_setting(BASE, "dropout.rate", 0.4).arms == ("none", "topk:0.6", "dropout:0.4+topk")


def test_every_name_offered_can_be_set_to_what_it_is() -> None:
    for name in names(BASE):
        if "." not in name and name != "preset":
            section = next(s for s in (BASE.controls, BASE.mask, BASE.train, BASE.model) if hasattr(s, name))
            assert with_setting(BASE, name, getattr(section, name)) == BASE


@pytest.mark.parametrize("name", ["seed", "device", "colour", "topk.colour", "nobody.keep", "a.b.c", ".", "", "arms"])
def test_an_unknown_setting_is_refused_with_those_there_are(name: str) -> None:
    for make in (lambda: with_setting(BASE, name, 1), lambda: read(BASE, name, ["1"])):
        error = refused(make)
        assert error.code == "unknown_setting"
        assert "topk.keep" in error.params["known"]


@pytest.mark.parametrize(("name", "value"), [
    ("step_size", "1.5"), ("step_size", "nan"), ("step_size", "much"), ("epochs", "2.5"), ("epochs", "0"),
    ("preset", "huge"), ("gate_mode", "some"), ("dim", "30"), ("topk.keep", "7"), ("topk.keep", "0.9..7"),
    ("topk.keep", "much"),
])  # fmt: skip
def test_a_value_out_of_range_is_refused_with_what_is_expected(name: str, value: str) -> None:
    assert refused(lambda: read(BASE, name, [value])).params["expected"]
    try:
        number: float | str = float(value)
    except ValueError:
        number = value
    assert refused(lambda: with_setting(BASE, name, number)).params["expected"]


def test_no_values_are_refused() -> None:
    assert refused(lambda: read(BASE, "epochs", [" ", ""])).code == "no_values"


# A study's folder


@pytest.fixture(scope="session")
def report() -> Report:
    return build(planted(texts=80, noise_words=60).table)[1]


@pytest.fixture
def new(runs_root: Path, settings: Settings, dataset: Dataset, report: Report) -> Callable[..., Study]:
    """new(kind, **what): a study of the 80 texts; six seeds unless told otherwise."""

    def make(kind: Any = "compare", data: Dataset = dataset, **what: Any) -> Study:
        config = StudyConfig(kind, **{"base": settings("none", "repaired", epochs=1), "seeds": 6, **what})
        return Study.create(runs_root, config, data, report)

    return make


def prepared(study: Study) -> list[Run]:
    """All runs of a study, with their folders."""
    dataset = study.dataset()
    return [study.prepare(job, dataset) for job in study.jobs]


def test_runs_are_named_after_their_jobs_and_their_study_and_by_nobody_guessed(new: Callable[..., Study]) -> None:
    study, other = new(), new()
    named = [study.run(job).name for job in study.jobs]
    assert named == [Study(study.path).run(job).name for job in StudyConfig.from_json(study.config.to_json()).jobs()]
    assert len(set(named)) == len(named)
    assert not set(named) & {other.run(job).name for job in other.jobs}
    assert all(NAME.fullmatch(name) for name in (study.name, *named))
    assert study.name != other.name


def test_runs_share_one_file_of_texts_and_divide_them_by_their_seeds(
    new: Callable[..., Study], dataset: Dataset
) -> None:
    study = new()
    runs = prepared(study)
    assert {os.stat(run.path / "dataset.npz").st_ino for run in runs} == {os.stat(study.path / "dataset.npz").st_ino}
    for job, run in zip(study.jobs, runs, strict=True):
        assert run.config() == job.config
        assert (run.dataset().split == resplit(dataset, job.seed).split).all()
        assert run.status() == Status("stopped", epochs=1)
    before = runs[0].path.stat().st_mtime_ns
    assert study.prepare(study.jobs[0], study.dataset()).path.stat().st_mtime_ns == before


def test_a_run_of_a_study_is_found_and_opened_like_any_other(new: Callable[..., Study], runs_root: Path) -> None:
    study = new()
    run = prepared(study)[2]
    assert find_run(runs_root, run.name).path == run.path
    assert find_run(runs_root, run.name).config() == study.jobs[2].config
    assert list_runs(runs_root) == []
    assert [found.name for found in list_studies(runs_root)] == [study.name]
    assert execute(run.path) == "finished"
    assert [job for job, _ in study.finished()] == [study.jobs[2]]


def test_runs_of_a_curve_are_cut_to_their_size(new: Callable[..., Study], dataset: Dataset) -> None:
    study = new("curve", sizes=(8, 20), seeds=2)
    for job, run in zip(study.jobs, prepared(study), strict=True):
        assert job.size is not None
        expected = shorten(resplit(dataset, job.seed), job.size, job.seed)
        assert (run.dataset().split == expected.split).all()
        assert (run.dataset().split == TRAIN).sum() == job.size


def test_what_is_not_used_is_not_learned_from(new: Callable[..., Study]) -> None:
    study = new("curve", sizes=(8, 20), seeds=2)
    run = prepared(study)[0]
    seen: list[Started] = []
    execute(run.path, lambda event: seen.append(event) if isinstance(event, Started) else None)
    dataset = run.dataset()
    assert (dataset.split == UNKNOWN).any()
    used = {word for row in dataset.rows("train") for word in dataset.texts[row].split()}
    assert set(seen[0].vocabulary.words[4:]) <= used | {"[CLS]", "[MASK]", "[UNK]", "[PAD]"}


def test_runs_that_share_a_smaller_number_of_training_texts_have_that_number(
    new: Callable[..., Study], settings: Settings
) -> None:
    base = settings("none", "repaired", epochs=1)
    study = new(base=replace(base, data=replace(base.data, train_rows=12)))
    assert {len(run.dataset().rows("train")) for run in prepared(study)} == {12}


def test_a_study_is_found_by_its_name_alone(new: Callable[..., Study], runs_root: Path) -> None:
    study = new()
    assert find_study(runs_root, study.name).config == study.config
    for name in (f"../runs/{study.name}", f"{study.name}/", "x", "", "20260101-000000-0123456789abcdef"):
        assert refused(lambda name=name: find_study(runs_root, name)).code == "unknown_study"
    assert list_studies(runs_root / "nowhere") == []


def test_only_the_same_settings_on_the_same_texts_are_gone_on_with(
    new: Callable[..., Study], runs_root: Path, dataset: Dataset
) -> None:
    study = new()
    config, labels = study.config, dataset.labels.copy()
    labels[0] = 1 - labels[0]
    assert same_study(runs_root, StudyConfig.from_json(config.to_json()), study.dataset()).name == study.name  # type: ignore[union-attr]
    assert same_study(runs_root, replace(config, seeds=7), dataset) is None
    others = [
        replace(dataset, texts=[*dataset.texts[:-1], "another text"]),
        replace(dataset, labels=labels),
        replace(dataset, classes=("class_0", "class_9")),
        replace(dataset, given=dataset.split),
    ]
    assert [same_study(runs_root, config, other) for other in others] == [None] * 4
    assert same_study(runs_root / "nowhere", config, dataset) is None
    shutil.copytree(study.path, runs_root / ("20200101-000000-" + "0" * 16))
    assert same_study(runs_root, config, dataset).name == study.name  # type: ignore[union-attr]


def test_progress_counts_what_is_done_under_way_and_failed(new: Callable[..., Study]) -> None:
    study = new()
    first = study.progress()
    assert (first.state, first.done, first.working, first.failed, first.total) == ("stopped", 0, 0, 0, 6)
    assert (first.fraction, first.remaining, first.error) == (0.0, None, None)
    runs = prepared(study)
    study.sign_of_life()
    runs[0].write_status(Status("finished", elapsed=10, fraction=1.0))
    runs[1].write_status(Status("training", elapsed=5, fraction=0.5))
    runs[2].write_status(Status("queued"))
    runs[3].write_status(Status("failed", error=("no_device", {"device": "mps", "available": "cpu"})))
    now = study.progress()
    assert (now.state, now.done, now.working, now.failed) == ("working", 1, 2, 1)
    assert now.fraction == pytest.approx(1.5 / 6)
    # 15 seconds for 1.5 of 6 runs: 45 more, two at a time.
    assert now.remaining == pytest.approx(22.5)
    assert now.error == ("no_device", {"device": "mps", "available": "cpu"})
    study.let_go()
    assert study.progress().state == "failed"
    for run in runs:
        run.write_status(Status("finished", fraction=1.0))
    done = study.progress()
    assert (done.state, done.done, done.failed, done.fraction, done.remaining) == ("finished", 6, 0, 1.0, None)


def test_a_study_is_taken_by_one_and_by_the_next_only_once_that_one_fell_silent(new: Callable[..., Study]) -> None:
    study = new()
    assert not study.worked_on()
    assert study.take()
    assert study.worked_on()
    assert not Study(study.path).take()
    past = time.time() - ALIVE_FOR - 1
    os.utime(study.path / "alive", (past, past))
    assert not study.worked_on()
    assert Study(study.path).take()
    study.let_go()
    assert study.take()


def test_wishes_and_what_was_found_in_the_texts_are_kept(new: Callable[..., Study], report: Report) -> None:
    study = new()
    assert study.wanted() == "run"
    study.command("stop")
    assert Study(study.path).wanted() == "stop"
    assert all(study.data_report(lang) == json.loads(json.dumps(report.to_json(lang))) for lang in LANGUAGES)


# What the runs say


def result(
    arm: str, seed: int, test: float = 0.5, *, validation: float = 0.5, loss: float = 1.0, cell: Any = (),
    size: int | None = None, right: Sequence[bool] | None = None, away: float | None = None, **values: Any,
) -> Result:  # fmt: skip
    """A made result: all metrics alike, ten test texts."""
    scores = {
        part: {**dict.fromkeys(METRICS, score), "loss": loss, "confusion": [[5, 0], [0, 5]]}
        for part, score in (("test", test), ("validation", validation), ("transfer", away))
        if score is not None
    }
    rest = {"best_epoch": 1, "seconds": 2.0, "training_flops": 3.0, "kept_fraction": 1.0, "mean_mask": 1.0, **values}
    name = f"{arm} {seed} {cell} {size}"
    return Result(arm, seed, cell, size, name, {**scores, **rest}, None if right is None else np.array(right))


def scored(scores: dict[str, Sequence[float]], **more: Any) -> list[Result]:
    """One result per arm and seed."""
    return [result(arm, seed, score, **more) for arm, own in scores.items() for seed, score in enumerate(own)]


def test_results_are_those_of_the_runs_that_are_done(new: Callable[..., Study]) -> None:
    study = new("sweep", axes=(("topk.keep", (0.4, 0.8)),), seeds=1, base=replace(
        new().config.base, arms=("none", "topk"),
    ))  # fmt: skip
    runs = prepared(study)
    assert results(study) == []
    assert execute(runs[1].path) == "finished"
    found = results(study)
    assert [(r.arm, r.seed, r.cell, r.run) for r in found] == [
        ("none", 0, (("topk.keep", 0.8),), runs[1].name),
        ("topk", 0, (("topk.keep", 0.8),), runs[1].name),
    ]
    stored = runs[1].result()
    assert stored is not None
    assert [r.values for r in found] == stored["arms"]
    for r in found:
        assert r.right is not None
        assert r.right.mean() == pytest.approx(r.score("accuracy"))
        assert len(r.right) == np.sum(r.values["test"]["confusion"])
        assert json.dumps(r.to_json())


A, B = (("dropout", 0.1),), (("dropout", 0.2),)


def test_each_arm_takes_the_cell_that_validation_prefers_and_never_the_one_that_the_test_prefers() -> None:
    found = [
        result("none", 0, 0.9, validation=0.6, cell=A), result("none", 0, 0.1, validation=0.7, cell=B),
        result("topk", 0, 0.2, validation=0.7, cell=A), result("topk", 0, 0.8, validation=0.6, cell=B),
        # Equal accuracies: the smaller loss; both equal: the first.
        result("none", 1, 0.9, loss=1.0, cell=A), result("none", 1, 0.1, loss=0.9, cell=B),
        result("topk", 1, 0.2, cell=A), result("topk", 1, 0.8, cell=B),
    ]  # fmt: skip
    chosen = paired_seeds(found, ("none", "topk"))
    assert [r.score("accuracy") for r in chosen["none"]] == [0.1, 0.1]
    assert [r.score("accuracy") for r in chosen["topk"]] == [0.2, 0.2]


def test_only_seeds_that_are_whole_count_in_ascending_order() -> None:
    found = [result(arm, seed) for seed in (2, 0, 1) for arm in ("none", "topk") if (arm, seed) != ("topk", 1)]
    chosen = paired_seeds(found, ("none", "topk"))
    assert {arm: [r.seed for r in own] for arm, own in chosen.items()} == {"none": [0, 2], "topk": [0, 2]}
    assert paired_seeds([], ("none", "topk")) == {"none": [], "topk": []}


def test_a_seed_whose_cells_are_not_all_tried_has_not_had_its_choice() -> None:
    found = [result(arm, seed, cell=cell) for seed in (0, 1) for cell in (A, B) for arm in ("none", "topk")]
    assert [r.seed for r in paired_seeds(found[:-2], ("none", "topk"))["none"]] == [0]
    assert [r.seed for r in paired_seeds(found, ("none", "topk"))["none"]] == [0, 1]


# Comparisons


def holm_slowly(p_values: list[float]) -> list[float]:
    """Holm 1979, as written: the smallest is multiplied by k, the next by k − 1 …; none is below one before it."""
    adjusted = {}
    for place, index in enumerate(np.argsort(p_values, kind="stable")):
        adjusted[index] = max([min(1.0, (len(p_values) - place) * p_values[index]), *adjusted.values()])
    return [adjusted[index] for index in range(len(p_values))]


def sign_flips_slowly(differences: np.ndarray) -> float:
    """All 2^n ways to flip the signs; how many are as far from 0 as what was seen."""
    means = [
        abs(np.mean([-d if pattern >> i & 1 else d for i, d in enumerate(differences)]))
        for pattern in range(2 ** len(differences))
    ]
    return float(np.mean(np.array(means) >= abs(differences.mean()) - 1e-12))


def test_a_comparison_agrees_with_a_slow_one() -> None:
    rng = np.random.default_rng(1)
    arms = ("none", "static", "topk", "repaired")
    scores = {arm: np.round(rng.normal(0.7 + 0.02 * i, 0.03, 8), 3) for i, arm in enumerate(arms)}
    compared = compare(scored({arm: own.tolist() for arm, own in scores.items()}), arms)
    assert compared.seeds == tuple(range(8))
    assert compared.tests == 10
    assert {d.metric for d in compared.differences} == set(METRICS)
    for metric in METRICS:
        own = compared.of(metric)
        assert [(d.arm, d.baseline) for d in own] == [(arm, "none") for arm in arms[1:]]
        slow = [sign_flips_slowly(scores[arm] - scores["none"]) for arm in arms[1:]]
        for d, p, adjusted in zip(own, slow, holm_slowly(slow), strict=True):
            difference = scores[d.arm] - scores["none"]
            assert d.statistics.mean == pytest.approx(difference.mean())
            assert d.statistics.sd == pytest.approx(difference.std(ddof=1))
            assert d.statistics.p_value == pytest.approx(p)
            assert d.adjusted_p == pytest.approx(adjusted)
            assert d.decision == ("better" if adjusted <= 0.05 and difference.mean() > 0 else "undetected")


def test_without_a_whole_seed_nothing_is_said() -> None:
    compared = compare([result("none", 0)], ("none", "topk"))
    assert (compared.seeds, compared.differences, compared.same_texts, compared.tests) == ((), (), (), 0)
    told = comparing.to_json(compared)
    assert (told["arms"], told["differences"], told["verdicts"]) == ([], [], [])
    assert not compared.transferred


def test_models_of_one_seed_are_compared_on_the_same_texts() -> None:
    rng = np.random.default_rng(2)
    right = {arm: rng.random((6, 40)) < share for arm, share in (("none", 0.5), ("topk", 0.8))}
    found = [result(arm, seed, right=own[seed].tolist()) for arm, own in right.items() for seed in range(6)]
    (check,) = compare(found, ("none", "topk")).same_texts
    p_values = []
    for one, other, seen in zip(right["topk"], right["none"], check.seeds, strict=True):
        only = sum(a and not b for a, b in zip(one, other, strict=True))
        neither = sum(b and not a for a, b in zip(one, other, strict=True))
        p_values.append(min(1.0, 2 * stats.binom.cdf(min(only, neither), only + neither, 0.5)))
        assert (seen.only_treated, seen.only_baseline) == (only, neither)
        assert seen.p_value == pytest.approx(p_values[-1])
    assert check.p_value == pytest.approx(min(1.0, 2 * np.median(p_values)))
    found[0] = replace(found[0], right=None)
    assert compare(found, ("none", "topk")).same_texts == ()


LOW, HIGH = [0.50, 0.51, 0.52, 0.53, 0.54, 0.55], [0.60, 0.62, 0.61, 0.65, 0.66, 0.63]
MIXED = [0.52, 0.50, 0.53, 0.52, 0.56, 0.54]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(("treated", "arms", "decision", "expected"), [
    (HIGH, 2, "better", ["+10.", "6"]),
    ([2 * low - high for low, high in zip(LOW, HIGH, strict=True)], 2, "worse", ["-10.", "0"]),
    (MIXED, 2, "undetected", ["+0.3", "3"]),
    (HIGH[:5], 2, "too_few", ["+10.", "5", "6"]),
    (HIGH, 3, "too_few", ["+10.", "6", "7"]),
])  # fmt: skip
def test_the_verdict_says_what_this_much_evidence_shows(
    treated: list[float], arms: int, decision: str, expected: list[str], lang: str
) -> None:
    names = ("none", "topk", "static")[:arms]
    compared = compare(scored({name: treated if name == "topk" else LOW[: len(treated)] for name in names}), names)
    difference = compared.of("accuracy")[0]
    assert difference.decision == decision
    said = verdict(difference, compared, lang)
    assert "topk" in said
    assert "none" in said
    assert all(number in said for number in expected)
    assert "。 " not in said
    assert (decision == "better") == ({"en": "is better", "zh": "优于"}[lang] in said)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_verdict_speaks_of_its_own_metric(lang: str) -> None:
    found = scored({"none": LOW, "topk": HIGH})
    for r in found:
        r.values["test"]["f1"] = 0.9 if r.arm == "none" else 0.5
    compared = compare(found, ("none", "topk"))
    said = {d.metric: verdict(d, compared, lang) for d in compared.differences}
    assert all(text(f"score.{metric}", lang) in sentence for metric, sentence in said.items())
    assert "-40.0" in said["f1"]
    assert {"en": "better in 0 of 6", "zh": "6 个种子中有 0 个"}[lang] in said["f1"]


def test_what_is_undetected_says_how_many_seeds_it_would_take() -> None:
    near = compare(scored({"none": LOW, "topk": MIXED}), ("none", "topk"))
    assert "seeds would be needed to see a difference of 0.5 points" in verdict(near.of("accuracy")[0], near)
    wild = compare(scored({"none": LOW, "topk": [0.0, 1.0, 0.0, 1.0, 0.0, 1.0]}), ("none", "topk"))
    assert "More seeds alone" in verdict(wild.of("accuracy")[0], wild)
    same = compare(scored({"none": LOW, "topk": LOW}), ("none", "topk"))
    assert "No detectable difference" in verdict(same.of("accuracy")[0], same)


def test_a_comparison_can_be_written_down_with_all_that_the_contract_asks() -> None:
    found = [
        result(arm, seed, score, away=score - 0.1, cell=A)
        for arm, own in {"none": LOW, "topk": HIGH}.items()
        for seed, score in enumerate(own)
    ]
    told = json.loads(json.dumps(comparing.to_json(compare(found, ("none", "topk")))))
    assert [arm["name"] for arm in told["arms"]] == ["none", "topk"]
    for arm, own in zip(told["arms"], (LOW, HIGH), strict=True):
        assert [one["test"]["accuracy"] for one in arm["per_seed"]] == own
        assert {one["run"] for one in arm["per_seed"]} == {r.run for r in found if r.arm == arm["name"]}
        assert all(one["cell"] == {"dropout": 0.1} for one in arm["per_seed"])
        assert arm["ci95"][0] <= arm["mean"]["accuracy"] <= arm["ci95"][1]
        assert arm["sd"] == pytest.approx(np.std(own, ddof=1))
    for difference in told["differences"]:
        assert {
            "arm", "baseline", "metric", "mean", "ci95", "p_value", "adjusted_p", "probability_of_improvement",
            "verdict",
        } <= set(difference)  # fmt: skip
    assert told["differences"][0]["probability_of_improvement"] == 1.0
    assert [one["drop"] for one in told["transfer"]] == pytest.approx([0.1, 0.1])
    assert told["transfer"][1]["home"] == pytest.approx(np.mean(HIGH))


# Sweeps


def left_out_slowly(scores: np.ndarray) -> float:
    """Every seed in the cell that the mean of the other seeds prefers; the first of equals."""
    worth = []
    for seed in range(scores.shape[1]):
        means = [round(sum(own for s, own in enumerate(row) if s != seed), 9) for row in scores.tolist()]
        worth.append(scores[means.index(max(means)), seed])
    return float(np.mean(worth))


grids = st.integers(1, 6).flatmap(
    lambda cells: st.integers(2, 5).flatmap(
        lambda seeds: st.lists(
            st.lists(st.integers(0, 10).map(lambda n: n / 10), min_size=seeds, max_size=seeds),
            min_size=cells,
            max_size=cells,
        )
    )
)


@given(grids)
def test_what_a_choice_is_worth_agrees_with_a_slow_loop_and_flatters_nobody(grid: list[list[float]]) -> None:
    scores = np.array(grid)
    honest = sweeps.left_out(scores)
    assert honest == pytest.approx(left_out_slowly(scores))
    assert honest <= scores.mean(1).max() + 1e-12


def test_one_seed_cannot_tell_what_its_choice_is_worth() -> None:
    assert sweeps.left_out(np.array([[0.5], [0.7]])) is None


def cells_of(scores: dict[Any, Sequence[float]], test: float = 0.5) -> list[Result]:
    return [
        result("topk", seed, test + 0.01 * seed, validation=score, cell=cell, kept_fraction=0.5)
        for cell, own in scores.items()
        for seed, score in enumerate(own)
    ]


def test_validation_chooses_the_cell_and_the_test_only_says_what_it_is_worth() -> None:
    found = cells_of({A: [0.6, 0.7, 0.8], B: [0.7, 0.8, 0.6]})
    found = [replace(r, values=r.values | {"test": r.values["test"] | {"accuracy": 1.0}}) if r.cell == B else r
             for r in found]  # fmt: skip
    grid = sweeps.sweep([*found, result("none", 0, cell=A)], "topk")
    assert [(cell.cell, cell.validation, cell.kept_fraction) for cell in grid.cells] == [
        (A, pytest.approx(0.7), 0.5), (B, pytest.approx(0.7), 0.5),
    ]  # fmt: skip
    choice = grid.choice
    assert choice is not None
    assert choice.cell.cell == A  # the first of equals, although the test prefers the other
    assert (choice.cells, choice.seeds, choice.texts) == (2, 3, 10)
    assert choice.test == pytest.approx(0.51)
    assert choice.ci95[0] <= choice.test <= choice.ci95[1]
    assert choice.honest == pytest.approx(left_out_slowly(np.array([[0.6, 0.7, 0.8], [0.7, 0.8, 0.6]])))
    assert choice.flattery == pytest.approx(choice.validation - choice.honest)


def test_a_cell_that_is_not_done_is_shown_and_not_chosen() -> None:
    grid = sweeps.sweep(cells_of({A: [0.6, 0.6], B: [0.9]}), "topk")
    assert [len(cell.runs) for cell in grid.cells] == [2, 1]
    assert grid.choice is not None
    assert grid.choice.cell.cell == A
    assert sweeps.sweep([], "topk") == sweeps.Sweep("topk", (), None)
    told = json.loads(json.dumps(sweeps.to_json([sweeps.sweep(cells_of({A: [0.6], B: [0.9]}), "topk")])))
    assert told["chosen"][0]["settings"] == {"dropout": 0.2}
    assert told["chosen"][0]["validation_without_flattery"] is None


# Learning curves


def test_a_curve_compares_at_every_size_by_itself() -> None:
    found = [
        result(arm, seed, score + size / 1000, size=size)
        for size in (100, 20)
        for arm, own in {"none": LOW, "topk": HIGH}.items()
        for seed, score in enumerate(own)
    ] + [result("none", 0, size=400)]
    curve = curves.curve(found, ("none", "topk"))
    assert list(curve.comparisons) == [20, 100]
    for size in (20, 100):
        alone = compare([r for r in found if r.size == size], ("none", "topk"))
        assert curve.differences(size) == alone.of("accuracy")
    points = curve.points("topk")
    assert [(p.size, p.mean) for p in points] == [
        (20, pytest.approx(np.mean(HIGH) + 0.02)), (100, pytest.approx(np.mean(HIGH) + 0.1)),
    ]  # fmt: skip
    told = json.loads(json.dumps(curves.to_json(curve)))
    assert [(p["arm"], p["size"]) for p in told["points"]] == [
        (arm, size) for arm in ("none", "topk") for size in (20, 100)
    ]
    assert [(d["size"], d["decision"]) for d in told["differences"]] == [(20, "better"), (100, "better")]


def test_sizes_beyond_the_training_part_are_one_the_whole_part(dataset: Dataset) -> None:
    whole = len(dataset.rows("train"))
    config = StudyConfig("curve", BASE, 2, sizes=(8, whole - 1, whole + 1, 4000))
    assert curves.fitting(config, dataset).sizes == (8, whole - 1, whole)
    assert curves.fitting(replace(config, sizes=(8, whole)), dataset).sizes == (8, whole)
    many = build(planted(texts=80, classes=4).table)[0]
    assert refused(lambda: curves.fitting(replace(config, sizes=(7, 20)), many)).code == "too_short"


# Cost

prices = st.dictionaries(
    st.text("abcdef", min_size=1, max_size=3),
    st.tuples(st.integers(0, 5).map(float), st.integers(0, 5).map(float)),
    max_size=8,
)


@given(prices)
def test_the_frontier_is_what_nobody_beats(points: dict[str, tuple[float, float]]) -> None:
    def beaten(name: str) -> bool:
        cost, score = points[name]
        return any(c <= cost and s >= score and (c, s) != (cost, score) for c, s in points.values())

    best = frontier(points)
    assert sorted(best) == sorted(name for name in points if not beaten(name))
    assert [points[name] for name in best] == sorted(points[name] for name in best)


def test_costs_are_ratios_to_the_baseline_within_a_seed() -> None:
    found = [
        result("none", 0, 0.5, seconds=1.0), result("topk", 0, 0.6, seconds=2.0),
        result("none", 1, 0.5, seconds=4.0), result("topk", 1, 0.6, seconds=4.0),
    ]  # fmt: skip
    none, topk = costs(compare(found, ("none", "topk")))
    assert (none["seconds_ratio"], topk["seconds_ratio"]) == (1.0, 1.5)
    assert none["seconds_frontier"]
    assert topk["seconds_frontier"]
    assert topk["training_flops_frontier"]
    assert not none["training_flops_frontier"]  # as dear, and worse
