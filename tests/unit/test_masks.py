"""Every mask strategy against invariants, and against a slow reference."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from torch import Tensor

from dynmask_core.config import Controls, MaskConfig
from dynmask_core.data.tokenize import CLS, PAD, SPECIAL_TOKENS
from dynmask_core.masks import REGISTRY, CorpusStatistics, MaskContext, MaskPlan, MaskStrategy, initial_mask
from dynmask_core.masks.library.article import adjust, positive_class
from dynmask_core.masks import Split

WORD_STRATEGIES = ("static", "article", "repaired")
VOCABULARY = 24
WORDS = (*SPECIAL_TOKENS, *(f"word{i}" for i in range(VOCABULARY - len(SPECIAL_TOKENS))))


def corpus(seed: int = 0, classes: tuple[str, ...] = ("negative", "positive")) -> CorpusStatistics:
    """4,000 words; two of the vocabulary tell the classes apart."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, len(classes), 4000)
    tokens = np.where(rng.random(4000) < 0.5, 4 + labels, rng.integers(4, VOCABULARY, 4000)).astype(np.int32)
    return CorpusStatistics(WORDS, len(SPECIAL_TOKENS), tokens, labels, classes, texts=40)


def made(
    name: str, seed: int = 0, epochs: int = 0, config: MaskConfig | None = None, **controls: float
) -> MaskStrategy:
    strategy = REGISTRY[name](config or MaskConfig(), seed)
    strategy.fit(corpus())
    for epoch in range(1, epochs + 1):
        strategy.on_epoch(epoch, Controls(**controls))
    return strategy


def batch(*texts: list[int], split: Split = "test", labels: Tensor | None = None, epoch: int = 1) -> MaskContext:
    width = max(len(text) for text in texts) + 1
    ids = torch.tensor([[CLS, *text] + [PAD] * (width - 1 - len(text)) for text in texts])
    rows = torch.arange(len(texts))
    return MaskContext(ids, ids != PAD, ids < len(SPECIAL_TOKENS), rows, epoch, 0, 10, split, labels)


def same(one: MaskPlan, other: MaskPlan) -> bool:
    def equal(a: Tensor | None, b: Tensor | None) -> bool:
        return a is b if a is None or b is None else torch.equal(a, b)

    names = ("token_gate", "keep", "attention_bias", "head_gate", "aux_loss")
    modes_matter = one.token_gate is not None
    return all(equal(getattr(one, name), getattr(other, name)) for name in names) and (
        not modes_matter or one.gate_mode == other.gate_mode
    )


@pytest.mark.parametrize("name", REGISTRY)
@pytest.mark.parametrize("initial", ["default", "uniform", "normal", "constant"])
@pytest.mark.parametrize("step", [0.0, 0.3, 1.0])
def test_mask_values_stay_between_0_and_1(name: str, initial: str, step: float) -> None:
    strategy = made(name, config=MaskConfig(initial))  # type: ignore[arg-type]
    for epoch in range(1, 8):
        strategy.on_epoch(epoch, Controls(step_size=step))
        mask = strategy.word_mask()
        gate = strategy.plan(batch([4, 5, 6], [7])).token_gate
        for values in (mask, None if gate is None else gate.numpy()):
            if values is not None:
                assert values.dtype == np.float32
                assert (values >= 0).all()
                assert (values <= 1).all()


@pytest.mark.parametrize("name", WORD_STRATEGIES)
def test_special_tokens_and_padding_are_kept_whole(name: str) -> None:
    context = batch([4, 5, 6, 7], [8])
    plan = made(name, epochs=3, keep_threshold=1.0).plan(context)
    outside = context.special | ~context.valid
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


@pytest.mark.parametrize("name", REGISTRY)
def test_a_text_gets_the_same_plan_whatever_stands_beside_it(name: str) -> None:
    strategy = made(name, epochs=2)
    alone = strategy.plan(batch([4, 5, 6]))
    beside = strategy.plan(batch([4, 5, 6], [7, 8, 9, 10, 11]))
    for part in ("token_gate", "keep"):
        if getattr(alone, part) is not None:
            assert torch.equal(getattr(alone, part)[0], getattr(beside, part)[0, :4])


@pytest.mark.parametrize("name", REGISTRY)
def test_labels_of_a_batch_do_not_move_its_plan(name: str) -> None:
    strategy = made(name, epochs=2)
    context = batch([4, 5, 6], [7, 8], split="train")
    assert same(strategy.plan(context), strategy.plan(context.with_labels(torch.tensor([0, 1]))))


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


