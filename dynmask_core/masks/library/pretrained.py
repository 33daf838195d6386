"""Pre-training: before it sees a label, the model learns to guess hidden words of the same texts."""

from __future__ import annotations

from typing import get_args

from dynmask_core.config import GuessSettings, Selection
from dynmask_core.masks.base import MaskStrategy, Param, Setting, register


@register
class Pretrained(MaskStrategy):
    """The initial weights are those of a masked language model of the training texts, including unused ones.

    refresh: its masks, one per text (dataset, like BERT on data that are not duplicated), k in turn (cycle, BERT's own
    data), or a new one in every epoch (RoBERTa). Then the model learns the classes, without a mask. Pre-training uses
    no labels and no validation or test texts; its cost counts as training. `seed` affects only which words are hidden.
    """

    name = "pretrained"
    needs = frozenset({"words", "labels", "untrained"})
    family = "random"
    site = "none"
    refresh = "never"
    source = "random"
    replaces = "weights"
    paper = "Devlin et al. 2019, BERT (static masks); Liu et al. 2019, RoBERTa (dynamic ones)"
    formula = r"\theta_0 = \arg\min_\theta \sum_{i \in H} -\log p_\theta(w_i \mid w_{\setminus H})"
    parameters = (
        Param("refresh", "epoch", choices=("dataset", "cycle", "epoch")),
        Param("k", 10, 2, 1000),
        Param("passes", 40, 1, 200),
        Param("rate", 0.15, 0.01, 0.9, scheduled=True),
        Param("select", "exact", choices=get_args(Selection)),
    )

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        refreshes = {"dataset": "static", "cycle": f"static:{self.values['k']}", "epoch": "dynamic"}
        self.masks = refreshes[str(self.values["refresh"])]
        """Its masks, as mlm.Refresh writes them."""
        self.passes = int(self.values["passes"])
        self.guessing = GuessSettings(str(self.values["select"]), self.values["rate"])
