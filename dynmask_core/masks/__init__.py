"""The mask strategies: the interface in base.py, one file per strategy in library/."""

import importlib
import pkgutil

from dynmask_core.masks import library
from dynmask_core.masks.base import REGISTRY, MaskStrategy, Param, Setting, register
from dynmask_core.masks.compose import Composed, brief, build, canonical, parse, separate, written
from dynmask_core.masks.context import CorpusStatistics, LayerContext, MaskContext, Split
from dynmask_core.masks.plan import MaskPlan
from dynmask_core.masks.schedule import Schedule
from dynmask_core.masks.word_table import WordMask, initial_mask

for _found in pkgutil.iter_modules(library.__path__):
    importlib.import_module(f"{library.__name__}.{_found.name}")

__all__ = [
    "REGISTRY",
    "Composed",
    "CorpusStatistics",
    "LayerContext",
    "MaskContext",
    "MaskPlan",
    "MaskStrategy",
    "Param",
    "Schedule",
    "Setting",
    "Split",
    "WordMask",
    "brief",
    "build",
    "canonical",
    "initial_mask",
    "parse",
    "register",
    "separate",
    "written",
]
