"""The recorded what-ifs of a replay: what every arm answers without one word, with one word put back, or without one
head; each as the app would answer the same click."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dynmask_core.analysis.standing import can_stand
from dynmask_core.colors import arm_color
from dynmask_core.config import ClassifySettings
from dynmask_core.errors import InputError
from dynmask_core.ui.components.act import STRING_KEYS, ActData, pack
from dynmask_core.ui.replay.packing import squeezed_json
from dynmask_core.ui.watch.run_view import RunView

if TYPE_CHECKING:
    # Not loaded otherwise: they need torch, and the page offers a replay before somebody asks for it.
    from dynmask_core.analysis.act import Acted
    from dynmask_core.analysis.forced import Forced
    from dynmask_core.analysis.subject import Subject

MOST_WORDS = 128
"""A longer sentence has no what-ifs."""
EACH_WORDS = 48
"""In a longer one, a click is answered without measuring every other word once more: that would take minutes."""
SAID_ONCE = ("lang", "strings", "sentence", "textLang", "words", "gaps", "known", "classes", "cycles")
"""What is the same after every click."""


def what_ifs_of(view: RunView) -> list[str | None]:
    """Packed, one for each recorded sentence; None if it is too long, or there is nobody to ask."""
    nobody: list[str | None] = [None] * len(view.probes)
    if not isinstance(view.config.task, ClassifySettings) or not can_stand(view.run):
        return nobody
    if not isinstance(view.run.folder, Path):  # an exported run has no models
        return nobody
    from dynmask_core.analysis.act import open_arms

    try:
        subjects = open_arms(view.run)
    except InputError:
        return nobody
    return [_sentence(view, subjects, probe.text) for probe in view.probes]


def _sentence(view: RunView, subjects: Sequence[Subject], text: str) -> str | None:
    from dynmask_core.analysis.act import act
    from dynmask_core.analysis.clicks import act_many, clicks

    shown = view.reader.show(text)
    words = len(shown.spans)
    if not 0 < words <= MOST_WORDS:
        return None
    base = act(subjects, text)
    before = [arm.before for arm in base.arms]
    colors = [arm_color(a) for a in range(len(view.arms))]

    def packed(acted: Acted) -> dict[str, Any]:
        strings = dict.fromkeys(STRING_KEYS, "")
        return pack(ActData(acted, before, shown.spans, colors), lang="", strings=strings)

    answered = act_many(subjects, base, [*clicks(base)], each=words <= EACH_WORDS)
    told = {_name(acted.forced, view.config.model.heads): _without(packed(acted)) for acted in answered}
    return squeezed_json({"base": packed(base), "clicks": told})


def _name(forced: Forced, heads: int) -> str:
    """Of a click, for act_part.js: −WORD, +WORD, or the number of a head."""
    names = [f"-{place}" for place in forced.removed] + [f"+{place}" for place in forced.restored]
    return [*names, *(f"h{layer * heads + head}" for layer, head in forced.heads_off)][0]


def _without(answer: dict[str, Any]) -> dict[str, Any]:
    """What a click changes."""
    kept = {name: value for name, value in answer.items() if name not in SAID_ONCE}
    changing = ("after", "counts", "drops", "headDrops")
    return kept | {"arms": [{name: arm[name] for name in changing} for arm in answer["arms"]]}
