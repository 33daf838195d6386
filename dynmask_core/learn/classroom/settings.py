"""What a teacher has set for a class."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Self

from dynmask_core.config.offers import HIDEABLE
from dynmask_core.learn.limits import STEPS
from dynmask_core.messages import LANGUAGES

PANEL = "panel"
HIDEABLE_IN_CLASS = (PANEL, *HIDEABLE)
"""A class can go without the whole page beside the words, or without some of its controls."""


@dataclass(frozen=True)
class Settings:
    """lesson: as the address names it. steps: that it has. opened: those from 1 to this are open.

    revealed: whether what follows the guess is shown in the step that was opened last; in those before, it is. free:
    everybody goes on by themselves, all is open. hidden: names of HIDEABLE_IN_CLASS. large: type for a projector.
    board: whether pupils see it. nicknames: whether the board shows them. ended: nobody joins or guesses any more.
    """

    lesson: str
    language: str
    steps: int
    opened: int = 1
    revealed: bool = False
    free: bool = False
    hidden: tuple[str, ...] = ()
    large: bool = True
    board: bool = False
    nicknames: bool = True
    ended: bool = False

    def __post_init__(self) -> None:
        """Raises ValueError for what no class can be."""
        flags = (self.revealed, self.free, self.large, self.board, self.nicknames, self.ended)
        if not (
            isinstance(self.lesson, str)
            and 0 < len(self.lesson) <= 200
            and self.language in LANGUAGES
            and all(type(number) is int for number in (self.steps, self.opened))
            and 1 <= self.opened <= self.steps <= STEPS
            and set(self.hidden) <= set(HIDEABLE_IN_CLASS)
            and all(type(flag) is bool for flag in flags)
        ):
            raise ValueError("no settings of a class")

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> Self:
        """Raises ValueError or TypeError for what was not written by `to_json`."""
        return cls(**{**stored, "hidden": tuple(stored["hidden"])})

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def open_steps(self) -> int:
        """How many steps are open, from the first."""
        return self.steps if self.free else self.opened

    def reveals(self, number: int) -> bool:
        """Whether those who have guessed in that step may see what follows."""
        return self.free or number < self.opened or (number == self.opened and self.revealed)

    def onwards(self, *, asks: bool) -> Settings | None:
        """After the teacher's next press: first what follows the guess, then the next step; None after the last.

        asks: whether there is something to guess in the step that was opened last.
        """
        if asks and not self.revealed:
            return replace(self, revealed=True)
        return replace(self, opened=self.opened + 1, revealed=False) if self.opened < self.steps else None
