"""The Python interface: a text classifier with a mask, in the style of scikit-learn."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import torch
from sklearn.base import BaseEstimator, ClassifierMixin

from dynmask_core import messages
from dynmask_core.analysis.model_file import ModelFile
from dynmask_core.analysis.subject import Subject
from dynmask_core.classifier_input import Labels, labels_of, texts_of
from dynmask_core.classifier_told import about
from dynmask_core.config import PRESETS, Controls, DataConfig, ExperimentConfig, MaskConfig, TrainConfig
from dynmask_core.config.checks import check, choice, number, one_of
from dynmask_core.data.dataset import Dataset
from dynmask_core.data.limits import MAX_TOKENS
from dynmask_core.data.split import stratified_split
from dynmask_core.data.tokenize import Tokenizer, TokenizerMode
from dynmask_core.errors import InputError
from dynmask_core.events import Finished, Started
from dynmask_core.masks import canonical

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_VALIDATION = 0.9
"""The largest share of the texts that may choose the best epoch: some must be left to learn from."""


class MaskedTextClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A compact Transformer trained from scratch under a mask strategy.

    Texts are a list, tuple, array [N] or pandas Series of strings. `fit` and all that asks a fitted classifier check
    them alike, before anything is trained; what cannot be used is an InputError (a ValueError) with one sentence.
    Equal settings and texts give equal predictions on CPU. The caller's random numbers are left alone.

    Parameters
    ----------
    strategy : str
        An arm as in `dynmask train --arms`, e.g. "repaired", "window:4" or "repaired+drophead".
    model : {"tiny", "small", "medium"}
    epochs : int, at least 1
    step_size, evidence_threshold, keep_threshold : float
        α in [0, 1], τ ≥ 0 and θ in [0, 1]: see Controls.
    validation_fraction : float in [0, 0.9]
        Share of the texts used to choose the best epoch. Classes of fewer than three texts are only learned from.
    tokenizer : {"auto", "words", "characters"}
        See DataConfig.
    seed : int in [0, 2³² − 1]
    device : {"auto", "cpu", "cuda", "mps"}

    Attributes
    ----------
    classes_ : ndarray [C]
        The different labels in ascending order: `np.unique(y)`. Only after `fit`.
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

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = tags.input_tags.one_d_array = True
        tags.input_tags.two_d_array = False
        return tags

    def fit(self, X: Sequence[str], y: Sequence[Any]) -> Self:
        """Learns the labels `y` of the texts `X`.

        Parameters
        ----------
        X : texts [N]
            Texts without any word are left out, with a warning.
        y : labels [N]
            Strings, or whole numbers and truth values, of at least two classes. None may be missing.

        Raises
        ------
        InputError
            If texts, labels or settings cannot be used; nothing is trained then.
        """
        config = self._config()
        texts, labels = texts_of(X), labels_of(y)
        if len(texts) != len(labels.codes):
            raise InputError("lengths_differ", texts=len(texts), labels=len(labels.codes))
        if not texts:
            raise InputError("nothing_to_fit")
        dataset = self._dataset(texts, labels)
        from dynmask_core.training.fit import fit

        with torch.random.fork_rng():  # training does not change the caller's random numbers
            for event in fit(config, dataset):
                if isinstance(event, Started):
                    vocabulary = event.vocabulary
                if isinstance(event, Finished):
                    weights = event.weights[config.arms[0]]
            self._predictor = Subject.of_weights(config.arms[0], config, vocabulary, dataset.classes, weights)
        self.recorded_: Any = None  # the run that it may have come from: it is another model now
        self._fitted_config = config
        self.classes_ = labels.classes
        return self

    def save(self, path: str | Path) -> None:
        """Writes the fitted model with its mask and vocabulary to one zip file, which holds no code."""
        packed = ModelFile.of_subject(self._fitted(), self._fitted_config, self.classes_.tolist())
        Path(path).write_bytes(packed.to_bytes())

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Reads what `save` or `dynmask runs export RUN --what model` has written; `classes_` are in the file's order.

        Raises
        ------
        InputError
            If the file is not such a model.
        """
        return cls.of_file(ModelFile.read(Path(path)))

    @classmethod
    def of_file(cls, packed: ModelFile) -> Self:
        """The model of an opened file, or of a run: see `notebook.classifier`."""
        config = packed.config
        model = next((name for name, preset in PRESETS.items() if preset == config.model), cls().model)
        loaded = cls(
            strategy=packed.arm,
            model=model,
            epochs=config.train.epochs,
            step_size=config.controls.step_size,
            evidence_threshold=config.controls.evidence_threshold,
            keep_threshold=config.controls.keep_threshold,
            tokenizer=config.data.tokenizer,
            seed=config.train.seed,
            device=config.train.device,
        )
        loaded._predictor, loaded._fitted_config = packed.subject(), config
        loaded.classes_ = np.asarray(packed.labels)
        return loaded

    def predict_proba(self, X: Sequence[str]) -> np.ndarray:
        """float32 [N, C]; columns follow `classes_`, rows sum to 1. A text without any word gets an answer, too."""
        fitted = self._fitted()
        return fitted.probabilities(texts_of(X))

    def predict(self, X: Sequence[str]) -> np.ndarray:
        """[N]: the most probable label of each text, one of `classes_`."""
        chosen = self.predict_proba(X).argmax(-1)
        return np.asarray(self.classes_[chosen])

    def masks(self, X: Sequence[str]) -> list[list[tuple[str, float]]]:
        """The tokens of each text with their mask values in [0, 1]; 1 keeps, 0 removes."""
        fitted = self._fitted()
        return fitted.masks(texts_of(X))

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, str]:
        """What a notebook draws, see `_repr_html_`, and the same as plain text."""
        return {"text/plain": repr(self), "text/html": self._repr_html_()}

    def _repr_html_(self) -> str:
        """What a notebook draws: the replay of the run that it comes from; else what it is; before `fit` what
        scikit-learn draws of its settings."""
        if (recorded := getattr(self, "recorded_", None)) is not None:
            return str(recorded._repr_html_())
        if not hasattr(self, "classes_"):
            from sklearn.utils import estimator_html_repr

            return str(estimator_html_repr(self))
        return about(self._predictor, self._fitted_config, self.classes_.tolist())

    def _config(self) -> ExperimentConfig:
        """The settings, checked. Raises InputError."""
        one_of("model", self.model, PRESETS)
        check(isinstance(self.strategy, str), "strategy", self.strategy, "a name")
        choice("tokenizer", self.tokenizer, TokenizerMode)
        number("validation_fraction", self.validation_fraction, 0, MAX_VALIDATION)
        return ExperimentConfig(
            DataConfig("fit", tokenizer=self.tokenizer),
            PRESETS[self.model],
            MaskConfig(),
            Controls(self.step_size, self.evidence_threshold, self.keep_threshold),
            TrainConfig(epochs=self.epochs, seed=self.seed, device=self.device),  # type: ignore[arg-type]
            (canonical(self.strategy),),
        )

    def _dataset(self, texts: Sequence[str], labels: Labels) -> Dataset:
        """The texts that have words, cut into words and divided into training and validation."""
        cutter = Tokenizer(self.tokenizer)  # type: ignore[arg-type]
        cut = [cutter.array(text, MAX_TOKENS) for text in texts]
        rows = [row for row, spans in enumerate(cut) if len(spans)]
        codes = labels.codes[np.array(rows, dtype=np.int64)]
        learned = np.bincount(codes, minlength=len(labels.classes))
        if not learned.all():
            raise InputError("label_without_words", label=labels.classes[int(learned.argmin())])
        if len(rows) < len(texts):
            warnings.warn(messages.text("warning.texts_without_words", texts=len(texts) - len(rows)), stacklevel=3)
        kept = [texts[row] for row in rows]
        parts = stratified_split(
            codes, test_fraction=0, validation_fraction=self.validation_fraction, seed=self.seed, texts=kept
        )
        classes = tuple(str(label) for label in labels.classes)
        return Dataset("fit", kept, codes, classes, parts, [cut[row] for row in rows])

    def _fitted(self) -> Subject:
        from sklearn.utils.validation import check_is_fitted

        check_is_fitted(self, "classes_")
        return self._predictor
