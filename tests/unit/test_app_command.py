"""`dynmask app`: how the app is opened, from a checkout and from an installed package."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from dynmask_core import place
from dynmask_core.cli import app, main
from dynmask_core.cli.main import parser
from dynmask_core.jobs import state
from dynmask_core.jobs.limits import Limits

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What Streamlit would have been called with."""
    calls: list[list[str]] = []
    monkeypatch.setattr(sys, "argv", sys.argv)
    monkeypatch.setattr(os, "environ", {name: value for name, value in os.environ.items() if "DYNMASK" not in name})
    monkeypatch.setattr(app, "log", lambda: None)
    monkeypatch.setattr("runpy.run_module", lambda name, **_: calls.append(list(sys.argv)))
    monkeypatch.setattr(app, "_check", lambda arguments, address: None)
    return calls


def test_the_app_listens_on_this_machine_alone_unless_it_is_for_a_class(called: list[list[str]]) -> None:
    main(["app"])
    main(["app", "--class"])
    addresses = [words[words.index("--server.address") + 1] for words in called]
    assert addresses == ["127.0.0.1", "0.0.0.0"]
    assert [words[words.index("--server.headless") + 1] for words in called] == ["false", "true"]


def test_a_class_is_told_the_link_to_give(called: list[list[str]], capsys: pytest.CaptureFixture[str]) -> None:
    main(["app", "--class", "--port", "8600"])
    link = capsys.readouterr().out.strip()
    assert link.startswith("http://")
    assert link.endswith(":8600/learn")
    assert "0.0.0.0" not in link


def test_options_become_the_settings_that_the_documents_name(tmp_path: Path) -> None:
    words = ["app", "--runs-dir", str(tmp_path), "--workers", "3", "--scheduler", "tcp://a:1", "--encoders", "shelf"]
    words += ["--visitor-runs", "4", "--line", "5", "--visitor-texts", "6", "--upload-mb", "7"]
    words += ["--keep-days", "8", "--keep-gb", "9"]
    found = app.settings(parser().parse_args(words))
    shelf = str(Path("shelf").resolve())
    assert found == {
        "DYNMASK_RUNS": str(tmp_path),
        "DYNMASK_WORKERS": "3",
        "DYNMASK_SCHEDULER": "tcp://a:1",
        "DYNMASK_ENCODERS": shelf,
        "DYNMASK_VISITOR_RUNS": "4",
        "DYNMASK_LINE": "5",
        "DYNMASK_VISITOR_TEXTS": "6",
        "DYNMASK_UPLOAD_MB": "7",
        "DYNMASK_KEEP_DAYS": "8",
        "DYNMASK_KEEP_GB": "9",
    }
    assert Limits.given(found) == Limits(4, 5, 6, 7, 8, 9)
    assert app.settings(parser().parse_args(["app"])) == {}
    told = (ROOT / "dynmask_core" / "docs" / "serving.md").read_text(encoding="utf-8")
    assert [name for name in found if f"`{name}`" not in told] == []


def test_a_port_that_another_program_has_is_refused_in_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert main(["app", "--port", str(port)]) == 2
    assert str(port) in capsys.readouterr().err


def test_old_runs_are_deleted_for_a_class_unless_it_is_said_otherwise(
    called: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def sweeps(*words: str) -> tuple[int, int]:
        limits = Limits.given(app.settings(parser().parse_args(["app", *words])))
        return limits.keep_days, limits.keep_gb

    assert sweeps() == (0, 0)
    assert sweeps("--class") == (30, 10)
    assert sweeps("--class", "--keep-days", "0") == (0, 10)
    os.environ["DYNMASK_KEEP_GB"] = "2"
    assert Limits.given({**os.environ, **app.settings(parser().parse_args(["app", "--class"]))}).keep_gb == 2


@pytest.mark.parametrize(
    "words",
    [
        ["--port", "0"],
        ["--port", "99999"],
        ["--workers", "0"],
        ["--visitor-runs", "0"],
        ["--upload-mb", "21"],
        ["--keep-days", "-1"],
        ["--line", "many"],
    ],
)
def test_numbers_that_cannot_be_are_refused(
    words: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "environ", dict(os.environ))
    monkeypatch.setattr("runpy.run_module", lambda *_, **__: pytest.fail("the app was started"))
    if words[0] not in ("--port", "--workers"):
        monkeypatch.setattr(app, "_check", lambda arguments, address: None)
    assert main(["app", *words]) == 2
    refused = capsys.readouterr().err
    assert re.search(rf"(?<!\d){words[1]}(?!\d)", refused.replace(f"--{words[0]}", "")), refused


def test_a_server_tells_who_runs_it_how_it_does_and_is_silent_when_it_has_ended(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    now = time.time()
    told = state.State(77, now - 7200, now, None, 2, 5, state.memory(os.getpid()), 0, state.free(tmp_path), 3, 4, 2**20)
    state.write(tmp_path, told)
    assert main(["app", "--status", "--runs-dir", str(tmp_path)]) == 0
    lines = capsys.readouterr().out
    assert "2 train, 5 wait" in lines
    assert "2.0 h" in lines
    if Path("/proc/self/statm").exists():
        assert told.memory > 2**20
    state.write(tmp_path, replace(told, at=now - 100))
    assert main(["app", "--status", "--runs-dir", str(tmp_path)]) == 2
    assert str(tmp_path) in capsys.readouterr().err


def test_the_package_has_every_page_and_the_settings_of_the_app() -> None:
    setup = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    assert setup["package-dir"]["dynmask_core._app"] == "."
    assert setup["package-dir"]["dynmask_core._app.pages"] == "pages"
    assert {"dynmask_core._app", "dynmask_core._app.pages"} <= set(setup["packages"])
    assert (ROOT / setup["package-data"]["dynmask_core._app"][0]).is_file()


def test_an_installed_app_is_found_in_the_package_although_other_pages_lie_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "site" / "dynmask_core"
    package.mkdir(parents=True)
    (tmp_path / "site" / "pages").mkdir()
    monkeypatch.setattr(place, "PACKAGE", package)
    assert place.app_folder() == (package / "_app").resolve()


def test_the_first_page_is_drawn_from_an_installed_package(tmp_path: Path) -> None:
    site = tmp_path / "site"
    package = site / "dynmask_core"
    unread = shutil.ignore_patterns("__pycache__", "docs", "bench")
    for source, target in {
        "dynmask_core": package,
        "sample_data": package / "_sample_data",
        "pages": package / "_app" / "pages",
    }.items():
        shutil.copytree(ROOT / source, target, ignore=unread)
    shutil.copy(ROOT / "app.py", package / "_app")
    program = (
        "from streamlit.testing.v1 import AppTest; from dynmask_core.place import app_folder;"
        "page = AppTest.from_file(str(app_folder() / 'app.py'), default_timeout=120).run();"
        "assert not page.exception, page.exception; print(app_folder(), page.title[0].value)"
    )
    drawn = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(site), "DYNMASK_RUNS": str(tmp_path / "runs")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert drawn.stdout.startswith(str(package / "_app"))
