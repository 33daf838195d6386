"""torch and scipy.stats, loaded at their first use.

Pages list strategies and their parameters, and must not wait the seconds that torch takes. So whatever only *names*
tensors when it is imported takes torch from here: `from dynmask_core.lazy import F, torch`. So with `stats`.
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
