"""Lessons of visitors on the server's disk: found by their name alone, checked when opened, swept by age and number."""

from __future__ import annotations

import os
import time
import zipfile
from pathlib import Path

import pytest

from dynmask_core.errors import InputError
from dynmask_core.learn.bundle import Bundle
from dynmask_core.learn.catalogue import resolve, source
from dynmask_core.learn.kept import FOLDER, KEEP_DAYS, OWNER, KeptLesson
from dynmask_core.runs import Run, list_runs

LESSON = Bundle(source("what-is-a-mask", "zh"))


def keep(root: Path, unused_days: float = 0) -> KeptLesson:
    found = KeptLesson.create(root, LESSON)
    then = time.time() - unused_days * 86_400
    os.utime(found.path / KeptLesson.HEAD, (then, then))
    return found


def test_a_kept_lesson_is_resolved_by_its_name_in_its_own_language(runs_root: Path) -> None:
    name = keep(runs_root).name
    assert resolve(name, "en", runs_root) == LESSON
    assert resolve("what-is-a-mask", "en", runs_root).lesson.language == "en"
    assert LESSON.lesson.title not in name


def test_it_is_no_run_and_only_the_servers_own_account_may_look(runs_root: Path) -> None:
    found = keep(runs_root)
    assert list_runs(runs_root) == []
    assert Run.at(runs_root, found.name) is None
    assert found.path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "name", ["", "..", "../lessons", "x" * 5000, "a\0b", "own", "20200101-000000-0123456789abcdef"]
)
def test_a_name_that_is_made_up_opens_nothing(runs_root: Path, name: str) -> None:
    keep(runs_root)
    with pytest.raises(InputError) as refused:
        resolve(name, "en", runs_root)
    assert refused.value.code in ("lesson_unknown", "lesson_gone")


def test_a_file_that_was_changed_on_the_disk_is_refused_with_its_sentence(runs_root: Path) -> None:
    found = keep(runs_root)
    assert found.bundle() == LESSON
    file = found.path / KeptLesson.HEAD
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("../outside.txt", "x")
    with pytest.raises(InputError) as refused:
        resolve(found.name, "en", runs_root)
    assert refused.value.code == "lesson_bundle_name"
    file.write_bytes(b"PK" + bytes(100))
    with pytest.raises(InputError) as refused:
        resolve(found.name, "en", runs_root)
    assert refused.value.code == "lesson_bundle"


def test_what_nobody_opens_is_deleted_and_what_is_opened_stays(runs_root: Path) -> None:
    old, used = keep(runs_root, KEEP_DAYS + 1), keep(runs_root, KEEP_DAYS - 1)
    with pytest.raises(InputError, match=str(KEEP_DAYS)):
        resolve(old.name, "en", runs_root)
    resolve(used.name, "en", runs_root)
    assert used.silence(KeptLesson.HEAD) < 60
    KeptLesson.tidy(runs_root)
    assert [path.name for path in (runs_root / FOLDER).iterdir()] == [used.name]


def test_above_the_limits_those_used_least_recently_go(runs_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = keep(runs_root, 3), keep(runs_root, 2)
    monkeypatch.setattr(KeptLesson, "MOST", 2)
    third = keep(runs_root, 1)
    assert [one.exists() for one in (first, second, third)] == [False, True, True]
    monkeypatch.setattr(KeptLesson, "MOST_BYTES", third.size())
    KeptLesson.tidy(runs_root)
    assert [one.exists() for one in (second, third)] == [False, True]


def test_a_new_form_of_a_lesson_takes_the_place_of_the_old_one(runs_root: Path) -> None:
    name = KeptLesson.create(runs_root, LESSON, "anna").name
    other = Bundle(source("how-sure", "en"))
    assert KeptLesson.create(runs_root, other, "anna", name).name == name
    assert resolve(name, "en", runs_root) == other
    assert KeptLesson.create(runs_root, other, "anna", "../x").name != "../x"
    for stranger in ("ben", ""):
        assert KeptLesson.create(runs_root, LESSON, stranger, name).name != name
    assert resolve(name, "en", runs_root) == other


def test_a_lesson_knows_who_brought_it_and_tells_nobody(runs_root: Path) -> None:
    first, second = (KeptLesson.create(runs_root, LESSON, "anna") for _ in range(2))
    assert first.brought_by("anna")
    assert not first.brought_by("ben")
    notes = [(one.path / OWNER).read_text() for one in (first, second)]
    assert notes[0] != notes[1]
    assert "anna" not in "".join(notes)
    assert not keep(runs_root).brought_by("")
