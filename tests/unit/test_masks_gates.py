"""Gates that are learned: their distributions, the share they keep to, and that they find planted words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.metrics import average_precision_score

from dynmask_core.config import DataConfig, ExperimentConfig, MaskConfig, ModelConfig, TrainConfig
from dynmask_core.data import build, planted
from dynmask_core.data.tokenize import CLS, PAD, SPECIAL_TOKENS
from dynmask_core.events import ArmEpoch, EpochEnd, Started
from dynmask_core.masks import REGISTRY, CorpusStatistics, MaskContext, Setting, Split
from dynmask_core.masks.gates import LearnedGate
from dynmask_core.masks.ops import relaxed as R
from dynmask_core.masks.ops.lagrangian import Lagrangian
from dynmask_core.training.fit import fit

NOISE = torch.from_numpy(np.random.default_rng(0).random(200_000, dtype=np.float32))
SHAPES = [(1.0, 1.0), (0.5, 0.5), (2.0, 0.7), (0.3, 3.0)]
WORDS = (*SPECIAL_TOKENS, *(f"word{i}" for i in range(20)))
FIRST = len(SPECIAL_TOKENS)


@pytest.mark.parametrize("log_alpha", [-3.0, -1.0, 0.0, 2.5])
@pytest.mark.parametrize("temperature", [0.33, 2 / 3])
def test_hard_concrete_is_open_as_often_as_it_says(log_alpha: float, temperature: float) -> None:
    drawn = R.concrete_sample(torch.tensor(log_alpha), NOISE, temperature)
    assert drawn.min() >= 0
    assert drawn.max() <= 1
    said = float(R.concrete_open(torch.tensor(log_alpha), temperature))
    assert float((drawn > 0).float().mean()) == pytest.approx(said, abs=0.005)


@pytest.mark.parametrize(("a", "b"), SHAPES)
def test_hardkuma_says_how_often_it_is_0_and_1(a: float, b: float) -> None:
    shape = torch.tensor(a), torch.tensor(b)
    drawn = R.kuma_sample(*shape, NOISE)
    assert float((drawn == 0).float().mean()) == pytest.approx(float(R.kuma_zero(*shape)), abs=0.005)
    assert float((drawn == 1).float().mean()) == pytest.approx(float(R.kuma_one(*shape)), abs=0.005)
    inner = (1 - (1 - NOISE.double()) ** (1 / b)) ** (1 / a)
    expected = min(max(float((inner * 1.2 - 0.1).mean()), 0), 1)
    assert float(R.kuma_mean(*shape)) == pytest.approx(expected, abs=0.005)


def test_a_hardkuma_gate_without_noise_is_the_likeliest_of_0_1_and_between() -> None:
    a, b = torch.tensor([0.1, 3.0, 1.0]), torch.tensor([3.0, 0.1, 1.0])
    assert R.kuma_fixed(a, b).tolist() == pytest.approx([0.0, 1.0, 0.5])


@pytest.mark.parametrize("extreme", [-30.0, 0.0, 30.0])
def test_gradients_are_finite_everywhere(extreme: float) -> None:
    noise = torch.tensor([0.0, 1e-9, 0.5, 1 - 2**-24])
    score = torch.full((4, 2), extreme, requires_grad=True)
    shape = [torch.nn.functional.softplus(score[:, i]).clamp(0.01, 100) for i in (0, 1)]
    total = R.concrete_sample(score[:, 0], noise, 0.33) + R.concrete_open(score[:, 0], 0.33)
    total = total + R.concrete_fixed(score[:, 0]) + R.kuma_sample(*shape, noise) + R.kuma_fixed(*shape)
    (total + R.kuma_zero(*shape) + R.kuma_one(*shape)).sum().backward()
    assert score.grad is not None
    assert score.grad.isfinite().all()


@pytest.mark.parametrize("start", [0.9, 0.1])
def test_the_multiplier_finds_the_price_of_the_target_from_either_side(start: float) -> None:
    """min (x − 0.9)² under x = 0.4: λ = 1, by hand."""
    constraint, x = Lagrangian(3.0, 0.1), torch.tensor(start, requires_grad=True)
    for _ in range(500):
        ((x - 0.9) ** 2 + constraint.loss(x - 0.4)).backward()
        with torch.no_grad():
            x -= 0.1 * x.grad
        x.grad = None
        constraint.step()
    assert float(x.detach()) == pytest.approx(0.4, abs=1e-3)
    assert float(constraint.multiplier) == pytest.approx(1.0, abs=1e-2)


# The strategies


def made(name: str, mask: MaskConfig | None = None, **values: Any) -> LearnedGate:
    strategy = REGISTRY[name](Setting(values, mask or MaskConfig(), ModelConfig(8, 1, 1)))
    tokens = np.arange(FIRST, len(WORDS), dtype=np.int32)
    strategy.fit(CorpusStatistics(WORDS, FIRST, tokens, np.array([20]), np.array([0]), ("a", "b")))
    assert isinstance(strategy, LearnedGate)
    return strategy


def batch(*texts: list[int], split: Split = "train", step: int = 0) -> MaskContext:
    width = max(map(len, texts)) + 1
    ids = torch.tensor([[CLS, *text] + [PAD] * (width - 1 - len(text)) for text in texts])
    return MaskContext(ids, ids != PAD, ids < FIRST, torch.arange(len(texts)), 1, step, split)


GATES = ("hardconcrete", "hardconcrete:context", "hardkuma", "diffmask")


def of(written: str) -> LearnedGate:
    name, _, by = written.partition(":")
    return made(name, by=by) if by else made(name)


@pytest.mark.parametrize("name", GATES)
def test_training_draws_and_prediction_does_not(name: str) -> None:
    gate, text = of(name), list(range(FIRST, FIRST + 9))
    first, again, later = (gate.plan(batch(text, step=step)).token_gate for step in (0, 0, 1))
    assert torch.equal(first, again)
    assert not torch.equal(first, later)
    test, probe = (gate.plan(batch(text, split=split, step=step)) for split, step in (("test", 0), ("probe", 1)))
    assert torch.equal(test.token_gate, probe.token_gate)
    assert test.aux_loss is None


@pytest.mark.parametrize("name", GATES)
def test_a_gate_depends_on_nothing_outside_its_window(name: str) -> None:
    gate = of(name)
    alone = gate.plan(batch([5, 6, 7], split="test")).token_gate
    beside = gate.plan(batch([5, 6, 7], [8] * 12, split="test")).token_gate
    torch.testing.assert_close(alone[0], beside[0, :4])
    far, near = (gate.scores(batch([5, 6, 7, 8, 9, 10, last], split="test"))[0] for last in (11, 12))
    torch.testing.assert_close(far[:5], near[:5])
    assert torch.equal(far[6], near[6]) == ("words" in gate.trainable)


@pytest.mark.parametrize("name", ["hardconcrete", "hardkuma"])
def test_a_word_whose_gate_is_0_leaves_the_text(name: str) -> None:
    gate = made(name)
    with torch.no_grad():
        gate.trainable["words"][7] = torch.tensor([-5.0, 5.0])[: len(gate.start)]
    plan = gate.plan(batch([6, 7, 8], split="test"))
    assert plan.keep.tolist() == [[True, True, False, True]]
    assert plan.token_gate[0, 2] == 0
    assert gate.word_mask()[7] == 0
    assert gate.word_mask()[6] == plan.token_gate[0, 1] > 0


def test_diffmask_removes_nothing_and_always_blends() -> None:
    plan = made("diffmask", MaskConfig(gate_mode="attention")).plan(batch([6, 7, 8]))
    assert plan.keep is None
    assert plan.gate_mode == "interpolate"


def test_the_loss_pulls_gates_towards_the_target() -> None:
    for target, sign in ((0.0, 1), (1.0, 0)):  # all gates are open at the start
        gate = made("hardconcrete", target=target)
        gate.plan(batch([6, 7, 8])).aux_loss.backward()
        slope = gate.trainable["words"].grad[6:9]
        assert ((slope > 0) if sign else (slope == 0)).all()


def test_fused_lasso_counts_expected_changes() -> None:
    gate = made("hardkuma", weight=1.0)
    with torch.no_grad():
        gate.trainable["words"][7] = torch.tensor([-0.3, 0.3])
    context = batch([6, 7, 6], [7, 7])
    scores = gate.scores(context)
    p = gate.open(scores).tolist()
    pairs = [(p[0][1], p[0][2]), (p[0][2], p[0][3]), (p[1][1], p[1][2])]
    expected = np.mean([x * (1 - y) + (1 - x) * y for x, y in pairs])
    assert float(gate.extra_loss(scores, context.maskable).detach()) == pytest.approx(expected, abs=1e-6)


def test_the_multiplier_is_part_of_the_state() -> None:
    gate, other = made("hardconcrete"), made("hardconcrete")
    context = batch([6, 7, 8])
    gate.feedback(context, gate.plan(context))
    other.load_state_dict(gate.state_dict())
    assert float(other.constraint.multiplier) == float(gate.constraint.multiplier) > 0


@pytest.mark.parametrize("mode", ["interpolate", "multiply", "attention"])
def test_learning_stays_finite_where_gates_are_0(settings: Callable[..., Any], dataset: Any, mode: Any) -> None:
    config = settings("hardconcrete:target=0.2", epochs=2, mask=MaskConfig(gate_mode=mode), learning_rate=0.01)
    events = list(fit(config, dataset))
    assert np.isfinite([event.train["loss"] for event in events if isinstance(event, ArmEpoch)]).all()
    masks = [event.word_masks["hardconcrete:target=0.2"] for event in events if isinstance(event, EpochEnd)]
    assert np.isfinite(masks).all()
    assert (masks[-1] == 0).any()


@pytest.mark.parametrize("arm", ["hardconcrete", "hardconcrete:by=context", "hardkuma"])
def test_training_reaches_the_share_of_words_that_was_wanted(arm: str) -> None:
    torch.set_num_threads(1)
    still = replace(ModelConfig(dim=32, heads=2, layers=1), dropout=0.1, embedding_dropout=0.1)
    config = ExperimentConfig(DataConfig("x"), still, train=TrainConfig(epochs=10, device="cpu"), arms=(arm,))
    *_, last = (e for e in fit(config, build(planted(zipf=1.0).table)[0]) if isinstance(e, ArmEpoch))
    assert last.kept_fraction == pytest.approx(0.5, abs=0.05)


def test_a_gate_per_word_finds_planted_words_while_most_others_leave() -> None:
    torch.set_num_threads(1)
    made_texts = planted(balance=0.7)
    still = replace(ModelConfig(dim=32, heads=2, layers=1), dropout=0.1, embedding_dropout=0.1)
    train = TrainConfig(epochs=10, device="cpu")
    arm = "hardconcrete:target=0.3"
    events = list(fit(ExperimentConfig(DataConfig("x"), still, train=train, arms=(arm,)), build(made_texts.table)[0]))
    words = next(event.vocabulary.words for event in events if isinstance(event, Started))
    *_, end = (event for event in events if isinstance(event, EpochEnd))
    *_, last = (event for event in events if isinstance(event, ArmEpoch))
    keyword = [word in made_texts.keywords for word in words[FIRST:]]
    assert average_precision_score(keyword, end.word_masks[arm][FIRST:]) >= 0.9
    assert 0.12 < last.kept_fraction < 0.4  # an eighth of all words are keywords
