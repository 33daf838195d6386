"""Texts with tokens to be guessed: how many, which, what stands in their place, and when that changes."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dynmask_core.data.tokenize import CLS, MASK, PAD, SPECIAL_TOKENS
from dynmask_core.errors import InputError
from dynmask_core.masks.ops.sampling import SPAN_MAX, SPAN_P, pick_spans
from dynmask_core.mlm import IGNORED, SELECTIONS, Corruption, Refresh, Replacements, Texts

SIZE = 1000
WORDS = Replacements.of(SIZE)
FIRST = len(SPECIAL_TOKENS)


def batch(*lengths: int, width: int = 0, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """ids and maskable, both [B, T]: [CLS], then so many random words."""
    rng = np.random.default_rng(seed)
    ids = np.full((len(lengths), max(width, max(lengths, default=0) + 1)), PAD)
    for row, length in zip(ids, lengths, strict=True):
        row[0] = CLS
        row[1 : length + 1] = rng.integers(FIRST, SIZE, length)
    return ids, ids >= FIRST


def words_of(ids: np.ndarray, seed: int = 0) -> np.ndarray:
    """int64 [B, T]: words of one to four pieces, −1 where there is no word."""
    opens = np.random.default_rng(seed).random(ids.shape) < 0.5
    return np.where(ids >= FIRST, np.cumsum(opens, axis=1), -1)


def corrupted(
    selection: Any = "exact", *lengths: int, epoch: int = 1, seed: int = 0, first: int = 0, **values: Any
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The original ids, the new ones and the labels."""
    ids, maskable = batch(*lengths)
    made = Corruption(selection, **values).fit(list(ids))
    sample = first + np.arange(len(ids))
    return (ids, *made.corrupt(Texts(ids, maskable, sample, words_of(ids), epoch, seed), WORDS))


def within(count: int, n: int, p: float) -> bool:
    """Five standard deviations of a binomial."""
    return bool(abs(count - n * p) <= 5 * np.sqrt(n * p * (1 - p)) + 1e-9)


@pytest.mark.parametrize("selection", SELECTIONS)
@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 20), min_size=1, max_size=5), st.floats(0, 1), st.integers(0, 99))
def test_only_words_change_and_labels_say_what_stood_there(
    selection: str, lengths: list[int], rate: float, seed: int
) -> None:
    ids, out, labels = corrupted(selection, *lengths, rate=rate, seed=seed)
    asked = labels != IGNORED
    assert out.dtype == labels.dtype == np.int64
    assert (ids == batch(*lengths)[0]).all()
    assert not asked[ids < FIRST].any()
    assert (labels[asked] == ids[asked]).all()
    assert (out[~asked] == ids[~asked]).all()
    assert ((out[asked] == MASK) | (out[asked] >= FIRST)).all()
    assert (out < SIZE).all()


@pytest.mark.parametrize("length", [1, 3, 7, 20, 21, 128])
@pytest.mark.parametrize("rate", [0.15, 0.4])
def test_exact_counts_are_the_rate_rounded_at_random_and_at_least_one(length: int, rate: float) -> None:
    *_, labels = corrupted("exact", *[length] * 3000, rate=rate)
    counts = (labels != IGNORED).sum(1)
    assert set(counts.tolist()) <= {max(int(length * rate), 1), max(int(length * rate) + 1, 1)}
    assert counts.mean() == pytest.approx(max(length * rate, 1), abs=5 * 0.5 / np.sqrt(3000))


def test_bernoulli_masks_each_token_by_itself() -> None:
    *_, labels = corrupted("bernoulli", *[10] * 4000)
    asked = labels[:, 1:] != IGNORED
    assert within(int(asked.sum()), asked.size, 0.15)
    assert within(int((asked.sum(1) == 0).sum()), 4000, 0.85**10)  # one short text in five has none
    both = asked[:, :-1] & asked[:, 1:]
    assert within(int(both.sum()), both.size, 0.15**2)


