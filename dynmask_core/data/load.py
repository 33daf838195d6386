"""From the settings of a run to its data set: the way that command line and pages share."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from dynmask_core.config import DataConfig
from dynmask_core.data.check import Dataset, build
from dynmask_core.data.columns import guess_columns
from dynmask_core.data.corpus import CorpusReport, build_corpus
from dynmask_core.data.read import Table
from dynmask_core.data.report import Report
from dynmask_core.data.samples import PREFIX, resolve
from dynmask_core.data.variants import shorten


def load(table: Table, config: DataConfig, seed: int) -> tuple[Dataset, Report]:
    """The checked data set.

    A column that the settings leave None is guessed; "" is none. `seed` decides a split that the file does not give.
    """
    named = {"text": config.text_column, "label": config.label_column, "split": config.split_column}
    given = {role: name or None for role, name in named.items() if name is not None}
    columns = replace(guess_columns(table), **given)  # type: ignore[arg-type]
    dataset, report = build(
        table,
        columns,
        max_rows=config.max_rows,
        max_tokens=config.max_tokens,
        tokenizer=config.tokenizer,  # type: ignore[arg-type]
        seed=seed,
    )
    return (dataset if config.train_rows is None else shorten(dataset, config.train_rows, seed)), report


def load_corpus(
    config: DataConfig, evaluation: str, seed: int, *, encoding: str | None = None, delimiter: str | None = None
) -> tuple[Dataset, CorpusReport]:
    """The texts of `config.source` without labels; validation texts from `evaluation`, "" for a tenth of them.

    Both as a command's DATA names them; a file that ends in .txt is one text per line, whatever it looks like.
    """
    table, other = (
        resolve(source, encoding=encoding, delimiter=delimiter, format=plain_format(source)) if source else None
        for source in (config.source, evaluation)
    )
    assert table is not None
    return build_corpus(table, config, seed, other)


def plain_format(source: str) -> str | None:
    """The format of a corpus by its name, None for what is to be guessed: prose has commas, and is no table."""
    return "text" if not source.startswith(PREFIX) and Path(source).suffix.casefold() == ".txt" else None
