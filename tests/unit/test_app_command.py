"""`dynmask app`: how the app is opened, from a checkout and from an installed package."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from dynmask_core import place
from dynmask_core.cli import app, main
from dynmask_core.cli.main import parser

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What Streamlit would have been called with."""
    calls: list[list[str]] = []
    monkeypatch.setattr(sys, "argv", sys.argv)
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
    found = app.settings(parser().parse_args(words))
    shelf = str(Path("shelf").resolve())
    assert found == {
        "DYNMASK_RUNS": str(tmp_path),
        "DYNMASK_WORKERS": "3",
        "DYNMASK_SCHEDULER": "tcp://a:1",
        "DYNMASK_ENCODERS": shelf,
    }
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


@pytest.mark.parametrize("words", [["--port", "0"], ["--port", "99999"], ["--workers", "0"]])
def test_numbers_that_cannot_be_are_refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["app", *words]) == 2
    assert words[1] in capsys.readouterr().err


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
