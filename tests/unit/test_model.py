"""The model: what a plan does to it, against a slow forward pass without any mask."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from dynmask_core.config import GateMode, ModelConfig
from dynmask_core.data.tokenize import CLS, PAD
from dynmask_core.masks import LayerContext, MaskContext, MaskPlan
from dynmask_core.model import Classifier, Output, Request, TokenEmbedding, Trace

VOCABULARY, CLASSES = 30, 3
MODES: tuple[GateMode, ...] = ("interpolate", "multiply", "attention")
NOTHING = Request()


def make(pooling: str = "mean", **settings: Any) -> Classifier:
    torch.manual_seed(0)
    config = ModelConfig(dim=16, heads=2, layers=2, pooling=pooling, **settings)  # type: ignore[arg-type]
    model = Classifier(TokenEmbedding(VOCABULARY, config, 20), config, CLASSES).eval()
    with torch.no_grad():
        # As after training: vectors of ordinary length, a baseline that is not zero.
        model.embedding.token.weight.normal_()
        model.embedding.position.normal_(std=0.5)
        model.embedding.baseline.normal_()
        for block in model.encoder.blocks:
            block.attention.qkv.weight.normal_(std=0.3)
    return model.requires_grad_(False)


def both(output: Output) -> tuple[Tensor, Trace | None]:
    return output.logits, output.trace


def texts(*lengths: int, seed: int = 0) -> tuple[Tensor, Tensor]:
    """(ids, valid) of random texts, [CLS] in front and not counted."""
    rng = np.random.default_rng(seed)
    ids = torch.full((len(lengths), max(lengths) + 1), PAD)
    for row, length in zip(ids, lengths, strict=True):
        row[: length + 1] = torch.tensor([CLS, *rng.integers(4, VOCABULARY, length)])
    return ids, ids != PAD


def gates(ids: Tensor, valid: Tensor, seed: int = 0) -> Tensor:
    gate = torch.rand(ids.shape, generator=torch.Generator().manual_seed(seed))
    gate[:, 0] = 1
    return torch.where(valid, gate, 1.0)


def slow(model: Classifier, ids: list[int], gate: list[float], keep: list[bool], mode: str) -> Tensor:
    """The logits of one text, token by token: tokens that are not kept are simply not there."""
    positions = [i for i, kept in enumerate(keep) if kept]
    embedding = model.embedding
    x = []
    for i in positions:
        token = embedding.token.weight[ids[i]]
        if mode == "interpolate":
            token = gate[i] * token + (1 - gate[i]) * embedding.baseline
        elif mode == "multiply":
            token = gate[i] * token
        x.append(token + embedding.position[i])
    for block in model.encoder.blocks:
        size = model.config.dim // model.config.heads
        qkv = [block.attention.qkv(block.norm1(vector)) for vector in x]
        y = []
        for query in qkv:
            joined = []
            for head in range(model.config.heads):
                part = slice(head * size, (head + 1) * size)
                q = query[: model.config.dim][part]
                weights = []
                for j, key in zip(positions, qkv, strict=True):
                    k = key[model.config.dim : 2 * model.config.dim][part]
                    weight = math.exp(float(q @ k) / math.sqrt(size))
                    weights.append(weight * (gate[j] if mode == "attention" else 1.0))
                total = sum(weights)
                values = [key[2 * model.config.dim :][part] for key in qkv]
                joined.append(sum(w / total * v for w, v in zip(weights, values, strict=True)))
            y.append(block.attention.out(torch.cat(joined)))
        x = [vector + added for vector, added in zip(x, y, strict=True)]
        x = [vector + block.down(F.gelu(block.up(block.norm2(vector)))) for vector in x]
    x = [model.encoder.norm(vector) for vector in x]
    pooled = x[0] if model.config.pooling == "cls" else sum(x) / len(x)
    return model.head(pooled)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("pooling", ["mean", "cls"])
def test_the_model_agrees_with_a_slow_one_without_any_mask(mode: GateMode, pooling: str) -> None:
    model = make(pooling)
    ids, valid = texts(7, 4, 1)
    gate = gates(ids, valid)
    keep = torch.rand(ids.shape, generator=torch.Generator().manual_seed(1)) < 0.7
    keep[:, 0] = True
    logits = model(ids, valid, Request(MaskPlan(token_gate=gate, gate_mode=mode, keep=keep))).logits
    for row in range(len(ids)):
        expected = slow(model, ids[row].tolist(), gate[row].tolist(), (keep & valid)[row].tolist(), mode)
        torch.testing.assert_close(logits[row], expected, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("pooling", ["mean", "cls"])
def test_a_mask_of_ones_equals_no_mask_bit_for_bit(mode: GateMode, pooling: str) -> None:
    model = make(pooling)
    ids, valid = texts(7, 3)
    ones = MaskPlan(
        token_gate=torch.ones(ids.shape), gate_mode=mode, keep=torch.ones_like(valid), head_gate=torch.ones(2, 2)
    )
    assert torch.equal(model(ids, valid, Request(ones)).logits, model(ids, valid, NOTHING).logits)


@pytest.mark.parametrize("mode", ["interpolate", "multiply", "removed"])
@pytest.mark.parametrize("pooling", ["mean", "cls"])
def test_a_mask_of_zero_makes_the_logits_independent_of_the_token(mode: str, pooling: str) -> None:
    model = make(pooling)
    ids, valid = texts(6, 6)
    other = ids.clone()
    other[:, 3] = (ids[:, 3] - 4 + 5) % (VOCABULARY - 4) + 4
    gate, keep = torch.ones(ids.shape), torch.ones_like(valid)
    if mode == "removed":
        keep[:, 3] = False
        plan = MaskPlan(keep=keep)
    else:
        gate[:, 3] = 0
        plan = MaskPlan(token_gate=gate, gate_mode=mode)  # type: ignore[arg-type]
    assert torch.equal(model(ids, valid, Request(plan)).logits, model(other, valid, Request(plan)).logits)
    assert not torch.allclose(model(ids, valid, NOTHING).logits, model(other, valid, NOTHING).logits, atol=1e-3)


def test_a_soft_mask_by_multiplication_is_undone_by_the_layer_norm_and_interpolation_is_not() -> None:
    model = make()
    model.embedding.position.zero_()
    ids, valid = texts(6)
    half = torch.full(ids.shape, 0.5)

    def first_attention(plan: MaskPlan) -> Tensor:
        return model(ids, valid, Request(plan, trace=True)).trace.attention[0]

    plain = first_attention(MaskPlan())
    multiplied = first_attention(MaskPlan(token_gate=half, gate_mode="multiply"))
    interpolated = first_attention(MaskPlan(token_gate=half, gate_mode="interpolate"))
    assert (multiplied - plain).abs().max() < 1e-3
    assert (interpolated - plain).abs().max() > 0.05


def test_a_zeroed_key_still_draws_attention_and_a_removed_one_does_not() -> None:
    model = make()
    ids, valid = texts(6)
    gate, keep = torch.ones(ids.shape), torch.ones_like(valid)
    gate[0, 3], keep[0, 3] = 0, False
    zeroed = model(ids, valid, Request(MaskPlan(token_gate=gate, gate_mode="multiply"), trace=True)).trace
    removed = model(ids, valid, Request(MaskPlan(keep=keep), trace=True)).trace
    for drawn, none in zip(zeroed.attention, removed.attention, strict=True):
        assert drawn[..., 3].mean() > 0.01
        assert (none[..., 3] == 0).all()


def test_gating_attention_is_multiply_and_renormalise() -> None:
    model = make()
    ids, valid = texts(6, 4)
    gate = gates(ids, valid)
    gate[:, 2] = 0
    plain = model(ids, valid, Request(trace=True)).trace
    gated = model(ids, valid, Request(MaskPlan(token_gate=gate, gate_mode="attention"), trace=True)).trace
    weighted = plain.attention[0] * gate[:, None, None, :]
    expected = weighted / weighted.sum(-1, keepdim=True)
    torch.testing.assert_close(gated.attention[0], expected, atol=1e-6, rtol=1e-5)


@pytest.mark.parametrize("mode", MODES)
def test_attention_rows_sum_to_1_and_padding_receives_0(mode: GateMode) -> None:
    model = make()
    ids, valid = texts(7, 3, 1)
    keep = torch.rand(ids.shape, generator=torch.Generator().manual_seed(2)) < 0.5
    keep[:, 0] = True
    plan = MaskPlan(token_gate=gates(ids, valid), gate_mode=mode, keep=keep)
    trace = model(ids, valid, Request(plan, trace=True)).trace
    assert len(trace.attention) == model.config.layers
    assert len(trace.hidden) == model.config.layers + 1
    out = ~(valid & keep)[:, None, None, :]
    for weights in trace.attention:
        assert weights.shape == (3, 2, 8, 8)
        torch.testing.assert_close(weights.sum(-1), torch.ones(3, 2, 8))
        assert (weights.masked_select(out) == 0).all()


def test_a_row_whose_keys_are_all_masked_gives_zeros_and_no_nan() -> None:
    model = make()
    ids, valid = texts(5, 3)
    bias = torch.zeros(2, 1, 6, 6)
    bias[:, :, 2] = -torch.inf
    logits, trace = both(model(ids, valid, Request(MaskPlan(attention_bias=bias), trace=True)))
    fast = model(ids, valid, Request(MaskPlan(attention_bias=bias))).logits
    assert logits.isfinite().all()
    torch.testing.assert_close(fast, logits, atol=1e-5, rtol=1e-5)
    for weights in trace.attention:
        assert (weights[:, :, 2] == 0).all()
        torch.testing.assert_close(weights[:, :, 1].sum(-1), torch.ones(2, 2))


def test_a_masked_row_still_learns() -> None:
    model = make().requires_grad_(True)
    ids, valid = texts(5, 3)
    bias = torch.full((2, 1, 6, 6), -torch.inf)
    gate = torch.zeros(ids.shape)
    gate[:, 0] = 1
    plan = MaskPlan(attention_bias=bias, token_gate=gate, gate_mode="attention")
    model(ids, valid, Request(plan)).logits.sum().backward()
    assert all(p.grad.isfinite().all() for p in model.parameters() if p.grad is not None)


@pytest.mark.parametrize("pooling", ["mean", "cls"])
def test_a_text_without_any_token_left_has_an_answer_that_does_not_depend_on_it(pooling: str) -> None:
    model = make(pooling)
    ids, valid = texts(6, 3)
    keep = torch.zeros_like(valid)
    keep[:, 0] = True
    logits = model(ids, valid, Request(MaskPlan(keep=keep))).logits
    assert logits.isfinite().all()
    torch.testing.assert_close(logits[0], logits[1], atol=1e-6, rtol=1e-6)
    empty = model(torch.tensor([[CLS]]), torch.tensor([[True]]), NOTHING).logits
    torch.testing.assert_close(logits[0], empty[0], atol=1e-6, rtol=1e-6)


def test_removing_equals_masking_the_edges_and_leaving_the_token_out_of_the_pooling() -> None:
    model = make("cls")
    ids, valid = texts(6, 5)
    keep = valid.clone()
    keep[:, 2] = keep[0, 5] = False
    bias = torch.zeros(2, 1, 1, 7).masked_fill(~keep[:, None, None], -torch.inf)
    removed, masked = MaskPlan(keep=keep), MaskPlan(attention_bias=bias)
    one, other = (model(ids, valid, Request(plan)).logits for plan in (removed, masked))
    torch.testing.assert_close(one, other, atol=1e-6, rtol=1e-6)


@pytest.mark.parametrize("mode", MODES)
def test_looking_inside_does_not_change_the_answer(mode: GateMode) -> None:
    model = make()
    ids, valid = texts(8, 5, 2)
    keep = torch.rand(ids.shape, generator=torch.Generator().manual_seed(3)) < 0.8
    keep[:, 0] = True
    plan = MaskPlan(
        token_gate=gates(ids, valid),
        gate_mode=mode,
        keep=keep,
        attention_bias=torch.randn(3, 2, 9, 9, generator=torch.Generator().manual_seed(4)),
        head_gate=torch.tensor([[0.3, 1.0], [0.5, 0.0]]),
    )
    traced = model(ids, valid, Request(plan, trace=True)).logits
    fast, nothing = both(model(ids, valid, Request(plan)))
    torch.testing.assert_close(fast, traced, atol=1e-5, rtol=1e-5)
    assert nothing is None


@settings(max_examples=25)
@given(st.lists(st.integers(1, 10), min_size=1, max_size=5), st.integers(0, 1000), st.sampled_from(MODES))
def test_a_text_does_not_see_the_other_texts_or_the_padding(others: list[int], seed: int, mode: GateMode) -> None:
    model = make()
    ids, valid = texts(5, *others, seed=seed)
    gate = gates(ids, valid, seed)
    together = model(ids, valid, Request(MaskPlan(token_gate=gate, gate_mode=mode, keep=gate > 0.2))).logits
    plan = MaskPlan(token_gate=gate[:1, :6], gate_mode=mode, keep=gate[:1, :6] > 0.2)
    alone = model(ids[:1, :6], valid[:1, :6], Request(plan)).logits
    torch.testing.assert_close(together[:1], alone, atol=1e-5, rtol=1e-5)


def test_a_closed_head_adds_nothing() -> None:
    model = make()
    ids, valid = texts(6)
    closed = MaskPlan(head_gate=torch.zeros(2, 2))
    for block in model.encoder.blocks:
        block.attention.out.bias.normal_()
    gated = model(ids, valid, Request(closed)).logits
    for block in model.encoder.blocks:
        block.attention.out.weight.zero_()
    silent = model(ids, valid, NOTHING).logits
    torch.testing.assert_close(gated, silent)


def test_head_gates_may_differ_by_text() -> None:
    model = make()
    ids, valid = texts(6, 6)
    each = torch.tensor([[[0.2, 1.0], [1.0, 0.0]], [[1.0, 0.5], [0.0, 1.0]]])  # [B, L, H]
    logits = model(ids, valid, Request(MaskPlan(head_gate=each))).logits
    for row in range(2):
        alone = model(ids[row : row + 1], valid[row : row + 1], Request(MaskPlan(head_gate=each[row]))).logits
        torch.testing.assert_close(logits[row : row + 1], alone, atol=1e-6, rtol=1e-6)


def test_only_training_replaces_tokens_by_the_unknown_word() -> None:
    model = make(token_dropout=0.9, dropout=0.0, embedding_dropout=0.0)
    ids, valid = texts(8)
    calm = model(ids, valid, NOTHING).logits
    assert torch.equal(model(ids, valid, NOTHING).logits, calm)
    model.train()
    assert not torch.equal(model(ids, valid, NOTHING).logits, calm)


def test_a_layer_plan_sees_the_attention_of_the_heads_that_are_left_traced_or_not() -> None:
    model = make()
    ids, valid = texts(6, 4)
    context = MaskContext(ids, valid, ids < 4, torch.arange(2), 1, 0, "test")
    seen: list[Tensor] = []

    def look(layer: LayerContext) -> MaskPlan:
        if layer.attention is not None:
            seen.append(layer.attention)
        return MaskPlan()

    plan = MaskPlan(head_keep=torch.tensor([[False, True], [True, True]]))
    for trace in (False, True):
        model(ids, valid, Request(plan, context, look, need_weights=True, trace=trace))
    assert seen[0].shape[1] == 1
    torch.testing.assert_close(seen[0], seen[1])
