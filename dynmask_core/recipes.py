"""Ready-made experiments: what to compare, on which model, for how long. They work with any data."""

from __future__ import annotations

from dataclasses import dataclass

from dynmask_core.config import TrainConfig


@dataclass(frozen=True)
class Recipe:
    """arms: the baseline first. model: a name in PRESETS. batch_size: in texts.

    Explained by `recipe.NAME` in the locales.
    """

    arms: tuple[str, ...]
    model: str = "small"
    epochs: int = 10
    batch_size: int = TrainConfig.batch_size


RECIPES = {
    "article": Recipe(("none", "repaired", "article", "static")),
    "saving": Recipe(("none", "topk:0.2"), "medium", 5, 64),
    "finding": Recipe(("none", "hardconcrete", "gradient", "keyword")),
    "hiding": Recipe(("none", "informed", "dropout", "spandrop")),
    "chance": Recipe(("dropout", "dropout:draw=1")),
    "attention": Recipe(("none", "dman", "window:4", "entmax")),
    "heads": Recipe(("none", "headgate", "headgrad", "drophead")),
    "pretraining": Recipe(("none", "pretrained:dataset", "pretrained:cycle", "pretrained")),
}
