"""What strangers cannot reach: names, folders, paths, code in files, the server's own connections."""

from __future__ import annotations

import io
import os
import re
import stat
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import dynmask_core
from dynmask_core.bench.fuzz.corpus import zipped
from dynmask_core.data import read_bytes
from dynmask_core.data.spreadsheet import csv_of
from dynmask_core.errors import InputError
from dynmask_core.learn.classroom import rooms
from dynmask_core.runs import Run, files
from dynmask_core.runs.uploads import Upload
from dynmask_core.ui.studies import is_direct

SOURCE = Path(dynmask_core.__file__).parent
TRICKS = (
    "..",
    ".",
    "",
    "/",
    "../run",
    "/etc/passwd",
    "C:\\x",
    "a\0b",
    "20260101-000000-0123456789abcdef/..",
    "%2e%2e",
    "~",
)


def test_the_name_of_a_run_is_drawn_from_more_than_anybody_can_try(tmp_path: Path) -> None:
    names = {Run.new(tmp_path).name for _ in range(500)}
    assert len(names) == 500
    assert all(re.fullmatch(r"[0-9]{8}-[0-9]{6}-[0-9a-f]{16}", name) for name in names)
    assert len({name[-16:-12] for name in names}) > 400  # no part of it counts


@pytest.mark.parametrize("name", TRICKS)
def test_a_name_that_is_a_path_leads_nowhere(name: str, tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()
    for folder in (tmp_path, tmp_path / "run"):
        files.write_json(folder / Run.HEAD, {})
    assert Run.at(tmp_path / "runs", name) is None
    assert Upload.find(tmp_path / "runs", name) is None


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_no_other_user_of_the_machine_can_open_a_folder(tmp_path: Path) -> None:
    root = tmp_path / "deep" / "runs"
    before = os.umask(0)  # the least careful server
    try:
        run = Run.new(root)
        files.make_folder(run.path)
        run.sign_of_life()
        files.write_json(run.path / "kept" / "a.json", {})
        rooms.create(root, "what-is-a-mask", "en", 1)
    finally:
        os.umask(before)
    folders = [path for path in (tmp_path / "deep").rglob("*") if path.is_dir()]
    assert len(folders) >= 5
    assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "deep", *folders)} == {0o700}


@pytest.mark.parametrize("before", ["../", "/", "../../../../tmp/", "C:\\", "a/../../"])
def test_no_file_of_a_zip_leaves_memory(before: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    table = b"text,label\n" + b"good film,a\nbad film,b\n" * 9
    assert len(read_bytes(zipped({f"{before}x.csv": table}), "x.zip")) == 18
    assert list(tmp_path.iterdir()) == []


def test_no_file_that_can_hold_code_is_opened() -> None:
    source = "\n".join(path.read_text(encoding="utf-8") for path in sorted(SOURCE.rglob("*.py")))
    ways = r"\bpickle\.load torch\.load\( allow_pickle=True joblib\.load read_pickle marshal\.load shelve\.open"
    more = r"(?<![.\w])(?:eval|exec)\( yaml\.(?:unsafe_load|full_load)\( yaml\.load\((?!.*SafeLoader) \.extractall\("
    for way in (*ways.split(), *more.split()):
        assert not re.search(way, source), way


def test_arrays_with_objects_in_them_are_not_unpickled(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    np.savez(buffer, a=np.array([{"x": 1}], dtype=object), allow_pickle=True)
    (tmp_path / "a.npz").write_bytes(buffer.getvalue())
    with pytest.raises(ValueError, match=r"Object arrays|a\.npz"):
        files.read_arrays(tmp_path / "a.npz")


def test_every_table_to_take_away_is_written_in_the_one_place_that_defuses_it() -> None:
    ways = re.compile(r"\.to_csv\(|csv\.writer|DictWriter|\.to_excel\(")
    files_of = sorted(SOURCE.rglob("*.py"))
    by_hand = [path.relative_to(SOURCE).as_posix() for path in files_of if ways.search(path.read_text("utf-8"))]
    # The example to fill in has no reader's words; and a lesson carries texts to be read again as they are.
    known = ["cli/classroom.py", "data/spreadsheet.py", "data/template.py", "ui/learn/classroom/desk.py"]
    assert by_hand == [*known, "ui/learn/making.py"]
    table = pd.DataFrame({"=cmd": ["=1+1", "+49", "\tx", "plain"], "n": [-1.0, 2.0, 3.0, 4.0]})
    written = csv_of(table).decode("utf-8-sig").splitlines()
    assert written[0].startswith("'=cmd")
    assert [line.split(",")[0][:2] for line in written[1:3]] == ["'=", "'+"]
    assert written[1].endswith(",-1")


@pytest.mark.parametrize(
    ("headers", "direct"),
    [
        ({"Host": "localhost:8501"}, True),
        ({"host": "127.0.0.1"}, True),
        ({"Host": "[::1]:8501"}, True),
        ({}, True),
        ({"Host": "masks.example.org"}, False),
        ({"Host": "localhost.example.org"}, False),
        ({"Host": "localhost", "X-Forwarded-For": "203.0.113.7"}, False),
        ({"Host": "localhost", "x-forwarded-proto": "https"}, False),
        ({"Host": "127.0.0.1:8501", "Forwarded": "for=203.0.113.7"}, False),
        ({"Host": "localhost", "Via": "1.1 proxy"}, False),
        ({"Host": "localhost", "X-Real-IP": "203.0.113.7"}, False),
    ],
)
def test_behind_a_proxy_nobody_counts_as_a_reader_on_the_servers_machine(headers: dict[str, str], direct: bool) -> None:
    assert is_direct(headers) is direct


def test_an_archive_of_too_many_files_is_refused_before_its_list_is_read() -> None:
    entry = zipfile.ZipInfo("a/1.png")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(entry, b"")
    content = buffer.getvalue()
    place = content.index(b"PK\x01\x02")
    end = content.index(b"PK\x05\x06")
    crowded = content[:place] + content[place:end] * 50_001 + content[end:]
    with pytest.raises(InputError) as told:
        read_bytes(crowded, "a.zip")
    assert told.value.code == "zip_crowded"
