"""Checks of settings when they are created; the error says in one sentence what is wrong."""

from __future__ import annotations

import math
from collections.abc import Collection
from numbers import Integral, Real
from typing import Any, get_args

from dynmask_core.errors import InputError


def check(condition: bool, name: str, value: object, expected: str) -> None:
    if not condition:
        raise InputError("bad_setting", name=name, value=value, expected=expected)


def one_of(name: str, value: object, known: Collection[str]) -> None:
    check(isinstance(value, str) and value in known, name, value, ", ".join(known))


def choice(name: str, value: str, kind: Any) -> None:
    one_of(name, value, get_args(kind))


def number(name: str, value: float, low: float, high: float, *, whole: bool = False) -> None:
    """NumPy's numbers count as numbers, truth values do not."""
    number = isinstance(value, Integral if whole else Real) and not isinstance(value, bool)
    expected = f"{low:g}–{high:g}"
    check(number and math.isfinite(value) and low <= value <= high, name, value, expected)


def plain(value: Any) -> Any:
    """A setting as JSON writes it: a number of NumPy becomes Python's, anything else stays."""
    if not isinstance(value, Real) or isinstance(value, (bool, int, float)):
        return value
    return int(value) if isinstance(value, Integral) else float(value)


def plain_dict(values: list[tuple[str, Any]]) -> dict[str, Any]:
    """Named settings as `plain` values. For `dataclasses.asdict`."""
    return {name: plain(value) for name, value in values}
