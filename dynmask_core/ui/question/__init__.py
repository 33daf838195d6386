"""Questions that a reader asks the trained models of a run; each module draws one section of its page."""
