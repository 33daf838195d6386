"""Who reaches a limit of the server is told so in one sentence, and nothing is left of what was refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dynmask_core.errors import InputError
from dynmask_core.messages import text
from dynmask_core.runs import list_runs
from dynmask_core.runs.sweep import USED
from dynmask_core.runs.uploads import FOLDER, Upload

Visit = Callable[..., AppTest]
QUICK = "/train?data=fruit&model=tiny&epochs=2"


def said(app: AppTest) -> str:
    """Sentences that say what is wrong, without the signs that keep them from being read as Markdown."""
    return "\n".join(error.value for error in (*app.error, *app.warning)).replace("\\", "")


@pytest.mark.parametrize("code", ["many_runs", "line_full"])
def test_a_refused_run_is_said_and_leaves_no_folder(
    code: str, visit: Visit, line: Any, runs_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(run: object, owner: str = "") -> None:
        raise InputError(code, limit=3)

    monkeypatch.setattr(line, "submit", refuse)
    app = visit(QUICK)
    app.button(key="do_start").click().run()
    assert text(f"error.{code}", limit=3) in said(app)
    assert list_runs(runs_root) == []


def test_a_text_above_the_servers_limit_is_refused_before_it_is_read(
    visit: Visit, runs_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DYNMASK_UPLOAD_MB", "1")
    app = visit("/data")
    app.text_area(key="pasted").set_value("text,label\n" + "good film,a\nbad film,b\n" * 60_000).run()
    app.button(key="read_pasted").click().run()
    assert text("error.too_large", megabytes="1.3", limit=1) in said(app)
    assert Upload.listed(runs_root / FOLDER) == []


@pytest.mark.parametrize("days", ["", "30"])
def test_runs_of_visitors_are_entrusted_to_a_server_that_sweeps(
    days: str, visit: Visit, line: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DYNMASK_KEEP_DAYS", days)
    app = visit(QUICK)
    app.button(key="do_start").click().run()
    assert (line.submitted[0].path / USED).exists() == bool(days)
