"""Figures that lessons quote: they stand in the documents, in the same rows."""

from __future__ import annotations

import re
from pathlib import Path

from dynmask_core.learn.catalogue import source
from dynmask_core.messages import LANGUAGES

DOCS = Path(__file__).parents[2] / "dynmask_core/docs"
FIGURE = r"(?<![\d.])\d*\.\d+"
"""A number with a decimal point."""


def documents(*pages: str) -> str:
    """Their text."""
    return "\n".join((DOCS / f"{page}.md").read_text(encoding="utf-8") for page in pages)


def prose(name: str, lang: str) -> str:
    """A lesson without the addresses of its pages, whose settings are no figures."""
    return re.sub(r"\]\([a-z]+\?.*\)$", "]", source(name, lang), flags=re.MULTILINE)


def figures(text: str) -> list[str]:
    return re.findall(FIGURE, text)


def of_every_language(name: str) -> list[list[str]]:
    """The figures of a lesson, in ascending order, for each language."""
    return [sorted(figures(prose(name, lang))) for lang in LANGUAGES]


def rows_without_a_source(lesson: str, quoted: str, *, but: frozenset[str] = frozenset()) -> list[str]:
    """Rows of tables whose figures do not stand in one row of the documents, in the same order. but: figures that do
    not count. Rows with a single figure are left to a test of their own."""
    rows = [re.findall(rf"[−+]?{FIGURE}", line) for line in quoted.splitlines() if line.startswith("|")]
    strange = []
    for line in lesson.splitlines():
        numbers = [number for number in re.findall(rf"[−+]?{FIGURE}", line) if number not in but]
        if line.startswith("|") and len(numbers) > 1 and not any(_in_order(numbers, row) for row in rows):
            strange.append(line)
    return strange


def _in_order(numbers: list[str], row: list[str]) -> bool:
    left = iter(row)
    return all(number in left for number in numbers)
