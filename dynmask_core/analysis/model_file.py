"""A trained model as one file: weights, mask, vocabulary and settings in a zip, without code that opening would run."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from safetensors.numpy import load, save

from dynmask_core.analysis.standing import require_classes
from dynmask_core.analysis.subject import Subject
from dynmask_core.config import ExperimentConfig
from dynmask_core.data.tokenize import Vocabulary
from dynmask_core.errors import InputError
from dynmask_core.runs import Run

ABOUT, VOCABULARY, WEIGHTS = "model.json", "vocabulary.json", "weights.safetensors"
FORMAT = "dynmask model 1"


@dataclass(frozen=True, eq=False)
class ModelFile:
    """One arm with what it needs to answer.

    labels: by class, what `predict` returns: strings, whole numbers or truth values. epoch: the one after which the
    weights were taken, 0 if unknown. weights: see `MaskedModel.state`.
    """

    arm: str
    config: ExperimentConfig
    vocabulary: Vocabulary
    labels: list[Any]
    epoch: int
    weights: dict[str, np.ndarray]

    @classmethod
    def of_subject(cls, subject: Subject, config: ExperimentConfig, labels: list[Any] | None = None) -> Self:
        """labels: by class; None for the names of the classes."""
        told = list(subject.classes) if labels is None else labels
        return cls(subject.arm, config, subject.reader.vocabulary, told, subject.epoch, subject.state())

    @classmethod
    def of_run(cls, run: Run, arm: str) -> Self:
        """An arm at its best epoch. Raises InputError: `no_classes`, `no_weights`, `bad_setting` for an unknown arm."""
        require_classes(run)
        return cls.of_subject(Subject.open(run, arm), run.config())

    @classmethod
    def read(cls, path: Path) -> Self:
        """Raises InputError `not_a_model` for a file that `to_bytes` has not made, OSError if there is none."""
        content = path.read_bytes()
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                about, words = (json.loads(archive.read(name)) for name in (ABOUT, VOCABULARY))
                weights = load(archive.read(WEIGHTS))
            if about["format"] != FORMAT:
                raise InputError("not_a_model", name=path.name)
            told = (words[name] for name in ("specials", "tokenizer") if name in words)
            vocabulary = Vocabulary(tuple(words["words"]), np.array(words["counts"]), *told)
            config = ExperimentConfig.from_json(about["config"])
            return cls(about["arm"], config, vocabulary, about["labels"], about["epoch"], weights)
        except InputError:
            raise
        except Exception as error:  # a damaged zip file or tensor file can fail in many ways
            raise InputError("not_a_model", name=path.name) from error

    def subject(self) -> Subject:
        """The model, ready to answer, on the CPU."""
        classes = [str(label) for label in self.labels]
        opened = Subject.of_weights(self.arm, self.config, self.vocabulary, classes, self.weights)
        opened.epoch = self.epoch
        return opened

    def to_bytes(self) -> bytes:
        """The zip file."""
        about = {
            "format": FORMAT,
            "arm": self.arm,
            "epoch": self.epoch,
            "labels": self.labels,
            "config": self.config.to_json(),
        }
        words = {"words": self.vocabulary.words, "counts": self.vocabulary.counts.tolist()}
        if self.vocabulary.tokenizer:
            words |= {"specials": self.vocabulary.specials, "tokenizer": self.vocabulary.tokenizer}
        arrays = {name: np.ascontiguousarray(array) for name, array in self.weights.items()}
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(ABOUT, json.dumps(about, ensure_ascii=False, indent=2))
            archive.writestr(VOCABULARY, json.dumps(words, ensure_ascii=False))
            archive.writestr(WEIGHTS, save(arrays))
        return buffer.getvalue()
