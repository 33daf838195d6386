"""What a column's cells say about its role."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import regex

from dynmask_core.data.limits import MAX_CLASSES
from dynmask_core.data.media import TEXT, medium_of
from dynmask_core.data.missing import is_missing
from dynmask_core.data.tokenize import UNSPACED

SAMPLE_CELLS = 40_000
SAMPLE_ROWS = (50, 2000)
"""Least and most rows that are looked at, however many columns there are."""
FEW_ROWS = 4
"""With fewer rows the content says nothing."""
LONG = 300
"""Characters of a cell that can only be a text, or JSON."""

_MONTH = "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}"
# A date has a day, a month or an hour in it, and nothing that is no part of a date.
_DATES = re.compile(
    r"(?=.*(?:\d[-/.年]\d{1,2}[-/.月]\d|\d:\d\d|\d月\d|\d{4}-\d\d$|[昨今前]天|\d\D{1,4}前$|\bago$"
    rf"|\d[-. ]?{_MONTH}\b|\b{_MONTH}[-. ]+\d))"
    rf"(?:\d|[-/.:,+()\s]|[年月日号时分秒周前昨今天小钟个]|{_MONTH}|(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{{0,6}}|[tz]"
    r"|at|am|pm|a\.m\.|p\.m\.|gmt|utc|[pecm][sd]t|cest|cet|bst|ist|jst|uhr|ago|(?:second|minute|hour|day|week|month"
    r"|year)s?)+",
    re.IGNORECASE,
)
_ODD = re.compile(
    r"[-+]?[$€£¥]?\s?\d[\d,. ]*(?:e[-+]?\d+)?\s?(?:%|[a-z]{1,3})?|[-+]?inf"  # number
    r"|(?:https?://|www\.)\S+|[\w.+-]+@[\w-]+\.[\w.]+|@\w+"  # URL, mail, account
    r"|[-+()\d\s./,]{6,}"  # phone, place
    r"|(?=[\x21-\x7e]*\d)[\x21-\x7e]+"  # one word with a digit in it: an id, a version, the name of a user
    r"|[a-z0-9_.-]+(?:/[a-z0-9_.-]+)+\.[a-z0-9]{2,4}|[\[{].*[\]}]",  # path, JSON
    re.IGNORECASE | re.DOTALL,
)
_UNSPACED = regex.compile(UNSPACED, regex.VERSION1)


@dataclass(frozen=True, eq=False)
class Profile:
    """The content of one column, cells without meaning counted as empty.

    column: the whole of it. seen: a sample of its cells, spread over the table. filled, distinct: exact for columns
    of few values, else estimated from the sample.
    """

    column: pd.Series
    seen: list[str]

    @cached_property
    def sample(self) -> list[str]:
        """The cells of the sample that say something, without white space at the ends."""
        return [cell for cell in map(str.strip, self.seen) if cell and not is_missing(cell)]

    @cached_property
    def counts(self) -> Counter[str] | None:
        """Rows of each value; None for a column of too many values to be a label."""
        sample = self.sample
        if len(sample) > 100 and len(set(sample)) > 0.7 * len(sample):
            return None
        counts: Counter[str] = Counter()
        for cell, count in Counter(self.column.tolist()).items():
            if (plain := cell.strip()) and not is_missing(plain):
                counts[plain] += count
        return counts

    @cached_property
    def filled(self) -> int:
        if self.counts is not None:
            return self.counts.total()
        return round(len(self.column) * len(self.sample) / len(self.seen))

    @property
    def share(self) -> float:
        """Share of the rows that are filled."""
        return self.filled / max(len(self.column), 1)

    @cached_property
    def length(self) -> float:
        """Characters per filled cell, those of scripts without spaces counted three times."""
        lengths = [len(cell) + 2 * len(_UNSPACED.findall(cell, 0, 200)) for cell in self.sample]
        return float(np.mean(lengths)) if lengths else 0.0

    @cached_property
    def text(self) -> float:
        """How much the cells look like texts, in [0, 1]: long, several words, different from row to row. 0 for ids,
        dates, numbers, addresses and mails."""
        cells = self.sample
        if not cells:
            return 0.0
        if self.is_media:
            return 1.0
        some = cells[:: max(1, len(cells) // 500)]
        odd = sum(_is_odd(cell) for cell in some) / len(some)
        if odd > 0.7:
            return 0.0
        long = min(1.0, math.log1p(self.length) / math.log1p(150))
        varied = len(set(cells)) / len(cells)
        wordy = sum(len(cell[:80].split()) > 2 or len(_UNSPACED.findall(cell[:20])) > 3 for cell in cells)
        return long * (0.2 + 0.8 * varied) * (0.5 + 0.5 * wordy / len(cells)) * (1 - odd) * math.sqrt(self.share)

    @property
    def is_media(self) -> bool:
        """Whether the cells are pictures or sounds."""
        return medium_of(self.sample) != TEXT

    @cached_property
    def label(self) -> float:
        """How much the cells look like labels, in [0, 1]: short, few values that repeat, in most rows. 0 for one
        value, for nearly as many values as rows, and for dates."""
        rows, counts = len(self.column), self.counts
        if rows < FEW_ROWS:
            return 0.5 if self.sample else 0.0
        if counts is None or len(counts) < 2:
            return 0.0
        each = self.filled / len(counts)
        if each < 2 or len(counts) > MAX_CLASSES or self.filled < FEW_ROWS or self.share < 0.02:
            return 0.0
        names = list(counts)
        if _are_dates(names):
            return 0.0
        few = 1 - 0.5 * math.log2(len(counts)) / math.log2(MAX_CLASSES)
        short = 1.0 if np.mean([len(name) for name in names]) < 60 else 0.3
        mixed = 1.0 if max(counts.values()) < 0.98 * self.filled else 0.5
        return few * short * mixed * math.sqrt(min(1.0, each / 8)) * min(1.0, self.share / 0.5)

    @property
    def unlike_label(self) -> str:
        """Why it is no label: `columns.seen.<why>` in the locales says it; "values" if it could be one."""
        if self.label:
            return "values"
        if self.share < 0.02 or self.filled < FEW_ROWS:
            return "empty"
        if self.counts is not None and len(self.counts) == 1:
            return "same"
        return "dates" if _are_dates(self.sample) else "different"

    @cached_property
    def flags(self) -> bool:
        """Whether all cells are 0 or 1, in one of the usual writings, and not all are 1."""
        return self.counts is not None and _are_flags(self.counts)


ONES = frozenset(("1", "1.0", "true", "yes", "是"))
FLAGS = ONES | {"0", "0.0", "false", "no", "否"}


def profiles(frame: pd.DataFrame) -> dict[str, Profile]:
    """The profile of each column."""
    rows, columns = frame.shape
    least, most = SAMPLE_ROWS
    size = min(rows, max(least, min(most, SAMPLE_CELLS // max(columns, 1))))
    spread = np.linspace(0, max(rows - 1, 0), size).round().astype(np.int64)
    return {str(name): Profile(frame[name], frame[name].iloc[spread].tolist()) for name in frame.columns}


def _are_flags(values: Iterable[str]) -> bool:
    found = {value.casefold() for value in values}
    return found <= FLAGS and not found <= ONES


def _is_odd(cell: str) -> bool:
    if len(cell) > LONG:
        return cell[0] in "[{" and cell[-1] in "]}"
    return _ODD.fullmatch(cell) is not None or _DATES.fullmatch(cell) is not None


def _are_dates(cells: Sequence[str]) -> bool:
    return sum(len(cell) <= LONG and _DATES.fullmatch(cell) is not None for cell in cells) > 0.7 * len(cells)
