"""Whether a run's Transformer is worth it: its arms beside the references of the same split, in plain words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dynmask_core.evaluate.statistics import ALPHA, holm
from dynmask_core.evaluate.verdict import texts_in
from dynmask_core.masks import brief
from dynmask_core.messages import Words, p_value, say

LARGEST, NUMBERS = "largest_class", "raw_numbers"
"""Names of references, see evaluate.reference; which is loaded only where they are computed."""


def worth(result: Mapping[str, Any]) -> list[Words]:
    """One sentence on the best arm beside a linear model, and one more if no arm is shown to beat the largest class.

    result: see `Run.result()`; [] for a run from before there were references, or without test texts. The arms are
    compared with a reference on the same test texts (McNemar's exact test, adjusted for the number of arms).
    """
    found = {one["name"]: one for one in result.get("reference", [])}
    tests = texts_in(result["arms"][0]["test"]) if result["arms"] else 0
    if not found or not tests:
        return []
    said: list[Words] = []
    best = max(result["arms"], key=lambda arm: float(arm["test"]["accuracy"]))
    score = best["test"]["accuracy"]
    words = next((one for name, one in found.items() if name != LARGEST), None)
    if words is not None:
        p, own = _p(words, result["arms"], best["name"]), words["test"]["accuracy"]
        kind = "even" if p > ALPHA else "ahead" if score > own else "behind"
        said.append(
            say(
                f"worth.{kind}.numbers" if NUMBERS in found else f"worth.{kind}",
                words=f"{own:.1%}",
                arm=brief(best["name"]),
                score=f"{score:.1%}",
                points=f"{100 * abs(score - own):.1f}",
                seconds=f"{words['seconds']:.1f}",
                arm_seconds=f"{best['seconds']:.0f}",
                tests=tests,
                p=_written(p),
            )
        )
    largest = found.get(LARGEST)
    if largest is not None and (
        score <= largest["test"]["accuracy"] or _p(largest, result["arms"], best["name"]) > ALPHA
    ):
        said.append(say("worth.nothing", largest=f"{largest['test']['accuracy']:.1%}", tests=tests))
    return said


def _p(reference: Mapping[str, Any], arms: Sequence[Mapping[str, Any]], arm: str) -> float:
    """The adjusted p-value of this arm against the reference."""
    known = {one["arm"]: float(one["p_value"]) for one in reference["same_texts"]}
    names = [one["name"] for one in arms]
    return holm([known[name] for name in names])[names.index(arm)]


def _written(p: float) -> str:
    shown = p_value(p)
    return f"p {shown}" if shown.startswith("<") else f"p = {shown}"
