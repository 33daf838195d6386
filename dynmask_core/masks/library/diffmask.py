"""DiffMask: gates computed from the context blend words into a learned neutral vector."""

from __future__ import annotations

from dynmask_core.masks.base import Param, register
from dynmask_core.masks.gates import TARGET
from dynmask_core.masks.library.hardconcrete import HardConcreteMask


@register
class DiffMask(HardConcreteMask):
    """z·x + (1−z)·b, where z is a hard concrete gate and b is learned. No token leaves the text, so nothing is saved.

    The paper explains a trained, frozen model: its gates read all hidden layers and must not change the prediction.
    Here gates and model learn together: the model adapts to its mask, and the mask shows what this model uses, not what
    another one used.
    """

    name = "diffmask"
    paper = "De Cao, Schlichtkrull, Aziz & Titov 2020, How do Decisions Emerge across Layers in Neural Models?"
    formula = r"\hat x = z\,x + (1-z)\,b,\quad \overline{[z>0]} \to \text{target}"
    parameters = (TARGET, Param("temperature", 2 / 3, 0.05, 2.0, scheduled=True))
    uses = ()
    removes = False
