"""Masks as expressions over patterns: `window(4) | global(0) & ~sentence`, `causal & (q - k < 4)`.

An expression says for every edge whether it may be used; q is the place of the token that looks, k that of the token
looked at, [CLS] is place 0. Python's own parser reads it; nothing is evaluated as Python, every node is checked against
what is known here.
"""

from __future__ import annotations

import ast
import operator
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, reduce
from typing import Any, Literal

import numpy as np

from dynmask_core.errors import InputError
from dynmask_core.masks.atoms import ATOMS, ORDER, SAME, Given, needs_of
from dynmask_core.masks.base import Need, Value
from dynmask_core.masks.ops.patterns import MaskMod, drawn_out

LENGTH, DEPTH, LARGEST = 2000, 40, 10**9
"""The longest text, the deepest nesting, and the largest number that an expression can reach."""
PLACES = 2**16
Kind = Literal["mask", "number"]
# What is typed on phones and by input methods for Chinese, beyond what NFKC turns into ASCII.
_TYPED = str.maketrans("∧∩∨∪¬〜−–×“”„‘’、", '&&||~~--*"""\'\',') | {ord("≤"): "<=", ord("≥"): ">=", ord("≠"): "!="}
_SIGN: dict[type[ast.AST], tuple[str, int, Any]] = {
    ast.BitOr: ("|", 1, operator.or_),
    ast.BitXor: ("^", 2, operator.xor),
    ast.BitAnd: ("&", 3, operator.and_),
    ast.Add: ("+", 5, operator.add),
    ast.Sub: ("-", 5, operator.sub),
    ast.Mult: ("*", 6, operator.mul),
    ast.FloorDiv: ("//", 6, operator.floordiv),
    ast.Mod: ("%", 6, operator.mod),
}
"""Operators of two sides: sign, how strongly it binds, what it does."""
_COMPARED: dict[type[ast.AST], tuple[str, Any]] = {
    ast.Lt: ("<", operator.lt),
    ast.LtE: ("<=", operator.le),
    ast.Gt: (">", operator.gt),
    ast.GtE: (">=", operator.ge),
    ast.Eq: ("==", operator.eq),
    ast.NotEq: ("!=", operator.ne),
}
_UNARY, _WHOLE = 7, 9


@dataclass(frozen=True)
class Term:
    """A part of an expression. text: its shortest writing; binds: how strongly its outermost operator does.

    make(given): for a mask its pattern, for a number a function of the same arguments. most: no value of a number is
    larger. placed: it reads coordinates.
    """

    kind: Kind
    text: str
    binds: int
    make: Callable[[Given], MaskMod]
    needs: frozenset[Need] = frozenset()
    placed: bool = False
    most: int = 0


@dataclass(frozen=True)
class Expression:
    """A mask that has been read. text: its shortest writing, which reads as the same mask."""

    text: str
    term: Term

    @property
    def needs(self) -> frozenset[Need]:
        return self.term.needs

    def mod(self, given: Given) -> MaskMod:
        return self.term.make(given)

    def edges(self, given: Given) -> np.ndarray:
        """bool [T, T] as the expression says, rows are queries; without torch, so `given` holds arrays."""
        return drawn_out(self.mod(given), given.tokens)


@lru_cache(maxsize=512)
def read(text: str) -> Expression:
    """Reads an expression. Raises InputError with one sentence that names the place."""
    if len(text) > LENGTH:
        raise InputError("mask_long", length=len(text), most=LENGTH)
    plain = " ".join(unicodedata.normalize("NFKC", text).translate(_TYPED).split())
    if not plain:
        raise InputError("mask_empty")
    if found := re.search(r"[^ -\[\]-~]", plain):
        raise _error("mask_unknown_sign", plain, found.start(), found.end())
    try:
        body = ast.parse(_python(plain), mode="eval").body
    except SyntaxError as error:
        if plain.count("(") > plain.count(")") or re.search(r"([-|&^~+*/%<>=(,]|and|or|not)$", plain):
            raise InputError("mask_ends", near=plain[-12:]) from None
        at = max(min((error.offset or 1), len(plain)) - 1, 0)
        raise _error("mask_syntax", plain, at, at + 12) from None
    except (ValueError, RecursionError, MemoryError):
        raise InputError("mask_deep", most=DEPTH) from None
    term = _Reader(plain).mask(body)
    return Expression(term.text, term)


def shortest(text: str) -> str:
    """The shortest writing of the same mask: without spaces, comparisons in parentheses. Raises InputError."""
    return read(text).text


def _python(text: str) -> str:
    """The text as Python can read it; every character keeps its place."""
    text = re.sub(r"!(?!=)", "~", text.replace("&&", "& ").replace("||", "| "))
    # "global" is a keyword of Python's; a painted text may hold any letters.
    return re.sub(r""""[^"]*"|'[^']*'|\bglobal\b""", lambda m: "Global" if m[0] == "global" else m[0], text)


def _error(code: str, text: str, start: int, end: int, **more: Any) -> InputError:
    near = text[start:end]
    return InputError(code, at=start + 1, near=near if len(near) <= 24 else f"{near[:23]}…", **more)


