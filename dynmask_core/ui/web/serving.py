"""Scripts that browsers keep: those of the app's components, and Streamlit's own, compressed once.

Streamlit sends the script and the style sheet of a component again with every drawing of it, so a page that draws
itself each second would send a hundred kilobytes each second that the browser has. And it serves its own scripts as
they are, three or four megabytes at a first visit, and leaves compression to a proxy, because it would compress a file
anew at each request. The names of both change with their content, so a browser keeps them for good.
"""

from __future__ import annotations

import gzip
import hashlib
from functools import cache
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit.file_util import get_static_dir

KINDS = {".js": "text/javascript", ".css": "text/css"}
"""Of the files that get smaller; fonts and pictures are compressed already."""
PLACE = "/static/"
OWN = "dynmask"
"""Folder of the app's own scripts, beside Streamlit's."""
YEAR = "public, immutable, max-age=31536000"
_OWN: dict[str, bytes] = {}


def offer(name: str, script: str) -> str:
    """Has `Served` answer with this script; returns JavaScript for the address. It changes with the script."""
    content = script.encode()
    file = f"{OWN}/{name}.{hashlib.blake2b(content, digest_size=8).hexdigest()}.js"
    _OWN[file] = content
    # Where the app is: Streamlit's own scripts lie in ROOT/static/js, also behind a proxy that gives it a path.
    known = f"document.querySelector('script[src*=\"{PLACE}js/\"]')"
    return f'new URL("../{file}", {known}.src).href'


class Served:
    """ASGI middleware: answers requests for these scripts and styles; all others go on to `app`."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        # Only these are ever read: no path from a request leads to a file.
        bundle = Path(get_static_dir()) / "static"
        self.files = {file.relative_to(bundle).as_posix(): file for file in bundle.rglob("*") if file.suffix in KINDS}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        name = scope["path"].rpartition(PLACE)[2] if scope["type"] == "http" and scope["method"] == "GET" else ""
        headers = Headers(scope=scope) if name else Headers()
        own, file, packs = _OWN.get(name), self.files.get(name), "gzip" in headers.get("accept-encoding", "")
        told = {"Cache-Control": YEAR, "Vary": "Accept-Encoding"} | ({"Content-Encoding": "gzip"} if packs else {})
        if own is not None:
            content = await run_in_threadpool(_packed, own) if packs else own
        elif file is not None and packs and "range" not in headers:
            content = await run_in_threadpool(_packed, file)
        else:
            await self.app(scope, receive, send)
            return
        await Response(content, media_type=KINDS[Path(name).suffix], headers=told)(scope, receive, send)


@cache
def _packed(what: bytes | Path) -> bytes:
    return gzip.compress(what if isinstance(what, bytes) else what.read_bytes(), mtime=0)
