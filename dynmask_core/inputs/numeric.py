"""What inputs share whose units are described by numbers, and looked at as the parts of a picture."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from dynmask_core.data.encode import pad_features
from dynmask_core.inputs.base import Batch, Input, Picture, Shown
from dynmask_core.lazy import torch

if TYPE_CHECKING:
    from dynmask_core.config import ModelConfig
    from dynmask_core.model.embedding import Embedding


class Numeric(Input):
    """Units are float32 [T, F], all zeros for the special one."""

    @property
    @abstractmethod
    def features(self) -> int: ...

    @abstractmethod
    def pictured(self, units: np.ndarray) -> Picture:
        """Units, float [T, F] with the special one first, as a picture: those that `read` gives, or others like them,
        such as restored ones."""

    def embedding(self, model: ModelConfig, words: int) -> Embedding:
        # Loaded here: pages show samples without torch.
        from dynmask_core.model.embedding import FeatureEmbedding

        return FeatureEmbedding(self.features, model, self.max_positions)

    def batch(self, units: Sequence[np.ndarray], embedding: Embedding, device: torch.device) -> Batch:
        features = torch.from_numpy(pad_features(units)).to(device)
        lengths = torch.tensor([len(sample) for sample in units], device=device)
        place = torch.arange(features.shape[1], device=device)
        there = place < lengths[:, None]
        return Batch(features, there, ~there | (place == 0))


def parts(names: Sequence[str], picture: Picture) -> Shown:
    """A sample as the parts of a picture, called by these names."""
    ends = np.cumsum([len(name) + 1 for name in names]).tolist()
    spans = [(end - 1 - len(name), end - 1) for name, end in zip(names, ends, strict=True)]
    return Shown(" ".join(names), spans, picture)
