"""What trained models do at every θ: a slider moves a line through the curves, without the server."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dynmask_core.analysis.thresholds import Thresholds
from dynmask_core.ui.web import component

_WORDS = (
    "alt axis.accuracy axis.share arm best cost highest kept lowest own random range spoken test theta trained unknown "
    "validation value"
)
STRING_KEYS = tuple("thresholds." + name for name in _WORDS.split())

_mount = component("thresholds")


def threshold_curves(
    arms: Sequence[Thresholds], colors: Sequence[str], *, run: str, strings: dict[str, str], key: str
) -> None:
    """arms: those that have a θ, one or more. colors: "#rrggbb" of each. run: another name starts at the trained θ
    again. strings: the texts of STRING_KEYS."""
    _mount(data=payload(arms, colors, run=run, strings=strings), key=key, height="content")


def payload(arms: Sequence[Thresholds], colors: Sequence[str], *, run: str, strings: dict[str, str]) -> dict[str, Any]:
    told = [arm.to_json() | {"color": color} for arm, color in zip(arms, colors, strict=True)]
    return {"run": run, "arms": told, "strings": {name: strings[name] for name in STRING_KEYS}}
