"""Predicting the classes of labelled samples."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self, cast

import numpy as np

from dynmask_core.config import GUESS_TRAIN, ExperimentConfig
from dynmask_core.data.encode import EncodedCorpus, read_more
from dynmask_core.data.split import TRAIN, TRANSFER, UNKNOWN
from dynmask_core.evaluate.cost import Usage
from dynmask_core.inputs import make_input
from dynmask_core.keys import seed_of
from dynmask_core.lazy import F, torch
from dynmask_core.masks import MaskContext, MaskPlan, Split
from dynmask_core.masks.library.pretrained import Pretrained
from dynmask_core.tasks.base import Evaluation, Loss, Result, Task, register
from dynmask_core.tasks.guess import Guess
from dynmask_core.tasks.hidden_words import with_words

if TYPE_CHECKING:
    from torch import Tensor

    from dynmask_core.data.dataset import Dataset
    from dynmask_core.masked_model import MaskedModel
    from dynmask_core.model import Backbone, Output
    from dynmask_core.model.embedding import TokenEmbedding


@register
class Classify(Task):
    """Arms are written as in masks.compose. An arm may start from a masked language model (`pretrained`)."""

    name = "classify"
    provides = frozenset({"labels"})

    def __init__(self, config: ExperimentConfig, corpus: EncodedCorpus) -> None:
        super().__init__(config, corpus)
        self.labelled_words = len(corpus.vocabulary)
        """How many words are known to arms that read only the labelled texts."""
        self.data: Dataset | None = None

    @classmethod
    def of(cls, config: ExperimentConfig, data: Dataset) -> Self:
        task = super().of(config, data)
        task.data = data
        unused = np.flatnonzero(data.split == UNKNOWN)
        if len(unused) and any(map(task._phase, config.arms)):
            task.corpus = read_more(task.corpus, data, unused, config.data.max_vocabulary)
            task.reader = make_input(config, task.corpus.vocabulary)
        return task

    def model(self, arm: str) -> Backbone:
        from dynmask_core.model import Classifier

        embedding = self.reader.embedding(self.config.model, self.labelled_words)
        model = Classifier(embedding, self.config.model, len(self.corpus.classes))
        if len(self.corpus.vocabulary) > self.labelled_words and self._phase(arm):
            # Words found only in texts without a used label are known only to arms that read those texts.
            more = torch.Generator().manual_seed(seed_of(self.config.train.seed, "more words"))
            cast("TokenEmbedding", embedding).resize(len(self.corpus.vocabulary), more)
        return model

    def loss(self, output: Output, context: MaskContext, plan: MaskPlan) -> Loss:
        labels = context.labels
        assert labels is not None
        with torch.no_grad():
            right = (output.logits.argmax(-1) == labels).sum()
        return Loss(F.cross_entropy(output.logits, labels), right, len(labels))

    def answers(self, output: Output) -> Tensor:
        return output.logits.float().softmax(-1)

    def evaluate(self, masked: MaskedModel, part: Split, epoch: int) -> Evaluation:
        # Loaded here: pages read the register of tasks without scikit-learn.
        from dynmask_core.evaluate.scores import score

        rows = self.corpus.rows(part)
        labels = self.corpus.labels[rows]
        units = [self.corpus.ids[row] for row in rows]
        lengths = np.array([len(sample) for sample in units])
        predicted = np.zeros(len(rows), dtype=np.int64)
        loss = mean_mask = 0.0
        usage = Usage(self.config.model)
        for answered in masked.answer(units, rows, part, epoch):
            chosen, output = answered.rows, answered.output
            log_p = output.logits.float().log_softmax(-1).cpu().numpy()
            predicted[chosen] = log_p.argmax(-1)
            loss -= float(log_p[np.arange(len(chosen)), labels[chosen]].sum())
            mean_mask += float((answered.mean_masks * (lengths[chosen] - 1)).sum())
            usage.add(output.kept.cpu().numpy(), output.heads, int(lengths[chosen].sum()))
        words = max(int(lengths.sum()) - len(rows), 1)
        scores = score(labels, predicted, loss / max(len(rows), 1), len(self.corpus.classes))
        # Equal accuracy: the epoch with the lower loss wins. Without texts there is nothing to compare: the last wins.
        merit = (scores.accuracy, -scores.loss if len(rows) else float(epoch))
        return Evaluation(scores.to_json(), merit, mean_mask / words, usage, predicted)

    def result(self, masked: MaskedModel, epoch: int) -> Result:
        seen = {part: self.evaluate(masked, part, epoch) for part in self._tested}
        test = seen["test"]
        scores: dict[str, Any] = {part: one.scores for part, one in seen.items()}
        kept = {"kept_fraction": test.usage.kept_fraction, **test.usage.cost}
        return Result({**scores, "mean_mask": test.mean_mask, **kept}, test.predicted)

    def references(self, predicted: Mapping[str, np.ndarray]) -> list[dict[str, Any]]:
        from dynmask_core.evaluate.reference import references

        return references(self.corpus, predicted, self._tested)

    @property
    def _tested(self) -> tuple[Split, ...]:
        """The parts that are scored at the end."""
        elsewhere = len(self.corpus.rows("transfer")) > 0
        return ("test", "validation", "transfer") if elsewhere else ("test", "validation")

    def before(self, arm: str) -> Task | None:
        """Guessing hidden words of all training texts, also of those whose labels are not used."""
        phase = self._phase(arm)
        if phase is None:
            return None
        assert self.data is not None
        config, train = self.config, self.config.train
        # Weight decay as in the training on labels: embeddings that grow large while guessing words hardly move
        # afterwards.
        reading = replace(GUESS_TRAIN, epochs=phase.passes, seed=train.seed, device=train.device)
        inner = ExperimentConfig(
            config.data,
            config.model.without_dropout(),
            train=replace(reading, weight_decay=train.weight_decay),
            arms=(phase.masks,),
            task=phase.guessing,
            input=config.input,
        )
        read = np.isin(self.corpus.split, (TRAIN, UNKNOWN))
        split = np.where(read, TRAIN, TRANSFER).astype(np.int8)
        texts = with_words(inner, replace(self.corpus, split=split, classes=()), self.data)
        return Guess(inner, texts, phase.seed)

    def _phase(self, arm: str) -> Pretrained | None:
        """The arm's pre-training, if it has one."""
        return next((part for part in self.strategy(arm, "cpu").parts if isinstance(part, Pretrained)), None)
