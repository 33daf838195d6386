"""What the page of text hands to the browser."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from dynmask_core.messages import LANGUAGES, catalogue
from dynmask_core.ui.components.page_of_text import STRING_KEYS, TextPage, pack

LINES = ["the 👍🏽 cat", "so ."]
SPANS = [[(0, 3), (4, 6), (7, 10)], [(0, 2), (3, 4)]]


def page(**changes: Any) -> TextPage:
    """Two arms, four epochs, two lines of three and two tokens; one place holds another word."""
    masks = np.zeros((2, 4, 2, 3), dtype=np.uint8)
    masks[:, :, 0, 1], masks[1, 2, 1, 0], masks[1, 3, 1, 1] = 1, 2, 3
    data = TextPage(
        lines=LINES,
        spans=SPANS,
        arms=[{"name": "static", "color": "#64748b"}, {"name": "dynamic", "color": "#d55e00"}],
        masks=masks,
        written=[(1, 2, 1, 0, "dog")],
        ever=np.linspace(0, 1, 8).reshape(2, 4),
        epoch=3,
        running=False,
    )
    return replace(data, **changes)


def packed(data: TextPage, lang: str = "en") -> bytes:
    return pack(data, lang=lang, strings=catalogue(lang))


def unpacked(data: TextPage) -> tuple[dict[str, Any], bytes]:
    whole = packed(data)
    size = int.from_bytes(whole[:4], "little")
    return json.loads(whole[4 : 4 + size]), whole[4 + size :]


def test_what_was_packed_can_be_read_again() -> None:
    data = page()
    header, body = unpacked(data)
    assert np.array_equal(np.frombuffer(body, np.uint8).reshape(header["shape"]), data.masks)
    assert np.allclose(header["ever"], data.ever, atol=1e-6)
    assert header["written"] == [[1, 2, 1, 0, "dog"]]
    assert (header["arms"], header["epoch"], header["running"]) == (data.arms, 3, False)


def test_lines_are_numbered_on_from_the_page_before() -> None:
    assert unpacked(page())[0]["first"] == 1
    assert unpacked(page(first=13))[0]["first"] == 13


def test_words_are_cut_before_a_browser_counts_an_emoji_double() -> None:
    header, _ = unpacked(page())
    assert header["words"] == [["the", "👍🏽", "cat"], ["so", "."]]
    assert header["gaps"] == [["", " ", " ", ""], ["", " ", ""]]


def test_the_masks_of_a_page_in_another_memory_order_are_the_same() -> None:
    assert packed(page(masks=np.asfortranarray(page().masks))) == packed(page())


def test_only_equal_pages_have_equal_digests() -> None:
    other = page().masks.copy()
    other[0, 0, 0, 0] = 1
    changes: list[dict[str, Any]] = [
        {"masks": other},
        {"epoch": 4},
        {"running": True},
        {"lines": ["the 👍🏽 cap", "so ."]},
    ]
    digests = [unpacked(page(**change))[0]["digest"] for change in [{}, *changes]]
    assert len(set(digests)) == len(digests)
    assert unpacked(page())[0]["digest"] == digests[0]


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"masks": np.zeros((2, 4, 2, 4), dtype=np.uint8)}, "masks"),
        ({"masks": np.zeros((2, 3, 2, 3), dtype=np.uint8)}, "masks"),
        ({"masks": np.full((2, 4, 2, 3), 4, dtype=np.uint8)}, "masks"),
        ({"ever": np.zeros((3, 4))}, "ever"),
        ({"ever": np.zeros(8)}, "ever"),
        ({"spans": SPANS[:1]}, "spans"),
        ({"written": []}, "written"),
        ({"written": [(1, 2, 1, 1, "dog")]}, "written"),
        ({"epoch": 0}, "epoch"),
        ({"epoch": 5}, "epoch"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(change: dict[str, Any], name: str) -> None:
    with pytest.raises(ValueError, match=name):
        packed(page(**change))


def test_a_page_without_lines_is_a_page() -> None:
    header, body = unpacked(page(lines=[], spans=[], masks=np.zeros((2, 4, 0, 0), dtype=np.uint8), written=[]))
    assert (header["shape"], body) == ([2, 4, 0, 0], b"")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_browser_gets_every_text_of_the_page(lang: str) -> None:
    assert {key for key in catalogue(lang) if key.startswith("page.")} == set(STRING_KEYS)
