"""`--what errors`: which test texts were answered wrongly."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

from dynmask_core.cli.questions.base import Analysis, at_least_one
from dynmask_core.errors import InputError
from dynmask_core.runs import Run


def _options(command: Any) -> None:
    command.add_argument("--cell", metavar="TRUE,PREDICTED", help="one cell of its confusion matrix")
    command.add_argument("--disagree", action="store_true", help="texts that the arms answer differently")
    command.add_argument("--suspicious", action="store_true", help="texts that are probably mislabelled")
    command.add_argument("--all", action="store_true", help="right answers, too")


def _ask(run: Run, arguments: argparse.Namespace) -> dict[str, Any]:
    from dynmask_core.analysis.errors import SOURCE, answers, select

    at_least_one("top", arguments.top)
    found = answers(run)
    arm = found.arms[-1] if arguments.arm is None else arguments.arm
    cell = None if arguments.cell is None else _cell(arguments.cell, found.classes)
    free = arguments.all or cell or arguments.disagree or arguments.suspicious
    chosen = select(
        found, arm, wrong=not free, cell=cell, word=" ".join(arguments.word),
        disagree=arguments.disagree, suspicious=arguments.suspicious,
    )  # fmt: skip
    wrong = {name: int((found.predicted[a] != found.truth).sum()) for a, name in enumerate(found.arms)}
    told = {"arm": arm, "early": found.early, "epoch": found.epoch, "tests": len(found), "wrong": wrong}
    texts = [found.to_json(index) for index in chosen[: arguments.top].tolist()]
    source = {"source": SOURCE} if arguments.suspicious else {}
    return told | source | {"found": len(chosen), "texts": texts}


def _cell(written: str, classes: Sequence[str]) -> tuple[str, str]:
    """A class may have commas in its name."""
    parts = written.split(",")
    for cut in range(1, len(parts)):
        cell = ",".join(parts[:cut]).strip(), ",".join(parts[cut:]).strip()
        if set(cell) <= set(classes):
            return cell
    raise InputError("bad_cell", cell=written, classes=", ".join(classes))


def _show(result: dict[str, Any]) -> None:
    early = f", early: after epoch {result['epoch']}" if result["early"] else ""
    counts = ", ".join(f"{arm} {count}" for arm, count in result["wrong"].items())
    print(f"run {result['run']}{early}: wrong of {result['tests']} test texts: {counts}")
    print(f"{result['found']} texts, those that {result['arm']} finds hardest first")
    if "source" in result:
        print(f"probably mislabelled according to {result['source']}")
    for text in result["texts"]:
        print(f"\n{text['text']}\n  true: {text['truth']}")
        for arm, answer in text["answers"].items():
            doubt = "" if answer["suspect"] is None else f", label probably {answer['suspect']}"
            print(f"  {arm}: {answer['predicted']} {answer['probability']:.3f}, loss {answer['loss']:.3f}{doubt}")
        if text["unknown"]:
            print(f"  words the model never saw: {', '.join(text['unknown'])}")


ANALYSIS = Analysis("which test texts were wrong", _options, _ask, _show)
