"""Texts → ids → batches, and which sentences are watched."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynmask_core.data import Dataset
from dynmask_core.data.encode import by_length, encode, pad, training_batches
from dynmask_core.data.split import PARTS
from dynmask_core.data.tokenize import CLS, PAD, SPECIAL_TOKENS, UNK, words_at
from dynmask_core.training.probes import PROBES, READABLE, choose_probes

lengths = st.lists(st.integers(1, 30), min_size=1, max_size=200).map(np.array)


def test_ids_stand_for_the_words_as_written(dataset: Dataset) -> None:
    corpus = encode(dataset, 30_000)
    for text, spans, ids in zip(dataset.texts, dataset.spans, corpus.ids, strict=True):
        assert ids[0] == CLS
        assert len(ids) == len(spans) + 1
        for word, (start, end), token in zip(words_at(text, spans), spans, ids[1:], strict=True):
            assert text[start:end].lower() == word
            assert corpus.vocabulary.words[token] in (word, "[UNK]")


def test_the_vocabulary_knows_only_training_words(dataset: Dataset) -> None:
    corpus = encode(dataset, 30_000)
    training = {word for row in dataset.rows("train") for word in words_at(dataset.texts[row], dataset.spans[row])}
    assert set(corpus.vocabulary.words[len(SPECIAL_TOKENS) :]) == training
    assert not any((corpus.ids[row] == UNK).any() for row in dataset.rows("train"))


def test_other_test_texts_do_not_change_the_encoding_of_training_texts(dataset: Dataset) -> None:
    strange = ["zzz" if part == 2 else text for text, part in zip(dataset.texts, dataset.split, strict=True)]
    spans = [np.array([[0, 3]]) if part == 2 else s for s, part in zip(dataset.spans, dataset.split, strict=True)]
    one, other = encode(dataset, 30_000), encode(replace(dataset, texts=strange, spans=spans), 30_000)
    assert one.vocabulary.words == other.vocabulary.words
    assert all((one.ids[row] == other.ids[row]).all() for row in dataset.rows("train"))


def test_the_parts_cover_every_text_once(dataset: Dataset) -> None:
    corpus = encode(dataset, 30_000)
    rows = np.concatenate([corpus.rows(part) for part in ("train", "validation", "test")])
    assert sorted(rows.tolist()) == list(range(len(dataset)))


@given(lengths)
def test_padding_stands_behind_and_nowhere_else(sizes: np.ndarray) -> None:
    sequences = [np.arange(1, size + 1) for size in sizes]
    ids = pad(sequences)
    assert ids.shape == (len(sizes), sizes.max())
    assert ids.dtype == np.int64
    for row, sequence in zip(ids, sequences, strict=True):
        assert row.tolist() == sequence.tolist() + [PAD] * (len(row) - len(sequence))


@given(lengths, st.integers(1, 40), st.integers(0, 5), st.integers(1, 3))
def test_an_epoch_sees_every_text_exactly_once(sizes: np.ndarray, batch: int, seed: int, epoch: int) -> None:
    batches = training_batches(sizes, batch, seed, epoch)
    assert sorted(np.concatenate(batches).tolist()) == list(range(len(sizes)))
    assert all(1 <= len(rows) <= batch for rows in batches)
    again = training_batches(sizes, batch, seed, epoch)
    assert [rows.tolist() for rows in batches] == [rows.tolist() for rows in again]


@given(lengths, st.integers(1, 40))
def test_batches_hold_texts_of_like_length(sizes: np.ndarray, batch: int) -> None:
    ordered = np.concatenate(list(by_length(sizes, batch)))
    assert sorted(ordered.tolist()) == list(range(len(sizes)))
    assert (np.diff(sizes[ordered]) >= 0).all()


@pytest.mark.parametrize(("one", "other"), [((0, 1), (0, 2)), ((0, 1), (1, 1))])
def test_the_order_changes_with_epoch_and_seed(one: tuple[int, int], other: tuple[int, int]) -> None:
    sizes = np.tile(np.arange(1, 11), 20)
    orders = [np.concatenate(training_batches(sizes, 16, *key)).tolist() for key in (one, other)]
    assert orders[0] != orders[1]


def test_probes_are_stratified_readable_validation_sentences(dataset: Dataset) -> None:
    probes = choose_probes(dataset, 0)
    validation = {dataset.texts[row]: row for row in dataset.rows("validation")}
    assert len(probes) == min(PROBES, len(validation))
    assert {probe.text for probe in probes} <= set(validation)
    assert all(probe.label == dataset.labels[validation[probe.text]] for probe in probes)
    assert all(READABLE[0] <= len(dataset.spans[validation[probe.text]]) <= READABLE[1] for probe in probes)
    by_class = np.bincount([probe.label for probe in probes], minlength=2)
    assert by_class.max() - by_class.min() <= 1
    assert choose_probes(dataset, 0) == probes


def test_without_validation_texts_training_sentences_are_watched_and_never_test_ones(dataset: Dataset) -> None:
    split = np.where(dataset.split == PARTS.index("validation"), PARTS.index("test"), dataset.split)
    probes = choose_probes(replace(dataset, split=split), 0)
    training = {text for text, part in zip(dataset.texts, split, strict=True) if part == PARTS.index("train")}
    assert len(probes) == PROBES
    assert {probe.text for probe in probes} <= training
