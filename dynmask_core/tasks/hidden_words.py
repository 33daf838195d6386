"""The masks of one run of masked language modelling, also as a mask strategy."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import cast

import numpy as np

from dynmask_core.config import ExperimentConfig, GuessSettings, Selection
from dynmask_core.data.dataset import Dataset
from dynmask_core.data.encode import EncodedCorpus, pad
from dynmask_core.data.tokenize import SPECIAL_TOKENS
from dynmask_core.errors import InputError
from dynmask_core.inputs import make_input
from dynmask_core.keys import seed_of
from dynmask_core.lazy import torch
from dynmask_core.masks.base import MaskStrategy, Setting
from dynmask_core.masks.context import MaskContext
from dynmask_core.masks.plan import MaskPlan
from dynmask_core.mlm.corruption import Corruption, Replacements, Texts
from dynmask_core.mlm.word_ids import of_text

MIN_COUNT = 2
"""Words with fewer occurrences are unknown: a word that occurs once cannot be learned."""
BATCH = 512
"""How many texts have their masks drawn together when all are needed."""


def corruption(config: GuessSettings, refresh: str) -> Corruption:
    """Raises InputError for invalid settings, and for settings that never hide a word."""
    selection: Selection = config.selection  # type: ignore[assignment]
    made = Corruption(selection, config.rate, config.mask_share, config.random_share, refresh)
    if made.schedule.bounds[1] == 0:
        raise InputError("bad_setting", name="rate", value=config.rate, expected="> 0")
    return made


def check_refreshes(config: ExperimentConfig) -> None:
    """Raises InputError for an arm that is no refresh, and what `corruption` raises."""
    for arm in config.arms:
        corruption(cast(GuessSettings, config.task), arm)


def read(config: ExperimentConfig, data: Dataset) -> EncodedCorpus:
    """The texts as ids, with a vocabulary of the words of the training texts."""
    return with_words(config, make_input(config).encode(data, min_count=MIN_COUNT), data)


def with_words(config: ExperimentConfig, corpus: EncodedCorpus, data: Dataset) -> EncodedCorpus:
    """The corpus of these data. If characters are hidden word by word, it gets the word ids of the characters."""
    by_itself = cast(GuessSettings, config.task).selection in ("exact", "bernoulli")
    if config.data.tokenizer != "characters" or by_itself:
        return corpus
    texts = zip(data.texts, data.spans, strict=True)
    return replace(corpus, word_ids=[np.append(-1, of_text(text, spans)) for text, spans in texts])


@dataclass(frozen=True)
class Hider:
    """Which words of a text are hidden in an epoch. size: of the vocabulary, whose first `specials` words never are.
    epochs: of the run, for the rate.

    Words outside the vocabulary are never asked for: nobody could guess them.
    """

    corruption: Corruption
    size: int
    seed: int
    epochs: int
    specials: int = len(SPECIAL_TOKENS)

    @classmethod
    def of(cls, config: GuessSettings, refresh: str, corpus: EncodedCorpus, seed: int, epochs: int) -> Hider:
        """Learns word groups from the training texts if the selection masks such groups."""
        fitted = corruption(config, refresh).fit(corpus.ids[row] for row in corpus.rows("train"))
        return cls(fitted, len(corpus.vocabulary), seed, epochs, corpus.vocabulary.specials)

    def fixed(self) -> Hider:
        """For evaluation: the same for every refresh, at the final rate of the run. "Epoch" 0, 1, … then numbers the
        ways in which the texts are masked."""
        rate = self.corruption.schedule.at(1.0) or self.corruption.schedule.bounds[1]
        settled = replace(self.corruption, refresh="dynamic", rate=rate)
        return replace(self, corruption=settled, seed=seed_of(self.seed, "evaluation"))

    def progress(self, epoch: int) -> float:
        return (max(epoch, 1) - 1) / max(self.epochs - 1, 1)

    def hide(
        self, ids: np.ndarray, word_ids: np.ndarray | None, sample: np.ndarray, epoch: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """See Corruption.corrupt; ids: int64 [B, T], special units and padding stay."""
        return self.corruption.corrupt(
            self._texts(ids, word_ids, sample, epoch), Replacements.of(self.size, self.specials)
        )

    def _texts(self, ids: np.ndarray, word_ids: np.ndarray | None, sample: np.ndarray, epoch: int) -> Texts:
        return Texts(ids, ids >= self.specials, sample, word_ids, epoch, self.seed, self.progress(epoch))

    def asked(self, corpus: EncodedCorpus, rows: np.ndarray, epoch: int) -> np.ndarray:
        """bool [N]: for each word of the texts `rows` that can be asked for, text after text, whether it is."""
        answers: list[np.ndarray] = []
        for start in range(0, len(rows), BATCH):
            chosen = rows[start : start + BATCH]
            ids = pad([corpus.ids[row] for row in chosen])
            texts = self._texts(ids, corpus.words_of(chosen), chosen, epoch)
            answers.append(self.corruption.choose(texts).tokens[texts.maskable])
        return np.concatenate(answers)


class HiddenWords(MaskStrategy):
    """Hidden words as an arm's mask. The refresh decides how training texts and watched sentences are masked.
    Validation texts are masked in the same way in all arms; there `epoch` numbers the ways."""

    name = "mlm"
    family = "random"
    site = "corruption"
    source = "random"
    replaces = "units"

    def __init__(self, setting: Setting, hider: Hider) -> None:
        super().__init__(setting)
        self.hider = hider
        self.fixed = hider.fixed()

    def plan(self, context: MaskContext) -> MaskPlan:
        hider = self.hider if context.split in ("train", "probe") else self.fixed
        ids, sample = context.input_ids.cpu().numpy(), context.sample.cpu().numpy()
        written, labels = hider.hide(ids, context.word_ids, sample, context.epoch)
        return MaskPlan(
            units=torch.from_numpy(written).to(context.device),
            labels=torch.from_numpy(labels).to(context.device),
        )


class EverAsked:
    """The share of words that were asked for at least once, epoch by epoch."""

    def __init__(self, hider: Hider, corpus: EncodedCorpus) -> None:
        self._hider, self._corpus, self._rows = hider, corpus, corpus.rows("train")
        self._seen: np.ndarray | None = None
        self._epoch = 0

    def until(self, epoch: int) -> float:
        """The share, in [0, 1], after `epoch` epochs. `epoch` must not fall from call to call."""
        while self._epoch < epoch:
            self._epoch += 1
            now = self._hider.asked(self._corpus, self._rows, self._epoch)
            self._seen = now if self._seen is None else self._seen | now
        return 0.0 if self._seen is None or not len(self._seen) else float(self._seen.mean())
