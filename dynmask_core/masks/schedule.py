"""A number that changes over a run, written `START..END` (linear), `START..END@cosine` or `START..END@cyclicN`."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Literal

Shape = Literal["constant", "linear", "cosine", "cyclic"]
_NUMBER = r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[-+]?\d+)?"
_WRITTEN = re.compile(rf"({_NUMBER})(?:\.\.({_NUMBER})(?:@(linear|cosine|cyclic)(\d*))?)?", re.IGNORECASE)
CYCLES = 4


@dataclass(frozen=True)
class Schedule:
    """start at progress 0, end at progress 1.

    "cyclic" has `cycles` cycles: each moves from its own start to `end` along a half cosine, and each starts closer to
    `end` than the one before (cyclic decay).
    """

    start: float
    end: float
    shape: Shape = "constant"
    cycles: int = CYCLES

    @classmethod
    def read(cls, written: str | float) -> Schedule:
        """Raises ValueError if the text is not a schedule."""
        if isinstance(written, int | float):
            return cls(float(written), float(written))
        match = _WRITTEN.fullmatch(written.strip())
        if not match:
            raise ValueError(written)
        start, end, shape, cycles = match.groups()
        if end is None:
            return cls(float(start), float(start))
        return cls(float(start), float(end), (shape or "linear").lower(), int(cycles or CYCLES) or 1)  # type: ignore[arg-type]

    def at(self, progress: float) -> float:
        """The value at `progress` in [0, 1] of the run."""
        if self.shape == "constant":
            return self.start
        share = min(max(progress, 0.0), 1.0)
        height = 1.0
        if self.shape == "cyclic" and share < 1:
            whole, share = divmod(share * self.cycles, 1.0)
            height = 1 - whole / self.cycles
        left = 1 - share if self.shape == "linear" else 0.5 * (1 + math.cos(math.pi * share))
        return self.end + (self.start - self.end) * height * left

    @property
    def bounds(self) -> tuple[float, float]:
        """The smallest and the largest value it takes."""
        return min(self.start, self.end), max(self.start, self.end)
