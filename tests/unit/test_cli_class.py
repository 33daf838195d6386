"""`dynmask class`: what it says of a class, and what it writes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dynmask_core.cli import main
from dynmask_core.learn import classroom
from dynmask_core.learn.catalogue import find
from dynmask_core.runs import Run


def test_class_lists_shows_and_exports(scored_run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root, step = scored_run.path.parent, find("what-is-a-mask").in_language("en").steps
    room, _ = classroom.create(root, "what-is-a-mask", "en", len(step))
    who = room.join("Ada").who
    room.guess(who, 1, step[0], [16.0, (0,)])
    room.started(who, scored_run.name)
    assert main(["class", "list", "--json"]) == 0
    (line,) = json.loads(capsys.readouterr().out)["classes"]
    assert (line["class"], line["people"], line["step"], line["ended"]) == (room.code, 1, 1, False)
    assert main(["class", "show", room.code.lower(), "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["questions"][0]["answers"] == [{"answer": "16", "count": 1, "right": True}]
    assert len(shown["board"]) == 2
    for what, rows in (("answers", 2), ("board", 2)):
        to = tmp_path / f"{what}.csv"
        assert main(["class", "export", room.code, "--what", what, "--to", str(to)]) == 0
        assert len(to.read_text(encoding="utf-8-sig").splitlines()) == rows + 1
    capsys.readouterr()
    for bad in (["show"], ["export", room.code], ["show", "../../x"]):
        assert main(["class", *bad]) == 2
        assert len(capsys.readouterr().err.splitlines()) == 1
