"""What every kind of study says of itself."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar, Generic, TypeVar

from dynmask_core.blocks import Block, Column, Form, Section
from dynmask_core.config import Controls
from dynmask_core.data.dataset import Dataset
from dynmask_core.evaluate.statistics import ALPHA, least_seeds, smallest_adjusted_p
from dynmask_core.messages import Sentence, Words, say
from dynmask_core.recipes import Recipe
from dynmask_core.studies.config import MAX_SEEDS, StudyConfig, require
from dynmask_core.studies.results import Result
from dynmask_core.studies.settings import LETTERS, Value, listed

R = TypeVar("R")


class StudyKind(ABC, Generic[R]):
    """What is asked of many runs: which settings make such a study, what its runs show (an R), and how that is said.

    seeds, start: what command line and page do unasked. asks: what a reader tells it besides arms and seeds: "axes",
    "sizes", "test_on", "train_rows". axes_by: the option of its command that takes axes, "" for none. one_arm: it looks
    at an arm by itself, no arm is a baseline. reading: the paragraphs `study_report.reading.NAME` that explain it.
    """

    name: ClassVar[str]
    seeds: ClassVar[int]
    least_seeds: ClassVar[int]
    start: ClassVar[Recipe]
    asks: ClassVar[tuple[str, ...]]
    axes_by: ClassVar[str] = ""
    one_arm: ClassVar[bool] = False
    reading: ClassVar[tuple[str, ...]]

    def check(self, config: StudyConfig) -> None:
        """Raises InputError where these settings make no study of this kind."""
        require(self.least_seeds <= config.seeds <= MAX_SEEDS, "seeds", config.seeds, f"{self.least_seeds}–{MAX_SEEDS}")
        sizes = ",".join(map(str, config.sizes))
        require(("sizes" in self.asks) == bool(config.sizes), "sizes", sizes, "50, 100, 200 …")

    def doubt(self, seeds: int, arms: int) -> Sentence | None:
        """What to say before it starts where so few seeds cannot declare any difference between so many arms."""
        comparisons = 0 if self.one_arm else arms - 1
        p = smallest_adjusted_p(seeds, comparisons)
        if p <= ALPHA:
            return None
        return say("study.too_few", seeds=seeds, arms=arms, p=f"{p:.3g}", alpha=ALPHA, least=least_seeds(comparisons))

    def fitting(self, config: StudyConfig, dataset: Dataset) -> StudyConfig:
        """The same study with what these texts have. Raises InputError where they have too little."""
        return config

    def options(self, config: StudyConfig) -> Iterator[tuple[str, Value]]:
        """α, τ and θ where they are not as usual, and what is asked besides, as options of the command."""
        varied = dict(config.axes)
        for name in LETTERS:
            if name not in varied and (value := getattr(config.base.controls, name)) != getattr(Controls(), name):
                yield name, value
        if self.axes_by:
            yield from ((self.axes_by, f"{name}={listed(values)}") for name, values in config.axes)
        if config.sizes:
            yield "sizes", listed(config.sizes)

    @abstractmethod
    def analyse(self, found: Sequence[Result], config: StudyConfig) -> R:
        """What the runs that are done show."""

    @abstractmethod
    def to_json(self, result: R) -> dict[str, Any]:
        """The same as plain dicts and lists: what the command says with --json."""

    @abstractmethod
    def findings(self, result: R, config: StudyConfig, *, final: bool) -> list[Block]:
        """The answer in words, and the picture it rests on.

        final: nobody works on the study. Where somebody does, no difference is judged: whoever looks again and again,
        and stops when the result pleases, finds differences that are not there.
        """

    @abstractmethod
    def sections(self, result: R, config: StudyConfig, *, final: bool) -> list[Section]:
        """All numbers. None where nothing is done yet. final: see `findings`."""


def column(name: str, form: Form = "words", help: Words = "", **params: Any) -> Column:
    """The column whose title is `study_report.column.NAME`."""
    return Column(name, say(f"study_report.column.{name}", **params), form, help)
