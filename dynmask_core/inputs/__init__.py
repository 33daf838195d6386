"""What models read: how something becomes units and vectors, and how units are shown. One file per kind of input."""

from dynmask_core.inputs import text as _text  # noqa: F401 (registers itself)
from dynmask_core.inputs.base import INPUTS, MAX_MAP, MAX_UNITS, Batch, Input, Shown, make_input, register, statistics

__all__ = ["INPUTS", "MAX_MAP", "MAX_UNITS", "Batch", "Input", "Shown", "make_input", "register", "statistics"]
