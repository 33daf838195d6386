"""What is sent to the browser: one buffer of a JSON header and raw bytes, and texts cut into words."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import regex


def seal(header: dict[str, Any], body: bytes) -> bytes:
    """u32 length of the JSON header (little-endian), header, body; mount.js reads it. Adds a digest to the header.

    A component takes bytes only as its whole payload, so the JSON part must be inside.
    """
    # With the digest the browser sees that a rerun brought nothing new, without comparing megabytes.
    told = hashlib.blake2b(json.dumps(header).encode(), digest_size=12)
    told.update(body)
    head = json.dumps(header | {"digest": told.hexdigest()}).encode()
    return b"".join((len(head).to_bytes(4, "little"), head, body))


def digest_of(*parts: Any) -> str:
    """A short hash of what JSON can write: tells the browser's answers to one sentence from those to another."""
    return hashlib.blake2b(json.dumps(parts).encode(), digest_size=8).hexdigest()


def cut(text: str, spans: list[tuple[int, int]]) -> tuple[list[str], list[str]]:
    """The T tokens' texts and the T + 1 gaps around them; cut here, as browsers count an emoji as two characters."""
    words, gaps, at = [], [], 0
    for start, end in spans:
        start, end = max(start, at), max(end, at)
        gaps.append(text[at:start])
        words.append(text[start:end])
        at = end
    return words, [*gaps, text[at:]]


def language_of(text: str) -> str:
    """ "zh" for Chinese, else "". Without it some browsers draw Han characters in their Japanese shapes."""
    return "zh" if regex.search(r"\p{Han}", text) and not regex.search(r"[ぁ-ヿ]", text) else ""
