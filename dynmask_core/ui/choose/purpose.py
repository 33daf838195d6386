"""What texts are read for: which data set is made of a table, and which of its columns a reader can choose."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from dynmask_core.config import GUESS_TOKENS, DataConfig
from dynmask_core.data import Dataset, Table, read_bytes
from dynmask_core.data.corpus import build_corpus
from dynmask_core.data.load import build_sequences, load, plain_format, read_lines
from dynmask_core.data.marked import build_marked
from dynmask_core.data.pairs import HEADINGS, PairsReport
from dynmask_core.data.readers.source import ReadOptions
from dynmask_core.errors import InputError

Made = tuple[DataConfig, Dataset, Any]
"""The settings with what the samples decide of them, the data set, and the report on it."""


def _nothing(_: Any) -> dict[str, str]:
    return {}


def _guess(_data: bytes, _name: str) -> ReadOptions:
    return {}


@dataclass(frozen=True)
class Purpose:
    """make: of a table, settings and a seed; raises InputError if its rows cannot be used. used: report → the settings
    that name the columns which were used. reading: bytes and name of a file → what is known of how to read it. roles:
    settings of DataConfig that name a column which a reader can choose."""

    name: str
    make: Callable[[Table, DataConfig, int], Made]
    used: Callable[[Any], dict[str, str]] = _nothing
    reading: Callable[[bytes, str], ReadOptions] = _guess
    roles: tuple[str, ...] = ()


def _labelled(table: Table, config: DataConfig, seed: int) -> Made:
    return config, *load(table, config, seed)


def _corpus(table: Table, config: DataConfig, seed: int) -> Made:
    return config, *build_corpus(table, config, seed)


def _marked(table: Table, config: DataConfig, seed: int) -> Made:
    return config, *build_marked(table, config, seed)


def _sequences(table: Table, config: DataConfig, seed: int) -> Made:
    if len(table.columns) == 1:  # prose, which is cut as it is for guessing
        config = replace(config, max_tokens=GUESS_TOKENS)
    return config, *build_sequences(table, config, seed)


def _of_labels(report: Any) -> dict[str, str]:
    used = report.columns
    return {"text_column": used.text, "label_column": used.label, "split_column": used.split or ""}


def _of_marks(report: Any) -> dict[str, str]:
    return {"text_column": report.text_column, "label_column": report.target_column}


def _of_pairs(report: Any) -> dict[str, str]:
    if not isinstance(report, PairsReport):
        return {}  # prose has one column
    return {"text_column": report.source_column, "target_column": report.target_column}


def _lines(_data: bytes, name: str) -> ReadOptions:
    format = plain_format(name)
    return {"format": format} if format else {}


def _pairs_or_lines(data: bytes, name: str) -> ReadOptions:
    """Lines of prose if the file is a plain text, or pasted, and its lines make no table."""
    known: ReadOptions = {"columns": HEADINGS}
    if name and plain_format(name) is None:
        return known
    try:
        table = read_lines(partial(read_bytes, data, name), name or "pasted.txt", **known)
    except InputError:
        return known  # the reader of the file says it again
    if table.format == "tsv":
        return {**known, "delimiter": "\t"}
    return {**known, "format": "text"} if table.format == "text" else known


PURPOSES = {
    one.name: one
    for one in (
        Purpose("labelled", _labelled, _of_labels, roles=("text_column", "label_column", "split_column")),
        Purpose("corpus", _corpus, reading=_lines),
        Purpose("marked", _marked, _of_marks, roles=("text_column", "label_column")),
        Purpose("sequences", _sequences, _of_pairs, _pairs_or_lines, ("text_column", "target_column")),
    )
}
