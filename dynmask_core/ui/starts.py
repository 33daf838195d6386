"""What an experiment begins with: it follows what the chosen samples are."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from dynmask_core.config import ExperimentConfig, TrainConfig
from dynmask_core.config.offers import EPOCHS
from dynmask_core.data.media import TEXT
from dynmask_core.inputs import INPUTS
from dynmask_core.masks import REGISTRY
from dynmask_core.masks.compose import missing
from dynmask_core.tasks import task_of
from dynmask_core.ui import address

SLOTS = ("baseline", "dynamic", "arm3", "arm4")
"""Up to four arms, the baseline first."""
_MEDIUM = "medium_chosen"


@dataclass(frozen=True)
class Start:
    """See TrainConfig. arms: two to four, the baseline first."""

    arms: tuple[str, ...] = ("static", "repaired")
    epochs: int = EPOCHS
    batch_size: int = TrainConfig.batch_size

    def slots(self) -> dict[str, str]:
        """The arm of each slot, "" for none."""
        return dict(zip(SLOTS, [*self.arms, "", ""], strict=False))


def start(medium: str) -> Start:
    """The first comparison on samples of a medium, the one of `dynmask train` without settings."""
    tuned = INPUTS[medium].tuned if medium in INPUTS else None
    return Start(tuned.arms, tuned.epochs, tuned.batch_size) if tuned else Start()


def medium() -> str:
    """What the samples of the next experiment are."""
    return str(st.session_state.get(_MEDIUM, TEXT))


def now() -> Start:
    return start(medium())


def blank(of: str) -> ExperimentConfig:
    """An experiment on samples of this medium: says what can act in it."""
    return ExperimentConfig(input=of) if of in INPUTS else ExperimentConfig()


def lacking(of: str) -> dict[str, list[str]]:
    """What strategies need and samples of this medium do not have → those strategies."""
    provided = task_of(blank(of)).provided(blank(of))
    found: dict[str, list[str]] = {}
    for name in REGISTRY:
        for need in sorted(missing(name, provided)):
            found.setdefault(need, []).append(name)
    return found


def follow(chosen: str) -> None:
    """Notes what the samples are now. If that has changed, what was left at its beginning, and arms that cannot act on
    such samples, begin again; what the reader has set otherwise stays."""
    state = st.session_state
    before, state[_MEDIUM] = state.get(_MEDIUM), chosen
    if before in (None, chosen):
        return
    was, slots = start(before), [state.get(slot, "") for slot in SLOTS]
    useless = {name for names in lacking(chosen).values() for name in names}
    unfit = any(part.split(":")[0] in useless for arm in slots for part in arm.split("+"))
    if unfit or slots == list(was.slots().values()):
        address.forget(*SLOTS)
    for key, value in (("epochs", was.epochs), ("batch", was.batch_size)):
        if state.get(key) == value:
            address.forget(key)
