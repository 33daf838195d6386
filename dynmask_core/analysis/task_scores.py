"""The scores of a run that marks units or writes, and what they can show: said alike by the page and the reports."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from dynmask_core.evaluate.ratio import Z
from dynmask_core.masks import brief
from dynmask_core.messages import Words, listed, say

SHARES = (
    "accuracy", "precision", "recall", "f1", "iou", "pixel_iou", "box_iou", "box_found", "exact", "character_f",
)  # fmt: skip
"""From 0 to 1."""
NUMBERS = ("boxes_extra", "loss", "perplexity")
EXPLAINED = ("iou", "pixel_iou", "box_iou", "box_found", "boxes_extra", "exact", "character_f", "perplexity")
"""Those whose sentence is `score.NAME.help`."""
CHIEF = ("iou", "f1", "exact", "accuracy")
"""The score that counts: the first that there is."""
PERFECT = "perfect_patches"
"""A reference that is no rule, but the most that can be reached."""


def chief_of(scores: Mapping[str, Any]) -> str:
    return next(name for name in CHIEF if name in scores)


@dataclass(frozen=True)
class TaskScores:
    """arms, references: as in the result of a run, at least one arm. part: the one that is scored, "test", or
    "validation" if nothing is kept back for a test."""

    arms: list[dict[str, Any]]
    references: list[dict[str, Any]]
    part: str

    @classmethod
    def of(cls, result: Mapping[str, Any]) -> Self | None:
        """None without arms, and for scores of classes, which are told otherwise."""
        arms = result["arms"]
        part = "test" if arms and "test" in arms[0] else "validation"
        if not arms or part not in arms[0] or "confusion" in arms[0][part]:
            return None
        return cls(arms, [one for one in result.get("reference", []) if part in one], part)

    @property
    def chief(self) -> str:
        return chief_of(self.arms[0][self.part])

    def there(self, names: tuple[str, ...]) -> list[str]:
        """Those of these scores that the arms have."""
        return [name for name in names if name in self.arms[0][self.part]]

    def headline(self) -> Words:
        """The score that counts, of every arm."""
        told = listed((f"{brief(arm['name'])} {arm[self.part][self.chief]:.1%}" for arm in self.arms), between=" · ")
        return say("tasks.outcome", score=say(f"score.{self.chief}"), scores=told)

    def shows(self) -> list[Words]:
        """Whether the arms beat the best simple rule, and what one run says of their difference."""
        said: list[Words] = []
        values = [100 * arm[self.part][self.chief] for arm in self.arms]
        rules = [one for one in self.references if one["name"] != PERFECT]
        if rules:
            rule = max(rules, key=lambda one: float(one[self.part][self.chief]))
            bar = 100 * rule[self.part][self.chief]
            key = "all" if min(values) > bar else "some" if max(values) > bar else "none"
            said.append(say(f"tasks.beats.{key}", rule=say(f"reference.{rule['name']}"), value=f"{bar:.1f}%"))
        sure = f"{self.chief}_sure"
        if widths := [100 * float(arm[self.part][sure]) for arm in self.arms if sure in arm[self.part]]:
            said.append(say("tasks.sure.marks", points=f"{max(widths):.1f}"))
        if (count := int(self.arms[0][self.part].get("written", 0))) and self.chief == "exact":
            said.append(say("tasks.sure", count=count, points=f"{max(_half(value, count) for value in values):.1f}"))
        if len(values) == 1:
            return [*said, say("tasks.alone")]
        apart = f"{max(values) - min(values):.1f}"
        return [*said, say("tasks.same") if apart == "0.0" else say("tasks.one_seed", points=apart)]


def _half(percent: float, count: int) -> float:
    """Half of the 95 % interval (Wilson 1927) of a share of `count` samples, in points."""
    p = percent / 100
    return 100 * Z / (1 + Z * Z / count) * math.sqrt(p * (1 - p) / count + Z * Z / (4 * count * count))
