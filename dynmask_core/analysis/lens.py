"""The mask lens: how the attention of one word comes about, number by number, in a trained model's own forward pass."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import copy, deepcopy
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from dynmask_core.analysis.subject import Subject
from dynmask_core.errors import InputError
from dynmask_core.masks.library.entmax import NEARLY_SOFTMAX, entmax
from dynmask_core.masks.plan import AttentionMap
from dynmask_core.model.attention import REMOVED, Attention, Edges, Heads
from dynmask_core.training.record import unit_values

SPECIAL = "[CLS]"
SOFTMAX = 1.0
"""The α of α-entmax that is softmax."""


@dataclass(frozen=True, eq=False)
class LensRow:
    """How one query shares its attention out over the T keys, in one head of one block.

    dot: float32 [T], q·k. scaled: dot/√d. bias: what masks add to the scores, −inf for an edge that is forbidden.
    score: scaled + bias. weight: in [0, 1], what the model's softmax (or the map in its place) made of the scores.
    value: float32 [T, d], the keys' values. length: float32 [T], their lengths. part: weight × length, see `SOURCE`.
    result: float32 [d], the weighted sum of the values, times the head's gate. The rest: see Lens.
    """

    arm: str
    epoch: int
    layer: int
    head: int
    query: int
    words: tuple[str, ...]
    mask: np.ndarray
    removed: np.ndarray
    dot: np.ndarray
    scaled: np.ndarray
    bias: np.ndarray
    score: np.ndarray
    weight: np.ndarray
    value: np.ndarray
    length: np.ndarray
    part: np.ndarray
    result: np.ndarray
    gate: float
    alpha: float | None

    def to_json(self) -> dict[str, Any]:
        """Numbers of every key. JSON has no infinity: `bias` and `score` of a forbidden edge are null."""
        keys = [
            {
                "word": word,
                "mask": float(self.mask[k]),
                "removed": bool(self.removed[k]),
                "dot": float(self.dot[k]),
                "scaled": float(self.scaled[k]),
                "bias": _finite(self.bias[k]),
                "score": _finite(self.score[k]),
                "weight": float(self.weight[k]),
                "length": float(self.length[k]),
                "part": float(self.part[k]),
            }
            for k, word in enumerate(self.words)
        ]
        at = {"arm": self.arm, "epoch": self.epoch, "layer": self.layer, "head": self.head, "query": self.query}
        told = {"word": self.words[self.query], "map": self.map, "alpha": self.alpha, "head_gate": self.gate}
        return at | told | {"result_length": float(np.linalg.norm(self.result)), "keys": keys}

    @property
    def map(self) -> str:
        """What makes weights of scores: "softmax", "entmax" (with `alpha`), or "other"."""
        return "other" if self.alpha is None else "softmax" if self.alpha == SOFTMAX else "entmax"


SOURCE = "Kobayashi et al. (2020), Attention is Not Only a Weight, EMNLP, doi:10.18653/v1/2020.emnlp-main.574"
"""Why a weight is shown together with the length of the value that it multiplies."""


@dataclass(frozen=True, eq=False)
class Lens:
    """All attention of an arm for one sentence. L blocks, H heads, T units, the special one first, d = D/H.

    words: T, as written. mask: float32 [T] in [0, 1], as the player shows it. removed: bool [L, T], True where no query
    may attend to the unit: it has left the text, or its gate in attention is closed. dot, bias, weight: float32
    [L, H, T, T], rows are queries; see LensRow. value: float32 [L, H, T, d]. gate: float32 [L, H] in [0, 1], 0 for a
    head that is removed. alpha: of each block; SOFTMAX, more for α-entmax, None for a map that is neither. sites: where
    the arm's masks act. only_training: predictions are made without the mask that is shown.
    """

    arm: str
    epoch: int
    words: tuple[str, ...]
    mask: np.ndarray
    removed: np.ndarray
    dot: np.ndarray
    bias: np.ndarray
    weight: np.ndarray
    value: np.ndarray
    gate: np.ndarray
    alpha: tuple[float | None, ...]
    sites: tuple[str, ...]
    only_training: bool

    def row(self, layer: int, head: int, query: int) -> LensRow:
        """Numbers from 0. Raises InputError `no_place`."""
        for name, value, size in zip(("layer", "head", "query"), (layer, head, query), self.weight.shape, strict=False):
            if not 0 <= value < size:
                raise InputError("no_place", name=name, value=value, most=size - 1)
        at = layer, head, query
        dot, bias, weight, value = self.dot[at], self.bias[at], self.weight[at], self.value[layer, head]
        scaled = dot / np.float32(math.sqrt(value.shape[1]))
        length, gate = np.linalg.norm(value, axis=1), float(self.gate[layer, head])
        return LensRow(
            self.arm, self.epoch, layer, head, query, self.words, self.mask, self.removed[layer],
            dot, scaled, bias, scaled + bias, weight, value, length, weight * length, gate * (weight @ value), gate,
            self.alpha[layer],
        )  # fmt: skip


def lens(subject: Subject, text: str, sample: int = -1) -> Lens:
    """What the model does with a sentence, cut to a readable length, under the mask that a training text would get.

    sample: the number that random masks see, −1 − i for the i-th watched sentence: the lens then shows what the player
    has recorded. Raises InputError `no_units` for a text without words.
    """
    reader = subject.reader
    shown, units = reader.show(text, reader.recorded), reader.read(text, reader.recorded)
    if not shown.spans:
        raise InputError("no_units")
    context = subject.batch([units], np.array([sample]), "probe", subject.epoch)
    strategy, own = subject.strategy, _apart(subject)
    with torch.inference_mode(), _watched(own.model) as seen:
        parts = strategy.plans(context)
        plan = strategy.together(parts)
        trace = own.forward(context, plan, trace=True).trace
        assert trace is not None
        mask = unit_values(context, plan, parts, trace)[0]
    bias = np.stack([one.bias for one in seen])
    return Lens(
        arm=subject.arm,
        epoch=subject.epoch,
        words=(SPECIAL, *(shown.text[a:b] for a, b in shown.spans)),
        mask=mask.float().cpu().numpy(),
        removed=torch.stack(trace.gates)[:, 0].eq(0).cpu().numpy(),
        dot=np.stack([one.dot for one in seen]),
        bias=bias,
        weight=np.stack([one.weight for one in seen]),
        value=np.stack([one.value for one in seen]),
        gate=np.stack([one.gate for one in seen]),
        alpha=tuple(one.alpha for one in seen),
        sites=tuple(dict.fromkeys(part.site for part in strategy.parts if part.site != "none")),
        only_training=strategy.only_training,
    )


def telling(lenses: Sequence[Lens]) -> tuple[int, int, int]:
    """(layer, head, query): the row of a word in which the last arm differs most from the first, by the shares that go
    to other keys; of a single arm, the row that is farthest from even shares among the keys that its mask allows.
    Removed heads and words come last."""
    last = lenses[-1]
    moved = np.abs(last.weight - (lenses[0].weight if len(lenses) > 1 else _even(last))).sum(-1)  # [L, H, T]
    moved = moved * (np.minimum(lenses[0].gate, lenses[-1].gate) > 0)[..., None]
    gone = np.logical_or(lenses[0].removed, lenses[-1].removed)[:, None]  # [L, 1, T]
    moved = np.where(gone, -1.0, moved)
    moved[..., 0] = -2  # the special unit is no word
    layer, head, query = (int(i) for i in np.unravel_index(moved.argmax(), moved.shape))
    return layer, head, query


def _even(one: Lens) -> np.ndarray:
    """float [L, H, T, T]: what each query would give to every key, if it gave the same to all that it may look at."""
    allowed = np.isfinite(one.bias) & ~one.removed[:, None, None, :]
    even: np.ndarray = allowed / np.maximum(allowed.sum(-1, keepdims=True), 1)
    return even


@dataclass(frozen=True)
class _Seen:
    """One block's attention of the first sample of a batch; see Lens."""

    dot: np.ndarray
    bias: np.ndarray
    weight: np.ndarray
    value: np.ndarray
    gate: np.ndarray
    alpha: float | None


