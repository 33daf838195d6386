"""What the pages offer to choose from, where it is not all that there is. Addresses say it, so lessons check it."""

from __future__ import annotations

STEP_SIZES = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
MOST_EVIDENCE = 5.0
"""The largest evidence threshold τ."""
EPOCHS, MAX_EPOCHS = 15, 60
BATCHES = (8, 16, 32, 64, 128, 256)
MAX_SEED = 2**31
MOST_STUDY_SEEDS = 50
REFRESHES = ("static", "static:2", "static:4", "static:10", "dynamic")
RATES = ("0.15", "0.05", "0.3", "0.4", "0.6", "0.3..0.15", "0.3..0.15@cosine", "0.3..0.1@cyclic4")
VIEWS = ("watch", "words", "ask", "errors", "scores", "beside")
"""The views of a run."""
GUESS_VIEWS = ("watch", "fills", "inside", "scores", "after")
"""The views of a run of guessing hidden words."""
TASK_VIEWS = ("watch", "write", "scores")
"""The views of a run that marks units or writes; only those that write have the second."""
DRAWS = ("greedy", "drawn")
"""How a word that is written is chosen: the likeliest, or by chance."""
COLDEST, WARMEST = 0.1, 2.0
"""Temperatures of drawn words."""
MOST_CANDIDATES = 50
"""Largest k of top-k; 0 stands for all words."""
HIDEABLE = (
    "settings",
    "alpha",
    "tau",
    "theta",
    "arms",
    "data",
    "model",
    "epochs",
    "seed",
    "recipes",
    "more",
    "transport",
)
"""Names of what a page of runs can be told not to show. `settings`: all that is chosen once. α, τ and θ have names of
their own. `transport`: the buttons that start, pause and stop."""
