"""How arms are written, and several strategies acting as one."""

from __future__ import annotations

import subprocess
import sys
from typing import get_args

import numpy as np
import pytest
import torch

from dynmask_core.bench.steps import Stepper
from dynmask_core.config import ModelConfig
from dynmask_core.errors import InputError
from dynmask_core.masks import REGISTRY, MaskPlan, Param, Setting, build, canonical, parse
from dynmask_core.masks.base import Need
from dynmask_core.masks.compose import missing, needs, require
from dynmask_core.messages import LANGUAGES


@pytest.mark.parametrize(
    ("written", "short"),
    [
        ("none", "none"),
        (" repaired + window : 8 ", "repaired+window"),
        ("window:width=4", "window:4"),
        ("window:4.0", "window:4"),
        ("dropout:0.3", "dropout"),
        ("dropout:refresh=forward:0.2", "dropout:0.2:refresh=forward"),
        ("dropout:rate=0.3..0.1@cosine", "dropout:0.3..0.1@cosine"),
        ("tokendrop:by=random:0.5", "tokendrop:0.5:by=random"),
        ("static:draw=1", "static:draw=1"),
        ("none:draw=0", "none"),
        ("dropout:draw=2:0.2:k=5", "dropout:0.2:k=5:draw=2"),
        ("repaired+dropout:draw=3.0", "repaired+dropout:draw=3"),
    ],
)
def test_an_arm_has_one_short_name(written: str, short: str) -> None:
    assert canonical(written) == short
    assert canonical(short) == short
    assert [name for name, _ in parse(short)] == [name.split(":")[0].strip() for name in written.split("+")]


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("", "unknown_strategy"),
        ("nonesuch", "unknown_strategy"),
        ("repaired+", "unknown_strategy"),
        ("window:size=3", "unknown_parameter"),
        ("window:1:2", "unknown_parameter"),
        ("none:1", "unknown_parameter"),
        ("static:draw=-1", "bad_parameter"),
        ("static:draw=1.5", "bad_parameter"),
        ("window:many", "bad_parameter"),
        ("window:2.5", "bad_parameter"),
        ("window:0..4", "bad_parameter"),
        ("dropout:1.5", "bad_parameter"),
        ("dropout:nan", "bad_parameter"),
        ("dropout:0.3..2", "bad_parameter"),
        ("dropout:how=delete", "bad_parameter"),
        ("entmax+entmax:2", "parts_clash"),
        ("dropout:how=mask+informed", "parts_clash"),
    ],
)
def test_what_cannot_be_read_is_named(written: str, code: str) -> None:
    with pytest.raises(InputError) as raised:
        parse(written)
    assert raised.value.code == code


def test_a_parameter_takes_its_defaults_kind() -> None:
    assert Param("n", 3, 0, 9).read("4") == 4
    assert isinstance(Param("n", 3, 0, 9).read("4"), int)
    assert Param("r", 0.5).read("1") == 1.0
    assert Param("r", 0.5, scheduled=True).read("0.2..0.1") == "0.2..0.1"
    assert Param("s", "0.4..1", scheduled=True).read("0.4") == 0.4
    assert Param("c", "a", choices=("a", "b")).read("b") == "b"
    assert Param("t", "any text").read("你好|hello") == "你好|hello"


def test_an_arm_needs_what_its_parts_with_their_parameters_need() -> None:
    assert needs("none") == needs("window+dropout+entmax") == set()
    assert needs("repaired+causal") == {"words", "labels", "order"}
    assert needs("dropout:how=mask") == needs("tokendrop") == {"words"}
    assert needs("tokendrop:by=random+topk") == {"attention"}
    assert needs("block:by=sentence") == {"words", "order"}
    for name, strategy in REGISTRY.items():
        assert needs(name) == strategy.needs_of({}) >= strategy.needs
        assert needs(name) <= set(get_args(Need))
        assert build(name, Setting()).needs == needs(name)


def test_what_an_arm_lacks_is_said_of_the_part_that_lacks_it() -> None:
    text = {"words", "order", "attention"}
    assert missing("window+causal", text) == frozenset()
    assert missing("repaired+causal", text) == {"labels"}
    assert missing("repaired+causal", set()) == {"words", "labels", "order"}
    require("window+causal+topk", text)
    with pytest.raises(InputError, match="repaired") as raised:
        require("causal+repaired", text)
    assert raised.value.code == "mask_needs_labels"
    for need in get_args(Need):
        for lang in LANGUAGES:
            assert "topk" in InputError(f"mask_needs_{need}", part="topk").sentence(lang)