class _Reader:
    """Turns checked nodes of Python's tree into terms."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.depth = 0

    def error(self, code: str, node: ast.expr, **more: Any) -> InputError:
        return _error(code, self.text, node.col_offset, node.end_col_offset or len(self.text), **more)

    def mask(self, node: ast.expr) -> Term:
        return self._of("mask", node)

    def number(self, node: ast.expr) -> Term:
        return self._of("number", node)

    def _of(self, kind: Kind, node: ast.expr) -> Term:
        term = self.term(node)
        if term.kind != kind:
            raise self.error("mask_is_number" if kind == "mask" else "mask_is_mask", node)
        return term

    def term(self, node: ast.expr) -> Term:
        self.depth += 1
        if self.depth > DEPTH:
            raise InputError("mask_deep", most=DEPTH)
        found = self._term(node)
        self.depth -= 1
        return found

    def _term(self, node: ast.expr) -> Term:
        match node:
            case ast.Constant(value=int(value)) if not isinstance(value, bool):
                return self._bounded(node, _constant(value))
            case ast.Name(id=name):
                return self._atom(node, name, [])
            case ast.Call(func=ast.Name(id=name), keywords=[]):
                return self._atom(node, name, node.args)
            case ast.UnaryOp(op=ast.Invert() | ast.Not(), operand=inner):
                return _joined("~", _UNARY, operator.invert, self.mask(inner))
            case ast.UnaryOp(op=ast.USub(), operand=inner):
                return _joined("-", _UNARY, operator.neg, self.number(inner))
            case ast.BoolOp(op=op, values=values):
                how = _SIGN[ast.BitAnd if isinstance(op, ast.And) else ast.BitOr]
                return reduce(lambda one, other: _joined(*how, one, other), map(self.mask, values))
            case ast.BinOp(op=op) if type(op) in _SIGN:
                return self._two(node)
            case ast.Compare():
                return self._compared(node)
        raise self.error("mask_not_allowed", node)

    def _two(self, node: ast.BinOp) -> Term:
        sign, binds, do = _SIGN[type(node.op)]
        left = self.term(node.left)
        if binds <= 3 or (sign == "-" and left.kind == "mask"):
            left, right = self.mask(node.left) if left.kind != "mask" else left, self.mask(node.right)
            return _joined(sign, binds, _without if sign == "-" else do, left, right)
        left, right = self.number(node.left) if left.kind != "number" else left, self.number(node.right)
        if sign in ("//", "%") and not (isinstance(node.right, ast.Constant) and right.most):
            raise self.error("mask_divisor", node.right)
        return self._bounded(node, _joined(sign, binds, do, left, right))

    def _compared(self, node: ast.Compare) -> Term:
        sides = [self.number(side) for side in (node.left, *node.comparators)]
        text, parts = sides[0].text, []
        for op, left, right in zip(node.ops, sides[:-1], sides[1:], strict=True):
            if type(op) not in _COMPARED:
                raise self.error("mask_not_allowed", node)
            sign, do = _COMPARED[type(op)]
            parts.append(_joined(sign, 0, do, left, right))
            text += sign + right.text
        whole = reduce(lambda one, other: _joined("&", 0, operator.and_, one, other), parts)
        return Term("mask", f"({text})", _WHOLE, whole.make, whole.needs)

    def _atom(self, node: ast.expr, written: str, arguments: list[ast.expr]) -> Term:
        name = SAME.get(written.lower(), written.lower())
        if name in ("q", "k") and isinstance(node, ast.Name):
            return Term("number", name, _WHOLE, _PLACE[name], ORDER, most=PLACES)
        if name not in ATOMS:
            named = node.func if isinstance(node, ast.Call) else node
            raise self.error("mask_name", named, known=", ".join(sorted(ATOMS)))
        atom = ATOMS[name]
        given: list[Value] = []
        for argument in arguments:
            value = argument.value if isinstance(argument, ast.Constant) else None
            if isinstance(value, bool) or not isinstance(value, (int, float, str)):
                raise self.error("mask_argument", argument, form=atom.form(name))
            given.append(value)
        try:
            values = atom.read(given)
        except (ValueError, OverflowError):
            if name == "painted" and len(given) == 1:
                raise self.error("mask_painted", node) from None
            raise self.error("mask_arguments", node, form=atom.form(name), ranges=atom.ranges or "–") from None
        said = ",".join(f'"{value}"' if isinstance(value, str) else str(value).removesuffix(".0") for value in values)
        text = f"{name}({said})" if said else name
        return Term(
            "mask", text, _WHOLE, lambda given: atom.make(given, *values), needs_of(name, values), atom.placed
        )  # fmt: skip

    def _bounded(self, node: ast.expr, term: Term) -> Term:
        if term.most > LARGEST:
            raise self.error("mask_large", node, most=LARGEST)
        return term


_PLACE: dict[str, Callable[[Given], MaskMod]] = {
    "q": lambda given: lambda b, h, q, kv: q,
    "k": lambda given: lambda b, h, q, kv: kv,
}


def _constant(value: int) -> Term:
    # Added to zeros, so that it is an array or a tensor like any other number.
    return Term("number", str(value), _WHOLE, lambda given: lambda b, h, q, kv: q * 0 + value, most=value)


def _without(one: Any, other: Any) -> Any:
    return one & ~other


def _joined(sign: str, binds: int, do: Callable[..., Any], *sides: Term) -> Term:
    """One or two terms under an operator. The text has parentheses only where Python needs them."""
    texts = [side.text for side in sides]
    for i, side in enumerate(sides):
        if side.binds < binds or (i == 1 and side.binds == binds):
            texts[i] = f"({texts[i]})"
    text = sign.join(texts) if len(sides) == 2 else sign + texts[0]

    def make(given: Given) -> MaskMod:
        made = [side.make(given) for side in sides]
        return lambda b, h, q, kv: do(*(one(b, h, q, kv) for one in made))

    sizes = [side.most for side in sides]
    bounds = {"*": sizes[0] * sizes[-1], "%": sizes[-1] - 1, "//": sizes[0]}
    most = bounds.get(sign, sum(sizes))
    needs = frozenset(need for side in sides for need in side.needs)
    return Term(sides[0].kind, text, binds, make, needs, any(side.placed for side in sides), most)
