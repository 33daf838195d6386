"""Masked language modelling: hides tokens to guess, either once (static) or anew in every epoch (dynamic)."""

from dynmask_core.config import Selection
from dynmask_core.mlm.collator import DataCollatorForDynamicMasking
from dynmask_core.mlm.collocations import Collocations
from dynmask_core.mlm.corruption import IGNORED, SELECTIONS, Corruption, Replacements, Texts
from dynmask_core.mlm.refresh import REFRESHES, Refresh

__all__ = [
    "IGNORED",
    "REFRESHES",
    "SELECTIONS",
    "Collocations",
    "Corruption",
    "DataCollatorForDynamicMasking",
    "Refresh",
    "Replacements",
    "Selection",
    "Texts",
]
