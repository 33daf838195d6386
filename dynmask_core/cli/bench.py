"""`dynmask bench`: measures ratios against peers on this machine."""

from __future__ import annotations

import argparse
import importlib
import sys
from typing import Any

from dynmask_core.errors import InputError

SUITES = ("masks", "removal", "train", "words", "corruption", "rationale", "calibration", "ui", "readers")
ASKED_FOR = ("train", "rationale", "calibration", "ui", "readers")
"""Suites that run only if named: they need external data, minutes, a browser, or a server's ports."""


def add(commands: Any) -> None:
    command = commands.add_parser("bench", help="ratios against peers, interleaved in one run")
    command.add_argument("--suite", choices=SUITES, help=f"(default: all but {', '.join(ASKED_FOR)})")
    command.add_argument("--readers", type=int, metavar="N", help="suite readers: how many (default 30)")
    told = "suite readers: they come and go for so long, instead of all at the same moment"
    command.add_argument("--minutes", type=float, metavar="M", help=told)
    command.set_defaults(run=run, show=show)


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """Raises InputError `bench_option`."""
    asked = {name: value for name in ("readers", "minutes") if (value := getattr(arguments, name, None)) is not None}
    if asked and arguments.suite != "readers":
        raise InputError("bench_option", option=f"--{next(iter(asked))}")
    rows = []
    for suite in [arguments.suite] if arguments.suite else [name for name in SUITES if name not in ASKED_FOR]:
        print(f"suite {suite} …", file=sys.stderr, flush=True)
        module = importlib.import_module(f"dynmask_core.bench.{suite}")
        rows += [{"suite": suite, **row.to_json()} for row in module.run(**asked)]
    return {"rows": rows}


def show(result: dict[str, Any]) -> None:
    for row in result["rows"]:
        low, high = row["spread"]
        ratio = f"{row['ratio']:6.2f} × {row['peer']} ({low:.2f}–{high:.2f})"
        print(f"{row['suite']:11s} {row['name']:34s} {ratio}  {row['note']}")
