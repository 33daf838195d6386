"""The mask lens: its numbers are those of the model's own forward pass, and of a computation by hand."""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from dynmask_core.analysis.lens import Lens, lens, telling
from dynmask_core.analysis.subject import Subject
from dynmask_core.config import Controls, DataConfig, ExperimentConfig, MaskConfig, ModelConfig, TrainConfig
from dynmask_core.data import Dataset, build, planted
from dynmask_core.data.encode import EncodedCorpus, encode
from dynmask_core.data.tokenize import SPECIAL_TOKENS, Vocabulary
from dynmask_core.errors import InputError
from dynmask_core.jobs import execute
from dynmask_core.masks import Composed, MaskContext, MaskPlan, Setting
from dynmask_core.masks.base import MaskStrategy
from dynmask_core.masks.library.entmax import entmax
from dynmask_core.model.attention import Attention
from dynmask_core.runs import Run
from dynmask_core.tasks import offered
from dynmask_core.tasks.classify import Classify
from dynmask_core.training.learner import Learner

SOFT = MaskConfig(initial="constant", initial_value=0.5, gate_mode="attention")
WORDS = 9


@functools.cache
def data() -> tuple[EncodedCorpus, str]:
    dataset, _ = build(planted(texts=40, noise_words=30).table)
    corpus = encode(dataset, 30_000)
    return corpus, " ".join(corpus.vocabulary.words[len(SPECIAL_TOKENS) :][:WORDS])


def subject(arm: str, mask: MaskConfig | None = None, theta: float = 0.1) -> Subject:
    """An arm before its first step, with weights so large that its attention is uneven."""
    torch.set_num_threads(1)
    corpus, _ = data()
    config = ExperimentConfig(
        DataConfig("planted", max_tokens=64), ModelConfig(16, 2, 2), mask or MaskConfig(), Controls(0.3, 0.5, theta),
        TrainConfig(epochs=2, device="cpu"), (arm,),
    )  # fmt: skip
    learner = Learner(arm, Classify(config, corpus), torch.device("cpu"), 20)
    learner.strategy.on_epoch(1, config.controls)
    with torch.no_grad():
        for block in learner.averaged.model.encoder.blocks:
            block.attention.qkv.weight.normal_(std=0.4)
    made = Subject.of_weights(arm, config, corpus.vocabulary, corpus.classes, learner.averaged.state())
    made.epoch = 1
    return made


def seen(arm: str, mask: MaskConfig | None = None, theta: float = 0.1) -> Lens:
    return lens(subject(arm, mask, theta), data()[1])


FAMILIES = [(name, None) for name in offered(ExperimentConfig()) if name != "pretrained"]
FAMILIES += [("repaired", SOFT), ("hardconcrete", SOFT), ("causal+headgate+topk", None), ("entmax:2+window:2", None)]


@pytest.mark.parametrize(("arm", "mask"), FAMILIES, ids=str)
def test_every_number_is_that_of_the_forward_pass(arm: str, mask: MaskConfig | None) -> None:
    """From the scores that the lens shows follow the model's own weights, and from its values what a block adds."""
    asked = subject(arm, mask)
    made: list[Any] = []
    blocks = [module for module in asked.model.modules() if isinstance(module, Attention)]
    for block in blocks:
        block.register_forward_hook(lambda module, given, output: made.append(output))
    found = lens(asked, data()[1])
    assert found.weight.shape == (2, 2, WORDS + 1, WORDS + 1)
    for layer, (attended, weights) in enumerate(made):
        np.testing.assert_array_equal(found.weight[layer], weights[0].numpy())
        results = np.zeros((WORDS + 1, 2, 8), dtype=np.float32)
        for head in range(2):
            for query in range(WORDS + 1):
                row = found.row(layer, head, query)
                np.testing.assert_allclose(row.weight, shares(row.score, row.alpha), atol=1e-5)
                results[query, head] = row.result
        out = blocks[layer].out
        expected = results.reshape(WORDS + 1, 16) @ out.weight.detach().numpy().T + out.bias.detach().numpy()
        np.testing.assert_allclose(attended[0].numpy(), expected, atol=1e-5)


