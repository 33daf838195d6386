"""Noise: in training, sounds are heard in noise, the same in every epoch or another one each time."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, cast

import numpy as np

from dynmask_core.data.sound.features import FLOOR, RANGE, power_of
from dynmask_core.data.sound.noise import NOISES, noise
from dynmask_core.keys import generator, seed_of, uniform_grid
from dynmask_core.lazy import torch
from dynmask_core.masks.base import MaskStrategy, Param, Refresh, Setting, register
from dynmask_core.masks.context import CorpusStatistics, MaskContext
from dynmask_core.masks.ops.sampling import turn
from dynmask_core.masks.plan import MaskPlan

if TYPE_CHECKING:
    from torch import Tensor

SECONDS = 20
"""Of each kind of noise, from which a training sound gets a part."""
ALL = "all"


@register
class Noise(MaskStrategy):
    """Adds noise of `kind`, `least` to `most` decibels below the sound on average, to every band of every frame.

    The power of sound and noise adds up, as it does on average; that of two waves also depends on their phases, which a
    spectrogram does not hold. How many decibels a number of a unit stands for is known on average over the training
    sounds alone, so the distance is exact on average, not for every sound. `refresh` covers the range from noise that
    each sound keeps (dataset) over `k` copies in turn (cycle) to noise drawn anew (epoch, forward).

    What is shown is the ideal ratio mask, √(S/(S + N)): how much of what is heard is the sound's.
    """

    name = "noise"
    family = "random"
    site = "corruption"
    source = "random"
    needs = frozenset({"bands", "order"})
    replaces = "units"
    only_training = True
    paper = "Ko et al. 2017, A Study on Data Augmentation of Reverberant Speech for Robust Speech Recognition"
    formula = r"x = 10\log_{10}(S + N),\quad 10\log_{10}\bar S/\bar N \sim U[\text{least}, \text{most}]"
    parameters = (
        Param("refresh", "epoch", choices=("dataset", "cycle", "every", "epoch", "forward")),
        Param("kind", ALL, choices=(ALL, *NOISES)),
        Param("least", 0.0, -20.0, 60.0, scheduled=True),
        Param("most", 20.0, -20.0, 60.0, scheduled=True),
        Param("k", 4, 1, 1000),
    )
    saved = ("scale",)
    scale: np.ndarray
    """float32 [2]: values a second, and decibels; see CorpusStatistics."""

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        changes = str(self.values["refresh"])
        self.refresh = cast(Refresh, "epoch" if changes in ("cycle", "every") else changes)

    def fit(self, corpus: CorpusStatistics) -> None:
        self.scale = np.array([corpus.rate, corpus.decibels], dtype=np.float32)

    def plan(self, context: MaskContext) -> MaskPlan:
        B, T, F = context.units.shape
        if T == 1:
            return MaskPlan()  # no sound of the batch has a unit
        there = context.maskable[:, 1:, None, None]  # [B, T−1, 1, 1]
        frames = context.units[:, 1:].reshape(B, T - 1, F // context.bands, context.bands)  # [B, T−1, joined, bands]
        sound = 10 ** (frames * (float(self.scale[1]) / 10)) * there
        added = self._added(context, frames.shape) * there
        numbers = (1, 2, 3)
        least, most = self.at("least"), self.at("most")
        snr = least + (most - least) * self._drawn(context, "level")  # [B]
        times = sound.sum(numbers) / added.sum(numbers).clamp_min(FLOOR) / 10 ** (snr / 10)
        added = added * times[:, None, None, None]
        heard = _normalised(10 * (sound + added).clamp_min(FLOOR).log10(), there)
        ratio = (sound / (sound + added).clamp_min(FLOOR)).sqrt()
        units, shown = context.units.clone(), torch.ones_like(context.units)
        there = there[..., 0]
        units[:, 1:] = torch.where(there, heard.reshape(B, T - 1, F), units[:, 1:])
        shown[:, 1:] = torch.where(there, ratio.reshape(B, T - 1, F), 1.0)
        return MaskPlan(units=units, shown=shown)

    def _drawn(self, context: MaskContext, what: str) -> Tensor:
        """float32 [B] in [0, 1)."""
        when = turn(str(self.values["refresh"]), context.epoch, context.step, int(self.values["k"]))
        drawn = uniform_grid(seed_of(self.seed, self.name, what, *when), context.sample.cpu().numpy(), 1)[:, 0]
        return torch.from_numpy(drawn).to(context.device, torch.float32)

    def _added(self, context: MaskContext, shape: torch.Size) -> Tensor:
        """float32 `shape` [B, T−1, joined, bands]: the power of the noise, as loud as it happens to be."""
        kinds = NOISES if self.values["kind"] == ALL else (str(self.values["kind"]),)
        bank = torch.from_numpy(np.stack([_bank(kind, int(self.scale[0])) for kind in kinds])).to(context.device)
        kind = (self._drawn(context, "kind") * len(kinds)).long()
        start = (self._drawn(context, "start") * bank.shape[1]).long()
        place = torch.arange(shape[1] * shape[2], device=context.device)
        return bank[kind[:, None], (start[:, None] + place) % bank.shape[1]].reshape(shape)


def _normalised(decibels: Tensor, there: Tensor) -> Tensor:
    """[B, T−1, joined, bands]: as data.sound.features does it, over what is there. there: bool [B, T−1, 1, 1]."""
    numbers = (1, 2, 3)
    loudest = decibels.masked_fill(~there, -torch.inf).amax(numbers, keepdim=True)
    clipped = torch.maximum(decibels, loudest - RANGE)
    count = (there * torch.ones_like(clipped)).sum(numbers, keepdim=True).clamp_min(1)
    away = (clipped - (clipped * there).sum(numbers, keepdim=True) / count) * there
    spread = (away.square().sum(numbers, keepdim=True) / count).sqrt()
    return torch.where(spread > 1e-6, away / spread.clamp_min(1e-6), 0.0)


@lru_cache(maxsize=16)
def _bank(kind: str, rate: int) -> np.ndarray:
    """float32 [frames, BANDS]: the power of SECONDS of a noise."""
    made = noise(kind, SECONDS * rate, rate, generator(0, "noise of training", kind))
    return power_of(made, rate).astype(np.float32)
