"""What the reader has clicked in the player."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from dynmask_core.ui.components.player.data import PlayerData


@dataclass(frozen=True)
class Pick:
    """A word or an edge. arm, layer, head, query, key count from 0; position 0 is [CLS].

    epoch: its number. head: None for the mean of all. key: None if a word was picked, not an edge.
    """

    arm: int
    epoch: int
    layer: int
    head: int | None
    query: int
    key: int | None


def signature(data: PlayerData) -> str:
    """Equal for two drawings in which a pick means the same."""
    names = [arm["name"] for arm in data.arms]
    # Parts have the same names in every picture.
    looked_at = [data.picture.url] if data.picture else []
    return hashlib.blake2b(json.dumps([data.text, data.spans, names, *looked_at]).encode(), digest_size=8).hexdigest()


def picked(data: PlayerData, state: Any) -> Pick | None:
    """The browser's `state`; None if it is of another sentence, or not a pick that `data` can have."""
    if not isinstance(state, dict) or state.get("of") != signature(data):
        return None
    names = ("arm", "epoch", "layer", "head", "query", "key")
    values = [state.get(name) for name in names]
    optional = ("head", "key")
    if not all(
        type(value) is int or (value is None and name in optional) for name, value in zip(names, values, strict=True)
    ):
        return None
    pick = Pick(*values)  # type: ignore[arg-type]
    layers, heads = data.attention.shape[2:4]
    sizes = ((pick.arm, len(data.arms)), (pick.layer, layers), (pick.head, heads))
    positions = ((pick.query, len(data.spans) + 1), (pick.key, data.attention.shape[-1]))
    inside = all(value is None or 0 <= value < size for value, size in (*sizes, *positions))
    return pick if inside and pick.epoch in data.epochs else None
