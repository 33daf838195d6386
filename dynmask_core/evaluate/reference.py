"""References that a trained model should beat: the largest class, and a linear model of words or of raw numbers."""

from __future__ import annotations

import time
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import scipy.sparse as sp
from sklearn.dummy import DummyClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.naive_bayes import ComplementNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from dynmask_core.data.encode import EncodedCorpus, pad_features
from dynmask_core.data.tokenize import SPECIAL_TOKENS
from dynmask_core.evaluate import METRICS
from dynmask_core.evaluate.scores import score
from dynmask_core.evaluate.statistics import mcnemar

LARGEST, WORDS, BAYES, NUMBERS = "largest_class", "bag_of_words", "naive_bayes", "raw_numbers"
MANY = 1_000
"""From this many training texts on, words and pairs that only one of them has are left out: they are most of all, and
without them the scores are as good."""
MAX_FEATURES, MAX_WEIGHTS = 200_000, 20_000_000
C = 10.0
"""The inverse strength of the penalty. Fixed, so that one fit is enough: of 1, 3, 10 and 30 it is the best, or within a
point of it, on four public data sets (sentiment, questions, news titles, hotel reviews)."""
NUMBERS_C = 0.1
"""The same for standardised numbers, such as pixels."""
EXACT, PASS, PASSES = 10_000_000, 600_000_000, 5
"""Words of all training texts times classes: up to EXACT, the regression is solved to its end (a second); up to PASS,
with one to PASSES passes of stochastic gradient descent (up to 20 s). Beyond that, naive Bayes takes its place."""

Predicted = Mapping[str, np.ndarray]


def references(corpus: EncodedCorpus, predicted: Predicted, parts: Sequence[str]) -> list[dict[str, Any]]:
    """What simple models get on the same split, as JSON; [] without training texts.

    The largest class of the training texts; and, if two classes are trained, logistic regression: on TF-IDF of words
    and pairs of neighbours, or, if units are described by numbers, on these of all units of a sample in a row,
    standardised: the pixels of a picture. Each has `name`, the scores of every part in `parts` (averages as in
    Scores), `seconds`, and `same_texts`: per arm of `predicted` (int64 [N], the classes of the test texts), how many
    only the arm and only the reference get right, with the exact p-value of McNemar's test. Equal corpora give equal
    numbers in every process.
    """
    train = corpus.rows("train")
    if not len(train):
        return []
    with threadpool_limits(1), warnings.catch_warnings():  # more threads would sum in another order
        warnings.simplefilter("ignore", ConvergenceWarning)
        began = time.perf_counter()
        nothing = sp.csr_matrix((len(corpus.ids), 1))
        found = [_fitted(LARGEST, DummyClassifier(strategy="prior"), nothing, corpus, predicted, parts, began)]
        if len(np.unique(corpus.labels[train])) < 2:
            return found
        began = time.perf_counter()
        if not np.issubdtype(corpus.ids[train[0]].dtype, np.integer):
            numbers = raw_numbers(corpus)
            name, linear = _model(numbers[train].size, len(train), len(corpus.classes), NUMBERS_C)
            if name == BAYES:  # it counts words, and standardised numbers can be negative
                linear = _descent(NUMBERS_C, len(train), 1)
            model = make_pipeline(StandardScaler(), linear)
            found.append(_fitted(NUMBERS, model, numbers, corpus, predicted, parts, began))
        else:
            counts = word_counts(corpus)
            if counts.shape[1]:
                weighted = TfidfTransformer(sublinear_tf=True).fit(counts[train]).transform(counts)
                name, model = _model(int(weighted[train].nnz), len(train), len(corpus.classes))
                found.append(_fitted(name, model, weighted, corpus, predicted, parts, began))
    return found


def raw_numbers(corpus: EncodedCorpus) -> np.ndarray:
    """float32 [N, T·F]: the numbers of all units of a sample but the special one, zeros where a sample is shorter."""
    padded = pad_features([sample[1:] for sample in corpus.ids])
    return padded.reshape(len(padded), -1)


def word_counts(corpus: EncodedCorpus) -> sp.csr_matrix:
    """float64 [N, F]: how often each text has each known word, and each pair of neighbours, of the training texts.

    The features are those that most training texts have, ties in ascending order of word ids.
    """
    lengths = np.array([len(text) for text in corpus.ids])
    ids = np.concatenate(corpus.ids).astype(np.int64)
    rows = np.repeat(np.arange(len(lengths)), lengths)
    known = ids >= len(SPECIAL_TOKENS)
    # A text begins with [CLS], which is no word: pairs do not reach into the next text.
    second = np.flatnonzero(known[1:] & known[:-1]) + 1
    codes = np.concatenate([ids[known], ids[second - 1] * len(corpus.vocabulary) + ids[second]])
    features, column = np.unique(codes, return_inverse=True)
    cells = (np.ones(len(codes)), (np.concatenate([rows[known], rows[second]]), column))
    counts = sp.csr_matrix(cells, shape=(len(lengths), len(features)))
    counts.sum_duplicates()
    train = corpus.rows("train")
    texts = np.bincount(counts[train].indices, minlength=len(features))
    least = 2 if len(train) >= MANY else 1
    most = min(MAX_FEATURES, MAX_WEIGHTS // max(len(corpus.classes), 1))
    best = np.argsort(-texts, kind="stable")[:most]
    return counts[:, np.sort(best[texts[best] >= least])]


def _model(entries: int, texts: int, classes: int, c: float = C) -> tuple[str, Any]:
    """The best linear model that takes seconds. entries: of the matrix of the training texts. c: see C."""
    work = entries * (classes if classes > 2 else 1)
    if work <= EXACT:
        return WORDS, LogisticRegression(C=c, tol=1e-3, max_iter=100)
    if work <= PASS:
        return WORDS, _descent(c, texts, min(max(PASS // (2 * work), 1), PASSES))
    return BAYES, ComplementNB()


def _descent(c: float, texts: int, passes: int) -> SGDClassifier:
    """The same logistic regression, solved by so many passes of stochastic gradient descent."""
    return SGDClassifier("log_loss", alpha=1 / (c * texts), max_iter=passes, tol=None, random_state=0)


def _fitted(
    name: str,
    model: Any,
    features: sp.csr_matrix | np.ndarray,
    corpus: EncodedCorpus,
    predicted: Predicted,
    parts: Sequence[str],
    began: float,
) -> dict[str, Any]:
    train = corpus.rows("train")
    model.fit(features[train], corpus.labels[train])
    scores: dict[str, Any] = {}
    same_texts = []
    for part in parts:
        rows = corpus.rows(part)
        labels = corpus.labels[rows]
        given = np.zeros((len(rows), len(corpus.classes)))
        if len(rows):
            given[:, model.classes_] = model.predict_proba(features[rows])
        chosen = given.argmax(-1)
        own = np.maximum(given[np.arange(len(rows)), labels], 1e-15)
        found = score(labels, chosen, -float(np.log(own).sum()) / max(len(rows), 1), len(corpus.classes)).to_json()
        scores[part] = {metric: found[metric] for metric in (*METRICS, "loss")}
        if part == "test":
            for arm, answers in predicted.items():
                test = mcnemar(answers == labels, chosen == labels)
                counts = {"only_arm": test.only_treated, "only_reference": test.only_baseline}
                same_texts.append({"arm": arm, **counts, "p_value": test.p_value})
    return {"name": name, **scores, "seconds": time.perf_counter() - began, "same_texts": same_texts}
