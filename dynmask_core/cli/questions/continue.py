"""`--what continue`: what a model writes after a source, word by word, and what it looked at."""

from __future__ import annotations

import argparse
from typing import Any

from dynmask_core.cli.continuing import add_sampling, sampling
from dynmask_core.cli.questions.base import Analysis, standing_of
from dynmask_core.config.checks import one_of
from dynmask_core.runs import Run

MOST = 3
"""So many units that a word looked at are printed."""


def _ask(run: Run, arguments: argparse.Namespace) -> dict[str, Any]:
    # Loaded here: to list the options must not take the seconds that torch needs.
    from dynmask_core.analysis.continued import continued, require_writing
    from dynmask_core.analysis.subject import Subject

    require_writing(run)
    arms = run.config().arms
    if arguments.arm is not None:
        one_of("arm", arguments.arm, arms)
    watched = [probe.text for probe in run.probes()]
    source = (watched or [""])[0] if arguments.text is None else arguments.text
    chosen = sampling(arguments)
    asked = arms if arguments.arm is None else (arguments.arm,)
    rows = [continued(run, Subject.open(run, arm, arguments.epoch), source, chosen) for arm in asked]
    return {**standing_of(run), "text": rows[0].source, "rows": [row.to_json() for row in rows]}


def _show(result: dict[str, Any]) -> None:
    for row in result["rows"]:
        print(f"\n{row['arm']} after epoch {row['epoch']}: {row['source']} ⇒ {row['text']}")
        for word in sorted(row["words"], key=lambda one: one["step"]):
            seen = sorted(zip(word["attention"], row["units"], strict=True), reverse=True)[:MOST]
            others = "  ".join(f"{one['word']} {one['probability']:.2f}" for one in word["alternatives"])
            looked = "  ".join(f"{unit} {weight:.2f}" for weight, unit in seen)
            print(f"  {word['step']:3d}  {word['word']:12s} {word['probability']:.3f}   {others}   looked at {looked}")
    print("\nAttention is averaged over blocks and heads; it is not proof of a reason.")


ANALYSIS = Analysis(
    "what is written after a source, word by word, with the attention it came from", add_sampling, _ask, _show
)
