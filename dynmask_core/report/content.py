"""The whole content of a study's report, in order, in any format."""

from __future__ import annotations

from dynmask_core.blocks import Content, Finding, Section
from dynmask_core.errors import InputError
from dynmask_core.masks import brief
from dynmask_core.messages import say, several
from dynmask_core.report import about
from dynmask_core.report.questions import over_seeds
from dynmask_core.studies import KINDS, Study
from dynmask_core.studies.results import results


def content_of(study: Study, lang: str) -> Content:
    """Covers the finished runs; if some are missing, the report says so first. lang: see `about.data`."""
    config, kind, found = study.config, KINDS[study.config.kind], results(study)
    result = kind.analyse(found, config)
    findings = [*_unfinished(study), *kind.findings(result, config, final=True)]
    lead = say(
        f"study_report.lead.{kind.name}",
        arms=", ".join(map(brief, config.base.arms)),
        source=config.base.data.source,
        seeds=config.seeds,
        runs=len(study.jobs),
        day=f"{study.name[:4]}-{study.name[4:6]}-{study.name[6:8]}",
    )
    sections = [
        Section(say("study_report.findings"), findings),
        about.arms(config.base.arms),
        *kind.sections(result, config, final=True),
        *(over_seeds.sections(study) if found else []),
        Section(say("study_report.reading"), about.reading(study)),
        *([about.every_run(found)] if found else []),
        about.data(study, lang),
        about.repeat(study),
    ]
    return Content(say(f"study_report.title.{kind.name}"), lead, sections)


def _unfinished(study: Study) -> list[Finding]:
    progress = study.progress()
    if progress.state == "finished":
        return []
    lines = [say("study_report.unfinished", done=progress.done, total=progress.total)]
    if progress.failed and progress.error is not None:
        code, parameters = progress.error
        error = say(f"error.{code}", **InputError(code, **parameters).params)
        lines.append(say("study_report.failed", failed=progress.failed, error=error))
    return [Finding(several(*lines, between=" "), "note")]
