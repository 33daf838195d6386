"""What can be given as texts and labels, what is refused, and that fit and predict agree on it."""

from __future__ import annotations

import decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from scipy import sparse
from sklearn.exceptions import DataConversionWarning
from sklearn.linear_model import LogisticRegression

from dynmask_core import MaskedTextClassifier
from dynmask_core.classifier_input import labels_of, texts_of
from dynmask_core.data import planted
from dynmask_core.errors import InputError

FRAME = planted(texts=24, noise_words=10).table.frame
TEXTS, LABELS = FRAME["text"].tolist(), FRAME["label"].tolist()
TURNS = [0, 1] * 12


def tiny(**settings: Any) -> MaskedTextClassifier:
    return MaskedTextClassifier(**{"strategy": "none", "model": "tiny", "epochs": 1, "device": "cpu", **settings})


@pytest.fixture(scope="module")
def fitted() -> MaskedTextClassifier:
    torch.set_num_threads(1)
    return tiny().fit(TEXTS, LABELS)


@pytest.fixture
def untrained(monkeypatch: pytest.MonkeyPatch) -> MaskedTextClassifier:
    """Fails the test if anything is trained."""
    monkeypatch.setattr("dynmask_core.training.fit.fit", lambda *_: pytest.fail("trained before the input was checked"))
    return tiny()


def with_one(value: Any) -> list[Any]:
    return [*TEXTS[:5], value, *TEXTS[6:]]


NO_TEXTS: list[tuple[str, Any]] = [
    ("not_a_list", TEXTS[0]),
    ("not_a_list", TEXTS[0].encode()),
    ("not_a_list", None),
    ("not_a_list", 24),
    ("not_a_list", dict.fromkeys(TEXTS)),
    ("not_a_list", set(TEXTS)),
    ("not_a_list", iter(TEXTS)),
    ("not_a_list", np.array(TEXTS[0])),
    ("not_one_column", np.array(TEXTS)[:, None]),
    ("not_one_column", np.array(TEXTS).reshape(12, 2)),
    ("not_one_column", FRAME[["text"]]),
    ("not_one_column", sparse.csr_matrix(np.eye(24))),
    ("not_a_text", with_one(None)),
    ("not_a_text", with_one(float("nan"))),
    ("not_a_text", with_one(pd.NA)),
    ("not_a_text", with_one(b"bytes")),
    ("not_a_text", with_one(["a", "list"])),
    ("not_a_text", with_one(7)),
    ("not_a_text", [[text] for text in TEXTS]),
    ("not_a_text", pd.Series(with_one(None))),
    ("not_a_text", np.arange(24)),
]


@pytest.mark.parametrize(("code", "texts"), NO_TEXTS)
def test_texts_are_refused_alike_before_training_and_in_every_question(
    code: str, texts: Any, fitted: MaskedTextClassifier, untrained: MaskedTextClassifier
) -> None:
    asked = [lambda: untrained.fit(texts, LABELS), lambda: fitted.predict(texts)]
    asked += [lambda: fitted.predict_proba(texts), lambda: fitted.masks(texts)]
    said = set()
    for ask in asked:
        if isinstance(texts, type(iter([]))):
            texts = iter(TEXTS)
        with pytest.raises(InputError) as caught:
            ask()
        assert caught.value.code == code
        said.add(str(caught.value).partition(" object at ")[0])
    assert len(said) == 1


def test_a_refused_text_is_named_by_its_place(untrained: MaskedTextClassifier) -> None:
    with pytest.raises(InputError, match=r"X\[5\] is None \(NoneType\)"):
        untrained.fit(with_one(None), LABELS)
    with pytest.raises(InputError, match=r"shape 24 × 1"):
        untrained.fit(np.array(TEXTS)[:, None], LABELS)
    with pytest.raises(InputError) as caught:
        untrained.fit(with_one(["word"] * 1000), LABELS)
    assert len(str(caught.value)) < 250


def labels_with(value: Any) -> list[Any]:
    return [*LABELS[:5], value, *LABELS[6:]]


