"""`dynmask predict`: what the trained models of a run answer to the samples of a file: their classes, or the marks of
their units."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from dynmask_core.cli.data import add_read_options, read_options
from dynmask_core.cli.experiment import RUNS_DIR_HELP
from dynmask_core.config import OBJECTS, OUTSIDE
from dynmask_core.errors import InputError
from dynmask_core.runs import default_root, find_run


def add(commands: Any) -> None:
    told = "predict the classes of new samples, mark them, or go on with them, with a trained run"
    command = commands.add_parser("predict", help=told)
    command.add_argument("name", metavar="RUN")
    told = "a file with a text per line, any data file (labels are not read), a zip, or sample:NAME"
    command.add_argument("data", metavar="DATA", help=told)
    add_read_options(command)
    command.add_argument("--arm", help="one arm of the run (default: all)")
    command.add_argument("--to", type=Path, metavar="FILE", help="write a CSV file (default: print the answers)")
    command.add_argument("--runs-dir", type=Path, metavar="DIR", help=RUNS_DIR_HELP)
    command.set_defaults(run=run, show=show)


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    from dynmask_core.analysis.marked import mark
    from dynmask_core.analysis.predict import predict, read_texts
    from dynmask_core.runs import files
    from dynmask_core.tasks import task_of

    trained = find_run(arguments.runs_dir or default_root(), arguments.name)
    if arguments.to is not None and arguments.to.is_dir():
        raise InputError("is_directory", path=arguments.to)
    texts, column, doubts, names = read_texts(trained, arguments.data, arguments.text_column, **read_options(arguments))
    arms = () if arguments.arm is None else (arguments.arm,)
    marks = "marks" in task_of(trained.config()).provides
    found = mark(trained, texts, arms) if marks else predict(trained, texts, arms, names=names)
    for doubt in doubts:
        print(f"! {doubt.text()}", file=sys.stderr)
    if found.early:
        print(f"! early: the run is not finished, this is after epoch {found.epoch}", file=sys.stderr)
    told = {"run": trained.name, "arms": list(found.predicted), "early": found.early, "epoch": found.epoch}
    told |= {"text_column": column, "warnings": [doubt.text() for doubt in doubts]}
    told |= {"rows": len(texts), "empty": found.empty, "to": None if arguments.to is None else str(arguments.to)}
    if arguments.to is None:
        return told | {"answers": found.rows()}
    files.write_bytes(arguments.to, found.csv())
    return told


def show(result: dict[str, Any]) -> None:
    for row in result.get("answers", ()):
        if "units" in row:
            _show_marks(row, result["arms"])
            continue
        answers = (f"{row[f'predicted_{arm}']} {row[f'probability_{arm}'] or 0:.3f}" for arm in result["arms"])
        print(*answers, " ".join(row["text"].split()), sep="\t")
    if result["to"] is not None:
        print(f"{result['rows']} rows written to {result['to']}")


def _show_marks(row: dict[str, Any], arms: list[str]) -> None:
    """Units that are marked as something, one arm to a line."""
    for arm in arms:
        told = zip(row["units"], row[f"marks_{arm}"], strict=True)
        print(arm, *(f"{unit}/{mark}" for unit, mark in told if mark not in (OUTSIDE, OBJECTS[0])), sep="\t")
