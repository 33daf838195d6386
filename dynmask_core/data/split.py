"""Train, validation and test parts: stratified, repeatable, with no text in two parts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from dynmask_core.errors import InputError
from dynmask_core.messages import listed
from dynmask_core.remedies import Remedy

TRAIN, VALIDATION, TEST, TRANSFER = 0, 1, 2, 3
PARTS = ("train", "validation", "test", "transfer")
"""transfer: texts of another data set, to test a model there."""
MIN_PER_CLASS = 4
UNKNOWN = -1
TEST_SHARE, VALIDATION_SHARE = 0.2, 0.1

IGNORE_SPLIT = Remedy("ignore_split", config={"split_column": ""})

Parts = npt.NDArray[np.int8]
Counts = npt.NDArray[np.int64]

_VALUES = {
    "train": TRAIN, "training": TRAIN, "训练": TRAIN, "训练集": TRAIN,
    "dev": VALIDATION, "val": VALIDATION, "valid": VALIDATION, "validation": VALIDATION,
    "development": VALIDATION, "验证": VALIDATION, "验证集": VALIDATION,
    "test": TEST, "testing": TEST, "测试": TEST, "测试集": TEST,
}  # fmt: skip


def text_key(text: str) -> str:
    """Two texts with equal keys count as the same: letter case and white space are ignored."""
    return " ".join(text.casefold().split())


def split_codes(values: Iterable[str]) -> tuple[Parts, list[str]]:
    """int8 part of each value (`UNKNOWN` if it names none), and the sorted non-empty values that name no part."""
    codes: list[int] = []
    unknown: set[str] = set()
    for value in values:
        plain = str(value).strip().casefold()
        if plain and plain not in _VALUES:
            unknown.add(str(value).strip())
        codes.append(_VALUES.get(plain, UNKNOWN))
    return np.array(codes, dtype=np.int8), sorted(unknown)


def largest_remainder(counts: Sequence[int] | Counts, total: int, minimum: int = 0) -> Counts:
    """int64 shares of `total`, proportional to `counts`, rounded by largest remainder.

    Every share is at least `min(minimum, count)` and at most its count; if `total` is too small for that, the minimum
    is lowered step by step. Ties go to the earlier stratum.
    """
    sizes = np.asarray(counts, dtype=np.int64)
    total = int(min(max(total, 0), sizes.sum()))
    if total == 0:
        return np.zeros_like(sizes)
    exact = total * sizes / sizes.sum()
    while minimum and np.minimum(sizes, minimum).sum() > total:
        minimum -= 1
    lowest = np.minimum(sizes, minimum)
    shares: Counts = np.maximum(np.floor(exact + 1e-9).astype(np.int64), lowest)
    while shares.sum() != total:
        short = shares.sum() < total
        room = shares < sizes if short else shares > lowest
        gap = np.where(room, exact - shares, -np.inf if short else np.inf)
        shares[int(np.argmax(gap) if short else np.argmin(gap))] += 1 if short else -1
    return shares


def stratified_split(
    labels: Sequence[int] | npt.NDArray[np.int64],
    *,
    test_fraction: float = TEST_SHARE,
    validation_fraction: float = VALIDATION_SHARE,
    seed: int = 0,
    texts: Sequence[str] | None = None,
) -> Parts:
    """int8 part of every row: 0 train, 1 validation, 2 test.

    Fractions refer to all rows: each at least 0, the sum at most 0.9 (else `InputError` `bad_fraction`). Each class is
    divided by largest remainder. A class of at least four rows is in every part whose fraction is not 0 and keeps at
    least two rows in train. With `texts`, rows of the same text (see `text_key`) stay together: part sizes are then as
    close as that allows, and a class of fewer than three different texts cannot be in every part. Equal arguments give
    an equal result.
    """
    classes = np.asarray(labels, dtype=np.int64)
    if not (test_fraction >= 0 and validation_fraction >= 0 and test_fraction + validation_fraction <= 0.9):
        raise InputError("bad_fraction", test=test_fraction, validation=validation_fraction)
    rng = np.random.default_rng(np.random.SeedSequence([seed, 0x5911]))
    parts = np.zeros(len(classes), dtype=np.int8)
    if not len(classes):
        return parts
    values, counts = np.unique(classes, return_counts=True)
    spare = counts - 2  # train keeps two rows of a class
    test = np.minimum(_quotas(counts, test_fraction), np.maximum(spare - (validation_fraction > 0), 0))
    validation = np.minimum(_quotas(counts, validation_fraction), np.maximum(spare - test, 0))
    groups = _groups(classes, texts)
    for value, test_rows, validation_rows in zip(values, test, validation, strict=True):
        own = groups[int(value)]
        _fill(parts, [own[i] for i in rng.permutation(len(own))], int(test_rows), int(validation_rows))
    return parts


def divided(
    named: Sequence[str] | None,
    labels: npt.NDArray[np.int64],
    texts: Sequence[str],
    *,
    test_fraction: float = TEST_SHARE,
    validation_fraction: float = VALIDATION_SHARE,
    seed: int,
) -> tuple[Parts, Parts | None]:
    """The part of every row, and the one that the file gives: see `complete`; without a split column (None) see
    `stratified_split`.

    named: the cells of the split column. Raises InputError `unknown_split`, and what these two raise.
    """
    fractions = {"test_fraction": test_fraction, "validation_fraction": validation_fraction}
    if named is None:
        return stratified_split(labels, **fractions, seed=seed, texts=texts), None
    given, unknown = split_codes(named)
    if unknown:
        raise InputError("unknown_split", values=listed(unknown, 5)).mended_by(IGNORE_SPLIT)
    return complete(given, labels, texts, **fractions, seed=seed), given


def _quotas(counts: Counts, fraction: float) -> Counts:
    """Rows of each class for one part; at least one unless the fraction is 0."""
    total = round(float(counts.sum()) * fraction)
    return largest_remainder(counts, max(total, len(counts)) if fraction else 0, minimum=1)


def _groups(classes: npt.NDArray[np.int64], texts: Sequence[str] | None) -> dict[int, list[list[int]]]:
    """Groups of rows that must stay together, by the class of the first row."""
    groups: dict[int, list[list[int]]] = {int(value): [] for value in np.unique(classes)}
    by_text: dict[str | int, list[int]] = {}
    for row, value in enumerate(classes.tolist()):
        key = row if texts is None else text_key(texts[row])
        if key not in by_text:
            by_text[key] = []
            groups[value].append(by_text[key])
        by_text[key].append(row)
    return groups


def _fill(parts: Parts, groups: list[list[int]], test_rows: int, validation_rows: int) -> None:
    """Assigns each shuffled group to a part that has room for all of it; the rest is for training."""
    needs = {TEST: test_rows, VALIDATION: validation_rows}
    empty = {part for part, need in needs.items() if need}
    rest: list[list[int]] = []
    for group in groups:
        part = next((part for part, need in needs.items() if need >= len(group)), TRAIN)
        if part == TRAIN:
            rest.append(group)
            continue
        parts[group] = part
        needs[part] -= len(group)
        empty.discard(part)
    # No group fitted: the part gets the smallest one, as long as train keeps a group.
    for part in sorted(empty, reverse=True):
        if len(rest) > 1:
            smallest = min(rest, key=len)
            rest.remove(smallest)
            parts[smallest] = part


def complete(
    given: Parts,
    labels: npt.NDArray[np.int64],
    texts: Sequence[str],
    *,
    test_fraction: float = TEST_SHARE,
    validation_fraction: float = VALIDATION_SHARE,
    seed: int,
) -> Parts:
    """The `given` parts (`UNKNOWN` becomes train), with missing parts added.

    Missing validation or test rows are taken from train. Without train rows, the validation rows become train rows
    first. Raises `InputError` `no_train_rows` if all rows are test.
    """
    parts = np.where(given == UNKNOWN, TRAIN, given).astype(np.int8)
    present = set(np.unique(parts).tolist())
    if TRAIN not in present and VALIDATION in present:
        parts[parts == VALIDATION] = TRAIN
        present = set(np.unique(parts).tolist())
    if TRAIN not in present:
        raise InputError("no_train_rows").mended_by(IGNORE_SPLIT)
    rows = np.flatnonzero(parts == TRAIN)
    parts[rows] = stratified_split(
        labels[rows],
        test_fraction=0 if TEST in present else test_fraction,
        validation_fraction=0 if VALIDATION in present else validation_fraction,
        seed=seed,
        texts=[texts[row] for row in rows.tolist()],
    )
    return parts
