"""Checks of settings when they are created; the error says in one sentence what is wrong."""

from __future__ import annotations

import math
from typing import Any, get_args

from dynmask_core.errors import InputError


def check(condition: bool, name: str, value: object, expected: str) -> None:
    if not condition:
        raise InputError("bad_setting", name=name, value=value, expected=expected)


def choice(name: str, value: str, kind: Any) -> None:
    check(value in get_args(kind), name, value, ", ".join(get_args(kind)))


def number(name: str, value: float, low: float, high: float, *, whole: bool = False) -> None:
    number = isinstance(value, int if whole else (int, float)) and not isinstance(value, bool)
    expected = f"{low:g}–{high:g}"
    check(number and math.isfinite(value) and low <= value <= high, name, value, expected)
