"""What is masked as a whole, word groups, and how much of the texts is ever masked."""

from __future__ import annotations

from collections import Counter
from math import log
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynmask_core.data.tokenize import Tokenizer
from dynmask_core.mlm import Collocations, Corruption, Texts
from dynmask_core.mlm.units import single_tokens, whole_words
from dynmask_core.mlm.word_ids import by_continuation, continuations, of_text, touching


def slow_units(maskable: list[bool], words: list[int], joined: list[bool]) -> list[int | None]:
    """Each maskable token's unit, read from left to right."""
    units: list[int | None] = []
    number, open_unit = -1, False
    for i, may in enumerate(maskable):
        if i == 0 or ((words[i] != words[i - 1] or words[i] < 0) and not joined[i]):
            open_unit = False
        if may and not open_unit:
            number, open_unit = number + 1, True
        units.append(number if may else None)
    return units


row = st.integers(1, 12).flatmap(
    lambda n: st.tuples(
        st.lists(st.booleans(), min_size=n, max_size=n),
        st.lists(st.integers(-1, 2), min_size=n, max_size=n),
        st.lists(st.booleans(), min_size=n, max_size=n),
    )
)


@given(row)
def test_units_agree_with_a_slow_reference(made: tuple[list[bool], list[int], list[bool]]) -> None:
    maskable, words, joined = made
    units = whole_words(np.array([maskable]), np.array([words]), np.array([joined]))
    slow = slow_units(*made)
    assert [int(n) if may else None for n, may in zip(units.number[0], maskable, strict=True)] == slow
    assert units.count.tolist() == [len(set(slow) - {None})]
    alone = single_tokens(np.array([maskable]))
    assert alone.count.tolist() == [sum(maskable)]
    assert alone.number[0][np.array(maskable)].tolist() == list(range(sum(maskable)))


def test_values_of_units_are_spread_over_their_tokens() -> None:
    maskable = np.array([[False, True, True, True], [True, True, False, False]])
    units = whole_words(maskable, np.array([[-1, 0, 0, 1], [0, 1, -1, -1]]))
    spread = units.spread(np.array([[10, 11], [20, 21]]))
    assert spread[maskable].tolist() == [10, 10, 11, 20, 21]
    assert units.there.tolist() == [[True, True], [True, True]]


def test_the_characters_of_a_chinese_word_are_one_word() -> None:
    text = "我喜欢这部电影, it's fine"
    spans = np.array(Tokenizer("characters").spans(text))
    number = of_text(text, spans)
    words: dict[int, str] = {}
    for (start, end), word in zip(spans, number.tolist(), strict=True):
        words[word] = words.get(word, "") + text[start:end]
    assert list(words.values()) == [text[start:end] for start, end in Tokenizer("words").spans(text)]
    assert "喜欢" in words.values()
    assert of_text("", np.zeros((0, 2))).shape == (0,)


def test_words_from_offsets_and_from_pieces() -> None:
    special = np.array([[True, False, False, False, False, True]])
    offsets = np.array([[(0, 0), (0, 3), (3, 5), (6, 9), (9, 10), (0, 0)]])
    assert by_continuation(touching(offsets), special).tolist() == [[-1, 2, 2, 3, 3, -1]]
    goes_on = np.array([[False, True, True, False, True, False]])
    assert by_continuation(goes_on, special).tolist() == [[-1, 2, 2, 3, 3, -1]]


@pytest.mark.parametrize(
    ("tokens", "expected"),
    [
        (["[CLS]", "a", "##b", "##"], [False, False, True, False]),
        (["▁a", "b", "▁"], [False, True, False]),
        (["Ġa", "b"], [False, True]),
        (["a", "b"], None),
    ],
)
def test_marks_tell_which_tokens_go_on_a_word(tokens: list[str], expected: list[bool] | None) -> None:
    found = continuations(tokens)
    assert (None if found is None else found.tolist()) == expected


def corpus(texts: int = 300, seed: int = 0) -> list[np.ndarray]:
    """Words 4–59 by chance, and now and then "60 61", "70 71 72" and "60 61 62"."""
    rng = np.random.default_rng(seed)
    made = []
    for _ in range(texts):
        words: list[int] = []
        for _ in range(10):
            words += [[60, 61], [70, 71, 72], [60, 61, 62]][rng.integers(3)] if rng.random() < 0.2 else []
            words += rng.integers(4, 60, 2).tolist()
        made.append(np.array([2, *words]))
    return made


