"""Ready-made experiments: what to compare, on which model, for how long. Any data will do."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Recipe:
    """arms: the baseline first. model: a name in PRESETS. Explained by `recipe.NAME` in the locales."""

    arms: tuple[str, ...]
    model: str = "small"
    epochs: int = 10


RECIPES = {
    "article": Recipe(("none", "repaired", "article", "static")),
    "saving": Recipe(("none", "topk:0.25"), "medium", 5),
    "finding": Recipe(("none", "hardconcrete", "gradient", "keyword")),
    "hiding": Recipe(("none", "informed", "dropout", "spandrop")),
    "attention": Recipe(("none", "dman", "window:4", "entmax")),
    "heads": Recipe(("none", "headgate", "headgrad", "drophead")),
}
