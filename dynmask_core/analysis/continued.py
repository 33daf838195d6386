"""What a model writes after a source, word by word: what it could have written instead, and what it looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
import torch

from dynmask_core.analysis.subject import LIKELIEST, Subject
from dynmask_core.config import ContinueSettings
from dynmask_core.data.pairs import BETWEEN, in_writing, joined
from dynmask_core.data.tokenize import END, MASK
from dynmask_core.errors import InputError
from dynmask_core.inputs.pairs import ARROW, STOP
from dynmask_core.runs import Run
from dynmask_core.tasks import task_of
from dynmask_core.tasks.continuing import write
from dynmask_core.tasks.generate import LONGEST, Sampling, Written, from_left, prompts, unmask, words_alone
from dynmask_core.tasks.target_order import NOTHING

HIDDEN = "[MASK]"


@dataclass(frozen=True, eq=False)
class ContinuedWord:
    """One unit of a target as it was written. The last one is the end, unless it was not reached.

    text: the unit. place: its place among `Continued.units`. step: when it was written, from 0; from left to right
    this is its number. probability: in [0, 1], at that step. alternatives: the likeliest units then, with their
    probabilities, best first; the written one is not always the first, if it was drawn.
    attention: float32 [L, H, T], the row of the place it was predicted from, over all T units of the sequence; 0 for
    units that were not there yet or that a mask forbids. Attention is not proof of a reason.
    """

    text: str
    place: int
    step: int
    probability: float
    alternatives: tuple[tuple[str, float], ...]
    attention: np.ndarray

    def to_json(self) -> dict[str, Any]:
        told = [{"word": word, "probability": chance} for word, chance in self.alternatives]
        looked = self.attention.mean((0, 1)).tolist()
        at = {"word": self.text, "place": self.place, "step": self.step, "probability": self.probability}
        return at | {"alternatives": told, "attention": looked}


@dataclass(frozen=True, eq=False)
class Continued:
    """A source and what an arm wrote after it.

    units: all T units in the order of the sequence, [CLS] first, the source, ⇒, and the target with its end ■. given:
    how many of them were given. words: the written ones, in the order in which they were written. text: the target as
    people write it. way: "left" or "unmask", see config.Way.
    """

    arm: str
    epoch: int
    source: str
    text: str
    units: tuple[str, ...]
    given: int
    words: tuple[ContinuedWord, ...]
    way: str

    def to_json(self) -> dict[str, Any]:
        """Attention is there averaged over blocks and heads."""
        told = {"arm": self.arm, "epoch": self.epoch, "source": self.source, "text": self.text, "way": self.way}
        return told | {"units": list(self.units), "words": [word.to_json() for word in self.words]}

    def at(self, step: int) -> list[str]:
        """The sequence as it stood after `step`, [MASK] where a unit was not written yet: for a scrubber. −1: before
        the first."""
        done = {word.place for word in self.words if word.step <= step}
        return [unit if place < self.given or place in done else HIDDEN for place, unit in enumerate(self.units)]


def require_writing(run: Run) -> ContinueSettings:
    """Raises InputError `no_writing` if the models of the run do not write."""
    config = run.config()
    if not task_of(config).writes:
        raise InputError("no_writing", name=run.name)
    return cast(ContinueSettings, config.task)


def as_sample(run: Run, source: str) -> str:
    """A source as its sample; of a run on prose, the beginning of a text. The target of a pair is left away."""
    source = source.partition(BETWEEN)[0].strip()
    return joined(source) if _paired(run) else source


def _paired(run: Run) -> bool:
    """Whether the run learned pairs; its watched samples tell, which takes no reading of the data."""
    return any(BETWEEN in probe.text for probe in run.probes()) or run.dataset().targets is not None


def write_all(
    run: Run, subject: Subject, sources: Sequence[str], sampling: Sampling | None = None
) -> list[tuple[str, float]]:
    """The text that the model writes after each source, and its probability. See generate.Written."""
    given = prompts([subject.reader.read(as_sample(run, source)) for source in sources])
    rows = -1 - np.arange(len(given))
    found = write(require_writing(run), subject, given, rows, subject.epoch, _limit(run), sampling)
    words = subject.reader.vocabulary.words
    return [(in_writing(words[unit] for unit in one.units), one.chance) for one in found]


def continued(run: Run, subject: Subject, source: str, sampling: Sampling | None = None) -> Continued:
    """What the model writes after one source, with all of its steps.

    source: as typed; see `as_sample`. sampling: by default the likeliest word each time. Raises InputError `no_writing`
    for a run of another task.
    """
    settings = require_writing(run)
    given = prompts([subject.reader.read(as_sample(run, source))])[0]
    follow = _unmasked if settings.way == "unmask" else _from_left
    written, words = follow(subject, given, _limit(run), sampling or Sampling())
    known = subject.reader.vocabulary.words
    units = [_shown(known, unit) for unit in (*given, *written.units)]
    if len(words) > len(written.units):
        units.append(STOP)
    source = source.partition(BETWEEN)[0].strip()
    text = in_writing(known[unit] for unit in written.units)
    return Continued(subject.arm, subject.epoch, source, text, tuple(units), len(given), words, settings.way)


def _limit(run: Run) -> int:
    return run.config().data.longest or LONGEST


def _shown(words: Sequence[str], unit: int) -> str:
    return {"[SEP]": ARROW, "[END]": STOP}.get(words[unit], words[unit])


def _likeliest(words: Sequence[str], chances: torch.Tensor) -> tuple[tuple[str, float], ...]:
    best, which = chances.topk(min(LIKELIEST, len(chances)))
    return tuple((_shown(words, unit), float(p)) for p, unit in zip(best, which.tolist(), strict=True))


def _from_left(
    subject: Subject, given: np.ndarray, limit: int, sampling: Sampling
) -> tuple[Written, tuple[ContinuedWord, ...]]:
    """Writes, then goes through the steps again to look at each. (One pass over the finished sequence would do, if no
    place saw what comes after it: under the full mask it does.)"""
    (written,) = from_left(subject, [given], np.array([-1]), subject.epoch, limit, sampling)
    units = [*written.units.tolist(), *([END] if len(written.units) < limit else [])]
    size, words = len(given) + len(units), []
    for step, unit in enumerate(units):
        sequence = np.append(given, np.array(units[:step], dtype=np.int32)).astype(np.int32)
        labels = torch.full((1, len(sequence)), NOTHING)
        labels[0, -1] = 0
        chances, attention = _look(subject, sequence, labels, len(sequence) - 1)
        wide = np.pad(attention, ((0, 0), (0, 0), (0, size - len(sequence))))
        words.append(_word(subject, unit, len(given) + step, step, chances[0], wide))
    return written, tuple(words)


def _unmasked(
    subject: Subject, given: np.ndarray, limit: int, sampling: Sampling
) -> tuple[Written, tuple[ContinuedWord, ...]]:
    """Goes through the steps again; words behind the end are not shown."""
    found = unmask(subject, [given], np.array([-1]), subject.epoch, limit, sampling)
    (written,) = found.written()
    shown = min(len(written.units) + 1, limit)
    words = []
    for step in range(int(found.step.max()) + 1):
        canvas = np.where(found.step[0] < step, found.units[0], MASK)
        (place,) = np.flatnonzero(found.step[0] == step)
        sequence = np.append(given, canvas).astype(np.int32)
        labels = torch.full((1, len(sequence)), NOTHING)
        labels[0, len(given) + place] = 0
        if place < shown:
            chances, attention = _look(subject, sequence, labels, len(given) + int(place))
            cut = attention[..., : len(given) + shown]
            words.append(_word(subject, int(found.units[0, place]), len(given) + int(place), step, chances[0], cut))
    return written, tuple(words)


def _look(subject: Subject, sequence: np.ndarray, labels: torch.Tensor, query: int) -> tuple[torch.Tensor, np.ndarray]:
    """Probabilities, float [1, V], and the attention of the query, float32 [L, H, T]."""
    context = subject.batch([sequence], np.array([-1]), "test", subject.epoch)
    with torch.inference_mode():
        plan = subject.strategy.plan(context)
    output = subject.forward(context, replace(plan, units=None, labels=labels.to(context.device)), trace=True)
    assert output.trace is not None
    rows = torch.stack([weights[0, :, query] for weights in output.trace.attention])
    return words_alone(output.logits, subject.reader.vocabulary.specials).softmax(-1), rows.float().cpu().numpy()


def _word(
    subject: Subject, unit: int, place: int, step: int, chances: torch.Tensor, attention: np.ndarray
) -> ContinuedWord:
    words = subject.reader.vocabulary.words
    likeliest = _likeliest(words, chances)
    return ContinuedWord(_shown(words, unit), place, step, float(chances[unit]), likeliest, attention)
