"""`--what thresholds`: what a trained model would do at another θ."""

from __future__ import annotations

import argparse
from typing import Any

from dynmask_core.cli.questions.base import Analysis, best_epoch_only, progress, standing_of
from dynmask_core.messages import text
from dynmask_core.runs import Run


def _ask(run: Run, arguments: argparse.Namespace) -> dict[str, Any]:
    from dynmask_core.analysis.thresholds import PARTS, thresholds

    best_epoch_only(arguments)
    arms = () if arguments.arm is None else (arguments.arm,)
    with progress() as tick:
        found = thresholds(run, arms, tick)
    told = []
    for one in found.values():
        why = text(f"thresholds.why.{one.why_not}", arm=one.arm) if one.why_not else ""
        told.append(one.to_json() | {"said": why})
    return standing_of(run) | {"parts": PARTS, "arms": told}


def _show(result: dict[str, Any]) -> None:
    for arm in result["arms"]:
        print(f"\n{arm['said'] or arm['arm']}")
        if arm["why_not"]:
            continue
        print("  θ      " + "".join(f"{part:>12}" for part in result["parts"]) + "   words kept      FLOPs")
        test = arm["parts"]["test"]
        for i, theta in enumerate(arm["thetas"]):
            right = "".join(f"{arm['parts'][part]['accuracy'][i]:12.3f}" for part in result["parts"])
            cost = f"{test['kept'][i]:12.0%}{test['flops'][i] / max(test['flops'][0], 1):12.0%}"
            marks = [" trained"] * (i == arm["trained"]) + [" best on validation"] * (i == arm["chosen"])
            print(f"  {theta:<7g}{right}{cost}{','.join(marks)}")
    print(f"\n{text('thresholds.honest')}")


ANALYSIS = Analysis(
    "accuracy, words kept and cost at other thresholds θ", lambda command: None, _ask, _show, over_seeds=True
)
