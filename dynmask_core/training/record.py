"""Records the few watched samples: their masks, attention and answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from dynmask_core.attention_code import encode
from dynmask_core.data.encode import pad
from dynmask_core.events import ProbeRecord
from dynmask_core.inputs import MAX_MAP
from dynmask_core.masked_model import MaskedModel
from dynmask_core.masks import MaskContext, MaskPlan
from dynmask_core.model import Trace

MANY = 48
"""How many units of most watched sentences have their attention kept: a map of 129 units is seven times as large."""


def record_texts(masked: MaskedModel, samples: Sequence[str], epoch: int, by_words: bool = False) -> list[ProbeRecord]:
    """See `record`; samples as they are written, cut to a readable length.

    by_words: the mask treats the units of a word together.
    """
    reader = masked.reader
    units = [reader.read(sample, reader.recorded) for sample in samples]
    word_ids = None
    if by_words and samples:
        numbers = zip((reader.word_ids(sample) for sample in samples), units, strict=True)
        word_ids = pad([number[: len(sample)] for number, sample in numbers], -1)
    return record(masked, units, epoch, word_ids)


def record(
    masked: MaskedModel, units: Sequence[np.ndarray], epoch: int, word_ids: np.ndarray | None = None
) -> list[ProbeRecord]:
    """What the model does with each sample: the mask that a training sample would get, the attention under it, and the
    answer (without the mask if it is for training only).

    units: see Input.read. word_ids: see MaskContext. Attention is recorded between the first MAX_MAP units.
    """
    if not units:
        return []
    # Negative and different, so that a random mask sees each as a sample of its own.
    outsiders = -1 - np.arange(len(units))
    context = masked.batch(units, outsiders, "probe", epoch, word_ids)
    strategy = masked.strategy
    with torch.inference_mode():
        values_of = strategy.plans(context)
        plan = strategy.together(values_of)
        output = masked.forward(context, plan, trace=True)
        trace = output.trace
        assert trace is not None
        values = unit_values(context, plan, values_of, trace)
        masks, bands = values.cpu().numpy(), band_values(context, plan, values)
        if strategy.only_training:
            predicting = replace(context, split="test")
            output = masked.forward(predicting, strategy.plan(predicting))
        answers, marked = masked.answers(output), masked.marked(output)
    probabilities = answers.cpu().numpy()
    marks = None if marked is None else marked.cpu().numpy()
    maps, keys, heads = _attention(trace)
    records = []
    for row, sample in enumerate(units):
        end = min(len(sample), MAX_MAP)
        records.append(
            ProbeRecord(
                mask=masks[row, 1 : len(sample)].astype(np.float32),
                probabilities=probabilities[row],
                attention=maps[row, :, :, :end, :end],
                keys=keys[row, :, :, :end],
                heads=heads[row],
                marks=None if marks is None else marks[row, 1 : len(sample)],
                bands=None if bands is None else bands[row, 1 : len(sample)],
            )
        )
    return records


def cropped(record: ProbeRecord) -> ProbeRecord:
    """The same with the attention between the first MANY units only."""
    first = slice(MANY)
    return replace(record, attention=record.attention[..., first, first], keys=record.keys[..., first])


def _attention(trace: Trace) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of all samples: codes [B, L, H, S, S], keys [B, L, H, S] and open heads [B, L, H], see ProbeRecord."""
    whole = trace.attention[0].shape  # [B, H, T, T]
    size = min(whole[-1], MAX_MAP)
    codes, keys, heads = [], [], []
    for weights, edges, gate in zip(trace.attention, trace.edges, trace.heads, strict=True):
        opened = gate.expand(whole[:2])
        allowed = edges.expand(whole) & (opened > 0)[..., None, None]
        keys.append(allowed.sum(-1)[..., :size].cpu().numpy().astype(np.uint16))
        seen = (slice(None), slice(None), slice(size), slice(size))
        codes.append(encode(weights[seen].cpu().numpy(), allowed[seen].cpu().numpy()))
        heads.append(opened.cpu().numpy().astype(np.float32))
    return np.stack(codes, 1), np.stack(keys, 1), np.stack(heads, 1)


def unit_values(context: MaskContext, plan: MaskPlan, parts: Sequence[MaskPlan], trace: Trace) -> Tensor:
    """float [B, T] in [0, 1]: the value shown for the mask of each unit.

    The gate on the input, if there is one, also for a unit that this gate itself removes (its value lies below θ);
    0 for units removed or changed in another way; times the mean over the blocks of what layer plans let through, and
    times the mean over the numbers of a unit, such as the bands of a sound.

    parts: the plans of the arm's strategies, which `plan` combines.
    """
    shown = torch.stack(trace.gates).mean(0)
    if plan.token_gate is not None:
        gone_by_gate = _removed([part for part in parts if part.token_gate is not None], shown)
        gone_otherwise = _removed([part for part in parts if part.token_gate is None], shown)
        shown = torch.where(gone_by_gate & ~gone_otherwise, 1.0, shown) * plan.token_gate
    if (numbers := _by_number(plan)) is not None:
        shown = shown * numbers.mean(-1)
    if plan.units is not None and plan.shown is None:
        changed = plan.units != context.units
        shown = torch.where(changed.flatten(2).any(-1) if changed.ndim > 2 else changed, 0.0, shown)
    return torch.where(context.special, 1.0, shown)


def band_values(context: MaskContext, plan: MaskPlan, values: Tensor) -> np.ndarray | None:
    """uint8 [B, T, bands], see ProbeRecord. values: of the whole units, see `unit_values`."""
    numbers = _by_number(plan)
    if numbers is None or not context.bands:
        return None
    B, T, _ = numbers.shape
    gate = numbers.reshape(B, T, -1, context.bands).mean(2)  # [B, T, bands]
    # What else acts on a unit acts on all its bands alike.
    alike = values / gate.mean(-1).clamp_min(1e-9)
    found: np.ndarray = (gate * alike[..., None] * 255).round().clamp(0, 255).to(torch.uint8).cpu().numpy()
    return found


def _by_number(plan: MaskPlan) -> Tensor | None:
    """float [B, T, F] in [0, 1]: the mask of each number of each unit, if the plan has one."""
    found = [gate for gate in (plan.feature_gate, plan.shown) if gate is not None]
    return torch.stack(found).prod(0) if found else None


def _removed(parts: Sequence[MaskPlan], like: Tensor) -> Tensor:
    """bool [B, T]: the units that any of the plans removes."""
    gone = torch.zeros_like(like, dtype=torch.bool)
    for part in parts:
        if part.keep is not None:
            gone = gone | ~part.keep
    return gone