NO_LABELS: list[tuple[str, Any]] = [
    ("no_labels", None),
    ("not_a_list", "positive"),
    ("not_a_list", dict.fromkeys(range(24), "a")),
    ("not_one_column", np.array(LABELS * 2).reshape(24, 2)),
    ("not_a_label", labels_with(None)),
    ("not_a_label", labels_with(float("nan"))),
    ("not_a_label", [*map(float, TURNS[:-1]), np.nan]),
    ("not_a_label", pd.Series([*TURNS[:-1], None])),
    ("not_a_label", pd.Series([*TURNS[:-1], None], dtype="Int64")),
    ("not_a_label", pd.Categorical(labels_with(None))),
    ("not_a_label", labels_with(["a"])),
    ("not_a_label", labels_with({"a"})),
    ("not_a_label", labels_with(("a",))),
    ("not_a_label", labels_with(b"a")),
    ("not_a_label", [decimal.Decimal(turn) for turn in TURNS]),
    ("not_a_label", np.array(TURNS, dtype="datetime64[D]")),
    ("not_a_label", np.array(TURNS, dtype=complex)),
    ("mixed_labels", labels_with(1)),
    ("mixed_labels", np.array(labels_with(1.0), dtype=object)),
    ("label_with_fraction", np.linspace(0, 1, 24)),
    ("label_with_fraction", [*TURNS[:-1], float("inf")]),
    ("single_label", ["a"] * 24),
    ("single_label", [1, 1.0, True] * 8),
    ("lengths_differ", LABELS[:-1]),
    ("lengths_differ", [*LABELS, LABELS[0]]),
]


@pytest.mark.parametrize(("code", "labels"), NO_LABELS)
def test_labels_are_refused_before_training(code: str, labels: Any, untrained: MaskedTextClassifier) -> None:
    with pytest.raises(InputError) as caught:
        untrained.fit(TEXTS, labels)
    assert caught.value.code == code
    assert caught.value.sentence("zh") != str(caught.value)


GOOD_TEXTS = [tuple(TEXTS), np.array(TEXTS), np.array(TEXTS, dtype=object), FRAME["text"], pd.Index(TEXTS)]
GOOD_TEXTS += [FRAME["text"].astype("string"), pd.Series(TEXTS, index=range(100, 124))]


@pytest.mark.parametrize("texts", GOOD_TEXTS, ids=lambda texts: f"{type(texts).__name__} {getattr(texts, 'dtype', '')}")
def test_every_kind_of_list_of_texts_is_read_alike(texts: Any, fitted: MaskedTextClassifier) -> None:
    assert texts_of(texts) == TEXTS
    assert {type(text) for text in texts_of(texts)} == {str}
    assert fitted.predict_proba(texts).tobytes() == fitted.predict_proba(TEXTS).tobytes()


GOOD_LABELS: list[Any] = [
    LABELS, tuple(LABELS), np.array(LABELS), np.array(LABELS, dtype=object), FRAME["label"],
    FRAME["label"].astype("string"), FRAME["label"].astype("category"), pd.Series(TURNS, dtype="Int64"),
    TURNS, [float(turn) for turn in TURNS], [bool(turn) for turn in TURNS], [-7, 10**6] * 12, [1, 0.0, 1.0, False] * 6,
    np.array(TURNS, dtype=np.uint8), np.array([1, 1.0, 0, True] * 6, dtype=object), [" a", "a"] * 12, ["", "nan"] * 12,
    [np.int64(3), np.float32(2)] * 12, ["10", "9"] * 12,
]  # fmt: skip


@pytest.mark.parametrize("labels", GOOD_LABELS)
def test_the_classes_are_those_of_numpy(labels: Any) -> None:
    found = labels_of(labels)
    assert found.classes.tolist() == np.unique(np.asarray(labels)).tolist()
    assert found.classes[found.codes].tolist() == np.asarray(labels).tolist()
    if not (isinstance(labels, np.ndarray) and labels.dtype == object and labels[0] == 1):  # no numbers as objects
        peer = LogisticRegression().fit(np.arange(24.0)[:, None], labels)
        assert found.classes.tolist() == peer.classes_.tolist()
        assert found.classes.dtype.kind == peer.classes_.dtype.kind or str(labels.dtype) == "Int64"


