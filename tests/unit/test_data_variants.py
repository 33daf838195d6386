"""One data set in variants: split anew, cut shorter, tested on another one; and what must stay as it was."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dynmask_core.config import DataConfig
from dynmask_core.data import Dataset, Table, build
from dynmask_core.data.load import load
from dynmask_core.data.split import PARTS, TEST, TRAIN, TRANSFER, UNKNOWN, VALIDATION, text_key
from dynmask_core.data.variants import resplit, shorten, transfer_to
from dynmask_core.errors import InputError


def table_of(rows: list[tuple[str, ...]], *columns: str) -> Table:
    return Table(pd.DataFrame(rows, columns=list(columns or ("text", "label")), dtype=object), "csv", name="made")


def made(sizes: dict[str, int], *, parts: list[str] | None = None) -> Dataset:
    """Different texts, so many of each class, mixed; `parts` is the file's split column."""
    labels = np.random.default_rng(0).permutation([label for label, count in sizes.items() for _ in range(count)])
    rows = [(f"text number {i}", str(label)) for i, label in enumerate(labels)]
    if parts is None:
        return build(table_of(rows))[0]
    table = table_of([(*row, part) for row, part in zip(rows, parts, strict=True)], "text", "label", "split")
    return build(table)[0]


def words(text: str, *labels: str, times: int = 8) -> Dataset:
    """`times` different texts of each label, all beginning with `text`."""
    return build(table_of([(f"{text} {label} {i}", label) for i in range(times) for label in labels]))[0]


def unchanged(one: Dataset, other: Dataset) -> bool:
    """All but the division."""
    return (one.texts, one.classes) == (other.texts, other.classes) and bool((one.labels == other.labels).all())


# Split anew


@pytest.mark.parametrize("parts", [None, ["train"] * 50 + ["test"] * 30, ["train"] * 40 + ["dev"] * 20 + [""] * 20])
def test_the_seed_of_the_first_split_gives_the_first_split(parts: list[str] | None) -> None:
    dataset = made({"a": 50, "b": 30}, parts=parts)
    assert (resplit(dataset, 0).split == dataset.split).all()
    again = resplit(resplit(dataset, 7), 0)
    assert (again.split == dataset.split).all()
    assert unchanged(again, dataset)


def test_every_seed_splits_in_its_own_way_into_the_same_sizes() -> None:
    dataset = made({"a": 50, "b": 30})
    splits = [resplit(dataset, seed).split for seed in range(5)]
    assert len({split.tobytes() for split in splits}) == 5
    for split in splits:
        assert (np.bincount(split) == np.bincount(dataset.split)).all()


def test_what_the_file_assigns_stays_where_it_is_and_only_the_rest_is_drawn() -> None:
    dataset = made({"a": 50, "b": 30}, parts=["train"] * 50 + ["test"] * 30)
    drawn = [resplit(dataset, seed).split for seed in range(5)]
    for split in drawn:
        assert (split[50:] == TEST).all()
        assert set(split[:50].tolist()) == {TRAIN, VALIDATION}
    assert len({split.tobytes() for split in drawn}) == 5


def test_with_all_parts_given_no_seed_changes_anything() -> None:
    dataset = made({"a": 50, "b": 30}, parts=["train"] * 40 + ["dev"] * 20 + ["test"] * 20)
    assert all((resplit(dataset, seed).split == dataset.split).all() for seed in range(3))


@pytest.mark.parametrize("parts", [None, ["train"] * 16 + ["test"] * 8])
def test_texts_of_another_data_set_are_never_split(parts: list[str] | None) -> None:
    joined, _ = transfer_to(made({"a": 12, "b": 12}, parts=parts), words("elsewhere", "a", "b"))
    for seed in range(3):
        split = resplit(joined, seed).split
        assert (split[24:] == TRANSFER).all()
        assert (split[:24] != TRANSFER).all()


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 12), st.sampled_from("ab")), min_size=12, max_size=60), st.integers(0, 99))
def test_a_text_that_repeats_never_stands_in_two_parts(rows: list[tuple[int, str]], seed: int) -> None:
    spellings = ("word {}", " WORD  {}", "Word\t{}")
    table = table_of([(spellings[i % 3].format(number), label) for i, (number, label) in enumerate(rows)])
    counts = Counter(label for _, label in rows)
    if min(counts["a"], counts["b"]) < 4:
        return
    dataset = resplit(build(table)[0], seed)
    parts: dict[str, set[int]] = {}
    for text, part in zip(dataset.texts, dataset.split.tolist(), strict=True):
        parts.setdefault(text_key(text), set()).add(part)
    assert all(len(own) == 1 for own in parts.values())


def test_what_was_cut_takes_part_in_the_next_split() -> None:
    dataset = made({"a": 50, "b": 30})
    assert (resplit(shorten(dataset, 10, 0), 0).split == dataset.split).all()


# Cut shorter


