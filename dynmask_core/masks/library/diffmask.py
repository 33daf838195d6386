"""DiffMask: gates read off the context blend a word into a learned neutral vector."""

from __future__ import annotations

from dynmask_core.masks.base import Param, register
from dynmask_core.masks.gates import TARGET
from dynmask_core.masks.library.hardconcrete import HardConcreteMask


@register
class DiffMask(HardConcreteMask):
    """z·x + (1−z)·b with z a hard concrete gate and b learned; nothing leaves the text, and so nothing is saved.

    Unlike the paper, which explains a trained and frozen model (its gates read all hidden layers and must leave the
    prediction as it was), gates and model learn together here: the model adapts to its mask, and the mask says what
    this model uses, not what another one did.
    """

    name = "diffmask"
    paper = "De Cao, Schlichtkrull, Aziz & Titov 2020, How do Decisions Emerge across Layers in Neural Models?"
    formula = r"\hat x = z\,x + (1-z)\,b,\quad \overline{[z>0]} \to \text{target}"
    parameters = (TARGET, Param("temperature", 2 / 3, 0.05, 2.0, scheduled=True))
    uses = ()
    removes = False
