"""The patterns that an expression can name, with what they are given."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dynmask_core.keys import seed_of
from dynmask_core.masks import painted
from dynmask_core.masks.base import Need, Param, Value
from dynmask_core.masks.ops import patterns
from dynmask_core.masks.ops.patterns import MaskMod

if TYPE_CHECKING:
    from torch import Tensor

LONGEST = 512
ORDER: frozenset[Need] = frozenset({"order"})


@dataclass(frozen=True)
class Given:
    """What patterns are made from. tokens: T. seed: of random edges. coordinates: as in MaskContext.

    sentences: int64 [B, T], the number of each token's sentence, or None: all belong to one. Tensors or arrays.
    """

    tokens: int
    seed: int = 0
    coordinates: Tensor | None = None
    sentences: Any = None


@dataclass(frozen=True)
class Atom:
    """make(given, *values) is the pattern. parameters: those after the first `required` may be left out.

    repeated: the last parameter may be given several times. needs: as in MaskStrategy. placed: reads coordinates.
    """

    make: Callable[..., MaskMod]
    parameters: tuple[Param, ...] = ()
    required: int = 0
    repeated: bool = False
    needs: frozenset[Need] = frozenset()
    placed: bool = False

    def form(self, name: str) -> str:
        """How it is written: `dilated(width, step)`."""
        names = [p.name for p in self.parameters] + ["…"] * self.repeated
        return f"{name}({', '.join(names)})" if names else name

    @property
    def ranges(self) -> str:
        return ", ".join(f"{p.name}: {p.expected}" for p in self.parameters)

    def read(self, values: Sequence[Value]) -> tuple[Value, ...]:
        """The values, checked. Raises ValueError."""
        most = painted.MOST if self.repeated else len(self.parameters)
        if not self.required <= len(values) <= most:
            raise ValueError(values)
        last = len(self.parameters) - 1
        return tuple(self.parameters[min(i, last)].read(value) for i, value in enumerate(values))


def _width(name: str, low: int = 1) -> Param:
    return Param(name, low, low, LONGEST)


def _none(given: Given) -> MaskMod:
    return lambda b, h, q, kv: (q < 0) & (kv < 0)


def _global(given: Given, *places: int) -> MaskMod:
    return patterns.global_at(places)


def _sentence(given: Given) -> MaskMod:
    return patterns.full() if given.sentences is None else patterns.document(given.sentences)


def _random(given: Given, share: float, draw: int = 0) -> MaskMod:
    return patterns.random_edges(seed_of(given.seed, "random edges", draw), share, given.tokens)


ATOMS: dict[str, Atom] = {
    "all": Atom(lambda given: patterns.full()),
    "none": Atom(_none),
    "self": Atom(lambda given: patterns.itself()),
    "causal": Atom(lambda given: patterns.causal(), needs=ORDER),
    "window": Atom(
        lambda given, width: patterns.sliding_window(width, given.coordinates), (_width("width", 0),), 1, placed=True
    ),
    "dilated": Atom(
        lambda given, width, step: patterns.dilated(width, step, given.coordinates),
        (_width("width", 0), _width("step")), 2, placed=True,
    ),
    "strided": Atom(lambda given, step: patterns.strided(step, given.coordinates), (_width("step"),), 1, placed=True),
    "global": Atom(_global, (_width("place", 0),), 1, repeated=True),
    "block": Atom(lambda given, size: patterns.block(size), (_width("size"),), 1, needs=ORDER),
    "prefix": Atom(lambda given, length: patterns.prefix(1 + length), (_width("length", 0),), 1, needs=ORDER),
    "sentence": Atom(_sentence, needs=ORDER | {"words"}),
    "random": Atom(_random, (Param("share", 0.5), Param("draw", 0, 0, 9999)), 1, needs=ORDER),
    "painted": Atom(
        lambda given, text: patterns.table(painted.read(text)), (Param("text", "", reads=painted.checked),), 1,
        needs=ORDER,
    ),
}  # fmt: skip
SAME = {"diagonal": "self", "full": "all", "document": "sentence"}
"""Other names. A text here is one document; its sentences are the parts that may be kept from seeing each other."""


def needs_of(name: str, values: Sequence[Value]) -> frozenset[Need]:
    """[CLS] stands in front whatever the order of units is; any other place means something only in an order."""
    return ORDER if name == "global" and any(values) else ATOMS[name].needs
