"""What a lesson's address may say is what the pages take: nothing of it is passed over, and nothing is missing."""

from __future__ import annotations

import ast
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from streamlit.testing.v1 import AppTest

from dynmask_core.learn.catalogue import ready
from dynmask_core.learn.lesson import LESSON_WORD, Panel
from dynmask_core.learn.pages import read_address, rules
from dynmask_core.messages import LANGUAGES, catalogue
from dynmask_core.ui.frame import ICONS
from dynmask_core.ui.guess import views as guess
from dynmask_core.ui.tasks import views as tasks
from dynmask_core.ui.watch.views import VIEWS

Visit = Callable[..., AppTest]
ROOT = Path(__file__).resolve().parents[2]
SETTINGS = {
    "data": {"data": "fruit"},
    "masks": {
        "data": "fruit", "for": "text", "family": "attention", "site": "attention", "edges": "(k<4)", "find": "未来",
    },
    "train": {
        "data": "fruit", "baseline": "none", "dynamic": "causal", "arm3": "topk", "arm4": "window:4", "alpha": "0.05",
        "tau": "2.5", "theta": "0.35", "epochs": "3",
        "model": "tiny", "seed": "5", "device": "cpu", "initial": "uniform",
        "rule": "per_example", "batch": "16", "gate": "multiply", "tokenizer": "words",
    },
    "compare": {
        "kind": "curve", "curve_seeds": "3", "data": "fruit", "dynamic": "causal", "baseline": "none", "arm3": "topk",
        "alpha": "0.05", "epochs": "3", "model": "tiny", "batch": "16", "seed": "5",
    },
    "mlm": {
        "corpus": "fruit", "refresh": "static,static:4", "select": "span", "rate": "0.3", "mlm_epochs": "3",
        "model": "tiny", "seed": "5", "batch": "16", "mask_share": "0.5", "random_share": "0.25",
        "device": "cpu", "tokenizer": "words",
    },
    "tasks": {
        "task": "continue", "marked": "tags_en", "pairs": "stories", "task_arms": "none,window:4", "task_epochs": "3",
        "sight": "causal", "way": "unmask", "model": "tiny", "seed": "5", "device": "cpu",
        "draw": "drawn", "temperature": "0.5", "top_k": "5", "draw_seed": "2",
    },
}  # fmt: skip
"""By page, values other than those that it begins with."""
NOT_A_LESSONS = {"lang", "large", "hide", "term", "own", "own_corpus", "beside", "run", "study", "lesson", "step"}
NOT_A_LESSONS |= {"class", "who", "desk", "class_view"}
"""The reader's own: a lesson's address cannot set them."""


def ignored(app: AppTest) -> list[str]:
    start = catalogue("en")["address.ignored"].split("{")[0], catalogue("zh")["address.ignored"].split("{")[0]
    return [warning.value for warning in app.warning if warning.value.startswith(start)]


@pytest.mark.parametrize("page", SETTINGS)
def test_a_page_takes_all_that_a_lesson_may_say(visit: Visit, page: str) -> None:
    said = SETTINGS[page]
    panel = read_address(f"{page}?{urlencode(said)}", "Go", 1)
    app = visit(f"/{panel.address}")
    assert not app.exception
    assert ignored(app) == []
    for name, value in said.items():
        assert app.query_params[name] in (value, [value]), name


def test_every_parameter_is_tried() -> None:
    for page, known in rules().items():
        tried = set(SETTINGS.get(page, ()))
        # A run has to be there for its views, and kinds of studies have other seeds and settings.
        left = (
            set(known)
            - tried
            - {"run", "view", "mlm_view", "task_view"}
            - ({*known} - {"data"} if page == "compare" else set())
        )
        assert left == set(), page
    assert {*rules(), "learn"} == set(ICONS)  # a lesson does not lead into a lesson


def parameters_in_code() -> Iterator[str]:
    """The names under which the screen keeps settings in the address."""
    for path in [*(ROOT / "dynmask_core/ui").rglob("*.py"), *(ROOT / "pages").glob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                called = ast.unparse(node.func)
                known = {f"address.{kind}" for kind in ("choice", "number", "several", "text")}
                # In the files with the settings, `choice` is a select box that stands in the address.
                if called in known or (called == "choice" and path.name == "settings.py"):
                    yield str(node.args[0].value)


def test_a_new_parameter_of_a_page_is_known_to_lessons() -> None:
    known = {name for page in rules().values() for name in page}
    named = set(parameters_in_code())
    assert {"alpha", "model", "refresh", "kind"} <= named
    assert named - known <= NOT_A_LESSONS
    assert all(rules()["train"]["view"](view) for view in VIEWS)
    assert all(rules()["mlm"]["mlm_view"](view) for view in guess.VIEWS)
    assert all(rules()["tasks"]["task_view"](view) for views in tasks.VIEWS.values() for view in views)


def panels(lang: str) -> list[Panel]:
    """Every page that a step of a ready lesson shows in that language; what is the same, once."""
    steps = [step for one in ready() for step in one.lessons[lang].steps]
    # Labels differ, and make no difference to the page.
    return list({step.panel.address: step.panel for step in steps if step.panel}.values())


def written(value: object) -> str:
    """A setting as it stands in the address."""
    if isinstance(value, list):
        return ",".join(value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def not_as_said(panel: Panel, lang: str, visit: Visit) -> list[str]:
    """What is wrong with the page that an address leads to."""
    said = {name: value for name, value in panel.parameters if value != LESSON_WORD}
    app = visit(f"/{panel.page}?{urlencode({**said, 'lang': lang})}")
    wrong = [element.value for element in (*app.exception, *app.error)] + ignored(app)
    for name, value in said.items():
        shown = app.session_state[name] if name in app.session_state else app.query_params[name][0]
        if written(shown) != value:
            wrong.append(f"{name}: {shown}")
    return [f"{panel.address}: {one}" for one in wrong]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_pages_of_ready_lessons_take_their_addresses(lang: str, visit: Visit) -> None:
    """Most addresses are those of both languages: each is tried in one of them, by turns; with DYNMASK_LONG in all."""
    shared = set.intersection(*({panel.address for panel in panels(one)} for one in LANGUAGES))
    together = [panel for panel in panels(lang) if panel.address in shared]
    own = [panel for panel in panels(lang) if panel.address not in shared]
    turns = 1 if os.environ.get("DYNMASK_LONG") else len(LANGUAGES)
    tried = [*own, *together[list(LANGUAGES).index(lang) % turns :: turns]]
    assert [wrong for panel in tried for wrong in not_as_said(panel, lang, visit)] == []


def test_no_rule_lets_everything_through() -> None:
    for page, known in rules().items():
        for name, rule in known.items():
            assert not rule("no such value"), (page, name)
