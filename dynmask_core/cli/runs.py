"""`dynmask runs`: lists runs and studies; shows or exports a run."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any

from dynmask_core.cli import take
from dynmask_core.cli.experiment import RUNS_DIR_HELP
from dynmask_core.errors import InputError, of_system
from dynmask_core.messages import LANGUAGES
from dynmask_core.runs import Run, default_root, find_run, list_runs
from dynmask_core.runs.check import faults
from dynmask_core.studies import Study, list_studies


def add(commands: Any) -> None:
    command = commands.add_parser("runs", help="list runs and studies, show or export a run")
    command.add_argument("action", nargs="?", choices=("list", "show", "export"), default="list")
    command.add_argument("name", nargs="?", metavar="RUN")
    command.add_argument(
        "--to",
        type=Path,
        metavar="FILE",
        help="the file to write: .html a replay, .md a report, .zip the run, .py code",
    )
    told = "what to write: a report goes to an .html or .md file, tables to a .csv, .json or .parquet file"
    command.add_argument("--what", choices=take.WHATS, help=told)
    command.add_argument("--arm", help="of the model to export (default: the last one)")
    command.add_argument("--with-questions", action="store_true", help="a report: first answer what was not asked yet")
    command.add_argument("--models", action="store_true", help="the whole run: with its texts and trained models")
    command.add_argument("--lang", choices=tuple(LANGUAGES), help="of a replay or a report (default en)")
    command.add_argument("--runs-dir", type=Path, metavar="DIR", help=RUNS_DIR_HELP)
    command.set_defaults(run=run, show=show)


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    root = arguments.runs_dir or default_root()
    if arguments.action == "list":
        runs = [_line(found) for found in (*list_runs(root), *Run.headless(root))]
        studies = [_study(found) for found in (*list_studies(root), *Study.headless(root))]
        return {"runs_dir": str(root), "runs": runs, "studies": studies}
    if arguments.name is None:
        raise InputError("no_run_named", action=arguments.action)
    found = find_run(root, arguments.name)
    if arguments.action == "show":
        return _whole(found)
    if arguments.to is None:
        raise InputError("no_target")
    wish = take.Wish(arguments.what, arguments.arm, arguments.lang, arguments.with_questions, arguments.models)
    told = take.write(found, arguments.to, wish)
    return {**_line(found), "to": str(arguments.to), **told}


def _whole(found: Run) -> dict[str, Any]:
    """All that can be read of a run, and which of its files cannot."""
    torn = [str(fault) for fault in faults(found)]
    try:
        result = found.result()
    except InputError:
        result = None
    told = {"config": found.config().to_json(), "result": result, "events": found.events()}
    return {**_line(found), **told, **({"damaged": torn} if torn else {})}


def _study(study: Study) -> dict[str, Any]:
    try:
        config, now = study.config, study.progress()
    except (InputError, OSError) as error:
        line = {"study": study.name, "kind": "", "source": "", "arms": [], "seeds": 0, "state": "failed"}
        return line | {"done": 0, "total": 0, "damaged": [_said(error)]}
    line = {"study": study.name, "kind": config.kind, "source": config.base.data.source, "arms": list(config.base.arms)}
    return line | {"seeds": config.seeds, "state": now.state, "done": now.done, "total": now.total}


def _line(run: Run) -> dict[str, Any]:
    """One of many: what is damaged in a run takes nothing from the others."""
    line: dict[str, Any] = {"run": run.name, "source": "", "arms": [], "seed": None}
    try:
        config = run.config()
        line |= {"source": config.data.source, "arms": list(config.arms), "seed": config.train.seed}
    except (InputError, OSError) as error:
        line["damaged"] = [_said(error)]
    status = asdict(run.status())
    return line | {key: status[key] for key in ("state", "epoch", "epochs", "elapsed")}


def _said(error: InputError | OSError) -> str:
    return str(of_system(error) if isinstance(error, OSError) else error)


def show(result: dict[str, Any]) -> None:
    for line in result.get("runs", [result]):
        arms = ",".join(line["arms"])
        print(f"{line['run']}  {line['state']:11s} epoch {line['epoch']} of {line['epochs']}  {arms}  {line['source']}")
        _show_damaged(line)
    for line in result.get("studies", []):
        arms = ",".join(line["arms"])
        done = f"{line['done']} of {line['total']} runs"
        print(f"{line['study']}  {line['state']:11s} {line['kind']}, {done}  {arms}  {line['source']}")
        _show_damaged(line)
    if "runs" in result and not result["runs"] and not result["studies"]:
        print(f"no runs in {result['runs_dir']}")
    if "to" in result:
        print(f"exported to {result['to']}")
    if "replay" in result:
        print(f"  {take.told(result['replay'])}")
    for arm in (result.get("result") or {"arms": []})["arms"]:
        if "test" in arm:
            shown = {"accuracy": "accuracy", "f1": "F1", "iou": "IoU", "exact": "exact"}
            scores = (f"{told} {arm['test'][name]:.4f}" for name, told in shown.items() if name in arm["test"])
            print(f"  {arm['name']:12s} test {'  '.join(scores)}")
        else:
            scores = arm["validation"]
            print(f"  {arm['name']:12s} validation loss {scores['loss']:.4f}  accuracy {scores['accuracy']:.4f}")


def _show_damaged(line: dict[str, Any]) -> None:
    for sentence in line.get("damaged", ()):
        print(f"  ! {sentence}")
