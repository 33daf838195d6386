"""Choosing data: a sample by name, or the reader's own text, which the server keeps under a key in the address."""

from dynmask_core.ui.choose.bring import bring, bring_corpus, ways_in
from dynmask_core.ui.choose.chooser import CORPUS, LABELLED, MARKED, SEQUENCES, Chooser, source_title
from dynmask_core.ui.choose.own import OWN
from dynmask_core.ui.choose.understood import column, read_as, refused, remedies, switch, understood

__all__ = [
    "CORPUS",
    "LABELLED",
    "MARKED",
    "OWN",
    "SEQUENCES",
    "Chooser",
    "bring",
    "bring_corpus",
    "column",
    "read_as",
    "refused",
    "remedies",
    "source_title",
    "switch",
    "understood",
    "ways_in",
]
