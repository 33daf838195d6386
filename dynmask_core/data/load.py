"""Loads the data set of a run from its settings, for the command line and the pages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Unpack

from dynmask_core.config import DataConfig
from dynmask_core.data.check import build
from dynmask_core.data.columns import guess
from dynmask_core.data.corpus import CorpusReport, build_corpus
from dynmask_core.data.dataset import Dataset
from dynmask_core.data.marked import MarkedReport, build_marked
from dynmask_core.data.pairs import HEADINGS, PairsReport, build_pairs
from dynmask_core.data.readers.source import ReadOptions
from dynmask_core.data.report import Report
from dynmask_core.data.samples import PREFIX, resolve
from dynmask_core.data.table import Table
from dynmask_core.data.variants import shorten
from dynmask_core.errors import InputError


def load(table: Table, config: DataConfig, seed: int) -> tuple[Dataset, Report]:
    """The checked data set. See `guess`; `seed` draws `train_rows`, and the split if the file has none.

    An error also offers the other sheets of a workbook: they may hold what is missing.
    """
    try:
        dataset, report = build(
            table,
            guess(table, config.text_column, config.label_column, config.split_column),
            max_rows=config.max_rows,
            max_tokens=config.max_tokens,
            tokenizer=config.tokenizer,  # type: ignore[arg-type]
            seed=seed,
            merge_labels=config.merge_labels,
            drop_markers=config.drop_markers,
        )
    except InputError as error:
        offered = (remedy for warning in table.warnings for remedy in warning.remedies)
        error.mended_by(*error.remedies, *(remedy for remedy in offered if "sheet" in remedy.read))
        raise
    return (dataset if config.train_rows is None else shorten(dataset, config.train_rows, seed)), report


def load_marked(config: DataConfig, seed: int, **options: Unpack[ReadOptions]) -> tuple[Dataset, MarkedReport]:
    """The samples of `config.source` with the marks of their units. `seed` draws the split if the file has none."""
    return build_marked(resolve(config.source, **options), config, seed)


def load_corpus(
    config: DataConfig, evaluation: str, seed: int, **options: Unpack[ReadOptions]
) -> tuple[Dataset, CorpusReport]:
    """The texts of `config.source` without labels. Validation texts come from `evaluation`; "": a tenth of the lines.

    Both are named as in `resolve`. A .txt file is read as one text per line unless a delimiter is given.
    """

    def read(source: str) -> Table:
        known: ReadOptions = {"format": None if options.get("delimiter") else plain_format(source), **options}
        return resolve(source, **known)

    return build_corpus(read(config.source), config, seed, read(evaluation) if evaluation else None)


def load_sequences(
    config: DataConfig, seed: int, **options: Unpack[ReadOptions]
) -> tuple[Dataset, PairsReport | CorpusReport]:
    """See `build_sequences`. A .txt file is prose, unless its lines make a table: see `read_lines`."""
    if config.source.startswith(PREFIX):
        return build_sequences(resolve(config.source, **options), config, seed)
    known: ReadOptions = options if options.get("columns") else {**options, "columns": HEADINGS}
    table = read_lines(lambda **more: resolve(config.source, **more), config.source, **known)
    return build_sequences(table, config, seed)


def build_sequences(table: Table, config: DataConfig, seed: int) -> tuple[Dataset, PairsReport | CorpusReport]:
    """Pairs of a source and a target; or prose, if the table has a single column of texts, whose lines are targets
    without a source."""
    if len(table.columns) == 1:
        return build_corpus(table, config, seed)
    return build_pairs(table, config, seed)


def read_lines(read: Callable[..., Table], name: str, **options: Unpack[ReadOptions]) -> Table:
    """A table of texts. A .txt file has one text per line, unless its first row names the column of the texts, or its
    lines have a layout that lines of prose never have: tabs, JSON, a label with marks.

    read: reads the file called `name` with such options. Raises InputError for what cannot be read.
    """
    plain = plain_format(name)
    if plain is None or options.get("delimiter") is not None:
        return read(**options)
    try:
        table = read(**options)
        named = not set(options.get("columns", ())).isdisjoint(table.columns)
        if table.format == "text" and _tabbed(table):
            return read(**options | {"delimiter": "\t"})
        if table.format not in ("csv", "text"):
            return table
        if table.has_header and (named or guess(table, label="", split="").text.reason == "named"):
            return table
    except InputError:
        pass  # the lines of a text need not make a table
    return read(**options | {"format": plain})


def _tabbed(table: Table) -> bool:
    """Whether every line has as many tabs as the others, at least one: short cells without a heading look like prose
    otherwise."""
    counts = {line.count("\t") for line in table.cells(table.columns[0]) if line}
    return len(table.columns) == 1 and len(counts) == 1 and counts != {0}


def plain_format(source: str) -> str | None:
    """The format of a corpus: "text" for a .txt file, None to guess. The commas of prose must not make it a table."""
    return "text" if not source.startswith(PREFIX) and Path(source).suffix.casefold() == ".txt" else None
