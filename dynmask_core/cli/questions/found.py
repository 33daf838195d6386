"""`--what found`: does a mask find the object in a picture without being told?"""

from __future__ import annotations

import argparse
from typing import Any

from dynmask_core.cli.questions.base import Analysis, best_epoch_only, progress, standing_of
from dynmask_core.messages import text, told
from dynmask_core.runs import Run


def _ask(run: Run, arguments: argparse.Namespace) -> dict[str, Any]:
    from dynmask_core.analysis.found import found

    best_epoch_only(arguments)
    with progress() as tick:
        arms = found(run, () if arguments.arm is None else (arguments.arm,), tick)
    return standing_of(run) | {
        "arms": [one.to_json() | {"said": [told(words) for words in one.said()]} for one in arms],
        "said": text("found.honest"),
    }


def _show(result: dict[str, Any]) -> None:
    for arm in result["arms"]:
        print(f"\n{arm['arm']}: {arm['pictures']} pictures, {arm['chance']:.0%} of the patches are the object")
        for one in arm["sources"]:
            print(f"  {one['name']:11s} average precision {one['precision']:.3f}   IoU {one['iou']:.3f}")
        for said in arm["said"]:
            print(f"  {said}")
    print(f"\n{result['said']}")


ANALYSIS = Analysis("whether masks find objects whose pixels are known", lambda command: None, _ask, _show)