def shares(scores: np.ndarray, alpha: float | None) -> np.ndarray:
    """What the scores say by themselves; a query without any edge shares nothing out."""
    if np.isneginf(scores).all():
        return np.zeros_like(scores)
    assert alpha is not None
    if alpha > 1:
        return entmax(torch.from_numpy(scores).clamp_min(-1e9), alpha).numpy()
    raised = np.exp(scores.astype(np.float64) - scores.max())
    return (raised / raised.sum()).astype(np.float32)


def test_causal_and_window_forbid_exactly_their_edges() -> None:
    place = np.arange(WORDS + 1)
    away = place[None] - place[:, None]
    assert (np.isneginf(seen("causal").bias) == (away > 0)).all()
    window = seen("window:2")
    assert (np.isneginf(window.bias[0, 0]) == (np.abs(away) > 2))[1:, 1:].all()
    assert not window.removed.any()


def test_a_gate_in_attention_is_its_logarithm_on_every_score() -> None:
    found = seen("repaired", SOFT)
    assert 0 < found.mask[1:].min() < 1
    np.testing.assert_allclose(found.bias[1, 0], np.tile(np.log(found.mask), (WORDS + 1, 1)), atol=1e-6)


def test_a_gate_on_the_input_adds_nothing_to_the_scores() -> None:
    found = seen("repaired", MaskConfig(initial="constant", initial_value=0.5))
    assert 0 < found.mask[1:].min() < 1
    assert (found.bias == 0).all()
    assert found.sites == ("input",)


def test_a_removed_word_gets_nothing_from_anybody() -> None:
    found = seen("static", MaskConfig(initial="uniform"), theta=0.6)
    assert 0 < found.removed[0].sum() < WORDS
    assert (found.mask[found.removed[0]] < 0.6).all()
    assert (found.mask[1:][~found.removed[0, 1:]] >= 0.6).all()
    assert np.isneginf(found.bias[..., found.removed[0]]).all()
    assert (found.weight[..., found.removed[0]] == 0).all()
    assert not np.isneginf(found.bias[..., ~found.removed[0]]).any()


def test_a_word_that_leaves_between_blocks_is_removed_from_then_on() -> None:
    found = seen("topk:0.5")
    assert not found.removed[0].any()
    assert found.removed[1].any()


def test_a_removed_head_shares_out_but_passes_nothing_on() -> None:
    found = seen("heads:0.0")
    assert sorted(found.gate.reshape(-1).tolist()).count(0) > 0
    layer, head = (int(i) for i in np.argwhere(found.gate == 0)[0])
    row = found.row(layer, head, 3)
    assert row.gate == 0
    assert row.weight.sum() == pytest.approx(1, abs=1e-5)
    assert (row.result == 0).all()


class Half(MaskStrategy):
    """The third unit counts half."""

    name, family, source = "half", "gate", "none"

    def plan(self, context: MaskContext) -> MaskPlan:
        gate = torch.ones(context.attention_mask.shape)
        gate[:, 2] = 0.5
        return MaskPlan(token_gate=gate, gate_mode="attention")


def test_the_numbers_of_a_tiny_model_are_those_computed_by_hand() -> None:
    """Two dimensions, one head, one block: after its LayerNorm a unit is (1, −1) or (−1, 1).

    q = (x₁, 2x₂), k = (x₁ + x₂, x₂), v = (3x₁, x₂). [CLS] and "b" are (1, −1), "a" is (−1, 1). The query is "a": its q
    is (−1, 2); the keys are (0, −1), (0, 1), (0, −1); so q·k is −2, 2, −2. Divided by √2 that is −1.41421, 1.41421,
    −1.41421. The mask of "b" is ½: ln ½ = −0.69315 is added there. e to the scores: 0.24312, 4.11325, 0.12156, in
    all 4.47793: the shares are 0.05429, 0.91856, 0.02715. The values are (3, −1), (−3, 1), (3, −1), √10 long; their
    sum is (−3, 1) · (0.91856 − 0.05429 − 0.02715) = (−3, 1) · 0.83712.
    """
    config = ExperimentConfig(DataConfig("tiny", max_tokens=4), ModelConfig(2, 1, 1), arms=("none",))
    vocabulary = Vocabulary((*SPECIAL_TOKENS, "a", "b"), np.zeros(len(SPECIAL_TOKENS) + 2, dtype=np.int64))
    task = Classify.for_asking(config, vocabulary, ("no", "yes"))
    model = task.model("none").eval().requires_grad_(False)
    asked = Subject("none", model, Composed([Half(Setting())]), task.reader, task.answers, torch.device("cpu"))
    model.embedding.token.weight[:] = torch.tensor([1.0, -1.0])
    model.embedding.token.weight[vocabulary.words.index("a")] = torch.tensor([-1.0, 1.0])
    model.embedding.position.zero_()
    qkv = model.encoder.blocks[0].attention.qkv
    qkv.weight[:] = torch.tensor([[1.0, 0], [0, 2], [1, 1], [0, 1], [3, 0], [0, 1]])
    qkv.bias.zero_()
    row = lens(asked, "a b").row(0, 0, 1)
    near = functools.partial(np.testing.assert_allclose, atol=2e-4)
    near(row.dot, [-2, 2, -2])
    near(row.scaled, [-1.41421, 1.41421, -1.41421])
    near(row.bias, [0, 0, -0.69315])
    near(row.score, [-1.41421, 1.41421, -2.10736])
    near(row.weight, [0.05429, 0.91856, 0.02715])
    near(row.length, [math.sqrt(10)] * 3)
    near(row.part, [0.05429 * math.sqrt(10), 0.91856 * math.sqrt(10), 0.02715 * math.sqrt(10)])
    near(row.result, [-3 * 0.83712, 0.83712])
    assert row.words == ("[CLS]", "a", "b")
    assert row.map == "softmax"