@pytest.mark.parametrize("selection", SELECTIONS)
@pytest.mark.parametrize(("mask", "random"), [(0.8, 0.1), (0.5, 0.4), (1.0, 0.0), (0.0, 1.0), (0.0, 0.0)])
def test_what_stands_there_follows_the_shares(selection: str, mask: float, random: float) -> None:
    ids, out, labels = corrupted(selection, *[100] * 300, mask_share=mask, random_share=random)
    asked = labels != IGNORED
    n = int(asked.sum())
    # The tokens of a span, eight or so, share one draw.
    draw = 8 if selection == "span" else 1
    assert within(int((out[asked] == MASK).sum()) // draw, n // draw, mask)
    other = (out[asked] != MASK) & (out[asked] != ids[asked])
    assert within(int(other.sum()) // draw, n // draw, random * (1 - 1 / (SIZE - FIRST)))


def test_random_words_are_uniform_over_all_that_are_not_special() -> None:
    ids, maskable = batch(*[200] * 500)
    words = Replacements(MASK, np.array([4, 7, 11, 500, 999]))
    made = Corruption(rate=1, mask_share=0, random_share=1)
    out, _ = made.corrupt(Texts(ids, maskable, np.arange(500)), words)
    found, counts = np.unique(out[maskable], return_counts=True)
    assert found.tolist() == words.ids.tolist()
    assert all(within(count, int(maskable.sum()), 0.2) for count in counts.tolist())


@pytest.mark.parametrize("selection", ["whole-word", "span", "pmi"])
def test_all_pieces_of_a_word_are_asked_for_or_none(selection: str) -> None:
    ids, _, labels = corrupted(selection, *[60] * 50, rate=0.3)
    for row, asked in zip(words_of(ids), labels != IGNORED, strict=True):
        for word in set(row.tolist()) - {-1}:
            assert len(set(asked[row == word].tolist())) == 1


@pytest.mark.parametrize("selection", ["whole-word", "span"])
def test_the_budget_of_whole_words_is_exact_in_words(selection: str) -> None:
    ids, _, labels = corrupted(selection, *[60] * 400, rate=0.2)
    share = 0.0
    for row, asked in zip(words_of(ids), labels != IGNORED, strict=True):
        n, count = len(set(row.tolist()) - {-1}), len(set(row[asked].tolist()))
        assert count in (int(0.2 * n), int(0.2 * n) + 1)
        share += count / n / 400
    assert share == pytest.approx(0.2, abs=0.005)


def test_spans_have_the_lengths_of_a_truncated_geometric_distribution() -> None:
    n = np.full(500, 300)
    picked = pick_spans(n, np.full(500, 150), np.arange(500), 0, "test")
    # Of each text the last span may have been cut.
    lengths = np.concatenate([np.bincount(row[row >= 0])[:-1] for row in picked])
    p = SPAN_P * (1 - SPAN_P) ** np.arange(SPAN_MAX)
    counts = np.bincount(lengths, minlength=SPAN_MAX + 1)[1:]
    np.testing.assert_allclose(counts / counts.sum(), p / p.sum(), atol=0.02)
    # Long spans are a little more often the cut one, which is why the mean is a little low.
    assert lengths.mean() == pytest.approx((np.arange(1, SPAN_MAX + 1) * p).sum() / p.sum(), abs=0.15)


def test_a_span_is_replaced_in_one_way() -> None:
    ids, maskable = batch(*[80] * 60)
    made, texts = Corruption("span", 0.3, 0.4, 0.3), Texts(ids, maskable, np.arange(60))
    chosen = made.choose(texts)
    out, _ = made.corrupt(texts, Replacements(MASK, np.array([SIZE])))
    kind = np.where(out == MASK, 0, np.where(out == SIZE, 1, 2))
    kinds = set()
    for row in range(60):
        for span in np.unique(chosen.draw[row][chosen.tokens[row]]):
            in_span = kind[row][chosen.tokens[row] & (chosen.draw[row] == span)]
            assert len(set(in_span.tolist())) == 1
            kinds.add(int(in_span[0]))
    assert kinds == {0, 1, 2}


def masks(refresh: str, epochs: int, selection: Any = "exact", seed: int = 0) -> list[bytes]:
    made = [corrupted(selection, *[40] * 3, epoch=e, seed=seed, refresh=refresh) for e in range(1, epochs + 1)]
    return [out.tobytes() + labels.tobytes() for _, out, labels in made]


@pytest.mark.parametrize("selection", SELECTIONS)
def test_refresh_decides_how_many_masks_a_text_has(selection: str) -> None:
    assert len(set(masks("static", 6, selection))) == 1
    assert len(set(masks("dynamic", 6, selection))) == 6
    cycle = masks("static:3", 9, selection)
    assert len(set(cycle)) == 3
    assert cycle[:3] == cycle[3:6] == cycle[6:]


def test_a_cycle_begins_as_dynamic_masking_does() -> None:
    assert masks("static:10", 9) == masks("dynamic", 9)


def test_masks_are_the_same_in_another_process() -> None:
    code = (
        "import numpy as np; from dynmask_core.mlm import Corruption, Replacements, Texts;"
        "ids = np.arange(4, 104).reshape(2, 50);"
        "out = Corruption().corrupt(Texts(ids, ids > 3, np.arange(2)), Replacements.of(1000));"
        "print(out[0].tolist(), out[1].tolist())"
    )
    ran = [
        subprocess.run(
            [sys.executable, "-c", code], env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
            capture_output=True, text=True, check=True,
        ).stdout
        for seed in ("1", "2")
    ]  # fmt: skip
    ids = np.arange(4, 104).reshape(2, 50)
    out, labels = Corruption().corrupt(Texts(ids, ids > 3, np.arange(2)), WORDS)
    assert ran == [f"{out.tolist()} {labels.tolist()}\n"] * 2


@pytest.mark.parametrize("selection", SELECTIONS)
@pytest.mark.parametrize("left", [False, True])
def test_a_text_is_masked_alike_whatever_stands_beside_it(selection: Any, left: bool) -> None:
    ids, maskable = batch(40, 9, 23)
    words, sample = words_of(ids), np.array([5, 6, 7])
    made = Corruption(selection, 0.3, 0.5, 0.3).fit(list(np.tile(ids, (6, 1))))
    out, labels = made.corrupt(Texts(ids, maskable, sample, words, 2), WORDS)
    for row, length in enumerate((40, 9, 23)):
        padding = ((0, 0), (13, 0) if left else (0, 13))
        one, may, of_words = (np.pad(a[row : row + 1, : length + 1], padding) for a in (ids, maskable, words))
        alone, asked = made.corrupt(Texts(one, may, sample[row : row + 1], of_words, 2), WORDS)
        keep = slice(13, None) if left else slice(0, length + 1)
        assert alone[0, keep].tolist() == out[row, : length + 1].tolist()
        assert asked[0, keep].tolist() == labels[row, : length + 1].tolist()


@pytest.mark.parametrize("selection", [name for name in SELECTIONS if name != "bernoulli"])
def test_texts_of_no_word_and_of_one(selection: str) -> None:
    _, out, labels = corrupted(selection, 0, 1, 0, 1)
    assert (labels != IGNORED).sum(1).tolist() == [0, 1, 0, 1]
    assert (out[0] == [CLS, PAD]).all()


def test_no_text_and_no_column() -> None:
    for shape in ((0, 5), (2, 0), (0, 0)):
        ids = np.zeros(shape, dtype=np.int64)
        for selection in SELECTIONS:
            made = Corruption(selection).fit([])
            out, labels = made.corrupt(Texts(ids, ids > 0, np.arange(shape[0]), ids), WORDS)
            assert out.shape == labels.shape == shape


def test_no_two_seeds_texts_and_epochs_share_a_mask() -> None:
    ids, maskable = batch(*[127] * 40)
    ids[:] = ids[0]
    made, seen = Corruption(), set()
    for seed in (*range(8), 2**31, 2**32):
        for epoch in range(1, 31):
            chosen = made.choose(Texts(ids, maskable, np.arange(-20, 20), epoch=epoch, seed=seed))
            seen |= {row.tobytes() for row in np.packbits(chosen.tokens, axis=1)}
    assert len(seen) == 10 * 30 * 40


def test_zero_is_a_seed_like_any_other() -> None:
    assert masks("dynamic", 2, seed=0) != masks("dynamic", 2, seed=1)
    assert masks("dynamic", 2, seed=0) == masks("dynamic", 2, seed=0)


def test_the_rate_follows_its_schedule() -> None:
    texts = Texts(*batch(*[100] * 20), np.arange(20))
    made = Corruption(rate="0.3..0.1")
    for progress, count in ((0.0, 30), (0.5, 20), (1.0, 10)):
        _, labels = made.corrupt(replace(texts, progress=progress), WORDS)
        assert set((labels != IGNORED).sum(1).tolist()) <= {count, count + 1}
    assert not Corruption(rate=0).choose(texts).tokens.any()
    assert Corruption(rate=1).choose(texts).tokens[texts.maskable].all()


@pytest.mark.parametrize(
    ("written", "text"),
    [("static", "static"), ("static:1", "static"), (" Static:10 ", "static:10"), ("dynamic", "dynamic")],
)
def test_a_refresh_reads_back(written: str, text: str) -> None:
    assert str(Refresh.read(written)) == text
    assert Refresh.read(text) == Refresh.read(written)
    assert Corruption(refresh=written).refresh == text


@pytest.mark.parametrize(
    "written", ["", "static:0", "static:-1", "static:x", "dynamic:2", "epoch", "static:1001", "10"]
)
def test_a_refresh_that_is_none_is_refused_with_the_choices(written: str) -> None:
    with pytest.raises(ValueError, match=r"static, static:K, dynamic"):
        Refresh.read(written)


@pytest.mark.parametrize(
    "values",
    [
        {"selection": "words"},
        {"rate": 1.5},
        {"rate": "0.3..1.2"},
        {"rate": "much"},
        {"rate": float("nan")},
        {"rate": None},
        {"mask_share": 1.1},
        {"mask_share": 0.8, "random_share": 0.3},
        {"random_share": -0.1},
        {"refresh": "often"},
    ],
)
def test_settings_out_of_range_are_refused(values: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=next(iter(reversed(values)))):
        Corruption(**values)


def test_word_groups_have_to_be_found_before_they_are_used() -> None:
    with pytest.raises(ValueError, match="fit"):
        Corruption("pmi").choose(Texts(*batch(5), np.arange(1)))
