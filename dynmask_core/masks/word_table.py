"""Masks with one value per token, and masks where that value depends on the word alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np

from dynmask_core.config import Controls
from dynmask_core.data.tokenize import UNK
from dynmask_core.keys import generator
from dynmask_core.lazy import torch
from dynmask_core.masks.base import MaskStrategy, Need, Param
from dynmask_core.masks.context import CorpusStatistics, MaskContext
from dynmask_core.masks.plan import MaskPlan

if TYPE_CHECKING:
    from torch import Tensor


def initial_mask(kind: str, size: int, rng: np.random.Generator, value: float = 0.5) -> np.ndarray:
    """float32 [size] in [0, 1]: "uniform" on [0, 1], "normal" N(0.5, 0.2²) clipped, or "constant" `value`."""
    if kind == "uniform":
        return rng.random(size, dtype=np.float32)
    if kind == "normal":
        return np.clip(rng.normal(0.5, 0.2, size), 0, 1).astype(np.float32)
    if kind == "constant":
        return np.full(size, value, dtype=np.float32)
    raise ValueError(f"initial mask {kind!r}: choose uniform, normal or constant")


PACE = Param("pace", 1.0, 0.0, 10.0, scheduled=True)
"""Multiplies α in strategies that move their mask by ±α."""


def moved(mask: np.ndarray, evidence: np.ndarray, controls: Controls, pace: float) -> np.ndarray:
    """float32, m ± α·pace where |evidence| > τ, clipped to [0, 1]. evidence: as large as `mask`."""
    direction = np.sign(evidence) * (np.abs(evidence) > controls.evidence_threshold)
    stepped: np.ndarray = np.clip(mask + controls.step_size * pace * direction, 0, 1).astype(np.float32)
    return stepped


class TokenValues(MaskStrategy):
    """A value in [0, 1] for each token, computed from the words alone. Tokens below θ leave the text."""

    predictable = True
    needs: ClassVar[frozenset[Need]] = frozenset({"words"})
    threshold = 0.0

    def token_values(self, context: MaskContext) -> Tensor:
        """float [B, T] in [0, 1]; values of tokens that are not maskable are ignored."""
        raise NotImplementedError

    def on_epoch(self, epoch: int, controls: Controls) -> None:
        super().on_epoch(epoch, controls)
        self.threshold = controls.keep_threshold

    def plan(self, context: MaskContext) -> MaskPlan:
        gate = torch.where(context.maskable, self.token_values(context), 1.0)
        return MaskPlan(token_gate=gate, gate_mode=self.setting.mask.gate_mode, keep=gate >= self.threshold)

    def state_dict(self) -> dict[str, np.ndarray]:
        return {**super().state_dict(), "threshold": np.array([self.threshold])}

    def load_state_dict(self, state: Mapping[str, np.ndarray]) -> None:
        super().load_state_dict(state)
        self.threshold = float(state["threshold"][0])


class WordMask(TokenValues):
    """A table of values, looked up by word."""

    saved: ClassVar[tuple[str, ...]] = ("mask",)
    default_initial: ClassVar[Literal["uniform", "normal", "constant"]] = "constant"
    mask: np.ndarray
    """float32 [V]."""

    def fit(self, corpus: CorpusStatistics) -> None:
        config = self.setting.mask
        kind = self.default_initial if config.initial == "default" else config.initial
        # The key does not contain the strategy's name: static and dynamic arms start from the same mask.
        rng = generator(self.seed, "initial mask")
        self.mask = initial_mask(kind, len(corpus.words), rng, config.initial_value)
        # [UNK] stands for all words never seen: one random value would decide for all of them at once.
        self.mask[UNK] = config.initial_value if kind == "constant" else 0.5

    def move(self, evidence: np.ndarray, controls: Controls) -> None:
        """m ± α·pace where |evidence| > τ, clipped to [0, 1]. evidence: float [V]; its sign says up or down."""
        self.mask = moved(self.mask, evidence, controls, self.at("pace"))

    def token_values(self, context: MaskContext) -> Tensor:
        return torch.from_numpy(self.mask).to(context.device)[context.input_ids]

    def word_mask(self) -> np.ndarray:
        return self.mask
