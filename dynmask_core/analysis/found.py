"""Does a mask find the object without being told? What a model that only learned classes says of the patches of a
picture, against the pixels of the object, which are known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from dynmask_core.analysis.marks import precision
from dynmask_core.analysis.standing import require_classes
from dynmask_core.config.checks import one_of
from dynmask_core.data.dataset import Dataset
from dynmask_core.data.media import IMAGE
from dynmask_core.data.targets import objects_of
from dynmask_core.errors import InputError
from dynmask_core.evaluate.objects import iou, patches_of
from dynmask_core.keys import generator
from dynmask_core.messages import Sentence, say
from dynmask_core.runs import Run

if TYPE_CHECKING:
    from dynmask_core.analysis.subject import Subject

MASK, ATTENTION, GRADIENT, BRIGHTNESS, RANDOM = "mask", "attention", "gradient", "brightness", "random"
MOST = 300
"""So many pictures of each part are looked at."""
LEAST_P = 0.05
_BATCH = 64

Values = list[np.ndarray]
"""float [units] of each picture."""


@dataclass(frozen=True)
class Source:
    """One way to point at patches. name: MASK (its values), ATTENTION (received, mean over blocks), GRADIENT (norm of
    that of the predicted class over a patch's pixels), BRIGHTNESS or RANDOM.

    precision: average precision against the patches of the object, mean over the pictures of the test. iou: of the
    patches above the threshold that is best on the validation part. p_value: Wilcoxon's signed-rank test of the
    pictures' average precision against that of BRIGHTNESS; None for BRIGHTNESS itself. It is about these pictures and
    this one model: another seed gives another model.
    """

    name: str
    precision: float
    iou: float
    p_value: float | None = None


@dataclass(frozen=True)
class Found:
    """arm: its name. sources: the best known last. pictures: of the test. chance: the share of patches that belong to
    an object, the average precision of a source that knows nothing."""

    arm: str
    sources: list[Source]
    pictures: int
    chance: float

    def said(self) -> list[Sentence]:
        """Of each source of the model, whether it points at the object better than brightness."""
        base = next(one for one in self.sources if one.name == BRIGHTNESS)
        told = []
        for one in self.sources:
            if one.name in (BRIGHTNESS, RANDOM):
                continue
            sure = one.p_value is not None and one.p_value < LEAST_P
            verdict = "same" if not sure else "better" if one.precision > base.precision else "worse"
            facts = {"arm": self.arm, "ours": f"{one.precision:.2f}", "base": f"{base.precision:.2f}"}
            told.append(say(f"found.{verdict}", source=say(f"found.by.{one.name}"), **facts))
        return told

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def found(run: Run, arms: Sequence[str] = (), tick: Callable[[float], None] = lambda share: None) -> list[Found]:
    """Each arm, by default all, at its best epoch.

    Raises InputError: `no_classes`, `no_objects` for data without pictures of the objects, `no_weights`, `bad_setting`.
    """
    from dynmask_core.analysis.subject import Subject

    require_classes(run)
    data, known = run.dataset(), run.config().arms
    for arm in arms:
        one_of("arm", arm, known)
    if data.medium != IMAGE or data.targets is None:
        raise InputError("no_objects", name=run.name)
    rows = {part: data.rows(part)[:MOST] for part in ("validation", "test")}
    result = []
    for number, arm in enumerate(arms or known):
        subject = Subject.open(run, arm)
        told = {part: _values(subject, data, own) for part, own in rows.items()}
        result.append(_judged(arm, told, {part: _truth(subject, data, own) for part, own in rows.items()}))
        tick((number + 1) / len(arms or known))
    return result


def _truth(subject: Subject, data: Dataset, rows: np.ndarray) -> Values:
    assert data.targets is not None
    config = subject.reader.config
    whole = [patches_of(objects_of(data.targets[row], config.side), config.patch).ravel() for row in rows]
    return [one[: config.max_tokens] for one in whole]


def _values(subject: Subject, data: Dataset, rows: np.ndarray) -> dict[str, Values]:
    """By source, what it says of each picture's units."""
    import torch

    from dynmask_core.masks.ops.received import received
    from dynmask_core.training.record import unit_values

    told: dict[str, Values] = {name: [] for name in (MASK, ATTENTION, GRADIENT, BRIGHTNESS, RANDOM)}
    for start in range(0, len(rows), _BATCH):
        some = rows[start : start + _BATCH]
        units = [subject.reader.read(data.texts[row]) for row in some]
        context = subject.batch(units, some, "test", subject.epoch)
        with torch.inference_mode():
            parts = subject.strategy.plans(context)
            plan = subject.strategy.together(parts)
            trace = subject.forward(context, plan, trace=True).trace
            assert trace is not None
            seen = torch.stack([received(one, context.attention_mask) for one in trace.attention]).mean(0)
            values = unit_values(context, plan, parts, trace)
        pixels = context.units.clone().requires_grad_()
        with torch.enable_grad():
            plan = subject.strategy.plan(context)
            logits = subject.model(pixels, context.attention_mask, subject.request(context, plan)).logits
            (slope,) = torch.autograd.grad(logits.max(-1).values.sum(), pixels)
        found = {MASK: values, ATTENTION: seen, GRADIENT: slope.norm(dim=-1), BRIGHTNESS: context.units.mean(-1)}
        for name, tensor in found.items():
            told[name] += [one[1:] for one in tensor.detach().cpu().numpy()]
        told[RANDOM] += [
            generator(0, "found", int(row)).random(len(one) - 1) for row, one in zip(some, units, strict=True)
        ]
    if all(float(np.ptp(one)) == 0 for one in told[MASK]):
        del told[MASK]  # it does not tell units apart
    return told


def _judged(arm: str, told: dict[str, dict[str, Values]], truth: dict[str, Values]) -> Found:
    there = [one for one in truth["test"] if one.any()]
    alone = {name: _each(values, truth["test"]) for name, values in told["test"].items()}
    sources = []
    for name in told["test"]:
        if name not in told["validation"]:
            continue
        level = _level(told["validation"][name], truth["validation"])
        shared = iou(np.concatenate(told["test"][name]) > level, np.concatenate(truth["test"]))
        p_value = None if name == BRIGHTNESS else _p_value(alone[name] - alone[BRIGHTNESS])
        sources.append(Source(name, float(alone[name].mean()), shared, p_value))
    return Found(arm, sources, len(there), float(np.concatenate(truth["test"]).mean()))


def _each(values: Values, truth: Values) -> np.ndarray:
    """float [pictures with an object]: average precision."""
    pairs = [(own, score) for own, score in zip(truth, values, strict=True) if own.any()]
    return np.array([precision([own], [score]) for own, score in pairs])


def _level(values: Values, truth: Values) -> float:
    """The threshold above which the patches overlap best with the objects."""
    flat, there = np.concatenate(values), np.concatenate(truth)
    levels = np.unique(np.quantile(flat, np.linspace(0, 1, 101)[:-1]))
    return float(max(levels, key=lambda level: iou(flat > level, there)))


def _p_value(differences: np.ndarray) -> float:
    from scipy.stats import wilcoxon

    return float(wilcoxon(differences).pvalue) if np.any(differences) else 1.0
