"""Choosing data: a sample by name, or the user's own text, which is kept in the session and never in the address."""

from dynmask_core.ui.choose.bring import bring_corpus, bring_labelled
from dynmask_core.ui.choose.chooser import CORPUS, LABELLED, OWN, Chooser, source_title

__all__ = ["CORPUS", "LABELLED", "OWN", "Chooser", "bring_corpus", "bring_labelled", "source_title"]
