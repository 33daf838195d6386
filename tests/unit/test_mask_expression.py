"""Masks written as expressions: they say what plain loops over the edges say, and nothing else can be written."""

from __future__ import annotations

import contextlib
import string
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dynmask_core.errors import InputError
from dynmask_core.masks import canonical, painted, parse, separate
from dynmask_core.masks.atoms import ATOMS, Given
from dynmask_core.masks.expression import DEPTH, LENGTH, read, shortest
from dynmask_core.messages import LANGUAGES

T = 11
SENTENCES = np.array([[0, 0, 0, 0, 1, 1, 1, 2, 2, 2, 2]])
Q, K = np.indices((T, T))
S = SENTENCES[0]
PAINTED = np.random.default_rng(0).random((6, 6)) < 0.5


def edges(text: str, seed: int = 0) -> np.ndarray:
    return read(text).edges(Given(T, seed, sentences=SENTENCES))


def beyond() -> np.ndarray:
    whole = np.ones((T, T), dtype=bool)
    whole[:6, :6] = PAINTED
    return whole


NAMED: dict[str, np.ndarray] = {
    "all": Q >= 0,
    "none": Q < 0,
    "self": Q == K,
    "diagonal": Q == K,
    "causal": K <= Q,
    "window(0)": Q == K,
    "window(3)": abs(Q - K) <= 3,
    "dilated(2, 3)": (abs(Q - K) <= 6) & ((Q - K) % 3 == 0),
    "strided(4)": (Q - K) % 4 == 0,
    "global(0)": (Q == 0) | (K == 0),
    "global(0, 5)": (Q == 0) | (K == 0) | (Q == 5) | (K == 5),
    "block(4)": Q // 4 == K // 4,
    "prefix(2)": (K <= 2) | (K <= Q),
    "sentence": S[Q] == S[K],
    "document": S[Q] == S[K],
    f'painted("{painted.write(PAINTED)}")': beyond(),
    "(q - k < 4)": Q - K < 4,
    "(k % 2 == 0)": K % 2 == 0,
    "(0 < q - k <= 3)": (Q - K > 0) & (Q - K <= 3),
    "(q // 3 != k)": Q // 3 != K,
    "(2 * q + -k >= 5)": 2 * Q - K >= 5,
}
"""What is written, and what it must be."""


@pytest.mark.parametrize("written", NAMED)
def test_a_pattern_has_the_edges_of_its_definition(written: str) -> None:
    np.testing.assert_array_equal(edges(written), NAMED[written])


def test_every_pattern_is_covered_here() -> None:
    named = {written.split("(")[0] for written in NAMED}
    assert set(ATOMS) - {"random"} <= named


Tree = tuple[str, np.ndarray]
DO: dict[str, Callable[[Any, Any], Any]] = {
    "|": lambda a, b: a | b,
    "or": lambda a, b: a | b,
    "^": lambda a, b: a ^ b,
    "&": lambda a, b: a & b,
    "and": lambda a, b: a & b,
    "-": lambda a, b: a & ~b,
}


def grown(inner: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
    two = st.tuples(inner, st.sampled_from(sorted(DO)), inner).map(
        lambda part: (f"({part[0][0]}) {part[1]} ({part[2][0]})", DO[part[1]](part[0][1], part[2][1]))
    )
    one = st.tuples(st.sampled_from(["~", "not "]), inner).map(lambda part: (f"{part[0]}({part[1][0]})", ~part[1][1]))
    return two | one


TREES = st.recursive(st.sampled_from(list(NAMED.items())), grown, max_leaves=8)


@settings(max_examples=150, deadline=None)
@given(TREES)
def test_random_expressions_say_what_numpy_says(tree: Tree) -> None:
    written, expected = tree
    np.testing.assert_array_equal(edges(written), expected)
    short = shortest(written)
    assert shortest(short) == short
    assert " " not in short
    np.testing.assert_array_equal(edges(short), expected)


@settings(max_examples=60, deadline=None)
@given(st.lists(TREES, min_size=1, max_size=3))
def test_an_arm_carries_any_expression(trees: list[Tree]) -> None:
    arms = [canonical(f"custom:{written}") for written, _ in trees]
    joined = "+".join(["repaired", *arms])
    assert canonical(joined) == joined
    for (name, values), (_, expected) in zip(parse(joined)[1:], trees, strict=True):
        assert name == "custom"
        np.testing.assert_array_equal(edges(str(values.get("expression", ""))), expected)
    assert separate(",".join([*arms, joined]), ",") == [*arms, joined]


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60) | st.text("qk()|&^~-+*/%<>=0123456789 ,.\"'globaseftwindw", max_size=60))
def test_no_text_ends_in_anything_but_a_mask_or_a_sentence(text: str) -> None:
    try:
        found = read(text)
    except InputError as error:
        said = [error.sentence(lang) for lang in LANGUAGES]
        refused = error.code
    else:
        said, refused = [found.text], "mask_read"
        assert found.edges(Given(T)).shape == (T, T)
    assert all(said)
    assert refused.startswith("mask_")


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('true')", "().__class__.__bases__", "(lambda: q)()", "[q for q in k]", "open('x')",
        "window(__import__('os'))", "f'{q}'", "self.__dict__", "globals()", "exec('1')", "(q := 3) < k",
        "q if k else q", "window(*[1])", "window(width=3)",
        "{1: 2}", "q @ k", "q ** 9 < k", "q << 9 < k", "await q", "window[1]", "...",
        "q in k", "True", "None", "b'a'", "1j < q", "painted(painted)", "window(2)(3)",
    ],
)  # fmt: skip
def test_what_is_no_mask_is_refused(text: str) -> None:
    with pytest.raises(InputError) as raised:
        read(text)
    assert raised.value.code.startswith("mask_")


