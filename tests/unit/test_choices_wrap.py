"""Where there is little room, a row of choices goes on in a second line: none of them lies beyond the edge."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROWS = ("pills", "segmented_control", "multiselect")
PATHS = [*ROOT.glob("pages/*.py"), *ROOT.glob("dynmask_core/ui/**/*.py")]


def rows_of_choices(path: Path) -> list[ast.Call]:
    calls = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    return [call for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr in ROWS]


def test_there_are_rows_of_choices() -> None:
    assert sum(len(rows_of_choices(path)) for path in PATHS) > 10


def test_rows_of_choices_wrap() -> None:
    cut = []
    for path in PATHS:
        for call in rows_of_choices(path):
            given = {one.arg: ast.unparse(one.value) for one in call.keywords}
            if given.get("wrap") != "True":
                cut.append(f"{path.relative_to(ROOT)}:{call.lineno}")
    assert cut == []
