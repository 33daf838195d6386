"""What a question to the trained models of a run is on the command line."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dynmask_core.errors import InputError
from dynmask_core.runs import Run


@dataclass(frozen=True)
class Analysis:
    """One value of --what. about: what it answers, for --help. add: its own options; those that several questions share
    are in `cli.ask`. run: what the page shows, as JSON. show: prints that."""

    about: str
    add: Callable[[Any], None]
    run: Callable[[Run, argparse.Namespace], dict[str, Any]]
    show: Callable[[dict[str, Any]], None]


def at_least_one(name: str, value: int) -> None:
    """Raises InputError `bad_number` for an option that must be at least 1."""
    if value < 1:
        raise InputError("bad_number", name=name, value=value, least=1)
