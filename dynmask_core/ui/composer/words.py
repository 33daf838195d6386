"""What can be written in an expression, as a table, and examples."""

from __future__ import annotations

from html import escape

from dynmask_core.masks.atoms import ATOMS
from dynmask_core.ui.i18n import t

EXAMPLES = {
    "near": "window(2) | global(0)",
    "back": "causal & (q - k < 4)",
    "sentence": "sentence | global(0)",
    "others": "window(4) | global(0) & ~sentence",
    "second": "(k % 2 == 0) | self",
    "chance": "window(1) | random(0.15) | global(0)",
}
OPERATORS = {"not": "~a", "without": "a - b", "both": "a & b", "one": "a ^ b", "either": "a | b"}
"""From the strongest to the weakest."""


def table() -> str:
    """All patterns, places and operators with one sentence each, folded, as HTML."""
    rows = [(atom.form(name), t(f"composer.atom.{name}")) for name, atom in ATOMS.items()]
    rows.append(("(q - k < 4)", t("composer.places_of")))
    rows += [(written, t(f"composer.operator.{name}")) for name, written in OPERATORS.items()]
    body = "".join(
        f'<tr><td translate="no"><code>{escape(form)}</code></td><td>{escape(said)}</td></tr>' for form, said in rows
    )
    head = "".join(f'<th scope="col">{escape(t(f"composer.table.{name}"))}</th>' for name in ("written", "means"))
    return (
        f'<details class="mk mk-table"><summary>{escape(t("composer.table"))}</summary>'
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></details>"
    )
