"""What the files in the folder of a class hold, read. Lines that are damaged count as not there."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dynmask_core.learn.classroom.guesses import Given
from dynmask_core.learn.classroom.settings import Settings
from dynmask_core.learn.limits import STEPS
from dynmask_core.runs import files


@dataclass(frozen=True)
class Person:
    """A participant. who: known to their browser alone. number: from 1, as they joined. nickname: "" for none."""

    who: str
    number: int
    nickname: str = ""


def head(path: Path) -> tuple[Settings, str, float]:
    values = files.read_json(path)
    return Settings.read(values["settings"]), str(values["key"]), float(values["created"])


def people(path: Path) -> tuple[Person, ...]:
    return tuple(
        Person(line["who"], number, line["nickname"])
        for number, line in enumerate(files.read_lines(path), 1)
        if isinstance(line.get("who"), str) and isinstance(line.get("nickname"), str)
    )


def guesses(path: Path) -> tuple[Given, ...]:
    return tuple(filter(None, map(Given.read, files.read_lines(path))))


def moves(path: Path) -> tuple[tuple[str, int], ...]:
    lines = files.read_lines(path)
    return tuple((str(line.get("who")), line["step"]) for line in lines if line.get("step") in range(1, STEPS + 1))


def runs(path: Path) -> tuple[tuple[str, str], ...]:
    lines = files.read_lines(path)
    return tuple((str(line.get("who")), line["run"]) for line in lines if isinstance(line.get("run"), str))
