"""The Python interface: a text classifier with a mask, in the style of scikit-learn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

import numpy as np
import pandas as pd
import torch
from sklearn.base import BaseEstimator, ClassifierMixin

from dynmask_core.analysis.subject import Subject
from dynmask_core.config import PRESETS, Controls, DataConfig, ExperimentConfig, MaskConfig, TrainConfig
from dynmask_core.data import Columns, Table, build
from dynmask_core.errors import InputError
from dynmask_core.events import Finished, Started
from dynmask_core.masks import canonical


class MaskedTextClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A compact Transformer trained from scratch under a mask strategy.

    strategy: an arm as in `dynmask train --arms`, e.g. "repaired", "window:4" or "repaired+drophead".
    model: "tiny", "small" or "medium". step_size α in [0, 1], evidence_threshold τ ≥ 0, keep_threshold θ in [0, 1]: see
    Controls. validation_fraction: share of the texts, in [0, 1), used to choose the best epoch. tokenizer: see
    DataConfig. device: "auto", "cpu", "cuda" or "mps". Equal settings and texts give equal predictions on CPU.
    """

    def __init__(
        self,
        *,
        strategy: str = "repaired",
        model: str = "small",
        epochs: int = 10,
        step_size: float = 0.1,
        evidence_threshold: float = 1.5,
        keep_threshold: float = 0.1,
        validation_fraction: float = 0.1,
        tokenizer: str = "auto",
        seed: int = 0,
        device: str = "auto",
    ) -> None:
        self.strategy = strategy
        self.model = model
        self.epochs = epochs
        self.step_size = step_size
        self.evidence_threshold = evidence_threshold
        self.keep_threshold = keep_threshold
        self.validation_fraction = validation_fraction
        self.tokenizer = tokenizer
        self.seed = seed
        self.device = device

    def fit(self, texts: Sequence[str], labels: Sequence[object]) -> Self:
        """Trains on the texts. Raises InputError if they cannot be used (lengths differ, only one class, …).

        Labels may be any objects that `str` can tell apart; `predict` returns the original objects.
        """
        if isinstance(texts, str) or len(texts) != len(labels):
            raise InputError("bad_text", texts=len(texts), labels=len(labels))
        if self.model not in PRESETS:
            raise InputError("bad_setting", name="model", value=self.model, expected=", ".join(PRESETS))
        config = ExperimentConfig(
            DataConfig("fit", tokenizer=self.tokenizer),
            PRESETS[self.model],
            MaskConfig(),
            Controls(self.step_size, self.evidence_threshold, self.keep_threshold),
            TrainConfig(epochs=self.epochs, seed=self.seed, device=self.device),  # type: ignore[arg-type]
            (canonical(self.strategy),),
        )
        from dynmask_core.training.fit import fit

        rows = {"text": [str(text) for text in texts], "label": [str(label) for label in labels]}
        table = Table(pd.DataFrame(rows, dtype=str), "csv")
        dataset, _ = build(
            table,
            Columns("text", "label"),
            tokenizer=self.tokenizer,  # type: ignore[arg-type]
            test_fraction=0.0,
            validation_fraction=self.validation_fraction,
            seed=self.seed,
        )
        original = {str(label).strip(): label for label in labels}
        with torch.random.fork_rng():  # training does not change the caller's random numbers
            for event in fit(config, dataset):
                if isinstance(event, Started):
                    vocabulary = event.vocabulary
                if isinstance(event, Finished):
                    weights = event.weights[config.arms[0]]
            self._predictor = Subject.of_weights(config.arms[0], config, vocabulary, dataset.classes, weights)
        self.classes_ = np.array([original[name] for name in dataset.classes])
        return self

    def predict_proba(self, texts: Sequence[str]) -> np.ndarray:
        """float32 [N, C]; columns follow `classes_`, rows sum to 1."""
        return self._fitted().probabilities(list(texts))

    def predict(self, texts: Sequence[str]) -> np.ndarray:
        """The most probable label of each text."""
        chosen = self.predict_proba(texts).argmax(-1)
        return np.asarray(self.classes_[chosen])

    def masks(self, texts: Sequence[str]) -> list[list[tuple[str, float]]]:
        """The tokens of each text with their mask values in [0, 1]; 1 keeps, 0 removes."""
        return self._fitted().masks(list(texts))

    def _fitted(self) -> Subject:
        from sklearn.utils.validation import check_is_fitted

        check_is_fitted(self, "classes_")
        return self._predictor
