"""What came out of a run, as blocks."""

from __future__ import annotations

from typing import Any

from dynmask_core.analysis.standing import Standing
from dynmask_core.analysis.task_scores import EXPLAINED, NUMBERS, SHARES, TaskScores
from dynmask_core.analysis.worth import worth
from dynmask_core.blocks import Block, Column, Finding, Paragraph, Table
from dynmask_core.evaluate import METRICS
from dynmask_core.evaluate.verdict import of_run, texts_in
from dynmask_core.masks import brief
from dynmask_core.messages import Words, say
from dynmask_core.runs import Run


def blocks(run: Run, stands: Standing | None) -> list[Block]:
    """stands: None while the run trains, or before its first epoch is complete."""
    if stands is None:
        return [Finding(say("score.later"), "note")]
    arms, epochs = stands.result["arms"], run.config().train.epochs
    early = [Finding(say("score.early", epoch=stands.epoch, epochs=epochs), "note")] if stands.early else []
    if run.config().task.tested and (found := TaskScores.of(stands.result)):
        shown = [Finding(words, "note") for words in (found.headline(), *found.shows())]
        return [*early, *shown, _of_task(found)]
    if not arms or "test" not in arms[0]:
        return [*early, *_validated(arms)]
    verdicts = [Finding(words, _look(words.key)) for words in of_run(arms, run.dataset().classes)]
    sure = [Finding(words, "note") for words in worth(stands.result)]
    read = Paragraph(say("run_report.scores.read", tests=texts_in(arms[0]["test"])))
    return [*early, *verdicts, *sure, read, _tested(stands.result)]


def _look(key: str) -> Any:
    return "undetected" if key == "verdict.within" else "few_texts" if key == "verdict.few_texts" else "note"


def _tested(result: dict[str, Any]) -> Table:
    columns = [
        Column("arm", say("score.arm")),
        *(Column(name, say(f"score.{name}"), "thousandths") for name in METRICS),
    ]
    columns += [
        Column("best_epoch", say("score.best_epoch"), "whole", say("score.best_epoch.help")),
        Column("kept", say("run_report.kept"), "percent", say("score.kept.help")),
        Column("seconds", say("score.seconds"), "tenths"),
    ]
    rows: list[list[Any]] = []
    for arm in result["arms"]:
        row = [brief(arm["name"]), *(arm["test"][name] for name in METRICS)]
        rows.append([*row, arm["best_epoch"], arm["kept_fraction"], arm["seconds"]])
    for one in result.get("reference", []):  # older runs have none
        row = [say(f"reference.{one['name']}"), *(one["test"][name] for name in METRICS)]
        rows.append([*row, None, None, one["seconds"]])
    return Table("run_scores", columns, rows)


def _of_task(found: TaskScores) -> Table:
    """Of a task that tells no classes apart."""
    shares, numbers = found.there(SHARES), found.there(NUMBERS)
    columns = [Column("arm", say("score.arm"))]
    for name in (*shares, *numbers):
        told = say(f"score.{name}.help") if name in EXPLAINED else ""
        columns.append(Column(name, say(f"score.{name}"), "thousandths", told))
    columns.append(Column("best_epoch", say("score.best_epoch"), "whole", say("score.best_epoch.help")))
    every: list[tuple[Words, dict[str, Any]]] = [(brief(arm["name"]), arm) for arm in found.arms]
    every += [(say(f"reference.{one['name']}"), one) for one in found.references]
    rows = [
        [name, *(one[found.part].get(score) for score in (*shares, *numbers)), one.get("best_epoch")]
        for name, one in every
    ]
    return Table("run_scores", columns, rows)


def _validated(arms: list[dict[str, Any]]) -> list[Block]:
    """The scores of a task without test texts."""
    columns = [Column("arm", say("score.arm")), Column("loss", say("take.replay.loss"), "thousandths")]
    columns.append(Column("accuracy", say("score.accuracy"), "thousandths"))
    rows = [[brief(arm["name"]), arm["validation"]["loss"], arm["validation"]["accuracy"]] for arm in arms]
    return [Paragraph(say("run_report.validated.read")), Table("run_scores", columns, rows)]
