"""Attention masks: patterns against loops over the edges, entmax against its package, learned masks at their limits."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import entmax as package
import numpy as np
import pytest
import torch
from torch import Tensor

from dynmask_core.config import Controls, ModelConfig
from dynmask_core.data.tokenize import CLS, PAD, SPECIAL_TOKENS
from dynmask_core.masks import (
    REGISTRY,
    CorpusStatistics,
    LayerContext,
    MaskContext,
    MaskPlan,
    MaskStrategy,
    Setting,
    build,
)
from dynmask_core.masks.library.adaptivespan import log_mask
from dynmask_core.masks.library.entmax import entmax
from dynmask_core.masks.ops import patterns as p
from dynmask_core.model import Classifier, Output, Request, TokenEmbedding

torch.set_num_threads(1)
MODEL = ModelConfig(dim=16, heads=2, layers=2)
WORDS = (*SPECIAL_TOKENS, ".", "！", *(f"word{i}" for i in range(24)))
DOT, BANG, FIRST = 4, 5, 6
T = 13
PATTERNS = ("causal", "window", "dilated", "prefix", "block", "longformer", "bigbird")
LEARNED = ("adaptivespan", "dman", "topw")


def made(name: str, seed: int = 0, pooling: str = "mean", **values: Any) -> MaskStrategy:
    model = ModelConfig(dim=16, heads=2, layers=2, pooling=pooling)  # type: ignore[arg-type]
    strategy = REGISTRY[name](Setting(values, model=model, seed=seed))
    nobody = np.zeros(0, dtype=np.int64)
    strategy.fit(CorpusStatistics(WORDS, len(SPECIAL_TOKENS), nobody, nobody, nobody, ("a", "b")))
    strategy.on_epoch(1, Controls())
    return strategy


def batch(*texts: list[int], split: Any = "test") -> MaskContext:
    width = max(len(text) for text in texts) + 1
    ids = torch.tensor([[CLS, *text] + [PAD] * (width - 1 - len(text)) for text in texts])
    return MaskContext(ids, ids != PAD, ids < len(SPECIAL_TOKENS), torch.arange(len(texts)), 1, 0, split)


def some(*lengths: int, split: Any = "test") -> MaskContext:
    rng = np.random.default_rng(0)
    return batch(*(list(rng.integers(FIRST, len(WORDS), n)) for n in lengths), split=split)


def network(pooling: str = "mean") -> Classifier:
    torch.manual_seed(0)
    config = ModelConfig(dim=16, heads=2, layers=2, pooling=pooling)  # type: ignore[arg-type]
    model = Classifier(TokenEmbedding(len(WORDS), config, 40), config, 3).eval()
    with torch.no_grad():
        for weight in model.parameters():
            if weight.ndim > 1:
                weight.normal_(std=0.5)
    return model


def passed(strategy: MaskStrategy, context: MaskContext, keep: Tensor | None = None, trace: bool = False) -> Output:
    """One pass under the strategy, and under `keep` besides."""
    plan = strategy.plan(context)
    if keep is not None:
        plan = plan.combine(MaskPlan(keep=keep))
    layered = type(strategy).layer_plan is not MaskStrategy.layer_plan
    model = network(strategy.setting.model.pooling)
    layer_plan = strategy.layer_plan if layered else None
    output: Output = model(context.units, context.attention_mask, Request(plan, context, layer_plan, trace=trace))
    return output


def edges(strategy: MaskStrategy, context: MaskContext, head: int = 0, text: int = 0) -> np.ndarray:
    """bool [T, T]: the edges that the plan leaves open. Its other values must be 0."""
    bias = strategy.plan(context).attention_bias
    assert bias is not None
    size = context.input_ids.shape[1]
    bias = bias.expand(len(context.input_ids), 2, size, size)[text, head]
    assert ((bias == 0) | (bias == -torch.inf)).all()
    return (bias == 0).numpy()


def looped(edge: Any, size: int = T) -> np.ndarray:
    return np.array([[bool(edge(q, k)) for k in range(size)] for q in range(size)])


@pytest.mark.parametrize(
    ("name", "values", "edge"),
    [
        ("full", {}, lambda q, k: True),
        ("causal", {}, lambda q, k: k <= q),
        ("window", {"width": 3}, lambda q, k: k in range(q - 3, q + 4)),
        ("window", {"width": 0}, lambda q, k: k == q),
        ("dilated", {"width": 2, "step": 3}, lambda q, k: k in (q - 6, q - 3, q, q + 3, q + 6)),
        ("prefix", {"length": 4}, lambda q, k: k <= 4 or k <= q),
        ("prefix", {"length": 0}, lambda q, k: k <= q),
        (
            "block",
            {"size": 5},
            lambda q, k: (0 <= q < 5 and 0 <= k < 5) or (5 <= q < 10 and 5 <= k < 10) or min(q, k) >= 10,
        ),
        ("longformer", {"width": 2, "length": 1}, lambda q, k: abs(q - k) <= 2 or q in (0, 1) or k in (0, 1)),
        ("bigbird", {"width": 1, "count": 0, "length": 0}, lambda q, k: abs(q - k) <= 1 or q == 0 or k == 0),
    ],
)
def test_a_pattern_has_the_edges_of_its_definition(name: str, values: dict[str, int], edge: Any) -> None:
    np.testing.assert_array_equal(edges(made(name, **values), some(T - 1, 3)), looped(edge))


def test_patterns_compose() -> None:
    either = p.dense(p.or_masks(p.block(2), p.causal(), p.global_tokens(1)), 2, 3, T)
    assert either.shape == (2, 3, T, T)
    np.testing.assert_array_equal(either[1, 2].numpy(), looped(lambda q, k: q // 2 == k // 2 or k <= q or q == 0))


def test_the_model_combines_arms_of_patterns_by_intersection() -> None:
    context = some(T - 1)
    plan = made("window", width=3).plan(context).combine(made("causal").plan(context))
    model = network()
    trace = model(context.input_ids, context.attention_mask, Request(plan, trace=True)).trace
    np.testing.assert_array_equal((trace.attention[0][0, 1] > 0).numpy(), looped(lambda q, k: q - 3 <= k <= q))


GRID = [(row, column) for row in range(3) for column in range(4)]
"""Where the T − 1 units behind [CLS] lie."""


def on_grid(*lengths: int) -> MaskContext:
    """Text b has its units turned by b places; [CLS] has coordinates that would be felt if they counted."""
    places = [[(1, 1), *GRID[text:], *GRID[:text]] for text in range(len(lengths))]
    return replace(some(*lengths), coordinates=torch.tensor(places))


def steps(context: MaskContext, text: int, q: int, k: int) -> list[int]:
    assert context.coordinates is not None
    one, other = context.coordinates[text, q].tolist(), context.coordinates[text, k].tolist()
    return [abs(a - b) for a, b in zip(one, other, strict=True)]


@pytest.mark.parametrize(
    ("name", "values", "edge"),
    [
        ("window", {"width": 1}, lambda rows, columns: rows <= 1 and columns <= 1),
        ("window", {"width": 0}, lambda rows, columns: rows == columns == 0),
        ("dilated", {"width": 1, "step": 2}, lambda rows, columns: rows in (0, 2) and columns in (0, 2)),
        ("longformer", {"width": 1}, lambda rows, columns: max(rows, columns) <= 1),
        ("bigbird", {"width": 2, "count": 0}, lambda rows, columns: max(rows, columns) <= 2),
    ],
)
def test_on_a_grid_distance_is_the_larger_of_rows_and_columns_and_cls_is_near_all(
    name: str, values: dict[str, int], edge: Any
) -> None:
    context = on_grid(12, 12, 7)
    for text in range(3):
        expected = looped(lambda q, k: 0 in (q, k) or edge(*steps(context, text, q, k)))  # noqa: B023
        np.testing.assert_array_equal(edges(made(name, **values), context, text=text), expected)
    if name in ("window", "dilated"):
        reading = edges(made(name, pooling="cls", **values), context)
        assert reading[0].all()
        assert not reading[1:, 0].any()


@pytest.mark.parametrize("name", ["window", "dilated", "longformer", "bigbird"])
def test_coordinates_in_a_row_are_the_places(name: str) -> None:
    context = some(12, 5)
    placed = replace(context, coordinates=torch.arange(T).expand(2, T)[..., None])
    assert torch.equal(passed(made(name, width=2), context).logits, passed(made(name, width=2), placed).logits)
    apart = replace(context, coordinates=3 * placed.coordinates)  # type: ignore[operator]
    np.testing.assert_array_equal(
        edges(made("window", width=3), apart, text=1), edges(made("window", width=1), context, text=1)
    )


@pytest.mark.parametrize("name", ["window", "dilated"])
def test_places_on_a_grid_stay_when_units_have_been_removed(name: str) -> None:
    context, strategy = on_grid(12, 9), made(name, width=1)
    keep = torch.rand(context.attention_mask.shape, generator=torch.Generator().manual_seed(1)) < 0.6
    cut, masked = passed(strategy, context, keep), passed(strategy, context, keep, trace=True)
    torch.testing.assert_close(cut.logits, masked.logits)
    for text, weights in enumerate(masked.trace.attention[0][:, 0]):  # type: ignore[union-attr]
        left = keep[text] & context.attention_mask[text]
        left[0] = True
        seen = edges(strategy, context, text=text) & left.numpy()
        np.testing.assert_array_equal((weights > 0).numpy()[left], seen[left])


def test_a_prefix_that_texts_bring_is_open_to_all_whatever_the_parameter_says() -> None:
    context = replace(some(12, 9), prefix=torch.tensor([5, 1]))
    for text, length in enumerate((5, 1)):
        expected = looped(lambda q, k: k < length or k <= q)  # noqa: B023
        np.testing.assert_array_equal(edges(made("prefix", length=8), context, text=text), expected)
    keep = torch.rand(2, T, generator=torch.Generator().manual_seed(1)) < 0.6
    cut, masked = (passed(made("prefix"), context, keep, trace=trace) for trace in (False, True))
    torch.testing.assert_close(cut.logits, masked.logits)


def test_masks_that_need_no_words_take_units_that_are_vectors() -> None:
    words = on_grid(12, 9)
    context = replace(words, units=torch.zeros(2, T, 3))
    for name in ("window", "dropout", "tokendrop", "drophead", "headgrad"):
        strategy = build(f"{name}:by=random" if name == "tokendrop" else name, Setting(model=MODEL))
        nobody = np.zeros(0, dtype=np.int64)
        strategy.fit(CorpusStatistics((), 0, nobody, nobody, nobody, ()))
        strategy.on_epoch(1, Controls())
        one, other = (strategy.plan(replace(given, split="train")) for given in (context, words))
        for field in ("attention_bias", "keep", "head_gate"):
            mine, theirs = getattr(one, field), getattr(other, field)
            assert mine is theirs is None or torch.equal(mine, theirs)


def test_sentences_end_behind_their_signs() -> None:
    a, b = FIRST, FIRST + 1
    context = batch([a, b, DOT, BANG, a, b, a, DOT], [BANG, a], [a])
    strategy = made("block", by="sentence")
    first = [0, 0, 0, 0, 0, 1, 1, 1, 1]
    np.testing.assert_array_equal(edges(strategy, context), looped(lambda q, k: first[q] == first[k], 9))
    second = [0, 0, 1]
    found = edges(strategy, context, text=1)[:3, :3]
    np.testing.assert_array_equal(found, looped(lambda q, k: second[q] == second[k], 3))
    restored = REGISTRY["block"](strategy.setting)
    restored.load_state_dict(strategy.state_dict())
    np.testing.assert_array_equal(edges(restored, context), edges(strategy, context))


def test_random_blocks_are_drawn_among_earlier_ones_and_hold_both_ways() -> None:
    size, count, blocks = 3, 2, 7
    mask = p.dense(p.random_blocks(5, count, size, 2, size * blocks), 1, 2, size * blocks)[0].numpy()
    assert (mask == mask.transpose(0, 2, 1)).all()
    assert not (mask[0] == mask[1]).all()
    for head in mask:
        small = head[::size, ::size]
        assert (np.kron(small, np.ones((size, size), bool)) == head).all()
        for row in range(blocks):
            assert small[row, :row].sum() == min(count, row)
            assert not small[row, row]


def test_random_blocks_follow_the_seed_and_not_the_length_of_the_batch() -> None:
    short, long = some(7), some(30)
    for head in (0, 1):
        small, large = edges(made("bigbird"), short, head), edges(made("bigbird"), long, head)
        np.testing.assert_array_equal(small, large[:8, :8])
    assert not (edges(made("bigbird", seed=1), long) == edges(made("bigbird"), long)).all()
    pairs = np.stack([edges(made("bigbird", seed=seed, size=1), long) for seed in range(60)]).mean(0)
    # Place 20 draws one of 20 earlier ones: far from the window each has the same chance.
    assert pairs[20, 1:18].max() < 0.25
    assert pairs[20, 1:18].mean() == pytest.approx(1 / 20, abs=0.02)


@pytest.mark.parametrize("name", [*PATTERNS, *LEARNED, "full", "entmax"])
def test_attention_rows_sum_to_1_and_padding_gets_nothing(name: str) -> None:
    context = some(12, 4, 1, 0)
    trace = passed(made(name), context, trace=True).trace
    assert trace is not None
    for weights in trace.attention:
        assert torch.isfinite(weights).all()
        sums = weights.sum(-1)
        kept = context.attention_mask[:, None].expand_as(sums)
        torch.testing.assert_close(sums[kept], torch.ones_like(sums[kept]))
        assert ((sums - 1).abs().minimum(sums.abs()) < 1e-5).all()
        assert (weights.masked_select(~context.attention_mask[:, None, None]) == 0).all()


@pytest.mark.parametrize("name", [*PATTERNS, *LEARNED, "entmax"])
def test_a_text_is_answered_the_same_alone_and_in_company(name: str) -> None:
    strategy = made(name)
    together = passed(strategy, some(5, 12)).logits[0]
    torch.testing.assert_close(passed(strategy, some(5)).logits[0], together)


@pytest.mark.parametrize("name", [*PATTERNS, *LEARNED])
def test_places_stay_those_of_the_whole_text_when_tokens_have_been_removed(name: str) -> None:
    context = some(12, 9)
    keep = torch.rand(context.input_ids.shape, generator=torch.Generator().manual_seed(1)) < 0.6
    strategy = made(name)
    with torch.no_grad():
        for tensor in strategy.trainable.values():
            tensor += torch.rand(tensor.shape, generator=torch.Generator().manual_seed(2)) / 10
    cut, masked = passed(strategy, context, keep), passed(strategy, context, keep, trace=True)
    torch.testing.assert_close(cut.logits, masked.logits)


@pytest.mark.parametrize("name", ["full", "window"])
def test_a_pattern_with_all_edges_equals_no_mask_bit_for_bit(name: str) -> None:
    context = some(12, 5)
    values = {"width": T} if name == "window" else {}
    assert torch.equal(passed(made(name, **values), context).logits, passed(made("none"), context).logits)


@pytest.mark.parametrize("name", ["causal", "window", "dilated", "prefix", "block"])
def test_where_cls_answers_it_reads_all_words_and_carries_nothing_between_them(name: str) -> None:
    found = edges(made(name, pooling="cls"), some(T - 1))
    assert found[0].all()
    assert not found[1:, 0].any()
    np.testing.assert_array_equal(found[1:, 1:], edges(made(name), some(T - 1))[1:, 1:])


def test_a_causal_token_does_not_change_with_what_follows() -> None:
    one, other = batch([6, 7, 8, 9]), batch([6, 7, 10, 11])
    hidden = [passed(made("causal"), context, trace=True).trace.hidden[-1][0] for context in (one, other)]  # type: ignore[union-attr]
    assert torch.equal(hidden[0][:3], hidden[1][:3])
    assert not torch.allclose(hidden[0][3], hidden[1][3])


def scores(*shape: int, scale: float, seed: int = 0) -> Tensor:
    """Some of them removed, as the model removes them."""
    random = torch.Generator().manual_seed(seed)
    values = scale * torch.randn(shape, generator=random, dtype=torch.float32)
    if shape[-1] > 1:
        values[::2, shape[-1] // 2 :] -= 1e9
    return values


@pytest.mark.parametrize("scale", [0.1, 3.0, 100.0])
@pytest.mark.parametrize("size", [1, 2, 9, 40])
@pytest.mark.parametrize("alpha", [1.0, 1.05, 1.3, 1.5, 1.8, 2.0])
def test_entmax_agrees_with_its_package(alpha: float, size: int, scale: float) -> None:
    own, theirs = (scores(10, size, scale=scale).to(dtype).requires_grad_() for dtype in (torch.float32, torch.float64))
    upstream = scores(10, size, scale=1.0, seed=1).clamp(-3, 3)
    exact = {1.0: lambda x: x.softmax(-1), 1.5: package.entmax15, 2.0: package.sparsemax}
    expected = exact.get(alpha, lambda x: package.entmax_bisect(x, alpha, n_iter=60))(theirs)
    weights = entmax(own, alpha)
    torch.testing.assert_close(weights, expected.float(), atol=5e-6, rtol=0)
    weights.backward(upstream)
    expected.backward(upstream.double())
    torch.testing.assert_close(own.grad, theirs.grad.float(), atol=1e-4, rtol=0)  # type: ignore[union-attr]
    assert (weights[::2, max(size // 2, 1) :] == 0).all()
    if size > 1 and scale > 1 and alpha >= 1.3:
        assert (weights[1::2] == 0).any()


@pytest.mark.parametrize("alpha", [1.0, 1.3, 1.5, 2.0])
def test_entmax_gives_0_to_scores_of_minus_infinity(alpha: float) -> None:
    values = torch.tensor([0.3, -torch.inf, 0.2, -torch.inf], requires_grad=True)
    weights = entmax(values, alpha)
    weights[0].backward()  # type: ignore[no-untyped-call]
    torch.testing.assert_close(weights[[0, 2]], entmax(values.detach()[[0, 2]], alpha))
    assert (weights[[1, 3]] == 0).all()
    assert torch.isfinite(values.grad).all()  # type: ignore[arg-type]


def test_the_closer_alpha_to_2_the_more_weights_are_zero() -> None:
    values = torch.randn(200, 20, generator=torch.Generator().manual_seed(0))
    zeros = [float((entmax(values, alpha) == 0).float().mean()) for alpha in (1.0, 1.25, 1.5, 2.0)]
    assert zeros == sorted(zeros)
    assert zeros[0] == 0
    assert zeros[-1] > 0.5


def test_entmax_with_alpha_1_equals_no_mask() -> None:
    context = some(12, 5)
    without = passed(made("none"), context, trace=True)
    assert torch.equal(passed(made("entmax", alpha=1.0), context, trace=True).logits, without.logits)
    assert not torch.allclose(passed(made("entmax"), context).logits, without.logits)


def asked(strategy: MaskStrategy, context: MaskContext, layer: int = 0) -> Tensor:
    """The bias that a layer plan answers, for hidden states drawn at random."""
    B, size = context.input_ids.shape
    hidden = torch.randn(B, size, MODEL.dim, generator=torch.Generator().manual_seed(3))
    position = torch.arange(size).expand(B, size)
    plan = strategy.layer_plan(LayerContext(context, layer, hidden, None, position, context.attention_mask))
    assert plan.attention_bias is not None
    return plan.attention_bias


def set_to(strategy: MaskStrategy, **values: Any) -> None:
    with torch.no_grad():
        for name, value in values.items():
            strategy.trainable[name][:] = torch.as_tensor(value)


def test_a_span_fades_over_its_ramp() -> None:
    strategy = made("adaptivespan", reach=10, ramp=4)
    set_to(strategy, span=[[0.0, 0.3], [0.5, 1.0]])
    for layer, spans in ((0, (0.0, 3.0)), (1, (5.0, 10.0))):
        mask = asked(strategy, some(T - 1, 2), layer).exp().detach()
        for head, span in enumerate(spans):
            expected = [[min(max((4 + span - abs(q - k)) / 4, 0), 1) for k in range(T)] for q in range(T)]
            torch.testing.assert_close(mask[0, head], torch.tensor(expected))


def test_the_span_multiplies_the_weights_before_they_sum_to_1() -> None:
    values = torch.randn(5, 6, generator=torch.Generator().manual_seed(0))
    mask = torch.tensor([1.0, 0.5, 0.25, 0.0, 1.0, 0.0])
    expected = mask * values.softmax(-1)
    torch.testing.assert_close((values + log_mask(mask)).softmax(-1), expected / expected.sum(-1, keepdim=True))


def test_a_mask_of_exactly_0_has_a_gradient_of_0() -> None:
    mask = torch.tensor([1.0, 0.5, 0.0], requires_grad=True)
    (torch.tensor([1.0, 2.0, 3.0]) * log_mask(mask).softmax(-1)).sum().backward()  # type: ignore[no-untyped-call]
    assert mask.grad is not None
    assert torch.isfinite(mask.grad).all()
    assert mask.grad[2] == 0


def test_spans_are_charged_for_in_training_only_and_stay_within_reach() -> None:
    strategy = made("adaptivespan", weight=0.5)
    set_to(strategy, span=[[0.2, 0.4], [1.3, -0.2]])
    assert strategy.plan(some(3)).aux_loss is None
    loss = strategy.plan(some(3, split="train")).aux_loss
    assert loss is not None
    assert loss.item() == pytest.approx(0.5 * (0.2 + 0.4 + 1.0 + 0.0) / 4)
    assert strategy.trainable["span"].tolist()[1] == [1.0, 0.0]


def test_dman_agrees_with_its_formula() -> None:
    strategy = made("dman", reach=3)
    random = np.random.default_rng(0)
    query, distance, head = random.normal(size=(2, 16)), random.normal(size=(2, 7)), random.normal(size=(2, 2))
    set_to(strategy, query=query, distance=distance, head=head)
    context = some(T - 1, 4)
    hidden = torch.randn(2, T, MODEL.dim, generator=torch.Generator().manual_seed(3)).numpy()
    bias = asked(strategy, context, layer=1).detach().numpy()
    for text, h, q, k in [(0, 0, 0, 0), (0, 1, 2, 4), (1, 0, 5, 2), (1, 1, 12, 0), (0, 1, 0, 12)]:
        logit = hidden[text, q] @ query[1] + distance[1, 3 + min(max(k - q, -3), 3)] + head[1, h]
        assert bias[text, h, q, k] == pytest.approx(np.log(1 / (1 + np.exp(-logit))), abs=1e-5)


@pytest.mark.parametrize(
    ("name", "values", "learned"),
    [
        ("adaptivespan", {}, {"span": 1.0}),
        ("dman", {}, {"distance": 50.0}),
        ("dman", {}, {}),
        ("topw", {"width": T}, {"scale": 0.0}),
    ],
    ids=["full span", "open mask", "as it starts", "all keys"],
)
def test_a_learned_mask_that_is_open_equals_no_mask(
    name: str, values: dict[str, int], learned: dict[str, float]
) -> None:
    strategy, context = made(name, **values), some(12, 5)
    set_to(strategy, **learned)
    torch.testing.assert_close(passed(strategy, context).logits, passed(made("none"), context).logits)


@pytest.mark.parametrize("width", [0, 1, 4, 40])
def test_topw_keeps_cls_and_the_words_of_largest_bias(width: int) -> None:
    strategy, context = made("topw", width=width), some(T - 1, 3, 0)
    set_to(strategy, key=np.random.default_rng(0).normal(size=(2, 2, 16)), scale=[[1.0, -2.0], [0.5, 3.0]])
    bias = asked(strategy, context, layer=1).detach()
    hidden = torch.randn(3, T, MODEL.dim, generator=torch.Generator().manual_seed(3))
    assert bias.shape == (3, 2, 1, T)
    for text, length in enumerate((T - 1, 3, 0)):
        for head in (0, 1):
            value = strategy.trainable["scale"][1, head].item()
            all_biases = [
                value * torch.nn.functional.softplus(hidden[text, k] @ strategy.trainable["key"][1, head]).item()
                for k in range(length + 1)
            ]
            best = sorted(range(1, length + 1), key=lambda k: -all_biases[k])[:width]
            for k in range(length + 1):
                expected = all_biases[k] if k in (0, *best) else -np.inf
                assert float(bias[text, head, 0, k]) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("name", LEARNED)
def test_what_an_attention_mask_learns_has_gradients_everywhere_finite(name: str) -> None:
    strategy, context = made(name), some(12, 7, 1, split="train")
    output = passed(strategy, context)
    loss = output.logits.logsumexp(-1).sum() + (0 if output.aux_loss is None else output.aux_loss)
    loss.backward()
    for key, tensor in strategy.trainable.items():
        assert tensor.grad is not None, key
        assert torch.isfinite(tensor.grad).all(), key
    assert any((tensor.grad != 0).any() for tensor in strategy.trainable.values())  # type: ignore[union-attr]
