"""Any setting of an experiment by its name."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from study_results import refused

from dynmask_core.config import PRESETS, ExperimentConfig
from dynmask_core.studies.settings import names, read, with_setting

BASE = ExperimentConfig(arms=("none", "topk:0.6", "dropout+topk"))


@pytest.mark.parametrize(("name", "written", "expected"), [
    ("step_size", ["0.1", " .5 ", "", "0.10"], (0.1, 0.5)),
    ("epochs", ["3", "5"], (3, 5)),
    ("gate_mode", ["attention"], ("attention",)),
    ("dim", ["32", "64"], (32, 64)),
    ("preset", ["tiny", "small"], ("tiny", "small")),
    ("topk.keep", ["0.3", "0.9..0.3@cosine"], (0.3, "0.9..0.3@cosine")),
])  # fmt: skip
def test_values_are_read_as_the_setting_has_them(name: str, written: list[str], expected: tuple[Any, ...]) -> None:
    values = read(BASE, name, written)
    assert values == expected
    assert [type(value) for value in values] == [type(value) for value in expected]


def test_each_setting_changes_itself_alone() -> None:
    assert with_setting(BASE, "step_size", 0.5).controls.step_size == 0.5
    assert with_setting(BASE, "epochs", 3).train == replace(BASE.train, epochs=3)
    assert with_setting(BASE, "heads", 2).model == replace(BASE.model, heads=2)
    assert with_setting(BASE, "initial_value", 0.3).mask == replace(BASE.mask, initial_value=0.3)
    assert with_setting(BASE, "preset", "tiny") == replace(BASE, model=PRESETS["tiny"])
    assert with_setting(BASE, "topk.keep", 0.25).arms == ("none", "topk:0.25", "dropout+topk:0.25")
    assert with_setting(BASE, "topk.keep", "0.9..0.3").arms[1] == "topk:0.9..0.3"
    assert with_setting(BASE, "dropout.rate", 0.4).arms == ("none", "topk:0.6", "dropout:0.4+topk")


def test_every_name_offered_can_be_set_to_what_it_is() -> None:
    for name in names(BASE):
        if "." not in name and name != "preset":
            section = next(s for s in (BASE.controls, BASE.mask, BASE.train, BASE.model) if hasattr(s, name))
            assert with_setting(BASE, name, getattr(section, name)) == BASE


@pytest.mark.parametrize("name", ["seed", "device", "colour", "topk.colour", "nobody.keep", "a.b.c", ".", "", "arms"])
def test_an_unknown_setting_is_refused_with_those_there_are(name: str) -> None:
    for make in (lambda: with_setting(BASE, name, 1), lambda: read(BASE, name, ["1"])):
        error = refused(make)
        assert error.code == "unknown_setting"
        assert "topk.keep" in error.params["known"]


@pytest.mark.parametrize(("name", "value"), [
    ("step_size", "1.5"), ("step_size", "nan"), ("step_size", "much"), ("epochs", "2.5"), ("epochs", "0"),
    ("preset", "huge"), ("gate_mode", "some"), ("dim", "30"), ("topk.keep", "7"), ("topk.keep", "0.9..7"),
    ("topk.keep", "much"),
])  # fmt: skip
def test_a_value_out_of_range_is_refused_with_what_is_expected(name: str, value: str) -> None:
    assert refused(lambda: read(BASE, name, [value])).params["expected"]
    try:
        number: float | str = float(value)
    except ValueError:
        number = value
    assert refused(lambda: with_setting(BASE, name, number)).params["expected"]


def test_no_values_are_refused() -> None:
    assert refused(lambda: read(BASE, "epochs", [" ", ""])).code == "no_values"
