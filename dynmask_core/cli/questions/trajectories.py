"""`--what trajectories`: how the masks of words went over the epochs, and where they crossed θ."""

from __future__ import annotations

import argparse
from typing import Any

from dynmask_core.cli.questions.base import Analysis, at_least_one
from dynmask_core.errors import InputError
from dynmask_core.messages import told
from dynmask_core.runs import Run


def _options(command: Any) -> None:
    command.add_argument("--typical", metavar="CLASS", help="words more typical of this class")
    command.add_argument(
        "--band", help="words seen so often: common (3 times or more, the default), once, few, some, many, all"
    )


def _ask(run: Run, arguments: argparse.Namespace) -> dict[str, Any]:
    from dynmask_core.analysis.trajectories import bundles, find, select, told_crossings, told_overall, trajectories

    at_least_one("top", arguments.top)
    found = trajectories(run, arguments.arm)
    pinned = []
    for word in arguments.word:
        here = find(found, word)
        if not here:
            raise InputError("unknown_word", word=word)
        pinned += here
    band = arguments.band or ""
    shown = select(found, pinned=list(dict.fromkeys(pinned)), cls=arguments.typical, band=band)
    crossed = told_crossings(found, bundles(found, shown))
    sentences = [*told_overall(found), *(one.told() for one in found.changes), *crossed]
    return {
        "arm": found.arm,
        "epochs": list(found.epochs),
        "thresholds": [round(float(value), 3) for value in found.thresholds],
        "vocabulary": len(found),
        "found": len(shown),
        "changes": [one.to_json() for one in found.changes],
        "said": [told(sentence) for sentence in sentences],
        "words": [found.to_json(index) for index in shown[: arguments.top]],
    }


def _show(result: dict[str, Any]) -> None:
    print("\n".join(result["said"]))
    for word in result["words"]:
        path = " ".join(f"{value:.2f}" for value in word["path"])
        kind = f", typical of {word['typical_of']}" if word["typical_of"] is not None else ""
        print(f"{word['word']:<16} {path}  seen {word['count']}{kind}")


ANALYSIS = Analysis("how the masks of words went over the epochs, and where they crossed θ", _options, _ask, _show)
