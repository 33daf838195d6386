"""Masks that belong to words, against invariants and a slow reference. What all strategies must keep to is tested in
test_strategies.py."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from torch import Tensor

from dynmask_core.config import Controls, MaskConfig
from dynmask_core.data.tokenize import CLS, PAD, SPECIAL_TOKENS
from dynmask_core.masks import REGISTRY, CorpusStatistics, MaskContext, Setting, Split, WordMask, initial_mask
from dynmask_core.masks.library.article import adjust, positive_class

WORD_STRATEGIES = ("static", "article", "repaired")
VOCABULARY = 24
WORDS = (*SPECIAL_TOKENS, *(f"word{i}" for i in range(VOCABULARY - len(SPECIAL_TOKENS))))


def corpus(seed: int = 0, classes: tuple[str, ...] = ("negative", "positive")) -> CorpusStatistics:
    """4,000 words; two of the vocabulary tell the classes apart."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, len(classes), 400)
    of_tokens = np.repeat(labels, 10)
    tokens = np.where(rng.random(4000) < 0.5, 4 + of_tokens, rng.integers(4, VOCABULARY, 4000)).astype(np.int32)
    return CorpusStatistics(WORDS, len(SPECIAL_TOKENS), tokens, np.full(400, 10), labels, classes)


def made(name: str, seed: int = 0, epochs: int = 0, config: MaskConfig | None = None, **controls: float) -> WordMask:
    strategy = REGISTRY[name](Setting(mask=config or MaskConfig(), seed=seed))
    strategy.fit(corpus())
    for epoch in range(1, epochs + 1):
        strategy.on_epoch(epoch, Controls(**controls))
    assert isinstance(strategy, WordMask)
    return strategy


def batch(*texts: list[int], split: Split = "test", labels: Tensor | None = None, epoch: int = 1) -> MaskContext:
    width = max(len(text) for text in texts) + 1
    ids = torch.tensor([[CLS, *text] + [PAD] * (width - 1 - len(text)) for text in texts])
    rows = torch.arange(len(texts))
    return MaskContext(ids, ids != PAD, ids < len(SPECIAL_TOKENS), rows, epoch, 0, split, labels)


@pytest.mark.parametrize("name", WORD_STRATEGIES)
def test_special_tokens_and_padding_are_kept_whole(name: str) -> None:
    context = batch([4, 5, 6, 7], [8])
    plan = made(name, epochs=3, keep_threshold=1.0).plan(context)
    outside = context.special | ~context.attention_mask
    assert (plan.token_gate[outside] == 1).all()
    assert plan.keep[outside].all()


@pytest.mark.parametrize("name", WORD_STRATEGIES)
@given(st.floats(0, 1))
def test_words_below_the_keep_threshold_and_no_others_are_removed(name: str, threshold: float) -> None:
    strategy = made(name, epochs=2, keep_threshold=threshold)
    ids = list(range(len(SPECIAL_TOKENS), VOCABULARY))
    keep = strategy.plan(batch(ids)).keep[0, 1:]
    mask = strategy.word_mask()
    assert keep.tolist() == [bool(mask[word] >= np.float32(threshold)) for word in ids]


@pytest.mark.parametrize("split", ["validation", "test", "probe"])
def test_labels_are_refused_outside_training(split: Split) -> None:
    with pytest.raises(ValueError, match="training only"):
        batch([4], split=split, labels=torch.tensor([0]))
    with pytest.raises(ValueError, match="training only"):
        batch([4], split=split).with_labels(torch.tensor([0]))
    assert batch([4], split="train", labels=torch.tensor([0])).labels is not None


def test_static_repeats_and_dynamic_does_not() -> None:
    static, dynamic = made("static"), made("repaired")
    static_masks, dynamic_masks = [], []
    for epoch in (1, 2, 3):
        for strategy, masks in ((static, static_masks), (dynamic, dynamic_masks)):
            strategy.on_epoch(epoch, Controls())
            masks.append(strategy.word_mask().copy())
    assert all((mask == static_masks[0]).all() for mask in static_masks)
    assert (dynamic_masks[0] != dynamic_masks[1]).any()
    assert (dynamic_masks[1] != dynamic_masks[2]).any()


def test_static_and_dynamic_start_from_the_same_mask() -> None:
    assert made("static").word_mask().tolist() == made("article").word_mask().tolist()
    uniform = MaskConfig("uniform")
    assert made("static").word_mask().tolist() == made("repaired", config=uniform).word_mask().tolist()


