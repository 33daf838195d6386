"""What every arm writes after the sources of the first test pairs, and which of it is right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dynmask_core.analysis.continued import require_writing, write_all
from dynmask_core.data.pairs import beginning, in_writing, parted
from dynmask_core.data.tokenize import END, PAD
from dynmask_core.runs import Run
from dynmask_core.tasks.generate import prompts

if TYPE_CHECKING:
    from dynmask_core.inputs import Input

LOOKED_AT = 60
"""So many test pairs are written: a second of work for each arm."""


@dataclass(frozen=True, eq=False)
class WrittenTests:
    """Of N test pairs, or texts if the data are prose. sources: what was given. wanted: the targets, None for prose,
    where nothing is right or wrong. written: by arm, N each. right: the same, empty for prose."""

    sources: tuple[str, ...]
    wanted: tuple[str, ...] | None
    written: dict[str, tuple[str, ...]]
    right: dict[str, tuple[bool, ...]]

    def wrong(self, arm: str) -> int:
        """How many it has wrong."""
        return len(self.sources) - sum(self.right[arm])

    @property
    def order(self) -> list[int]:
        """Those first that most arms have wrong; equal ones as in the data."""
        missed = [sum(not own[i] for own in self.right.values() if own) for i in range(len(self.sources))]
        return sorted(range(len(self.sources)), key=lambda i: -missed[i])


def written_tests(run: Run) -> WrittenTests:
    """Written greedily, by each arm at its best epoch.

    Raises InputError: `no_weights` before the end of the first epoch, `no_writing` for another task.
    """
    from dynmask_core.analysis.subject import Subject

    require_writing(run)
    data, arms = run.dataset(), run.config().arms
    part = "test" if len(data.rows("test")) else "validation"
    rows = data.rows(part)[:LOOKED_AT].tolist()
    subjects = {arm: Subject.open(run, arm) for arm in arms}
    reader = subjects[arms[0]].reader
    samples = [reader.sample(data, row) for row in rows]
    pairs = [parted(sample) for sample in samples]
    prose = any(source is None for source, _ in pairs)
    sources = [beginning(target, reader.config) if source is None else source for source, target in pairs]
    known = [_as_written(reader, sample) for sample in samples]
    written = {arm: tuple(text for text, _ in write_all(run, one, sources)) for arm, one in subjects.items()}
    right = {arm: tuple(a == b for a, b in zip(own, known, strict=True)) for arm, own in written.items()}
    if prose:
        right = dict.fromkeys(arms, ())
    wanted = None if prose else tuple(target for _, target in pairs)
    return WrittenTests(tuple(sources), wanted, written, right)


def _as_written(reader: Input, sample: str) -> str:
    """The target of a sample, as a model that has it right writes it."""
    units = reader.read(sample)
    target = units[len(prompts([units])[0]) :]
    words = reader.vocabulary.words
    return in_writing(words[unit] for unit in target if unit not in (END, PAD))
