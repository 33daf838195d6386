"""What models read: how samples become units and vectors, and how units are shown. One file per kind of input, imported
automatically."""

import importlib
import pkgutil

from dynmask_core.inputs.base import (
    INPUTS,
    MAX_MAP,
    MAX_UNITS,
    Batch,
    Input,
    Picture,
    Shown,
    Tuned,
    make_input,
    register,
)
from dynmask_core.inputs.fitting import fit_to, statistics

for _found in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_found.name}")

__all__ = [
    "INPUTS",
    "MAX_MAP",
    "MAX_UNITS",
    "Batch",
    "Input",
    "Picture",
    "Shown",
    "Tuned",
    "fit_to",
    "make_input",
    "register",
    "statistics",
]
