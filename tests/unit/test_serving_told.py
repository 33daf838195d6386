"""What the documents tell who serves the app: the container, the service and the limits are those that there are."""

from __future__ import annotations

import configparser
import json
import re
import shlex
from pathlib import Path
from types import SimpleNamespace

from dynmask_core.cli import app
from dynmask_core.cli.main import parser
from dynmask_core.jobs.limits import FOR_CLASS, VARIABLES, Limits

TOLD = (Path(__file__).resolve().parents[2] / "dynmask_core" / "docs" / "serving.md").read_text(encoding="utf-8")


def block(mark: str) -> str:
    (found,) = re.findall(rf"<!-- {re.escape(mark)} -->\n```\w+\n(.*?)\n```", TOLD, re.DOTALL)
    return str(found)


def understood(words: list[str]) -> SimpleNamespace:
    assert Path(words[0]).name == "dynmask"
    arguments = parser().parse_args(words[1:])
    Limits.given(app.settings(arguments))
    return SimpleNamespace(**vars(arguments))


def test_the_container_starts_a_command_that_there_is_and_keeps_its_folder() -> None:
    lines = dict(line.split(" ", 1) for line in block("Containerfile").splitlines() if line[:1].isalpha())
    asked = understood(json.loads(lines["CMD"]))
    assert asked.for_class
    assert str(asked.port) == lines["EXPOSE"]
    assert str(asked.runs_dir) == lines["VOLUME"]
    assert f"127.0.0.1:{asked.port}/_stcore/health" in lines["HEALTHCHECK"]
    assert lines["USER"] in lines["RUN"] or f"{asked.runs_dir} {lines['USER']}" in block("Containerfile")


def test_the_service_starts_a_command_that_there_is_and_may_write_to_its_folder() -> None:
    unit = configparser.ConfigParser(interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read_string(block("dynmask.service"))
    service = unit["Service"]
    asked = understood(shlex.split(service["ExecStart"]))
    assert asked.no_browser
    assert not asked.for_class
    assert str(asked.runs_dir) == service["ReadWritePaths"]
    assert f"http://{asked.address}:{asked.port};" in TOLD, "the proxy passes on to another address"


def test_limits_are_told_with_their_defaults() -> None:
    for name, variable in VARIABLES.items():
        (row,) = re.findall(rf"^\| `{variable}` \|.*\| (.*) \|$", TOLD, re.MULTILINE)
        assert re.match(rf"{getattr(Limits(), name)}\b", row), row
        assert f"--{name.replace('_', '-')}" in TOLD
        if name in FOR_CLASS:
            assert row.endswith(str(FOR_CLASS[name]))
            assert str(FOR_CLASS[name]) in app.LIMITS[name]
        assert f"default {getattr(Limits(), name)}" in app.LIMITS[name]
