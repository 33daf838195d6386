"""`dynmask sweep`: a grid of settings, the cell that is best on validation, and its test score."""

from __future__ import annotations

import argparse
from typing import Any

from dynmask_core.cli.compare import axes
from dynmask_core.cli.study import add_study_options, run_study, show_head, study_config
from dynmask_core.cli.train import LIVE


def add(commands: Any) -> None:
    command = commands.add_parser("sweep", help="a grid of settings: which is best, and how much is that luck?")
    add_study_options(command, "sweep", lists=True)
    command.add_argument(
        "--vary", action="append", default=[], metavar="NAME=V1,V2",
        help="any other setting: learning_rate, dropout, preset, or of a mask, such as topk.keep",
    )  # fmt: skip
    command.set_defaults(run=run, show=show)


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    written = [f"{name}={values}" for name in LIVE if (values := getattr(arguments, name))]
    for name in LIVE:
        setattr(arguments, name, None)
    config = study_config(arguments, kind="sweep", axes=axes(arguments, written + arguments.vary))
    return run_study(arguments, config)


def show(result: dict[str, Any]) -> None:
    show_head(result)
    for cell in result["cells"]:
        print(
            f"{cell['arm']}  {_settings(cell)}  validation {cell['validation']:.4f}  kept {cell['kept_fraction']:.2f}  "
            f"{cell['seconds']:.1f} s"
        )
    for chosen in result["chosen"]:
        low, high = chosen["test_ci95"]
        print(f"chosen on validation, for {chosen['arm']}, out of {chosen['cells']}: {_settings(chosen)}")
        honest = chosen["validation_without_flattery"]
        if honest is not None:
            flattery = 100 * (chosen["validation"] - honest)
            print(
                f"  validation {chosen['validation']:.4f}, of which {flattery:+.1f} points come from choosing the best"
            )
        print(
            f"  test {chosen['test_accuracy']:.4f} ({low:.4f}–{high:.4f}), {chosen['test_texts']} texts, not looked at"
        )


def _settings(line: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in line["settings"].items())
