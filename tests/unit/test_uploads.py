"""Texts of visitors on the server's disk: found by their key alone, changed, forgotten, and bounded."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from dynmask_core.config import DataConfig
from dynmask_core.data.samples import PREFIX
from dynmask_core.errors import InputError
from dynmask_core.runs import Run, list_runs
from dynmask_core.runs.uploads import FOLDER, KEEP_DAYS, LONGEST_NAME, OWNER, Reading, Upload, safe_name

READING = Reading("mine.csv", {"encoding": "cp1252", "has_header": False}, DataConfig("mine.csv", "column_1"))


def keep(root: Path, data: bytes = b"fine,yes\n", unused_days: float = 0) -> Upload:
    upload = Upload.create(root, data, READING)
    then = time.time() - unused_days * 86_400
    os.utime(upload.path / Upload.HEAD, (then, then))
    return upload


def test_a_text_is_found_by_its_key_with_all_that_was_kept(runs_root: Path) -> None:
    key = keep(runs_root).name
    found = Upload.find(runs_root, key)
    assert found is not None
    assert found.content() == b"fine,yes\n"
    assert found.reading() == READING
    assert found.size() == 9


def test_of_many_texts_of_one_visitor_the_one_used_least_recently_goes_and_nobody_elses(runs_root: Path) -> None:
    other = Upload.create(runs_root, b"other", READING, "bob", 2)
    kept = [Upload.create(runs_root, b"%d" % number, READING, "ann", 2) for number in range(2)]
    now = time.time()
    for upload, ago in ((other, 900), (kept[0], 100), (kept[1], 500)):
        os.utime(upload.path / Upload.HEAD, (now - ago, now - ago))
    newest = Upload.create(runs_root, b"new", READING, "ann", 2)
    assert {one.name for one in Upload.listed(runs_root / FOLDER)} == {other.name, kept[0].name, newest.name}


def test_the_files_of_two_texts_do_not_tell_that_one_visitor_brought_both(runs_root: Path) -> None:
    first, second = (Upload.create(runs_root, b"x", READING, "ann", 9) for _ in range(2))
    assert (first.path / OWNER).read_text() != (second.path / OWNER).read_text()
    assert "ann" not in (first.path / OWNER).read_text()


def test_two_texts_have_keys_that_do_not_follow_from_one_another(runs_root: Path) -> None:
    first, second = keep(runs_root), keep(runs_root)
    secret = [upload.name.rsplit("-", 1)[1] for upload in (first, second)]
    assert len(set(secret)) == 2
    assert all(len(part) == 16 for part in secret)


def test_only_the_servers_own_account_may_look_into_the_folder(runs_root: Path) -> None:
    upload = keep(runs_root)
    assert upload.path.stat().st_mode & 0o077 == 0
    assert all(path.stat().st_mode & 0o077 == 0 for path in upload.path.iterdir())


@pytest.mark.parametrize("key", ["", "..", "../runs", "x" * 5000, "20200101-000000-0123456789abcdef", "a\0b"])
def test_a_key_that_is_made_up_finds_nothing(runs_root: Path, key: str) -> None:
    keep(runs_root)
    assert Upload.find(runs_root, key) is None


def test_a_text_is_no_run(runs_root: Path) -> None:
    upload = keep(runs_root)
    assert list_runs(runs_root) == []
    assert Run.at(runs_root, upload.name) is None


def test_another_way_to_read_it_is_kept(runs_root: Path) -> None:
    upload = keep(runs_root)
    upload.read_as(READING.changed(read={"encoding": None}, config={"merge_labels": True}))
    changed = upload.reading()
    assert changed is not None
    assert changed.read == {"encoding": None, "has_header": False}
    assert changed.config.merge_labels
    assert changed.config.text_column == "column_1"


def test_columns_that_another_reading_lacks_are_guessed_again(runs_root: Path) -> None:
    chosen = READING.changed(config={"label_column": "column_2", "split_column": ""})
    config = chosen.with_columns_of(["text", "column_2"]).config
    assert (config.text_column, config.label_column, config.split_column) == (None, "column_2", "")


def test_a_forgotten_text_is_gone_and_stays_gone(runs_root: Path) -> None:
    upload = keep(runs_root)
    upload.forget()
    assert Upload.find(runs_root, upload.name) is None
    for use in (upload.content, lambda: upload.read_as(READING)):
        with pytest.raises(InputError) as refused:
            use()
        assert refused.value.code == "own_text_gone"
    assert not upload.path.exists()


def test_settings_of_another_version_count_as_gone(runs_root: Path) -> None:
    upload = keep(runs_root)
    stored = json.loads((upload.path / Upload.HEAD).read_bytes())
    for broken in ({**stored, "config": {"colour": "red"}}, {"name": "x"}, [1]):
        (upload.path / Upload.HEAD).write_text(json.dumps(broken))
        assert Upload.find(runs_root, upload.name) is None


def test_a_text_that_nobody_uses_goes_and_one_in_use_stays(runs_root: Path) -> None:
    old, new = keep(runs_root, unused_days=KEEP_DAYS + 1), keep(runs_root, unused_days=KEEP_DAYS - 1)
    assert Upload.find(runs_root, old.name) is None
    assert Upload.find(runs_root, new.name) is not None
    assert new.silence(Upload.HEAD) < 60  # finding it was a use
    Upload.tidy(runs_root)
    assert not old.path.exists()
    assert new.path.exists()


def test_above_the_limit_the_least_recently_used_goes(runs_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Upload, "MOST", 2)
    first, second = keep(runs_root, unused_days=1), keep(runs_root, unused_days=2)
    third = keep(runs_root)
    assert [upload.path.exists() for upload in (first, second, third)] == [True, False, True]


def test_all_texts_together_have_a_limit(runs_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Upload, "MOST_BYTES", 25)
    first, second = keep(runs_root, unused_days=1), keep(runs_root, unused_days=2)
    third = keep(runs_root)
    assert [upload.path.exists() for upload in (first, second, third)] == [True, False, True]


def test_what_a_cut_off_write_left_is_removed_in_time(runs_root: Path) -> None:
    left = runs_root / FOLDER / "20200101-000000-0123456789abcdef"
    left.mkdir(parents=True)
    (left / "content").write_bytes(b"half")
    Upload.tidy(runs_root)
    assert left.exists()  # it may be being written
    os.utime(left, (0, 0))
    Upload.tidy(runs_root)
    assert not left.exists()


def test_too_large_a_text_is_not_kept(runs_root: Path) -> None:
    with pytest.raises(InputError) as refused:
        Upload.create(runs_root, bytes(21 * 2**20), READING)
    assert refused.value.code == "too_large"
    assert not (runs_root / FOLDER).exists()


def test_a_disk_that_takes_nothing_is_said(runs_root: Path) -> None:
    runs_root.mkdir()
    (runs_root / FOLDER).write_text("a file where the folder should be")
    with pytest.raises(InputError) as refused:
        Upload.create(runs_root, b"x", READING)
    assert refused.value.code == "not_kept"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("tickets.csv", "tickets.csv"),
        ("<i>评论</i>.xlsx", "<i>评论</i>.xlsx"),
        ("a\nb\u202e.csv", "ab.csv"),
        (f"{PREFIX}fruit", "sample_fruit"),
        ("", ""),
    ],
)
def test_a_files_name_is_made_harmless(name: str, shown: str) -> None:
    assert safe_name(name) == shown


def test_a_long_name_keeps_its_ending() -> None:
    assert len(safe_name("a" * 500 + ".csv")) == LONGEST_NAME
    assert safe_name("a" * 500 + ".csv").endswith("a.csv")
