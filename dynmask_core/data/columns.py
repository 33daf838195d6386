"""Which columns hold the text, the label and the split."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any, cast

import pandas as pd

from dynmask_core.data.limits import MAX_CLASSES
from dynmask_core.data.split import split_codes
from dynmask_core.data.table import Table
from dynmask_core.errors import InputError

# In order of preference: of a "title" and a "content" column, "content" is the text.
TEXT_NAMES = (
    "text", "texts", "sentence", "review", "content", "comment", "document", "body", "message", "tweet",
    "utterance", "question", "abstract", "description", "headline", "title", "token", "word",
    "文本", "内容", "评论", "正文", "句子", "标题", "词",
)  # fmt: skip
LABEL_NAMES = (
    "label", "labels", "class", "category", "sentiment", "target", "topic", "intent", "polarity",
    "标签", "类别", "分类", "情感", "类",
)  # fmt: skip
SPLIT_NAMES = ("split", "fold", "set", "subset", "partition", "集合", "划分")


@dataclass(frozen=True)
class Columns:
    """The columns to use; None if the table has no label or no split."""

    text: str
    label: str | None = None
    split: str | None = None

    def to_json(self) -> dict[str, str | None]:
        return {"text": self.text, "label": self.label, "split": self.split}


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

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def is_known_name(name: str) -> bool:
    """Whether a cell looks like a column name rather than data."""
    return _plain(name) in {*TEXT_NAMES, *LABEL_NAMES, *SPLIT_NAMES}


def guess_columns(table: Table) -> Columns:
    """Guesses by name (the whole name, then a part of it), then by content.

    By content, the text is the column with the longest cells on average, among the columns whose values mostly
    differ. The label is the column with the fewest distinct values: at least two, at most one per four rows (two are
    always allowed) and at most `MAX_CLASSES`. Raises `InputError` `no_columns` for a table without columns.
    """
    frame, names = table.frame, table.columns
    if not names:
        raise InputError("no_columns")
    split = _guess_split(frame, names)
    free = [name for name in names if name != split]
    if not free:
        return Columns(names[0])
    # A column that is a label by name is not the text, unless it is the only one left.
    label = _by_name(free, LABEL_NAMES)
    text = _by_name([name for name in free if name != label], TEXT_NAMES)
    if text is None:
        text = _longest(frame, [name for name in free if name != label] or free)
    if label is None or label == text:
        label = _few_values(frame, [name for name in free if name != text])
    return Columns(text, label, split)


def guess(table: Table, columns: Columns) -> Guess:
    """The guess of which `columns` is the outcome, as if the caller had chosen all of them."""
    given = {role: Choice(name, "chosen" if name else "none") for role, name in columns.to_json().items()}
    return Guess(**given)


def choose_columns(table: Table, text: str | None, label: str | None, split: str | None) -> Columns:
    """The columns that the caller names. None: guess it; "": there is no such column."""
    named = {"text": text, "label": label, "split": split}
    given = {role: name or None for role, name in named.items() if name is not None}
    return replace(guess_columns(table), **given)  # type: ignore[arg-type]


def check_name(table: Table, name: str | None) -> None:
    """Raises `InputError` `column_missing` if `name` is not None and not a column of the table."""
    if name is not None and name not in table.columns:
        raise InputError("column_missing", column=name, columns=", ".join(table.columns))


def validate_columns(table: Table, columns: Columns) -> None:
    """Raises `InputError`: `column_missing`, `no_label_column`, `same_column` if two roles share one."""
    for name in (columns.text, columns.label, columns.split):
        check_name(table, name)
    if columns.label is None:
        raise InputError("no_label_column", columns=", ".join(table.columns))
    used = [name for name in (columns.text, columns.label, columns.split) if name is not None]
    for name in used:
        if used.count(name) > 1:
            raise InputError("same_column", column=name)


def _plain(name: str) -> str:
    return name.strip().casefold().replace("-", "_").replace(" ", "_")


def _by_name(names: list[str], known: tuple[str, ...]) -> str | None:
    plain = {_plain(name): name for name in reversed(names)}
    for candidate in known:
        if candidate in plain:
            return plain[candidate]
    for candidate in known:
        for key, name in plain.items():
            inside = not candidate.isascii() and len(candidate) > 1 and candidate in key
            if inside or candidate in key.split("_"):
                return name
    return None


def _guess_split(frame: pd.DataFrame, names: list[str]) -> str | None:
    for candidate in SPLIT_NAMES:
        for name in (name for name in names if _plain(name) == candidate):
            # "split" can mean nothing else, so unknown values in it are reported later; "fold" or "set" may hold
            # the fold numbers of a cross-validation.
            if candidate == "split" or not split_codes(frame[name].unique())[1]:
                return name
    return None


def _longest(frame: pd.DataFrame, names: list[str]) -> str:
    # Labels can be longer than texts ("positive", "Wow"), but they repeat.
    varied = [name for name in names if frame[name].nunique() > len(frame) / 2] or names
    return max(varied, key=lambda name: float(frame[name].str.len().mean()) if len(frame) else 0.0)


def _few_values(frame: pd.DataFrame, names: list[str]) -> str | None:
    best: tuple[int, str] | None = None
    for name in names:
        distinct = frame[name][frame[name] != ""].nunique()
        few = 2 <= distinct <= min(MAX_CLASSES, max(2, len(frame) // 4))
        if few and (best is None or distinct <= best[0]):
            best = (distinct, name)
    return best[1] if best else None
