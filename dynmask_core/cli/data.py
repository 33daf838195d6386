"""`dynmask data`: reads and checks a file without training. Also the options shared by all commands with data."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dynmask_core.config import DataConfig
from dynmask_core.data.media import TEXT
from dynmask_core.data.tokenize import TOKENIZER_MODES
from dynmask_core.errors import InputError
from dynmask_core.messages import speaking_of

if TYPE_CHECKING:
    from dynmask_core.data import Dataset, Report
    from dynmask_core.data.readers.source import ReadOptions


def add(commands: Any) -> None:
    command = commands.add_parser("data", help="read and check labelled text; trains nothing")
    add_data_options(command)
    command.add_argument("--target-column", metavar="NAME", help="of pairs: what texts become; trained on by continue")
    command.add_argument("--save-template", metavar="FILE", type=Path, help="write an example CSV to fill in")
    command.add_argument("--seed", type=int, default=0, help="of the split (default 0)")
    command.set_defaults(run=run, show=show)


def add_data_options(command: argparse.ArgumentParser, *, labelled: bool = True) -> None:
    """Adds DATA and the options to read it.

    labelled: False for a command that ignores labels; the label options are then None, for `data_config`.
    """
    if labelled:
        command.add_argument("data", metavar="DATA", nargs="?", help="a file, or sample:NAME")
    else:
        told = "a file with a text per line, any data file, or sample:NAME"
        command.add_argument("data", metavar="TEXT", nargs="?", help=told)
        command.set_defaults(train_rows=None, merge_labels=False)
    add_read_options(command)
    if labelled:
        command.add_argument("--label-column", metavar="NAME", help="default: guessed")
        command.add_argument("--split-column", metavar="NAME", help="train/validation/test; default: guessed")
    told = "read texts and labels such as nan, NULL and N/A as empty"
    command.add_argument("--drop-markers", action="store_true", help=told)
    command.add_argument("--tokenizer", choices=TOKENIZER_MODES, default="auto")
    if labelled:
        told = "count labels that differ only in writing as one"
        command.add_argument("--merge-labels", action="store_true", help=told)
    sample = "a stratified sample of N rows" if labelled else "a sample of N texts"
    command.add_argument("--max-rows", type=int, metavar="N", help=f"take {sample}")
    if labelled:
        told = "use the labels of N training texts; others are for pre-training alone"
        command.add_argument("--train-rows", type=int, metavar="N", help=told)


def add_read_options(command: argparse.ArgumentParser) -> None:
    """Adds how a file is read, for `read_options`, and which column holds its texts."""
    command.set_defaults(label_column=None, split_column=None)
    command.add_argument("--text-column", metavar="NAME", help="default: guessed")
    command.add_argument("--encoding", help="default: guessed (UTF-8, UTF-16, GB18030, Big5, cp949, cp1252, …)")
    told = "bytes that the encoding does not know become U+FFFD"
    command.add_argument("--replace-bytes", action="store_true", help=told)
    command.add_argument("--delimiter", help="of a CSV file; default: guessed")
    told = "whether the first row names the columns; default: guessed"
    command.add_argument("--header", action=argparse.BooleanOptionalAction, default=None, help=told)
    command.add_argument("--sheet", metavar="NAME", help="of a workbook; default: guessed")


def data_config(arguments: argparse.Namespace, **more: Any) -> DataConfig:
    """more: settings without an option. Raises InputError `no_data` if DATA is missing."""
    if arguments.data is None:
        raise InputError("no_data")
    return DataConfig(
        arguments.data,
        arguments.text_column,
        arguments.label_column,
        arguments.split_column,
        arguments.tokenizer,
        arguments.max_rows,
        arguments.train_rows,
        merge_labels=arguments.merge_labels,
        drop_markers=arguments.drop_markers,
        **more,
    )


def read_options(arguments: argparse.Namespace) -> ReadOptions:
    """How to read the file; None: detect it."""
    target = getattr(arguments, "target_column", None)
    named = (arguments.text_column, arguments.label_column, arguments.split_column, target)
    return {
        "encoding": arguments.encoding,
        "delimiter": arguments.delimiter,
        "has_header": arguments.header,
        "sheet": arguments.sheet,
        "replace_bytes": arguments.replace_bytes,
        "columns": tuple(name for name in named if name),
    }


def load_dataset(config: DataConfig, arguments: argparse.Namespace) -> tuple[Dataset, Report]:
    """The checked data set; --seed draws the split if the file has none."""
    from dynmask_core.data import resolve
    from dynmask_core.data.load import load

    return load(resolve(config.source, **read_options(arguments)), config, arguments.seed)


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    if arguments.save_template is not None:
        from dynmask_core.data import template_csv

        arguments.save_template.write_bytes(template_csv())
        print(f"template written to {arguments.save_template}", file=sys.stderr)
        if arguments.data is None:
            return {"template": str(arguments.save_template)}
    config = data_config(arguments, target_column=arguments.target_column)
    if _of_pairs(config):
        from dynmask_core.data.load import load_sequences

        return load_sequences(config, arguments.seed, **read_options(arguments))[1].to_json()
    dataset, report = load_dataset(config, arguments)
    with speaking_of(dataset.medium):
        return _in_units(config, dataset, report.to_json())


def _of_pairs(config: DataConfig) -> bool:
    """Whether DATA holds pairs: a target column is named, or it is a sample of pairs."""
    from dynmask_core.data.samples import PREFIX, list_pairs

    return config.target_column is not None or config.source in {PREFIX + sample.name for sample in list_pairs()}


def _in_units(config: DataConfig, dataset: Dataset, account: dict[str, Any]) -> dict[str, Any]:
    """The report on samples that are no texts has what their input says of them, in place of words."""
    from dynmask_core.inputs import INPUTS

    kind = INPUTS.get(dataset.medium)
    if dataset.medium == TEXT or kind is None:
        return account
    measured = replace(config, **kind.measured(dataset.texts))
    for name in ("truncated", "vocabulary", "lengths"):
        del account[name]
    return {"medium": dataset.medium, **account, dataset.medium: kind.described(measured, dataset.texts)}


def show(result: dict[str, Any]) -> None:
    warnings = result.pop("warnings", [])
    for name, value in result.items():
        print(f"{name:22s} {value}")
    for warning in warnings:
        print(f"! {warning}")
