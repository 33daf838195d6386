"""The settings of a study: which experiments belong together. Frozen, validated, JSON round trip."""

from __future__ import annotations

import dataclasses
import functools
import itertools
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

from dynmask_core.config import ExperimentConfig, stable_hash
from dynmask_core.config.checks import plain
from dynmask_core.errors import InputError
from dynmask_core.masks import parse
from dynmask_core.studies.settings import Value, with_setting

MAX_SEEDS, MAX_RUNS = 200, 2000

Cell = tuple[tuple[str, Value], ...]
"""One combination of the varied settings: ((name, value), …), in the order of the axes."""


@dataclass(frozen=True)
class Job:
    """One run of a study. size: number of training texts, None for all. `config` is all that the run needs."""

    seed: int
    cell: Cell
    size: int | None
    config: ExperimentConfig

    @functools.cached_property
    def digest(self) -> str:
        return self.config.digest()


CHECKS: dict[str, Callable[[StudyConfig], None]] = {}
"""By kind: raises InputError if the settings do not make a study of that kind. Filled by `studies.kinds`."""


def require(condition: bool, name: str, value: object, expected: str) -> None:
    """Raises InputError `bad_setting` unless the condition holds."""
    if not condition:
        raise InputError("bad_setting", name=name, value=value, expected=expected)


@dataclass(frozen=True)
class StudyConfig:
    """Arms × seeds × cells of `axes` × training sizes in `sizes`.

    kind: a name in KINDS: the question the study answers. base: the settings all runs share; their seeds are
    base.train.seed and the next `seeds` − 1. test_on: source of another data set on which the models are also tested,
    "" for none.
    """

    kind: str = "compare"
    base: ExperimentConfig = field(default_factory=ExperimentConfig)
    seeds: int = 10
    axes: tuple[tuple[str, tuple[Value, ...]], ...] = ()
    sizes: tuple[int, ...] = ()
    test_on: str = ""

    def __post_init__(self) -> None:
        require(self.kind in CHECKS, "kind", self.kind, ", ".join(CHECKS))
        CHECKS[self.kind](self)
        names = [name for name, _ in self.axes]
        require(len(names) == len(set(names)), "axes", ", ".join(names), "different names")
        for name, values in (*self.axes, ("sizes", self.sizes)):
            different = len(values) == len(set(values)) and bool(values or name == "sizes")
            require(different, name, ",".join(map(str, values)) or "–", "different values")
        for arm in self.base.arms:
            parse(arm)
        # Counted before any run is built, so that a grid too large for memory is refused as well.
        runs = self.seeds * max(len(self.sizes), 1) * math.prod(len(values) for _, values in self.axes)
        if runs > MAX_RUNS:
            raise InputError("too_many_runs", runs=runs, limit=MAX_RUNS)
        configs = [self._with(cell) for cell in self.cells()]
        # This fails for `dim` together with `preset`, which sets `dim` again.
        require(len(set(configs)) == len(configs), "axes", ", ".join(names), "settings that do not undo each other")
        for size in self.sizes:
            self._data(size)
        replace(self.base.train, seed=self.base.train.seed + self.seeds - 1)

    def cells(self) -> list[Cell]:
        """All combinations of the varied settings; a single empty one if nothing is varied."""
        return list(itertools.product(*([(name, value) for value in values] for name, values in self.axes)))

    def jobs(self) -> list[Job]:
        """All runs, seed by seed, so that a stopped study has complete seeds to show."""
        first = self.base.train.seed
        return [
            Job(seed, cell, size, replace(config, train=replace(config.train, seed=seed), data=self._data(size)))
            for seed in range(first, first + self.seeds)
            for cell in self.cells()
            for config in [self._with(cell)]
            for size in self.sizes or (None,)
        ]

    def _data(self, size: int | None) -> Any:
        return self.base.data if size is None else replace(self.base.data, train_rows=size)

    def _with(self, cell: Cell) -> ExperimentConfig:
        config = self.base
        for name, value in cell:
            config = with_setting(config, name, value)
        return config

    def to_json(self) -> dict[str, Any]:
        """Plain dicts and lists; `from_json` reads them back."""
        values = {f.name: plain(getattr(self, f.name)) for f in dataclasses.fields(self)}
        axes = [[name, [plain(option) for option in options]] for name, options in self.axes]
        return values | {"base": self.base.to_json(), "axes": axes, "sizes": [plain(size) for size in self.sizes]}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        axes = tuple((name, tuple(options)) for name, options in values["axes"])
        known = dict(values) | {"base": ExperimentConfig.from_json(values["base"])}
        return cls(**known | {"axes": axes, "sizes": tuple(values["sizes"])})

    def digest(self) -> str:
        """See ExperimentConfig.digest."""
        return stable_hash(self.to_json())
