"""How plans combine."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from dynmask_core.masks import MaskPlan

PARTS = ("token_gate", "keep", "units", "attention_bias", "head_gate", "head_keep", "aux_loss")


def same(one: MaskPlan, other: MaskPlan) -> bool:
    def equal(a: Tensor | None, b: Tensor | None) -> bool:
        return a is b if a is None or b is None else torch.equal(a, b)

    modes_matter = one.token_gate is not None
    return all(equal(getattr(one, name), getattr(other, name)) for name in PARTS) and (
        not modes_matter or one.gate_mode == other.gate_mode
    )


def _maybe(make: Callable[[], Tensor]) -> st.SearchStrategy[Tensor | None]:
    return st.none() | st.builds(make)


def _plans() -> st.SearchStrategy[MaskPlan]:
    draw = st.integers(0, 2**16).map(lambda seed: torch.Generator().manual_seed(seed))

    def make(random: torch.Generator, parts: set[str], mode: str) -> MaskPlan:
        def some(*shape: int) -> Tensor:
            return torch.rand(shape, generator=random)

        values = {
            "token_gate": some(2, 3),
            "keep": some(2, 3) < 0.5,
            "attention_bias": torch.where(some(2, 1, 3, 3) < 0.3, -torch.inf, some(2, 1, 3, 3)),
            "head_gate": some(2, 4),
            "head_keep": some(2, 4) < 0.5,
            "aux_loss": some(),
        }
        return MaskPlan(**{k: v for k, v in values.items() if k in parts}, gate_mode=mode)  # type: ignore[arg-type]

    names = ["token_gate", "keep", "attention_bias", "head_gate", "head_keep", "aux_loss"]
    return st.builds(make, draw, st.sets(st.sampled_from(names)), st.sampled_from(["interpolate", "multiply"]))


@given(_plans(), _plans())
def test_plans_combine_in_any_order(one: MaskPlan, other: MaskPlan) -> None:
    both_gate = one.token_gate is not None and other.token_gate is not None
    if both_gate and one.gate_mode != other.gate_mode:
        with pytest.raises(ValueError, match="different modes"):
            one.combine(other)
        return
    assert same(one.combine(other), other.combine(one))


@given(_plans())
def test_the_empty_plan_changes_no_other(plan: MaskPlan) -> None:
    assert same(plan.combine(MaskPlan()), plan)
    assert same(MaskPlan().combine(plan), plan)


@given(_plans(), _plans())
def test_a_combination_keeps_no_more_than_either(one: MaskPlan, other: MaskPlan) -> None:
    if one.token_gate is None or other.token_gate is None or one.gate_mode == other.gate_mode:
        both = one.combine(other)
        for plan in (one, other):
            if plan.token_gate is not None:
                assert (both.token_gate <= plan.token_gate).all()
            if plan.keep is not None:
                assert not (both.keep & ~plan.keep).any()


@pytest.mark.parametrize("part", ["units", "attention_map"])
def test_two_replacements_of_the_same_thing_do_not_combine(part: str) -> None:
    plan = MaskPlan(**{part: torch.zeros(1, 1, dtype=torch.int64)})  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="replace"):
        plan.combine(plan)
