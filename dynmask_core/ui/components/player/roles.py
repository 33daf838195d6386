"""What an arm's mask is, for the head of its column: when it changes, and what it acts on."""

from __future__ import annotations

from typing import Literal

from dynmask_core.config import ExperimentConfig, GuessSettings
from dynmask_core.masks import REGISTRY, MaskStrategy, Setting, parse

Role = Literal["none", "pretrained", "fixed", "once", "cycle", "epoch", "redrawn", "redrawn_step", "text", "learned"]
ROLES: tuple[Role, ...] = (
    "none", "pretrained", "fixed", "once", "cycle", "epoch", "redrawn", "redrawn_step", "text", "learned",
)  # fmt: skip
"""Each is the text `player.role_NAME`. No name of an arm decides: the strategies say themselves when they change."""

Shows = Literal["words", "edges", "heads", "none"]
"""What the mask is laid over, and so which picture shows it."""


def roles(config: ExperimentConfig, arm: str) -> list[Role]:
    """One for each part of the arm, without repetition."""
    if isinstance(config.task, GuessSettings):  # such arms are refreshes of hidden words
        return ["redrawn" if arm == "dynamic" else "cycle" if ":" in arm else "once"]
    return list(dict.fromkeys(_role(part) for part in _parts(arm)))


def shows(config: ExperimentConfig, arm: str) -> Shows:
    """Words, if any part of the arm acts on them."""
    sites = {part.site for part in _parts(arm)} if not isinstance(config.task, GuessSettings) else {"corruption"}
    if sites & {"corruption", "input", "removal"}:
        return "words"
    return "heads" if "head" in sites else "edges" if "attention" in sites else "none"


def _parts(arm: str) -> list[MaskStrategy]:
    # Some strategies know only with their parameters when they change.
    return [REGISTRY[name](Setting(values)) for name, values in parse(arm)]


def _role(part: MaskStrategy) -> Role:
    drawn = part.source == "random"
    if part.site == "none":
        return "pretrained" if drawn else "none"
    if part.source == "learned":
        return "learned"
    by_refresh: dict[str, Role] = {
        "never": "fixed",
        "dataset": "once" if drawn else "fixed",
        "epoch": "redrawn" if drawn else "epoch",
        "batch": "redrawn_step" if drawn else "text",
        "forward": "redrawn_step" if drawn else "text",
    }
    return by_refresh[part.refresh]
