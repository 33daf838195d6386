"""Plain text to learn a language from: lines without labels; long lines are cut into pieces."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from dynmask_core.config import DataConfig
from dynmask_core.data.clean import clean_texts
from dynmask_core.data.columns import check_name, guess
from dynmask_core.data.dataset import Dataset
from dynmask_core.data.limits import check_rows, check_words
from dynmask_core.data.media import TEXT, Budget, is_readable, medium_of
from dynmask_core.data.report import overlap
from dynmask_core.data.rows import sample_of
from dynmask_core.data.spans import Spans
from dynmask_core.data.split import TRAIN, VALIDATION, VALIDATION_SHARE, stratified_split
from dynmask_core.data.table import Table
from dynmask_core.data.tokenize import Tokenizer, words_at
from dynmask_core.data.warning import DataWarning
from dynmask_core.errors import InputError

LEAST = 20
"""Minimum number of training texts, and of words that occur at least twice in them: fewer teach no language."""


@dataclass(frozen=True)
class CorpusReport:
    """What was read.

    texts: number of texts; each piece of a long line counts as one. cut: lines that were cut into pieces. dropped:
    lines left out, by reason. tokens: in training and validation texts together. parts: texts of each part. shared:
    validation texts that are also training texts. warnings: what was guessed, and which texts look like none.
    """

    texts: int
    cut: int
    dropped: dict[str, int]
    tokens: int
    parts: dict[str, int]
    shared: int
    warnings: tuple[DataWarning, ...] = ()

    def to_json(self, lang: str = "en") -> dict[str, Any]:
        """Plain types for `json.dumps`; warnings become sentences in `lang`."""
        return {**asdict(self), "warnings": [warning.text(lang) for warning in self.warnings]}


def build_corpus(
    table: Table, config: DataConfig, seed: int, evaluation: Table | None = None
) -> tuple[Dataset, CorpusReport]:
    """A data set without classes, from the table's text column. Lines of more than `config.max_tokens` tokens are cut.

    Validation texts come from `evaluation`; without it, they are a tenth of the lines, drawn by `seed`. Pieces of one
    line and equal lines stay together. Raises InputError: `column_missing`, `no_validation_text`, `too_many_rows`,
    `corpus_few_media` for too few pictures or sounds, `corpus_few_lines` if no line can be spared for validation,
    `corpus_small` if there are fewer than LEAST training texts or fewer than LEAST words that occur at least twice in
    them, and `strange_validation_text` if the validation texts have none of these words.
    """
    check_name(table, config.text_column)
    if medium_of(_samples(table, config)[0]) != TEXT:
        return _media(table, config, seed, evaluation)
    lines = _Lines(config)
    lines.add(table)
    if config.max_rows is not None and len(lines.texts) > config.max_rows:
        lines.sample(config.max_rows, seed)
    own = len(lines.texts)
    check_rows(own)
    if evaluation is not None:
        lines.add(evaluation)
        if len(lines.texts) == own:
            raise InputError("no_validation_text")
        split = np.where(np.arange(len(lines.texts)) < own, TRAIN, VALIDATION).astype(np.int8)
    else:
        # All pieces of a line go to the same part: training on its beginning would help to predict its end.
        first = np.unique(lines.line, return_index=True)[1]
        whole = [lines.lines[i] for i in np.array(lines.line)[first]]
        alike = np.zeros(len(whole), dtype=np.int64)
        parts = stratified_split(alike, test_fraction=0.0, validation_fraction=VALIDATION_SHARE, seed=seed, texts=whole)
        split = parts[np.unique(lines.line, return_inverse=True)[1]]
    dataset = Dataset(
        name=table.name,
        texts=lines.texts,
        labels=np.zeros(len(lines.texts), dtype=np.int64),
        classes=(),
        split=split,
        spans=lines.spans,
    )
    counts = Counter(_words(dataset, "train"))
    words = sum(count > 1 for count in counts.values())
    if not len(dataset.rows("validation")) and len(dataset.rows("train")) >= LEAST:
        raise InputError("corpus_few_lines", lines=len(set(lines.line)))
    if min(len(dataset.rows("train")), words) < LEAST or not len(dataset.rows("validation")):
        raise InputError("corpus_small", texts=len(dataset.rows("train")), words=words, least=LEAST)
    if not any(counts[word] > 1 for word in _words(dataset, "validation")):
        raise InputError("strange_validation_text")  # nothing to predict: a loss of 0 would look like success
    report = CorpusReport(
        texts=len(dataset),
        cut=lines.cut,
        dropped=dict(lines.dropped),
        tokens=int(sum(map(len, dataset.spans))),
        parts={part: len(dataset.rows(part)) for part in ("train", "validation")},
        shared=overlap(dataset, "validation"),
        warnings=tuple(lines.warnings),
    )
    return dataset, report


def _samples(table: Table, config: DataConfig) -> tuple[list[str], tuple[DataWarning, ...]]:
    """The cells of the configured column if the table has it, else of the guessed one, and what is not sure."""
    if config.text_column is not None and config.text_column in table.columns:
        return table.cells(config.text_column), ()
    guessed = guess(table, label="")
    return table.cells(guessed.columns.text), tuple(guessed.warnings())


def _media(table: Table, config: DataConfig, seed: int, evaluation: Table | None) -> tuple[Dataset, CorpusReport]:
    """The same for pictures or sounds, which are neither cut nor counted in tokens."""
    own, doubts = _samples(table, config)
    more = [] if evaluation is None else _samples(evaluation, config)[0]
    budget = Budget()
    good = [[sample for sample in samples if sample and is_readable(sample, budget)] for samples in (own, more)]
    dropped = {"media_broken": len(own) + len(more) - sum(map(len, good))}
    if evaluation is not None and medium_of(good[1]) != medium_of(good[0]):
        raise InputError("no_validation_text")
    if config.max_rows is not None and len(good[0]) > config.max_rows:
        dropped["not_sampled"] = len(good[0]) - config.max_rows
        good[0] = [good[0][i] for i in sample_of(len(good[0]), config.max_rows, seed)]
    check_rows(len(good[0]))
    texts = [*good[0], *good[1]]
    if evaluation is None:
        alike = np.zeros(len(texts), dtype=np.int64)
        split = stratified_split(alike, test_fraction=0.0, validation_fraction=VALIDATION_SHARE, seed=seed, texts=texts)
    else:
        split = np.where(np.arange(len(texts)) < len(good[0]), TRAIN, VALIDATION).astype(np.int8)
    nothing: list[Spans] = [np.zeros((0, 2), dtype=np.int32) for _ in texts]
    dataset = Dataset(table.name, texts, np.zeros(len(texts), dtype=np.int64), (), split, nothing)
    parts = {part: len(dataset.rows(part)) for part in ("train", "validation")}
    if parts["train"] < LEAST or not parts["validation"]:
        raise InputError("corpus_few_media", found=len(texts), least=LEAST)
    found = {reason: count for reason, count in dropped.items() if count}
    shared = overlap(dataset, "validation")
    return dataset, CorpusReport(len(texts), 0, found, 0, parts, shared, (*doubts, *table.warnings))


def _words(dataset: Dataset, part: str) -> Iterator[str]:
    """All words of a part, in order."""
    for row in dataset.rows(part):
        yield from words_at(dataset.texts[row], dataset.spans[row])


class _Lines:
    """Collects texts. line: for each text, the index in `lines` of the line that it comes from."""

    def __init__(self, config: DataConfig) -> None:
        self.config = config
        self.tokenizer = Tokenizer(config.tokenizer)  # type: ignore[arg-type]
        self.lines: list[str] = []
        self.line: list[int] = []
        self.texts: list[str] = []
        self.spans: list[Spans] = []
        self.dropped: Counter[str] = Counter()
        self.warnings: list[DataWarning] = []
        self.cut = 0
        self.words = 0

    def add(self, table: Table) -> None:
        """Adds the table's texts, from the configured column if the table has it, else from the guessed one."""
        if table.malformed:
            self.dropped["malformed"] += table.malformed
        cells, doubts = _samples(table, self.config)
        self.warnings += [*doubts, *table.warnings]
        texts, found = clean_texts(cells, drop_markers=self.config.drop_markers)
        self.warnings += found
        for text in texts:
            spans = self.tokenizer.array(text)
            self.words += len(spans)
            if self.config.max_rows is None:  # of a sample only its own words count
                check_words(self.words)
            if not len(spans):
                self.dropped["no_tokens" if text else "empty_text"] += 1
                continue
            self.lines.append(text)
            pieces = -(-len(spans) // self.config.max_tokens)
            self.cut += pieces > 1
            for part in np.array_split(spans, pieces):
                start, end = int(part[0, 0]), int(part[-1, 1])
                self.line.append(len(self.lines) - 1)
                self.texts.append(text[start:end])
                self.spans.append(part - np.int32(start))

    def sample(self, size: int, seed: int) -> None:
        """Keeps `size` texts, drawn by `seed`, in their original order."""
        kept = sample_of(len(self.texts), size, seed)
        self.dropped["not_sampled"] = len(self.texts) - size
        self.line = [self.line[i] for i in kept]
        self.texts = [self.texts[i] for i in kept]
        self.spans = [self.spans[i] for i in kept]
        check_words(sum(map(len, self.spans)))
