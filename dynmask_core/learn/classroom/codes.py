"""Codes, keys and nicknames of a class: what is said aloud, and what nobody else may know."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import unicodedata

ALPHABET = "23456789BCDFGHJKMNPQRSTVWXYZ"
"""Without 0, 1, I, L and O, which look alike, and without vowels, so that no code is a word."""
LENGTH = 6
"""About 480 million codes: a guesser who tries ten a second, among a hundred classes, needs days to find one, and then
sees a lesson that anybody may see."""
_CODE = re.compile(f"[{ALPHABET}]{{{LENGTH}}}")
WHO = re.compile(r"[0-9a-f]{16}")
KEY = re.compile(r"[A-Za-z0-9_-]{22}")
NICKNAME = 20
"""Characters."""


def new_code() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def new_who() -> str:
    return secrets.token_hex(8)


def new_key() -> str:
    return secrets.token_urlsafe(16)


def read_code(written: str) -> str:
    """The code as it is kept; "" if this is none. Small letters, full-width ones, spaces and hyphens do not matter.

    >>> read_code(" k7m-4qp ")
    'K7M4QP'
    >>> read_code("../../etc")
    ''
    """
    code = re.sub(r"[\s\-–_]", "", unicodedata.normalize("NFKC", written[:64])).upper()
    return code if _CODE.fullmatch(code) else ""


def spoken(code: str) -> str:
    """In two groups, as it is read aloud: K7M 4QP."""
    return f"{code[: LENGTH // 2]} {code[LENGTH // 2 :]}"


def sealed(key: str) -> str:
    """What is kept of a key: enough to know it again, too little to use it."""
    return hashlib.sha256(key.encode()).hexdigest()


def fits(key: str, seal: str) -> bool:
    return hmac.compare_digest(sealed(key), seal)


def shown_name(written: str) -> str:
    """A nickname as it is kept: one short line without invisible characters."""
    seen = "".join(sign if unicodedata.category(sign)[0] not in "CZ" else " " for sign in written[: 4 * NICKNAME])
    return " ".join(seen.split())[:NICKNAME].strip()
