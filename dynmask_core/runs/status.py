"""The state of a run, as its trainer writes it and everybody reads it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

State = Literal["queued", "starting", "training", "paused", "stopped", "interrupted", "finished", "failed"]
ACTIVE: frozenset[State] = frozenset({"queued", "starting", "training", "paused"})


@dataclass(frozen=True)
class Status:
    """The state of a run. epoch: completed epochs. step, steps: within the epoch that `arm` is training.

    elapsed: seconds of work without pauses. fraction: of the whole run. place: position in the queue, 1 is next. error:
    (code, params) of an InputError, or ("unexpected", {}) with the traceback in failure.txt. reason: why it stopped
    ("asked", "unwatched", "rested": it was paused for long and gave its worker back).
    """

    state: State
    epoch: int = 0
    epochs: int = 0
    arm: str = ""
    step: int = 0
    steps: int = 0
    elapsed: float = 0.0
    fraction: float = 0.0
    place: int = 0
    reason: str = ""
    error: tuple[str, dict[str, Any]] | None = None

    @property
    def remaining(self) -> float | None:
        """Seconds left, estimated from the pace so far; None at the start."""
        return self.elapsed * (1 - self.fraction) / self.fraction if self.fraction > 0.005 else None

    @classmethod
    def read(cls, stored: Any) -> Status:
        """Raises nearly anything for what is no status."""
        status = cls(**{**stored, "error": tuple(stored["error"]) if stored.get("error") else None})
        if status.state not in get_args(State):
            raise ValueError(status.state)
        return status
