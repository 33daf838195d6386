"""Rationales: keeps words that speak for the class that the rest of the text points to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from dynmask_core.lazy import torch
from dynmask_core.masks.base import Param, register
from dynmask_core.masks.context import CorpusStatistics, MaskContext
from dynmask_core.masks.word_table import TokenValues

if TYPE_CHECKING:
    from scipy.sparse import csr_array
    from torch import Tensor

PRIOR_WEIGHT = 16.0
"""λ, a text's noise variance in multiples of the prior's variance τ²: λ texts say as much about a word as the prior."""
SHARPNESS = 4.0
"""κ: from the fitted shares of the classes to logits. Least squares shrinks the shares; this spreads them again."""
FOLDS = 4
"""Training texts are read with the evidence of other folds: with their own, the mask would give away the label."""


def likeness(words: Sequence[str], specials: int) -> csr_array:
    """Unit rows [V, n-grams] over each word's runs of 3 to 5 letters, its ends marked; zero rows for special tokens.

    The product of two words is their cosine: "dull" gives "dullest" some of its evidence, so rare words have some, too.
    """
    from scipy.sparse import csr_array, vstack
    from sklearn.feature_extraction.text import TfidfVectorizer

    grams = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), binary=True, use_idf=False)
    rows = csr_array(grams.fit_transform(words[specials:]))
    return csr_array(vstack([csr_array((specials, rows.shape[1])), rows]))


def ridge(texts: csr_array, targets: np.ndarray, alike: csr_array) -> tuple[np.ndarray, np.ndarray]:
    """Bayesian linear regression: (base [C], β [V, C]), float64. A text's share of a class is base + Σ β of its words.

    texts: counts [N, V]. targets: float [N, C]. Prior β ~ N(0, τ²(I + SSᵀ)), S = `alike`; noise variance λτ². Solved
    for one number per text, β = (I + SSᵀ) Xᵀ a, which needs only the sparse matrices.
    """
    from scipy.sparse.linalg import LinearOperator, cg

    n = texts.shape[0]
    mean, rate, flipped, parts = targets.mean(0), np.asarray(texts.sum(0)).ravel() / n, texts.T.tocsr(), alike.T.tocsr()

    def weights(a: np.ndarray) -> np.ndarray:
        own = flipped @ a - rate * a.sum()
        return np.asarray(own + alike @ (parts @ own))

    def both(a: np.ndarray) -> np.ndarray:
        beta = weights(a.ravel())
        return np.asarray(texts @ beta - rate @ beta + PRIOR_WEIGHT * a.ravel())

    operator = LinearOperator((n, n), matvec=both, dtype=np.float64)
    solved = [cg(operator, column, rtol=1e-4, maxiter=200)[0] for column in (targets - mean).T]
    beta = np.stack([weights(a) for a in solved], axis=1)
    return mean - rate @ beta, beta


def scale(classes: Sequence[str]) -> np.ndarray:
    """float64 [C, 2] in [0, 1]: each class's distance from the upper and the lower end of the scale.

    If all class names are numbers ("1" … "5"), they are the places on the scale; else the classes are equal steps in
    their order.
    """
    try:
        place = np.array([float(name) for name in classes])
    except ValueError:
        place = np.arange(len(classes), dtype=np.float64)
    up = (place - place.min()) / max(np.ptp(place), 1e-12)
    return np.stack([1 - up, up], axis=1)


@register
class RationaleMask(TokenValues):
    """A word's mask is the probability that it speaks, by more than a margin, for the text's class.

    All words of the text together say which class that is, each with its weight from a Bayesian linear regression on
    the training texts; the mask is a mean over the classes, weighted by their probabilities. So "slow" stays whole in a
    text that complains and fades in one that praises. A word that is frequent but says nothing closes; a rare word
    stays where the margin alone would put it, because it may yet speak. No label is read outside `fit`.

    "nominal": the classes have no order. "ordered": they are steps of a scale, such as stars; the two ends of the scale
    replace the classes, and the steps between say how strong a word is.
    """

    name = "rationale"
    needs = frozenset({"words", "labels"})
    family = "feature"
    refresh = "dataset"
    source = "label"
    paper = "Lei, Barzilay & Jaakkola 2016, Rationalizing Neural Predictions (the aim; there by sampled gates)"
    formula = (
        r"m_i = \sum_c p(c \mid x)\,\Phi\big((\beta_{w_i c}/\tau_c - t)\sqrt{1 + n_{w_i}/\lambda}\big),\quad "
        r"p(\cdot \mid x) = \mathrm{softmax}\big(\kappa\,(b + \textstyle\sum_j \beta_{w_j})\big)"
    )
    parameters = (
        Param("margin", 0.75, 0.0, 3.0),
        Param("classes", "nominal", choices=("nominal", "ordered")),
    )
    uses = ("keep_threshold", "gate_mode")
    saved = ("beta", "base", "seen", "tau")
    beta: np.ndarray
    """float32 [FOLDS+1, V, C]: what each word says for each class. In this and the next two, row f comes from the texts
    outside fold f, the last row from all texts."""
    base: np.ndarray
    """float32 [FOLDS+1, C]: the share of each class if no word says anything."""
    seen: np.ndarray
    """float32 [FOLDS+1, V]: how many texts hold each word."""
    tau: np.ndarray
    """float32 [C]: the prior's standard deviation."""

    def fit(self, corpus: CorpusStatistics) -> None:
        from scipy.sparse import csr_array

        ends = np.concatenate([[0], np.cumsum(corpus.lengths)])
        shape = (corpus.texts, len(corpus.words))
        texts = csr_array((np.ones(len(corpus.tokens)), corpus.tokens, ends), shape=shape)
        # The fold depends on the words alone: equal texts are always in the same fold.
        fold = texts @ np.arange(shape[1]) % FOLDS
        texts.sum_duplicates()
        ordered = self.values["classes"] == "ordered"
        targets = (scale(corpus.classes) if ordered else np.eye(len(corpus.classes)))[corpus.labels]
        alike = likeness(corpus.words, corpus.specials)
        bases, betas, seen = [], [], []
        for left_out in range(FOLDS + 1):
            rows = np.flatnonzero(fold != left_out)
            rows = rows if len(rows) else np.arange(len(fold))
            base, beta = ridge(texts[rows], targets[rows], alike)
            bases.append(base)
            betas.append(beta)
            seen.append(np.bincount(texts[rows].indices, minlength=shape[1]))
        # τ follows from the noise, which is taken as the whole variance: words explain little of a text.
        tau = np.sqrt(np.maximum(targets.var(0), 1e-6) / PRIOR_WEIGHT)
        self.beta, self.base, self.seen, self.tau = (
            table.astype(np.float32) for table in (np.stack(betas), np.stack(bases), np.stack(seen), tau)
        )

    def token_values(self, context: MaskContext) -> Tensor:
        ids, words = context.input_ids, context.maskable
        beta, base, seen, tau = (
            torch.from_numpy(table).to(ids.device) for table in (self.beta, self.base, self.seen, self.tau)
        )
        fold = (ids * words).sum(1) % FOLDS if context.split == "train" else torch.full_like(ids[:, 0], FOLDS)
        evidence = beta[fold[:, None], ids]  # [B, T, C]
        shares = base[fold] + (evidence * words[..., None]).sum(1)
        probability = (SHARPNESS * shares).softmax(-1)
        surely = (1 + seen[fold[:, None], ids] / PRIOR_WEIGHT).sqrt()[..., None]
        speaks = torch.special.ndtr((evidence / tau - float(self.values["margin"])) * surely)
        values: Tensor = (speaks * probability[:, None]).sum(-1).clamp(0, 1)
        return values
