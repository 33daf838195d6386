"""What every kind of study defines."""

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
    """A question to many runs: which settings it needs, what the runs show (an R), and how to present that.

    seeds, start: defaults of command line and page. asks: what a user can set besides arms and seeds: "axes", "sizes",
    "test_on", "train_rows". axes_by: the command's option that takes axes, "" for none. one_arm: each arm is studied
    alone, without a baseline. questions: to the trained models, over seeds, see `studies.questions`. reading: names of
    the paragraphs `study_report.reading.NAME` that explain the kind.
    """

    name: ClassVar[str]
    seeds: ClassVar[int]
    least_seeds: ClassVar[int]
    start: ClassVar[Recipe]
    asks: ClassVar[tuple[str, ...]]
    axes_by: ClassVar[str] = ""
    one_arm: ClassVar[bool] = False
    questions: ClassVar[tuple[str, ...]] = ()
    reading: ClassVar[tuple[str, ...]]

    def check(self, config: StudyConfig) -> None:
        """Raises InputError if the settings do not make a study of this kind."""
        require(self.least_seeds <= config.seeds <= MAX_SEEDS, "seeds", config.seeds, f"{self.least_seeds}–{MAX_SEEDS}")
        sizes = ",".join(map(str, config.sizes))
        require(("sizes" in self.asks) == bool(config.sizes), "sizes", sizes, "50, 100, 200 …")

    def doubt(self, seeds: int, arms: int) -> Sentence | None:
        """A warning before the start if so few seeds cannot show any difference between so many arms, else None."""
        comparisons = 0 if self.one_arm else arms - 1
        p = smallest_adjusted_p(seeds, comparisons)
        if p <= ALPHA:
            return None
        return say("study.too_few", seeds=seeds, arms=arms, p=f"{p:.3g}", alpha=ALPHA, least=least_seeds(comparisons))

    def fitting(self, config: StudyConfig, dataset: Dataset) -> StudyConfig:
        """The same study, adapted to the size of these texts. Raises InputError if they are too few."""
        return config

    def options(self, config: StudyConfig) -> Iterator[tuple[str, Value]]:
        """Options of the command: α, τ and θ where they differ from the defaults, the axes and the sizes."""
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
        """What the finished runs show."""

    @abstractmethod
    def to_json(self, result: R) -> dict[str, Any]:
        """The result as plain dicts and lists, as the command prints it with --json."""

    @abstractmethod
    def findings(self, result: R, config: StudyConfig, *, final: bool) -> list[Block]:
        """The answer in words, and the figure that supports it.

        final: no process works on the study. Before that, no difference is judged: who looks again and again, and
        stops when the result pleases, finds differences that are not there.
        """

    @abstractmethod
    def sections(self, result: R, config: StudyConfig, *, final: bool) -> list[Section]:
        """All numbers; an empty list if no run is done yet. final: see `findings`."""


def column(name: str, form: Form = "words", help: Words = "", **params: Any) -> Column:
    """The column whose title is `study_report.column.NAME`."""
    return Column(name, say(f"study_report.column.{name}", **params), form, help)
