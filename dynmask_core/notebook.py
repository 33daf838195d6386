"""A run inside a notebook: its replay, and its trained model as a classifier.

    from dynmask_core import notebook
    notebook.replay("20260501-093000-0123456789abcdef")

The page stands in a frame without rights of its own: its style does not reach the notebook, nor its script, nor what
strangers have written into the texts of the run.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from dynmask_core.runs import Run, default_root, find_run

if TYPE_CHECKING:
    from dynmask_core.classifier import MaskedTextClassifier

HEIGHT = 900
"""Of the frame, in pixels; it scrolls."""


@dataclass(frozen=True)
class Replay:
    """What a notebook draws if it is the last value of a cell; made when it is first drawn. lang: see `replay`."""

    run: Run
    lang: str = "en"

    @cached_property
    def html(self) -> str:
        """The page, as `dynmask runs export RUN --to FILE.html` writes it."""
        from dynmask_core.ui.replay import make

        return make(self.run, self.lang).html

    def _repr_html_(self) -> str:
        return framed(self.html, f"DynMask run {self.run.name}")

    def __repr__(self) -> str:
        return f"Replay of run {self.run.name}"


def replay(run: Run | str | Path, lang: str = "en") -> Replay:
    """Masks, attention, lens and what-ifs of a run's recorded sentences.

    run: itself, its folder, or its name. lang: "en" or "zh", in which the page opens. Raises InputError `unknown_run`;
    when it is drawn, `nothing_recorded` before the first epoch is recorded.
    """
    return Replay(_found(run), lang)


def classifier(run: Run | str | Path, arm: str | None = None) -> MaskedTextClassifier:
    """An arm (by default the last one) as it was at its best epoch; a notebook draws it as the replay of the run.

    Raises InputError: `unknown_run`, `no_classes`, `no_weights`, `bad_setting` for an unknown arm.
    """
    from dynmask_core.analysis.model_file import ModelFile
    from dynmask_core.classifier import MaskedTextClassifier

    found = _found(run)
    made = MaskedTextClassifier.of_file(ModelFile.of_run(found, arm or found.config().arms[-1]))
    made.recorded_ = Replay(found)
    return made


def _found(run: Run | str | Path) -> Run:
    opened = run if isinstance(run, Run) else Run(Path(run))
    return opened if opened.exists() else find_run(default_root(), str(run))


def framed(page: str, title: str) -> str:
    """A whole HTML page as a frame in another one."""
    return (
        f'<iframe title="{escape(title)}" sandbox="allow-scripts allow-downloads" loading="lazy" '
        f'style="width: 100%; height: {HEIGHT}px; border: 0; color-scheme: light dark" '
        f'srcdoc="{escape(page)}"></iframe>'
    )
