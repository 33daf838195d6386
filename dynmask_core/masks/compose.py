"""Arms: how they are written, and how several strategies act as one.

An arm is one or more strategies joined by "+", each with its parameters after colons: `repaired`, `window:8`,
`repaired+dropout:rate=0.3..0.1@cosine:refresh=forward`. A value without a name is for the first parameter not yet
given. Every strategy also takes `draw`, by name only: `static:draw=1` is the same mask with other random numbers.
Arms are listed with commas. Within parentheses "+", ":", "," and "=" belong to a value: `custom:global(0,3)|(k==q+1)`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import replace
from functools import reduce
from itertools import combinations
from typing import TYPE_CHECKING, get_args

import numpy as np

from dynmask_core.config import Controls
from dynmask_core.errors import InputError
from dynmask_core.keys import seed_of
from dynmask_core.masks.base import DRAW, REGISTRY, MaskStrategy, Need, Param, Setting, Value
from dynmask_core.masks.context import CorpusStatistics, LayerContext, MaskContext
from dynmask_core.masks.plan import MaskPlan

if TYPE_CHECKING:
    from torch import Tensor

Part = tuple[str, dict[str, Value]]
"""A strategy's name, and the parameters that are given."""


_NAMED = re.compile(r"\s*(\w*)\s*=(?!=)(.*)", re.DOTALL)


def separate(text: str, separator: str) -> list[str]:
    """The text cut at a separator of one character, except within parentheses; at all, if these are not in pairs."""
    cuts, depth = [-1], 0
    for place, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth < 0:
            break
        if character == separator and depth == 0:
            cuts.append(place)
    if depth:
        return text.split(separator)
    return [text[one + 1 : other] for one, other in zip(cuts, [*cuts[1:], len(text)], strict=True)]


def parse(arm: str) -> list[Part]:
    """The parts of a written arm.

    Raises InputError that names the choices, or the two parts that cannot act in one arm.
    """
    parts = []
    for piece in separate(arm, "+"):
        name, *arguments = (word.strip() for word in separate(piece, ":"))
        if name not in REGISTRY:
            raise InputError("unknown_strategy", name=name, known=", ".join(sorted(REGISTRY)))
        values: dict[str, Value] = {}
        for argument in arguments:
            named = _NAMED.fullmatch(argument)
            key = named[1] if named else next((p.name for p in REGISTRY[name].parameters if p.name not in values), "")
            parameter = REGISTRY[name].parameter(key)
            values[parameter.name] = read(name, parameter, named[2] if named else argument)
        parts.append((name, values))
    check(parts)
    return parts


def read(strategy: str, parameter: Param, written: Value) -> Value:
    """The value of a strategy's parameter. Raises InputError."""
    try:
        return parameter.read(written.strip() if isinstance(written, str) else written)
    except InputError:
        raise
    except ValueError:
        raise InputError(
            "bad_parameter", strategy=strategy, name=parameter.name, value=written, expected=parameter.expected
        ) from None


def check(parts: Sequence[Part]) -> None:
    """Raises InputError if two strategies replace the same part of the model and so cannot act in one arm."""
    replaced = [(name, REGISTRY[name].replacement(values)) for name, values in parts]
    for (first, one), (second, other) in combinations(replaced, 2):
        if one and one == other:
            raise InputError("parts_clash", parts=f"{first} + {second}")


def needs(arm: str) -> frozenset[Need]:
    """What the parts of a written arm need."""
    return frozenset(need for name, values in parse(arm) for need in REGISTRY[name].needs_of(values))


def missing(arm: str, provided: Set[str]) -> frozenset[Need]:
    """What a written arm needs that is not in `provided`, which is what task, input and encoder together have."""
    return needs(arm) - provided


def require(arm: str, provided: Set[str]) -> None:
    """Raises InputError `mask_needs_NEED` that names the first part of a written arm that lacks something."""
    for name, values in parse(arm):
        lacking = REGISTRY[name].needs_of(values) - provided
        for need in get_args(Need):
            if need in lacking:
                raise InputError(f"mask_needs_{need}", part=name)


def written(parts: Iterable[tuple[str, Mapping[str, Value]]]) -> str:
    """The shortest way to write an arm: without defaults and without the name of the first parameter."""
    return "+".join(_piece(name, values) for name, values in parts)


def _piece(name: str, values: Mapping[str, Value]) -> str:
    pieces = [name]
    for place, parameter in enumerate(REGISTRY[name].parameters):
        value = values.get(parameter.name, parameter.default)
        if value != parameter.default:
            text = f"{value:g}" if isinstance(value, float) else str(value)
            pieces.append(text if place == 0 else f"{parameter.name}={text}")
    if (draw := values.get(DRAW.name, DRAW.default)) != DRAW.default:
        pieces.append(f"{DRAW.name}={draw}")
    return ":".join(pieces)


