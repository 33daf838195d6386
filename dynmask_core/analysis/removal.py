"""Removing words from texts that a trained model answers, as a mask removes them: nothing attends to them, and they do
not count in the average over the text. What is left keeps its place and its mask value."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from dynmask_core.analysis.standing import Standing, require_classes, standing
from dynmask_core.analysis.subject import Subject
from dynmask_core.config import ExperimentConfig
from dynmask_core.data.dataset import Dataset
from dynmask_core.data.encode import EncodedCorpus, by_length
from dynmask_core.inputs import statistics
from dynmask_core.keys import generator, seed_of, uniform_grid
from dynmask_core.masks import MaskContext, MaskPlan, Split
from dynmask_core.masks.ops.evidence import association
from dynmask_core.model import Output
from dynmask_core.runs import Run
from dynmask_core.tasks import task_of

BATCH = 256
DRAWS = 5
"""Random orders of each text's words; their results are averaged."""


@dataclass(frozen=True, eq=False)
class Opened:
    """What questions about removed words need from a run."""

    run: Run
    config: ExperimentConfig
    data: Dataset
    corpus: EncodedCorpus
    stands: Standing

    @classmethod
    def of(cls, run: Run) -> Opened:
        """Raises InputError `no_weights` before the end of the first epoch, `no_classes`."""
        require_classes(run)
        config, data = run.config(), run.dataset()
        return cls(run, config, data, task_of(config).of(config, data).corpus, standing(run))

    @property
    def made_at(self) -> tuple[int, bool]:
        """Where the run stood when it was opened: see `standing.at`."""
        return self.stands.epoch, self.stands.early

    def subject(self, arm: str) -> tuple[Subject, int]:
        """The arm at its best epoch, and that epoch."""
        return Subject.open(self.run, arm), self.stands.best_epoch(arm)

    def sample(self, part: Split, most: int, words: int) -> np.ndarray:
        """int64, ascending: the rows of a part; if there are more than `most`, or they have more than about `words`
        words, a random choice of them, which is the same for every arm."""
        rows = self.corpus.rows(part)
        lengths = np.array([len(self.corpus.ids[row]) for row in rows], dtype=np.int64)
        if len(rows) <= most and lengths.sum() <= words:
            return rows
        order = generator(0, "texts to ask about", part).permutation(len(rows))
        fits = (np.cumsum(lengths[order]) <= words) | (np.arange(len(rows)) == 0)
        return np.sort(rows[order[fits][:most]])

    def units(self, rows: np.ndarray) -> list[np.ndarray]:
        return [self.corpus.ids[row] for row in rows]

    def word_scores(self, subject: Subject) -> dict[str, np.ndarray]:
        """By name, float64 [V], from the training texts alone. "rare": the rarer the higher. "log_odds": |δ| in
        standard errors, see `association`; 0 for a word never seen. {} if units are not words."""
        if "words" not in subject.reader.provides:
            return {}
        known = statistics(self.corpus, subject.model.embedding.vocabulary_size)
        return {"rare": -known.word_counts().astype(np.float64), "log_odds": association(known.counts())}


def batches(
    subject: Subject, units: Sequence[np.ndarray], rows: np.ndarray, part: Split, epoch: int
) -> Iterator[tuple[np.ndarray, MaskContext]]:
    """The texts in the batches in which they are evaluated after training: int64 [B], their places in `rows`, and the
    batch."""
    lengths = np.array([len(sample) for sample in units])
    for chosen in by_length(lengths, BATCH):
        yield chosen, subject.batch([units[i] for i in chosen], rows[chosen], part, epoch)


def plan(subject: Subject, context: MaskContext) -> MaskPlan:
    """The arm's own plan; `subject.strategy.latest` has its parts."""
    with torch.inference_mode():
        return subject.strategy.plan(context)


def answer(subject: Subject, context: MaskContext, plan: MaskPlan, keep: np.ndarray | None = None) -> Output:
    """One pass under the plan without the words where `keep`, bool [B, T], is False."""
    if keep is not None:
        plan = plan.combine(MaskPlan(keep=torch.from_numpy(keep).to(context.device)))
    return subject.forward(context, plan)


def probabilities(subject: Subject, output: Output) -> np.ndarray:
    """float64 [B, C], rows sum to 1."""
    given: np.ndarray = subject.answers(output).double().cpu().numpy()
    return given


def places(score: np.ndarray, words: np.ndarray, rows: np.ndarray, key: str) -> np.ndarray:
    """int64 [B, T]: each word's place in its text, 0 for the highest score; equal scores come in random order, the same
    in every batch. What is no word comes last. score: float [B, T]. words: bool [B, T]. rows: int64 [B]."""
    chance = uniform_grid(seed_of(0, "order of equal words", key), rows, words.shape[1])
    order = np.lexsort((chance, np.where(words, -score, np.inf)), axis=-1)
    place = np.empty_like(order)
    np.put_along_axis(place, order, np.broadcast_to(np.arange(words.shape[1]), order.shape), axis=-1)
    return place


def random_places(words: np.ndarray, rows: np.ndarray, draw: int) -> np.ndarray:
    """int64 [B, T]: `places` in a random order; draw: 0…DRAWS−1."""
    return places(np.zeros(words.shape), words, rows, f"draw {draw}")
