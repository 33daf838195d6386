"""A report on the data, for people and programs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from dynmask_core.data.dataset import Dataset, Rows
from dynmask_core.data.roles import Columns, Guess
from dynmask_core.data.split import IGNORE_SPLIT, PARTS, text_key
from dynmask_core.data.table import Table
from dynmask_core.data.tokenize import words_at
from dynmask_core.data.warning import DataWarning
from dynmask_core.messages import listed

SMALL_DATA = 100
SMALL_TEST = 200
IMBALANCE_RATIO = 4
HISTOGRAM_BINS = 20


@dataclass(frozen=True)
class Lengths:
    """Distribution of text lengths in tokens, before texts are cut to the limit. A text counts `limits.MAX_COUNTED` at
    most.

    `counts[i]` texts have `edges[i] <= length < edges[i + 1]` tokens; the last bin includes its right edge.
    """

    min: int
    median: float
    mean: float
    p95: float
    max: int
    edges: tuple[int, ...]
    counts: tuple[int, ...]


@dataclass(frozen=True)
class Report:
    """What was read, kept and left out; `rows_read == rows + sum(dropped.values())`.

    rows: rows of the data set. classes: rows of each kept class, in class order. duplicates: rows that repeat an
    earlier row's text and label. conflicting: texts with two or more labels. truncated: texts cut to the token limit.
    guess: why these columns, and which come next; its doubts are among the warnings, `column_guessed` for a role and
    `several_flags`. warnings: with remedies, whose `config` changes DataConfig and whose `read` changes ReadOptions.
    absent_in_test: classes without a test text, () if there are no test texts at all.
    parts: rows of train, validation and test. overlap: test texts that are also in train (see `text_key`).
    vocabulary: number of distinct words (see `words_at`). detectable_difference: see that function; None without test
    rows. seconds: time to read and check.
    """

    rows: int
    rows_read: int
    dropped: dict[str, int]
    classes: dict[str, int]
    guess: Guess
    format: str
    encoding: str | None
    delimiter: str | None
    has_header: bool
    duplicates: int
    conflicting: int
    truncated: int
    parts: dict[str, int]
    overlap: int
    vocabulary: int
    lengths: Lengths
    absent_in_test: tuple[str, ...]
    detectable_difference: float | None
    seconds: float
    warnings: tuple[DataWarning, ...]

    @property
    def columns(self) -> Columns:
        """The columns that were read."""
        return self.guess.columns

    def to_json(self, lang: str = "en") -> dict[str, Any]:
        """Plain types for `json.dumps`; warnings become sentences in `lang`."""
        result = {**asdict(self), "columns": asdict(self.columns)}
        result["seconds"] = round(self.seconds, 3)
        result["warnings"] = [warning.text(lang) for warning in self.warnings]
        return result


def detectable_difference(test_rows: int, accuracy: float = 0.8) -> float | None:
    """Smaller differences in accuracy (in points) cannot be told from chance on `test_rows` texts; None for 0 texts.

    100 · 1.96 · √(p(1−p)/n): the half-width of the 95 % interval of one score at accuracy p. 100 texts give 7.8 points.
    """
    return 196 * math.sqrt(accuracy * (1 - accuracy) / test_rows) if test_rows else None


def lengths_of(counts: Sequence[int]) -> Lengths:
    """The distribution of token counts; at least one is needed."""
    values = np.asarray(counts, dtype=np.int64)
    low, high = int(values.min()), int(values.max())
    width = max(1, math.ceil((high - low + 1) / HISTOGRAM_BINS))
    edges = np.arange(low, high + width + 1, width)
    histogram = np.histogram(values, bins=edges)[0]
    return Lengths(
        low,
        float(np.median(values)),
        round(float(values.mean()), 2),
        float(np.percentile(values, 95)),
        high,
        tuple(edges.tolist()),
        tuple(histogram.tolist()),
    )


def duplicates_and_conflicts(texts: Iterable[str], labels: Rows) -> tuple[int, int]:
    """Number of rows that repeat an earlier text and label, and of texts with more than one label."""
    seen: dict[str, set[int]] = {}
    repeated = 0
    for text, label in zip(texts, labels.tolist(), strict=True):
        own = seen.setdefault(text, set())
        repeated += label in own
        own.add(label)
    return repeated, sum(len(own) > 1 for own in seen.values())


def overlap(dataset: Dataset, part: str) -> int:
    """Number of texts of a part that are also in train (see `text_key`)."""
    train = {text_key(dataset.texts[row]) for row in dataset.rows("train").tolist()}
    return sum(text_key(dataset.texts[row]) in train for row in dataset.rows(part).tolist())


def overlap_of(shared: int, of: int, *, named: bool) -> DataWarning:
    """The warning about `shared` of `of` test texts. named: whether a split column has put them there, which can be
    left out: equal texts then stay together."""
    params = {"texts": shared, "share": f"{100 * shared / of:.0f}"}
    return DataWarning("overlap", params, (IGNORE_SPLIT,) if named else ())


def make_report(
    table: Table,
    guess: Guess,
    dataset: Dataset,
    *,
    dropped: dict[str, int],
    token_counts: Sequence[int],
    max_tokens: int,
    warnings: Iterable[DataWarning],
) -> Report:
    """The report on a finished data set. Warnings about its limits are appended to `warnings`.

    seconds is the time to read; the caller adds the time to check.
    """
    texts, labels = dataset.texts, dataset.labels
    words = {word for text, spans in zip(texts, dataset.spans, strict=True) for word in words_at(text, spans.tolist())}
    repeated, conflicting = duplicates_and_conflicts(texts, labels)
    per_class = np.bincount(labels, minlength=len(dataset.classes))
    classes = dict(zip(dataset.classes, per_class.tolist(), strict=True))
    sizes = {name: len(dataset.rows(name)) for name in PARTS[:3]}
    shared = overlap(dataset, "test")
    truncated = sum(count > max_tokens for count in token_counts)
    difference = detectable_difference(sizes["test"])
    found = list(warnings)

    def warn(code: str, when: bool, **params: Any) -> None:
        if when:
            found.append(DataWarning(code, params))

    largest, smallest = (choose(classes, key=lambda name: classes[name]) for choose in (max, min))
    missing: dict[str, list[str]] = {}
    for part, size in sizes.items():
        there = set(labels[dataset.rows(part)].tolist())
        missing[part] = [name for code, name in enumerate(dataset.classes) if code not in there] if size else []
    for part, names in missing.items():
        warn(f"class_not_in_{part}", bool(names), classes=listed(names))
    warn("small_data", len(texts) < SMALL_DATA, rows=len(texts))
    warn("no_test", difference is None)
    warn("small_test", 0 < sizes["test"] < SMALL_TEST, rows=sizes["test"], points=f"{difference or 0:.0f}")
    warn(
        "imbalance",
        classes[largest] > IMBALANCE_RATIO * classes[smallest],
        largest=largest,
        most=classes[largest],
        smallest=smallest,
        least=classes[smallest],
    )
    if shared:
        found.append(overlap_of(shared, sizes["test"], named=guess.columns.split is not None))
    warn("conflicting", conflicting > 0, texts=conflicting)
    warn("duplicates", repeated > 0, rows=repeated)
    warn("truncated", truncated > 0, texts=truncated, limit=max_tokens)
    return Report(
        rows=len(texts),
        rows_read=len(table) + table.malformed,
        dropped=dropped,
        classes=classes,
        guess=guess,
        format=table.format,
        encoding=table.encoding,
        delimiter=table.delimiter,
        has_header=table.has_header,
        duplicates=repeated,
        conflicting=conflicting,
        truncated=truncated,
        parts=sizes,
        overlap=shared,
        vocabulary=len(words),
        lengths=lengths_of(token_counts),
        absent_in_test=tuple(missing["test"]),
        detectable_difference=None if difference is None else round(difference, 1),
        seconds=table.seconds,
        warnings=tuple(found),
    )
