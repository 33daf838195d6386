"""The arms of the next run: what an address says, what the widgets make of it, what cannot be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dynmask_core.config import ExperimentConfig
from dynmask_core.masks import REGISTRY, MaskStrategy, Param, parse
from dynmask_core.messages import catalogue
from dynmask_core.recipes import RECIPES
from dynmask_core.ui import arms

Visit = Callable[..., AppTest]
SLOTS = ("baseline", "dynamic", "arm3", "arm4")


def chosen(app: AppTest) -> list[str]:
    return [app.session_state[slot] for slot in SLOTS]


def said(app: AppTest, slot: str) -> str | None:
    value = app.query_params.get(slot)
    return value[0] if isinstance(value, list) else value


def test_an_address_may_name_four_arms_with_parameters_and_combinations(visit: Visit) -> None:
    app = visit("/train?baseline=none&dynamic=repaired:0.5%2Bstatic&arm3=article:pace=1..0@cosine&arm4=static")
    assert not app.exception
    assert chosen(app) == ["none", "repaired:0.5+static", "article:1..0@cosine", "static"]
    assert app.selectbox(key="dynamic_strategy").value == "repaired"
    assert app.multiselect(key="dynamic_others").value == ["static"]
    assert app.slider(key="dynamic_0_repaired_pace").value == 0.5
    assert app.selectbox(key="arm3_0_article_pace_shape").value == "cosine"
    assert app.slider(key="arm3_0_article_pace_end").value == 0
    assert not [button for button in app.button if button.key == "arms_add"]


def test_a_plus_that_was_typed_by_hand_joins_masks(visit: Visit) -> None:
    assert chosen(visit("/train?dynamic=repaired+static"))[1] == "repaired+static"


@pytest.mark.parametrize(
    "bad", ["dynamic=", "dynamic=nothing", "dynamic=repaired:99", "dynamic=none:1", "arm3=repaired:pace=x", "arm4=+"]
)
def test_an_arm_that_the_address_makes_up_is_passed_over(visit: Visit, bad: str) -> None:
    app = visit(f"/train?{bad}")
    assert not app.exception
    assert chosen(app) == ["static", "repaired", "", ""]
    assert said(app, bad.split("=")[0]) is None


def test_a_parameter_that_is_moved_stands_in_the_address_and_in_the_run(visit: Visit, line: Any) -> None:
    app = visit("/train?data=fruit&model=tiny&dynamic=article")
    app.slider(key="dynamic_0_article_pace").set_value(0.5).run()
    assert said(app, "dynamic") == "article:0.5"
    app.selectbox(key="dynamic_0_article_pace_shape").select("linear").run()
    assert said(app, "dynamic") == "article:0.5..0@linear"
    app.slider(key="dynamic_0_article_pace_end").set_value(0.2).run()
    app.multiselect(key="dynamic_others").set_value(["static"]).run()
    app.button(key="do_start").click().run()
    assert not app.exception
    (run,) = line.submitted
    assert run.config().arms == ("static", "article:0.5..0.2@linear+static")


def test_arms_are_added_and_removed(visit: Visit) -> None:
    app = visit("/train")
    app.button(key="arms_add").click().run()
    app.button(key="arms_add").click().run()
    third, fourth = chosen(app)[2:]
    assert len({"static", "repaired", third, fourth}) == 4
    assert (said(app, "arm3"), said(app, "arm4")) == (third, fourth)
    app.button(key="arm3_remove").click().run()
    assert chosen(app)[2:] == [fourth, ""]
    assert said(app, "arm4") is None
    assert not app.exception


def test_another_strategy_starts_from_its_defaults(visit: Visit) -> None:
    app = visit("/train?dynamic=repaired:0.5")
    app.selectbox(key="dynamic_strategy").select("article").run()
    assert chosen(app)[1] == "article"


def test_equal_arms_are_trained_once(visit: Visit, line: Any) -> None:
    app = visit("/train?data=fruit&model=tiny&arm3=repaired&arm4=repaired:1")
    app.button(key="do_start").click().run()
    assert line.submitted[0].config().arms == ("static", "repaired")


def test_settings_say_where_nobody_reads_them(visit: Visit) -> None:
    idle = catalogue("en")["setting.idle"]
    app = visit("/train?baseline=none&dynamic=static")
    assert idle in app.select_slider(key="alpha").label
    assert idle in app.slider(key="tau").label
    assert idle not in app.slider(key="theta").label
    assert "static" in app.slider(key="theta").help


@pytest.fixture
def two_that_clash(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, sample in (("one", "article"), ("other", "repaired")):
        kind = type(name, (MaskStrategy,), {"family": "attention", "source": "none", "replaces": "attention_map"})
        kind.name = name  # type: ignore[attr-defined]
        monkeypatch.setitem(REGISTRY, name, kind)
        for lang in ("en", "zh"):
            monkeypatch.setitem(catalogue(lang), f"strategy.{name}", catalogue(lang)[f"strategy.{sample}"])


def test_masks_that_cannot_act_in_one_arm_are_refused_in_a_sentence(visit: Visit, two_that_clash: None) -> None:
    app = visit("/train?dynamic=one")
    app.multiselect(key="dynamic_others").set_value(["other"]).run()
    assert not app.exception
    assert chosen(app)[1] == "one"
    assert len(app.warning) == 1
    assert "one" in app.warning[0].value
    assert "other" in app.warning[0].value


@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_every_strategy_can_be_tuned(visit: Visit, name: str) -> None:
    app = visit(f"/train?dynamic={name}")
    assert not app.exception
    assert chosen(app)[1] == name
    parameters = REGISTRY[name].parameters
    keys = [
        str(element.key) for kind in (app.slider, app.number_input, app.selectbox, app.text_input) for element in kind
    ]
    for parameter in parameters:
        assert any(key.startswith(f"dynamic_0_{name}_{parameter.name}") for key in keys)


def test_what_the_picker_writes_can_be_read() -> None:
    for name in arms.names(ExperimentConfig()):
        assert parse(arms.read(name))[0][0] == name
    assert Param("x", 0.5, scheduled=True).read("0.5..0@linear") == "0.5..0@linear"


def _few() -> None:
    from dynmask_core.ui import arms

    known = ["none", "window", "dropout"]
    arms.arrive()
    arms.picker("dynamic", known)
    arms.extras(known)


def test_only_masks_that_can_act_are_offered_and_what_an_address_chose_stays() -> None:
    app = AppTest.from_function(_few).run()
    assert not app.exception
    assert app.selectbox(key="dynamic_strategy").value == "repaired"
    app.selectbox(key="dynamic_strategy").set_value("window").run()
    app.button(key="arms_add").click().run()
    assert chosen(app) == ["static", "window", "none", ""]
    few = [arms._in_list(name) for name in ("none", "window", "dropout")]
    for slot in ("dynamic", "arm3"):
        assert app.selectbox(key=f"{slot}_strategy").options == few
    assert app.multiselect(key="dynamic_others").options == [few[0], few[2]]
    assert not app.exception


def test_a_recipe_sets_arms_model_and_epochs(visit: Visit) -> None:
    app = visit("/train")
    app.button(key="recipe_saving").click().run()
    assert chosen(app) == [*RECIPES["saving"].arms, "", ""]
    state = app.session_state
    assert (state["model"], state["epochs"], state["batch"]) == ("medium", 5, 64)
    app.button(key="recipe_heads").click().run()
    assert chosen(app) == ["none", "headgate", "headgrad", "drophead"]
    assert app.session_state["model"] == "small"
    assert not app.exception
