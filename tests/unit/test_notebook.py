"""In a notebook: the replay of a run in a frame of its own, and a classifier as what it is."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest

from dynmask_core import MaskedTextClassifier, notebook
from dynmask_core.analysis.subject import Subject
from dynmask_core.errors import InputError
from dynmask_core.runs import Run

NASTY = '"><script>hurt()</script><img src=x onerror=hurt()>'


class Tags(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def frame(html: str) -> dict[str, str | None]:
    """The attributes of the only element."""
    (found,) = Tags(html).found
    assert found[0] == "iframe"
    return found[1]


@pytest.fixture(scope="module")
def texts() -> tuple[list[str], list[str]]:
    return ["good film", "bad film", "good book", "bad book"] * 5, [NASTY, "0"] * 10


@pytest.fixture(scope="module")
def fitted(texts: tuple[list[str], list[str]]) -> MaskedTextClassifier:
    return MaskedTextClassifier(model="tiny", epochs=1, device="cpu").fit(*texts)


def test_a_page_in_a_frame_stays_there_whatever_it_holds() -> None:
    page = f'<!doctype html><p title="{NASTY}">&amp;\'</p></iframe><script>1 && 2</script>'
    attributes = frame(notebook.framed(page, NASTY))
    assert attributes["srcdoc"] == page
    assert attributes["title"] == NASTY
    assert attributes["sandbox"] == "allow-scripts allow-downloads"


def test_a_run_is_drawn_as_its_replay(finished_run: Run) -> None:
    shown = notebook.replay(finished_run, "zh")
    attributes = frame(shown._repr_html_())
    assert attributes["srcdoc"] == shown.html
    assert '<html lang="zh-Hans">' in shown.html
    assert repr(notebook.replay(finished_run.path)) == repr(shown)
    with pytest.raises(InputError, match="no run"):
        notebook.replay("20260501-093000-0123456789abcdef")


def test_the_classifier_of_a_run_answers_as_the_run_and_is_drawn_as_its_replay(finished_run: Run) -> None:
    arm, some = finished_run.config().arms[0], finished_run.dataset().texts[:9]
    made = notebook.classifier(finished_run, arm)
    np.testing.assert_array_equal(made.predict_proba(some), Subject.open(finished_run, arm).probabilities(some))
    assert notebook.classifier(finished_run).strategy == finished_run.config().arms[-1]
    drawn: dict[str, Any] = made._repr_mimebundle_()
    assert frame(drawn["text/html"])["srcdoc"] == notebook.replay(finished_run).html


def test_fitting_it_anew_makes_it_a_model_of_no_run(finished_run: Run, texts: tuple[list[str], list[str]]) -> None:
    made = notebook.classifier(finished_run).set_params(model="tiny", epochs=1, device="cpu").fit(*texts)
    assert "iframe" not in made._repr_html_()


def test_a_fitted_classifier_says_what_it_is_and_nothing_that_a_label_wants(fitted: MaskedTextClassifier) -> None:
    read = Tags(fitted._repr_html_())
    assert {tag for tag, _ in read.found} == {"table", "caption", "tbody", "tr", "th", "td"}
    said = " ".join(read.texts)
    assert NASTY in said
    assert "repaired" in said
    assert "2 heads" in said


def test_before_it_is_fitted_scikit_learn_draws_it() -> None:
    assert "MaskedTextClassifier" in MaskedTextClassifier()._repr_html_()
