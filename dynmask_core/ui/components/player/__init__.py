"""The mask player: one sentence over all recorded epochs, drawn and scrubbed entirely in the browser."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import streamlit as st

from dynmask_core.ui.components.player.data import PlayerData, UnitMarks
from dynmask_core.ui.components.player.pick import Pick, picked, signature
from dynmask_core.ui.components.player.roles import ROLES
from dynmask_core.ui.web import component
from dynmask_core.ui.web.packing import cut, language_of, seal
from dynmask_core.ui.web.pieces import HEAD, offered, piece

# Catalogue keys of the texts that the browser needs; the player fills in the `{names}` inside them.
_WORDS = """
    all_heads arm attends attends_most attention attention_caution attention_cell attention_label
    attention_limit attention_missing attention_rows bands_hidden bands_hide bands_label bands_none bands_note baseline
    compare difference_cell difference_label
    edge_forbidden edges_forbidden epoch epoch_of epoch_zero even_share every_word first forbidden grid_label
    head head_cell head_open heads_open heat_cell heat_label heat_note heat_title keeps kept keys last layer
    marked_as marked_nothing marked_object marked_truth marked_truth_nothing marked_truth_object marked_wrong
    listen live live_title map mark_best mark_change mask mask_high mask_low mean more_in
    next no_mask no_words opens overview overview_note pattern_label pause play prediction_missing predicts previous raw
    relative removed right scale scroll
    sentence side_by_side speed threshold token_free token_label true_class unknown view waiting wrong
