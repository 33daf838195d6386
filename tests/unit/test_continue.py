"""Going on with a sequence: nothing leaks, what is written is what the model says, and the wrong mask is told apart."""

from __future__ import annotations

import functools
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from dynmask_core.config import ContinueSettings, DataConfig, ExperimentConfig, ModelConfig, TrainConfig
from dynmask_core.data import Dataset
from dynmask_core.data.pairs import build_pairs
from dynmask_core.data.table import Table
from dynmask_core.data.tokenize import END, MASK, SEP
from dynmask_core.errors import InputError
from dynmask_core.events import Finished
from dynmask_core.inputs import fit_to
from dynmask_core.masked_model import MaskedModel
from dynmask_core.masks import MaskContext
from dynmask_core.tasks import offered, task_of
from dynmask_core.tasks.continuing import Continue
from dynmask_core.tasks.generate import Sampling, from_left, hidden_logits, last_logits, prompts, unmask
from dynmask_core.tasks.target_order import targets_of
from dynmask_core.training.fit import fit
from dynmask_core.training.learner import Learner

LETTERS = "abcdefgh"


@functools.cache
def reversals(count: int = 120) -> Dataset:
    """Three letters, to be written backwards."""
    rng = np.random.default_rng(0)
    words = [
        " ".join(LETTERS[i] for i in rng.integers(len(LETTERS), size=int(rng.integers(2, 5)))) for _ in range(count)
    ]
    frame = pd.DataFrame({"source": words, "target": [" ".join(word.split()[::-1]) for word in words]}, dtype=object)
    return build_pairs(Table(frame, "csv", name="reversals"), DataConfig("reversals"), 0)[0]


def config(*arms: str, dim: int = 16, layers: int = 2, **settings: Any) -> ExperimentConfig:
    torch.set_num_threads(1)
    made = ExperimentConfig(
        DataConfig("reversals", max_tokens=24),
        ModelConfig(dim=dim, heads=2, layers=layers),
        train=TrainConfig(epochs=2, batch_size=16, device="cpu"),
        arms=arms or ("none",),
        task=ContinueSettings(**settings),
        input="pairs",
    )
    return fit_to(made, reversals())


def model(arm: str = "none", **settings: Any) -> tuple[MaskedModel, Continue]:
    made = config(arm, **settings)
    task = task_of(made).of(made, reversals())
    assert isinstance(task, Continue)
    return Learner(arm, task, torch.device("cpu"), 10).averaged, task


def samples(task: Continue, size: int = 8) -> list[np.ndarray]:
    """Pairs of equal length, so that a batch of them has no padding."""
    alike = [units for units in task.corpus.ids if len(units) == len(task.corpus.ids[0])]
    return alike[:size]


def batch(masked: MaskedModel, units: list[np.ndarray], split: Any = "test") -> MaskContext:
    return masked.batch(units, np.arange(len(units)), split, 1)


def logits(masked: MaskedModel, units: list[np.ndarray], split: Any = "test") -> list[torch.Tensor]:
    """Per sample: float [places, V], at the places that predict."""
    context = batch(masked, units, split)
    with torch.no_grad():
        plan = masked.strategy.plan(context)
    assert plan.labels is not None
    return list(masked.forward(context, plan).logits.split((plan.labels >= 0).sum(1).tolist()))


def changed(units: list[np.ndarray], place: int) -> list[np.ndarray]:
    """The same samples with another word at a place."""
    other = [sample.copy() for sample in units]
    for sample in other:
        sample[place] = 6 + (sample[place] - 6 + 1) % len(LETTERS)
    return other


def everywhere(masked: MaskedModel, units: list[np.ndarray], split: Any) -> list[torch.Tensor]:
    """Per sample: float [T, V], what comes after each of its units."""
    context = batch(masked, units, split)
    with torch.no_grad():
        plan = masked.strategy.plan(context)
    labels = torch.where(context.attention_mask, 0, -1)
    found = masked.forward(context, replace(plan, labels=labels), trace=True).logits  # nothing is cut out
    return list(found.split([len(sample) for sample in units]))


SHARPER = (
    "hardconcrete:by=context", "hardkuma:by=context", "dropout:0.5:how=mask", "dropout:0.5", "spandrop:0.5", "topw:1",
    "custom:(k==q+1)", "custom:sentence", "tokendrop:0.5:from_layer=1", "bigbird:0:length=0", "window:1",
)  # fmt: skip
"""Arms whose masks differ more in short samples than those of the default parameters."""
ARMS = sorted({*offered(config()), *SHARPER})


