"""Epochs as files that a browser fetches once."""

from __future__ import annotations

import pytest

from dynmask_core.bench.ui import made
from dynmask_core.messages import catalogue
from dynmask_core.ui.components.player import STRING_KEYS, pack
from dynmask_core.ui.web import pieces
from dynmask_core.ui.web.pieces import HEAD, piece

STRINGS = {key: catalogue("en")[key] for key in STRING_KEYS}


def test_who_knows_the_content_does_not_know_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    here = piece(b"numbers")
    assert here == piece(b"numbers")
    assert here[HEAD:] == b"numbers"
    monkeypatch.setattr(pieces, "_SECRET", b"of another server" * 2)
    assert piece(b"numbers") != here


def test_contents_that_differ_only_in_their_middle_begin_otherwise() -> None:
    """Streamlit names a large file after parts of it."""
    one, other = bytearray(2**21), bytearray(2**21)
    other[2**19] = 1
    assert piece(bytes(one))[:HEAD] != piece(bytes(other))[:HEAD]


def test_a_picture_in_pieces_is_a_header_that_names_them() -> None:
    data = made(16, arms=2, epochs=4)
    whole = pack(data, lang="en", strings=STRINGS)
    apart = pack(data, lang="en", strings=STRINGS, apart=[f"/media/{e}.bin" for e in range(4)])
    assert b"/media/3.bin" in apart
    body = sum(len(one) - HEAD for one in data.packed.values())
    assert len(whole) - body - 200 < len(apart) < len(whole) - body + 400
    assert pack(data, lang="en", strings=STRINGS) == whole


def test_what_is_packed_once_is_the_same_object_for_all_who_watch() -> None:
    data = made(16, arms=2, epochs=2)
    pack(data, lang="en", strings=STRINGS)
    before = list(data.packed.values())
    pack(data, lang="zh", strings=STRINGS)
    assert all(one is other for one, other in zip(before, data.packed.values(), strict=True))
