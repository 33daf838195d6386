"""From the settings of a run to its data set: the way that command line and pages share."""

from __future__ import annotations

from dataclasses import replace

from dynmask_core.config import DataConfig
from dynmask_core.data.check import Dataset, build
from dynmask_core.data.columns import guess_columns
from dynmask_core.data.read import Table
from dynmask_core.data.report import Report
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
