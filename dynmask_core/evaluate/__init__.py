"""How good an arm is and what it costs: scores, statistics, arithmetic."""

METRICS = ("accuracy", "precision", "recall", "f1")
"""The scores that tables show, in their order."""
