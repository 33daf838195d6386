"""Hidden parts of pictures and sounds: restored, drawn, and measured against the average."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import pytest
import torch
from examples import example

from dynmask_core.analysis.restored import hidden_places, restored
from dynmask_core.config import ExperimentConfig, GuessSettings, ModelConfig, RestoreSettings, TrainConfig
from dynmask_core.inputs import make_input
from dynmask_core.inputs.numeric import Numeric
from dynmask_core.model.heads import Restorer
from dynmask_core.tasks.restore import Restore, guess_or_restore, hider_of
from dynmask_core.training.learner import Learner
from dynmask_core.ui.components.restored import STRING_KEYS, Cell, pack


def config_for(medium: str) -> tuple[ExperimentConfig, Any]:
    train = TrainConfig(epochs=2, batch_size=8, device="cpu")
    base = ExperimentConfig(model=ModelConfig(16, 2, 1), train=train, arms=("static", "dynamic"), task=GuessSettings())
    data = example(medium)
    return guess_or_restore(base, data, ("epochs", "batch_size")), data


@pytest.mark.parametrize("medium", ["image", "sound"])
def test_units_that_nobody_hid_make_the_same_picture_again(medium: str) -> None:
    config, data = config_for(medium)
    assert isinstance(config.task, RestoreSettings)
    reader = cast(Numeric, make_input(config))
    shown = reader.show(data.texts[0]).picture
    made = reader.pictured(reader.read(data.texts[0]))
    assert shown is not None
    assert (made.url, made.rows, made.columns) == (shown.url, shown.rows, shown.columns)


def test_what_was_seen_stays_and_the_average_explains_nothing() -> None:
    torch.set_num_threads(1)
    config, data = config_for("image")
    task = Restore.of(config, data)
    masked: Any = Learner("static", task, torch.device("cpu"), 10).averaged
    model = cast(Restorer, masked.model)
    with torch.no_grad():
        for parameter in model.head.parameters():
            parameter.zero_()
    units = masked.reader.read(data.texts[3])
    hidden = hidden_places(len(units) - 1, 0.5, 1)
    found = restored(masked, units, hidden)
    assert np.array_equal(found.units[1:][~hidden], units[1:][~hidden])
    assert np.allclose(found.units[1:][hidden], task.average[1 : len(units)][hidden])
    assert found.explained == pytest.approx(0, abs=1e-6)


def test_as_many_places_are_hidden_as_asked_for_and_others_by_another_draw() -> None:
    first, second = (hidden_places(16, 0.6, seed) for seed in (0, 1))
    assert first.sum() == second.sum() == 10
    assert not np.array_equal(first, second)
    assert np.array_equal(first, hidden_places(16, 0.6, 0))


def test_the_first_look_hides_what_training_will_hide() -> None:
    config, data = config_for("image")
    task, rows = Restore.of(config, data), np.array([4, 9])
    there = np.ones((2, 16), dtype=bool)
    for arm in config.arms:
        (mask,) = task.strategy(arm, "cpu").parts
        expected = cast(Any, mask).chosen(there, rows, 2)
        assert np.array_equal(hider_of(config, arm).chosen(there, rows, 2), expected)


def test_a_cell_with_too_few_epochs_is_refused() -> None:
    strings = dict.fromkeys(STRING_KEYS, "")
    cell = Cell("x", "", ["data:image/png;base64,"] * 2, 1, 1, 1.0)
    with pytest.raises(ValueError, match="3 epochs"):
        pack([cell], [1, 2, 3], 1, lang="en", strings=strings)
