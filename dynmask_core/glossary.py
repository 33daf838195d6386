"""The glossary: one sentence for each term, in every language; tooltips, page and documentation say the same one.

The sentences are `term.NAME` in the locales, see `messages.gloss`.
"""

from __future__ import annotations

from dynmask_core.messages import gloss, text

GROUPS: dict[str, tuple[str, ...]] = {
    "masks": (
        "mask", "mask_value", "static", "dynamic", "soft", "alpha", "tau", "theta", "evidence", "site", "refresh",
        "source", "padding", "causal", "mask_token", "removal",
    ),
    "model": ("unit", "embedding", "cls", "attention", "edge", "softmax", "head"),
    "training": ("arm", "baseline", "run", "study", "probe", "seed", "epoch", "batch", "loss", "validation", "test"),
    "numbers": ("accuracy", "precision", "recall", "f1", "interval", "p_value", "ece", "faithfulness"),
}  # fmt: skip
"""All terms, from what one meets first."""
TERMS = tuple(name for names in GROUPS.values() for name in names)


def term(name: str, lang: str = "en") -> tuple[str, str]:
    """(the term, its sentence with a capital letter). Raises KeyError for an unknown name."""
    words, sentence = gloss(f"term.{name}", lang)
    return words, sentence[:1].upper() + sentence[1:]


def markdown() -> str:
    """The page of the documentation."""
    about = "What the question marks in the app say. `glossary?term=NAME` in the app's address opens one term."
    lines = ["# Glossary", "", about]
    for group, names in GROUPS.items():
        lines += ["", f"## {text(f'glossary.{group}')}", "", "| term | name | 中文 | |", "|---|---|---|---|"]
        for name in names:
            words, sentence = term(name)
            lines.append(f"| **{words}** | `{name}` | {term(name, 'zh')[0]} | {sentence} |")
    return "\n".join(lines) + "\n"