@pytest.mark.parametrize("name", REGISTRY)
def test_the_state_brings_a_strategy_back(name: str) -> None:
    first, second = made(name, epochs=3, keep_threshold=0.4), made(name, seed=7)
    second.load_state_dict({key: array.copy() for key, array in first.state_dict().items()})
    context = batch([4, 5, 6, 7], [8, 9])
    assert same(first.plan(context), second.plan(context))
    for strategy in (first, second):
        strategy.on_epoch(4, Controls(step_size=0.07))
    assert same(first.plan(context), second.plan(context))


@pytest.mark.parametrize("name", WORD_STRATEGIES)
def test_a_loaded_state_is_a_copy(name: str) -> None:
    first, second = made(name), made(name, seed=7)
    state = first.state_dict()
    second.load_state_dict(state)
    state["mask"][:] = 0
    assert second.word_mask().any()


def test_none_masks_nothing() -> None:
    strategy = made("none", epochs=2)
    assert same(strategy.plan(batch([4, 5])), MaskPlan())
    assert strategy.word_mask() is None


@pytest.mark.parametrize("name", REGISTRY)
def test_every_strategy_says_what_it_is(name: str) -> None:
    strategy = REGISTRY[name]
    known = {*Controls.__dataclass_fields__, *MaskConfig.__dataclass_fields__}
    assert strategy.name == name
    assert strategy.__doc__
    assert set(strategy.uses) <= known
    assert {strategy.site, strategy.refresh, strategy.source} <= {
        "none", "corruption", "input", "attention", "head", "removal", "never", "dataset", "epoch", "batch", "forward",
        "random", "feature", "label", "gradient", "learned",
    }  # fmt: skip


@pytest.mark.parametrize("name", REGISTRY)
@pytest.mark.parametrize("setting", ["step_size", "evidence_threshold", "keep_threshold"])
def test_a_live_setting_acts_exactly_where_a_strategy_says_it_uses_it(name: str, setting: str) -> None:
    low, high = ({"keep_threshold": 0.0, setting: value} for value in (0.0, 0.9))
    plans = [made(name, epochs=1, **values).plan(batch(list(range(4, VOCABULARY)))) for values in (low, high)]
    assert same(*plans) == (setting not in REGISTRY[name].uses)


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


# Plans


def _maybe(make: Callable[[], Tensor]) -> st.SearchStrategy[Tensor | None]:
    return st.none() | st.builds(make)


def _plans() -> st.SearchStrategy[MaskPlan]:
    draw = st.integers(0, 2**16).map(lambda seed: torch.Generator().manual_seed(seed))

    def make(random: torch.Generator, parts: set[str], mode: str) -> MaskPlan:
        def some(*shape: int) -> Tensor:
            return torch.rand(shape, generator=random)

        values = {
            "token_gate": some(2, 3),
            "keep": some(2, 3) < 0.5,
            "attention_bias": torch.where(some(2, 1, 3, 3) < 0.3, -torch.inf, some(2, 1, 3, 3)),
            "head_gate": some(2, 4),
            "aux_loss": some(),
        }
        return MaskPlan(**{k: v for k, v in values.items() if k in parts}, gate_mode=mode)  # type: ignore[arg-type]

    names = ["token_gate", "keep", "attention_bias", "head_gate", "aux_loss"]
    return st.builds(make, draw, st.sets(st.sampled_from(names)), st.sampled_from(["interpolate", "multiply"]))


@given(_plans(), _plans())
def test_plans_combine_in_any_order(one: MaskPlan, other: MaskPlan) -> None:
    both_gate = one.token_gate is not None and other.token_gate is not None
    if both_gate and one.gate_mode != other.gate_mode:
        with pytest.raises(ValueError, match="different modes"):
            one.combine(other)
        return
    assert same(one.combine(other), other.combine(one))


@given(_plans())
def test_the_empty_plan_changes_no_other(plan: MaskPlan) -> None:
    assert same(plan.combine(MaskPlan()), plan)
    assert same(MaskPlan().combine(plan), plan)


@given(_plans(), _plans())
def test_a_combination_keeps_no_more_than_either(one: MaskPlan, other: MaskPlan) -> None:
    if one.token_gate is None or other.token_gate is None or one.gate_mode == other.gate_mode:
        both = one.combine(other)
        for plan in (one, other):
            if plan.token_gate is not None:
                assert (both.token_gate <= plan.token_gate).all()
            if plan.keep is not None:
                assert not (both.keep & ~plan.keep).any()


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
