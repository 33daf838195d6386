"""What a server gives to each of its visitors, and for how long it keeps what they leave: settings of who runs it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from dynmask_core.data.limits import MAX_BYTES
from dynmask_core.errors import InputError


@dataclass(frozen=True)
class Limits:
    """visitor_runs: of one visitor that train or wait at the same time. line: runs of all visitors that wait.
    visitor_texts: of one visitor that are kept; the one used least recently makes room for the next. upload_mb: the
    largest text, in units of 2^20 bytes. keep_days, keep_gb: runs that visitors began are deleted so many days after
    somebody last looked at them, and from the oldest on above so many units of 2^30 bytes; 0: never.
    """

    visitor_runs: int = 10
    line: int = 100
    visitor_texts: int = 30
    upload_mb: int = MAX_BYTES // 2**20
    keep_days: int = 0
    keep_gb: int = 0

    @classmethod
    def given(cls, environment: Mapping[str, str] | None = None) -> Self:
        """As the environment says, of this process if none is named. Raises InputError `limit_wrong`."""
        environment = os.environ if environment is None else environment
        limits = {}
        for name, variable in VARIABLES.items():
            if value := environment.get(variable, ""):
                limits[name] = cls._number(name, variable, value)
        return cls(**limits)

    @classmethod
    def _number(cls, name: str, variable: str, value: str) -> int:
        lowest = 0 if name in ("keep_days", "keep_gb") else 1
        highest = MAX_BYTES // 2**20 if name == "upload_mb" else 10**6
        if not (value.isascii() and value.isdigit() and lowest <= int(value) <= highest):
            raise InputError("limit_wrong", name=variable, value=value, lowest=lowest, highest=highest)
        return int(value)

    @property
    def sweeps(self) -> bool:
        return bool(self.keep_days or self.keep_gb)


VARIABLES = {
    "visitor_runs": "DYNMASK_VISITOR_RUNS",
    "line": "DYNMASK_LINE",
    "visitor_texts": "DYNMASK_VISITOR_TEXTS",
    "upload_mb": "DYNMASK_UPLOAD_MB",
    "keep_days": "DYNMASK_KEEP_DAYS",
    "keep_gb": "DYNMASK_KEEP_GB",
}
"""The variable of the environment for each limit."""
FOR_CLASS = {"keep_days": 30, "keep_gb": 10}
"""What `dynmask app --class` sets if nothing else is said: texts and classes are kept for 30 days, too."""
