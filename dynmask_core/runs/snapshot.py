"""What a run recorded of one epoch, also as older versions wrote it."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from dynmask_core.attention_code import encode
from dynmask_core.events import ProbeRecord


@dataclass(frozen=True)
class Snapshot:
    """What was recorded at the end of one epoch."""

    arrays: dict[str, np.ndarray]

    def word_mask(self, arm: str) -> np.ndarray | None:
        """float32 [V] in [0, 1], in older runs float16; None if the arm's mask is not per word of the vocabulary."""
        return self.arrays.get(f"words/{arm}")

    def probe(self, index: int, arm: str) -> ProbeRecord | None:
        """None if the sentence was not recorded yet."""
        prefix = f"probe/{index}/{arm}/"
        if prefix + "mask" not in self.arrays:
            return None
        stored = {name.removeprefix(prefix): array for name, array in self.arrays.items() if name.startswith(prefix)}
        mask = stored["mask"]
        if mask.dtype == np.uint8:  # as older runs recorded it
            mask = mask.astype(np.float32) / 255
        if "edges" not in stored:
            return ProbeRecord(mask, stored["probabilities"], *_from_old(stored["attention"], len(mask) + 1))
        edges, keys, heads = (stored[name] for name in ("edges", "keys", "heads"))
        marks = stored["marks"].astype(np.float32) if "marks" in stored else None
        return ProbeRecord(mask, stored["probabilities"], edges, keys, heads, marks, stored.get("bands"))

    def answers(self) -> list[np.ndarray]:
        """The probabilities that were recorded, one array for each sentence and arm."""
        return [array for name, array in self.arrays.items() if name.endswith("/probabilities")]

    def sides(self, index: int) -> list[int]:
        """Of how many units of a sentence the attention was recorded, for each arm."""
        found = (re.fullmatch(rf"probe/{index}/.*/(edges|attention)", name) for name in self.arrays)
        return [self.arrays[match[0]].shape[-1] for match in found if match]

    @property
    def keep_threshold(self) -> float:
        return float(self.arrays["keep_threshold"])


def _from_old(attention: np.ndarray, positions: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Codes, keys and heads (see ProbeRecord) of runs that stored weight × head as value/255 and no forbidden edges."""
    weights = attention.astype(np.float32) / 255
    if attention.shape[-1] < positions:
        # Rows without their ends say nothing of a gate, only whether it is closed.
        heads = weights.any((-2, -1)).astype(np.float32)
    else:
        heads = weights[..., 0, :].sum(-1)  # a row of weights sums to 1
        heads[np.abs(heads - 1) < 0.1] = 1  # what is missing then is rounding
    closed = heads == 0
    shares = weights / np.where(closed, 1, heads)[..., None, None]
    edges = np.broadcast_to(~closed[..., None, None], weights.shape)
    keys = np.where(closed, 0, positions)[..., None].repeat(weights.shape[-1], -1)
    return encode(shares, edges), keys.astype(np.uint16), heads.clip(0, 1).astype(np.float32)
