"""A subject: a trained model, opened from a run at an epoch, that answers questions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple, Self

import numpy as np
import torch

from dynmask_core.config import ExperimentConfig
from dynmask_core.config.checks import one_of
from dynmask_core.data.tokenize import MASK, Vocabulary
from dynmask_core.errors import InputError
from dynmask_core.events import ProbeRecord
from dynmask_core.masked_model import MaskedModel, part_of
from dynmask_core.masks import Composed, MaskPlan
from dynmask_core.runs import Run, files
from dynmask_core.tasks import Task, task_of
from dynmask_core.training.record import record, record_texts

LIKELIEST = 5
BEST_EPOCH = 4
"""Its place among the counters that a checkpoint has of each arm, see Learner.state."""
TABLE = "model.embedding.token.weight"


class Guessed(NamedTuple):
    """A model's guess for one hidden word. words: the likeliest, with their probabilities, best first.

    truth, rank: probability and rank (1 is best) of the true word; None if the model does not know it.
    """

    words: list[tuple[str, float]]
    truth: float | None
    rank: int | None


class Subject(MaskedModel):
    """One arm as it was after an epoch, with its masks of training; it never uses labels.

    epoch: the one after which it was opened; 0 is before training, or unknown.
    """

    classes: tuple[str, ...]
    epoch: int = 0

    @classmethod
    def of_weights(
        cls,
        arm: str,
        config: ExperimentConfig,
        vocabulary: Vocabulary,
        classes: Sequence[str],
        weights: Mapping[str, np.ndarray],
        device: str = "cpu",
    ) -> Self:
        """weights: those of one arm in `Finished.weights`."""
        task = _task(config, vocabulary, classes, weights)
        return cls._of(task, arm, task.strategy(arm, device), weights, device)

    @classmethod
    def _of(
        cls, task: Task, arm: str, strategy: Composed, weights: Mapping[str, np.ndarray], device: str = "cpu"
    ) -> Self:
        where = torch.device(device)
        model = task.model(arm).to(where).eval().requires_grad_(False)
        subject = cls(arm, model, strategy, task.reader, task.answers, where, task.marked)
        subject.classes = task.classes
        subject.load_state(weights)
        return subject

    @classmethod
    def open(cls, run: Run, arm: str, epoch: int | None = None) -> Self:
        """An arm under its mask at its best epoch, of a run that is not finished at the best of its complete epochs; or
        at `epoch`, one of `Run.kept_epochs()`, with weights in half precision.

        Of a task that is not `opened_masked`, a model at `epoch` has no mask. Raises InputError: `no_weights` before
        the end of the first epoch, `epoch_not_kept` if the run has no such model, `bad_setting` for an unknown arm.
        """
        vocabulary, config = run.vocabulary(), run.config()
        one_of("arm", arm, config.arms)
        if vocabulary is None:
            raise InputError("no_weights", name=run.name, arm=arm)
        index, classes = config.arms.index(arm), _classes(run)
        if epoch is None:
            best, weights = _best(run, index)
            subject = cls.of_weights(arm, config, vocabulary, classes, weights)
            subject.epoch = best
            return subject
        weights, step = _kept(run, epoch, index)
        task = _task(config, vocabulary, classes, weights)
        strategy = task.strategy(arm, "cpu") if config.task.opened_masked else Composed([])
        subject = cls._of(task, arm, strategy, weights)
        subject.epoch, subject.step = epoch, step
        return subject

    def probabilities(self, samples: Sequence[str], numbers: np.ndarray | None = None) -> np.ndarray:
        """float32 [N, C], rows sum to 1. A sample without units gets the answer for an empty one. numbers: int64 [N],
        of the samples among all that are asked about (None: 0…N−1); a random mask depends on them."""
        units = [self.reader.read(sample) for sample in samples]
        numbers = np.arange(len(units)) if numbers is None else numbers
        return self.probabilities_of(units, -1 - numbers, 0)

    def probabilities_of(self, units: Sequence[np.ndarray], rows: np.ndarray, epoch: int) -> np.ndarray:
        """float32 [N, C], as in the test after training: `rows` are the samples' indices in the data set, `epoch` is
        the best one. A random mask depends on both."""
        result = np.zeros((len(units), len(self.classes)), dtype=np.float32)
        for answered in self.answer(units, rows, "test", epoch) if len(units) else ():
            result[answered.rows] = self.answers(answered.output).cpu().numpy()
        return result

    def marks(self, samples: Sequence[str]) -> list[np.ndarray]:
        """float32 [units, C] for each sample, of a task that marks units: how likely each mark is."""
        units = [self.reader.read(sample) for sample in samples]
        found: dict[int, np.ndarray] = {}
        for answered in self.answer(units, -1 - np.arange(len(units)), "test", 0) if units else ():
            marked = self.marked(answered.output)
            assert marked is not None
            for row, one in zip(answered.rows.tolist(), marked.cpu().numpy(), strict=True):
                found[row] = one[1 : len(units[row])]
        return [found[row] for row in range(len(units))]

    def records(self, samples: Sequence[str]) -> list[ProbeRecord]:
        """Mask, probabilities and attention of each sample, cut to a readable length."""
        return record_texts(self, samples, self.epoch)

    def masks(self, samples: Sequence[str]) -> list[list[tuple[str, float]]]:
        """The units of each sample, as written, with their mask values in [0, 1] (1 keeps)."""
        result = []
        for sample in samples:
            shown = self.reader.show(sample)
            values = record(self, [self.reader.read(sample)], 0)[0].mask
            told = zip(shown.spans, values, strict=True)
            result.append([(shown.text[a:b], float(value)) for (a, b), value in told])
        return result

    def guesses(self, text: str, hidden: Sequence[int]) -> list[Guessed]:
        """What the model fills in for each hidden word. hidden: their numbers in the text, ascending, 0 is the first;
        all are hidden at once."""
        context = self.batch([self.reader.read(text)], np.array([-1]), "test", 0)
        units, places = context.units, torch.tensor(hidden, dtype=torch.int64, device=self.device) + 1
        plan = MaskPlan(
            units=units.index_fill(1, places, MASK), labels=torch.full_like(units, -1).index_fill(1, places, 0)
        )
        logits = self.forward(context, plan).logits.clone()
        logits[:, : self.reader.vocabulary.specials] = -torch.inf  # special tokens are not words
        chances = logits.softmax(-1)
        return [self._guessed(row, int(word)) for row, word in zip(chances, units[0, places], strict=True)]

    def _guessed(self, chances: torch.Tensor, word: int) -> Guessed:
        best, which = chances.topk(min(LIKELIEST, len(chances)))
        vocabulary = self.reader.vocabulary
        words = [(vocabulary.words[i], float(p)) for p, i in zip(best, which.tolist(), strict=True)]
        if word < vocabulary.specials:
            return Guessed(words, None, None)
        return Guessed(words, float(chances[word]), int((chances > chances[word]).sum()) + 1)


def _task(
    config: ExperimentConfig, vocabulary: Vocabulary, classes: Sequence[str], weights: Mapping[str, np.ndarray]
) -> Task:
    """The task of a model with these weights."""
    # An arm that was not pre-trained may know fewer words than the run.
    known = len(weights[TABLE]) if TABLE in weights else len(vocabulary)
    words = replace(vocabulary, words=vocabulary.words[:known], counts=vocabulary.counts[:known])
    return task_of(config).for_asking(config, words, classes)


def _classes(run: Run) -> Sequence[str]:
    """From the log, so that opening a model does not read all texts. Raises InputError, see `Run.started`."""
    classes: Sequence[str] = run.started()["classes"]
    return classes


def _best(run: Run, index: int) -> tuple[int, dict[str, np.ndarray]]:
    """The best epoch of an arm so far, and its weights then. Raises InputError before the end of the first epoch."""
    arm = run.config().arms[index]
    path, result = run.weights_file(arm), run.result()
    if result is not None:
        if run.recorded and not path.exists():  # a lesson may carry it without its models
            raise InputError("no_weights", name=run.name, arm=arm)
        return int(result["arms"][index]["best_epoch"]), files.read_tensors(path) | run.frozen("model.")
    weights = run.checkpoint(f"{index}.best.")
    if not weights:
        raise InputError("no_weights", name=run.name, arm=arm)
    counters = run.checkpoint(f"{index}.counters")
    assert counters is not None
    return int(counters[""][BEST_EPOCH]), weights | run.frozen("model.")


def _kept(run: Run, epoch: int, index: int) -> tuple[dict[str, np.ndarray], int]:
    """The weights and the mask's state of an arm after `epoch`, named as in `MaskedModel.state`, and its updates so
    far. Raises InputError `epoch_not_kept`."""
    path = run.kept_file(epoch)
    if not path.exists():
        known = ", ".join(map(str, run.kept_epochs())) or "–"
        raise InputError("epoch_not_kept", name=run.name, epoch=epoch, epochs=known)
    stored = files.read_tensors(path)
    weights = {f"model.{name}": array.astype(np.float32) for name, array in part_of(stored, f"{index}.").items()}
    masks = {f"mask.{name}": array for name, array in part_of(stored, f"mask.{index}.").items()}
    return weights | run.frozen("model.") | masks, int(stored.get(f"step.{index}", np.zeros(1))[0])