@pytest.mark.parametrize(
    ("text", "code", "near"),
    [
        ("", "mask_empty", None),
        ("  ", "mask_empty", None),
        ("window(2) |", "mask_ends", "window(2) |"),
        ("window(2", "mask_ends", "window(2"),
        ("window(2) | | causal", "mask_syntax", "| causal"),
        ("causal & q - k < 4", "mask_is_number", "q - k"),
        ("causal & wndow(3)", "mask_name", "wndow"),
        ("causal & window(513)", "mask_arguments", "window(513)"),
        ("causal & window()", "mask_arguments", "window()"),
        ("causal & block(0)", "mask_arguments", "block(0)"),
        ("causal(3)", "mask_arguments", "causal(3)"),
        ("random(2)", "mask_arguments", "random(2)"),
        ("window(q)", "mask_argument", "q"),
        ("causal < 3", "mask_is_mask", "causal"),
        ("q % 0 == 1", "mask_divisor", "0"),
        ("q // k == 1", "mask_divisor", "k"),
        ("q * q * q < 1", "mask_large", "q * q"),
        ('causal | painted("AAAA")', "mask_painted", 'painted("AAAA")'),
        ("causal | \\", "mask_unknown_sign", "\\"),
        ("causal | 窗", "mask_unknown_sign", "窗"),
        ("~" * (DEPTH + 1) + "self", "mask_deep", None),
        ("~" * 1900 + "self", "mask_deep", None),
        ("self|" * (LENGTH // 5) + "self", "mask_long", None),
        ("﷽" * LENGTH, "mask_unknown_sign", "بسم"),
    ],
)
def test_an_error_points_at_its_place(text: str, code: str, near: str | None) -> None:
    with pytest.raises(InputError) as raised:
        read(text)
    assert raised.value.code == code
    if near is not None and code != "mask_unknown_sign":
        assert raised.value.params["near"] == near
        if at := raised.value.params.get("at"):
            assert text[at - 1 :].startswith(near)


def test_what_a_phone_or_an_input_method_types_is_read() -> None:
    assert shortest("（window（2）｜global（0，3））＆～causal") == "(window(2)|global(0,3))&~causal"
    assert shortest("window(2) ∪ ¬causal ∧ (q − k ≤ 3)") == "window(2)|~causal&(q-k<=3)"
    assert shortest(f"painted(“{painted.write(PAINTED)}”)") == f'painted("{painted.write(PAINTED)}")'
    assert shortest("Window(2) || !GLOBAL(0) && causal") == "window(2)|~global(0)&causal"


def test_operators_bind_as_the_page_says() -> None:
    assert shortest("((~self) - causal) & all ^ block(2) | none") == "~self-causal&all^block(2)|none"
    assert shortest("self & (causal | none)") == "self&(causal|none)"
    assert shortest("self - (causal - none)") == "self-(causal-none)"


def test_random_edges_follow_seed_share_and_draw_and_not_the_length() -> None:
    one = edges("random(0.3)")
    np.testing.assert_array_equal(one, edges("random(0.3)"))
    np.testing.assert_array_equal(one, read("random(0.3)").edges(Given(50))[:T, :T])
    assert (one != edges("random(0.3)", seed=1)).any()
    assert (one != edges("random(0.3, 1)")).any()
    assert read("random(0.3)").edges(Given(200)).mean() == pytest.approx(0.3, abs=0.01)
    assert not edges("random(0)").any()
    assert edges("random(1)").all()


def test_an_expression_needs_what_its_patterns_read() -> None:
    assert read("window(2)|dilated(2,2)|strided(3)|global(0)|self|all|none").needs == set()
    for text in ("causal", "global(1)", "block(2)", "prefix(2)", "(q<k)", "random(0.1)"):
        assert read(text).needs == {"order"}
    assert read("~sentence & self").needs == {"order", "words"}


@pytest.mark.parametrize("size", [1, 2, 7, 8, 9, 24, 63, 64])
def test_a_painted_matrix_survives_its_text(size: int) -> None:
    rng = np.random.default_rng(size)
    for matrix in (rng.random((size, size)) < 0.5, np.tri(size, dtype=bool), np.zeros((size, size), dtype=bool)):
        text = painted.write(matrix)
        assert len(text) <= 687
        np.testing.assert_array_equal(painted.read(text), matrix)
        assert shortest(f"painted('{text}')") == f'painted("{text}")'
    assert len(painted.write(np.tri(64, dtype=bool))) < 200


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_damaged_painting_is_noticed(data: st.DataObject) -> None:
    text = painted.write(PAINTED)
    place = data.draw(st.integers(0, len(text) - 2))  # the last character holds bits that count for nothing
    other = data.draw(st.sampled_from(f"{string.ascii_letters}{string.digits}-_"))
    damaged = text[:place] + other + text[place + 1 :]
    try:
        assert np.array_equal(painted.read(damaged), PAINTED)
    except ValueError:
        assert damaged != text


@settings(max_examples=200, deadline=None)
@given(st.text("ABCabcxyz019-_=", max_size=40))
def test_no_text_makes_the_reader_of_paintings_fall(text: str) -> None:
    with contextlib.suppress(ValueError):
        assert painted.read(text).shape[0] <= painted.MOST


def test_a_painting_too_large_is_not_written() -> None:
    for shape in ((65, 65), (0, 0), (3, 4)):
        with pytest.raises(ValueError, match=r".*"):
            painted.write(np.zeros(shape, dtype=bool))
