"""From a table as read to a data set to train on, with an account of what was left out."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
import numpy.typing as npt

from dynmask_core.data.columns import MAX_CLASSES, Columns, guess_columns, validate_columns
from dynmask_core.data.read import Table
from dynmask_core.data.report import Report, make_report
from dynmask_core.data.spans import Spans, token_spans
from dynmask_core.data.split import (
    MIN_PER_CLASS,
    PARTS,
    TEST_SHARE,
    VALIDATION_SHARE,
    Parts,
    complete,
    largest_remainder,
    split_codes,
    stratified_split,
)
from dynmask_core.data.tokenize import Tokenizer, TokenizerMode
from dynmask_core.errors import InputError

MAX_ROWS = 100_000
MAX_TOKENS = 512

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Dataset:
    """Labelled, split and tokenised texts, one entry per row in file order.

    texts: as written, without white space at the ends. labels: int64, index into `classes`. classes: sorted,
    by value where all are numbers. split: int8, 0 train, 1 validation, 2 test, 3 transfer, −1 not used. spans:
    per text an int32 array [tokens, 2] of character offsets [start, end) into it, one to `max_tokens` of them.
    rationale: per text an int8 array [tokens] with 1 for a token that was marked as a reason, or None where
    the file has no marks. given: int8, the part that the file itself names for each row, −1 where it names none; None
    where it has no such column.
    """

    name: str
    texts: list[str]
    labels: Rows
    classes: tuple[str, ...]
    split: Parts
    spans: list[Spans]
    rationale: list[npt.NDArray[np.int8]] | None = None
    given: Parts | None = None

    def __len__(self) -> int:
        return len(self.texts)

    def rows(self, part: str) -> Rows:
        """int64 indices of the rows of one of `PARTS`."""
        return np.flatnonzero(self.split == PARTS.index(part))


def build(
    table: Table,
    columns: Columns | None = None,
    *,
    max_rows: int | None = None,
    max_tokens: int = MAX_TOKENS,
    tokenizer: TokenizerMode | Tokenizer = "auto",
    test_fraction: float = TEST_SHARE,
    validation_fraction: float = VALIDATION_SHARE,
    seed: int = 0,
) -> tuple[Dataset, Report]:
    """Checks, samples, tokenises and splits a table.

    Left out, and counted in the report: malformed rows, rows with an empty text or label or with a text
    without any token, classes of fewer than four rows. `max_rows` draws a stratified sample (by class, and by
    part where a column gives it) from what is left; without it more than 100,000 rows are an error. Texts of
    a token-labelled file keep the file's tokens; others are cut by `tokenizer`. A split column is respected
    (see `complete`), otherwise `stratified_split` decides. Equal arguments give an equal data set.

    Raises `InputError`: what `validate_columns`, `stratified_split` and `complete` raise,
    `bad_number` for an option out of range, `too_many_rows`, `no_usable_rows`, `one_class`,
    `too_many_classes`.
    """
    began = time.perf_counter()
    _positive(max_rows=max_rows, max_tokens=max_tokens)
    if seed < 0:
        raise InputError("bad_number", name="seed", value=seed, least=0)
    columns = columns or guess_columns(table)
    validate_columns(table, columns)
    texts, labels, split = _cells(table, columns)
    if split is not None and (unknown := split_codes(split)[1]):
        raise InputError("unknown_split", values=", ".join(unknown[:5]))
    dropped: dict[str, int] = {"malformed": table.malformed} if table.malformed else {}

    def drop(rows: Rows, keep: Sequence[bool] | npt.NDArray[np.bool_], reason: str) -> Rows:
        kept: Rows = rows[np.asarray(keep, dtype=bool)]
        if len(kept) < len(rows):
            dropped[reason] = dropped.get(reason, 0) + len(rows) - len(kept)
        return kept

    rare: dict[str, None] = {}

    def drop_rare(rows: Rows) -> Rows:
        counts = Counter(labels[row] for row in rows)
        rare.update(dict.fromkeys(sorted(label for label, count in counts.items() if count < MIN_PER_CLASS)))
        return drop(rows, [counts[labels[row]] >= MIN_PER_CLASS for row in rows], "rare_class")

    rows: Rows = np.arange(len(texts), dtype=np.int64)
    rows = drop(rows, [bool(texts[row]) for row in rows], "empty_text")
    rows = drop(rows, [bool(labels[row]) for row in rows], "empty_label")
    present = {labels[row] for row in rows}
    rows = drop_rare(rows)
    if max_rows is not None and len(rows) > max_rows:
        strata = [(labels[row], split[row] if split is not None else "") for row in rows]
        rows = drop(rows, _sample(strata, max_rows, seed), "not_sampled")
    elif len(rows) > MAX_ROWS:
        raise InputError("too_many_rows", rows=len(rows), limit=MAX_ROWS)

    cutter = tokenizer if isinstance(tokenizer, Tokenizer) else Tokenizer(tokenizer)
    all_spans, all_marks = token_spans(table, columns.text, texts, rows.tolist(), cutter)
    rows = drop_rare(drop(rows, [len(all_spans[row]) > 0 for row in rows], "no_tokens"))
    classes = _classes({labels[row] for row in rows}, present)

    kept_texts = [texts[row] for row in rows]
    number = {label: index for index, label in enumerate(classes)}
    codes = np.array([number[labels[row]] for row in rows], dtype=np.int64)
    fractions = {"test_fraction": test_fraction, "validation_fraction": validation_fraction}
    unassigned, given = 0, None
    if split is None:
        parts = stratified_split(codes, **fractions, seed=seed, texts=kept_texts)
    else:
        values = [split[row] for row in rows]
        unassigned = sum(not value.strip() for value in values)
        given = split_codes(values)[0]
        parts = complete(given, codes, kept_texts, **fractions, seed=seed)
    dataset = Dataset(
        name=table.name,
        texts=kept_texts,
        labels=codes,
        classes=classes,
        split=parts,
        spans=[all_spans[row][:max_tokens] for row in rows],
        rationale=[all_marks[row][:max_tokens] for row in rows] if all_marks is not None else None,
        given=given,
    )
    placed = zip(kept_texts, dataset.spans, strict=True)
    vocabulary = {text[start:end] for text, spans in placed for start, end in spans.tolist()}
    report = make_report(
        table,
        columns,
        dataset,
        dropped=dropped,
        rare_classes=list(rare),
        token_counts=[len(all_spans[row]) for row in rows],
        max_tokens=max_tokens,
        vocabulary=len({word.lower() for word in vocabulary}),
        unassigned=unassigned,
        seconds=table.seconds + time.perf_counter() - began,
    )
    return dataset, report


def _positive(**options: int | None) -> None:
    for name, value in options.items():
        if value is not None and value < 1:
            raise InputError("bad_number", name=name, value=value, least=1)


def _cells(table: Table, columns: Columns) -> tuple[list[str], list[str], list[str] | None]:
    def cells(name: str) -> list[str]:
        return [cell.strip() for cell in table.frame[name].tolist()]

    split = cells(columns.split) if columns.split is not None else None
    return cells(columns.text), cells(cast(str, columns.label)), split


def _sample(strata: Sequence[tuple[str, str]], size: int, seed: int) -> npt.NDArray[np.bool_]:
    """bool [rows]: a stratified choice of `size` rows, four of each stratum where there is room."""
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


def _classes(labels: set[str], before: set[str]) -> tuple[str, ...]:
    """Class names in order, by value where all are numbers; `before` holds the rare labels too."""
    if not labels:
        raise InputError("no_usable_rows", least=MIN_PER_CLASS) if before else InputError("no_labelled_rows")
    if len(labels) < 2:
        raise InputError("one_class", label=next(iter(labels)), least=MIN_PER_CLASS)
    if len(labels) > MAX_CLASSES:
        raise InputError("too_many_classes", classes=len(labels), limit=MAX_CLASSES)
    try:
        return tuple(sorted(labels, key=lambda label: (float(label), label)))
    except ValueError:
        return tuple(sorted(labels))
