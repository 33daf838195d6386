"""Turns a table into a data set to train on, and reports what was left out."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import cast

import numpy as np

from dynmask_core.data.clean import clean
from dynmask_core.data.columns import guess, validate_columns
from dynmask_core.data.dataset import Dataset
from dynmask_core.data.labels import Several, in_order
from dynmask_core.data.limits import FEW_CLASSES, MAX_CLASSES, MAX_TOKENS, ROWS_PER_CLASS, check_rows
from dynmask_core.data.media import IMAGE, TEXT, Budget, fault, medium, medium_of
from dynmask_core.data.report import Report, make_report
from dynmask_core.data.roles import Columns, Guess, chosen
from dynmask_core.data.rows import KeptRows, stratified_sample
from dynmask_core.data.spans import token_spans
from dynmask_core.data.split import (
    IGNORE_SPLIT,
    MIN_PER_CLASS,
    TEST,
    TEST_SHARE,
    VALIDATION_SHARE,
    divided,
    split_codes,
    text_key,
)
from dynmask_core.data.table import Table
from dynmask_core.data.tokenize import Tokenizer, TokenizerMode
from dynmask_core.errors import InputError
from dynmask_core.messages import listed
from dynmask_core.remedies import Remedy

TARGET = "target"
"""The column with pictures of objects, beside the pictures themselves."""


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
    classes of fewer than four rows. What is empty, and what merge_labels and drop_markers do: see `clean`. `max_rows`
    draws a stratified sample of the rest (by class, and by part if a column gives it); without it, more than 100,000
    rows are an error. Texts of a token-labelled file keep the file's tokens; `tokenizer` splits the others. A split
    column is respected (see `complete`); without one, `stratified_split` decides. Equal arguments give an equal data
    set.

    Raises `InputError`: what `validate_columns` and `divided` raise, `bad_number` for an option out of range,
    `too_many_rows`, `no_usable_rows`, `no_labelled_rows`, `one_class`, `too_many_classes`, `too_many_combinations`,
    `too_many_words`, `pictures_too_large`, `nothing_to_test` if no row can be kept apart although a test is
    wanted.
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
        raise InputError("unknown_split", values=listed(unknown, 5)).mended_by(IGNORE_SPLIT)

    rows = KeptRows(table, labels)
    rows.keep((bool(texts[row]) for row in rows.left), "empty_text")
    rows.keep((bool(labels[row]) for row in rows.left), "empty_label")
    labelled = bool(rows.left)
    rows.keep_frequent()
    if max_rows is not None and len(rows.left) > max_rows:
        strata = [(labels[row], split[row] if split is not None else "") for row in rows.left]
        rows.keep(stratified_sample(strata, max_rows, seed), "not_sampled")
    else:
        check_rows(len(rows.left))
    kind = medium_of([texts[row] for row in rows.left])
    if kind == TEXT:
        cutter = tokenizer if isinstance(tokenizer, Tokenizer) else Tokenizer(tokenizer)
        spans, marks = token_spans(table, columns.text, texts, rows.left, cutter)
        rows.keep((len(spans[row]) > 0 for row in rows.left), "no_tokens")
    else:
        budget = Budget()
        faults = {row: fault(texts[row], kind, budget) for row in rows.left}  # decoded once
        for reason in ("media_broken", "no_tokens"):
            rows.keep((faults[row] != reason for row in rows.left), reason)
        spans, marks = dict.fromkeys(rows.left, np.zeros((0, 2), dtype=np.int32)), None
    rows.keep_frequent()
    classes = _classes(Counter(labels[row] for row in rows.left), labelled, cleaned.several, guessed.others("label"))

    kept_texts = [texts[row] for row in rows.left]
    number = {label: index for index, label in enumerate(classes)}
    codes = np.array([number[labels[row]] for row in rows.left], dtype=np.int64)
    fractions = {"test_fraction": test_fraction, "validation_fraction": validation_fraction}
    named = None if split is None else [split[row] for row in rows.left]
    parts, given = divided(named, codes, kept_texts, **fractions, seed=seed)
    if test_fraction and not (parts == TEST).any():
        texts_there = len(set(map(text_key, kept_texts)))
        raise InputError("nothing_to_test", texts=texts_there).mended_by(*guessed.others("text"))
    dataset = Dataset(
        name=table.name,
        texts=kept_texts,
        labels=codes,
        classes=classes,
        split=parts,
        spans=[spans[row][:max_tokens] for row in rows.left],
        rationale=[marks[row][:max_tokens] for row in rows.left] if marks is not None else None,
        given=given,
        targets=_targets(table, rows.left, columns.text),
    )
    unassigned = 0 if split is None else sum(not split[row] for row in rows.left)
    found = rows.warnings(kept_texts, unassigned, (*guessed.others("text"), *guessed.others("label")))
    report = make_report(
        table,
        guessed,
        dataset,
        dropped=rows.dropped,
        token_counts=[len(spans[row]) for row in rows.left],
        max_tokens=max_tokens,
        warnings=[*table.warnings, *guessed.warnings(), *cleaned.warnings, *found],
    )
    return dataset, replace(report, seconds=report.seconds + time.perf_counter() - began)


def _targets(table: Table, rows: Sequence[int], sample: str) -> list[str] | None:
    """What is known of the samples beside their classes, if the table has it: where the objects of pictures are, or
    sounds without their noise. Classes are learned without it, but what a mask finds can be compared with it."""
    if table.targets is not None:
        return [table.targets[row] for row in rows]
    if TARGET not in table.columns or sample == TARGET:
        return None
    cells = table.cells(TARGET)
    found = [cells[row] for row in rows]
    return found if all(medium(cell) == IMAGE for cell in found) else None


def _at_least(least: int, **options: int | None) -> None:
    for name, value in options.items():
        if value is not None and value < least:
            raise InputError("bad_number", name=name, value=value, least=least)


def _classes(
    counts: Counter[str], labelled: bool, several: Several | None, others: tuple[Remedy, ...]
) -> tuple[str, ...]:
    """The class names in order. counts: rows of each.

    labelled: whether there were rows with text and label before rare classes were dropped; it decides which error is
    raised. several: whether cells hold several labels. others: columns that could be the label instead.
    """
    limit = MAX_CLASSES if counts.total() >= ROWS_PER_CLASS * len(counts) else FEW_CLASSES
    if not labelled:
        error = InputError("no_labelled_rows")
    elif not counts:
        error = InputError("no_usable_rows", least=MIN_PER_CLASS)
    elif len(counts) < 2:
        error = InputError("one_class", label=next(iter(counts)), least=MIN_PER_CLASS)
    elif len(counts) <= limit:
        return in_order(counts)
    elif several is not None:
        error = InputError("too_many_combinations", classes=len(counts), limit=limit, example=several.example)
    else:
        error = InputError("too_many_classes", classes=len(counts), limit=limit)
    raise error.mended_by(*others)
