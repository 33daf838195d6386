"""The whole content of a run's report: what came out, and what was asked of its trained models."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dynmask_core.analysis import errors, faithfulness, snr, thresholds
from dynmask_core.analysis.changes import changes
from dynmask_core.analysis.kept import Tick, piece, silent
from dynmask_core.analysis.standing import can_stand, standing
from dynmask_core.analysis.written import written_tests
from dynmask_core.blocks import Block, Code, Content, Folded, Paragraph, Section, Table
from dynmask_core.data.samples import PREFIX
from dynmask_core.errors import InputError
from dynmask_core.masks import brief
from dynmask_core.messages import Words, listed, say, several
from dynmask_core.report import about
from dynmask_core.report.questions import errors as told_errors
from dynmask_core.report.questions import faithfulness as told_faithfulness
from dynmask_core.report.questions import scores, trajectories, watched
from dynmask_core.report.questions import snr as told_snr
from dynmask_core.report.questions import thresholds as told_thresholds
from dynmask_core.report.questions import written as told_written
from dynmask_core.runs import ACTIVE, Run
from dynmask_core.studies.kinds.base import column
from dynmask_core.tasks import task_of

SOUGHT: dict[str, tuple[Callable[..., dict[str, Any]], Callable[[Run], dict[str, Any]], Callable[..., list[Block]]]] = {
    "thresholds": (thresholds.thresholds, thresholds.known, told_thresholds.blocks),
    "faithfulness": (faithfulness.faithfulness, faithfulness.known, told_faithfulness.blocks),
    "snr": (snr.snr, snr.known, told_snr.blocks),
}
"""The questions whose answers take long: what computes and keeps them, what is kept, and how it is told."""
NEEDS: dict[str, frozenset[str]] = {"snr": snr.NEEDS}
"""What the input of a run must provide for a question; nothing for the others."""


def sought(run: Run) -> list[str]:
    """The questions in SOUGHT that mean something for what the run's models read."""
    config = run.config()
    provided = task_of(config).provided(config)
    return [name for name in SOUGHT if NEEDS.get(name, frozenset()) <= provided]


def unanswered(run: Run) -> list[str]:
    """The questions that are `sought` of a run, and that some arm has no kept answer to."""
    if not can_be_asked(run):
        return []
    arms = set(run.config().arms)
    return [name for name in sought(run) if set(SOUGHT[name][1](run)) != arms]


def can_be_asked(run: Run) -> bool:
    """Whether it has ended or stopped with models that tell classes apart."""
    return run.status().state not in ACTIVE and can_stand(run) and "labels" in task_of(run.config()).provides


def answer(run: Run, tick: Tick = silent) -> None:
    """Answers and keeps what is `unanswered`. Raises InputError as the analyses do."""
    missing = unanswered(run)
    for number, name in enumerate(missing):
        SOUGHT[name][0](run, tick=piece(tick, number, len(missing)))


def content_of(run: Run) -> Content:
    """With the answers that are kept; of the others it says how to get them. Raises InputError `nothing_recorded`
    before the first epoch is recorded."""
    config = run.config()
    if not run.epochs() or run.vocabulary() is None:
        raise InputError("nothing_recorded", name=run.name)
    able = run.status().state not in ACTIVE and can_stand(run)
    stands = standing(run) if able else None
    lead = say(
        "run_report.lead", name=run.name, epochs=run.epochs()[-1], seed=config.train.seed,
        source=source(config.data.source), day=f"{run.name[:4]}-{run.name[4:6]}-{run.name[6:8]}",
    )  # fmt: skip
    sections = [Section(say("run_report.result"), scores.blocks(run, stands))]
    if seen := watched.blocks(run):
        sections.append(Section(say("watched.title"), seen))
    if able and task_of(config).writes:
        sections.append(Section(say("written.title"), told_written.blocks(written_tests(run))))
    sections += [about.arms(config.arms)] if "labels" in task_of(config).provides else []
    if paths := trajectories.blocks(run):
        sections.append(Section(say("paths.title"), paths))
    if can_be_asked(run):
        sections += [Section(say(f"{TITLES[name]}.title"), _asked(run, name)) for name in sought(run)]
        sections.append(Section(say("wrong.title"), told_errors.blocks(errors.answers(run))))
    sections.append(Section(say("study_report.repeat"), _repeat(run)))
    title = say("run_report.title", arms=listed(map(brief, config.arms), between=" · "))
    return Content(title, lead, sections)


TITLES = {"thresholds": "thresholds", "faithfulness": "faith", "snr": "snr"}
"""Where the sentences of a question begin."""


def source(name: str) -> Words:
    """The texts' name: of a sample its title."""
    return say(f"sample.{name.removeprefix(PREFIX)}") if name.startswith(PREFIX) else name


def _asked(run: Run, name: str) -> list[Block]:
    _, known, told = SOUGHT[name]
    found, arms = known(run), run.config().arms
    read = Paragraph(say(f"{TITLES[name]}.read"))
    answered = [found[arm] for arm in arms if arm in found]
    said = told(answered, arms) if answered else []
    if len(answered) < len(arms):
        said.append(Paragraph(say("run_report.unasked", command=f"dynmask ask {run.name} --what {name}")))
    return [read, *said]


def _repeat(run: Run) -> list[Block]:
    config = run.config()
    moved = [change.told() for change in changes(run.events(), config.controls)]
    command = Code(f"dynmask runs export {run.name} --to again.py")
    said: list[Block] = [Paragraph(say("run_report.repeat.read")), command]
    if moved:
        said.append(Paragraph(several(*moved)))
    columns = [column("setting"), column("value")]
    settings = Table("run_settings", columns, list(about.flat(config.to_json())))
    return [*said, Folded(say("study_report.settings"), [settings]), about.versions()]
