"""Where the files that stand beside the package in a checkout are, and inside it when it is installed."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


def folder(beside: str, sign: str, inside: str) -> Path:
    """The folder `beside` next to the package if that has the file `sign`, else `inside` in the package.

    An installed package may have an unrelated folder of that name beside it, so a file of ours is looked for.
    """
    found = PACKAGE.parent / beside
    return found if (found / sign).is_file() else PACKAGE / inside


def app_folder() -> Path:
    """The folder of app.py, its pages, and Streamlit's settings for them."""
    return folder(".", "pages/learn.py", "_app").resolve()
