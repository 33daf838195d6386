"""Whether the arms of a comparison are worth it: the references of the same seeds beside them."""

from __future__ import annotations

from typing import Any

import numpy as np

from dynmask_core.analysis.worth import LARGEST, NUMBERS
from dynmask_core.blocks import Block, Finding, Paragraph, Section, Table
from dynmask_core.evaluate.statistics import ALPHA, holm, interval, paired
from dynmask_core.masks import brief
from dynmask_core.messages import Words, p_value, say
from dynmask_core.studies.comparison import Comparison
from dynmask_core.studies.kinds.base import column


def references(result: Comparison) -> dict[str, np.ndarray]:
    """By name, float [seeds]: the test accuracy of each reference; {} if some run has none (old runs)."""
    found: dict[str, list[float]] = {}
    for own in result.results[result.arms[0]] if result.seeds else ():
        for one in own.reference:
            found.setdefault(one["name"], []).append(one["test"]["accuracy"])
    return {name: np.array(scores) for name, scores in found.items() if len(scores) == len(result.seeds)}


def to_json(result: Comparison) -> list[dict[str, Any]]:
    return [
        {"name": name, "mean": {"accuracy": float(scores.mean())}, "ci95": list(interval(scores))}
        for name, scores in references(result).items()
    ]


def sections(result: Comparison, *, final: bool) -> list[Section]:
    """A table of the references; when all seeds are done, also a sentence on the best arm."""
    found = references(result)
    if not found:
        return []
    columns = [column("arm"), column("accuracy", "percent"), *([column("interval", "percent_span")] if final else [])]
    rows = [
        [say(f"reference.{name}"), float(scores.mean()), *([interval(scores)] if final else [])]
        for name, scores in found.items()
    ]
    blocks: list[Block] = [Paragraph(say("study_report.worth.read")), Table("study_reference", columns, rows)]
    linear = next((name for name in found if name != LARGEST), None)
    if final and linear is not None:
        blocks.append(Finding(_verdict(result, linear, found[linear]), "note"))
    return [Section(say("study_report.worth"), blocks)]


def _verdict(result: Comparison, linear: str, words: np.ndarray) -> Words:
    """The best arm against the linear model of this name, over seeds; adjusted for the number of arms."""
    means = [float(result.scores(arm).mean()) for arm in result.arms]
    adjusted = holm([paired(result.scores(arm), words).p_value for arm in result.arms])
    best = int(np.argmax(means))
    kind = "even" if adjusted[best] > ALPHA else "ahead" if means[best] > words.mean() else "behind"
    return say(
        f"study_report.worth.{kind}.numbers" if linear == NUMBERS else f"study_report.worth.{kind}",
        seeds=len(result.seeds),
        words=f"{100 * words.mean():.2f}",
        arm=brief(result.arms[best]),
        score=f"{100 * means[best]:.2f}",
        p=p_value(adjusted[best]),
    )
