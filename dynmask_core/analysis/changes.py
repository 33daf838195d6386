"""What was changed while a run trained: α, τ and θ, from which epoch on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from dynmask_core.config import Controls
from dynmask_core.messages import Sentence, say

LETTERS = {"step_size": "α", "evidence_threshold": "τ", "keep_threshold": "θ"}


@dataclass(frozen=True)
class Change:
    """name: of the setting in Controls. epoch: the first that was trained with the value `now`."""

    epoch: int
    name: str
    before: float
    now: float

    @property
    def short(self) -> str:
        """As a mark in a picture."""
        return f"{LETTERS[self.name]} {self.now:g}"

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    def told(self) -> Sentence:
        facts = {"letter": LETTERS[self.name], "before": f"{self.before:g}", "now": f"{self.now:g}"}
        return say("paths.changed", epoch=self.epoch, **facts)


def changes(events: Iterable[Mapping[str, Any]], start: Controls) -> list[Change]:
    """All changes in the order of epochs. events: see `Run.events`. start: what the run began with."""
    before, found = asdict(start), []
    for event in events:
        if event["type"] == "controls_changed":
            now = event["controls"]
            found += [
                Change(event["epoch"], name, before[name], now[name]) for name in LETTERS if now[name] != before[name]
            ]
            before = now
    return found