def canonical(arm: str) -> str:
    """The same arm, written in the shortest way: this is its name everywhere."""
    return written(parse(arm))


LONGEST = 48
"""Characters of one strategy in a `brief` name."""


def brief(arm: str) -> str:
    """An arm's name for headings and legends. A painted matrix keeps the start of its text, which has the checksum; of
    what else is long, as an expression or a list of words, the middle is left out."""
    parts = separate(re.sub(r'painted\("([\w-]{8})[\w-]{9,}"\)', r'painted("\1…")', arm), "+")
    return "+".join(one if len(one) <= LONGEST else f"{one[: LONGEST - 17]}…{one[-16:]}" for one in parts)


def build(arm: str, setting: Setting) -> Composed:
    """The strategies of a written arm, acting as one. `setting.values` is not used."""
    return Composed([_part(name, values, setting) for name, values in parse(arm)])


def _part(name: str, values: Mapping[str, Value], setting: Setting) -> MaskStrategy:
    draw = int(values.get(DRAW.name, DRAW.default))
    seed = setting.seed if draw == DRAW.default else seed_of(setting.seed, DRAW.name, draw)
    return REGISTRY[name](replace(setting, values=values, seed=seed))


class Composed:
    """Several strategies that act as one: gates multiply, biases add, a token or head stays if all keep it.

    Parts that are `only_training` make plans only for batches with `context.training`.
    """

    def __init__(self, parts: Sequence[MaskStrategy]) -> None:
        self.parts = list(parts)
        self.layered = [part for part in parts if type(part).layer_plan is not MaskStrategy.layer_plan]
        self.needs = frozenset(need for part in parts for need in part.needs_of(part.values))
        self.only_training = any(part.only_training for part in parts)
        self.predictable = any(part.predictable for part in parts)

    @property
    def trainable(self) -> dict[str, Tensor]:
        """What the parts learn by gradient; complete after `fit`."""
        return {f"{i}.{name}": tensor for i, part in enumerate(self.parts) for name, tensor in part.trainable.items()}

    def fit(self, corpus: CorpusStatistics) -> None:
        for part in self.parts:
            part.fit(corpus)

    def on_epoch(self, epoch: int, controls: Controls) -> None:
        for part in self.parts:
            part.on_epoch(epoch, controls)

    def plan(self, context: MaskContext) -> MaskPlan:
        """All plans combined. `latest` keeps the parts' own plans for `feedback`."""
        self.latest = self.plans(context)
        return self.together(self.latest)

    def plans(self, context: MaskContext) -> list[MaskPlan]:
        """The parts' own plans. Nothing of them is kept, so that several readers can ask a model at the same time."""
        return [part.plan(context) if _acts(part, context) else MaskPlan() for part in self.parts]

    def layer_plan(self, context: LayerContext) -> MaskPlan:
        return self.together([part.layer_plan(context) for part in self.layered if _acts(part, context.batch)])

    def together(self, plans: Sequence[MaskPlan]) -> MaskPlan:
        """All `plans` combined. Raises InputError `parts_clash`."""
        try:
            return reduce(MaskPlan.combine, plans or [MaskPlan()])
        except ValueError as clash:
            raise InputError("parts_clash", parts=" + ".join(part.name for part in self.parts)) from clash

    def feedback(self, context: MaskContext) -> None:
        """Called after the backward pass of the training step whose batch was planned last."""
        for part, plan in zip(self.parts, self.latest, strict=True):
            part.feedback(context, plan)

    def word_mask(self) -> np.ndarray | None:
        """The product of the parts' word masks; None if no part has one, or if a part acts on tokens in another way."""
        masks = [mask for part in self.parts if (mask := part.word_mask()) is not None]
        others = [
            part for part in self.parts if part.word_mask() is None and part.site in ("input", "removal", "corruption")
        ]
        return None if others or not masks else np.prod(masks, axis=0, dtype=np.float32)

    def state_dict(self) -> dict[str, np.ndarray]:
        return {f"{i}.{name}": array for i, part in enumerate(self.parts) for name, array in part.state_dict().items()}

    def load_state_dict(self, state: Mapping[str, np.ndarray]) -> None:
        for i, part in enumerate(self.parts):
            prefix = f"{i}."
            part.load_state_dict({n.removeprefix(prefix): a for n, a in state.items() if n.startswith(prefix)})


def _acts(part: MaskStrategy, context: MaskContext) -> bool:
    return context.training or not part.only_training
