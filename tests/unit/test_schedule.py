"""Numbers that change over a run."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynmask_core.masks import Param, Schedule

numbers = st.floats(-100, 100).map(lambda x: round(x, 3))
shapes = st.sampled_from(["", "@linear", "@cosine", "@cyclic", "@cyclic1", "@cyclic7"])


def at(written: str | float, *progress: float) -> list[float]:
    return [Schedule.read(written).at(p) for p in progress]


@pytest.mark.parametrize("written", ["0.3", 0.3, " .3 ", "3e-1"])
def test_a_single_number_stays(written: str | float) -> None:
    assert at(written, 0, 0.4, 1) == [0.3, 0.3, 0.3]


@pytest.mark.parametrize("written", ["0.4..0.1", "0.4..0.1@linear", "0.4..0.1@LINEAR"])
def test_linear_goes_straight_from_start_to_end(written: str) -> None:
    assert at(written, 0, 1 / 3, 2 / 3, 1) == pytest.approx([0.4, 0.3, 0.2, 0.1])


def test_cosine_is_half_way_in_the_middle_and_slow_at_both_ends() -> None:
    assert at("1..0@cosine", 0, 0.5, 1) == pytest.approx([1, 0.5, 0])
    assert at("1..0@cosine", 0.25, 0.75) == pytest.approx([0.5 + math.sqrt(2) / 4, 0.5 - math.sqrt(2) / 4])


def test_cyclic_starts_afresh_and_lower_each_time() -> None:
    starts = at("0.8..0@cyclic4", 0, 0.25, 0.5, 0.75, 1)
    assert starts == pytest.approx([0.8, 0.6, 0.4, 0.2, 0])
    just_before = at("0.8..0@cyclic4", 0.2499999, 0.4999999, 0.7499999)
    assert just_before == pytest.approx([0, 0, 0], abs=1e-6)
    assert at("0.8..0@cyclic", 0.3) == at("0.8..0@cyclic4", 0.3) != at("0.8..0@cyclic2", 0.3)


def test_one_cycle_is_a_cosine() -> None:
    progress = [i / 10 for i in range(11)]
    assert at("0.2..0.9@cyclic1", *progress) == pytest.approx(at("0.2..0.9@cosine", *progress))


@given(numbers, numbers, shapes, st.floats(0, 1))
def test_values_start_at_the_start_end_at_the_end_and_stay_between(a: float, b: float, shape: str, p: float) -> None:
    schedule = Schedule.read(f"{a}..{b}{shape}")
    low, high = schedule.bounds
    assert (low, high) == (min(a, b), max(a, b))
    assert schedule.at(0) == pytest.approx(a)
    assert schedule.at(1) == pytest.approx(b)
    assert low - 1e-9 <= schedule.at(p) <= high + 1e-9


@given(numbers, numbers, shapes)
def test_outside_the_run_the_ends_hold(a: float, b: float, shape: str) -> None:
    schedule = Schedule.read(f"{a}..{b}{shape}")
    assert (schedule.at(-1), schedule.at(2)) == (schedule.at(0), schedule.at(1))


@pytest.mark.parametrize(
    "written",
    [
        "",
        "a",
        "0.3..",
        "..0.3",
        "0.3...0.1",
        "0.3..0.1@",
        "0.3..0.1@quadratic",
        "0.3@cosine",
        "nan",
        "inf..0",
        "1..0..1",
    ],
)
def test_other_text_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="^" + written.replace(".", r"\.") + "$"):
        Schedule.read(written)


rate = Param("rate", "0.3..0@cyclic4", 0.0, 1.0, scheduled=True)


@pytest.mark.parametrize(("written", "kept"), [("0.2..0.1@cosine", "0.2..0.1@cosine"), ("0.25", 0.25), (1, 1.0)])
def test_a_parameter_keeps_a_schedule_as_text_and_a_number_as_a_number(written: str | int, kept: str | float) -> None:
    assert rate.read(written) == kept
    assert rate.read(rate.default) == rate.default


@pytest.mark.parametrize("written", ["1.2", "0..1.2", "-0.1..1@cosine", "0.3..2@cyclic3", "text"])
def test_a_schedule_that_leaves_the_range_is_refused(written: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        rate.read(written)
