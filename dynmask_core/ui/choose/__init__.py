"""Choosing data: a sample by name, or the reader's own text, which the server keeps under a key in the address."""

from dynmask_core.ui.choose.bring import bring_corpus, ways_in
from dynmask_core.ui.choose.chooser import CORPUS, LABELLED, Chooser, source_title
from dynmask_core.ui.choose.own import OWN
from dynmask_core.ui.choose.understood import refused, remedies, understood

__all__ = [
    "CORPUS",
    "LABELLED",
    "OWN",
    "Chooser",
    "bring_corpus",
    "refused",
    "remedies",
    "source_title",
    "understood",
    "ways_in",
]
