"""Runs a reader in a process of its own: libraries in C and Rust believe the sizes that a damaged file gives, and then
end their process, which must not be the server; and some files keep any parser busy for hours."""

from __future__ import annotations

import json
import subprocess
import sys
from types import ModuleType
from typing import Any

from dynmask_core.data.readers import apart_process
from dynmask_core.errors import InputError

_SECONDS = 120
"""By the clock, on a machine that has much to do."""
_WORK = 10
"""Seconds of one core, where a reader asks for no more."""
_MEMORY = 4 * 2**30
"""Addresses, of which libraries reserve more than they use."""
_TOO_LONG = -24
"""What a process returns that the system ended for its seconds: SIGXCPU, which Windows does not know."""


class CrashedError(Exception):
    """said: what the process wrote to standard error."""

    def __init__(self, said: bytes) -> None:
        self.said = said


def run_apart(module: ModuleType, data: bytes, *arguments: object, work: int | None = None) -> Any:
    """The JSON that a module prints as a script, with `data` on standard input. Raises `CrashedError`, and `InputError`
    `too_much_work` if it took too much time or memory. work: seconds of one core."""
    # -P: beside the script lie files whose names are nobody's business.
    limits = (apart_process.__file__, work or _WORK, _MEMORY, module.__file__)
    command = [sys.executable, "-P", *map(str, (*limits, *arguments))]
    try:
        done = subprocess.run(command, input=data, capture_output=True, check=True, timeout=_SECONDS)
        return json.loads(done.stdout)
    except (subprocess.SubprocessError, OSError, ValueError) as error:
        said = getattr(error, "stderr", None) or b""
        ended = isinstance(error, subprocess.TimeoutExpired) or getattr(error, "returncode", 0) == _TOO_LONG
        if ended or b"MemoryError" in said:
            raise InputError("too_much_work") from error
        raise CrashedError(said) from error