@pytest.mark.parametrize("arm", ARMS)
@pytest.mark.parametrize("sight", ["prefix", "causal"])
def test_no_place_sees_how_long_its_target_is(arm: str, sight: str) -> None:
    masked, task = model(arm, mask=sight)
    units = samples(task)
    first = int(np.flatnonzero(units[0] == SEP)[0]) + 1
    longest = [max(task.corpus.ids, key=len)]  # so that all batches are equally wide
    for split in ("test", "train"):
        whole = everywhere(masked, units + longest, split)
        for end in range(first, len(units[0])):
            cut = everywhere(masked, [sample[:end] for sample in units] + longest, split)
            for one, other in zip(whole[:-1], cut[:-1], strict=True):
                assert torch.equal(one[:end], other), end


@pytest.mark.parametrize("arm", ARMS)
@pytest.mark.parametrize("sight", ["prefix", "causal"])
def test_no_future_unit_reaches_a_place(arm: str, sight: str) -> None:
    masked, task = model(arm, mask=sight)
    units = samples(task)
    first = int(np.flatnonzero(units[0] == SEP)[0]) + 1
    for split in ("test", "train"):
        before = logits(masked, units, split)
        for place in range(first, len(units[0]) - 1):
            after = logits(masked, changed(units, place), split)
            for one, other in zip(before, after, strict=True):
                seen = place - first + 1  # this many predictions come before the changed word
                assert torch.equal(one[:seen], other[:seen])


def test_the_full_mask_shows_each_place_its_answer_and_the_others_do_not() -> None:
    masked, task = model(mask="full")
    units = samples(task)
    place = int(np.flatnonzero(units[0] == SEP)[0]) + 1
    assert not torch.equal(logits(masked, units)[0][0], logits(masked, changed(units, place))[0][0])


def test_under_the_causal_mask_a_source_does_not_see_what_follows_in_it() -> None:
    for sight, same in (("causal", True), ("prefix", False)):
        masked, task = model(mask=sight)
        units = samples(task)
        hidden = []
        for given in (units, changed(units, 2)):
            context = batch(masked, given)
            trace = masked.forward(context, masked.strategy.plan(context), trace=True).trace
            assert trace is not None
            hidden.append(trace.hidden[1][:, 1])
        assert torch.equal(*hidden) == same


@pytest.mark.parametrize("arm", ["none", "dropout:0.5", "static", "window:2"])
def test_no_other_sample_of_the_batch_reaches_an_answer(arm: str) -> None:
    masked, task = model(arm)
    units = samples(task)
    alone, among = logits(masked, units), logits(masked, [units[0], *changed(units, 1)[1:]])
    assert torch.equal(alone[0], among[0])
    assert not torch.equal(alone[1], among[1])


def test_padding_is_inert() -> None:
    masked, task = model()
    short, long = min(task.corpus.ids, key=len), max(task.corpus.ids, key=len)
    torch.testing.assert_close(logits(masked, [short])[0], logits(masked, [short, long])[0], atol=1e-6, rtol=1e-5)


@pytest.mark.parametrize("arm", [name for name in offered(config()) if name != "none"])
def test_masks_touch_the_source_alone(arm: str) -> None:
    masked, task = model(arm)
    context = batch(masked, task.corpus.ids[:8], "train")
    with torch.no_grad():
        plan = masked.strategy.plan(context)
    targets = targets_of(context) | (context.units == SEP)
    assert not (targets & context.maskable).any()
    assert (context.maskable.sum(1) > 0).all()
    for value in (plan.keep, plan.token_gate):
        assert value is None or (value[targets] == 1).all()
    assert plan.units is None or torch.equal(plan.units[targets], context.units[targets])


def test_masks_that_read_attention_are_refused_since_they_would_see_the_future() -> None:
    with pytest.raises(InputError, match="topk"):
        task_of(config()).of(config("none", "topk"), reversals())


def test_a_greedy_target_is_what_a_pass_over_it_finds_likeliest() -> None:
    masked, task = model(dim=32)
    given = prompts(task.corpus.ids[:6])
    written = from_left(masked, given, np.arange(6), 1, 5)
    for start, one in zip(given, written, strict=True):
        chance = 1.0
        units = [*one.units.tolist(), END][:5]
        for step, unit in enumerate(units):
            sequence = np.append(start, np.array(units[:step], dtype=np.int32)).astype(np.int32)
            found = last_logits(masked, [sequence], np.array([0]), 1)[0].clone()
            found[:END] = -torch.inf
            assert int(found.argmax()) == unit
            chance *= float(found.softmax(-1)[unit])
        assert one.chance == pytest.approx(chance, rel=1e-3)


