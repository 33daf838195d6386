"""Streamlit's own scripts and styles, compressed once: a first visit is three or four megabytes of them otherwise.

Streamlit serves them as they are and leaves compression to a proxy, because it would compress a file anew at each
request. Their names change with their content, so here each is compressed at its first request and kept.
"""

from __future__ import annotations

import gzip
import mimetypes
from functools import lru_cache
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit.file_util import get_static_dir

ENDINGS = (".js", ".css")
"""Of the files that get smaller; fonts and pictures are compressed already."""
PLACE = "/static/"
YEAR = "public, immutable, max-age=31536000"


class Compressed:
    """ASGI middleware: answers requests for Streamlit's scripts and styles where the browser takes gzip; all others,
    and other requests, go on to `app`."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        # Only these are ever read: no path from a request leads to a file.
        bundle = Path(get_static_dir()) / "static"
        self.files = {file.relative_to(bundle).as_posix(): file for file in bundle.rglob("*") if file.suffix in ENDINGS}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        file = self._wanted(scope)
        if file is None:
            await self.app(scope, receive, send)
            return
        content = await run_in_threadpool(_packed, file)
        kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        told = {"Content-Encoding": "gzip", "Cache-Control": YEAR, "Vary": "Accept-Encoding"}
        await Response(content, media_type=kind, headers=told)(scope, receive, send)

    def _wanted(self, scope: Scope) -> Path | None:
        if scope["type"] != "http" or scope["method"] != "GET":
            return None
        headers = Headers(scope=scope)
        if "gzip" not in headers.get("accept-encoding", "") or "range" in headers:
            return None
        return self.files.get(scope["path"].partition(PLACE)[2])


@lru_cache(maxsize=None)
def _packed(file: Path) -> bytes:
    return gzip.compress(file.read_bytes(), mtime=0)
