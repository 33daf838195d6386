"""What the README shows, works."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from dynmask_core.cli.main import COMMANDS, parser
from dynmask_core.data import list_samples
from dynmask_core.masks import REGISTRY

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


def test_the_python_example_runs(capsys: pytest.CaptureFixture[str]) -> None:
    example = re.search(r"```python\n(.*?)```", README, re.DOTALL)
    assert example
    exec(example[1], {})
    assert "what" in capsys.readouterr().out


def test_every_command_strategy_and_sample_is_named() -> None:
    choices: Any = next(action.choices for action in parser()._actions if action.dest == "command")
    assert len(choices) == len(COMMANDS)
    for name in (
        *(f"dynmask {command}" for command in choices),
        *REGISTRY,
        *(sample.name for sample in list_samples()),
    ):
        assert f"`{name}" in README, name
