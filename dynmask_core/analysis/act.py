"""Acts on a trained model: words removed or restored, heads forced off, and what every arm answers then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from dynmask_core.analysis.forced import Forced, Head, Passed, answers, passed
from dynmask_core.analysis.standing import require_classes
from dynmask_core.analysis.subject import Subject
from dynmask_core.config.checks import one_of
from dynmask_core.errors import InputError
from dynmask_core.runs import Run
from dynmask_core.training.record import unit_values

MOST_HEADS = 64
"""Heads are switched off one by one only in a model with no more than this many."""


@dataclass(frozen=True)
class Word:
    """position: its place in the sequence, 1 is the first word. known: whether training saw it."""

    position: int
    text: str
    known: bool


@dataclass(frozen=True)
class ArmAnswer:
    """One arm's answer to a text of W words, in a model of L layers with H heads.

    before: the probabilities of the classes under the arm's own mask. after: with what is forced.
    mask: W values in [0, 1], 1 keeps: the arm's own mask. left_at: W, the block before which the arm's own mask
    removes the word, 0 is the first block; None if it stays. counts: W, whether the word is in the text to the end,
    with what is forced.
    word_drops: W, by how much the probability of the class predicted `after` falls if this word alone is removed as
    well; None for a word that is out already; empty if it was not asked for. head_drops: [L][H], the same for a head
    that is switched off; None for a head that is off already; empty for a large model.
    heads: [L][H] in [0, 1], the arm's own gates of its heads; 0 is removed.
    edges: the arm's mask acts on edges: what is forced does not change that. absent: it acts in training alone.
    """

    arm: str
    before: tuple[float, ...]
    after: tuple[float, ...]
    mask: tuple[float, ...]
    left_at: tuple[int | None, ...]
    counts: tuple[bool, ...]
    word_drops: tuple[float | None, ...]
    heads: tuple[tuple[float, ...], ...]
    head_drops: tuple[tuple[float | None, ...], ...]
    edges: bool
    absent: bool

    @property
    def predicted(self) -> int:
        """The class that is likeliest with what is forced."""
        return int(np.argmax(self.after))


@dataclass(frozen=True)
class Acted:
    """What several arms answer to one text. unread: how many words at its end are beyond the longest text."""

    text: str
    words: tuple[Word, ...]
    unread: int
    classes: tuple[str, ...]
    forced: Forced
    arms: tuple[ArmAnswer, ...]

    def to_json(self) -> dict[str, Any]:
        """Classes by name; heads as "LAYER.HEAD" from 0, words by position from 1."""
        return {
            "text": self.text,
            "words": [asdict(word) for word in self.words],
            "unread": self.unread,
            "removed": sorted(self.forced.removed),
            "restored": sorted(self.forced.restored),
            "heads_off": [f"{layer}.{head}" for layer, head in sorted(self.forced.heads_off)],
            "arms": [
                asdict(one)
                | {name: dict(zip(self.classes, getattr(one, name), strict=True)) for name in ("before", "after")}
                | {"predicted": self.classes[one.predicted]}
                for one in self.arms
            ],
        }


def open_arms(run: Run, arms: Sequence[str] = (), epoch: int | None = None) -> tuple[Subject, ...]:
    """The trained models of these arms, by default all; see `Subject.open`.

    Raises InputError: `no_classes`, `no_weights`, `bad_setting` for an unknown arm.
    """
    require_classes(run)
    known = run.config().arms
    for arm in arms:
        one_of("arm", arm, known)
    return tuple(Subject.open(run, arm, epoch) for arm in arms or known)


def act(subjects: Sequence[Subject], text: str, forced: Forced | None = None, *, each: bool = True) -> Acted:
    """What all arms of a run answer to the text as it is, and with what is forced.

    each: also remove every word alone, and switch off every head alone; that costs a pass for each of them.
    Raises InputError: `no_words` for a text without words, and see `Forced.check`.
    """
    reader, forced = subjects[0].reader, forced or Forced()
    shown = reader.show(text)
    if not shown.spans:
        raise InputError("no_words")
    forced.check(len(shown.spans), subjects[0].model.config)
    unknown = set(reader.unknown_units(text))
    written = [shown.text[start:end] for start, end in shown.spans]
    words = tuple(Word(i + 1, word, word not in unknown) for i, word in enumerate(written))
    unread = len(reader.show(text, len(text) + 1).spans) - len(words)  # one for what ends the text
    arms = tuple(_answer(subject, subject.reader.read(text), forced, each=each) for subject in subjects)
    return Acted(text, words, unread, subjects[0].classes, forced, arms)


def _answer(subject: Subject, units: np.ndarray, forced: Forced, *, each: bool) -> ArmAnswer:
    both = passed(subject, [units, units], [Forced(), forced], trace=True)
    before, after = subject.answers(both.output).cpu().numpy().astype(np.float64)
    left_at, gone_now = _left(both, 0), _left(both, 1)
    heads = _heads(both)
    sites = {part.site for part in subject.strategy.parts}
    word_drops: tuple[float | None, ...] = ()
    head_drops: tuple[tuple[float | None, ...], ...] = ()
    if each:
        still = [place for place, gone in enumerate(gone_now, 1) if gone is None]
        open_heads = (
            [] if heads.size > MOST_HEADS else [h for h in _each(heads) if heads[h] and h not in forced.heads_off]
        )
        variants = [forced.without_word(place) for place in still] + [forced.without_head(head) for head in open_heads]
        found = answers(subject, ((units, variant) for variant in variants))
        drops = after.max() - found[:, after.argmax()] if variants else np.zeros(0)
        by_word = dict(zip(still, drops.tolist(), strict=False))
        by_head = dict(zip(open_heads, drops[len(still) :].tolist(), strict=True))
        word_drops = tuple(by_word.get(place) for place in range(1, len(units)))
        if heads.size <= MOST_HEADS:
            L, H = heads.shape
            head_drops = tuple(tuple(by_head.get((layer, head)) for head in range(H)) for layer in range(L))
    return ArmAnswer(
        subject.arm,
        tuple(before.tolist()),
        tuple(after.tolist()),
        _values(both),
        left_at,
        tuple(gone is None for gone in gone_now),
        word_drops,
        tuple(tuple(row) for row in heads.tolist()),
        head_drops,
        edges="attention" in sites,
        absent=subject.strategy.only_training,
    )


def _each(heads: np.ndarray) -> list[Head]:
    return [(layer, head) for layer, head in np.ndindex(heads.shape)]


def _values(both: Passed) -> tuple[float, ...]:
    """The mask's own value for each word; see `record.unit_values`."""
    assert both.output.trace is not None
    values = unit_values(both.context, both.own, both.parts, both.output.trace)
    return tuple(values[0, 1:].clamp(0, 1).tolist())


def _left(both: Passed, row: int) -> tuple[int | None, ...]:
    """The block before which each word leaves the text of a row; None if it stays."""
    assert both.output.trace is not None
    gone = np.stack([gate[row, 1:].cpu().numpy() == 0 for gate in both.output.trace.gates])  # [L, W]
    return tuple(int(np.argmax(column)) if column[-1] else None for column in gone.T)


def _heads(both: Passed) -> np.ndarray:
    """float64 [L, H]: the mask's own gates of the heads."""
    trace = both.output.trace
    assert trace is not None
    heads = trace.attention[0].shape[1]
    gates = [gate.expand(2, heads) if gate.ndim < 2 else gate.expand(2, -1) for gate in trace.heads]
    return np.stack([gate[0].double().cpu().numpy() for gate in gates])