"""
STRING_KEYS = tuple(
    "player." + name
    for name in (
        *_WORDS.split(),
        *(f"role_{role}" for role in ROLES),
    )
)

_mount = component("player")

__all__ = ["STRING_KEYS", "Pick", "PlayerData", "UnitMarks", "mask_player", "pack"]


def mask_player(
    data: PlayerData,
    *,
    lang: str,
    strings: dict[str, str],
    key: str,
    opens: bool = False,
    height: int | Literal["stretch", "content"] = "content",
) -> Pick | None:
    """Draws `data`; returns what the reader picked last in this sentence.

    strings: the texts of STRING_KEYS. key: the same one keeps the reader's place over reruns.
    opens: what is picked is shown below; the player says so.
    """
    told = st.session_state.get(key, {})
    apart = None if told.get("whole") else _apart(data, key)
    packed = pack(data, lang=lang, strings=strings, opens=opens, apart=apart)
    _mount(data=packed, key=key, height=height, on_pick_change=lambda: None, on_whole_change=lambda: None)
    return picked(data, st.session_state.get(key, {}).get("pick"))


def pack(
    data: PlayerData, *, lang: str, strings: dict[str, str], opens: bool = False, apart: list[str] | None = None
) -> bytes:
    """One buffer: a header, then for each epoch masks, token states, keys, heads, attention, bands.

    apart: where the browser finds each epoch, see `web.pieces`; the buffer is the header alone then. What was packed
    before is not packed again, see PlayerData. Raises ValueError if an array does not have the shape that the other
    fields imply.
    """
    said = (lang, opens, *(strings[name] for name in STRING_KEYS), *(apart or ()))
    whole = data.wholes.get(said)
    if whole is None:
        whole = _pack(data, lang, strings, opens, apart)
        data.wholes.clear()
        data.wholes[said] = whole
    return whole


def _apart(data: PlayerData, key: str) -> list[str] | None:
    """The addresses of the epochs while there come more, and afterwards for a page that has them by then; else None:
    all at once are less to ask for."""
    seen, of = f"{key}_apart", signature(data)
    if data.running:
        st.session_state[seen] = of
    if st.session_state.get(seen) != of:
        return None
    return offered([_epoch(data, e, _side(data)) for e in range(len(data.epochs))], key)


def _side(data: PlayerData) -> int:
    return min(len(data.spans) + 1, int(data.attention.shape[-1]))


def _pack(data: PlayerData, lang: str, strings: dict[str, str], opens: bool, apart: list[str] | None) -> bytes:
    arms, epochs, tokens = len(data.arms), len(data.epochs), len(data.spans)
    layers, heads, side = *data.attention.shape[2:4], _side(data)
    for name, shape in (
        ("masks", (arms, epochs, tokens)),
        ("probabilities", (arms, epochs, len(data.classes))),
        ("attention", (arms, epochs, layers, heads, side, side)),
        ("keys", (arms, epochs, layers, heads, side)),
        ("heads", (arms, epochs, layers, heads)),
        ("thresholds", (epochs,)),
        ("attention_recorded", (epochs,)),
        ("bands", (arms, epochs, tokens, _bands(data))),
    ):
        if name == "bands" and data.bands is None:
            continue
        if (given := np.shape(getattr(data, name))) != shape:
            raise ValueError(f"{name} has shape {given}, expected {shape}")
    words, gaps = cut(data.text, data.spans)
    chances = np.nan_to_num(data.probabilities.astype(np.float64), nan=-1).round(4)  # JSON has no NaN
    header = {
        "lang": lang, "strings": {name: strings[name] for name in STRING_KEYS}, "words": words, "gaps": gaps,
        "textLang": language_of(data.text), "arms": data.arms,
        "epochs": [int(epoch) for epoch in data.epochs], "classes": data.classes,
        "label": data.label, "thresholds": np.nan_to_num(data.thresholds).tolist(), "probabilities": chances.tolist(),
        "recorded": [bool(value) for value in data.attention_recorded], "running": data.running,
        "autoplay": data.autoplay, "planned": data.planned, "marks": data.marks, "of": signature(data), "opens": opens,
        "picture": asdict(data.picture) if data.picture else None,
        "unitMarks": _unit_marks(data.unit_marks, (arms, epochs, tokens)),
        "shape": [arms, epochs, tokens, layers, heads, side], "bandCount": _bands(data),
    }  # fmt: skip
    if apart is not None:
        return seal(header | {"pieces": {"paths": apart, "head": HEAD}}, b"")
    return seal(header, b"".join(memoryview(_epoch(data, e, side))[HEAD:] for e in range(epochs)))


def _unit_marks(marks: UnitMarks | None, shape: tuple[int, int, int]) -> dict[str, Any] | None:
    """Chances in percent."""
    if marks is None:
        return None
    for name in ("codes", "chances"):
        if (given := np.shape(getattr(marks, name))) != shape:
            raise ValueError(f"{name} has shape {given}, expected {shape}")
    chances = np.rint(np.nan_to_num(marks.chances) * 100).astype(int).tolist()
    told = {"names": marks.names, "outside": marks.outside, "truth": marks.truth}
    return told | {"codes": marks.codes.tolist(), "chances": chances}


def _epoch(data: PlayerData, e: int, side: int) -> bytes:
    """The numbers of one epoch as a piece; packed once, if `data` keeps what was packed."""
    key = (int(data.epochs[e]), side, bool(data.attention_recorded[e]), _bands(data))
    if key not in data.packed:
        masks, states = _encode_masks(data.masks[:, e], float(np.nan_to_num(data.thresholds[e])))
        parts = [masks, states, np.minimum(data.keys[:, e], 255), np.rint(data.heads[:, e] * 255), data.attention[:, e]]
        parts += [] if data.bands is None else [data.bands[:, e]]
        data.packed[key] = piece(b"".join(np.ascontiguousarray(part, dtype=np.uint8).tobytes() for part in parts))
    return data.packed[key]


def _bands(data: PlayerData) -> int:
    return 0 if data.bands is None else data.bands.shape[-1]


def _encode_masks(masks: npt.NDArray[Any], threshold: float) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """(uint8 masks, states): 0 kept, 1 removed, 2 unknown, decided before rounding can move a value across θ."""
    if masks.dtype == np.uint8:
        return masks, (masks < np.rint(threshold * 255)).astype(np.uint8)
    unknown = ~np.isfinite(masks)
    clean = np.clip(np.nan_to_num(masks), 0, 1)
    # Compare in the masks' own precision: a float32 0.3 must not be below a float64 0.3.
    removed = clean < clean.dtype.type(threshold)
    return np.rint(clean * 255).astype(np.uint8), np.where(unknown, 2, removed).astype(np.uint8)