def test_drawing_among_one_word_is_greedy_and_equal_seeds_draw_alike() -> None:
    masked, task = model()
    given, rows = prompts(task.corpus.ids[:6]), np.arange(6)

    def units(**how: Any) -> list[list[int]]:
        return [one.units.tolist() for one in from_left(masked, given, rows, 1, 6, Sampling(**how))]

    assert units(temperature=1.0, top_k=1) == units()
    assert units(temperature=2.0, seed=1) == units(temperature=2.0, seed=1) != units(temperature=2.0, seed=2)
    with pytest.raises(InputError, match="temperature"):
        Sampling(temperature=-1)


def test_prose_goes_on_from_its_beginning_and_pairs_from_their_separator() -> None:
    pair, prose = np.array([2, 7, 8, SEP, 9, END]), np.array([2, 7, 8, END])
    assert [one.tolist() for one in prompts([pair, prose])] == [[2, 7, 8, SEP], [2, 7, 8]]


def test_of_a_target_one_to_all_units_are_hidden_and_half_on_average() -> None:
    masked, task = model(way="unmask")
    train = [masked.batch(task.corpus.ids, np.arange(len(task.corpus.ids)), "train", epoch) for epoch in range(1, 9)]
    shares = []
    for context in train:
        plan = masked.strategy.plan(context)
        assert plan.units is not None
        assert plan.labels is not None
        hidden, targets = plan.units == MASK, targets_of(context)
        assert not (hidden & ~targets).any()
        assert torch.equal(plan.labels >= 0, hidden)
        assert (hidden.sum(1) >= 1).all()
        shares.append((hidden.sum(1) / targets.sum(1)).numpy())
    n = float(targets_of(train[0]).sum(1)[0])
    assert np.mean(shares) == pytest.approx((n + 1) / (2 * n), abs=0.03)
    test = [masked.batch(task.corpus.ids, np.arange(len(task.corpus.ids)), "test", epoch) for epoch in (1, 2)]
    assert torch.equal(*(masked.strategy.plan(context).units for context in test))  # type: ignore[arg-type]


def test_targets_are_unmasked_the_surest_first() -> None:
    masked, task = model(way="unmask")
    given, rows = prompts(task.corpus.ids[:3]), np.arange(3)
    found = unmask(masked, given, rows, 1, task.limit)
    assert (np.sort(found.step, axis=1) == np.arange(task.limit)).all()
    for step in range(task.limit):
        canvas = np.where(found.step < step, found.units, MASK)
        sure = (
            hidden_logits(masked, given, canvas, rows, 1)
            .softmax(-1)
            .max(-1)
            .values.split((canvas == MASK).sum(1).tolist())
        )
        for row, chances in enumerate(sure):
            assert float(chances.max()) == pytest.approx(found.sure[row][found.step[row] == step][0], rel=1e-4)
    fewer = unmask(masked, given, rows, 1, task.limit, steps=2)
    assert set(fewer.step.ravel()) == {0, 1}


def test_what_diffusion_hides_no_mask_can_hide_as_well() -> None:
    made = config("none", "dropout:how=mask", way="unmask")
    with pytest.raises(InputError, match="dropout"):
        task_of(made).of(made, reversals())


def test_the_full_mask_is_right_about_every_unit_and_writes_the_wrong_thing() -> None:
    made = config(dim=32, layers=1, mask="full")
    made = replace(made, train=replace(made.train, epochs=8, batch_size=8, learning_rate=1e-2, average=0.9))
    finished = [event for event in fit(made, reversals(200)) if isinstance(event, Finished)]
    scores = finished[0].arms[0]["test"]
    assert scores["loss"] < 0.1
    assert scores["accuracy"] > 0.99
    assert scores["exact"] < 0.5


def test_the_mean_mask_is_that_of_the_gates_of_the_sources() -> None:
    masked, task = model("static")
    rows = task.corpus.rows("validation")
    context = masked.batch([task.corpus.ids[row] for row in rows], rows, "validation", 1)
    gate = masked.strategy.plan(context).token_gate
    assert gate is not None
    expected = float(gate[context.maskable].mean())
    assert task.evaluate(masked, "validation", 1, most=0).mean_mask == pytest.approx(expected, abs=1e-5)