def _apart(subject: Subject) -> Subject:
    """The same model with the same weights in modules of its own, so that nobody else's question is watched."""
    own, model = copy(subject), subject.model
    own.model = deepcopy(model, {id(tensor): tensor for tensor in (*model.parameters(), *model.buffers())})
    return own


@contextmanager
def _watched(model: nn.Module) -> Iterator[list[_Seen]]:
    """While it lasts, every block's attention is noted as it is computed."""
    seen: list[_Seen] = []
    hooks = [
        module.register_forward_hook(lambda module, given, made: seen.append(_note(module, given, made)))
        for module in model.modules()
        if isinstance(module, Attention)
    ]
    try:
        yield seen
    finally:
        for hook in hooks:
            hook.remove()


def _note(attention: Attention, given: tuple[Tensor, Edges, Heads, bool], made: tuple[Tensor, Tensor]) -> _Seen:
    """given, made: what the block's attention has just got and returned, see Attention. Queries, keys and values are
    computed once more: it returns only the weights. All heads are there, as tracing closes removed ones instead of
    cutting them out."""
    (x, edges, heads, _), (_, weights) = given, made
    _, T, D = x.shape
    H = attention.heads
    q, k, v = attention.qkv(x[:1]).view(T, 3, H, D // H).permute(1, 2, 0, 3)  # 3 × [H, T, d]
    bias = edges.bias.expand(len(x), H, T, T)[0]
    gate = x.new_ones(H) if heads.gate is None else heads.gate.expand(len(x), H)[0]
    return _Seen(
        dot=_array(q @ k.transpose(-2, -1)),
        bias=_array(bias.masked_fill(bias <= REMOVED, -torch.inf)),
        weight=_array(weights[0]),
        value=_array(v),
        gate=_array(gate),
        alpha=_alpha(edges.attention_map),
    )


def _alpha(attention_map: AttentionMap | None) -> float | None:
    """The α of the map as α-entmax; None if it is another map."""
    if attention_map is None:
        return SOFTMAX
    if getattr(attention_map, "func", None) is not entmax:
        return None
    alpha = float(getattr(attention_map, "keywords", {})["alpha"])
    return SOFTMAX if alpha < NEARLY_SOFTMAX else alpha


def _array(values: Tensor) -> np.ndarray:
    array: np.ndarray = values.float().cpu().numpy().copy()
    return array


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
