"""How large a lesson and its parts may be. A hostile file is refused at the first limit that it meets."""

from __future__ import annotations

SCHEMA = 1
"""The version of the file's form that this program writes, and the only one that it reads."""
FILE_BYTES = 100_000
LINES = 3_000
FRONT_CHARACTERS = 8_000
FRONT_DEPTH = 4
LINE_CHARACTERS = 4_000
SIGNS, SIGNS_IN_PARAGRAPH = 6_000, 400
"""Brackets, stars and the like: the time to read Markdown grows with the square of their number in a paragraph."""
NESTING = 10
"""Levels of Markdown inside one another; a list in a list is four, since each point is one, too."""
STEPS = 40
QUESTIONS = 100
CHOICES = 12
WORDING = 2_000
"""Characters of a question, of one of its choices, of a feedback."""
ADDRESS = 2_000
PROBLEMS = 50
"""Told at most; who mends fifty finds the others."""

BUNDLE_BYTES = 48 * 2**20
DATA_BYTES = 20 * 2**20
RUN_BYTES = 32 * 2**20
RUN_FILES = 250
RUN_UNPACKED = 128 * 2**20
