"""What a study shows, as figures and as one file that can be handed on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from dynmask_core.errors import InputError

if TYPE_CHECKING:
    from dynmask_core.studies import Study

__all__ = ["report_html", "report_markdown", "write_report", "writer_of"]

# What draws and tests is loaded when a report is made: looking at studies does without it.


def report_html(study: Study, lang: str) -> str:
    """One page that needs nothing else: no network, no server. About 5 MB, nearly all of it what draws the figures."""
    from dynmask_core.report.content import content_of
    from dynmask_core.report.html import html_of

    return html_of(content_of(study, lang), lang)


def report_markdown(study: Study, lang: str) -> str:
    """The same in plain text, its pictures made of letters."""
    from dynmask_core.report.content import content_of
    from dynmask_core.report.markdown import markdown_of

    return markdown_of(content_of(study, lang), lang)


def write_report(study: Study, path: Path, lang: str) -> None:
    """Writes .html or .md, by the name's ending; complete or not at all. Raises InputError for another ending."""
    from dynmask_core.runs import files

    files.write_bytes(path, writer_of(path)(study, lang).encode())


def writer_of(path: Path) -> Callable[[Study, str], str]:
    """What makes the report that this name asks for. Raises InputError where its ending asks for none."""
    kinds = {".html": report_html, ".md": report_markdown}
    if path.suffix.lower() not in kinds:
        raise InputError("report_kind", name=path.name)
    return kinds[path.suffix.lower()]
