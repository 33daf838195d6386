"""All that a report of a study says, in order, whatever it is written as."""

from __future__ import annotations

from dynmask_core.errors import InputError
from dynmask_core.messages import text
from dynmask_core.report import about, compared, varied
from dynmask_core.report.blocks import Block, Content, Section, Words
from dynmask_core.studies.comparison import compare
from dynmask_core.studies.curve import curve
from dynmask_core.studies.results import Result, results
from dynmask_core.studies.study import Study
from dynmask_core.studies.sweep import sweep


def content_of(study: Study, lang: str) -> Content:
    """Of what is done; an unfinished study says so first."""
    config, found = study.config, results(study)
    verdicts, sections = _shown(study, found, lang)
    first = Section(
        text("study_report.findings", lang), [*_unfinished(study, lang), *_choosing(study, lang), *verdicts]
    )
    lead = text(
        f"study_report.lead.{config.kind}",
        lang,
        arms=", ".join(config.base.arms),
        source=config.base.data.source,
        seeds=config.seeds,
        runs=len(study.jobs),
        day=f"{study.name[:4]}-{study.name[4:6]}-{study.name[6:8]}",
    )
    rest = [about.reading(study, lang)]
    if found:
        rest.append(about.every_run(found, lang))
    rest += [about.data(study, lang), about.repeat(study, lang)]
    title = text(f"study_report.title.{config.kind}", lang)
    return Content(title, lead, [first, about.arms(study, lang), *sections, *rest])


def _shown(study: Study, found: list[Result], lang: str) -> tuple[list[Block], list[Section]]:
    config, arms = study.config, study.config.base.arms
    if config.kind == "sweep":
        sweeps = [sweep(found, arm) for arm in arms]
        return varied.chosen(sweeps, lang), varied.maps(sweeps, config, lang) if found else []
    if config.kind == "curve":
        drawn = curve(found, arms)
        return varied.curve_findings(drawn, lang), varied.curve_table(drawn, lang)
    comparison = compare(found, arms)
    return compared.findings(comparison, lang), compared.sections(comparison, lang)


def _unfinished(study: Study, lang: str) -> list[Block]:
    progress = study.progress()
    if progress.state == "finished":
        return []
    said = text("study_report.unfinished", lang, done=progress.done, total=progress.total)
    if progress.failed and progress.error is not None:
        code, parameters = progress.error
        error = InputError(code, **parameters).sentence(lang)
        said += " " + text("study_report.failed", lang, failed=progress.failed, error=error)
    return [Words(said, "note")]


def _choosing(study: Study, lang: str) -> list[Block]:
    """Where arms of a comparison choose settings: that each had the same choice."""
    config = study.config
    if config.kind != "compare" or not config.axes:
        return []
    choices = "; ".join(f"{name}: {', '.join(map(str, values))}" for name, values in config.axes)
    return [Words(text("study_report.choosing", lang, choices=choices))]
