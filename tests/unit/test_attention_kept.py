"""Attention as it is kept of watched sentences: one byte per edge, and which edges a mask forbids."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from dynmask_core.analysis.preview import Preview
from dynmask_core.attention_code import decode, encode
from dynmask_core.config import DataConfig, ExperimentConfig, ModelConfig, TrainConfig
from dynmask_core.data import Dataset, build
from dynmask_core.data.planted import planted
from dynmask_core.events import EpochEnd, Probe, ProbeRecord
from dynmask_core.runs.snapshot import Snapshot
from dynmask_core.training.fit import fit
from dynmask_core.training.record import MANY
from dynmask_core.ui import mask_picture

MODEL = ModelConfig(dim=16, heads=2, layers=2)


@pytest.fixture(scope="module")
def data() -> Dataset:
    return build(planted(texts=40).table)[0]


def recorded(data: Dataset, *arms: str, probe: Probe | None = None) -> dict[str, ProbeRecord]:
    config = ExperimentConfig(DataConfig("planted"), MODEL, train=TrainConfig(epochs=1, device="cpu"), arms=arms)
    events = fit(config, data, probes=lambda: (probe or Probe(data.texts[0]),))
    return [event.probes[0] for event in events if isinstance(event, EpochEnd)][-1]


def test_a_byte_says_a_weight_as_it_is_and_against_an_even_share_of_a_hundred_keys() -> None:
    weights = np.linspace(0, 1, 100_001)
    again = decode(encode(weights))
    assert np.abs(again - weights).max() <= 0.0061
    small = weights >= 1 / 1024  # an eighth of an even share of 128 keys
    assert np.abs(np.log2(again[small]) - np.log2(weights[small])).max() < 0.1
    assert decode(encode(np.array([0.0, 1.0]))).tolist() == [0, 1]


def test_an_edge_that_does_not_exist_is_no_edge_of_weight_zero() -> None:
    codes = encode(np.zeros(2), np.array([True, False]))
    assert codes.tolist() == [1, 0]
    assert decode(codes).tolist() == [0, 0]


def test_forbidden_edges_are_those_of_the_pattern_and_a_row_knows_its_keys(data: Dataset) -> None:
    found = recorded(data, "none", "causal")
    size = len(data.spans[0]) + 1
    everything, backwards = found["none"], found["causal"]
    assert (everything.attention > 0).all()
    assert (everything.keys == size).all()
    for layer in backwards.attention:
        for head in layer:
            np.testing.assert_array_equal(head > 0, np.tri(size, dtype=bool))
    np.testing.assert_array_equal(backwards.keys, np.broadcast_to(np.arange(1, size + 1), backwards.keys.shape))
    np.testing.assert_allclose(decode(backwards.attention).sum(-1), 1, atol=0.05)


def test_a_closed_head_has_no_edges_and_is_not_open(data: Dataset) -> None:
    found = recorded(data, "heads")["heads"]
    assert 0 in found.heads
    for layer, head in np.ndindex(found.heads.shape):
        assert (found.attention[layer, head] > 0).any() == (found.heads[layer, head] > 0)
        assert (found.keys[layer, head] > 0).any() == (found.heads[layer, head] > 0)


def test_removed_words_neither_look_nor_are_looked_at(data: Dataset) -> None:
    found = recorded(data, "dropout:0.5")["dropout:0.5"]
    gone = np.flatnonzero(found.mask == 0) + 1
    left = np.setdiff1d(np.arange(len(found.mask) + 1), gone)
    assert len(gone)
    assert not found.attention[:, :, gone].any()
    assert not found.attention[:, :, :, gone].any()
    assert found.attention[:, :, left][:, :, :, left].all()
    assert (found.keys[:, :, left] == len(left)).all()


def test_most_long_sentences_are_kept_in_part_but_with_the_number_of_all_their_keys(data: Dataset) -> None:
    words = " ".join(["ba"] * 100)
    part = recorded(data, "none", probe=Probe(words))["none"]
    whole = recorded(data, "none", probe=Probe(words, whole=True))["none"]
    assert part.attention.shape[-2:] == (MANY, MANY)
    assert whole.attention.shape[-2:] == (101, 101)
    np.testing.assert_array_equal(part.attention, whole.attention[..., :MANY, :MANY])
    assert (part.keys == 101).all()


def test_runs_that_stored_weights_as_shares_of_255_are_still_read() -> None:
    weights = torch.tensor([[2.0, 1.0, 0.0], [0.0, 0.0, 0.0], [-1.0, 3.0, 1.0]]).softmax(-1).numpy()
    old = np.rint(255 * np.stack([weights, 0.5 * weights, 0 * weights])[None]).astype(np.uint8)
    prefix = "probe/0/none/"
    arrays = {
        prefix + "mask": np.array([255, 0], dtype=np.uint8),
        prefix + "probabilities": np.ones(1),
        prefix + "attention": old,
    }
    found = Snapshot(arrays).probe(0, "none")
    assert found is not None
    np.testing.assert_allclose(found.heads, [[1, 0.5, 0]], atol=0.01)
    np.testing.assert_allclose(decode(found.attention)[0, :2], np.stack([weights] * 2), atol=0.02)
    assert not found.attention[0, 2].any()
    assert found.keys[0].tolist() == [[3] * 3, [3] * 3, [0] * 3]


def test_an_old_record_of_the_first_words_alone_does_not_tell_how_far_a_head_was_open() -> None:
    weights = np.full((5, 5), 0.2)
    old = np.rint(255 * np.stack([weights, 0 * weights])[None]).astype(np.uint8)[..., :2, :2]
    prefix = "probe/0/none/"
    arrays = {
        prefix + "mask": np.full(4, 255, dtype=np.uint8),
        prefix + "probabilities": np.ones(1),
        prefix + "attention": old,
    }
    found = Snapshot(arrays).probe(0, "none")
    assert found is not None
    assert found.heads.tolist() == [[1, 0]]
    np.testing.assert_allclose(decode(found.attention)[0, 0], weights[:2, :2], atol=0.02)
    assert found.keys[0].tolist() == [[5, 5], [0, 0]]


def test_a_card_hatches_what_is_forbidden_and_names_a_head_that_is_off() -> None:
    codes = encode(np.full((1, 2, 3, 3), 1 / 3), np.tri(3, dtype=bool))
    codes[0, 1] = 0
    keys = np.array([[[1, 2, 3], [0, 0, 0]]], dtype=np.uint16)
    shown = Preview(("a", "b"), np.ones(2, dtype=np.float32), codes, keys, np.array([[1.0, 0.0]], dtype=np.float32))
    drawn = mask_picture.maps(shown, gates=True)
    assert drawn.count("<img") == 2
    assert drawn.count("mk-off") == 1
    whole = Preview(shown.tokens, shown.mask, encode(np.full((1, 2, 3, 3), 1 / 3)), keys * 0 + 3, shown.heads)
    assert mask_picture.maps(whole, gates=True) != drawn
