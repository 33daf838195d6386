"""The columns that a table's rows are read from, and why they were taken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from dynmask_core.data.warning import DataWarning
from dynmask_core.messages import listed, say
from dynmask_core.remedies import Remedy


@dataclass(frozen=True)
class Columns:
    """The columns to use; None if the table has no label or no split."""

    text: str
    label: str | None = None
    split: str | None = None


@dataclass(frozen=True)
class Choice:
    """The column of one role, and why.

    column: None if there is none. reason: `columns.reason.<reason>` in the locales says it in a few words: "chosen"
    (by the caller), "named", "part_of_name", "longest", "few_values", "flag" (one of several 0/1 columns), "only" (no
    other column could be it), "none". score in [0, 1]: how well name and content fit; 1 if chosen. runner_up: the next
    best column, None if no other could be it. certain: chosen, or named exactly so with content that fits and no rival.
    """

    column: str | None
    reason: str
    score: float = 1.0
    runner_up: str | None = None
    certain: bool = True


@dataclass(frozen=True)
class Guess:
    """What each column was taken for. flags: 0/1 columns that could each be the label, () unless the label is a guess
    among them. one_label: exactly one of the flags is 1 in every row, so together they say one label."""

    text: Choice
    label: Choice
    split: Choice
    flags: tuple[str, ...] = ()
    one_label: bool = False

    @property
    def columns(self) -> Columns:
        return Columns(cast(str, self.text.column), self.label.column, self.split.column)

    def others(self, role: str) -> tuple[Remedy, ...]:
        """The setting that takes the runner-up for the "text" or the "label"; () if there is none."""
        other: str | None = getattr(self, role).runner_up
        return () if other is None else (_take(role, other),)

    def warnings(self) -> list[DataWarning]:
        """`column_guessed` for text and label unless they are certain (`column_guessed_alone` without a runner-up);
        `several_flags` or `flags_one_label` instead of the label's, if it is one of several 0/1 columns."""
        found = []
        for role, choice in (("text", self.text), ("label", self.label)):
            if choice.certain or choice.column is None or (role == "label" and self.flags):
                continue
            said: dict[str, Any] = {"role": say(f"columns.role.{role}"), "column": choice.column}
            said["reason"] = say(f"columns.reason.{choice.reason}")
            if choice.runner_up is None:
                found.append(DataWarning("column_guessed_alone", said))
            else:
                said["runner_up"] = choice.runner_up
                found.append(DataWarning("column_guessed", said, self.others(role)))
        if self.flags:
            others = [name for name in self.flags if name != self.label.column]
            code = "flags_one_label" if self.one_label else "several_flags"
            told = {"columns": listed(self.flags), "count": len(self.flags), "column": self.label.column}
            found.append(DataWarning(code, told, tuple(_take("label", name) for name in others)))
        return found


def _take(role: str, column: str) -> Remedy:
    return Remedy(f"take_{role}", {"column": column}, config={f"{role}_column": column})


def given(name: str | None) -> Choice:
    """The choice of a caller who named a column; "" or None: there is none."""
    return Choice(name or None, "chosen" if name else "none")


def chosen(columns: Columns) -> Guess:
    """The `Guess` of a caller who chose all columns."""
    return Guess(given(columns.text), given(columns.label), given(columns.split))
