"""A fitted classifier as a short table, for notebooks."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

from dynmask_core.analysis.subject import Subject
from dynmask_core.config import ExperimentConfig
from dynmask_core.messages import listed


def about(subject: Subject, config: ExperimentConfig, labels: Sequence[Any]) -> str:
    """HTML. Labels are as their owner wrote them: they are escaped."""
    model, controls, train = config.model, config.controls, config.train
    parameters = sum(tensor.numel() for tensor in subject.model.parameters())
    rows = {
        "Mask": subject.arm,
        "Classes": f"{len(labels)}: {listed(map(str, labels))}",
        "Words it knows": f"{len(subject.reader.vocabulary):,}",
        "Model": f"{model.layers} layers, {model.heads} heads, width {model.dim}; {parameters:,} parameters",
        "Trained": f"{train.epochs} epochs, seed {train.seed}",
        "Mask settings": f"step size α {controls.step_size:g}, evidence threshold τ {controls.evidence_threshold:g}, "
        f"keep threshold θ {controls.keep_threshold:g}",
    }
    told = "".join(
        f'<tr><th scope="row" style="text-align: left">{escape(name)}</th>'
        f'<td style="text-align: left; overflow-wrap: anywhere">{escape(value)}</td></tr>'
        for name, value in rows.items()
    )
    return f"<table><caption>MaskedTextClassifier, fitted</caption><tbody>{told}</tbody></table>"
