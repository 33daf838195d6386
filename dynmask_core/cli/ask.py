"""`dynmask ask`: asks the trained models of a run; each analysis is one value of --what."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dynmask_core.cli.experiment import RUNS_DIR_HELP
from dynmask_core.errors import InputError
from dynmask_core.runs import Run, default_root, find_run

TOP = 20


@dataclass(frozen=True)
class Analysis:
    """One value of --what. add: its options. run: what the page shows, as JSON. show: prints that."""

    add: Callable[[Any], None]
    run: Callable[[Run, argparse.Namespace], dict[str, Any]]
    show: Callable[[dict[str, Any]], None]


def add(commands: Any) -> None:
    command = commands.add_parser("ask", help="ask the trained models of a run, for example which texts are wrong")
    command.add_argument("name", metavar="RUN")
    command.add_argument("--what", choices=tuple(ANALYSES), required=True, help="errors: which test texts were wrong")
    command.add_argument("--runs-dir", type=Path, metavar="DIR", help=RUNS_DIR_HELP)
    for analysis in ANALYSES.values():
        analysis.add(command)
    command.set_defaults(run=run, show=lambda result: ANALYSES[result["what"]].show(result))


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    found = find_run(arguments.runs_dir or default_root(), arguments.name)
    head = {"run": found.name, "what": arguments.what}
    return head | ANALYSES[arguments.what].run(found, arguments)


def _errors_options(command: Any) -> None:
    command.add_argument("--arm", help="whose answers are sorted and filtered (default: the last arm)")
    command.add_argument("--cell", metavar="TRUE,PREDICTED", help="one cell of its confusion matrix")
    command.add_argument("--word", default="", help="texts with this word")
    command.add_argument("--disagree", action="store_true", help="texts that the arms answer differently")
    command.add_argument("--suspicious", action="store_true", help="texts that are probably mislabelled")
    command.add_argument("--all", action="store_true", help="right answers, too")
    command.add_argument("--top", type=int, default=TOP, metavar="N", help="at most N texts (default %(default)s)")


def _errors(run: Run, arguments: argparse.Namespace) -> dict[str, Any]:
    from dynmask_core.analysis.errors import SOURCE, answers, select

    if arguments.top < 1:
        raise InputError("bad_number", name="top", value=arguments.top, least=1)
    found = answers(run)
    arm = found.arms[-1] if arguments.arm is None else arguments.arm
    cell = None if arguments.cell is None else _cell(arguments.cell, found.classes)
    free = arguments.all or cell or arguments.disagree or arguments.suspicious
    chosen = select(
        found, arm, wrong=not free, cell=cell, word=arguments.word,
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


def _show_errors(result: dict[str, Any]) -> None:
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


ANALYSES = {"errors": Analysis(_errors_options, _errors, _show_errors)}
