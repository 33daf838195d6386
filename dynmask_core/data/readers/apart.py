"""Runs a reader of binary files in a process of its own: libraries in C and Rust believe the sizes that a damaged file
gives, and then end their process, which must not be the server."""

from __future__ import annotations

import json
import subprocess
import sys
from types import ModuleType
from typing import Any

_SECONDS = 120


class CrashedError(Exception):
    """said: what the process wrote to standard error."""

    def __init__(self, said: bytes) -> None:
        self.said = said


def run_apart(module: ModuleType, data: bytes, *arguments: object) -> Any:
    """The JSON that a module prints as a script, with `data` on standard input. Raises `CrashedError`."""
    # -P: beside the script lie files whose names are nobody's business.
    command = [sys.executable, "-P", str(module.__file__), *map(str, arguments)]
    try:
        done = subprocess.run(command, input=data, capture_output=True, check=True, timeout=_SECONDS)
        return json.loads(done.stdout)
    except (subprocess.SubprocessError, OSError, ValueError) as error:
        raise CrashedError(getattr(error, "stderr", None) or b"") from error
