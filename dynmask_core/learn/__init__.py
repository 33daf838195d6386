"""Lessons: one Markdown file each, checked when it is read, harmless whoever wrote it.

`parse` makes a Lesson of a file's text, `check` lists what is wrong with it, `write` makes a text of a Lesson.
"""

from dynmask_core.learn.check import check, differences
from dynmask_core.learn.lesson import Choice, Lesson, Panel, Question, Step, Verdict
from dynmask_core.learn.parse import Reading, parse, read
from dynmask_core.learn.write import write

__all__ = [
    "Choice",
    "Lesson",
    "Panel",
    "Question",
    "Reading",
    "Step",
    "Verdict",
    "check",
    "differences",
    "parse",
    "read",
    "write",
]
