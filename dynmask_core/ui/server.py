"""What the app's server does when it starts and when it ends; app.py hands it to Streamlit."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from streamlit import cli_util, config
from streamlit.web.server import server_util

from dynmask_core.errors import InputError
from dynmask_core.jobs.limits import Limits
from dynmask_core.jobs.queue import close_all

SOON = 0.5
"""Seconds until the server listens."""


def check() -> None:
    """Ends the program with a sentence if a limit in the environment is none: no page could be drawn."""
    try:
        Limits.given()
    except InputError as error:
        sys.exit(error.sentence("en"))


@asynccontextmanager
async def lifespan(_app: Any) -> AsyncIterator[None]:
    """Streamlit opens no browser for an app that brings its server with it, and at the end Python would wait for the
    workers' runs before anything could end them."""
    if not config.get_option("server.headless"):
        asyncio.get_running_loop().call_later(SOON, _open)
    try:
        yield
    finally:
        await asyncio.to_thread(close_all)


def _open() -> None:
    address = config.get_option("browser.serverAddress")
    if not config.is_manually_set("browser.serverAddress"):
        listens = config.get_option("server.address")
        address = server_util.get_display_address(listens) if listens else "localhost"
    cli_util.open_browser(server_util.get_url(address))
