"""`dynmask lesson`: checks a lesson's file, lists the ready lessons, writes one to a file."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dynmask_core.errors import InputError
from dynmask_core.messages import LANGUAGES
from dynmask_core.runs import default_root, files

if TYPE_CHECKING:
    from dynmask_core.learn import Lesson
    from dynmask_core.learn.bundle import Bundle

ENDINGS = (".qti.zip", ".zip", ".html", ".md")
"""The first that fits counts."""


def add(commands: Any) -> None:
    command = commands.add_parser("lesson", help="check a lesson's file, list the ready lessons, export one")
    command.add_argument("action", nargs="?", choices=("check", "list", "export"), default="list")
    command.add_argument("name", nargs="?", metavar="NAME", help="a ready lesson, or a lesson's FILE")
    told = (
        "the file to write: .md, .zip with its parts, .html a sheet to print, .qti.zip its questions for other systems"
    )
    command.add_argument("--to", type=Path, metavar="FILE", help=told)
    command.add_argument("--lang", choices=tuple(LANGUAGES), default="en", help="of a ready lesson (default en)")
    command.add_argument("--teacher", action="store_true", help="a sheet with answers and the teacher's notes")
    command.set_defaults(run=run, show=show, refused=refused)


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    if arguments.action == "list":
        return _list()
    if arguments.name is None:
        raise InputError("no_lesson_named", action=arguments.action)
    if arguments.action == "check":
        return _check(Path(arguments.name))
    if arguments.to is None:
        raise InputError("lesson_no_target")
    bundle = _bundle(arguments.name, arguments.lang)
    content = _made(bundle, arguments.to, arguments.teacher)
    with files.naming(arguments.to):
        arguments.to.write_bytes(content)
    return {**_counts(bundle.lesson), "problems": [], "to": str(arguments.to)}


def _counts(lesson: Lesson) -> dict[str, Any]:
    return {"id": lesson.id, "title": lesson.title, "steps": len(lesson.steps), "questions": len(lesson.questions)}


def _list() -> dict[str, Any]:
    from dynmask_core.learn.catalogue import ready

    lessons: list[dict[str, Any]] = []
    for one in ready():
        first = next(iter(one.lessons.values()))
        titles = {lang: lesson.title for lang, lesson in one.lessons.items()}
        line: dict[str, Any] = {
            "name": one.name,
            "titles": titles,
            "minutes": first.minutes,
            "difficulty": first.difficulty,
        }
        lessons.append(line | {"steps": len(first.steps), "questions": len(first.questions)})
    steps, questions = (sum(line[key] for line in lessons) for key in ("steps", "questions"))
    return {"lessons": lessons, "steps": steps, "questions": questions, "problems": []}


def _check(path: Path) -> dict[str, Any]:
    """The lesson alone, and against its other languages where they lie beside it as NAME.en.md, NAME.zh.md."""
    from dynmask_core.learn import differences
    from dynmask_core.learn.bundle import Bundle
    from dynmask_core.learn.parse import read

    content = path.read_bytes()
    if content.startswith(b"PK"):
        try:
            lesson, problems = Bundle.read(content, path.name).lesson, []
        except InputError as error:
            lesson, problems = None, [error]
    else:
        reading = read(content)
        lesson, problems = reading.lesson, list(reading.problems)
    told = {"steps": 0, "questions": 0} if lesson is None else _counts(lesson)
    for other in _others(path) if lesson else []:
        if beside := read(other.read_bytes()).lesson:
            assert lesson is not None
            problems += differences(beside, lesson)
    return {**told, "problems": [_problem(error) for error in problems]}


def _others(path: Path) -> list[Path]:
    for lang in LANGUAGES:
        if path.name.endswith(f".{lang}.md"):
            stem = path.name.removesuffix(f".{lang}.md")
            found = (path.with_name(f"{stem}.{other}.md") for other in LANGUAGES if other != lang)
            return [other for other in found if other.is_file()]
    return []


def _problem(error: InputError) -> dict[str, Any]:
    sentences = {lang: error.sentence(lang) for lang in LANGUAGES}
    return {"line": error.params.get("line", 0), "code": error.code, **sentences}


def _bundle(name: str, lang: str) -> Bundle:
    from dynmask_core.learn.bundle import Bundle
    from dynmask_core.learn.catalogue import resolve

    if Path(name).suffix in (".md", ".zip"):
        return Bundle.read(Path(name).read_bytes(), Path(name).name)
    return resolve(name, lang, default_root())


def _made(bundle: Bundle, to: Path, teacher: bool) -> bytes:
    ending = next((one for one in ENDINGS if to.name.casefold().endswith(one)), None)
    if ending == ".md":
        return bundle.source.encode()
    if ending == ".zip":
        return bundle.to_bytes()
    if ending == ".qti.zip":
        from dynmask_core.learn.qti import qti

        return qti(bundle.lesson)
    if ending == ".html":
        from dynmask_core.learn.sheet import sheet

        return sheet(bundle.lesson, teacher=teacher).encode()
    raise InputError("lesson_export_kind", name=to.name)


def refused(result: dict[str, Any]) -> InputError | None:
    """A lesson with problems is bad input, and they have been told."""
    problems = result["problems"]
    if not problems:
        return None
    return InputError("lesson_problems", count=len(problems), first=problems[0]["en"])


def show(result: dict[str, Any]) -> None:
    for line in result.get("lessons", []):
        size = f"{line['minutes']:3d} min  {line['steps']:2d} steps  {line['questions']:2d} questions"
        print(f"{line['name']:18s} {size}  {line['difficulty']:6s}  {' / '.join(line['titles'].values())}")
    for problem in result["problems"]:
        print(f"! {problem['en']}")
    if "to" in result:
        print(f"written to {result['to']}")
    elif "lessons" not in result and not result["problems"]:
        print(f"{result['title']}: {result['steps']} steps, {result['questions']} questions, no problems")
