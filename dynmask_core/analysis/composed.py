"""An expression for a mask, written out on a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dynmask_core.masks import expression
from dynmask_core.masks.atoms import Given
from dynmask_core.masks.ops import patterns, sentences

CLS = "[CLS]"


@dataclass(frozen=True, eq=False)
class Composed:
    """T places. expression: its shortest writing. words: of the first places, [CLS] first.

    edges: bool [T, T] as the expression says, rows are queries. alone: bool [T], the tokens that it leaves without an
    edge and that look at themselves. kept: share of the T² edges that may be used, those of `alone` among them.
    """

    expression: str
    words: tuple[str, ...]
    edges: np.ndarray
    alone: np.ndarray
    kept: float

    def to_json(self) -> dict[str, Any]:
        return {
            "expression": self.expression,
            "arm": f"custom:{self.expression}",
            "needs": sorted(expression.read(self.expression).needs),
            "places": len(self.edges),
            "words": list(self.words),
            "rows": ["".join("01"[int(value)] for value in row) for row in self.edges],
            "alone": np.flatnonzero(self.alone).tolist(),
            "kept": round(self.kept, 4),
        }


def compose(text: str, words: Sequence[str], places: int, seed: int = 0) -> Composed:
    """The mask of a text of `words` (as in the vocabulary, without [CLS]), on so many places. Raises InputError.

    Places behind the words go on as a text would. seed: of random edges, the run's.
    """
    read = expression.read(text)
    shown = (CLS, *words)[:places]
    end = np.zeros((1, places), dtype=bool)
    end[0, : len(shown)] = sentences.ends(shown)
    edges = read.edges(Given(places, seed, sentences=sentences.numbers(end)))
    alone = patterns.alone(edges[None, None], np.ones((1, places), dtype=bool))[0, 0, :, 0]
    return Composed(read.text, shown, edges, alone, float((edges.sum() + alone.sum()) / places**2))
