"""The results of a run or a study as figures and as one file to share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from dynmask_core.errors import InputError
from dynmask_core.messages import speaking_of

if TYPE_CHECKING:
    from dynmask_core.runs import Run
    from dynmask_core.studies import Study

__all__ = ["report_html", "report_markdown", "run_report", "write_report", "writer_of"]

# Imports are inside the functions: only making a report needs the code that draws and tests.


def report_html(study: Study, lang: str) -> str:
    """One self-contained page: no network, no server. About 5 MB, nearly all of it Plotly's script."""
    from dynmask_core.report.content import content_of
    from dynmask_core.report.html import html_of

    with speaking_of(study.config.base.input):
        return html_of(content_of(study, lang), lang)


def report_markdown(study: Study, lang: str) -> str:
    """The same in plain text, with figures drawn in characters."""
    from dynmask_core.report.content import content_of
    from dynmask_core.report.markdown import markdown_of

    with speaking_of(study.config.base.input):
        return markdown_of(content_of(study, lang), lang)


def run_report(run: Run, ending: str, lang: str) -> str:
    """What came out of a run and what was asked of it, with the answers that are kept. ending: ".html" or ".md".

    Raises InputError `nothing_recorded` before the first epoch is recorded.
    """
    from dynmask_core.report.html import html_of
    from dynmask_core.report.markdown import markdown_of
    from dynmask_core.report.run_content import content_of

    draw = {".html": html_of, ".md": markdown_of}[ending]
    with speaking_of(run.config().input):
        return draw(content_of(run), lang)


def write_report(study: Study, path: Path, lang: str) -> None:
    """Writes .html or .md, by the file name; complete or not at all. Raises InputError for another ending."""
    from dynmask_core.runs import files

    files.write_bytes(path, writer_of(path)(study, lang).encode())


def writer_of(path: Path) -> Callable[[Study, str], str]:
    """The function that makes the report for this file name. Raises InputError for an unknown ending."""
    kinds = {".html": report_html, ".md": report_markdown}
    if path.suffix.lower() not in kinds:
        raise InputError("report_kind", name=path.name)
    return kinds[path.suffix.lower()]
