"""Which test texts were answered wrongly, how surely, and which labels are probably wrong instead."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import regex

from dynmask_core.analysis.standing import Standing, at, require_classes, standing
from dynmask_core.config import ExperimentConfig
from dynmask_core.config.checks import one_of
from dynmask_core.data.dataset import Dataset
from dynmask_core.data.tokenize import UNSPACED
from dynmask_core.errors import InputError
from dynmask_core.inputs import Input, make_input
from dynmask_core.runs import Run, files
from dynmask_core.tasks import task_of

if TYPE_CHECKING:
    from dynmask_core.analysis.subject import Subject

STORED = "answers.npz"
SOURCE = "Northcutt, Jiang & Chuang (2021), Confident Learning, JAIR 70, doi:10.1613/jair.1.12125"
# Letters of scripts that put spaces between words.
_LETTER = rf"[[\p{{L}}\p{{M}}\p{{N}}]--{UNSPACED}]"


@dataclass(frozen=True, eq=False)
class Answers:
    """What A arms answer to the N test texts, at their best epochs.

    rows: int64 [N], the texts' indices in the data set. truth: int64 [N], their classes. Per arm and text [A, N]:
    predicted: int64, the likeliest class. probability: float32 in [0, 1], of that class. loss: float32 ≥ 0, −log of the
    true class's probability. suspect: int64, the class that the text probably has instead of its own, −1 for none.
    margin: float32 in [−1, 1], the probability of its own class minus the greatest of the others. early, epoch: see
    Standing.
    """

    arms: tuple[str, ...]
    classes: tuple[str, ...]
    texts: tuple[str, ...]
    rows: np.ndarray
    truth: np.ndarray
    predicted: np.ndarray
    probability: np.ndarray
    loss: np.ndarray
    suspect: np.ndarray
    margin: np.ndarray
    early: bool
    epoch: int
    reader: Input

    def __len__(self) -> int:
        return len(self.texts)

    def cells(self, arm: str) -> dict[tuple[int, int], int]:
        """How many texts each cell (true, predicted) of an arm's confusion matrix has, without empty cells; the largest
        errors first, then the right answers."""
        counts = Counter(zip(self.truth.tolist(), self.predicted[self.arms.index(arm)].tolist(), strict=True))
        return dict(sorted(counts.items(), key=lambda one: (one[0][0] == one[0][1], -one[1], one[0])))

    def unknown(self, index: int) -> list[str]:
        """The words of a test text that training never saw."""
        return self.reader.unknown_units(self.texts[index])

    def to_json(self, index: int) -> dict[str, Any]:
        """All about one test text."""
        answers = {}
        for a, arm in enumerate(self.arms):
            suspect = int(self.suspect[a, index])
            answers[arm] = {
                "predicted": self.classes[self.predicted[a, index]],
                "probability": float(self.probability[a, index]),
                "loss": float(self.loss[a, index]),
                "suspect": None if suspect < 0 else self.classes[suspect],
            }
        told = {"row": int(self.rows[index]), "text": self.texts[index], "truth": self.classes[self.truth[index]]}
        return told | {"answers": answers, "unknown": self.unknown(index)}


_PER_ARM = ("predicted", "probability", "loss", "suspect", "margin")


def answers(run: Run, opened: Callable[[str], Subject] | None = None) -> Answers:
    """The answers of a run that has at least one complete epoch. They are computed once and kept in its folder.

    opened: gives the model of an arm at its best epoch; by default it is opened anew. Raises InputError: `no_weights`,
    `no_classes` if the run's task has none.
    """
    config = run.config()
    require_classes(run)
    data = run.dataset()
    rows = data.rows("test")
    stands = standing(run)
    found = _stored(run)
    if found is None:
        found = _compute(run, config, data, rows, stands, opened)
        found["made_at"] = np.array([stands.epoch, stands.early])
        with suppress(OSError):  # they can be computed again
            files.write_arrays(run.path / STORED, found)
    return Answers(
        config.arms,
        data.classes,
        tuple(data.texts[row] for row in rows),
        rows,
        data.labels[rows],
        **{name: found[name] for name in _PER_ARM},
        early=stands.early,
        epoch=stands.epoch,
        reader=make_input(config, run.vocabulary()),
    )


def is_known(run: Run) -> bool:
    """Whether the answers are kept already, so that `answers` is quick."""
    return _stored(run) is not None


def _stored(run: Run) -> dict[str, np.ndarray] | None:
    """The kept answers, if they are those of the last complete epoch."""
    try:
        found = files.read_arrays(run.folder / STORED)
    except InputError:
        return None
    return found if "made_at" in found and found["made_at"].tolist() == [*at(run)] else None


def _compute(
    run: Run,
    config: ExperimentConfig,
    data: Dataset,
    rows: np.ndarray,
    stands: Standing,
    opened: Callable[[str], Subject] | None,
) -> dict[str, np.ndarray]:
    # Loaded here: stored answers are read without torch.
    from dynmask_core.analysis.subject import Subject

    task = task_of(config).of(config, data)
    units = [task.corpus.ids[row] for row in rows]
    labels, places = data.labels[rows], np.arange(len(rows))
    per_arm: dict[str, list[np.ndarray]] = {name: [] for name in _PER_ARM}
    for arm in config.arms:
        subject = Subject.open(run, arm) if opened is None else opened(arm)
        probabilities = subject.probabilities_of(units, rows, stands.best_epoch(arm))
        predicted = probabilities.argmax(-1)
        suspect, margin = suspects(labels, probabilities)
        per_arm["predicted"].append(predicted)
        per_arm["probability"].append(probabilities[places, predicted])
        per_arm["loss"].append(-np.log(np.maximum(probabilities[places, labels], np.finfo(np.float32).tiny)))
        per_arm["suspect"].append(suspect)
        per_arm["margin"].append(margin)
    return {name: np.stack(arrays) for name, arrays in per_arm.items()}


def suspects(labels: np.ndarray, probabilities: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Confident learning: which labels are probably wrong. The texts must not have been trained on.

    labels: int64 [N]. probabilities: float32 [N, C]. A class is confident of a text if it gives it at least its
    threshold: the mean probability of the class over the texts that are labelled so. A label is in doubt if the
    likeliest of the confident classes is another one, and the model's answer, too. Returns int64 [N], that class, −1
    for no doubt; and float32 [N], the margin of the label, see Answers: the lowest are the most doubtful.

    Source: Northcutt, Jiang & Chuang (2021), "Confident Learning: Estimating Uncertainty in Dataset Labels", JAIR 70,
    1373–1411: the off-diagonal of the confident joint.
    """
    count, classes = probabilities.shape
    if not count:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32)
    own = probabilities[np.arange(count), labels]
    sums, sizes = np.bincount(labels, own, classes), np.bincount(labels, minlength=classes)
    # A class without texts has no threshold: nothing can be said to belong to it.
    threshold = np.where(sizes > 0, sums / np.maximum(sizes, 1), np.inf)
    confident = np.where(probabilities >= threshold - 1e-6, probabilities, -1.0)
    likeliest = confident.argmax(-1)
    doubted = (confident.max(-1) >= 0) & (likeliest != labels) & (probabilities.argmax(-1) != labels)
    others = probabilities.copy()
    others[np.arange(count), labels] = -1.0
    margin = own - (others.max(-1) if classes > 1 else 0.0)
    return np.where(doubted, likeliest, -1), margin.astype(np.float32)


