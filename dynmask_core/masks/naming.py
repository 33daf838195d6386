"""Arms in words: "static (random, frozen)", for pages and reports, in any language."""

from __future__ import annotations

from dynmask_core.masks.compose import brief, parse
from dynmask_core.messages import Gloss, Words, say, several


def in_words(arm: str) -> Words:
    """What the masks of the arm are, without its name: "random, frozen". Raises InputError for an unknown mask."""
    parts = dict.fromkeys(Gloss(f"strategy.{name}") for name, _ in parse(arm))
    return several(*parts, between=" + ")


def named(arm: str) -> Words:
    """Name and words: where an arm first stands, and in tables and figures with room for it."""
    return say("arms.named", name=brief(arm), words=in_words(arm))
