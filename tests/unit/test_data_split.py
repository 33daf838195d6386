"""Splitting: stratified, repeatable, and without a text in two parts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dynmask_core.data.split import (
    MIN_PER_CLASS,
    TEST,
    TRAIN,
    VALIDATION,
    complete,
    largest_remainder,
    split_codes,
    stratified_split,
    text_key,
)

class_sizes = st.lists(st.integers(MIN_PER_CLASS, 60), min_size=2, max_size=8)


def labels_of(sizes: list[int], seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).permutation(np.repeat(np.arange(len(sizes)), sizes))


@given(st.lists(st.integers(0, 50), min_size=1, max_size=10), st.integers(0, 600), st.integers(0, 4))
def test_largest_remainder_gives_out_the_total_within_the_counts(counts: list[int], total: int, least: int) -> None:
    shares = largest_remainder(counts, total, least)
    total = min(total, sum(counts))
    assert shares.sum() == total
    assert (shares >= 0).all()
    assert (shares <= counts).all()
    if total >= np.minimum(counts, least).sum():
        assert (shares >= np.minimum(counts, least)).all()
    if not least and total:
        assert (np.abs(shares - total * np.array(counts) / sum(counts)) < 1).all()


@settings(deadline=None, max_examples=50)
@given(class_sizes, st.floats(0.05, 0.4), st.floats(0.05, 0.4), st.integers(0, 1000))
def test_every_class_reaches_every_part_and_two_rows_stay_in_train(
    sizes: list[int], test: float, validation: float, seed: int
) -> None:
    labels = labels_of(sizes, seed)
    parts = stratified_split(labels, test_fraction=test, validation_fraction=validation, seed=seed)
    assert parts.dtype == np.int8
    for label in range(len(sizes)):
        own = np.bincount(parts[labels == label], minlength=3)
        assert own[TRAIN] >= 2
        assert own[VALIDATION] >= 1
        assert own[TEST] >= 1


def test_sizes_are_exact_overall_and_within_one_row_per_class() -> None:
    labels = labels_of([333, 101, 66])
    parts = stratified_split(labels, test_fraction=0.2, validation_fraction=0.1, seed=0)
    assert np.bincount(parts).tolist() == [350, 50, 100]
    for label, size in enumerate([333, 101, 66]):
        assert abs((parts[labels == label] == TEST).sum() - 0.2 * size) < 1


def test_the_seed_decides_and_zero_is_a_seed() -> None:
    labels = labels_of([50, 50])
    again = [stratified_split(labels, seed=seed).tolist() for seed in (0, 0, 1, 2)]
    assert again[0] == again[1]
    assert again[0] != again[2] != again[3] != again[0]


def test_a_fraction_of_zero_leaves_its_part_empty() -> None:
    parts = stratified_split(labels_of([20, 20]), test_fraction=0, validation_fraction=0.1)
    assert np.bincount(parts, minlength=3).tolist() == [36, 4, 0]


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 1)), min_size=8, max_size=120), st.integers(0, 50))
def test_equal_texts_go_to_one_part_whatever_their_case_space_and_label(rows: list[tuple[int, int]], seed: int) -> None:
    rng = np.random.default_rng(seed)
    spellings = ["word {}", "Word  {}", " WORD\t{} "]
    texts = [spellings[rng.integers(3)].format(number) for number, _ in rows]
    parts = stratified_split([label for _, label in rows], seed=seed, texts=texts)
    seen: dict[str, set[int]] = {}
    for text, part in zip(texts, parts.tolist(), strict=True):
        seen.setdefault(text_key(text), set()).add(part)
    assert all(len(own) == 1 for own in seen.values())


def test_repeated_texts_do_not_change_the_sizes_while_single_ones_can_fill_them() -> None:
    texts = [f"text {i}" for i in range(80)] + ["same"] * 20
    parts = stratified_split([0] * 50 + [1] * 50, texts=texts)
    assert np.bincount(parts).tolist() == [70, 10, 20]


def column(values: list[str], **options: float) -> np.ndarray:
    labels = np.arange(len(values)) % 2
    fractions = {"test_fraction": 0.2, "validation_fraction": 0.1, **options}
    return complete(split_codes(values)[0], labels, [f"t{i}" for i in range(len(values))], seed=0, **fractions)


@pytest.mark.parametrize(
    ("names", "part"),
    [
        (["train", "Training", "训练", ""], TRAIN),
        (["dev", "VAL", "valid", "validation", "验证"], VALIDATION),
        (["test", " Test ", "测试"], TEST),
    ],
)
def test_a_split_column_is_respected_in_its_usual_spellings(names: list[str], part: int) -> None:
    values = ["train"] * 8 + ["dev"] * 8 + ["test"] * 8 + names
    parts = column(values)
    assert (parts[24:] == part).all()
    assert np.bincount(parts[:24]).tolist() == [8, 8, 8]


def test_missing_validation_is_taken_from_train_alone() -> None:
    parts = column(["train"] * 80 + ["test"] * 20)
    assert (parts[80:] == TEST).all()
    assert np.bincount(parts[:80], minlength=3).tolist() == [72, 8, 0]


def test_missing_test_is_taken_from_train_alone() -> None:
    parts = column(["train"] * 80 + ["dev"] * 20)
    assert (parts[80:] == VALIDATION).all()
    assert np.bincount(parts[:80], minlength=3).tolist() == [64, 0, 16]


def test_dev_and_test_without_train_means_training_on_dev() -> None:
    parts = column(["dev"] * 80 + ["test"] * 20)
    assert (parts[80:] == TEST).all()
    assert np.bincount(parts[:80], minlength=3).tolist() == [72, 8, 0]
