"""What `dynmask runs export` writes: the ending of the file and --what decide."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from dynmask_core.cli.questions.base import progress
from dynmask_core.errors import InputError
from dynmask_core.runs import Run, files
from dynmask_core.runs.store import export_run

WHATS = ("replay", "report", "script", "masks", "words", "attention", "predictions", "model")
ENDINGS = {"replay": (".html",), "report": (".html", ".md"), "script": (".py",), "model": (".zip",)}
"""Of what is not a table. An ending alone stands for the first that has it."""
TAKERS = {"--arm": ("model",), "--lang": ("replay", "report"), "--with-questions": ("report",), "--models": ("run",)}
"""Options that mean something for some of WHATS alone, or for the whole `run`."""


@dataclass(frozen=True)
class Wish:
    """what: one of WHATS, or None where the ending of the file says it: a replay, a report, a script, or the whole run.
    arm: of the model, None for the last one. lang: of a replay or a report, None for English. questions: the report
    answers those whose answers are not kept yet. models: the whole run with its texts and trained models."""

    what: str | None = None
    arm: str | None = None
    lang: str | None = None
    questions: bool = False
    models: bool = False


def write(run: Run, to: Path, wish: Wish) -> dict[str, Any]:
    """Writes the file `to`. Returns what there is to say of it: of a replay, what it could take along.

    Raises InputError: `export_what`, `export_kind`, `export_option`, and those of what is written.
    """
    ending, what = to.suffix.casefold(), wish.what
    if what is None:
        if ending == ".zip":
            _check_options("run", wish)
            with files.naming(to):
                export_run(run, to, models=wish.models)
            return {}
        what = next((name for name, endings in ENDINGS.items() if ending in endings), None)
        if what is None:
            raise InputError("export_what", name=to.name)
    _check(to, what, ending)
    _check_options(what, wish)
    if what == "replay":
        from dynmask_core.ui.replay import make

        made = make(run, wish.lang or "en")
        with files.naming(to):
            to.write_text(made.html, encoding="utf-8")
        return {"replay": made.to_json()}
    content = _made(run, what, ending, wish)
    with files.naming(to):
        to.write_bytes(content)
    return {}


def _check(to: Path, what: str, ending: str) -> None:
    # Imported here, as all below: listing runs needs neither torch nor what draws the pages.
    from dynmask_core.analysis import tables

    endings = ENDINGS.get(what) or tuple(f".{kind}" for kind in get_args(tables.Kind))
    if ending not in endings:
        raise InputError("export_kind", what=what, endings=", ".join(endings), name=to.name)


def _check_options(what: str, wish: Wish) -> None:
    """Refuses an option that would change nothing in what is written."""
    given = {
        "--arm": wish.arm is not None,
        "--lang": wish.lang is not None,
        "--with-questions": wish.questions,
        "--models": wish.models,
    }
    for option, takers in TAKERS.items():
        if given[option] and what not in takers:
            raise InputError("export_option", option=option, what=what, takers=", ".join(takers))


def _made(run: Run, what: str, ending: str, wish: Wish) -> bytes:
    if what == "report":
        return _report(run, ending, wish)
    if what == "script":
        from dynmask_core.analysis.script import script

        return script(run).encode()
    if what == "model":
        from dynmask_core.analysis.model_file import ModelFile

        return ModelFile.of_run(run, wish.arm or run.config().arms[-1]).to_bytes()
    from dynmask_core.analysis import tables

    return tables.written(tables.table(run, what), ending.removeprefix("."))  # type: ignore[arg-type]


def _report(run: Run, ending: str, wish: Wish) -> bytes:
    from dynmask_core.report import run_report
    from dynmask_core.report.run_content import answer

    if wish.questions:
        with progress() as tick:
            answer(run, tick)
    return run_report(run, ending, wish.lang or "en").encode()


def told(replay: dict[str, Any]) -> str:
    """What a replay could take along, in a line."""
    size = f"{replay['bytes'] / 1e6:.1f} MB"
    known, kept = replay["lens_epochs"], replay["kept_epochs"]
    if not known:
        return f"{size}; no lens: the run has no trained models here, or they do not fit"
    if known == [None]:
        lens = "lens of the best epoch"
    elif len(known) == kept:
        lens = f"lens of all {kept} kept epochs"
    else:
        lens = f"lens of {len(known)} of {kept} kept epochs ({', '.join(map(str, known))}): all would be too large"
    if replay["lenses"] < replay["sentences"]:
        lens += f", for {replay['lenses']} of {replay['sentences']} sentences"
    return f"{size}; {lens}; what-ifs of {replay['what_ifs']} of {replay['sentences']} sentences"
