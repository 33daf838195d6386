"""scikit-learn's own checks of estimators. They give tables of numbers, and with the classifier's true tags
scikit-learn runs almost none of them: here each row of numbers is written as a text, so that all of them run."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.exceptions import SkipTestWarning
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils import get_tags
from sklearn.utils.estimator_checks import estimator_checks_generator
from sklearn.utils.validation import validate_data

from dynmask_core import MaskedTextClassifier
from dynmask_core.data import planted

EPOCHS = {"check_classifiers_train": 12}
"""Checks that ask for a good accuracy; one epoch does for the others."""

CANNOT_RUN = {
    "check_array_api_input": "texts are no arrays of numbers, so other libraries' arrays cannot hold them",
}


class OfNumbers(MaskedTextClassifier):
    """Takes float [N, F]: a text has a word for each column, which names the column and its rounded value."""

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array, tags.input_tags.one_d_array = True, False
        return tags

    def fit(self, X: Any, y: Any) -> OfNumbers:
        return super().fit(self._written(X, first=True), y)

    def predict_proba(self, X: Any) -> np.ndarray:
        self._fitted()
        return super().predict_proba(self._written(X))

    def _written(self, X: Any, first: bool = False) -> list[str]:
        rows = validate_data(self, X, reset=first)
        return [" ".join(f"column{place}is{round(float(value))}" for place, value in enumerate(row)) for row in rows]


def of_numbers(epochs: int = 1) -> OfNumbers:
    return OfNumbers(strategy="none", model="tiny", epochs=epochs, device="cpu")


def name_of(check: Any) -> str:
    return str(getattr(check, "func", check).__name__)


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.mark.parametrize(
    "check", [check for _, check in estimator_checks_generator(of_numbers(), mark=None)], ids=name_of
)
@pytest.mark.filterwarnings("ignore")
def test_scikit_learns_checks_pass(check: Callable[[Any], None]) -> None:
    name = name_of(check)
    if name in CANNOT_RUN:
        pytest.skip(CANNOT_RUN[name])
    check(of_numbers(EPOCHS.get(name, 1)))


def test_what_is_not_run_or_trained_longer_is_still_a_check() -> None:
    names = {name_of(check) for _, check in estimator_checks_generator(of_numbers(), mark=None)}
    assert {*EPOCHS, *CANNOT_RUN} <= names
    assert len(names) > 40


def test_its_tags_say_that_it_reads_one_list_of_strings() -> None:
    classifier = MaskedTextClassifier(model="tiny", epochs=1, device="cpu")
    tags = get_tags(classifier)
    assert tags.estimator_type == "classifier"
    assert (tags.input_tags.string, tags.input_tags.one_d_array, tags.input_tags.two_d_array) == (True, True, False)
    assert tags.target_tags.required
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SkipTestWarning)  # it says that the other checks want tables
        for estimator, check in estimator_checks_generator(classifier, mark=None):
            check(estimator)


FRAME = planted(texts=40, noise_words=10).table.frame
TEXTS, LABELS = FRAME["text"].tolist(), FRAME["label"].tolist()


def test_it_stands_in_pipelines_and_searches() -> None:
    tiny = MaskedTextClassifier(strategy="none", model="tiny", epochs=1, device="cpu")
    pipeline = make_pipeline(FunctionTransformer(lambda texts: [text.upper() for text in texts]), tiny)
    fitted = clone(pipeline).fit(TEXTS, LABELS)
    assert set(fitted.predict(TEXTS)) <= set(LABELS)
    assert np.isfinite(cross_val_score(pipeline, TEXTS, LABELS, cv=2, error_score="raise")).all()
    grid = {"maskedtextclassifier__seed": np.arange(2), "maskedtextclassifier__step_size": np.array([0.1])}
    search = GridSearchCV(pipeline, grid, cv=2, error_score="raise").fit(FRAME["text"], FRAME["label"])
    assert search.best_params_["maskedtextclassifier__seed"] in (0, 1)
    assert search.predict(TEXTS[:3]).shape == (3,)


def test_it_counts_no_columns() -> None:
    fitted = MaskedTextClassifier(strategy="none", model="tiny", epochs=1, device="cpu").fit(TEXTS, LABELS)
    assert not hasattr(fitted, "n_features_in_")
    assert not hasattr(fitted, "feature_names_in_")
