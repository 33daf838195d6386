"""What a lesson's address may say is what the pages take: nothing of it is passed over, and nothing is missing."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from streamlit.testing.v1 import AppTest

from dynmask_core.learn.catalogue import ready
from dynmask_core.learn.lesson import LESSON_WORD, Panel
from dynmask_core.learn.pages import ARMS, read_address, rules
from dynmask_core.messages import catalogue
from dynmask_core.ui.frame import ICONS
from dynmask_core.ui.guess import views as guess
from dynmask_core.ui.watch.views import VIEWS

Visit = Callable[..., AppTest]
ROOT = Path(__file__).resolve().parents[2]
SETTINGS = {
    "data": {"data": "fruit"},
    "masks": {
        "data": "fruit", "family": "attention", "site": "attention", "edges": "(k<4)", "find": "未来",
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
}  # fmt: skip
"""By page, values other than those that it begins with."""
NOT_A_LESSONS = {"lang", "hide", "term", "own", "own_corpus", "beside", "run", "study", "lesson", "step"}
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
        left = set(known) - tried - {"run", "view", "mlm_view"} - ({*known} - {"data"} if page == "compare" else set())
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


def panels() -> list[tuple[str, Panel]]:
    """Of each ready lesson, the first address of each page, in one language or the other by turns."""
    found = {}
    for one in ready():
        for number, step in enumerate(one.in_language("en").steps):
            lang = list(one.lessons)[number % len(one.lessons)]
            panel = one.lessons[lang].steps[number].panel
            if step.panel and panel:
                found.setdefault((one.name, panel.page), (lang, panel))
    return list(found.values())


@pytest.mark.parametrize(("lang", "panel"), panels(), ids=lambda value: getattr(value, "address", value))
def test_the_pages_of_ready_lessons_take_their_addresses(visit: Visit, lang: str, panel: Panel) -> None:
    said = [(name, value) for name, value in panel.parameters if value != LESSON_WORD and name != "view"]
    app = visit(f"/{panel.page}?{urlencode([*said, ('lang', lang)])}")
    assert not app.exception
    assert ignored(app) == []
    for name, value in said:
        if name in ARMS:
            assert app.session_state[name] == value


def test_no_rule_lets_everything_through() -> None:
    for page, known in rules().items():
        for name, rule in known.items():
            assert not rule("no such value"), (page, name)
