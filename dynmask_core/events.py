"""What a training run reports while it runs. `fit` yields these events; listeners write, print or draw them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from dynmask_core.config import Controls
from dynmask_core.data.tokenize import Vocabulary


@dataclass(frozen=True)
class Probe:
    """A sentence whose masks and attention are recorded every epoch. label: class index, None if unknown.

    whole: attention is recorded between all its units, however long it is (see `training.record.MANY`).
    """

    text: str
    label: int | None = None
    whole: bool = False


@dataclass(frozen=True)
class ProbeRecord:
    """One probe in one arm after one epoch. T tokens, S positions with recorded attention, [CLS] first.

    mask: float32 [T] in [0, 1], without [CLS]. probabilities: float32 [C].
    attention: uint8 [L, H, S, S], see `attention_code`; rows are queries; no edges in a head that is closed.
    keys: uint16 [L, H, S], how many of all T + 1 positions each query may look at: an even share is 1/keys.
    heads: float32 [L, H] in [0, 1], how far each head is open.
    marks: float32 [T, C], without [CLS], the probabilities of each of MarkSettings.marks; None if the task marks no
    units.
    bands: uint8 [T, bands], in 255ths: the mask of each band of each unit, on average over the unit's moments; its mean
    over the bands is `mask`. None if no mask acts on bands.
    """

    mask: np.ndarray
    probabilities: np.ndarray
    attention: np.ndarray
    keys: np.ndarray
    heads: np.ndarray
    marks: np.ndarray | None = None
    bands: np.ndarray | None = None


@dataclass(frozen=True)
class Started:
    """The first event. arms: [{name, parameters}] in the order in which they train. frozen: weights by their names in
    the model that are the same in all arms and never change, so that no `state` repeats them."""

    arms: list[dict[str, Any]]
    classes: list[str]
    sizes: dict[str, int]
    vocabulary: Vocabulary = field(repr=False)
    device: str
    first_epoch: int
    epochs: int
    frozen: dict[str, np.ndarray] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Step:
    """One arm has done a training step; reported several times a second. loss: of that step, in nats."""

    arm: str
    epoch: int
    step: int
    steps: int
    loss: float


@dataclass(frozen=True)
class ControlsChanged:
    """From `epoch` on, these controls apply."""

    epoch: int
    controls: Controls


@dataclass(frozen=True)
class ArmEpoch:
    """One arm has finished one epoch. train: mean loss and accuracy over the epoch's training steps, and their cost.

    validation: see Scores. mean_mask: over the words of the validation texts. kept_per_layer: the share of their words
    that each block worked on; kept_fraction: its mean. flops_per_token: see Usage; here for predicting the validation
    texts, in `train` for the forward passes of training. seconds: training alone.
    """

    arm: str
    epoch: int
    train: dict[str, Any]
    validation: dict[str, Any]
    mean_mask: float
    kept_fraction: float
    kept_per_layer: list[float]
    flops_per_token: float
    seconds: float
    tokens_per_second: float
    best_epoch: int


@dataclass(frozen=True)
class EpochEnd:
    """All arms have finished an epoch (0: before training). All of this is ready to be saved.

    probes: {probe index: {arm: ProbeRecord}}; word_masks: {arm: float32 [V]}, exact, so that each can be judged by θ.
    state: what a resumed run needs, by name; arrays are views, valid until the next event is requested.
    """

    epoch: int
    controls: Controls
    probes: dict[int, dict[str, ProbeRecord]]
    word_masks: dict[str, np.ndarray]
    state: Mapping[str, np.ndarray] = field(repr=False)


@dataclass(frozen=True)
class Finished:
    """The last event: the best epoch of every arm, chosen on validation, scored on test.

    arms: see `dynmask train --json`. weights: {arm: {name: array}} of the best epoch. predicted: {arm: int64 [N]}, the
    predicted classes of the test texts, in the order of the corpus. reference: see Task.references.
    """

    arms: list[dict[str, Any]]
    weights: dict[str, Mapping[str, np.ndarray]] = field(repr=False)
    predicted: dict[str, np.ndarray] = field(repr=False)
    reference: list[dict[str, Any]] = field(default_factory=list)

    @property
    def result(self) -> dict[str, Any]:
        """All scores as JSON."""
        return {"arms": self.arms, "reference": self.reference}


Event = Started | Step | ControlsChanged | ArmEpoch | EpochEnd | Finished
