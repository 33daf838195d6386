"""`dynmask ask`: asks the trained models of a run; each analysis is one value of --what."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from dynmask_core.cli.experiment import RUNS_DIR_HELP
from dynmask_core.cli.questions import ANALYSES
from dynmask_core.runs import default_root, find_run

TOP = 20


def add(commands: Any) -> None:
    command = commands.add_parser("ask", help="ask the trained models of a run, for example which texts are wrong")
    command.add_argument("name", metavar="RUN")
    told = "; ".join(f"{name}: {analysis.about}" for name, analysis in ANALYSES.items())
    command.add_argument("--what", choices=tuple(ANALYSES), required=True, help=told)
    command.add_argument("--arm", help="the model that is asked (default: the last arm)")
    command.add_argument("--epoch", type=int, metavar="N", help="as it was after epoch N (default: its best epoch)")
    command.add_argument("--text", metavar="SENTENCE", help="the sentence that is asked about")
    command.add_argument(
        "--word", nargs="+", default=(), metavar="W", help="texts with this word; or these words first"
    )
    command.add_argument("--top", type=int, default=TOP, metavar="N", help="at most N rows (default %(default)s)")
    command.add_argument("--runs-dir", type=Path, metavar="DIR", help=RUNS_DIR_HELP)
    for analysis in ANALYSES.values():
        analysis.add(command)
    command.set_defaults(run=run, show=lambda result: ANALYSES[result["what"]].show(result))


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    found = find_run(arguments.runs_dir or default_root(), arguments.name)
    head = {"run": found.name, "what": arguments.what}
    return head | ANALYSES[arguments.what].run(found, arguments)
