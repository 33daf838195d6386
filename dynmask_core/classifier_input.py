"""Checks what a caller of `MaskedTextClassifier` gives, before anything is trained or asked."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Set
from numbers import Integral, Real
from typing import Any, NamedTuple, NoReturn

import numpy as np
import pandas as pd
from sklearn.exceptions import DataConversionWarning

from dynmask_core.errors import InputError

SHOWN = 40
"""Longer values are cut in sentences."""


class Labels(NamedTuple):
    """classes: the different labels, as from `np.unique`. codes: int64 [N], the index of each row's label."""

    classes: np.ndarray
    codes: np.ndarray


def texts_of(X: Any) -> list[str]:
    """The texts of a list, tuple, array [N] or pandas Series of strings; N may be 0.

    Raises InputError `not_a_list`, `not_one_column` or `not_a_text`.
    """
    texts: list[Any] = _entries(X, "X").tolist()
    for place, text in enumerate(texts):
        if not isinstance(text, str):
            _refuse("not_a_text", place, text)
    return [str(text) for text in texts]


def labels_of(y: Any) -> Labels:
    """The labels of a list, tuple, array [N] or pandas Series: all strings, or all whole numbers and truth values.

    1, 1.0 and True are one label, as in NumPy. A column [N, 1] is taken with scikit-learn's DataConversionWarning.
    Raises InputError `no_labels`, `not_a_list`, `not_one_column`, `not_a_label`, `label_with_fraction`, `mixed_labels`
    or `single_label`.
    """
    if y is None:
        raise InputError("no_labels")
    entries = _entries(y, "y")
    labels: list[Any] = entries.tolist()
    missing = pd.isna(entries)
    for place, label in enumerate(labels):
        if missing[place] or not isinstance(label, (str, bool, np.bool_, Real)):
            _refuse("not_a_label", place, label)
        if not isinstance(label, (str, np.bool_, Integral)) and not float(label).is_integer():
            _refuse("label_with_fraction", place, label)
    strings = {isinstance(label, str) for label in labels}
    if len(strings) > 1:
        raise InputError("mixed_labels")
    if entries.dtype == object and not (True in strings and hasattr(y, "dtype")):
        # A list gets the dtype of its entries; scikit-learn knows no numbers as objects.
        entries = np.asarray(labels)
    classes, codes = np.unique(entries, return_inverse=True)
    if len(classes) == 1:
        raise InputError("single_label", label=_shown(classes[0]))
    return Labels(classes, codes.astype(np.int64))


def _entries(values: Any, name: str) -> np.ndarray:
    """[N]: the entries of a list, unchanged (dtype object), or of an array with its own dtype."""
    if hasattr(values, "__array__"):
        values = np.asarray(values)
    shape: tuple[int, ...] = getattr(values, "shape", (0,))  # sparse matrices have a shape, but are no arrays
    if name == "y" and len(shape) == 2 and shape[1] == 1:
        told = "A column-vector y was passed when a 1d array was expected: pass y.ravel()."
        warnings.warn(told, DataConversionWarning, stacklevel=4)
        return np.asarray(values).ravel()
    if len(shape) > 1:
        raise InputError("not_one_column", name=name, shape=" × ".join(map(str, shape)))
    no_list = isinstance(values, (str, bytes, bytearray, Mapping, Set)) or not hasattr(values, "__len__")
    if no_list or len(shape) == 0:
        raise InputError("not_a_list", name=name, kind=type(values).__name__)
    if isinstance(values, np.ndarray):
        return values
    entries = np.empty(len(values), dtype=object)
    for place, value in enumerate(values):
        entries[place] = value
    return entries


def _refuse(code: str, place: int, value: Any) -> NoReturn:
    raise InputError(code, place=place, value=_shown(value), kind=type(value).__name__)


def _shown(value: Any) -> str:
    shown = repr(value.item() if isinstance(value, np.generic) else value)
    return shown if len(shown) <= SHOWN else f"{shown[:SHOWN]}…"
