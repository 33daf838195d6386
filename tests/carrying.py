"""Lessons that carry something, for tests of any folder: pytest puts the folder of conftest.py on the path."""

from __future__ import annotations


def lesson(*pages: str, **front: str) -> str:
    """A lesson's file. pages: the address of each step's page. front: more of its front matter."""
    head = {
        "dynmask_lesson": "1",
        "id": "carrying",
        "language": "en",
        "title": "Carrying",
        "minutes": "5",
        "difficulty": "easy",
        "goals": "[one]",
        "licence": "CC0-1.0",
        **front,
    }
    steps = (f"## Step {number}\n\n[Go]({page})\n" for number, page in enumerate(pages, 1))
    return "---\n" + "".join(f"{key}: {value}\n" for key, value in head.items()) + "---\n\n" + "\n".join(steps)
