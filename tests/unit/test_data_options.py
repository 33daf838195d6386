"""The options of DATA, as several commands have them."""

from __future__ import annotations

import argparse

import pytest

from dynmask_core.cli.data import add_data_options, data_config, read_options
from dynmask_core.config import DataConfig
from dynmask_core.errors import InputError

COMMON = ["--text-column=said", "--tokenizer=characters", "--max-rows=50", "--encoding=gbk", "--delimiter=;"]


def parsed(*arguments: str, labelled: bool) -> argparse.Namespace:
    command = argparse.ArgumentParser(exit_on_error=False)
    add_data_options(command, labelled=labelled)
    return command.parse_args(arguments)


@pytest.mark.parametrize("labelled", [True, False])
def test_what_both_kinds_of_data_share_becomes_the_same_settings(labelled: bool) -> None:
    arguments = parsed("a.csv", *COMMON, labelled=labelled)
    expected = DataConfig("a.csv", text_column="said", tokenizer="characters", max_rows=50, max_tokens=64)
    assert data_config(arguments, max_tokens=64) == expected
    assert read_options(arguments) == {
        "encoding": "gbk",
        "delimiter": ";",
        "has_header": None,
        "sheet": None,
        "replace_bytes": False,
        "columns": ("said",),
    }


@pytest.mark.parametrize("option", ["--label-column", "--split-column", "--train-rows"])
def test_labels_are_asked_for_only_where_they_are_read(option: str) -> None:
    role = option.removeprefix("--").replace("-", "_")
    assert getattr(data_config(parsed("a.csv", option, "7", labelled=True)), role) in ("7", 7)
    with pytest.raises((argparse.ArgumentError, SystemExit)):
        parsed("a.csv", option, "7", labelled=False)
    assert getattr(data_config(parsed("a.csv", labelled=False)), role) is None


@pytest.mark.parametrize("labelled", [True, False])
def test_no_data_is_said(labelled: bool) -> None:
    with pytest.raises(InputError) as caught:
        data_config(parsed(labelled=labelled))
    assert caught.value.code == "no_data"
