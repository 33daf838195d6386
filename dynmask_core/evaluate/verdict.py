"""What one run on labelled texts can and cannot show: said alike by the page, the command and the reports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dynmask_core.data.report import detectable_difference
from dynmask_core.evaluate.statistics import LEAST_TEXTS
from dynmask_core.masks import brief
from dynmask_core.messages import Sentence, listed, say


def of_run(arms: Sequence[Mapping[str, Any]], classes: Sequence[str]) -> list[Sentence]:
    """Classes without test texts, then for each arm after the first whether it differs by more than chance.

    arms: one or more, as in the result of a run, the baseline first. classes: their names.
    """
    test = arms[0]["test"]
    tests, absent = texts_in(test), absent_classes(test)
    said = [say("verdict.absent", classes=listed(classes[code] for code in absent))] if tests and absent else []
    points = detectable_difference(tests)
    if points is None or tests < LEAST_TEXTS:
        return [*said, say("verdict.few_texts", tests=tests, least=LEAST_TEXTS)]
    facts = {"tests": tests, "points": f"{points:.1f}"}
    if len(arms) == 1:
        said.append(say("verdict.alone", **facts))
    for arm in arms[1:]:
        difference = 100 * (arm["test"]["accuracy"] - test["accuracy"])
        names = {"dynamic": brief(arm["name"]), "baseline": brief(arms[0]["name"]), "difference": f"{difference:+.1f}"}
        within = abs(difference) < points
        said.append(say("verdict.within" if within else "verdict.beyond", **facts, **names))
    return said


def absent_classes(part: Mapping[str, Any]) -> list[int]:
    """Classes without texts, from scores as written by `Scores.to_json`, also by versions that averaged over all
    classes and did not name them."""
    return [code for code, row in enumerate(part["confusion"]) if not any(row)]


def texts_in(part: Mapping[str, Any]) -> int:
    """Number of texts of a part, from its scores."""
    return sum(map(sum, part["confusion"]))
