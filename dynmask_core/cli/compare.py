"""`dynmask compare`: arms × seeds, and whether their differences are significant."""

from __future__ import annotations

import argparse
from typing import Any

from dynmask_core.cli.study import add_study_options, run_study, show_head, study_config
from dynmask_core.errors import InputError
from dynmask_core.masks import separate
from dynmask_core.studies.settings import Value, read


def add(commands: Any) -> None:
    command = commands.add_parser("compare", help="is an arm better than the first one, and how sure is that?")
    add_study_options(command, "compare")
    command.add_argument("--test-on", metavar="DATA", default="", help="another data set with the same labels")
    command.add_argument(
        "--choose", action="append", default=[], metavar="NAME=V1,V2",
        help="settings that every arm chooses on validation, in each seed (each takes as many runs)",
    )  # fmt: skip
    command.set_defaults(run=run, show=show)


def axes(arguments: argparse.Namespace, written: list[str]) -> tuple[tuple[str, tuple[Value, ...]], ...]:
    """Typed NAME=V1,V2 → the axes of a study. Raises InputError `no_values` without "="."""
    from dynmask_core.cli.train import experiment_config

    base = experiment_config(arguments)
    found = []
    for line in written:
        name, equals, values = line.partition("=")
        if not equals:
            raise InputError("no_values", name=line)
        found.append((name.strip(), read(base, name.strip(), separate(values, ","))))
    return tuple(found)


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    config = study_config(arguments, axes=axes(arguments, arguments.choose), test_on=arguments.test_on)
    return run_study(arguments, config)


def show(result: dict[str, Any]) -> None:
    show_head(result)
    if not result["arms"]:
        return
    width = max(len(arm["name"]) for arm in result["arms"])
    print(" " * width, " accuracy (95 % interval)       F1   seconds   kept")
    for arm in result["arms"]:
        low, high = arm["ci95"]
        mean = arm["mean"]
        print(
            f"{arm['name']:{width}s}  {mean['accuracy']:.4f} ({low:.4f}–{high:.4f})  {mean['f1']:.4f}  "
            f"{mean['seconds']:8.1f}  {mean['kept_fraction']:.2f}"
        )
    for transfer in result.get("transfer", []):
        low, high = transfer["ci95"]
        print(
            f"{transfer['arm']:{width}s}  at home {transfer['home']:.4f}, elsewhere {transfer['away']:.4f}, "
            f"drop {transfer['drop']:.4f} ({low:.4f}–{high:.4f})"
        )
    for said in (*result["notes"], *result["verdicts"]):
        print(said)
