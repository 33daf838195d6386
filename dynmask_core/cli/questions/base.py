"""What a question to the trained models of a run is on the command line."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from dynmask_core.analysis.standing import at
from dynmask_core.errors import InputError
from dynmask_core.runs import Run


@dataclass(frozen=True)
class Analysis:
    """One value of --what. about: what it answers, for --help. add: its own options; those that several questions share
    are in `cli.ask`. run: what the page shows, as JSON. show: prints that. over_seeds: the question can be put to the
    models of a study as well, see `studies.questions`."""

    about: str
    add: Callable[[Any], None]
    run: Callable[[Run, argparse.Namespace], dict[str, Any]]
    show: Callable[[dict[str, Any]], None]
    over_seeds: bool = False


def at_least_one(name: str, value: int) -> None:
    """Raises InputError `bad_number` for an option that must be at least 1."""
    if value < 1:
        raise InputError("bad_number", name=name, value=value, least=1)


def best_epoch_only(arguments: argparse.Namespace) -> None:
    """Raises InputError `best_epoch_only` if another epoch is asked for."""
    if arguments.epoch is not None:
        raise InputError("best_epoch_only", what=arguments.what)


def standing_of(run: Run) -> dict[str, Any]:
    """Whether the answers are early, and after which epoch."""
    epoch, early = at(run)
    return {"early": early, "epoch": epoch}


@contextmanager
def progress() -> Iterator[Callable[[float], None]]:
    """To be told the share of the work that is done; a terminal on standard error shows it."""
    seen = sys.stderr.isatty()

    def tick(share: float) -> None:
        if seen:
            print(f"\r{share:4.0%}", end="", file=sys.stderr, flush=True)

    yield tick
    if seen:
        print("\r    \r", end="", file=sys.stderr, flush=True)
