"""Questions to the trained models of a run: each module here is one value of `dynmask ask --what`, found by itself."""

from __future__ import annotations

import importlib
import pkgutil

from dynmask_core.cli.questions.base import Analysis


def _found() -> dict[str, Analysis]:
    names = sorted(module.name for module in pkgutil.iter_modules(__path__) if module.name != "base")
    return {name: importlib.import_module(f"{__name__}.{name}").ANALYSIS for name in names}


ANALYSES = _found()
