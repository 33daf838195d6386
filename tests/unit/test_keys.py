"""Random numbers are named by what they are for."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynmask_core.keys import generator, seed_of

parts = st.lists(st.one_of(st.integers(-(2**40), 2**40), st.text(max_size=5)), min_size=1, max_size=4)


@given(parts)
def test_equal_names_give_equal_numbers(names: list[int | str]) -> None:
    assert generator(*names).random(4).tolist() == generator(*names).random(4).tolist()


@given(parts, parts)
def test_different_names_give_different_numbers(one: list[int | str], other: list[int | str]) -> None:
    plain = [tuple((type(part), part) for part in names) for names in (one, other)]
    if plain[0] != plain[1] and not any("\x1f" in str(part) for part in (*one, *other)):
        assert seed_of(*one) != seed_of(*other)


@pytest.mark.parametrize("other", [1, "0", 2**32])
def test_zero_is_a_seed_like_any_other(other: int | str) -> None:
    assert seed_of(0, "order") == seed_of(0, "order")
    assert seed_of(0, "order") != seed_of(other, "order")


def test_seeds_fit_what_they_are_given_to() -> None:
    seeds = [seed_of(i, "dropout") for i in range(1000)]
    assert len(set(seeds)) == 1000
    assert all(0 <= seed < 2**63 for seed in seeds)


def test_drawing_for_one_purpose_leaves_the_others_alone() -> None:
    alone = generator(0, "order", 2).random()
    generator(0, "order", 1).random(100)
    assert generator(0, "order", 2).random() == alone


def test_seeds_do_not_depend_on_the_process() -> None:
    code = "from dynmask_core.keys import seed_of; print(seed_of(0, 'order', 1))"
    printed = {
        subprocess.run(
            [sys.executable, "-c", code], env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
            capture_output=True, text=True, check=True,
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert printed == {f"{seed_of(0, 'order', 1)}\n"}
