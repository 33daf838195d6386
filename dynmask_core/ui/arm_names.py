"""Arms in words: what is written for one, and what that means, in the reader's language."""

from __future__ import annotations

from dynmask_core.config import ExperimentConfig, GuessSettings
from dynmask_core.masks import brief, naming
from dynmask_core.messages import text, told
from dynmask_core.mlm import Refresh


def in_words(config: ExperimentConfig, arm: str, lang: str) -> str:
    """What the arm is, without its name: "random, frozen"."""
    if isinstance(config.task, GuessSettings):
        return refresh_in_words(arm, lang, words=config.task.name == GuessSettings.name)
    return told(naming.in_words(arm), lang)


def refresh_in_words(written: str, lang: str, *, words: bool = True) -> str:
    """What a way to hide words is: "the same words always". words: False for parts of pictures or sounds."""
    patterns, area = Refresh.read(written).patterns, "mlm" if words else "restored"
    if patterns is None:
        return text(f"{area}.refresh.dynamic", lang)
    return text(f"{area}.refresh.static", lang) if patterns == 1 else text("mlm.refresh.cycle", lang, count=patterns)


def named(config: ExperimentConfig, arm: str, lang: str) -> str:
    """Name and words: where an arm first stands on a page, and in its tables."""
    return text("arms.named", lang, name=brief(arm), words=in_words(config, arm, lang))
