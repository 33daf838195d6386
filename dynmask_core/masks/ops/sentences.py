"""Which sentence of a text each token belongs to.

A sentence ends after . ! ? … 。 ！ ？ and all such signs that directly follow; [CLS] belongs to the first sentence.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from dynmask_core.lazy import torch

if TYPE_CHECKING:
    from torch import Tensor

SENTENCE_ENDS = frozenset(".!?。！？…")
Array = TypeVar("Array", np.ndarray, "Tensor")


def ends(words: Sequence[str]) -> np.ndarray:
    """uint8 [len(words)], 1 for signs that end a sentence."""
    return np.array([word in SENTENCE_ENDS for word in words], dtype=np.uint8)


def of_ids(end_ids: np.ndarray, ids: Tensor) -> Tensor:
    """ids int64 [B, T] → int64 [B, T], the number of each token's sentence, from 0. end_ids: `ends` of the words."""
    return numbers(torch.from_numpy(end_ids).to(ids.device)[ids].bool())


def numbers(end: Array) -> Array:
    """end: bool [B, T], signs that end a sentence, as a tensor or an array → int64 [B, T], each token's sentence."""
    begins = ~end
    begins[:, 1:] &= end[:, :-1]
    begins[:, 0] = False
    return begins.cumsum(1)
