"""Samples whose units are marked: texts with a tag for every word, and pictures with a picture of their objects."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from dynmask_core.config import DataConfig
from dynmask_core.data.columns import check_name, guess
from dynmask_core.data.dataset import Dataset
from dynmask_core.data.limits import check_rows
from dynmask_core.data.media import IMAGE, Budget, content_of, medium_of, open_picture
from dynmask_core.data.names import normal
from dynmask_core.data.rows import sample_of
from dynmask_core.data.spans import Spans, given_spans
from dynmask_core.data.split import divided
from dynmask_core.data.table import Table
from dynmask_core.data.warning import DataWarning
from dynmask_core.errors import InputError

TAGS = ("tags", "ner_tags", "pos_tags", "labels", "bio", "target", "mask", "segmentation")
"""Names of columns that hold marks, the best first."""
LEAST = 10
"""Fewer samples are nothing to learn from."""


@dataclass(frozen=True)
class MarkedReport:
    """rows: samples of the data set. dropped: rows left out, by reason. marks: how many words have each tag; empty for
    pictures. parts: samples of each part. text_column, target_column: where they stand."""

    rows: int
    dropped: dict[str, int]
    marks: dict[str, int]
    parts: dict[str, int]
    text_column: str
    target_column: str
    warnings: tuple[DataWarning, ...] = ()

    def to_json(self, lang: str = "en") -> dict[str, Any]:
        """Plain types for `json.dumps`; warnings become sentences in `lang`."""
        return {**asdict(self), "warnings": [warning.text(lang) for warning in self.warnings]}


@dataclass(frozen=True)
class _Sample:
    text: str
    target: str
    spans: Spans


def build_marked(table: Table, config: DataConfig, seed: int) -> tuple[Dataset, MarkedReport]:
    """A data set with targets and without classes.

    The marks stand in the column `config.label_column`, by default the first named as in TAGS. Of a text they are a
    list in JSON, or words between spaces, as many as the text has tokens: those of a file with `tokens`, else what
    stands between spaces. Longer texts than `config.max_tokens` are cut. Of a picture they are a picture of the same
    size. Rows where this does not fit are left out and counted. Raises `InputError`: `column_missing`, `no_targets`,
    `too_many_rows`, `few_marked` for fewer than LEAST rows, and what `divided` raises.
    """
    marks = target_column(table, config.label_column)
    text, split = _other_columns(table, marks, config)
    check_name(table, text)
    check_name(table, split or None)
    texts, targets = table.cells(text), table.cells(marks)
    pictures = medium_of(texts) == IMAGE
    kept: dict[int, _Sample] = {}
    budget = Budget()
    dropped: Counter[str] = Counter({"malformed": table.malformed} if table.malformed else {})
    rows = range(len(table)) if config.max_rows is None else sample_of(len(table), config.max_rows, seed).tolist()
    dropped.update({"not_sampled": len(table) - len(rows)} if len(rows) < len(table) else {})
    for row in rows:
        given = table.tokens[row] if table.tokens is not None else texts[row].split()
        made = (
            _picture(texts[row], targets[row], budget) if pictures else _words(given, targets[row], config.max_tokens)
        )
        if isinstance(made, _Sample):
            kept[row] = made
        else:
            dropped[made] += 1
    check_rows(len(kept))
    if len(kept) < LEAST:
        raise InputError("few_marked", rows=len(kept), least=LEAST)
    samples = list(kept.values())
    parts, own = divided(
        [table.cells(split)[row] for row in kept] if split else None,
        np.zeros(len(samples), dtype=np.int64),
        [one.text for one in samples],
        seed=seed,
    )
    dataset = Dataset(
        name=table.name,
        texts=[one.text for one in samples],
        labels=np.zeros(len(samples), dtype=np.int64),
        classes=(),
        split=parts,
        spans=[one.spans for one in samples],
        given=own,
        targets=[one.target for one in samples],
    )
    counts = Counter(() if pictures else (tag for one in samples for tag in one.target.split()))
    sizes = {part: len(dataset.rows(part)) for part in ("train", "validation", "test")}
    report = MarkedReport(len(samples), dict(dropped), dict(counts.most_common()), sizes, text, marks, table.warnings)
    return dataset, report


def _other_columns(table: Table, marks: str, config: DataConfig) -> tuple[str, str | None]:
    """Those of the texts and of the parts."""
    rest = Table(table.frame.drop(columns=[marks]), table.format, name=table.name)
    guessed = guess(rest, text="text" if table.tokens is not None else config.text_column, label="").columns
    return guessed.text, guessed.split if config.split_column is None else config.split_column


def marked_columns(table: Table, config: DataConfig) -> tuple[str, str]:
    """Those of the texts and of their marks, as `build_marked` takes them. Raises InputError `column_missing`,
    `no_targets`."""
    marks = target_column(table, config.label_column)
    return _other_columns(table, marks, config)[0], marks


def target_column(table: Table, named: str | None) -> str:
    """The column of marks. Raises InputError `column_missing`, `no_targets`."""
    if named is not None:
        check_name(table, named)
        return named
    by_name = {normal(name): name for name in reversed(table.columns)}
    for name in TAGS:
        if normal(name) in by_name:
            return by_name[normal(name)]
    raise InputError("no_targets")


def _picture(sample: str, target: str, budget: Budget) -> _Sample | str:
    """The sample, or the reason why it is none."""
    if not sample or not target:
        return "empty_text"
    try:
        sizes = [open_picture(content_of(one), budget=budget).size for one in (sample, target)]
    except InputError as error:
        if error.code != "media_broken":
            raise
        return error.code
    if sizes[0] != sizes[1]:
        return "marks_differ"
    return _Sample(sample, target, np.zeros((0, 2), dtype=np.int32))


def _words(tokens: Sequence[str], target: str, most: int) -> _Sample | str:
    """The sample, or the reason why it is none."""
    tags = _tags(target)
    if len(tags) != len(tokens) or not all(tags):
        return "marks_differ"
    spans, visible = given_spans(tokens)
    if not visible:
        return "no_tokens"
    text = " ".join(tokens).strip()
    return _Sample(text, " ".join(tags[place] for place in visible[:most]), spans[:most])


def _tags(target: str) -> list[str]:
    if target.startswith("["):
        try:
            return ["".join(str(tag).split()) for tag in json.loads(target)]
        except ValueError:
            return []
    return target.split()
