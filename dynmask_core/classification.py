"""Learning to tell classes of texts apart: the task of every experiment on labelled text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from dynmask_core.arm import Arm, Evaluation, Learned, statistics
from dynmask_core.config import MLM_TRAIN, ExperimentConfig, mlm_model
from dynmask_core.data.dataset import Dataset
from dynmask_core.data.encode import EncodedCorpus, by_length, encode, read_more
from dynmask_core.data.split import TRAIN, TRANSFER, UNKNOWN
from dynmask_core.evaluate.cost import Usage
from dynmask_core.evaluate.scores import score
from dynmask_core.guessing import Guessing
from dynmask_core.masks import MaskContext, MaskPlan, Setting, Split, build, parse
from dynmask_core.mlm.hidden import with_words
from dynmask_core.model import Output, TextClassifier

EVALUATION_BATCH = 256


@dataclass(frozen=True)
class Prediction:
    """rows: int [B] indices into the texts asked for. log_probabilities: float32 [B, C].

    mean_mask: float32 [B], over a text's words. kept: int64 [L, B] and heads: see Output.
    """

    rows: np.ndarray
    log_probabilities: np.ndarray
    mean_mask: np.ndarray
    kept: np.ndarray
    heads: tuple[int, ...]


class ClassifierArm(Arm):
    """An arm whose model predicts classes. vocabulary, classes: numbers of words and classes."""

    def __init__(
        self, name: str, config: ExperimentConfig, vocabulary: int, classes: int, device: torch.device, total_steps: int
    ) -> None:
        self._sizes = vocabulary, classes
        train = config.train
        strategy = build(name, Setting({}, config.mask, config.model, train.seed, train.epochs, str(device)))
        super().__init__(name, config, strategy, device, total_steps)

    def make_model(self) -> TextClassifier:
        return TextClassifier(*self._sizes, self.config.model, self.config.data.max_tokens + 1)

    def loss(self, output: Output, context: MaskContext, plan: MaskPlan) -> Learned:
        labels = context.labels
        assert labels is not None
        with torch.no_grad():
            right = (output.logits.argmax(-1) == labels).sum()
        return Learned(F.cross_entropy(output.logits, labels), right, len(labels), output)

    def answers(self, output: Output) -> Tensor:
        return output.logits.float().softmax(-1)

    def predict(self, ids: Sequence[np.ndarray], split: Split, epoch: int) -> Iterator[Prediction]:
        """Predictions for all `ids` ([CLS] first), in batches of like length."""
        lengths = np.array([len(sequence) for sequence in ids])
        for rows in by_length(lengths, EVALUATION_BATCH):
            context = self.batch([ids[row] for row in rows], rows, split, epoch)
            with torch.inference_mode():
                plan = self.strategy.plan(context)
                output = self.forward(self.averaged, context, plan)
                words = context.maskable
                gate = words.float() if plan.token_gate is None else plan.token_gate * words
                yield Prediction(
                    rows,
                    output.logits.float().log_softmax(-1).cpu().numpy(),
                    (gate.sum(-1) / words.sum(-1).clamp_min(1)).cpu().numpy(),
                    output.kept.cpu().numpy(),
                    output.heads,
                )

    def evaluate(self, corpus: EncodedCorpus, part: Split, epoch: int) -> Evaluation:
        rows = corpus.rows(part)
        predicted = np.zeros(len(rows), dtype=np.int64)
        labels = corpus.labels[rows]
        lengths = np.array([len(corpus.ids[row]) for row in rows])
        loss = mean_mask = 0.0
        usage = Usage(self.config.model)
        for batch in self.predict([corpus.ids[row] for row in rows], part, epoch):
            chosen, log_p = batch.rows, batch.log_probabilities
            predicted[chosen] = log_p.argmax(-1)
            loss -= float(log_p[np.arange(len(chosen)), labels[chosen]].sum())
            mean_mask += float((batch.mean_mask * (lengths[chosen] - 1)).sum())
            usage.add(batch.kept, batch.heads, int(lengths[chosen].sum()))
        words = max(int(lengths.sum()) - len(rows), 1)
        scores = score(labels, predicted, loss / max(len(rows), 1), len(corpus.classes))
        # Of epochs that are equally often right the surer one. Without texts there is nothing to choose by: the last.
        merit = (scores.accuracy, -scores.loss if len(rows) else float(epoch))
        return Evaluation(scores.to_json(), merit, mean_mask / words, usage, predicted)


class Classification:
    """The task: labelled texts and the arms that learn them."""

    def __init__(self, config: ExperimentConfig, data: Dataset) -> None:
        for written in config.arms:
            parse(written)
        self.config, self._data = config, data
        labelled = encode(data, config.data.max_vocabulary)
        self.corpus, self._labelled_words = labelled, len(labelled.vocabulary)
        unused = np.flatnonzero(data.split == UNKNOWN)
        if len(unused) and any(build(arm, Setting()).pretraining for arm in config.arms):
            self.corpus = read_more(labelled, data, unused, config.data.max_vocabulary)

    def arm(self, name: str, device: torch.device, total_steps: int) -> Arm:
        """Ready to train. Words that only unlabelled texts have are known to arms that read those texts."""
        made = ClassifierArm(name, self.config, self._labelled_words, len(self.corpus.classes), device, total_steps)
        if made.strategy.pretraining:
            made.extend(len(self.corpus.vocabulary))
        made.prepare(statistics(self.corpus, made.model.words))
        return made

    def pretraining(self, arm: Arm) -> Guessing | None:
        """What the arm does before it sees a label, if anything: guess hidden words of all training texts, those
        included whose labels are not used."""
        wanted = arm.strategy.pretraining
        if wanted is None:
            return None
        config, train = self.config, self.config.train
        # The decay of weights is that of the labels' training: embeddings that have grown large in guessing words
        # hardly move for the labels afterwards.
        reading = replace(MLM_TRAIN, epochs=wanted.epochs, seed=train.seed, device=train.device)
        inner = ExperimentConfig(
            config.data,
            mlm_model(config.model),
            train=replace(reading, weight_decay=train.weight_decay),
            arms=(wanted.refresh,),
            mlm=wanted.mlm,
        )
        read = np.isin(self.corpus.split, (TRAIN, UNKNOWN))
        split = np.where(read, TRAIN, TRANSFER).astype(np.int8)
        texts = with_words(inner, replace(self.corpus, split=split, classes=()), self._data)
        return Guessing(inner, texts, wanted.seed)

    def result(self, arm: Arm) -> tuple[dict[str, Any], np.ndarray | None]:
        """What an arm at its best epoch is worth, as `Finished.arms` has it, and its predictions of the test texts."""
        elsewhere = len(self.corpus.rows("transfer")) > 0
        parts: tuple[Split, ...] = ("test", "validation", *(("transfer",) if elsewhere else ()))
        seen = {part: arm.evaluate(self.corpus, part, arm.best_epoch) for part in parts}
        test = seen["test"]
        scores: dict[str, Any] = {part: seen[part].scores for part in parts}
        kept = {"kept_fraction": test.usage.kept_fraction, **test.usage.cost}
        return {**scores, "mean_mask": test.mean_mask, **kept}, test.predicted
