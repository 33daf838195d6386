"""`--what faithfulness`: whether answers hang on the words that a mask keeps most."""

from __future__ import annotations

import argparse
from typing import Any

from dynmask_core.cli.questions.base import Analysis, best_epoch_only, progress, standing_of
from dynmask_core.messages import text, told
from dynmask_core.runs import Run


def _ask(run: Run, arguments: argparse.Namespace) -> dict[str, Any]:
    from dynmask_core.analysis.faithfulness import SHARES, faithfulness

    best_epoch_only(arguments)
    arms = () if arguments.arm is None else (arguments.arm,)
    with progress() as tick:
        found = faithfulness(run, arms, tick)
    arms_told = [one.to_json() | {"verdict": one.verdict, "said": told(one.sentence)} for one in found.values()]
    return standing_of(run) | {"shares": SHARES, "arms": arms_told}


def _show(result: dict[str, Any]) -> None:
    from dynmask_core.report.plain import percent

    print(f"\n{text('faith.table.unit')}")
    for arm in result["arms"]:
        print(f"\n{arm['said']}")
        if not arm["rankings"]:
            continue
        print(
            f"  {'order of words':<24}{'comprehensiveness':>26}{'sufficiency':>26}{'normalized':>12}{'precision':>11}"
        )
        for name, one in arm["rankings"].items():
            between = percent(one["normalized"][0]["mean"]) if one["normalized"] else ""
            found = percent(one["precision"]) if one["precision"] is not None else ""
            cells = f"{_mean(one['comprehensiveness']):>26}{_mean(one['sufficiency']):>26}{between:>12}{found:>11}"
            print(f"  {text(f'faith.order.{name}'):<24}{cells}")
    print(f"\n{text('faith.honest')}")


def _mean(one: dict[str, float]) -> str:
    from dynmask_core.report.plain import estimate

    return estimate((one["mean"], one["low"], one["high"]))


ANALYSIS = Analysis(
    "whether answers hang on the words a mask keeps most", lambda command: None, _ask, _show, over_seeds=True
)
