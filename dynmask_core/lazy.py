"""torch and scipy.stats, loaded when first used.

Pages list strategies and their parameters, and must not wait seconds until torch is loaded. So modules that only *name*
tensors at import take torch from here: `from dynmask_core.lazy import F, torch`. The same holds for `stats`.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch
    import torch.nn.functional as F
    from scipy import stats
else:

    class _Lazy:
        def __init__(self, module: str) -> None:
            self._module = module

        def __getattr__(self, name: str) -> Any:
            value = getattr(importlib.import_module(self._module), name)
            setattr(self, name, value)  # the next look-up is as cheap as the module's own
            return value

    torch = _Lazy("torch")
    F = _Lazy("torch.nn.functional")
    stats = _Lazy("scipy.stats")

__all__ = ["F", "stats", "torch"]
