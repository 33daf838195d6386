"""`--what snr`: how many test sounds the trained models get right in noise."""

from __future__ import annotations

import argparse
from typing import Any

from dynmask_core.cli.questions.base import Analysis, best_epoch_only, progress, standing_of
from dynmask_core.messages import told
from dynmask_core.runs import Run


def _ask(run: Run, arguments: argparse.Namespace) -> dict[str, Any]:
    from dynmask_core.analysis.snr import LEVELS, snr
    from dynmask_core.report.questions.snr import honest, said

    best_epoch_only(arguments)
    arms = () if arguments.arm is None else (arguments.arm,)
    with progress() as tick:
        found = list(snr(run, arms, tick).values())
    sentences = [*map(told, said(found)), told(honest(found[0]))]
    return standing_of(run) | {"levels": list(LEVELS), "said": sentences, "arms": [one.to_json() for one in found]}


def _show(result: dict[str, Any]) -> None:
    for arm in result["arms"]:
        print(f"\n{arm['arm']:24s}" + "".join(f"{level:>8} dB" for level in result["levels"]) + "      clean")
        for name, values in arm["noises"].items():
            print(f"  {name:22s}" + "".join(f"{value:11.3f}" for value in values))
        print(f"  {'mean':22s}" + "".join(f"{value:11.3f}" for value in [*arm["mean"], arm["clean"]]))
        print(f"  {'ideal ratio mask':22s}" + "".join(f"{value:11.3f}" for value in arm["ideal"]))
    print()
    for sentence in result["said"]:
        print(sentence)


ANALYSIS = Analysis(
    "accuracy on the test sounds in noise, from −5 to 20 dB and clean", lambda command: None, _ask, _show
)
