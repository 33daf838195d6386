"""What the README shows, works."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from dynmask_core import MaskedTextClassifier
from dynmask_core.cli.main import COMMANDS, parser
from dynmask_core.data import list_samples
from dynmask_core.masks import REGISTRY, canonical
from dynmask_core.messages import LANGUAGES

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


def test_the_python_example_runs(capsys: pytest.CaptureFixture[str]) -> None:
    example = re.search(r"```python\n(.*?)```", README, re.DOTALL)
    assert example
    exec(example[1], {})
    assert "what" in capsys.readouterr().out


def test_the_strategy_of_the_readme_works() -> None:
    example = re.search(r"<!-- a strategy -->\n```python\n(.*?)```.*?```json\n(.*?)```", README, re.DOTALL)
    assert example
    code, entries = example.groups()
    assert len(code.splitlines()) < 40
    exec(compile(code, "longwords.py", "exec", dont_inherit=True), {"__name__": "longwords"})
    try:
        assert canonical("longwords+window:2") == "longwords+window:2"
        model = MaskedTextClassifier(strategy="longwords", model="tiny", epochs=1)
        model.fit(["a lovely day", "an awful day"] * 8, ["good", "poor"] * 8)
        assert model.masks(["an awful"]) == [[("an", 0.0), ("awful", 1.0)]]
    finally:
        del REGISTRY["longwords"]
    told = json.loads(entries)["strategy.longwords"]
    assert set(told) == set(LANGUAGES)
    assert ": " in told["en"]
    assert "：" in told["zh"]


def test_every_command_strategy_and_sample_is_named() -> None:
    choices: Any = next(action.choices for action in parser()._actions if action.dest == "command")
    assert len(choices) == len(COMMANDS)
    for name in (
        *(f"dynmask {command}" for command in choices),
        *REGISTRY,
        *(sample.name for sample in list_samples()),
    ):
        assert f"`{name}" in README, name
