"""Who sits at this browser, told apart from all others and from nothing else."""

from __future__ import annotations

import secrets

import streamlit as st

COOKIE = "_streamlit_xsrf"
"""Streamlit's guard against forged requests. Each browser has its own; it outlives a reload, and lessons share it with
the pages in them. `2|MASK|TOKEN ^ MASK|TIME`, in hexadecimal digits, with a new mask each time."""


def visitor() -> str:
    """The same secret for all sessions of a browser; one of this session alone if the browser keeps no cookies."""
    return _token(st.context.cookies.get(COOKIE, "")) or str(
        st.session_state.setdefault("visitor", secrets.token_hex(16))
    )


def _token(cookie: str) -> str:
    """What stays the same in the cookie; "" if it is written in another way."""
    try:
        _, mask, masked, _ = cookie.strip("\"'").split("|")
        key, hidden = bytes.fromhex(mask), bytes.fromhex(masked)
        return bytes(byte ^ key[place % len(key)] for place, byte in enumerate(hidden)).hex()
    except (ValueError, ZeroDivisionError):
        return ""
