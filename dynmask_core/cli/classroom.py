"""`dynmask class`: which classes a server has, how one stands, its answers as CSV."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dynmask_core.errors import InputError
from dynmask_core.runs import default_root, files

if TYPE_CHECKING:
    from dynmask_core.learn import Lesson
    from dynmask_core.learn.classroom import Room


def add(commands: Any) -> None:
    command = commands.add_parser("class", help="list the classes of this server, show one, export its answers")
    command.add_argument("action", nargs="?", choices=("list", "show", "export"), default="list")
    command.add_argument("code", nargs="?", metavar="CODE", help="of a class")
    command.add_argument("--to", type=Path, metavar="FILE", help="the CSV file to write")
    command.add_argument("--what", choices=("answers", "board"), default="answers", help="to export (default answers)")
    command.add_argument("--runs-dir", type=Path, metavar="FOLDER", help="where the classes lie, among the runs")
    command.set_defaults(run=run, show=show)


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    from dynmask_core.learn import classroom

    root = arguments.runs_dir or default_root()
    if arguments.action == "list":
        return {"classes": [_line(room) for room in classroom.listed(root)]}
    if arguments.code is None:
        raise InputError("class_none_named", action=arguments.action)
    room = classroom.find(root, arguments.code)
    if arguments.action == "show":
        return _shown(room)
    if arguments.to is None:
        raise InputError("class_no_target")
    return _exported(room, arguments.what, arguments.to)


def _line(room: Room) -> dict[str, Any]:
    """A class that cannot be read is listed, too: who runs the server must find it."""
    started = time.strftime("%Y-%m-%d %H:%M", time.localtime(room.since()))
    line: dict[str, Any] = {"class": room.code, "started": started, "people": len(room.people())}
    try:
        settings = room.settings()
    except InputError as error:
        return {**line, "problem": str(error)}
    return {
        **line,
        "lesson": settings.lesson,
        "step": settings.opened,
        "steps": settings.steps,
        "ended": settings.ended,
    }


def _shown(room: Room) -> dict[str, Any]:
    from dynmask_core.learn.classroom import table
    from dynmask_core.learn.classroom.guesses import tally

    room.settings()  # raises for a damaged class
    lesson, where = _lesson(room), list(room.where().values())
    questions = [
        {"step": number, "question": place + 1, "kind": question.kind}
        | {key: getattr(counts, key) for key in ("answered", "passed", "late")}
        | {"answers": [{"answer": bar.label, "count": bar.count, "right": bar.right} for bar in counts.bars]}
        for number, step in enumerate(lesson.steps, 1)
        for place, question in enumerate(step.predict)
        for counts in [tally(question, place, [one for one in room.guesses() if one.step == number])]
    ]
    at_step = {str(number): where.count(number) for number in range(1, len(lesson.steps) + 1)}
    return {**_line(room), "at_step": at_step, "questions": questions, "board": table.dots(room)}


def _exported(room: Room, what: str, to: Path) -> dict[str, Any]:
    from dynmask_core.learn.classroom import table

    rows = table.answers(room, _lesson(room)) if what == "answers" else table.dots(room)
    with files.naming(to):
        to.write_bytes(table.to_csv(table.ANSWERS if what == "answers" else table.BOARD, rows))
    return {"class": room.code, "rows": len(rows), "to": str(to)}


def _lesson(room: Room) -> Lesson:
    """Raises InputError `class_damaged`, `class_lesson`."""
    from dynmask_core.learn.catalogue import resolve

    settings = room.settings()
    try:
        return resolve(settings.lesson, settings.language, room.runs_root).lesson
    except InputError:
        raise InputError("class_lesson", code=room.code) from None


def show(result: dict[str, Any]) -> None:
    if "to" in result:
        print(f"{result['rows']} rows written to {result['to']}")
        return
    for line in result.get("classes", [result]):
        about = line.get("problem") or f"{line['lesson']}  step {line['step']} of {line['steps']}"
        state = "  ended" if line.get("ended") else ""
        print(f"{line['class']}  {line['started']}  {line['people']:3d} participants  {about}{state}")
    for question in result.get("questions", []):
        answers = ", ".join(f"{one['answer'] or one['right']}: {one['count']}" for one in question["answers"])
        print(f"  step {question['step']}, question {question['question']}: {answers}")
