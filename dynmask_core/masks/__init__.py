"""The mask strategies: one small file per family, all behind the interface of base.py."""

from dynmask_core.masks import article, none, repaired, static
from dynmask_core.masks.base import (
    REGISTRY,
    CorpusStatistics,
    MaskContext,
    MaskPlan,
    MaskStrategy,
    WordMask,
    initial_mask,
    register,
)

__all__ = [
    "REGISTRY",
    "CorpusStatistics",
    "MaskContext",
    "MaskPlan",
    "MaskStrategy",
    "WordMask",
    "article",
    "initial_mask",
    "none",
    "register",
    "repaired",
    "static",
]
