"""Turns a table into a data set to train on, and reports what was left out."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import cast

import numpy as np
import numpy.typing as npt

from dynmask_core.data.clean import clean
from dynmask_core.data.columns import guess, validate_columns
from dynmask_core.data.dataset import Dataset
from dynmask_core.data.labels import in_order
from dynmask_core.data.limits import FEW_CLASSES, MAX_CLASSES, MAX_TOKENS, ROWS_PER_CLASS, check_rows
from dynmask_core.data.report import Report, make_report
from dynmask_core.data.roles import Columns, Guess, chosen
from dynmask_core.data.spans import token_spans
from dynmask_core.data.split import (
    MIN_PER_CLASS,
    TEST,
    TEST_SHARE,
    VALIDATION_SHARE,
    complete,
    largest_remainder,
    split_codes,
    stratified_split,
    text_key,
)
from dynmask_core.data.table import Table
from dynmask_core.data.tokenize import Tokenizer, TokenizerMode
from dynmask_core.data.warning import DataWarning
from dynmask_core.errors import InputError

MANY_DROPPED = 0.1
"""Above this share of the rows read, a warning says that many were left out."""


def build(
    table: Table,
    columns: Columns | Guess | None = None,
    *,
    max_rows: int | None = None,
    max_tokens: int = MAX_TOKENS,
    tokenizer: TokenizerMode | Tokenizer = "auto",
    test_fraction: float = TEST_SHARE,
    validation_fraction: float = VALIDATION_SHARE,
    seed: int = 0,
    merge_labels: bool = False,
    drop_markers: bool = False,
) -> tuple[Dataset, Report]:
    """Checks, samples, tokenises and splits a table.

    Left out and counted in the report: malformed rows, rows with an empty text or label, texts without any token,
    classes of fewer than four rows. `max_rows` draws a stratified sample of the rest (by class, and by part if a
    column gives it); without it, more than 100,000 rows are an error. Texts of a token-labelled file keep the file's
    tokens; `tokenizer` splits the others. A split column is respected (see `complete`); without one,
    `stratified_split` decides. Equal arguments give an equal data set.

    Raises `InputError`: what `validate_columns`, `stratified_split` and `complete` raise, `bad_number` for an option
    out of range, `unknown_split`, `too_many_rows`, `no_usable_rows`, `no_labelled_rows`, `one_class`,
    `too_many_classes`.
    """
    began = time.perf_counter()
    _at_least(1, max_rows=max_rows, max_tokens=max_tokens)
    _at_least(0, seed=seed)
    guessed = guess(table) if columns is None else columns if isinstance(columns, Guess) else chosen(columns)
    columns = guessed.columns
    validate_columns(table, columns)
    cleaned = clean(
        table.cells(columns.text),
        table.cells(cast(str, columns.label)),
        merge_labels=merge_labels,
        drop_markers=drop_markers,
    )
    texts, labels = cleaned.texts, cleaned.labels
    split = table.cells(columns.split) if columns.split is not None else None
    if split is not None and (unknown := split_codes(split)[1]):
        raise InputError("unknown_split", values=", ".join(unknown[:5]))

    rows = _Rows(table, labels)
    rows.keep((bool(texts[row]) for row in rows.left), "empty_text")
    rows.keep((bool(labels[row]) for row in rows.left), "empty_label")
    present = {labels[row] for row in rows.left}
    rows.keep_frequent()
    if max_rows is not None and len(rows.left) > max_rows:
        strata = [(labels[row], split[row] if split is not None else "") for row in rows.left]
        rows.keep(_sample(strata, max_rows, seed), "not_sampled")
    else:
        check_rows(len(rows.left))
    cutter = tokenizer if isinstance(tokenizer, Tokenizer) else Tokenizer(tokenizer)
    spans, marks = token_spans(table, columns.text, texts, rows.left, cutter)
    rows.keep((len(spans[row]) > 0 for row in rows.left), "no_tokens")
    rows.keep_frequent()
    classes = _classes(Counter(labels[row] for row in rows.left), present)

    kept_texts = [texts[row] for row in rows.left]
    number = {label: index for index, label in enumerate(classes)}
    codes = np.array([number[labels[row]] for row in rows.left], dtype=np.int64)
    fractions = {"test_fraction": test_fraction, "validation_fraction": validation_fraction}
    if split is None:
        given = None
        parts = stratified_split(codes, **fractions, seed=seed, texts=kept_texts)
    else:
        given = split_codes(split[row] for row in rows.left)[0]
        parts = complete(given, codes, kept_texts, **fractions, seed=seed)
    if test_fraction and not (parts == TEST).any():
        raise InputError("nothing_to_test", texts=len(set(map(text_key, kept_texts))))
    dataset = Dataset(
        name=table.name,
        texts=kept_texts,
        labels=codes,
        classes=classes,
        split=parts,
        spans=[spans[row][:max_tokens] for row in rows.left],
        rationale=[marks[row][:max_tokens] for row in rows.left] if marks is not None else None,
        given=given,
    )
    unassigned = 0 if split is None else sum(not split[row] for row in rows.left)
    report = make_report(
        table,
        guessed,
        dataset,
        dropped=rows.dropped,
        token_counts=[len(spans[row]) for row in rows.left],
        max_tokens=max_tokens,
        warnings=[*table.warnings, *guessed.warnings(), *cleaned.warnings, *rows.warnings(kept_texts, unassigned)],
    )
    return dataset, replace(report, seconds=report.seconds + time.perf_counter() - began)


class _Rows:
    """The rows of a table that are kept, and why the others are not.

    left: indices of the kept rows in the table, ascending. dropped: number of rows dropped, by reason. rare: labels
    with too few rows, in the order in which they were dropped.
    """

    def __init__(self, table: Table, labels: Sequence[str]) -> None:
        self.left = list(range(len(table)))
        self.dropped: dict[str, int] = {"malformed": table.malformed} if table.malformed else {}
        self.rare: dict[str, None] = {}
        self.read = len(table) + table.malformed
        self._labels = labels

    def keep(self, good: Iterable[bool], reason: str) -> None:
        """good: for each row in `left`, whether to keep it; the others are counted under `reason`."""
        kept = [row for row, stays in zip(self.left, good, strict=True) if stays]
        if len(kept) < len(self.left):
            self.dropped[reason] = self.dropped.get(reason, 0) + len(self.left) - len(kept)
        self.left = kept

    def keep_frequent(self) -> None:
        """Drops classes of fewer than `MIN_PER_CLASS` rows."""
        counts = Counter(self._labels[row] for row in self.left)
        self.rare.update(dict.fromkeys(sorted(label for label, count in counts.items() if count < MIN_PER_CLASS)))
        self.keep((counts[self._labels[row]] >= MIN_PER_CLASS for row in self.left), "rare_class")

    def warnings(self, texts: Iterable[str], unassigned: int) -> list[DataWarning]:
        """Warnings about lost data. texts: the kept ones. unassigned: rows whose cell in the split column is empty."""
        found: list[DataWarning] = []

        def warn(code: str, when: bool, **params: object) -> None:
            if when:
                found.append(DataWarning(code, params))

        lost = sum(count for reason, count in self.dropped.items() if reason != "not_sampled")
        replaced = sum("\ufffd" in text for text in texts)
        warn("replacement_characters", replaced > 0, texts=replaced)
        warn("many_dropped", lost > MANY_DROPPED * self.read, dropped=lost, rows=self.read)
        warn("classes_dropped", bool(self.rare), classes=", ".join(list(self.rare)[:10]), count=len(self.rare))
        warn("split_missing", unassigned > 0, rows=unassigned)
        return found


def _at_least(least: int, **options: int | None) -> None:
    for name, value in options.items():
        if value is not None and value < least:
            raise InputError("bad_number", name=name, value=value, least=least)


def _sample(strata: Sequence[tuple[str, str]], size: int, seed: int) -> npt.NDArray[np.bool_]:
    """bool [rows]: a stratified choice of `size` rows, at least four of each stratum if possible."""
    by_stratum: dict[tuple[str, str], list[int]] = {}
    for index, stratum in enumerate(strata):
        by_stratum.setdefault(stratum, []).append(index)
    ordered = [by_stratum[stratum] for stratum in sorted(by_stratum)]
    shares = largest_remainder([len(group) for group in ordered], size, minimum=MIN_PER_CLASS)
    rng = np.random.default_rng(np.random.SeedSequence([seed, 0x5A3B]))
    chosen = np.zeros(len(strata), dtype=bool)
    for group, share in zip(ordered, shares, strict=True):
        chosen[rng.choice(group, size=int(share), replace=False)] = True
    return chosen


def _classes(counts: Counter[str], before: set[str]) -> tuple[str, ...]:
    """The class names in order. counts: rows of each.

    before: the labels before rare classes were dropped; it decides which error is raised.
    """
    if not counts:
        raise InputError("no_usable_rows", least=MIN_PER_CLASS) if before else InputError("no_labelled_rows")
    if len(counts) < 2:
        raise InputError("one_class", label=next(iter(counts)), least=MIN_PER_CLASS)
    limit = MAX_CLASSES if counts.total() >= ROWS_PER_CLASS * len(counts) else FEW_CLASSES
    if len(counts) > limit:
        raise InputError("too_many_classes", classes=len(counts), limit=limit)
    return in_order(counts)
