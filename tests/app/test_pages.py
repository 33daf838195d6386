"""Every page draws itself, in both languages and whatever the address says."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dynmask_core.config import Controls
from dynmask_core.data import list_samples
from dynmask_core.messages import LANGUAGES, catalogue

Visit = Callable[..., AppTest]
ROOT = Path(__file__).resolve().parents[2]
TITLES = {page: f"{page}.title" for page in ("home", "data", "masks", "train", "compare", "mlm", "tasks")}


def query(app: AppTest) -> dict[str, str]:
    return {name: values[0] if isinstance(values, list) else values for name, values in app.query_params.items()}


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("page", TITLES)
def test_every_page_draws_itself(visit: Visit, page: str, lang: str) -> None:
    app = visit(f"/{'' if page == 'home' else page}?lang={lang}")
    assert not app.exception
    assert app.title[0].value == catalogue(lang)[TITLES[page]]
    assert not app.error


@pytest.mark.parametrize("path", sorted(ROOT.glob("pages/*.py")), ids=lambda path: path.stem)
def test_every_page_asks_for_its_frame_before_anything_else(path: Path) -> None:
    """What that does is seen by the test of the very first visit, in the browser and of one page."""
    body = ast.parse(path.read_text(encoding="utf-8")).body
    first = next(node for node in body if isinstance(node, ast.Expr) and not isinstance(node.value, ast.Constant))
    assert ast.unparse(first) == "require_frame(__file__)"


def test_settings_come_from_the_address(visit: Visit) -> None:
    app = visit(
        "/train?alpha=0.02&tau=1.5&theta=0.25&epochs=7&seed=3&model=medium&dynamic=article&baseline=none&data=fruit"
    )
    assert not app.exception
    assert app.select_slider(key="alpha").value == 0.02
    assert [app.slider(key=key).value for key in ("tau", "theta", "epochs")] == [1.5, 0.25, 7]
    assert app.number_input(key="seed").value == 3
    keys = ("model", "dynamic_strategy", "baseline_strategy", "data")
    assert [app.selectbox(key=key).value for key in keys] == ["medium", "article", "none", "fruit"]


@pytest.mark.parametrize(
    "bad",
    ["alpha=abc", "alpha=", "alpha=inf", "tau=-1", "tau=nan", "theta=1e9", "epochs=99999", "epochs=1.5", "seed=9e99"],
)
def test_a_number_that_the_address_makes_up_is_passed_over(visit: Visit, bad: str) -> None:
    app = visit(f"/train?{bad}")
    assert not app.exception
    start = Controls()
    assert app.select_slider(key="alpha").value == start.step_size
    assert app.slider(key="tau").value == start.evidence_threshold
    assert app.slider(key="theta").value == start.keep_threshold
    assert app.slider(key="epochs").value == 15
    assert bad.split("=")[0] not in query(app)


@pytest.mark.parametrize("bad", ["model=huge", "dynamic=", "baseline=../..", "data=own", "gate=x", "hide=all"])
def test_a_choice_that_the_address_makes_up_is_passed_over(visit: Visit, bad: str) -> None:
    app = visit(f"/train?{bad}")
    assert not app.exception
    assert app.selectbox(key="data").value == list_samples()[0].name
    assert bad.split("=")[0] not in query(app)


@pytest.mark.parametrize("name", ["../../etc", "20200101-000000-0123456789abcdef", "**x**", "a" * 5000])
def test_a_run_that_is_not_here_is_said_to_be_missing(visit: Visit, name: str) -> None:
    app = visit(f"/train?run={name}")
    assert not app.exception
    assert [warning.value for warning in app.warning] == [catalogue("en")["train.no_run"]]
    assert "run" not in query(app)


@pytest.mark.parametrize("sample", [sample.name for sample in list_samples()])
def test_every_sample_is_reported_on(visit: Visit, sample: str) -> None:
    app = visit(f"/data?data={sample}")
    assert not app.exception
    assert not app.error
    assert app.selectbox(key="data").value == sample
    assert int(app.metric[0].value.replace(",", "")) >= 40


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty_file"),
        ("   \n\n", "empty_file"),
        ("text,label\n", "no_rows"),
        ('text,label\n"never closed,a\nmore,b\n', "broken_quoting"),
        ("a\0b,c\n" * 9, None),
    ],
)
def test_pasted_text_that_cannot_be_read_is_refused(visit: Visit, text: str, code: str | None) -> None:
    app = visit("/data")
    app.text_area(key="pasted").set_value(text)
    app.button(key="read_pasted").click().run()
    assert not app.exception
    assert len(app.error) == 1
    if code:
        told = re.escape(re.split(r"[{]", catalogue("en")[f"error.{code}"])[0])
        assert re.match(told, app.error[0].value.replace("\\", ""))
    # The sample that was chosen before is still there.
    assert app.selectbox(key="data").value == list_samples()[0].name
    assert app.metric


def test_pasted_text_is_read_and_its_columns_are_guessed(visit: Visit) -> None:
    app = visit("/data")
    rows = "".join(f"some words number {i},{'ab'[i % 2]},{'xyz'[i % 3]}\n" for i in range(30))
    app.text_area(key="pasted").set_value("what,first,second\n" + rows)
    app.button(key="read_pasted").click().run()
    assert not app.exception
    assert not app.error
    assert app.session_state["data"] == "own"
    boxes = {box.key.split("_")[1]: box for box in app.selectbox if (box.key or "").startswith("column_")}
    assert {name: box.value for name, box in boxes.items()} == {"text": "what", "label": "first", "split": None}
    assert app.metric[0].value == "30"


def test_one_strategy_on_both_sides_is_pointed_out(visit: Visit) -> None:
    app = visit("/train?dynamic=static&baseline=static")
    assert catalogue("en")["train.one_arm"] in [caption.value for caption in app.caption]


def test_settings_can_be_put_out_of_sight(visit: Visit) -> None:
    app = visit("/train?hide=settings&alpha=0.5")
    assert not app.exception
    assert app.session_state["alpha"] == 0.5
    assert query(app)["hide"] == "settings"


def test_every_text_that_a_page_asks_for_is_in_both_catalogues() -> None:
    asked: set[str] = set()
    patterns: set[str] = set()
    for path in [*ROOT.glob("pages/*.py"), *ROOT.glob("dynmask_core/ui/**/*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (
                isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "t" and node.args
            ):
                continue
            match node.args[0]:
                case ast.Constant(value=str(key)):
                    asked.add(key)
                case ast.JoinedStr(values=parts):
                    patterns.add("".join(re.escape(p.value) if isinstance(p, ast.Constant) else ".+" for p in parts))  # type: ignore[arg-type]
    assert len(asked) > 50
    for lang in LANGUAGES:
        known: dict[str, Any] = catalogue(lang)
        assert asked <= known.keys()
        assert [p for p in patterns if not any(re.fullmatch(p, key) for key in known)] == []
