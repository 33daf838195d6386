"""The classes of a server: a folder each, under the root of the runs."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

from dynmask_core.errors import InputError
from dynmask_core.learn.classroom import codes
from dynmask_core.learn.classroom.room import Room
from dynmask_core.learn.classroom.settings import Settings
from dynmask_core.runs import files

FOLDER = "classes"
MOST_CLASSES = 300
DAYS = 30
"""A class is deleted after so many, with all that it knows."""
UNUSED = 3_600.0
"""Seconds for which a class without participants is safe."""


def create(root: Path, lesson: str, language: str, steps: int) -> tuple[Room, str]:
    """A new class under the root of the runs, and its teacher's key, which is kept nowhere.

    Deletes the classes that are too old, and if there are too many, one that nobody has joined. Raises InputError
    `class_many`.
    """
    rooms = [room for room in listed(root) if not _delete_if_old(room)]
    if len(rooms) >= MOST_CLASSES:
        unused = sorted((room.since(), room.folder) for room in rooms if not room.people())
        if not unused or time.time() - unused[0][0] < UNUSED:
            raise InputError("class_many", most=MOST_CLASSES, days=DAYS)
        shutil.rmtree(unused[0][1], ignore_errors=True)
    while True:
        room = Room(root / FOLDER / codes.new_code())
        try:
            files.make_folder(root / FOLDER)
            room.folder.mkdir(mode=0o700)
            break
        except FileExistsError:
            continue
    key = codes.new_key()
    room.write_head(Settings(lesson, language, steps), codes.sealed(key), time.time())
    return room, key


def find(root: Path, written: str) -> Room:
    """The class of a code, as somebody typed it. Raises InputError `class_unknown`, also for one that is too old."""
    code = codes.read_code(written)
    room = Room(root / FOLDER / code)
    if not code or not room.exists() or _delete_if_old(room):
        raise InputError("class_unknown", code=_shortened(written))
    return room


def listed(root: Path) -> list[Room]:
    """All classes of a server, for who runs it."""
    folder = root / FOLDER
    if not folder.is_dir():
        return []
    found = (Room(path) for path in sorted(folder.iterdir()) if codes.read_code(path.name) == path.name)
    return [room for room in found if room.exists()]


def started(root: Path, code: str, who: str, run: str) -> bool:
    """Notes that this participant's run belongs to the class; returns whether it did. Never raises InputError: a run
    is trained whether or not there is such a class."""
    try:
        return find(root, code).started(who, run)
    except InputError:
        return False


def _shortened(written: str) -> str:
    words = codes.shown_name(written)
    return f"{words}…" if len(written) > codes.NICKNAME else words


def _delete_if_old(room: Room) -> bool:
    if time.time() - room.since() < DAYS * 86_400:
        return False
    shutil.rmtree(room.folder, ignore_errors=True)
    return True
