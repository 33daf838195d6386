"""The Python face keeps scikit-learn's manners."""

from __future__ import annotations

import pickle
import random
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import cross_val_score

from dynmask_core import MaskedTextClassifier
from dynmask_core.data import planted
from dynmask_core.errors import InputError

FRAME = planted(texts=60, noise_words=30).table.frame
TEXTS = FRAME["text"].tolist()
LABELS = FRAME["label"].tolist()


def tiny(**settings: Any) -> MaskedTextClassifier:
    return MaskedTextClassifier(**{"model": "tiny", "epochs": 1, "device": "cpu", **settings})


@pytest.fixture(scope="module")
def fitted() -> MaskedTextClassifier:
    torch.set_num_threads(1)
    return tiny(epochs=2).fit(TEXTS, LABELS)


def test_settings_are_keyword_only_readable_and_cloned(fitted: MaskedTextClassifier) -> None:
    with pytest.raises(TypeError):
        MaskedTextClassifier("repaired")  # type: ignore[misc]
    twin = clone(fitted)
    assert twin.get_params() == fitted.get_params()
    assert not hasattr(twin, "classes_")
    assert twin.set_params(epochs=3).epochs == 3
    assert "epochs=2" in repr(fitted)


def test_fit_returns_the_classifier_itself() -> None:
    classifier = tiny(strategy="none")
    assert classifier.fit(TEXTS, LABELS) is classifier


def test_probabilities_and_predictions_agree(fitted: MaskedTextClassifier) -> None:
    probabilities = fitted.predict_proba(TEXTS)
    assert probabilities.shape == (len(TEXTS), 2)
    assert probabilities.dtype == np.float32
    np.testing.assert_allclose(probabilities.sum(1), 1, atol=1e-5)
    assert (fitted.predict(TEXTS) == fitted.classes_[probabilities.argmax(1)]).all()
    assert fitted.score(TEXTS, LABELS) == np.mean(fitted.predict(TEXTS) == np.array(LABELS))
    assert fitted.classes_.tolist() == ["class_0", "class_1"]


def test_a_text_gets_the_same_answer_whatever_is_asked_beside_it(fitted: MaskedTextClassifier) -> None:
    together = fitted.predict_proba(TEXTS)
    np.testing.assert_allclose(fitted.predict_proba(TEXTS[5:6])[0], together[5], atol=1e-5)


def test_strange_and_empty_texts_have_answers(fitted: MaskedTextClassifier) -> None:
    probabilities = fitted.predict_proba(["", "   ", "unheard", "好", " ".join(["ba"] * 1000)])
    assert np.isfinite(probabilities).all()
    assert fitted.predict_proba([]).shape == (0, 2)
    assert probabilities[0].tolist() == probabilities[1].tolist()


def test_equal_settings_and_texts_give_equal_predictions() -> None:
    torch.manual_seed(1)
    one = tiny(seed=0).fit(TEXTS, LABELS).predict_proba(TEXTS)
    torch.manual_seed(2)
    assert tiny(seed=0).fit(TEXTS, LABELS).predict_proba(TEXTS).tobytes() == one.tobytes()
    assert tiny(seed=1).fit(TEXTS, LABELS).predict_proba(TEXTS).tobytes() != one.tobytes()


def test_the_callers_random_numbers_go_on_as_if_nothing_had_been_trained() -> None:
    def state() -> tuple[Any, ...]:
        return torch.random.get_rng_state().tolist(), np.random.get_state()[1].tolist(), random.getstate()  # type: ignore[index,union-attr]

    before = state()
    classifier = tiny().fit(TEXTS, LABELS)
    classifier.predict(TEXTS)
    classifier.masks(TEXTS[:2])
    assert state() == before


@pytest.mark.parametrize(
    "names", [(0, 1), (10, 9), (True, False), ("好评", "差评"), (" padded ", "plain"), (np.int64(3), np.int64(4))]
)
def test_labels_come_back_as_they_were_given(names: tuple[Any, Any]) -> None:
    labels = [names[int(label.endswith("1"))] for label in LABELS]
    classifier = tiny().fit(TEXTS, labels)
    assert set(classifier.classes_.tolist()) == set(names)
    assert classifier.classes_.dtype == np.array(names).dtype
    assert set(classifier.predict(TEXTS).tolist()) <= set(names)
    assert 0 <= classifier.score(TEXTS, labels) <= 1


def test_arrays_and_lists_are_both_taken(fitted: MaskedTextClassifier) -> None:
    from_arrays = tiny(epochs=2).fit(np.array(TEXTS), np.array(LABELS))
    assert from_arrays.predict_proba(np.array(TEXTS)).tobytes() == fitted.predict_proba(TEXTS).tobytes()


def test_masks_name_every_token_as_written(fitted: MaskedTextClassifier) -> None:
    text = f"{TEXTS[0].capitalize()}, Unheard!"
    ((*pairs,),) = fitted.masks([text])
    assert "".join(token for token, _ in pairs) == text.replace(" ", "")
    assert all(0 <= value <= 1 for _, value in pairs)
    assert fitted.masks([""]) == [[]]
    (unmasked,) = tiny(strategy="none").fit(TEXTS, LABELS).masks([text])
    assert {value for _, value in unmasked} == {1.0}


def test_it_can_be_pickled_and_used_in_cross_validation(fitted: MaskedTextClassifier) -> None:
    again = pickle.loads(pickle.dumps(fitted))
    assert again.predict_proba(TEXTS).tobytes() == fitted.predict_proba(TEXTS).tobytes()
    scores = cross_val_score(tiny(strategy="none"), np.array(TEXTS), np.array(LABELS), cv=2)
    assert len(scores) == 2
    assert np.isfinite(scores).all()


def test_it_trains_without_validation_texts() -> None:
    assert tiny(validation_fraction=0.0).fit(TEXTS, LABELS).predict(TEXTS[:3]).shape == (3,)


def test_asking_before_fitting_is_said_so() -> None:
    with pytest.raises(NotFittedError):
        tiny().predict(TEXTS)


@pytest.mark.parametrize(
    ("settings", "texts", "labels"),
    [
        ({"model": "huge"}, TEXTS, LABELS),
        ({"strategy": "nobody"}, TEXTS, LABELS),
        ({"step_size": 2.0}, TEXTS, LABELS),
        ({"epochs": 0}, TEXTS, LABELS),
        ({"tokenizer": "letters"}, TEXTS, LABELS),
    ],
)
def test_bad_input_is_one_sentence(settings: dict[str, Any], texts: Any, labels: Any) -> None:
    with pytest.raises(InputError):
        tiny(**settings).fit(texts, labels)
