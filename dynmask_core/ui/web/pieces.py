"""Parts of a component's data that never change, which the browser fetches once each; web/pieces.js does that.

A component is given its data whole each time that anything in them has changed: a picture that grows by an epoch a
second would be sent again each second. So its epochs are files in Streamlit's store of media, beside the pictures of
the page: each has an address of its own, for as long as a page shows it.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence

from streamlit import runtime

HEAD = 32
"""Bytes before the content of a piece."""
KIND = "application/octet-stream"
_SECRET = secrets.token_bytes(32)


def piece(content: bytes) -> bytes:
    """The content with a head that nobody else can write.

    The store makes addresses of what a file begins with, among other things: so an address can be neither guessed, by
    who knows or guesses the content, nor be the same for two contents.
    """
    return hashlib.blake2b(content, key=_SECRET, digest_size=HEAD).digest() + content


def offered(pieces: Sequence[bytes], key: str) -> list[str] | None:
    """The address of each piece, from the root of the app; None without a server. It is kept until this session has
    offered others under the same key, or draws its page without them."""
    if not runtime.exists():
        return None
    store = runtime.get_instance().media_file_mgr
    return [store.add(one, KIND, f"{key}.{place}") for place, one in enumerate(pieces)]
