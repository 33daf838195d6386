"""Settings: validated, round through JSON, and hashed by value."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynmask_core.config import PRESETS, Controls, DataConfig, ExperimentConfig, MaskConfig, ModelConfig, TrainConfig
from dynmask_core.errors import InputError

unit = st.floats(0, 1)
experiments = st.builds(
    ExperimentConfig,
    st.builds(DataConfig, st.text(max_size=20), st.none() | st.text(max_size=5), max_tokens=st.integers(1, 512)),
    st.sampled_from([*PRESETS.values(), ModelConfig(dim=16, heads=2, pooling="cls")]),
    st.builds(MaskConfig, st.sampled_from(["default", "uniform", "normal", "constant"]), unit),
    st.builds(Controls, unit, st.floats(0, 100), unit),
    st.builds(TrainConfig, epochs=st.integers(1, 1000), seed=st.integers(0, 2**32 - 1)),
    st.sampled_from([("none",), ("static", "repaired"), ("none", "static", "article", "repaired")]),
)


@given(experiments)
def test_settings_survive_json(config: ExperimentConfig) -> None:
    again = ExperimentConfig.from_json(json.loads(json.dumps(config.to_json())))
    assert again == config
    assert again.digest() == config.digest()


@given(experiments, experiments)
def test_digests_differ_exactly_where_settings_do(one: ExperimentConfig, other: ExperimentConfig) -> None:
    assert (one == other) == (one.digest() == other.digest())


def test_a_whole_number_is_the_same_setting_as_its_float() -> None:
    one, other = (ExperimentConfig(controls=Controls(step_size=value)) for value in (1, 1.0))
    assert one == other
    assert one.digest() == other.digest()


def test_the_digest_is_the_same_on_any_machine() -> None:
    assert ExperimentConfig().digest() == ExperimentConfig.from_json({}).digest()
    assert len(ExperimentConfig().digest()) == 12


BAD: list[tuple[type, dict[str, Any]]] = [
    (DataConfig, {"tokenizer": "letters"}),
    (DataConfig, {"max_tokens": 0}),
    (DataConfig, {"max_tokens": 513}),
    (DataConfig, {"max_rows": 0}),
    (DataConfig, {"max_vocabulary": 3}),
    (ModelConfig, {"dim": 30}),
    (ModelConfig, {"layers": 0}),
    (ModelConfig, {"dropout": 1.0}),
    (ModelConfig, {"pooling": "max"}),
    (Controls, {"step_size": -0.1}),
    (Controls, {"step_size": float("nan")}),
    (Controls, {"evidence_threshold": float("inf")}),
    (Controls, {"keep_threshold": 1.1}),
    (Controls, {"keep_threshold": "much"}),
    (MaskConfig, {"initial": "zeros"}),
    (MaskConfig, {"initial_value": 2}),
    (MaskConfig, {"step_rule": "twice"}),
    (MaskConfig, {"gate_mode": "add"}),
    (TrainConfig, {"epochs": 0}),
    (TrainConfig, {"epochs": 1.5}),
    (TrainConfig, {"epochs": True}),
    (TrainConfig, {"seed": -1}),
    (TrainConfig, {"seed": 2**32}),
    (TrainConfig, {"device": "tpu"}),
    (TrainConfig, {"learning_rate": 0}),
    (ExperimentConfig, {"arms": ()}),
    (ExperimentConfig, {"arms": ("none", "none")}),
    (ExperimentConfig, {"arms": ("a", "b", "c", "d", "e")}),
]


@pytest.mark.parametrize(("kind", "values"), BAD, ids=lambda value: str(getattr(value, "__name__", value)))
def test_a_bad_setting_is_named_with_what_it_must_be(kind: type, values: dict[str, Any]) -> None:
    (name,) = values
    with pytest.raises(InputError) as caught:
        kind(**values)
    assert caught.value.code == "bad_setting"
    assert str(caught.value).startswith(f"{name} is ")
    assert caught.value.params["expected"]


@pytest.mark.parametrize("values", [{"train": {"epoch": 3}}, {"control": {}}])
def test_an_unknown_field_is_named(values: dict[str, Any]) -> None:
    ((name, inner),) = values.items()
    with pytest.raises(InputError, match=next(iter(inner), name)):
        ExperimentConfig.from_json(values)


def test_settings_cannot_be_changed_afterwards() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        ExperimentConfig().controls.step_size = 0.2  # type: ignore[misc]


def test_zero_and_the_ends_of_every_range_are_allowed() -> None:
    assert TrainConfig(seed=0).seed == 0
    assert Controls(0, 0, 0) != Controls(1, 100, 1)
    assert ModelConfig(dropout=0, embedding_dropout=0, token_dropout=0).dropout == 0


def test_numpys_numbers_are_settings_and_are_written_as_plain_ones() -> None:
    train = TrainConfig(np.int64(3), np.int32(8), np.float64(0.01), seed=np.uint8(7))  # type: ignore[arg-type]
    one = ExperimentConfig(train=train, controls=Controls(np.float32(0.5), np.int64(1), np.float16(0)))  # type: ignore[arg-type]
    other = ExperimentConfig(train=TrainConfig(3, 8, 0.01, seed=7), controls=Controls(0.5, 1, 0.0))
    assert json.loads(json.dumps(one.to_json())) == other.to_json()
    assert one.digest() == other.digest()
    for value in (np.bool_(True), np.float64(3), np.array(3), np.array([3])):
        with pytest.raises(InputError, match="epochs"):
            TrainConfig(epochs=value)  # type: ignore[arg-type]
