"""The parser, and what all commands share: --json, exit codes, no traceback for bad input."""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
from collections.abc import Callable, Collection, Sequence
from typing import Any

from dynmask_core import __version__
from dynmask_core.cli import (
    app,
    article,
    ask,
    bench,
    classroom,
    compare,
    continuing,
    curve,
    data,
    lesson,
    mark,
    mlm,
    predict,
    runs,
    strategies,
    sweep,
    train,
)
from dynmask_core.errors import InputError, of_system

OK, BAD_INPUT, INTERRUPTED = 0, 2, 130
COMMANDS = (
    app,
    article,
    data,
    train,
    predict,
    ask,
    compare,
    sweep,
    curve,
    mlm,
    mark,
    continuing,
    lesson,
    classroom,
    runs,
    strategies,
    bench,
)

Command = Callable[[argparse.Namespace], dict[str, Any]]


def parser() -> argparse.ArgumentParser:
    """The parser of all commands. Each module adds its command with `add(subparsers)` and sets `run` and `show`.

    `refused`, where it is set, says of a result that was shown whether the command still ends as for bad input.
    """
    return _parsers()[0]


def _parsers() -> tuple[argparse.ArgumentParser, Collection[argparse.ArgumentParser]]:
    top = argparse.ArgumentParser(prog="dynmask", description="Explore masks in Transformers without a browser.")
    top.add_argument("--version", action="version", version=f"dynmask {__version__}")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for module in COMMANDS:
        module.add(commands)
    for command in commands.choices.values():
        command.add_argument("--json", action="store_true", help="print one JSON object as the last line of output")
    return top, commands.choices.values()


def typed(arguments: Sequence[str], known: Collection[str]) -> dict[str, Any]:
    """What a command line gives by itself, without the defaults of what it leaves out. known: the names of all."""
    left_out = object()
    top, commands = _parsers()
    for command in commands:
        command.set_defaults(**dict.fromkeys(known, left_out))
    return {name: value for name, value in vars(top.parse_args(arguments)).items() if value is not left_out}


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command. Returns 0 if done, 2 for bad input (one sentence on standard error), 130 if interrupted."""
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    given = list(sys.argv[1:] if arguments is None else arguments)
    chosen = parser().parse_args(given)
    if getattr(chosen, "resume", None) or getattr(chosen, "anew", None):
        chosen.typed = typed(given, vars(chosen))
    run: Command = chosen.run
    try:
        result = run(chosen)
        if chosen.json:
            print(json.dumps(result, ensure_ascii=False), flush=True)
        else:
            chosen.show(result)
            sys.stdout.flush()
        if refused := getattr(chosen, "refused", None) and chosen.refused(result):
            raise refused
    except InputError as error:
        print(f"dynmask: {error}", file=sys.stderr)
        return BAD_INPUT
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # The reader (head, less) has closed: discard all further output, also at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        print(f"dynmask: {of_system(error)}", file=sys.stderr)
        return BAD_INPUT
    return OK
