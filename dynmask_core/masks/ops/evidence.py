"""How surely a word tells the classes apart, from its counts in the training texts."""

from __future__ import annotations

import numpy as np

PRIOR_WEIGHT = 500.0
"""α₀: the weight of the background frequencies, in words of text."""
TELLING, IDLE = float(np.log(2.0)), float(np.log(1.5))
"""Margins of |δ|. A word at least twice as likely in one class as in the others helps to tell them apart; a word less
than 1.5 times as likely does not. In between it is unclear. With a single margin, a few words in a hundred would pass
as telling by chance."""


def log_odds(counts: np.ndarray, prior_weight: float = PRIOR_WEIGHT) -> tuple[np.ndarray, np.ndarray]:
    """Log-odds ratio of each word in each class against the rest, with an informative Dirichlet prior.

    counts: int [C, V] occurrences. Returns (δ, σ), both float64 [C, V]: δ > 0 if the word speaks for the class; σ is
    its standard error. Classes are balanced: the rest of a class is the mean of the other classes' rates, so that a
    large class does not attract every word.
    Monroe, Colaresi & Quinn (2008), Fightin' Words, Political Analysis 16(4), eq. 16–20.
    """
    classes = len(counts)
    totals = counts.sum(1, keepdims=True).astype(np.float64)
    prior = prior_weight * counts.sum(0) / max(totals.sum(), 1.0)
    rates = counts / np.maximum(totals, 1.0)
    rest_total = totals.sum() - totals
    rest = (rates.sum(0) - rates) / max(classes - 1, 1) * rest_total

    def logit(y: np.ndarray, n: np.ndarray) -> np.ndarray:
        inside = y + prior
        odds: np.ndarray = np.maximum(inside, 1e-12) / np.maximum(n + prior_weight - inside, 1e-12)
        return np.asarray(np.log(odds))

    delta = logit(counts, totals) - logit(rest, rest_total)
    raw_rest = counts.sum(0) - counts
    sigma = np.sqrt(1 / np.maximum(counts + prior, 1e-12) + 1 / np.maximum(raw_rest + prior, 1e-12))
    return delta, sigma


def association(counts: np.ndarray) -> np.ndarray:
    """float64 [V] ≥ 0: |δ| in standard errors, its maximum over the classes. counts: int [C, V] occurrences."""
    delta, sigma = log_odds(counts)
    return np.asarray(np.abs(delta / sigma).max(0))


def keep_evidence(counts: np.ndarray) -> np.ndarray:
    """float64 [V], in standard errors: how surely |δ| lies above TELLING (> 0) or below IDLE (< 0); 0 between them.

    counts: int [C, V] occurrences. The maximum over the classes counts. Words too rare to judge lie near 0, and words
    never seen are exactly 0.
    """
    delta, sigma = log_odds(counts)
    above = ((np.abs(delta) - TELLING) / sigma).max(0)
    below = ((np.abs(delta) - IDLE) / sigma).max(0)
    evidence = np.maximum(above, 0.0) + np.minimum(below, 0.0)
    return np.where(counts.sum(0) > 0, evidence, 0.0)