def select(
    found: Answers,
    arm: str,
    *,
    wrong: bool = False,
    cell: tuple[str, str] | None = None,
    word: str = "",
    disagree: bool = False,
    suspicious: bool = False,
) -> np.ndarray:
    """int64: the indices of the texts that meet all conditions, those with the highest loss of `arm` first.

    wrong: answered wrongly by the arm. cell: (true, predicted) class, of the arm's confusion matrix. word: in the text,
    as a whole word where words are separated by spaces; letter case is ignored. disagree: the arms differ. suspicious:
    the label is probably wrong according to the arm; those then come first that it doubts most.
    Raises InputError `bad_setting` for an unknown arm or class.
    """
    one_of("arm", arm, found.arms)
    a = found.arms.index(arm)
    keep = np.ones(len(found), dtype=bool)
    if wrong:
        keep &= found.predicted[a] != found.truth
    if cell is not None:
        for name in cell:
            one_of("cell", name, found.classes)
        true, predicted = map(found.classes.index, cell)
        keep &= (found.truth == true) & (found.predicted[a] == predicted)
    if disagree:
        keep &= (found.predicted != found.predicted[0]).any(0)
    if word.strip():
        has = contains(word)
        keep &= np.array([has(text) for text in found.texts], dtype=bool)
    if suspicious:
        keep &= found.suspect[a] >= 0
    rank = found.margin[a] if suspicious else -found.loss[a]
    order = np.argsort(rank, kind="stable")
    chosen: np.ndarray = order[keep[order]]
    return chosen


def contains(sought: str) -> Callable[[str], bool]:
    """Whether a text has the words `sought`; see `select`."""
    sought = sought.strip()
    before = f"(?<!{_LETTER})" if regex.match(f"(?V1){_LETTER}", sought) else ""
    after = f"(?!{_LETTER})" if regex.match(f"(?V1){_LETTER}", sought[-1:]) else ""
    pattern = regex.compile(f"(?V1i){before}{regex.escape(sought)}{after}")
    return lambda text: pattern.search(text) is not None