@pytest.mark.parametrize("name", WORD_STRATEGIES)
@pytest.mark.parametrize("initial", ["uniform", "normal"])
def test_the_seed_decides_the_start_and_zero_is_a_seed_like_any_other(name: str, initial: str) -> None:
    def start(seed: int) -> list[float]:
        return made(name, seed, epochs=1, config=MaskConfig(initial)).word_mask().tolist()  # type: ignore[arg-type]

    assert start(0) == start(0)
    assert start(0) != start(1)
    assert start(1) != start(2)


@pytest.mark.parametrize("name", WORD_STRATEGIES)
def test_a_loaded_state_is_a_copy(name: str) -> None:
    first, second = made(name), made(name, seed=7)
    state = first.state_dict()
    second.load_state_dict(state)
    state["mask"][:] = 0
    assert second.word_mask().any()


# Initial masks


def test_initial_masks_have_their_shapes() -> None:
    def rng() -> np.random.Generator:
        return np.random.default_rng(0)

    uniform, normal = initial_mask("uniform", 20_000, rng()), initial_mask("normal", 20_000, rng())
    assert abs(uniform.mean() - 0.5) < 0.01
    assert abs(uniform.std() - 12**-0.5) < 0.01
    assert abs(normal.mean() - 0.5) < 0.01
    assert abs(normal.std() - 0.2) < 0.01
    assert (normal == 0).any()  # clipped, not wrapped
    assert initial_mask("constant", 3, rng(), 0.25).tolist() == [0.25] * 3
    for kind in ("uniform", "normal", "constant"):
        mask = initial_mask(kind, 1000, rng())
        assert mask.dtype == np.float32
        assert mask.min() >= 0
        assert mask.max() <= 1


def test_an_unknown_initial_mask_names_the_choices() -> None:
    with pytest.raises(ValueError, match="uniform, normal or constant"):
        initial_mask("zeros", 3, np.random.default_rng(0))


# The article's rule


def slow_adjust(mask: np.ndarray, tokens: np.ndarray, positive: np.ndarray, step: float) -> list[float]:
    """The rule as the article prints it: one token after the other."""
    values = [float(value) for value in mask]
    for token, good in zip(tokens.tolist(), positive.tolist(), strict=True):
        values[token] = min(values[token] + step, 1.0) if good else max(values[token] - step, 0.0)
    return values


@given(
    npst.arrays(np.float64, 6, elements=st.floats(0, 1)),
    st.lists(st.tuples(st.integers(0, 5), st.booleans()), max_size=60),
    st.sampled_from([0.0, 0.001, 0.1, 0.3, 1.0]),
)
def test_the_articles_rule_equals_the_slow_loop(
    mask: np.ndarray, occurrences: list[tuple[int, bool]], step: float
) -> None:
    tokens = np.array([token for token, _ in occurrences], dtype=np.int64)
    positive = np.array([good for _, good in occurrences], dtype=bool)
    before = mask.copy()
    assert adjust(mask, tokens, positive, step).tolist() == slow_adjust(mask, tokens, positive, step)
    assert (mask == before).all()


def test_the_articles_rule_clips_at_each_occurrence() -> None:
    # Up against the ceiling, then down: 1 − 0.1, not 1 + 0.1 − 0.1.
    tokens, positive = np.array([0, 0, 1, 1]), np.array([True, False, False, True])
    assert adjust(np.array([1.0, 0.0]), tokens, positive, 0.1).tolist() == [0.9, 0.1]


def test_the_article_mask_follows_its_rule_over_epochs() -> None:
    known = corpus()
    strategy = made("article")
    expected = strategy.word_mask().copy()
    for epoch in range(1, 5):
        strategy.on_epoch(epoch, Controls(step_size=0.03))
        slow = slow_adjust(expected, known.tokens, known.token_labels == 1, 0.03)
        expected = np.array(slow).astype(np.float32)
        assert strategy.word_mask().tolist() == expected.tolist()


def test_the_step_per_example_is_divided_by_the_number_of_texts() -> None:
    known = corpus()
    strategy = made("article", config=MaskConfig(step_rule="per_example"))
    before = strategy.word_mask().copy()
    strategy.on_epoch(1, Controls(step_size=0.5))
    slow = slow_adjust(before, known.tokens, known.token_labels == 1, 0.5 / known.texts)
    assert strategy.word_mask().tolist() == np.array(slow).astype(np.float32).tolist()


@pytest.mark.parametrize(
    ("classes", "positive"),
    [(("negative", "positive"), 1), (("Positive", "negative"), 0), (("0", "1"), 1), (("好评", "差评"), 0),
     (("business", "politics", "sports"), 2)],
)  # fmt: skip
def test_the_positive_class_is_the_one_so_named_else_the_last(classes: tuple[str, ...], positive: int) -> None:
    assert positive_class(classes) == positive
