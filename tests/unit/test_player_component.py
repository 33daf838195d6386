"""What the mask player hands to the browser."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from dynmask_core.config import ExperimentConfig, GuessSettings
from dynmask_core.messages import LANGUAGES, catalogue
from dynmask_core.ui.components.player import STRING_KEYS, Pick, PlayerData, pack
from dynmask_core.ui.components.player.pick import picked, signature
from dynmask_core.ui.components.player.roles import ROLES, Role, roles, shows

A, E, T, L, H, S = 2, 3, 2, 1, 2, 3


def data(**changes: Any) -> PlayerData:
    """Two arms, three epochs, two words."""
    masks = np.linspace(0, 1, A * E * T, dtype=np.float32).reshape(A, E, T)
    plain = PlayerData(
        text="so 🙂",
        spans=[(0, 2), (3, 4)],
        arms=[{"name": name, "color": "#64748b", "roles": ["none"], "shows": "words"} for name in ("one", "two")],
        epochs=[0, 1, 5],
        classes=["no", "yes"],
        label=1,
        masks=masks,
        thresholds=[0.5] * E,
        probabilities=np.full((A, E, 2), 0.5),
        attention=np.arange(A * E * L * H * S * S, dtype=np.uint8).reshape(A, E, L, H, S, S),
        keys=np.full((A, E, L, H, S), S, dtype=np.uint16),
        heads=np.full((A, E, L, H), 0.2),
        attention_recorded=[True] * E,
        running=False,
    )
    return replace(plain, **changes)


def unpacked(given: PlayerData) -> tuple[dict[str, Any], np.ndarray, np.ndarray, np.ndarray]:
    """Header, masks, states; keys, heads and attention as one."""
    whole = pack(given, lang="en", strings=catalogue("en"))
    size = int.from_bytes(whole[:4], "little")
    body = np.frombuffer(whole[4 + size :], np.uint8)
    sizes = np.cumsum([A * T, A * T, A * L * H * S, A * L * H])
    # One after the other by epoch; here as the arrays were given.
    by_epoch = [np.split(one, sizes) for one in np.split(body, E)]
    parts = (np.stack(part).reshape(E, A, -1) for part in zip(*by_epoch, strict=True))
    masks, states, *rest = (part.swapaxes(0, 1).ravel() for part in parts)
    return json.loads(whole[4 : 4 + size]), masks, states, np.concatenate(rest)


def test_what_was_packed_can_be_read_again() -> None:
    given = data()
    header, masks, _, rest = unpacked(given)
    assert (header["words"], header["gaps"]) == (["so", "🙂"], ["", " ", ""])
    assert (header["epochs"], header["label"], header["shape"]) == ([0, 1, 5], 1, [A, E, T, L, H, S])
    assert np.allclose(masks / 255, given.masks.ravel(), atol=0.5 / 255)
    keys, heads, attention = np.split(rest, [A * E * L * H * S, A * E * L * H * (S + 1)])
    assert (keys == S).all()
    assert (heads == 51).all()
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
        ("keys", np.zeros((A, E, L, H, S + 1))),
        ("heads", np.zeros((A, E, L))),
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


def state(given: PlayerData, **changes: Any) -> dict[str, Any]:
    """What the browser sends for an edge of the second arm."""
    plain = {"arm": 1, "epoch": 5, "layer": 0, "head": 1, "query": 2, "key": 0, "of": signature(given)}
    return plain | changes


def test_a_pick_is_an_edge_or_a_word() -> None:
    given = data()
    assert picked(given, state(given)) == Pick(arm=1, epoch=5, layer=0, head=1, query=2, key=0)
    assert picked(given, state(given, head=None, key=None)) == Pick(1, 5, 0, None, 2, None)


@pytest.mark.parametrize(
    "wrong",
    [
        {"arm": A}, {"epoch": 2}, {"layer": L}, {"head": H}, {"query": T + 1}, {"key": S}, {"query": None},
        {"arm": True}, {"query": -1}, {"key": "0"}, {"of": "another sentence"},
    ],
    ids=str,
)  # fmt: skip
def test_a_pick_that_the_picture_does_not_have_is_none(wrong: dict[str, Any]) -> None:
    given = data()
    assert picked(given, state(given, **wrong)) is None


def test_nothing_is_picked_at_first_nor_after_the_sentence_has_changed() -> None:
    given = data()
    assert picked(given, None) is None
    assert picked(data(text="no 🙂"), state(given)) is None


@pytest.mark.parametrize(
    ("arm", "role", "over"),
    [
        ("none", ["none"], "none"),
        ("pretrained", ["pretrained"], "none"),
        ("causal", ["fixed"], "edges"),
        ("heads", ["fixed"], "heads"),
        ("static", ["once"], "words"),
        ("repaired", ["epoch"], "words"),
        ("dropout", ["redrawn"], "words"),
        ("dropout:refresh=forward", ["redrawn_step"], "words"),
        ("dropout:refresh=dataset", ["once"], "words"),
        ("headgate", ["learned"], "heads"),
        ("entmax", ["text"], "edges"),
        ("causal+window", ["fixed"], "edges"),
        ("repaired+causal", ["epoch", "fixed"], "words"),
    ],
)
def test_what_a_mask_is_follows_from_what_its_strategies_declare(arm: str, role: list[Role], over: str) -> None:
    config = ExperimentConfig(arms=(arm,))
    assert roles(config, arm) == role
    assert shows(config, arm) == over
    assert set(role) <= set(ROLES)


def test_the_arms_of_guessing_are_refreshes_of_hidden_words() -> None:
    config = ExperimentConfig(task=GuessSettings(), arms=("static", "static:10", "dynamic"))
    assert [roles(config, arm) for arm in config.arms] == [["once"], ["cycle"], ["redrawn"]]
    assert {shows(config, arm) for arm in config.arms} == {"words"}