def both(*arms: str) -> list[MaskPlan]:
    made = [Stepper(arm, ModelConfig(16, 2, 2), texts=4, tokens=9, vocabulary=40) for arm in arms]
    return [one.learner.strategy.plan(one.context) for one in made]


def test_the_parts_of_an_arm_act_together() -> None:
    one, other, together = both("repaired", "tokendrop:0.5:by=random", "repaired+tokendrop:0.5:by=random")
    assert one.keep is not None
    assert other.keep is not None
    assert together.keep is not None
    assert torch.equal(together.keep, one.keep & other.keep)
    assert torch.equal(together.token_gate, one.token_gate)  # type: ignore[arg-type]
    window, causal, cone = both("window:2", "causal", "causal+window:2")
    assert torch.equal(cone.attention_bias, window.attention_bias + causal.attention_bias)  # type: ignore[operator]


def word_masks(*arms: str) -> list[np.ndarray]:
    made = [Stepper(arm, ModelConfig(16, 2, 2), texts=4, tokens=9, vocabulary=40).learner.strategy for arm in arms]
    return [mask for one in made if (mask := one.word_mask()) is not None]


def test_another_draw_is_the_same_mask_with_other_random_numbers() -> None:
    zero, none, one, again, two = word_masks(
        "static", "static:draw=0", "static:draw=1", "static:draw=1", "static:draw=2"
    )
    assert np.array_equal(zero, none)
    assert np.array_equal(one, again)
    for first, second in ((zero, one), (zero, two), (one, two)):
        assert (first != second).mean() > 0.9  # an unknown word stands in the middle, whatever is drawn


def test_a_draw_belongs_to_one_part() -> None:
    first, second, mixed = both("dropout", "spandrop:draw=1", "dropout+spandrop:draw=1")
    assert first.keep is not None
    assert second.keep is not None
    assert torch.equal(mixed.keep, first.keep & second.keep)  # type: ignore[arg-type]


@pytest.mark.parametrize("arm", ["none", "window:2", "repaired", "keyword"])
def test_a_draw_changes_nothing_where_nothing_is_drawn(arm: str) -> None:
    made = [Stepper(name, ModelConfig(16, 2, 2), texts=4, tokens=9, vocabulary=40) for name in (arm, f"{arm}:draw=7")]
    for _ in range(2):
        for one in made:
            torch.manual_seed(0)  # of the model's own dropout
            one()
    assert torch.equal(made[0].output.logits, made[1].output.logits)


def test_an_arm_of_many_masks_trains_and_comes_back() -> None:
    arm = "repaired+window:3+drophead+topk:0.5+hardconcrete+headgate+adaptivespan"
    made = Stepper(arm, ModelConfig(16, 2, 2), texts=4, tokens=9, vocabulary=40)
    for _ in range(3):
        made()
    other = Stepper(arm, ModelConfig(16, 2, 2), texts=4, tokens=9, vocabulary=40).learner
    made.learner.best = made.learner.averaged.state()
    other.load_state({name: array.copy() for name, array in made.learner.state().items()})
    sequences = [np.array([2, 5, 6, 7]), np.array([2, 9])]
    one, two = (next(a.averaged.answer(sequences, np.arange(2), "test", 1)).output for a in (made.learner, other))
    assert torch.equal(one.logits, two.logits)


def test_the_same_mask_twice_keeps_its_states_apart() -> None:
    made = Stepper("hardconcrete+hardconcrete:target=0.2", ModelConfig(16, 2, 2), texts=4, tokens=9, vocabulary=40)
    made()
    names = list(made.learner.strategy.trainable)
    assert len(names) == len(set(names)) == 2 * len(made.learner.strategy.parts[0].trainable)


def test_reading_arms_does_not_load_torch() -> None:
    arms = sorted(REGISTRY)
    code = f"import sys, dynmask_core.masks as m\nfor arm in {arms}: m.canonical(arm)\nprint('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
