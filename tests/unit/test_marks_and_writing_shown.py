"""What the browser is given of the marks of units, and of a text that is written step by step."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from dynmask_core.bench.ui import made
from dynmask_core.config import ExperimentConfig, MarkSettings
from dynmask_core.data import Dataset
from dynmask_core.messages import catalogue
from dynmask_core.ui.components import writing
from dynmask_core.ui.components.player import STRING_KEYS, PlayerData, UnitMarks, pack
from dynmask_core.ui.components.writing import Line, Step
from dynmask_core.ui.watch.unit_marks import truth_of


def header(data: PlayerData) -> dict[str, Any]:
    whole = pack(data, lang="en", strings=catalogue("en"))
    size = int.from_bytes(whole[:4], "little")
    return dict(json.loads(whole[4 : 4 + size]))


def marked(**more: Any) -> PlayerData:
    data = made(5, arms=2, epochs=3)
    shape = data.masks.shape
    codes, chances = np.full(shape, -1), np.full(shape, 0.5)
    codes[1, 2] = 1
    marks = UnitMarks(["O", "B-PER"], True, codes, chances, [0] * shape[-1])
    return replace(data, unit_marks=replace(marks, **more))


def test_marks_travel_with_the_number_of_each_unit_and_how_sure_it_is() -> None:
    found = header(marked())["unitMarks"]
    assert (found["names"], found["outside"]) == (["O", "B-PER"], True)
    assert set(found["codes"][1][2]) == {1}
    assert set(found["codes"][0][0]) == {-1}
    assert found["chances"][0][0][0] == 50
    assert header(made(5, arms=2, epochs=3))["unitMarks"] is None


def test_marks_of_another_shape_are_refused() -> None:
    too_few = marked(codes=np.zeros((1, 1, 1), dtype=np.int64))
    with pytest.raises(ValueError, match="codes has shape"):
        pack(too_few, lang="en", strings=catalogue("en"))
    assert all(key in catalogue("zh") for key in STRING_KEYS)


class OfData:
    """Stands in for a run."""

    def __init__(self, data: Dataset) -> None:
        self.dataset = lambda: data
        self.config = lambda: ExperimentConfig(task=MarkSettings(("O", "B-PER")))


def test_the_truth_of_a_watched_text_is_that_of_its_row() -> None:
    from dynmask_core.inputs import make_input

    texts = ["Anna sings .", "We meet Bob ."]
    spans = [np.array([(0, 4), (5, 10), (11, 12)]), np.array([(0, 2), (3, 7), (8, 11), (12, 13)])]
    data = Dataset(
        "few", texts, np.zeros(2, dtype=np.int64), (), np.zeros(2, dtype=np.int8), [s.astype(np.int32) for s in spans],
        targets=["B-PER O O", "O O B-PER O"],
    )  # fmt: skip
    run, reader = OfData(data), make_input(ExperimentConfig())
    assert truth_of(run, reader, texts[1], 4) == [0, 0, 1, 0]  # type: ignore[arg-type]
    assert truth_of(run, reader, texts[1], 2) == [0, 0]  # type: ignore[arg-type]
    assert truth_of(run, reader, "Somebody else", 2) is None  # type: ignore[arg-type]


def line(**more: Any) -> Line:
    step = Step("b", 3, 0.75, [("b", 0.75), ("c", 0.125)], [0.5, 0.25, 0.25, 0.0])
    return replace(Line("none", "#123456", "b", ["[CLS]", "a", "⇒", "b"], 3, [step]), **more)


def packed(*lines: Line) -> dict[str, Any]:
    return writing.pack(lines, lang="en", strings=catalogue("en"))


def test_there_are_as_many_steps_as_the_longest_text_took() -> None:
    longer = line(units=["[CLS]", "a", "⇒", "b", "■"], steps=[
        Step("b", 3, 0.5, [], [0.2] * 5), Step("■", 4, 0.5, [], [0.2] * 5)
    ])  # fmt: skip
    assert packed(line(), longer)["epochs"] == [1, 2]
    assert packed(line())["arms"][0]["steps"][0]["others"] == [["b", 0.75], ["c", 0.125]]
    assert packed(line())["of"] != packed(line(text="c"))["of"]


def test_a_step_outside_its_sequence_is_refused() -> None:
    with pytest.raises(ValueError, match="units"):
        packed(line(given=4))
    with pytest.raises(ValueError, match="weights"):
        packed(line(units=["[CLS]", "a", "⇒", "b", "■"]))
