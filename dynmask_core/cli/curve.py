"""`dynmask curve`: the scores of each arm with fewer training texts."""

from __future__ import annotations

import argparse
from typing import Any

from dynmask_core.cli.study import add_study_options, run_study, show_head, study_config
from dynmask_core.errors import InputError
from dynmask_core.messages import text


def add(commands: Any) -> None:
    command = commands.add_parser("curve", help="learning curves over the number of training texts")
    add_study_options(command, "curve")
    command.add_argument("--sizes", default="50,100,200,400", metavar="N1,N2", help="(default %(default)s)")
    command.set_defaults(run=run, show=show)


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    try:
        sizes = tuple(sorted({int(size) for size in arguments.sizes.split(",") if size.strip()}))
    except ValueError:
        raise InputError("bad_setting", name="sizes", value=arguments.sizes, expected="50,100,200 …") from None
    return run_study(arguments, study_config(arguments, kind="curve", sizes=sizes))


def show(result: dict[str, Any]) -> None:
    show_head(result)
    apart = {(d["arm"], d["size"]): d for d in result["differences"]}
    for point in result["points"]:
        low, high = point["ci95"]
        line = f"{point['arm']:12s} {point['size']:6d}  {point['accuracy']:.4f} ({low:.4f}–{high:.4f})"
        if said := apart.get((point["arm"], point["size"])):
            decision = text(f"study_report.decision.{said['decision']}")
            line += f"  {100 * said['mean']:+.1f} points: {decision}"
        print(line)
