"""The few sentences whose masks and attention are recorded every epoch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from dynmask_core.arm import Arm
from dynmask_core.data.encode import tokens_of
from dynmask_core.data.tokenize import Tokenizer, Vocabulary
from dynmask_core.events import ProbeRecord

MAX_PROBE_TOKENS = 128
ATTENTION_TOKENS = 47
"""Attention is recorded between [CLS] and this many tokens: a larger map cannot be read."""


def encode_probe(text: str, tokenizer: Tokenizer, vocabulary: Vocabulary, max_tokens: int) -> np.ndarray:
    """int32 [T+1]: [CLS] and at most MAX_PROBE_TOKENS tokens, fewer where the model takes fewer (`max_tokens`)."""
    limit = min(max_tokens, MAX_PROBE_TOKENS)
    spans = np.array(tokenizer.spans(text)[:limit], dtype=np.int32).reshape(-1, 2)
    return vocabulary.encode(tokens_of(text, spans))


def record(arm: Arm, sequences: Sequence[np.ndarray], epoch: int) -> list[ProbeRecord]:
    """What the arm, as it would predict now, does with each id sequence ([CLS] first)."""
    if not sequences:
        return []
    context = arm.batch(sequences, np.full(len(sequences), -1), "probe", epoch)
    with torch.inference_mode():
        plan = arm.strategy.plan(context)
        logits, trace = arm.averaged(context.ids, context.valid, plan, trace=True)
    probabilities = logits.float().softmax(-1).cpu().numpy()
    gate = context.valid.float() if plan.token_gate is None else plan.token_gate
    masks = gate.cpu().numpy()
    size = min(context.ids.shape[1], ATTENTION_TOKENS + 1)
    attention = torch.stack([layer[:, :, :size, :size] for layer in trace.attention], 1)  # [B, L, H, S, S]
    coded = (attention * 255).round().to(torch.uint8).cpu().numpy()
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