def test_the_lens_shows_the_masks_that_the_player_has_recorded(
    tmp_path: Path, settings: Callable[..., ExperimentConfig], dataset: Dataset
) -> None:
    """Also masks that are drawn anew for every text, epoch and step."""
    arms = ("repaired", "tokendrop+dropout:refresh=forward", "causal+informed")
    run = Run.create(tmp_path, settings(*arms, epochs=2, learning_rate=0.02), dataset)
    execute(run.path)
    drawn = set()
    for epoch in (0, 1, 2):
        for arm in arms:
            asked = Subject.open(run, arm, epoch)
            for index in (0, 3):
                recorded = run.snapshot(epoch).probe(index, arm)
                assert recorded is not None
                found = lens(asked, run.probes()[index].text, -1 - index)
                np.testing.assert_allclose(found.mask[1:], recorded.mask, atol=0.003, err_msg=f"{arm} {epoch}")
                drawn.add((arm, found.mask.tobytes()))
    assert len([arm for arm, _ in drawn if arm == arms[1]]) == 6


def test_a_row_as_json_has_every_number_and_null_for_what_is_forbidden() -> None:
    row = seen("causal").row(1, 0, 2)
    told = json.loads(json.dumps(row.to_json(), allow_nan=False))
    assert [key["word"] for key in told["keys"]] == list(row.words)
    assert [key["bias"] is None for key in told["keys"]] == [place > 2 for place in range(WORDS + 1)]
    assert [key["weight"] for key in told["keys"]] == pytest.approx(row.weight.tolist())
    assert (told["layer"], told["head"], told["query"], told["word"]) == (1, 0, 2, row.words[2])


def test_the_telling_row_is_where_the_arms_differ() -> None:
    plain, causal = seen("none"), seen("causal")
    layer, head, query = telling([plain, causal])
    gap = np.abs(plain.weight - causal.weight).sum(-1)
    assert gap[layer, head, query] == gap[..., 1:].max() > 0
    assert telling([plain])[2] > 0


def test_the_telling_row_of_one_arm_is_farthest_from_even_shares_among_what_it_may_look_at() -> None:
    causal = seen("causal")
    far = np.zeros(causal.weight.shape[:3])
    for layer, head, query in np.ndindex(far.shape):
        for key in range(query + 1):
            far[layer, head, query] += abs(causal.weight[layer, head, query, key] - 1 / (query + 1))
    layer, head, query = telling([causal])
    assert far[layer, head, query] == pytest.approx(far[..., 1:].max())


@pytest.mark.parametrize("place", [(2, 0, 0), (0, 2, 0), (0, 0, WORDS + 1), (-1, 0, 0)])
def test_a_place_outside_the_model_is_bad_input(place: tuple[int, int, int]) -> None:
    with pytest.raises(InputError) as caught:
        seen("none").row(*place)
    assert caught.value.code == "no_place"


def test_a_text_without_words_is_bad_input() -> None:
    with pytest.raises(InputError) as caught:
        lens(subject("none"), " \t ")
    assert caught.value.code == "no_units"
