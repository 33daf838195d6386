"""How a lesson is read: alone, or led by a class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dynmask_core.errors import InputError
from dynmask_core.learn.bundle import Bundle
from dynmask_core.learn.lesson import Lesson, Step


class Guide:
    """A reader who is alone: all steps are open, and what follows a guess is shown at once. A class changes this."""

    looks_on = False
    """Whether the questions are shown without a place to answer, as on a projector."""
    shows_panel = True
    """Whether the page beside the words is shown."""
    hidden: Sequence[str] = ()
    """What that page does not show, beside what the lesson hides: names of `config.offers.HIDEABLE`."""
    why = "learn.predict.why"
    """The sentence that says what becomes of a guess."""
    notes = True
    """Whether the reader may have the teacher's notes shown: not on a projector, and not to participants."""
    large = False
    """Whether letters are large, as on a projector."""
    person: Mapping[str, str] = {}
    """Who reads, as the addresses of the lesson's pages say it."""

    def opened(self, lesson: Lesson) -> int:
        """How many steps are open, from the first."""
        return len(lesson.steps)

    def reveals(self, number: int) -> bool:
        """Whether who has guessed in that step may see what follows."""
        return True

    def guessed(self, number: int, step: Step, given: Sequence[Any]) -> InputError | None:
        """Called with the answers of the reader, each None if passed over. Returns why they are not taken."""
        return None

    def predictions(self, number: int, step: Step) -> None:
        """Draws what others have guessed, between the reader's guess and what follows it."""

    def waiting(self, number: int, step: Step) -> None:
        """Draws why what follows the guess is not shown yet."""

    def head(self, bundle: Bundle) -> bool:
        """Draws what stands above the lesson; returns False for the usual head."""
        return False

    def end(self, lesson: Lesson) -> bool:
        """Draws what stands after the last open step; returns False for the usual button."""
        return False


ALONE = Guide()