def test_a_fitted_classifier_answers_with_the_classes_of_numpy() -> None:
    for labels in ([1, 1.0, 0, True] * 6, [" a", "a"] * 12, ["10", "9"] * 12, pd.Series(TURNS, dtype="Int64")):
        made = tiny().fit(TEXTS, labels)
        assert made.classes_.tolist() == np.unique(labels).tolist()
        assert set(made.predict(TEXTS).tolist()) <= set(made.classes_.tolist())
        assert 0 <= made.score(TEXTS, labels) <= 1


def test_a_column_of_labels_is_read_with_scikit_learns_warning() -> None:
    with pytest.warns(DataConversionWarning, match="column-vector y"):
        found = labels_of(np.array(LABELS)[:, None])
    assert found.codes.tolist() == labels_of(LABELS).codes.tolist()
    with pytest.warns(DataConversionWarning):
        assert labels_of(FRAME[["label"]]).classes.tolist() == sorted(set(LABELS))


@pytest.mark.parametrize("rare", [1, 2, 3])
def test_a_rare_class_is_learned_and_kept(rare: int) -> None:
    labels = ["rare"] * rare + ["often", "seldom"] * ((24 - rare) // 2) + ["often"] * ((24 - rare) % 2)
    for share in (0.0, 0.3):
        made = tiny(validation_fraction=share).fit(TEXTS, labels)
        assert made.classes_.tolist() == ["often", "rare", "seldom"]
        assert made.predict_proba(TEXTS).shape == (24, 3)
    # Enough repetition, and the one text of its class is recognised.
    texts = ["zebra zebra"] * rare + ["plain words"] * 9
    taught = tiny(epochs=30, validation_fraction=0.0).fit(texts, ["rare"] * rare + ["often"] * 9)
    assert taught.predict(["zebra"]).tolist() == ["rare"]


def test_two_texts_are_enough() -> None:
    assert tiny().fit(["yes", "no"], [1, 0]).classes_.tolist() == [0, 1]


def test_texts_without_words_are_said_and_left_out() -> None:
    blank = ["", "  ", "\n"]
    with pytest.warns(UserWarning, match=r"left out of training: 3\.$"):
        with_blank = tiny().fit(TEXTS + blank, LABELS + LABELS[:3])
    assert with_blank.predict_proba(TEXTS).tobytes() == tiny().fit(TEXTS, LABELS).predict_proba(TEXTS).tobytes()


def test_a_class_without_any_word_is_named(untrained: MaskedTextClassifier) -> None:
    with pytest.raises(InputError, match="label silent has a word"):
        untrained.fit([*TEXTS, " ", ""], [*LABELS, "silent", "silent"])


def test_nothing_to_fit_and_nothing_to_answer(untrained: MaskedTextClassifier, fitted: MaskedTextClassifier) -> None:
    for texts, labels in (([], []), (np.array([], dtype=str), np.array([], dtype=str))):
        with pytest.raises(InputError, match="X has no texts"):
            untrained.fit(texts, labels)
    assert fitted.predict([]).shape == (0,)
    assert fitted.predict_proba(np.array([], dtype=str)).shape == (0, 2)


def test_numpys_numbers_are_settings_like_any_other() -> None:
    settings = {
        "seed": np.int64(3),
        "epochs": np.int32(2),
        "step_size": np.float32(0.5),
        "keep_threshold": np.float64(0),
    }
    alike = {"seed": 3, "epochs": 2, "step_size": 0.5, "keep_threshold": 0.0}
    one, other = (tiny(strategy="repaired", **made).fit(TEXTS, LABELS) for made in (settings, alike))
    assert one.predict_proba(TEXTS).tobytes() == other.predict_proba(TEXTS).tobytes()


@pytest.mark.parametrize(
    "settings",
    [{"seed": True}, {"epochs": np.bool_(True)}, {"epochs": np.float64(2)}, {"seed": None}, {"model": ["tiny"]},
     {"strategy": None}, {"validation_fraction": 0.95}, {"validation_fraction": "some"}, {"tokenizer": None},
     {"device": 0}],
)  # fmt: skip
def test_wrong_settings_are_named(settings: dict[str, Any], untrained: MaskedTextClassifier) -> None:
    with pytest.raises(InputError, match=next(iter(settings))):
        tiny(**settings).fit(TEXTS, LABELS)
