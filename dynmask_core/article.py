"""The article's own small programs, run for real and explained.

Its demo prints [0.1 0. 0.1 0.] for apple +, banana −, orange +, mango −. Its code starts from
a uniform random mask, from which ten rounds of ±0.1 cannot lead there. One adjustment of a mask of zeros does.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from dynmask_core.keys import generator
from dynmask_core.masks.library.article import adjust
from dynmask_core.masks.word_table import initial_mask

TOKENS = ("apple", "banana", "orange", "mango")
POSITIVE = np.array([True, False, True, False])
PRINTED = [0.1, 0.0, 0.1, 0.0]
STEP = 0.1
ROUNDS = 10
SENTENCES = ("I love this movie", "This movie is terrible", "What a wonderful day")


def separation(mask: np.ndarray, positive: np.ndarray) -> float:
    """Accuracy in [0, 1] of the best single threshold on the masked tokens: the score that the demo does not define."""
    cuts = np.concatenate([[-np.inf], (np.sort(mask)[1:] + np.sort(mask)[:-1]) / 2])
    return float(max(((mask > cut) == positive).mean() for cut in cuts))


def demo(start: np.ndarray) -> dict[str, Any]:
    """Ten rounds of adjust-and-score from `start` (float [4] in [0, 1]); the first mask with the best score is kept."""
    mask, tokens = start.astype(np.float64), np.arange(len(TOKENS))
    best_mask, best_score = mask, -1.0
    history = []
    for number in range(1, ROUNDS + 1):
        mask = adjust(mask, tokens, POSITIVE, STEP)
        value = separation(mask, POSITIVE)
        if value > best_score:
            best_mask, best_score = mask, value
        history.append({"round": number, "mask": _plain(mask), "score": value})
    return {"start": _plain(start), "best_mask": _plain(best_mask), "best_score": best_score, "history": history}


def second_program(seed: int = 0) -> list[dict[str, Any]]:
    """The article's second program: a random mask times a threshold, embedding, mean pooling, a sigmoid.

    It learns nothing: the probabilities come from random weights.
    """
    rng = generator(seed, "second program")
    words = sorted({word for sentence in SENTENCES for word in sentence.lower().split()})
    embedding = rng.normal(size=(len(words), 8))
    weight = rng.normal(size=8)
    results = []
    for sentence in SENTENCES:
        ids = [words.index(word) for word in sentence.lower().split()]
        mask = initial_mask("uniform", len(ids), rng).astype(np.float64) * 0.5
        pooled = (embedding[ids] * mask[:, None]).mean(0)
        probability = 1 / (1 + np.exp(-pooled @ weight))
        results.append({"sentence": sentence, "mask": _plain(mask), "probability": round(float(probability), 4)})
    return results


def run(seed: int = 0) -> dict[str, Any]:
    """Everything `dynmask article --json` prints."""
    zero = demo(np.zeros(len(TOKENS)))
    uniform = demo(initial_mask("uniform", len(TOKENS), generator(seed, "article")))
    return {
        "tokens": list(TOKENS),
        "labels": ["+" if positive else "-" for positive in POSITIVE],
        "step_size": STEP,
        "best_mask": zero["best_mask"],
        "printed_in_article": PRINTED,
        "history": zero["history"],
        "as_printed": uniform,
        "reason": (
            "The printed mask is what one adjustment makes of a mask of zeros: +0.1 where the label is positive, "
            "clipped at 0 where it is negative. It separates the labels already, so no later round scores better and "
            "it is kept. The article's code starts from a uniform random mask instead. From there every value keeps "
            f"its random fraction until it is clipped at 0 or 1 (here the best mask is {uniform['best_mask']}), so "
            "exactly 0.1 can only come from a start of exactly 0. The code also takes a threshold that it never reads."
        ),
        "second_program": second_program(seed),
    }


def _plain(values: np.ndarray) -> list[float]:
    return [round(float(value), 4) for value in values]
