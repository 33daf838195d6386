"""The script that takes the documentation's pictures still finds what it waits for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import Browser

from dynmask_core.docs.picture import take


def test_a_picture_of_the_first_page_is_taken(server: Any, chromium: Browser, tmp_path: Path) -> None:
    take(chromium, server.url, "en", tmp_path / "app.png")
    assert (tmp_path / "app.png").stat().st_size > 50_000
