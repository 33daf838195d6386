"""The few sentences whose masks and attention are recorded every epoch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch

from dynmask_core.arm import Arm
from dynmask_core.data.encode import tokens_of
from dynmask_core.data.tokenize import Tokenizer, Vocabulary
from dynmask_core.events import ProbeRecord
from dynmask_core.masks import MaskContext, MaskPlan
from dynmask_core.model import Trace

MAX_PROBE_TOKENS = 128
ATTENTION_TOKENS = 47
"""Attention is recorded among [CLS] and this many tokens: nobody could read a larger map."""


def encode_probe(text: str, tokenizer: Tokenizer, vocabulary: Vocabulary, max_tokens: int) -> np.ndarray:
    """int32 [T+1]: [CLS] and at most MAX_PROBE_TOKENS tokens, fewer where the model takes fewer (`max_tokens`)."""
    limit = min(max_tokens, MAX_PROBE_TOKENS)
    spans = np.array(tokenizer.spans(text)[:limit], dtype=np.int32).reshape(-1, 2)
    return vocabulary.encode(tokens_of(text, spans))


def record(
    arm: Arm, sequences: Sequence[np.ndarray], epoch: int, word_ids: np.ndarray | None = None
) -> list[ProbeRecord]:
    """What the arm does with each id sequence ([CLS] first) in this epoch: the mask that a training text would get, the
    attention under it, and the prediction. A mask for training alone is left out when the prediction is made.

    word_ids: see MaskContext.
    """
    if not sequences:
        return []
    # A number that no text of the data has: a random mask then draws for each sentence separately.
    outsiders = -1 - np.arange(len(sequences))
    context = arm.batch(sequences, outsiders, "probe", epoch, word_ids)
    with torch.inference_mode():
        plan = arm.strategy.plan(context)
        output = arm.forward(arm.averaged, context, plan, trace=True)
        answers = arm.answers(output)
        if arm.strategy.only_training:
            predicting = replace(context, split="test")
            answers = arm.answers(arm.forward(arm.averaged, predicting, arm.strategy.plan(predicting)))
    trace = output.trace
    assert trace is not None
    probabilities = answers.cpu().numpy()
    masks = token_values(context, plan, trace).cpu().numpy()
    size = min(context.input_ids.shape[1], ATTENTION_TOKENS + 1)
    # A removed head's map is empty.
    maps = [a[:, :, :size, :size] * g[..., None, None] for a, g in zip(trace.attention, trace.heads, strict=True)]
    coded = (torch.stack(maps, 1) * 255).round().to(torch.uint8).cpu().numpy()  # [B, L, H, S, S]
    records = []
    for row, ids in enumerate(sequences):
        end = min(len(ids), size)
        records.append(
            ProbeRecord(
                mask=masks[row, 1 : len(ids)].astype(np.float32),
                probabilities=probabilities[row],
                attention=coded[row, :, :, :end, :end],
            )
        )
    return records


def token_values(context: MaskContext, plan: MaskPlan, trace: Trace) -> torch.Tensor:
    """float [B, T] in [0, 1]: what a reader is shown of each token's mask.

    Where the embedding has a gate, its value, even for a token that θ removes; else 0 for tokens that are removed or
    replaced by [MASK]. This is multiplied by what layer plans let through, averaged over the blocks.
    """
    shown = torch.stack(trace.gates).mean(0)
    if plan.token_gate is not None:
        kept = torch.stack(trace.gates).amax(0) > 0
        shown = torch.where(kept | context.special, shown, 1.0) * plan.token_gate
    if plan.units is not None:
        shown = torch.where(plan.units == context.input_ids, shown, 0.0)
    return torch.where(context.special, 1.0, shown)
