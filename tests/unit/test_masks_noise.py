"""Noise as a mask: at the distance that is asked for, as a spectrogram of both together has it, static or dynamic."""

from __future__ import annotations

import functools

import numpy as np
import pytest
import torch
from examples import few_words

from dynmask_core.config import DataConfig, ExperimentConfig, ModelConfig
from dynmask_core.data import Dataset, build
from dynmask_core.data.media import wave_of
from dynmask_core.data.sound.features import decibels, power_of
from dynmask_core.data.sound.noise import noise, scaled
from dynmask_core.inputs import fit_to
from dynmask_core.keys import generator
from dynmask_core.masks import MaskContext, MaskPlan
from dynmask_core.tasks import task_of
from dynmask_core.training.learner import Learner
from dynmask_core.training.record import record


@functools.cache
def words() -> Dataset:
    return build(few_words())[0]


def learner(arm: str) -> Learner:
    torch.set_num_threads(1)
    made = fit_to(ExperimentConfig(DataConfig("few_words"), ModelConfig(16, 2, 1), arms=(arm,)), words())
    return Learner(arm, task_of(made).of(made, words()), torch.device("cpu"), 10)


def batch(of: Learner, epoch: int = 1, split: str = "train", size: int = 8) -> MaskContext:
    rows = of.task.corpus.rows("train")[:size]
    return of.averaged.batch([of.task.corpus.ids[row] for row in rows], rows, split, epoch)  # type: ignore[arg-type]


def plan(of: Learner, context: MaskContext) -> MaskPlan:
    with torch.no_grad():
        return of.strategy.plan(context)


def units(arm: str, epoch: int) -> torch.Tensor:
    of = learner(arm)
    found = plan(of, batch(of, epoch)).units
    assert found is not None
    return found


def test_static_noise_stays_dynamic_noise_changes_and_copies_take_turns() -> None:
    assert torch.equal(units("noise:dataset", 1), units("noise:dataset", 2))
    assert not torch.equal(units("noise", 1), units("noise", 2))
    first, second, third = (units("noise:cycle:k=2", epoch) for epoch in (1, 2, 3))
    assert torch.equal(first, third)
    assert not torch.equal(first, second)


def test_equal_sounds_get_different_noise_and_predictions_hear_none() -> None:
    of = learner("noise")
    context = batch(of, size=2)
    twice = MaskContext(
        **{**context.__dict__, "units": context.units[:1].repeat(2, 1, 1), "special": context.special[:1].repeat(2, 1)}
        | {"attention_mask": context.attention_mask[:1].repeat(2, 1)}
    )
    found = plan(of, twice).units
    assert found is not None
    assert not torch.equal(found[0], found[1])
    assert plan(of, batch(of, split="test")).units is None


@pytest.mark.parametrize("kind", ["white", "pink", "hum", "babble"])
@pytest.mark.parametrize("snr", [0, 10])
def test_it_sounds_like_both_waves_together(kind: str, snr: int) -> None:
    """The power of two waves adds up on average; the mask's noise is another part of the same noise."""
    of = learner(f"noise:kind={kind}:least={snr}:most={snr}")
    rows = of.task.corpus.rows("train")[:20]
    reader = of.task.reader
    context = of.averaged.batch([of.task.corpus.ids[row] for row in rows], rows, "train", 1)
    heard = plan(of, context).units
    assert heard is not None
    ours, theirs = [], []
    for place, row in enumerate(rows):
        wave = reader.heard(*wave_of(words().texts[row])).astype(np.float64)  # type: ignore[attr-defined]
        added = scaled(wave, noise(kind, len(wave), 8000, generator(0, "test", int(row))), snr)
        true = reader.read_power(power_of(wave + added, 8000))  # type: ignore[attr-defined]
        ours.append(heard[place, 1 : len(true)].numpy())
        theirs.append(true[1:])
    one, other = np.concatenate(ours), np.concatenate(theirs)
    clean = np.concatenate([of.task.corpus.ids[row][1:] for row in rows])
    assert np.abs(one.mean(0) - other.mean(0)).mean() < 0.25 * np.abs(clean.mean(0) - other.mean(0)).mean() + 0.1


def test_what_is_heard_has_mean_0_and_deviation_1_and_the_louder_the_noise_the_less_of_it_is_the_sound() -> None:
    shares = []
    for snr in (-10, 0, 20, 60):
        of = learner(f"noise:least={snr}:most={snr}")
        context = batch(of)
        made = plan(of, context)
        assert made.units is not None
        assert made.shown is not None
        for row, there in zip(made.units, context.maskable, strict=True):
            assert float(row[there].mean()) == pytest.approx(0, abs=1e-4)
            assert float(row[there].std(correction=0)) == pytest.approx(1, abs=1e-3)
        shares.append(float(made.shown[context.maskable].mean()))
    assert shares == sorted(shares)
    assert shares[-1] > 0.8
    quiet = plan(of, context).units
    assert quiet is not None
    torch.testing.assert_close(quiet, context.units, atol=0.35, rtol=0)


def test_a_watched_sound_shows_how_much_of_it_is_its_own() -> None:
    of = learner("noise:kind=white:least=0:most=0")
    sample = of.task.corpus.ids[0]
    found = record(of.averaged, [sample], 1)[0]
    assert 0 < found.mask.mean() < 1
    assert found.bands is not None
    assert found.bands.mean(0)[:8].mean() > found.bands.mean(0)[-8:].mean()  # white noise hides high bands first
    of = learner("noise:kind=white:least=60:most=60")
    assert record(of.averaged, [sample], 1)[0].mask.mean() > found.mask.mean()


def test_decibels_of_the_training_sounds_are_told() -> None:
    corpus = learner("none").task.corpus
    waves = [wave_of(words().texts[row]) for row in corpus.rows("train")]
    spread = np.mean([decibels(power_of(wave, rate)).std() for wave, rate in waves])
    assert corpus.decibels == pytest.approx(float(spread), rel=1e-5)
    assert corpus.rate == 8000
