"""What a model makes of the hidden parts of a picture or a sound, and how much of them it explains."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np

from dynmask_core.keys import generator
from dynmask_core.lazy import torch
from dynmask_core.masks import MaskPlan

if TYPE_CHECKING:
    from dynmask_core.analysis.subject import Subject
    from dynmask_core.model.heads import Restorer


@dataclass(frozen=True, eq=False)
class Restored:
    """units: float32 [T, F], the special one first; those that were seen are as they were. explained: the share of what
    sets the hidden units apart from the training samples' average at their places; 1 is all of it, 0 is as good as
    saying the average, below 0 is worse. NaN where nothing sets them apart."""

    units: np.ndarray
    explained: float


def hidden_places(count: int, rate: float, seed: int) -> np.ndarray:
    """bool [count]: the nearest share to `rate` of the places, drawn by `seed`."""
    chosen = np.zeros(count, dtype=bool)
    chosen[generator(seed, "restored").permutation(count)[: round(rate * count)]] = True
    return chosen


def restored(subject: Subject, units: np.ndarray, hidden: np.ndarray) -> Restored:
    """units: float32 [T, F], see Input.read. hidden: bool [T − 1], without the special unit."""
    model = cast("Restorer", subject.model)
    context = subject.batch([units], np.array([-1]), "test", 0)
    gone = torch.from_numpy(np.append(False, hidden))[None].to(subject.device)
    plan = MaskPlan(token_gate=(~gone).float(), gate_mode="interpolate", labels=gone.long() - 1)
    said = subject.forward(context, plan).logits.float().cpu().numpy()
    places = 1 + np.flatnonzero(hidden)
    average, scale = model.average.cpu().numpy()[places], float(model.scale)
    made = units.copy()
    made[places] = average + said * scale
    spread = float(((units[places] - average) ** 2).sum())
    wrong = float(((units[places] - made[places]) ** 2).sum())
    return Restored(made, 1 - wrong / spread if spread else float("nan"))
