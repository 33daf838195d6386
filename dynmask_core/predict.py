"""Using a trained arm on new text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import torch
from safetensors.numpy import load_file

from dynmask_core.classification import ClassifierArm
from dynmask_core.config import ExperimentConfig
from dynmask_core.data.encode import tokens_of
from dynmask_core.data.tokenize import MASK, SPECIAL_TOKENS, Tokenizer, Vocabulary
from dynmask_core.errors import InputError
from dynmask_core.evaluate.probe import encode_probe, record
from dynmask_core.events import ProbeRecord
from dynmask_core.masks import MaskPlan
from dynmask_core.model import WordGuesser
from dynmask_core.runs import Run

LIKELIEST = 5


class Predictor:
    """One arm's best epoch, ready for text. Masks are those of training; labels play no part."""

    def __init__(
        self,
        arm: str,
        config: ExperimentConfig,
        vocabulary: Vocabulary,
        classes: Sequence[str],
        weights: Mapping[str, np.ndarray],
        device: str = "cpu",
    ) -> None:
        self.classes = tuple(classes)
        self.vocabulary = vocabulary
        self.tokenizer = Tokenizer(config.data.tokenizer)  # type: ignore[arg-type]
        self.max_tokens = config.data.max_tokens
        # An arm that was not pre-trained may know fewer words than the run.
        words = len(weights["model.embedding.token.weight"])
        self._arm = ClassifierArm(arm, config, words, len(self.classes), torch.device(device), total_steps=1)
        self._arm.load_inference_state(weights)

    @classmethod
    def of_run(cls, run: Run, arm: str) -> Predictor:
        """From a finished run's folder. Raises InputError where it has no weights of that arm."""
        path = run.weights_file(arm)
        vocabulary = run.vocabulary()
        if not path.exists() or vocabulary is None:
            raise InputError("no_weights", name=run.name, arm=arm)
        return cls(arm, run.config(), vocabulary, run.dataset().classes, load_file(path))

    def probabilities(self, texts: Sequence[str]) -> np.ndarray:
        """float32 [N, C], rows sum to 1. A text without any token gets the answer of the empty text."""
        ids = [self._encode(text) for text in texts]
        result = np.zeros((len(ids), len(self.classes)), dtype=np.float32)
        for batch in self._arm.predict(ids, "test", 0) if ids else ():
            result[batch.rows] = np.exp(batch.log_probabilities)
        return result

    def records(self, texts: Sequence[str]) -> list[ProbeRecord]:
        """Mask, probabilities and attention of each text, cut to a readable length."""
        ids = [encode_probe(text, self.tokenizer, self.vocabulary, self.max_tokens) for text in texts]
        return record(self._arm, ids, 0)

    def masks(self, texts: Sequence[str]) -> list[list[tuple[str, float]]]:
        """For each text its tokens, as written, with their mask values in [0, 1] (1 keeps)."""
        result = []
        for text in texts:
            spans = self.tokenizer.spans(text)[: self.max_tokens]
            values = record(self._arm, [self._encode(text)], 0)[0].mask
            result.append([(text[a:b], float(value)) for (a, b), value in zip(spans, values, strict=True)])
        return result

    def _encode(self, text: str) -> np.ndarray:
        spans = np.array(self.tokenizer.spans(text)[: self.max_tokens], dtype=np.int32).reshape(-1, 2)
        return self.vocabulary.encode(tokens_of(text, spans))


class Guessed(NamedTuple):
    """What a model says of one hidden word. words: the likeliest, with their probabilities, best first.

    truth, rank: the probability of the word that stands there, and its place, 1 is best; None where the model does not
    know that word.
    """

    words: list[tuple[str, float]]
    truth: float | None
    rank: int | None


def guesses(run: Run, epoch: int, text: str, hidden: Sequence[int]) -> list[list[Guessed]]:
    """By arm and hidden word: what the models of a run of masked language modelling fill in.

    epoch: after which, one of `Run.kept_epochs()`. hidden: the words' numbers in the text, ascending, 0 is the first;
    all are hidden together.

    Raises InputError where the run has kept no models.
    """
    config, vocabulary = run.config(), run.vocabulary()
    path = run.kept_file(epoch)
    if vocabulary is None or not path.exists():
        raise InputError("no_weights", name=run.name, arm=", ".join(config.arms))
    tokenizer = Tokenizer(config.data.tokenizer)  # type: ignore[arg-type]
    spans = np.array(tokenizer.spans(text)[: config.data.max_tokens], dtype=np.int32).reshape(-1, 2)
    ids = torch.from_numpy(vocabulary.encode(tokens_of(text, spans)).astype(np.int64))[None]
    places = torch.tensor([place + 1 for place in hidden], dtype=torch.int64)
    true = ids[0, places]
    plan = MaskPlan(units=ids.index_fill(1, places, MASK), labels=torch.full_like(ids, -1).index_fill(1, places, 0))
    kept = load_file(path)
    found = []
    for arm in range(len(config.arms)):
        model = WordGuesser(len(vocabulary), config.model, config.data.max_tokens + 1).eval()
        prefix = f"{arm}."
        weights = {
            name.removeprefix(prefix): torch.from_numpy(array.astype(np.float32))
            for name, array in kept.items()
            if name.startswith(prefix)
        }
        model.load_state_dict(weights)
        with torch.inference_mode():
            logits = model(ids, torch.ones_like(ids, dtype=torch.bool), plan).logits
            logits[:, : len(SPECIAL_TOKENS)] = -torch.inf  # nothing of that is a word
        found.append(
            [_guessed(chances, int(word), vocabulary) for chances, word in zip(logits.softmax(-1), true, strict=True)]
        )
    return found


def _guessed(chances: torch.Tensor, word: int, vocabulary: Vocabulary) -> Guessed:
    best, which = chances.topk(min(LIKELIEST, len(chances)))
    words = [(vocabulary.words[i], float(p)) for p, i in zip(best, which.tolist(), strict=True)]
    if word < len(SPECIAL_TOKENS):
        return Guessed(words, None, None)
    return Guessed(words, float(chances[word]), int((chances > chances[word]).sum()) + 1)
