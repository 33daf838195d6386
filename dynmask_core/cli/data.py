"""`dynmask data`: reads and checks a file, trains nothing. Also the options that all commands with data share."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dynmask_core.config import DataConfig
from dynmask_core.errors import InputError

if TYPE_CHECKING:
    from dynmask_core.data import Dataset, Report


def add(commands: Any) -> None:
    command = commands.add_parser("data", help="read and check labelled text; trains nothing")
    add_data_options(command)
    command.add_argument("--save-template", metavar="FILE", type=Path, help="write an example CSV to fill in")
    command.add_argument("--seed", type=int, default=0, help="of the split (default 0)")
    command.set_defaults(run=run, show=show)


def add_data_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("data", metavar="DATA", nargs="?", help="a file, or sample:NAME")
    command.add_argument("--text-column", metavar="NAME", help="default: guessed")
    command.add_argument("--label-column", metavar="NAME", help="default: guessed")
    command.add_argument("--split-column", metavar="NAME", help="train/validation/test; default: guessed")
    command.add_argument("--encoding", help="default: guessed (UTF-8, UTF-16, GB18030, …)")
    command.add_argument("--delimiter", help="of a CSV file; default: guessed")
    command.add_argument("--tokenizer", choices=("auto", "words", "characters"), default="auto")
    command.add_argument("--max-rows", type=int, metavar="N", help="take a stratified sample of N rows")
    command.add_argument(
        "--train-rows",
        type=int,
        metavar="N",
        help="use the labels of N training texts; others are for pre-training alone",
    )


def data_config(arguments: argparse.Namespace) -> DataConfig:
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
    )


def load_dataset(config: DataConfig, arguments: argparse.Namespace) -> tuple[Dataset, Report]:
    """The checked data set; --seed decides a split that the file does not give."""
    from dynmask_core.data import resolve
    from dynmask_core.data.load import load

    table = resolve(config.source, encoding=arguments.encoding, delimiter=arguments.delimiter)
    return load(table, config, arguments.seed)


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    if arguments.save_template is not None:
        from dynmask_core.data import template_csv

        arguments.save_template.write_bytes(template_csv())
        print(f"template written to {arguments.save_template}", file=sys.stderr)
        if arguments.data is None:
            return {"template": str(arguments.save_template)}
    config = data_config(arguments)
    _, report = load_dataset(config, arguments)
    return report.to_json()


def show(result: dict[str, Any]) -> None:
    warnings = result.pop("warnings", [])
    for name, value in result.items():
        print(f"{name:22s} {value}")
    for warning in warnings:
        print(f"! {warning}")
