"""Many clicks on one text, answered in few passes: each as `act` answers it alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from dynmask_core.analysis.act import MOST_HEADS, Acted, ArmAnswer
from dynmask_core.analysis.forced import UNITS_AT_ONCE, Forced, Head, answers, passed
from dynmask_core.analysis.subject import Subject


def clicks(base: Acted) -> Iterator[Forced]:
    """Everything that one click on a text as it is can force: a word out that is in for some arm, a word back that some
    arm's mask removes or weakens, and, in a model of few heads, a head off."""
    for place in range(len(base.words)):
        gone = [arm.left_at[place] is not None for arm in base.arms]
        if not all(gone):
            yield Forced(removed=frozenset({place + 1}))
        if any(gone) or any(arm.mask[place] < 1 for arm in base.arms):
            yield Forced(restored=frozenset({place + 1}))
    heads = np.array(base.arms[0].heads)
    if heads.size <= MOST_HEADS:
        for layer, head in np.ndindex(heads.shape):
            yield Forced(heads_off=frozenset({(layer, head)}))


def act_many(subjects: Sequence[Subject], base: Acted, forced: Sequence[Forced], *, each: bool = True) -> list[Acted]:
    """What `act` says with each of `forced`. base: the answer to the text as it is; each: see `act`."""
    arms = [
        _answers(subject, arm, subject.reader.read(base.text), forced, each=each)
        for subject, arm in zip(subjects, base.arms, strict=True)
    ]
    return [replace(base, forced=one, arms=told) for one, told in zip(forced, zip(*arms, strict=True), strict=True)]


def _answers(
    subject: Subject, base: ArmAnswer, units: np.ndarray, forced: Sequence[Forced], *, each: bool
) -> list[ArmAnswer]:
    found = []
    step = max(UNITS_AT_ONCE // len(units), 1)
    for start in range(0, len(forced), step):
        some = forced[start : start + step]
        one = passed(subject, [units] * len(some), some, trace=True)
        assert one.output.trace is not None
        after = subject.answers(one.output).cpu().numpy().astype(np.float64)
        stays = one.output.trace.gates[-1][:, 1:].cpu().numpy() != 0
        for row in range(len(some)):
            plain = replace(base, after=tuple(after[row].tolist()), counts=tuple(stays[row].tolist()))
            found.append(replace(plain, word_drops=(), head_drops=()))
    return _with_drops(subject, found, units, forced) if each else found


def _with_drops(
    subject: Subject, found: list[ArmAnswer], units: np.ndarray, forced: Sequence[Forced]
) -> list[ArmAnswer]:
    """The same, and by how much the predicted class falls without each other word and head: see ArmAnswer."""
    heads = np.array(found[0].heads) if found else np.zeros(0)
    offered = [(layer, head) for layer, head in np.ndindex(heads.shape)] if 0 < heads.size <= MOST_HEADS else []
    variants: list[Forced] = []
    of: list[tuple[int, int | Head]] = []
    for row, (arm, one) in enumerate(zip(found, forced, strict=True)):
        words = [place for place, stays in enumerate(arm.counts, 1) if stays]
        open_heads = [head for head in offered if heads[head] and head not in one.heads_off]
        variants += [*map(one.without_word, words), *map(one.without_head, open_heads)]
        of += [(row, place) for place in words]
        of += [(row, head) for head in open_heads]
    chances = answers(subject, ((units, variant) for variant in variants))
    drops: list[dict[int | Head, float]] = [{} for _ in found]
    for (row, what), chance in zip(of, chances, strict=True):
        drops[row][what] = max(found[row].after) - float(chance[found[row].predicted])
    L, H = heads.shape if offered else (0, 0)
    return [
        replace(
            arm,
            word_drops=tuple(own.get(place) for place in range(1, len(units))),
            head_drops=tuple(tuple(own.get((layer, head)) for head in range(H)) for layer in range(L)),
        )
        for arm, own in zip(found, drops, strict=True)
    ]
