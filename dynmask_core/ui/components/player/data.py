"""What the mask player draws."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from dynmask_core.inputs import Picture


@dataclass(frozen=True, eq=False)
class UnitMarks:
    """What each unit is marked as, by a task that marks units; A, E, T as in PlayerData.

    names: of the marks. outside: the first of them means that a unit belongs to nothing. codes: int [A, E, T], the
    likeliest mark, −1 if not recorded; chances: float [A, E, T] in [0, 1], how likely it is. truth: the marks in the
    data, T numbers, −1 where none is asked; None if they are not known.
    """

    names: list[str]
    outside: bool
    codes: npt.NDArray[np.integer[Any]]
    chances: npt.NDArray[np.floating[Any]]
    truth: list[int] | None


@dataclass(frozen=True, eq=False)
class PlayerData:
    """The data to draw. A arms, E recorded epochs, T tokens, C classes, L layers, H heads, S ≤ T + 1 positions with
    recorded attention, [CLS] first."""

    text: str  # the sentence as written
    spans: list[tuple[int, int]]  # T character spans of its tokens in `text`
    # A, baseline first, of {"name", "called" (words by language), "color": "#rrggbb", "roles", "shows"}; see roles.py
    arms: list[dict[str, Any]]
    epochs: list[int]  # E epoch numbers, ascending; 0 is before training
    classes: list[str]
    label: int | None  # index of the true class; None for a sentence that the reader typed
    masks: npt.NDArray[Any]  # [A, E, T] float in [0, 1], or uint8 meaning value / 255; 1 keeps, NaN is unknown
    thresholds: list[float]  # [E] keep threshold: tokens with a mask below it are removed
    probabilities: npt.NDArray[Any]  # [A, E, C] float; NaN is unknown
    attention: npt.NDArray[np.uint8]  # [A, E, L, H, S, S] see attention_code; row = query, column = key
    keys: npt.NDArray[Any]  # [A, E, L, H, S] int: how many positions each query may look at, see ProbeRecord
    heads: npt.NDArray[Any]  # [A, E, L, H] float in [0, 1]: how far each head is open
    attention_recorded: list[bool]  # [E] False if attention and probabilities were not recorded
    running: bool  # training goes on: the player follows it until the reader moves the scrubber
    autoplay: bool = False  # a finished run plays once when first drawn
    planned: int = 0  # the last epoch that the run will have; 0: unknown
    # A sample that is looked at; `text` and `spans` then name its parts. None: a text.
    picture: Picture | None = None
    unit_marks: UnitMarks | None = None  # None: the task marks no units
    # uint8 [A, E, T, bands], see ProbeRecord; alike for all bands in arms without such a mask. None: no arm has one.
    # An arm that has one says so: {"bands": True}.
    bands: npt.NDArray[np.uint8] | None = None
    # Drawn on the scrubber: {"epoch": int, "text": str, "kind": "change" or "best"}.
    marks: list[dict[str, Any]] = field(default_factory=list)
    packed: dict[tuple[int, int, bool, int], bytes] = field(default_factory=dict, repr=False)
    """What `pack` has made of each epoch: (its number, S, whether attention was recorded, bands) → a piece, see
    `web.pieces`.
    Pictures of the same sentence of a run share it while the run goes on, so that no epoch is packed twice."""
    wholes: dict[tuple[object, ...], bytes] = field(default_factory=dict, init=False, repr=False)
    """What `pack` has made of all of it, for the last language: what has not changed is not packed again."""
