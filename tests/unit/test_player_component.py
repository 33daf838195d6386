"""What the mask player hands to the browser."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from dynmask_core.messages import LANGUAGES, catalogue
from dynmask_core.ui.components.player import STRING_KEYS, PlayerData, pack

A, E, T, L, H, S = 2, 3, 2, 1, 2, 3


def data(**changes: Any) -> PlayerData:
    """Two arms, three epochs, two words."""
    masks = np.linspace(0, 1, A * E * T, dtype=np.float32).reshape(A, E, T)
    plain = PlayerData(
        text="so 🙂",
        spans=[(0, 2), (3, 4)],
        arms=[{"name": name, "color": "#64748b", "role": name} for name in ("baseline", "dynamic")],
        epochs=[0, 1, 5],
        classes=["no", "yes"],
        label=1,
        masks=masks,
        thresholds=[0.5] * E,
        probabilities=np.full((A, E, 2), 0.5),
        attention=np.arange(A * E * L * H * S * S, dtype=np.uint8).reshape(A, E, L, H, S, S),
        attention_recorded=[True] * E,
        running=False,
    )
    return replace(plain, **changes)


def unpacked(given: PlayerData) -> tuple[dict[str, Any], np.ndarray, np.ndarray, np.ndarray]:
    """Header, masks, states, attention."""
    whole = pack(given, lang="en", strings=catalogue("en"))
    size = int.from_bytes(whole[:4], "little")
    body = np.frombuffer(whole[4 + size :], np.uint8)
    masks, states, attention = np.split(body, [A * E * T, 2 * A * E * T])
    return json.loads(whole[4 : 4 + size]), masks, states, attention


def test_what_was_packed_can_be_read_again() -> None:
    given = data()
    header, masks, _, attention = unpacked(given)
    assert (header["words"], header["gaps"]) == (["so", "🙂"], ["", " ", ""])
    assert (header["epochs"], header["label"], header["shape"]) == ([0, 1, 5], 1, [A, E, T, L, H, S])
    assert np.allclose(masks / 255, given.masks.ravel(), atol=0.5 / 255)
    assert np.array_equal(attention, given.attention.ravel())


def test_a_word_is_removed_where_its_mask_lies_below_the_threshold_and_not_where_rounding_puts_it() -> None:
    near = np.full((A, E, T), 0.2, dtype=np.float32)
    near[0, 0] = [0.1995, np.nan]
    _, masks, states, _ = unpacked(data(masks=near, thresholds=[0.2] * E))
    assert masks[0] == masks[2] == 51
    assert states.tolist() == [1, 2] + [0] * (A * E * T - 2)


def test_what_is_unknown_travels_as_minus_one() -> None:
    header, *_ = unpacked(data(probabilities=np.full((A, E, 2), np.nan)))
    assert header["probabilities"] == [[[-1, -1]] * E] * A


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("masks", np.zeros((A, E, T + 1))),
        ("probabilities", np.zeros((A, E, 3))),
        ("attention", np.zeros((A, E, L, H, S, S - 1), dtype=np.uint8)),
        ("thresholds", [0.1] * (E + 1)),
        ("attention_recorded", [True]),
    ],
)
def test_what_does_not_fit_is_refused_by_name(name: str, wrong: Any) -> None:
    with pytest.raises(ValueError, match=name):
        pack(data(**{name: wrong}), lang="en", strings=catalogue("en"))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_text_that_the_browser_needs_exists(lang: str) -> None:
    assert set(STRING_KEYS) <= set(catalogue(lang))