@settings(max_examples=40)
@given(st.lists(st.integers(8, 60), min_size=2, max_size=5), st.data())
def test_shortening_is_exact_stratified_and_leaves_validation_and_test_whole(
    sizes: list[int], data: st.DataObject
) -> None:
    dataset = made({f"class {i}": size for i, size in enumerate(sizes)})
    rows = dataset.rows("train")
    size = data.draw(st.integers(2 * len(sizes), len(rows)))
    short = shorten(dataset, size, data.draw(st.integers(0, 9)))
    kept = short.rows("train")
    assert len(kept) == size
    assert set(kept.tolist()) <= set(rows.tolist())
    assert unchanged(short, dataset)
    for part in ("validation", "test"):
        assert (short.rows(part) == dataset.rows(part)).all()
    assert (short.split[np.setdiff1d(rows, kept)] == UNKNOWN).all()
    before, after = np.bincount(dataset.labels[rows]), np.bincount(dataset.labels[kept], minlength=len(sizes))
    assert (after >= 2).all()
    if (size * before / len(rows) >= 2).all():  # no class had to be lifted to two
        assert (np.abs(after - size * before / len(rows)) < 1).all()


def test_fewer_texts_are_among_more_of_them_within_a_seed_and_others_across_seeds() -> None:
    dataset = made({"a": 40, "b": 40})
    kept = [set(shorten(dataset, size, 3).rows("train").tolist()) for size in (4, 8, 20, 40, 56)]
    assert all(fewer < more for fewer, more in itertools.pairwise(kept))
    assert (shorten(dataset, 8, 3).split == shorten(dataset, 8, 3).split).all()
    assert (shorten(dataset, 8, 3).split != shorten(dataset, 8, 4).split).any()


def test_a_size_beyond_the_training_part_is_the_whole_part() -> None:
    dataset = made({"a": 20, "b": 20})
    assert (shorten(dataset, 10_000, 0).split == dataset.split).all()


def test_every_class_needs_two_texts() -> None:
    dataset = made({"a": 40, "b": 40, "c": 4})
    short = shorten(dataset, 6, 0)
    assert np.bincount(short.labels[short.rows("train")]).tolist() == [2, 2, 2]
    with pytest.raises(InputError, match="two, 6 in all") as caught:
        shorten(dataset, 5, 0)
    assert caught.value.code == "too_short"


def test_the_settings_of_a_run_can_ask_for_fewer_training_texts() -> None:
    table = table_of([(f"text number {i}", "ab"[i % 2]) for i in range(60)])
    whole, report = load(table, DataConfig("made"), 5)
    short, same = load(table, DataConfig("made", train_rows=12), 5)
    assert (short.split == shorten(whole, 12, 5).split).all()
    assert len(short.rows("train")) == 12
    assert (same.rows, len(short)) == (report.rows, 60)


# Tested elsewhere


def test_labels_are_matched_by_name_and_texts_stand_behind_ones_own() -> None:
    home, away = words("home", "bad", "good", "so-so"), words("away", "so-so", "bad")
    joined, left_out = transfer_to(home, away)
    assert left_out == 0
    assert joined.classes == home.classes
    assert joined.texts == home.texts + away.texts
    assert (joined.split == np.concatenate([home.split, np.full(len(away), TRANSFER)])).all()
    added = [(joined.texts[row], joined.classes[joined.labels[row]]) for row in joined.rows(PARTS[TRANSFER])]
    assert added == [(text, away.classes[label]) for text, label in zip(away.texts, away.labels, strict=True)]
    assert all((a == b).all() for a, b in zip(joined.spans, home.spans + away.spans, strict=True))
    for part in ("train", "validation", "test"):
        assert (joined.rows(part) == home.rows(part)).all()


def test_texts_that_one_has_oneself_are_left_out_however_they_are_spelt() -> None:
    home = words("home", "a", "b")
    shared = [(f"  {text.upper()} ", "a") for text in home.texts[:5]]
    away = build(table_of([*shared, *((f"new {i}", "ab"[i % 2]) for i in range(8))]))[0]
    joined, left_out = transfer_to(home, away)
    assert left_out == 5
    assert joined.texts[len(home) :] == [f"new {i}" for i in range(8)]


def test_an_unknown_label_and_nothing_new_are_said_in_one_sentence() -> None:
    home = words("home", "a", "b")
    with pytest.raises(InputError, match=r"c\. It knows a, b") as caught:
        transfer_to(home, words("away", "a", "c"))
    assert caught.value.code == "other_labels"
    with pytest.raises(InputError) as caught:
        transfer_to(home, replace(home, name="a copy"))
    assert caught.value.code == "same_texts"


def test_marks_of_reasons_and_given_parts_survive_joining_as_far_as_they_can(dataset: Dataset) -> None:
    away = words("away", *dataset.classes)
    assert transfer_to(dataset, away)[0].rationale is None
    home = made({"a": 12, "b": 12}, parts=["train"] * 16 + ["test"] * 8)
    assert home.given is not None
    joined, _ = transfer_to(home, words("away", "a", "b"))
    assert joined.given is not None
    assert joined.given.tolist() == home.given.tolist() + [TRANSFER] * 16
