"""`dynmask ask`: asks the trained models of a run; each analysis is one value of --what."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from dynmask_core.cli.experiment import RUNS_DIR_HELP
from dynmask_core.cli.questions import ANALYSES
from dynmask_core.cli.questions.base import best_epoch_only, progress
from dynmask_core.errors import InputError
from dynmask_core.messages import speaking_of
from dynmask_core.runs import default_root, find_run
from dynmask_core.studies import KINDS, Study

TOP = 20
OVER_SEEDS = tuple(name for name, analysis in ANALYSES.items() if analysis.over_seeds)


def add(commands: Any) -> None:
    command = commands.add_parser("ask", help="ask the trained models of a run, for example which texts are wrong")
    command.add_argument("name", metavar="RUN", help="a run; for " + ", ".join(OVER_SEEDS) + " a study as well")
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
    command.set_defaults(run=run, show=show)


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    root = arguments.runs_dir or default_root()
    if study := Study.at(root, arguments.name):
        return _over_seeds(study, arguments)
    found = find_run(root, arguments.name)
    medium = found.config().input
    head = {"run": found.name, "what": arguments.what, "medium": medium}
    with speaking_of(medium):
        return head | ANALYSES[arguments.what].run(found, arguments)


def _over_seeds(study: Study, arguments: argparse.Namespace) -> dict[str, Any]:
    """The models of all seeds are asked, and every arm is judged."""
    from dynmask_core.studies.questions import QUESTIONS

    what = arguments.what
    if what not in KINDS[study.config.kind].questions:
        kinds = ", ".join(kind.name for kind in KINDS.values() if kind.questions)
        raise InputError("not_of_studies", what=what, known=", ".join(OVER_SEEDS), kinds=kinds)
    best_epoch_only(arguments)
    if arguments.arm is not None:
        raise InputError("all_arms", name=study.name)
    medium = study.config.base.input
    head = {"study": study.name, "what": what, "medium": medium}
    with progress() as tick, speaking_of(medium):
        found = QUESTIONS[what].answer(study, tick)
        return {**head, "state": study.progress().state, **found.to_json()}


def show(result: dict[str, Any]) -> None:
    with speaking_of(result["medium"]):
        _show(result)


def _show(result: dict[str, Any]) -> None:
    if "study" not in result:
        ANALYSES[result["what"]].show(result)
        return
    print(f"study {result['study']}: {len(result['seeds'])} seeds")
    for said in (*result["verdicts"], *(arm["said"] for arm in result["arms"] if arm["said"])):
        print(said)
    for one in result["comparisons"]:
        if one["metric"] != result["metrics"][0]:
            print(one["said"])
