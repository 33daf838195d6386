"""The results of a study's finished runs, one per arm and run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dynmask_core.data.split import TEST
from dynmask_core.errors import InputError
from dynmask_core.evaluate.verdict import absent_classes
from dynmask_core.messages import Sentence, listed, say
from dynmask_core.runs import Run
from dynmask_core.studies.config import Cell
from dynmask_core.studies.study import Study

METRICS = ("accuracy", "f1", "precision", "recall")


@dataclass(frozen=True)
class Result:
    """One arm of one finished run. arm: its name in the study's settings; a run of a sweep may name it differently.

    values: what the run reports for the arm (see `dynmask train --json`). right: bool [test texts], None if the run
    did not save its predictions. absent: names of the classes without test texts. reference: what simple models get on
    the run's split; empty for old runs.
    """

    arm: str
    seed: int
    cell: Cell
    size: int | None
    run: str
    values: dict[str, Any]
    right: np.ndarray | None
    absent: tuple[str, ...] = ()
    reference: Sequence[dict[str, Any]] = ()

    def score(self, metric: str, part: str = "test") -> float:
        return float(self.values[part][metric])

    def to_json(self) -> dict[str, Any]:
        """Without the confusion matrices."""
        parts = ("test", "validation", "transfer")
        scores = {part: {m: self.score(m, part) for m in METRICS} for part in parts if part in self.values}
        names = ("best_epoch", "seconds", "training_flops", "kept_fraction", "mean_mask")
        cell = {"cell": dict(self.cell)} if self.cell else {}
        size = {} if self.size is None else {"size": self.size}
        return {"seed": self.seed, "run": self.run} | cell | size | scores | {n: self.values[n] for n in names}


def results(study: Study) -> list[Result]:
    """The results of all finished runs, in the order of the study's jobs and arms."""
    dataset = study.dataset()
    found = []
    for job, run in study.finished():
        stored, (predicted, test) = run.result(), _predicted(run)
        for arm, values in zip(study.config.base.arms, (stored or {"arms": []})["arms"], strict=False):
            given = predicted.get(values["name"])
            right = None if given is None or test is None else given == dataset.labels[test]
            absent = tuple(dataset.classes[code] for code in absent_classes(values["test"]))
            reference = (stored or {}).get("reference", ())
            found.append(Result(arm, job.seed, job.cell, job.size, run.name, values, right, absent, reference))
    return found


def _predicted(run: Run) -> tuple[dict[str, np.ndarray], np.ndarray | None]:
    """By arm, the predicted classes, and the rows of the test texts; without both where a file is damaged or missing:
    the scores can do without."""
    try:
        predicted, split = run.predictions() or {}, run.split()
    except InputError:
        return {}, None
    return predicted, np.flatnonzero(split == TEST) if predicted else None


def lacking(found: Sequence[Result]) -> Sentence | None:
    """Names the classes that some run has no test texts of, else None."""
    names = dict.fromkeys(name for result in found for name in result.absent)
    runs = {result.run for result in found if result.absent}
    if not names:
        return None
    return say("study.absent", classes=listed(names), runs=len(runs), all=len({r.run for r in found}))


def paired_seeds(found: Sequence[Result], arms: Sequence[str]) -> dict[str, list[Result]]:
    """By arm, its results in ascending order of seed, one per seed; only seeds in which all arms have all cells.

    If there are several cells, the arm's result in a seed is the one that is best on validation: by accuracy, then
    loss, then the first. A cell that no seed has finished is ignored.
    """
    cells = {result.cell for result in found}
    own: dict[tuple[str, int], list[Result]] = {(arm, result.seed): [] for arm in arms for result in found}
    for result in found:
        if result.arm in arms:
            own[result.arm, result.seed].append(result)
    whole = {key: {result.cell for result in tried} == cells for key, tried in own.items()}
    seeds = sorted({seed for _, seed in own if all(whole[arm, seed] for arm in arms)})
    return {arm: [max(own[arm, seed], key=_rank) for seed in seeds] for arm in arms}


def _rank(result: Result) -> tuple[float, float]:
    validation = result.values["validation"]
    return validation["accuracy"], -validation["loss"]
