"""The folder of a class: `class.json`, replaced in one step, and lines that are only added.

Every change is made under the lock of the folder, so thirty sessions of one server and several processes can write at
the same time. Reading needs no lock.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from dynmask_core.errors import InputError
from dynmask_core.learn.classroom import codes, kept, stored
from dynmask_core.learn.classroom.guesses import Given, recorded
from dynmask_core.learn.classroom.settings import Settings
from dynmask_core.learn.classroom.stored import Person
from dynmask_core.learn.lesson import Step
from dynmask_core.runs import Run, files

MOST_PEOPLE = 60
MOST_RUNS = 40
"""Of one participant; later ones are trained, but not on the board."""
MOST_MOVES = 400
"""Of one participant between the steps, as noted."""
PATIENCE = 5.0
"""Seconds to wait for others who write."""


class Room:
    """A class, by its folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def code(self) -> str:
        return self.folder.name

    @property
    def runs_root(self) -> Path:
        """Where the runs of its participants lie."""
        return self.folder.parent.parent

    def version(self) -> kept.Signature:
        """Another one after every change of the settings: one look at the disk, cheap enough for every browser."""
        return kept.signature(self.folder / "class.json")

    def settings(self) -> Settings:
        """Raises InputError `class_damaged`."""
        return self._head()[0]

    def opens(self, key: str) -> bool:
        """Whether this is the teacher's key. Raises InputError `class_damaged`."""
        return codes.fits(key, self._head()[1])

    def since(self) -> float:
        """When the class was made, in seconds since 1970; if its file is damaged, when that was written."""
        try:
            return self._head()[2]
        except InputError:
            with suppress(FileNotFoundError):  # another session has just deleted it
                return (self.folder / "class.json").stat().st_mtime
            return 0.0

    def change(self, **what: Any) -> Settings:
        """Changes settings; returns them all. Raises InputError `class_damaged`, `class_busy`."""
        with self._locked():
            settings, seal, created = self._head()
            settings = replace(settings, **what)
            self.write_head(settings, seal, created)
        return settings

    def people(self) -> tuple[Person, ...]:
        """In the order of joining."""
        return kept.held(self.folder / "people.jsonl", stored.people)

    def person(self, who: str) -> Person:
        """Raises InputError `class_who`."""
        for one in self.people():
            if one.who == who:
                return one
        raise InputError("class_who", code=self.code)

    def join(self, nickname: str = "") -> Person:
        """A new participant. Raises InputError `class_ended`, `class_full`, `class_damaged`, `class_busy`."""
        with self._locked():
            if self.settings().ended:
                raise InputError("class_ended", code=self.code)
            people = self.people()
            if len(people) >= MOST_PEOPLE:
                raise InputError("class_full", code=self.code, most=MOST_PEOPLE)
            person = Person(codes.new_who(), len(people) + 1, codes.shown_name(nickname))
            self._add("people", {"who": person.who, "number": person.number, "nickname": person.nickname})
        return person

    def guess(self, who: str, number: int, step: Step, given: Sequence[Any]) -> bool:
        """Keeps the first answers of a participant to the questions of a step; returns False if there are some.

        given: one for each question, see `guesses.recorded`; of texts is kept whether they are right, no more. Raises
        InputError `class_who`, `class_ended`, `class_damaged`, `class_busy`.
        """
        answers = [recorded(question, answer) for question, answer in zip(step.predict, given, strict=True)]
        with self._locked():
            self.person(who)
            settings = self.settings()
            if settings.ended:
                raise InputError("class_ended", code=self.code)
            if any((one.who, one.step) == (who, number) for one in self.guesses()):
                return False
            late = settings.reveals(number) and not settings.free
            self._add("answers", {"who": who, "step": number, "answers": answers, "late": late})
        return True

    def guesses(self) -> tuple[Given, ...]:
        """Of all participants, in the order of arrival."""
        return kept.held(self.folder / "answers.jsonl", stored.guesses)

    def at(self, who: str, number: int) -> None:
        """Notes that a participant is at that step. Raises InputError `class_who`, `class_busy`."""
        with self._locked():
            self.person(who)
            before = [step for one, step in self._moves() if one == who]
            if before[-1:] != [number] and len(before) < MOST_MOVES:
                self._add("steps", {"who": who, "step": number})

    def where(self) -> dict[str, int]:
        """The step at which each participant is, by `who`; 1 for those who have not moved yet."""
        return {one.who: 1 for one in self.people()} | dict(self._moves())

    def _moves(self) -> tuple[tuple[str, int], ...]:
        return kept.held(self.folder / "steps.jsonl", stored.moves)

    def runs(self) -> tuple[tuple[str, str], ...]:
        """(who, name of a run) for each run that was started, in the order of the starts."""
        return kept.held(self.folder / "runs.jsonl", stored.runs)

    def started(self, who: str, run: str) -> bool:
        """Notes that a participant's run belongs to the class; False if there is no such run, or too many.

        Raises InputError `class_who`, `class_ended`, `class_damaged`, `class_busy`.
        """
        if Run.at(self.runs_root, run) is None:
            return False
        with self._locked():
            self.person(who)
            if self.settings().ended:
                raise InputError("class_ended", code=self.code)
            before = [name for one, name in self.runs() if one == who]
            if run in before or len(before) >= MOST_RUNS:
                return False
            self._add("runs", {"who": who, "run": run})
        return True

    def exists(self) -> bool:
        return (self.folder / "class.json").exists()

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """The folder is this session's own. Raises InputError `class_busy` after PATIENCE."""
        try:
            with FileLock(self.folder / "lock", timeout=PATIENCE):
                yield
        except Timeout:
            raise InputError("class_busy", code=self.code) from None

    def _head(self) -> tuple[Settings, str, float]:
        try:
            return kept.held(self.folder / "class.json", stored.head)
        except (ValueError, TypeError, KeyError, AttributeError, OSError, RecursionError):
            raise InputError("class_damaged", code=self.code) from None

    def write_head(self, settings: Settings, seal: str, created: float) -> None:
        """Replaces `class.json`. created: in seconds since 1970."""
        head = {"settings": settings.to_json(), "key": seal, "created": created}
        files.write_json(self.folder / "class.json", head)

    def _add(self, name: str, line: dict[str, Any]) -> None:
        files.append_line(self.folder / f"{name}.jsonl", line)
