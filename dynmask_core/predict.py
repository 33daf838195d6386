"""Using a trained arm on new text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from safetensors.numpy import load_file

from dynmask_core.classification import ClassifierArm
from dynmask_core.config import ExperimentConfig
from dynmask_core.data.encode import tokens_of
from dynmask_core.data.tokenize import Tokenizer, Vocabulary
from dynmask_core.errors import InputError
from dynmask_core.evaluate.probe import encode_probe, record
from dynmask_core.events import ProbeRecord
from dynmask_core.runs import Run


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
