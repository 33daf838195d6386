"""Two nearly equal sentences: which of the words that differ make a model answer them differently."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from difflib import SequenceMatcher
from typing import Any

import numpy as np

from dynmask_core.analysis.forced import Forced, answers
from dynmask_core.analysis.subject import Subject
from dynmask_core.errors import InputError
from dynmask_core.inputs import Shown
from dynmask_core.masks import brief
from dynmask_core.messages import Sentence, Words, say, several

ALIKE = 0.1
"""A change of the log-odds below this is no difference to explain: shares of it would be noise."""
INTERACTS = 0.15
"""From this share of the change on it is said that the words act together."""
CANCELS = 2.0
"""Where a span alone makes more than so many times the change, the spans cancel each other: shares mean nothing."""
FAR = 0.5
"""Below this share of common words two sentences are not nearly equal."""


@dataclass(frozen=True)
class Span:
    """Words that differ. first, second: their positions in either sentence, [start, end), 1 is the first word; empty
    where the other sentence has a word more. old, new: the words as written, joined, "" for none."""

    first: tuple[int, int]
    second: tuple[int, int]
    old: str
    new: str


@dataclass(frozen=True)
class Effect:
    """What one span does. log_odds: the change if this span alone is exchanged in the first sentence. share: of the
    whole change, negative where it goes the other way; None if there is next to no change, or the spans cancel."""

    log_odds: float
    share: float | None


@dataclass(frozen=True)
class ArmContrast:
    """One arm's answers to both sentences. target: the class that it predicts for the first.

    first, second: probabilities of all classes. change: of the log-odds of `target` from the first sentence to the
    second. effects: of each span. together: what is left of the change when all effects are subtracted: the spans do it
    only in company. together_share: see Effect.share.
    """

    arm: str
    target: int
    first: tuple[float, ...]
    second: tuple[float, ...]
    change: float
    effects: tuple[Effect, ...]
    together: float
    together_share: float | None


@dataclass(frozen=True)
class Contrast:
    """first, second: the sentences. alike: the share of words that they have in common, in [0, 1]."""

    first: str
    second: str
    spans: tuple[Span, ...]
    alike: float
    classes: tuple[str, ...]
    arms: tuple[ArmContrast, ...]

    @property
    def far(self) -> bool:
        """Whether the sentences are so different that single words explain little."""
        return self.alike < FAR

    def verdict(self, arm: ArmContrast) -> Words:
        """Which words make the difference to an arm, in one or two plain sentences."""
        if not self.spans:
            return say("act.why.same")
        place = max(range(len(self.spans)), key=lambda i: abs(arm.effects[i].log_odds))
        span, effect, share = self.spans[place], arm.effects[place].log_odds, arm.effects[place].share
        if abs(arm.change) < ALIKE and abs(effect) < ALIKE:
            return say("act.why.alike", arm=brief(arm.arm))
        if share is None or arm.together_share is None:
            numbers = {"effect": _signed(effect, ".2f"), "change": _signed(arm.change, ".2f")}
            return say("act.why.cancel", arm=brief(arm.arm), words=_exchange(span), **numbers)
        kind = "against" if share < 0 else "more" if share > 1 + INTERACTS else "most"
        named = {"arm": brief(arm.arm), "words": _exchange(span), "share": f"{abs(share):.0%}"}
        said = say(f"act.why.{kind}", **named)
        if abs(arm.together_share) < INTERACTS:
            return said
        return several(said, say("act.why.together", share=_signed(arm.together_share, ".0%")))

    def to_json(self) -> dict[str, Any]:
        told = asdict(self)
        for one, arm in zip(told["arms"], self.arms, strict=True):
            one["target"] = self.classes[arm.target]
            for name in ("first", "second"):
                one[name] = dict(zip(self.classes, getattr(arm, name), strict=True))
        return told


def _signed(value: float, form: str) -> str:
    return f"{value:+{form}}".replace("-", "−")


def _exchange(span: Span) -> Sentence:
    if not span.old:
        return say("act.span.added", new=span.new)
    if not span.new:
        return say("act.span.gone", old=span.old)
    return say("act.span.changed", old=span.old, new=span.new)


def contrast(subjects: Sequence[Subject], first: str, second: str) -> Contrast:
    """What makes the arms of a run answer the second sentence differently from the first.

    Each span of differing words is exchanged alone: the first sentence with that span of the second. Every such
    sentence is read as a new text, with the mask that it gets. Raises InputError `no_words`.
    """
    reader = subjects[0].reader
    a, b = reader.show(first), reader.show(second)
    if not a.spans or not b.spans:
        raise InputError("no_words")
    spans, alike = _spans(a, b)
    arms = tuple(_arm(subject, first, second, spans) for subject in subjects)
    return Contrast(first, second, spans, alike, subjects[0].classes, arms)


def _arm(subject: Subject, first: str, second: str, spans: Sequence[Span]) -> ArmContrast:
    a, b = subject.reader.read(first), subject.reader.read(second)
    most = subject.reader.max_positions  # an added word must not push the last one off the model's places
    mixed = [np.concatenate([a[: s.first[0]], b[slice(*s.second)], a[s.first[1] :]])[:most] for s in spans]
    found = answers(subject, ((units, Forced()) for units in (a, b, *mixed)))
    target = int(found[0].argmax())
    # Not log(p / (1 − p)): 1 − p loses all digits where p is nearly 1.
    odds = np.log(np.maximum(found[:, target], 1e-30)) - np.log(np.maximum(np.delete(found, target, 1).sum(1), 1e-30))
    change = float(odds[1] - odds[0])
    effects = (odds[2:] - odds[0]).tolist()
    together = change - sum(effects)

    tells = abs(change) >= ALIKE and max(map(abs, effects), default=0.0) <= CANCELS * abs(change)

    def share(part: float) -> float | None:
        return part / change if tells else None

    return ArmContrast(
        subject.arm,
        target,
        tuple(found[0].tolist()),
        tuple(found[1].tolist()),
        change,
        tuple(Effect(effect, share(effect)) for effect in effects),
        together,
        share(together),
    )


def _spans(a: Shown, b: Shown) -> tuple[tuple[Span, ...], float]:
    """The differing words, and the share of common ones. Words that differ one for one are spans of their own."""
    one, other = ([shown.text[start:end].lower() for start, end in shown.spans] for shown in (a, b))
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    spans = []
    for tag, i, end_i, j, end_j in matcher.get_opcodes():
        if tag == "equal":
            continue
        pairs = [(i, end_i, j, end_j)]
        if end_i - i == end_j - j:
            pairs = [(i + k, i + k + 1, j + k, j + k + 1) for k in range(end_i - i)]
        spans += [
            Span((i + 1, end_i + 1), (j + 1, end_j + 1), _written(a, i, end_i), _written(b, j, end_j))
            for i, end_i, j, end_j in pairs
        ]
    return tuple(spans), matcher.ratio()


def _written(shown: Shown, start: int, end: int) -> str:
    return shown.text[shown.spans[start][0] : shown.spans[end - 1][1]] if end > start else ""