def slow_groups(
    texts: list[np.ndarray], specials: set[int], least: float, min_count: int
) -> dict[tuple[int, ...], float]:
    """Normalised PMI by its definition: counts of groups, and the likeliest way to cut each."""
    counts: Counter[tuple[int, ...]] = Counter()
    for text in texts:
        for size in (1, 2, 3):
            for i in range(len(text) - size + 1):
                group = tuple(int(word) for word in text[i : i + size])
                if not specials & set(group):
                    counts[group] += 1
    total = sum(n for group, n in counts.items() if len(group) == 1)
    p = {group: n / total for group, n in counts.items()}
    found = {}
    for group, n in counts.items():
        if len(group) == 1 or n < min_count:
            continue
        a, *rest = group
        cuts = [p[a,] * p[tuple(rest)], p[group[:-1]] * p[group[-1],], float(np.prod([p[w,] for w in group]))]
        score = min(log(p[group] / cut) for cut in cuts) / -log(p[group])
        if score >= least:
            found[group] = score
    return found


@pytest.mark.parametrize(("least", "min_count"), [(0.4, 5), (0.0, 3), (-1.0, 1)])
def test_word_groups_agree_with_a_slow_reference(least: float, min_count: int) -> None:
    texts = corpus(60)
    found = dict(Collocations.fit(texts, range(4), least=least, min_count=min_count).groups)
    slow = slow_groups(texts, set(range(4)), least, min_count)
    assert found.keys() == slow.keys()
    assert all(found[group] == pytest.approx(score) for group, score in slow.items())


def test_planted_groups_are_found_and_a_pair_with_company_is_not_a_group_of_three() -> None:
    groups = [group for group, _ in Collocations.fit(corpus(), range(4)).groups]
    assert {(60, 61), (70, 71), (71, 72), (70, 71, 72)} <= set(groups)
    assert not [group for group in groups if not set(group) <= {60, 61, 62, 70, 71, 72}]
    assert Collocations.fit([]).groups == ()
    assert len(Collocations.fit(corpus(), range(4), most=2).groups) == 2


def slow_joined(known: set[tuple[int, ...]], ids: list[int], maskable: list[bool]) -> list[bool]:
    joined, i = [False] * len(ids), 0
    while i < len(ids):
        here = [group for group in known if tuple(ids[i : i + len(group)]) == group]
        size = max([len(group) for group in here if all(maskable[i : i + len(group)])], default=1)
        joined[i + 1 : i + size] = [True] * (size - 1)
        i += size
    return joined


@given(st.lists(st.tuples(st.integers(1, 4), st.sampled_from([True, True, True, False])), min_size=1, max_size=14))
def test_groups_are_taken_from_left_to_right_the_longest_first(made: list[tuple[int, bool]]) -> None:
    known = {(1, 2), (2, 3), (1, 2, 3), (3, 3), (4, 1, 1)}
    ids, maskable = ([one[i] for one in made] for i in (0, 1))
    found = Collocations(tuple((group, 1.0) for group in sorted(known)))
    joined = found.joined(np.array([ids]), np.array([maskable], dtype=bool))
    assert joined[0].tolist() == slow_joined(known, ids, maskable)


def test_the_words_of_a_group_are_asked_for_together() -> None:
    texts = [text[:25] for text in corpus()]
    ids = np.stack([text for text in texts if len(text) == 25])
    made = Corruption("pmi", 0.3).fit(texts)
    chosen = made.choose(Texts(ids, ids > 3, np.arange(len(ids)))).tokens
    for one, asked in zip(ids, chosen, strict=True):
        for i in np.flatnonzero((one[:-2] == 70) & (one[1:-1] == 71) & (one[2:] == 72)):
            assert len(set(asked[i : i + 3].tolist())) == 1
    assert Corruption("exact").fit(texts).collocations is None


@pytest.mark.parametrize("selection", ["exact", "bernoulli", "whole-word", "span"])
@pytest.mark.parametrize(("refresh", "patterns"), [("static", 1), ("static:10", 10), ("dynamic", 40)])
def test_each_new_mask_asks_for_its_rate_of_what_was_never_asked(selection: Any, refresh: str, patterns: int) -> None:
    made, ids = Corruption(selection, refresh=refresh), np.full((150, 80), 9)
    seen, shares = np.zeros(ids.shape, dtype=bool), []
    for epoch in range(1, 41):
        seen |= made.choose(Texts(ids, ids > 0, np.arange(150), epoch=epoch)).tokens
        shares.append(seen.mean())
    np.testing.assert_allclose(shares, 1 - 0.85 ** np.minimum(np.arange(1, 41), patterns), atol=0.015)
