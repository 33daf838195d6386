"""Token gates learned by gradient: one per word, or computed from the words around."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from dynmask_core.keys import generator, seed_of, uniform_grid
from dynmask_core.lazy import F, torch
from dynmask_core.masks.base import MaskStrategy, Need, Param, Setting, Value
from dynmask_core.masks.context import CorpusStatistics, MaskContext
from dynmask_core.masks.ops.lagrangian import Lagrangian
from dynmask_core.masks.ops.relaxed import straight_through
from dynmask_core.masks.plan import MaskPlan

if TYPE_CHECKING:
    from torch import Tensor

WIDTH, WINDOW = 16, 5
"""The encoder that computes a gate from its context: vector width, and window in words around the gated one."""
NEIGHBOURS = 0.25
"""Initial weight of the other words in the window, relative to the gated word."""
GAIN = 10.0
"""Scores of words and heads are learned in these units. A word occurs in few steps and Adam's steps all have the same
size, so without these units closing a gate would take more steps than a short run has."""
BY = Param("by", "word", choices=("word", "context"))
TARGET = Param("target", 0.5, 0.0, 1.0)


class Constrained(MaskStrategy):
    """Learns under a constraint: adds `constraint.loss` to the plans of training steps."""

    refresh = "forward"
    source = "learned"

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self.constraint = Lagrangian()

    def feedback(self, context: MaskContext, plan: MaskPlan) -> None:
        self.constraint.step()

    def state_dict(self) -> dict[str, np.ndarray]:
        return {**super().state_dict(), "multiplier": self.constraint.state()}

    def load_state_dict(self, state: Mapping[str, np.ndarray]) -> None:
        super().load_state_dict(state)
        self.constraint.load(state["multiplier"])


class LearnedGate(Constrained):
    """A random gate per token in training, a fixed one in prediction; the share of open gates is held at `target`.

    The share counts fixed gates, because predictions use those; its gradient is that of the probability of being open
    (straight through). Probe sentences show the fixed gate.
    """

    family = "gate"
    needs: ClassVar[frozenset[Need]] = frozenset({"words"})
    start: ClassVar[tuple[float, ...]] = (0.0,)
    """Initial scores; a gate is made from one or more scores per token."""
    removes: ClassVar[bool] = True
    """Whether tokens with gate 0 leave the text."""

    @classmethod
    def needs_of(cls, values: Mapping[str, Value]) -> frozenset[Need]:
        return cls.needs | {"order"} if cls._by(values) == "context" else cls.needs

    @classmethod
    def _by(cls, values: Mapping[str, Value]) -> str:
        return str(cls.complete(values).get(BY.name, "context"))

    def sample(self, scores: Tensor, noise: Tensor) -> Tensor:
        """scores float [B, T, len(start)], noise [B, T] → gate [B, T] in [0, 1]."""
        raise NotImplementedError

    def fixed(self, scores: Tensor) -> Tensor:
        """scores float [..., len(start)] → gate in [0, 1] without noise."""
        raise NotImplementedError

    def open(self, scores: Tensor) -> Tensor:
        """scores float [..., len(start)] → P(gate > 0)."""
        raise NotImplementedError

    def extra_loss(self, scores: Tensor, words: Tensor) -> Tensor | None:
        """A further loss on the gates, or None."""
        return None

    def fit(self, corpus: CorpusStatistics) -> None:
        outputs = np.array(self.start, dtype=np.float32)
        if self._by(self.values) == "word":
            self.learn("words", np.tile(outputs / GAIN, (len(corpus.words), 1)))
            return
        rng = generator(self.seed, "gate encoder")
        # Random from the start: equal gates would all close in the same step.
        self.learn("embedding", rng.normal(0, 1, (len(corpus.words), WIDTH)))
        window = rng.normal(0, WIDTH**-0.5, (WIDTH, WIDTH, WINDOW))
        window[..., np.arange(WINDOW) != WINDOW // 2] *= NEIGHBOURS
        self.learn("window", window)
        self.learn("window_bias", np.zeros(WIDTH))
        self.learn("out", rng.normal(0, 0.25, (len(outputs), WIDTH)))
        self.learn("out_bias", outputs)

    def scores(self, context: MaskContext) -> Tensor:
        """float [B, T, len(start)]."""
        learned = self.trainable
        if "words" in learned:
            return GAIN * learned["words"][context.input_ids]
        vectors = F.embedding(context.input_ids, learned["embedding"]) * context.attention_mask[..., None]
        seen = F.conv1d(vectors.transpose(1, 2), learned["window"], learned["window_bias"], padding=WINDOW // 2)
        return F.linear(seen.tanh().transpose(1, 2), learned["out"], learned["out_bias"])

    def plan(self, context: MaskContext) -> MaskPlan:
        scores, words, loss = self.scores(context), context.maskable, None
        if context.split == "train":
            key = seed_of(self.seed, self.name, context.epoch, context.step)
            noise = torch.from_numpy(uniform_grid(key, context.sample.cpu().numpy(), words.shape[1])).to(scores)
            gate = self.sample(scores, noise)
            soft, hard = self.open(scores), self.fixed(scores) > 0
            share = (straight_through(soft, hard) * words).sum() / words.sum().clamp_min(1)
            loss = self.constraint.loss(share - float(self.values["target"]))
            extra = self.extra_loss(scores, words)
            loss = loss if extra is None else loss + extra
        else:
            gate = self.fixed(scores)
        gate = torch.where(words, gate, 1.0)
        mode = self.setting.mask.gate_mode if self.removes else "interpolate"
        return MaskPlan(token_gate=gate, gate_mode=mode, keep=gate > 0 if self.removes else None, aux_loss=loss)

    def word_mask(self) -> np.ndarray | None:
        if "words" not in self.trainable:
            return None
        with torch.no_grad():
            array: np.ndarray = self.fixed(GAIN * self.trainable["words"]).cpu().numpy()
        return array
