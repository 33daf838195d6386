"""The lens of a replay: what every kept model does with every recorded sentence, in as many epochs as have room."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dynmask_core.analysis.standing import can_stand
from dynmask_core.colors import arm_color
from dynmask_core.errors import InputError
from dynmask_core.masks import brief
from dynmask_core.ui.replay.packing import DIGITS, laid_out, squeezed, whole
from dynmask_core.ui.watch.run_view import RunView
from dynmask_core.ui.web.packing import language_of, seal

if TYPE_CHECKING:
    # Not loaded otherwise: it needs torch, and the page offers a replay before somebody asks for it.
    from dynmask_core.analysis.lens import Lens

BEST = None
"""In place of an epoch: the best one of every arm."""
SAVED = 0.85
"""About what is left of many epochs, stored as differences, of as many single ones."""
SAME_SHARE = 2e-5
"""Shares that the browser makes of rounded scores may differ from the model's own by so much; else they are stored."""


@dataclass(frozen=True)
class Lenses:
    """epochs: those that the lens knows, [BEST] for a run without kept models, [] where nothing can be asked. kept: how
    many there are to know. sentences: packed, one for each recorded sentence, None where there was no room."""

    epochs: list[int | None]
    kept: int
    sentences: list[str | None]


def lenses_of(view: RunView, room: int) -> Lenses:
    """In at most `room` characters."""
    offered = _offered(view)
    nothing = Lenses([], len(offered), [None] * len(view.probes))
    if not offered:
        return nothing
    try:
        one = _packed(view, offered[-1:])
    except InputError:  # its weights did not travel with it
        return nothing
    while sum(map(len, filter(None, one))) > room:
        longest = max((text for text in one if text), key=len)
        one = [None if text is longest else text for text in one]
    needed = sum(map(len, filter(None, one)))
    if not needed:
        return nothing
    count = min(len(offered), int(room / needed / SAVED))
    wanted = [text is not None for text in one]
    while count > 1:
        chosen = _spread(offered, count)
        packed = _packed(view, chosen, wanted)
        size = sum(map(len, filter(None, packed)))
        if size <= room:
            return Lenses(chosen, len(offered), packed)
        count = min(count - 1, int(count * room / size))
    return Lenses(offered[-1:], len(offered), one)


def _offered(view: RunView) -> list[int | None]:
    """As on the page of the run."""
    kept = view.run.kept_epochs() if view.config.task.opened_masked else []
    seen = [epoch for epoch in kept if epoch in view.epochs]
    return [*seen] or ([BEST] if can_stand(view.run) and isinstance(view.run.folder, Path) else [])


def _spread(epochs: Sequence[int | None], count: int) -> list[int | None]:
    """So many of them, at even distances, with the first and the last."""
    return [epochs[i] for i in np.unique(np.linspace(0, len(epochs) - 1, count).round().astype(int))]


def _packed(view: RunView, epochs: Sequence[int | None], wanted: Iterable[bool] | None = None) -> list[str | None]:
    """wanted: of each sentence, by default all."""
    from dynmask_core.analysis.lens import lens
    from dynmask_core.analysis.subject import Subject

    probes = list(enumerate(view.probes))
    chosen = [probe for probe, want in zip(probes, wanted or [True] * len(probes), strict=True) if want]
    found: dict[int, list[list[Lens]]] = {index: [] for index, _ in chosen}
    for epoch in epochs:
        subjects = [Subject.open(view.run, arm, epoch) for arm in view.arms]
        for index, probe in chosen:
            if not view.reader.show(probe.text, view.reader.recorded).spans:
                continue
            found[index].append([lens(subject, probe.text, -1 - index) for subject in subjects])
    return [_sentence(found[index]) if found.get(index) else None for index, _ in probes]


def _sentence(moments: list[list[Lens]]) -> str:
    """moments: [M][A], the lenses of one sentence in all epochs and arms."""
    from dynmask_core.analysis.lens import telling

    first = moments[0][0]
    header = {
        "words": first.words,
        "textLang": language_of("".join(first.words)),
        "start": telling(moments[-1]),
        "shape": [len(moments), len(moments[0]), *first.weight.shape[:3], first.value.shape[-1]],
        "arms": [
            {"name": one.arm, "brief": brief(one.arm), "color": arm_color(a), "input": bool(_INPUT & {*one.sites}),
             "onlyTraining": one.only_training}
            for a, one in enumerate(moments[-1])
        ],
        "moments": [[_told(one) for one in arms] for arms in moments],
    }  # fmt: skip

    def stacked(name: str) -> np.ndarray:
        return np.stack([[getattr(one, name) for one in arms] for arms in moments])

    bias = stacked("bias")
    arrays = {"dot": whole(stacked("dot")), "value": whole(stacked("value"))}
    arrays["open"] = np.isfinite(bias).astype(np.int64)
    if np.any(bias[np.isfinite(bias)]):
        arrays["bias"] = whole(np.where(np.isfinite(bias), bias, 0))
    if not all(_follows(one) for arms in moments for one in arms):
        arrays["weight"] = whole(stacked("weight"))
    widths, body = laid_out(arrays)
    return squeezed(seal(header | {"widths": widths}, body))


_INPUT = {"input", "corruption"}


def _told(one: Lens) -> dict[str, Any]:
    """What belongs to the whole arm at an epoch, in few numbers."""
    return {
        "epoch": one.epoch, "alpha": one.alpha, "gate": one.gate.tolist(), "removed": one.removed.astype(int).tolist(),
        "mask": [round(value, DIGITS) for value in one.mask.tolist()],
    }  # fmt: skip


def _follows(one: Lens) -> bool:
    """Whether softmax makes the same shares of the stored numbers as the model has made."""
    scores = whole(one.dot) / 10**DIGITS / np.sqrt(one.value.shape[-1]) + one.bias.round(DIGITS)
    top = scores.max(-1, keepdims=True)
    raised = np.exp(scores - np.where(np.isfinite(top), top, 0))
    shares = raised / np.maximum(raised.sum(-1, keepdims=True), 1e-30)
    return bool(np.abs(shares - one.weight).max() < SAME_SHARE)
