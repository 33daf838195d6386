"""Accuracy in noise: noise is added to the test sounds at exact distances, and the trained models answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from dynmask_core.analysis.kept import Tick, kept, of_arms, piece, silent
from dynmask_core.errors import InputError
from dynmask_core.runs import Run

if TYPE_CHECKING:
    from dynmask_core.analysis.removal import Opened
    from dynmask_core.analysis.subject import Subject
    from dynmask_core.inputs.sound import Sound

NAME = "snr"
NEEDS = frozenset({"bands"})
"""What the input of a run must provide."""
LEVELS = (-5, 0, 5, 10, 15, 20)
"""Decibels that the sound is louder than the noise."""
MOST_SOUNDS, MOST_UNITS = 240, 12_000
"""At most so many test sounds are answered, with about so many units; each in every noise at every level."""
SPEECH = 0.5
"""Where the ideal ratio mask is above it, a band of a unit belongs to the sound rather than to the noise."""
TOLD = 0
"""The level at which it is measured whether a mask finds the sound."""


@dataclass(frozen=True)
class Finds:
    """How well a mask over bands finds those of the sound, at TOLD: average precision in [0, 1], averaged over sounds
    and noises. gate: of the mask. energy: of the loudness itself. base: of any order that knows nothing, on average."""

    gate: float
    energy: float
    base: float


@dataclass(frozen=True)
class InNoise:
    """One arm. sounds: answered, of `given` in the test part. known: whether it is known how they sounded without any
    noise (see `Dataset.targets`); if not, noise is added to what they are.

    clean: accuracy in [0, 1] without added noise. noises: by the name of a noise, the accuracy at each of LEVELS.
    ideal: at each level, on average over the noises, with the ideal ratio mask on what is heard.
    finds: None if the arm has no mask over bands when it answers.
    """

    arm: str
    sounds: int
    given: int
    known: bool
    clean: float
    noises: dict[str, list[float]]
    ideal: list[float]
    finds: Finds | None

    @property
    def mean(self) -> list[float]:
        """The accuracy at each level, on average over the noises."""
        return [float(value) for value in np.mean(list(self.noises.values()), axis=0)]

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {"levels": list(LEVELS), "mean": self.mean}

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> InNoise:
        own = {name: stored[name] for name in cls.__dataclass_fields__}
        return cls(**own | {"finds": Finds(**own["finds"]) if own["finds"] else None})


def known(run: Run) -> dict[str, InNoise]:
    """The answers that are kept already, by arm."""
    return {arm: InNoise.from_json(stored) for arm, stored in kept(run, NAME).items()}


def snr(run: Run, arms: Sequence[str] = (), tick: Tick = silent) -> dict[str, InNoise]:
    """The answers of some arms, by default of all; they are computed once and kept in the run's folder.

    Raises InputError: `not_sounds`, `no_weights` before the end of the first epoch, `no_classes`, `bad_setting` for an
    unknown arm.
    """
    # Loaded here: kept answers are read without torch.
    from dynmask_core.tasks import task_of

    if not task_of(run.config()).provided(run.config()) >= NEEDS:
        raise InputError("not_sounds", name=run.name)
    made: list[_Heard] = []

    def measure(opened: Opened, arm: str, tick: Tick) -> InNoise:
        if not made:
            made.append(_Heard(opened, piece(tick, 0, 2)))
        return _measure(opened, made[0], arm, piece(tick, 1, 2))

    return of_arms(run, NAME, arms, known, measure, tick)


class _Heard:
    """The test sounds as all arms hear them. rows: int64 [N]. clean: their units. noisy, ideal: by (noise, level), the
    units of all sounds, without and with the ideal ratio mask. ratios: by noise, the ideal ratio masks at TOLD, each
    float [frames, bands]."""

    def __init__(self, opened: Opened, tick: Tick) -> None:
        from dynmask_core.data.media import wave_of
        from dynmask_core.data.sound.features import ideal_ratio, power_of
        from dynmask_core.data.sound.noise import NOISES, noise, scaled
        from dynmask_core.inputs import make_input
        from dynmask_core.keys import generator

        reader: Sound = make_input(opened.config)  # type: ignore[assignment]
        data, rate = opened.data, reader.config.rate
        self.rows = opened.sample("test", MOST_SOUNDS, MOST_UNITS)
        sources = [data.targets[row] if data.targets else "" for row in self.rows]
        self.known = bool(sources) and all(sources)
        self.clean: list[np.ndarray] = []
        settings = [(kind, level) for kind in NOISES for level in LEVELS]
        self.noisy: dict[tuple[str, int], list[np.ndarray]] = {setting: [] for setting in settings}
        self.ideal: dict[tuple[str, int], list[np.ndarray]] = {setting: [] for setting in settings}
        self.ratios: dict[str, list[np.ndarray]] = {kind: [] for kind in NOISES}
        for done, (row, source) in enumerate(zip(self.rows, sources, strict=True)):
            wave = reader.heard(*wave_of(source if self.known else data.texts[row])).astype(np.float64)
            sound = power_of(wave, rate)
            self.clean.append(reader.read_power(sound))
            for kind in NOISES:
                added = noise(kind, len(wave), rate, generator(0, "added noise", kind, int(row)))
                for level in LEVELS:
                    other = scaled(wave, added, level)
                    power, ratio = power_of(wave + other, rate), ideal_ratio(sound, power_of(other, rate))
                    self.noisy[kind, level].append(reader.read_power(power))
                    self.ideal[kind, level].append(reader.read_power(power * ratio**2))
                    if level == TOLD:
                        self.ratios[kind].append(ratio)
            tick((done + 1) / len(self.rows))


def _measure(opened: Opened, heard: _Heard, arm: str, tick: Tick) -> InNoise:
    from dynmask_core.data.sound.noise import NOISES

    subject, epoch = opened.subject(arm)
    labels = opened.corpus.labels[heard.rows]

    def right(units: Sequence[np.ndarray]) -> float:
        if not len(units):
            return 0.0
        return float((subject.probabilities_of(units, heard.rows, epoch).argmax(-1) == labels).mean())

    noises: dict[str, list[float]] = {}
    ideal = []
    for number, kind in enumerate(NOISES):
        noises[kind] = [right(heard.noisy[kind, level]) for level in LEVELS]
        ideal.append([right(heard.ideal[kind, level]) for level in LEVELS])
        tick((number + 1) / len(NOISES))
    return InNoise(
        arm,
        len(heard.rows),
        len(opened.corpus.rows("test")),
        heard.known,
        right(heard.clean),
        noises,
        [float(value) for value in np.mean(ideal, axis=0)],
        _finds(subject, heard, epoch),
    )


def _finds(subject: Subject, heard: _Heard, epoch: int) -> Finds | None:
    """Whether the mask over bands is open where the sound is."""
    from sklearn.metrics import average_precision_score

    found = []
    for kind, ratios in heard.ratios.items():
        units = heard.noisy[kind, TOLD]
        for answered in subject.answer(units, heard.rows, "test", epoch) if units else ():
            if answered.plan.feature_gate is None:
                return None
            gates = answered.plan.feature_gate.float().cpu().numpy()
            for row, gate in zip(answered.rows, gates, strict=True):
                bands = ratios[row].shape[1]
                speech = (ratios[row] > SPEECH)[: (len(units[row]) - 1) * (units[row].shape[1] // bands)].ravel()
                if 0 < speech.sum() < len(speech):
                    opened, loud = (values[1:].ravel()[: len(speech)] for values in (gate, units[row]))
                    scores = [float(average_precision_score(speech, values)) for values in (opened, loud)]
                    found.append([*scores, float(speech.mean())])
    return Finds(*(float(value) for value in np.mean(found, axis=0))) if found else None
