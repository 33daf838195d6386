"""What a link hides is not on the page, and keeps the value that the link gives it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dynmask_core.config.offers import HIDEABLE
from dynmask_core.learn.pages import HIDING, hidden_on
from dynmask_core.messages import text

Visit = Callable[..., AppTest]
CONTROLS = {
    "alpha": {"alpha"},
    "tau": {"tau"},
    "theta": {"theta"},
    "arms": {"dynamic_strategy", "baseline_strategy", "arms_add", "refresh", "task_arms_box"},
    "data": {"data", "own_texts", "corpus", "pasted_corpus", "task", "marked", "pairs"},
    "model": {"model"},
    "epochs": {"epochs", "mlm_epochs", "task_epochs"},
    "seed": {"seed"},
    "recipes": {"recipe_article"},
    "transport": {"do_start", "do_step", "do_cancel", "do_reset"},
}
"""The keys of each name's controls, on all pages."""
PLACES = {"settings", "more"}
"""They are drawn out of sight, so that the values of the address are read."""
ADDRESSES = {
    "train": "/train?data=fruit&model=tiny&epochs=2&seed=3&alpha=0.5&tau=0.5&theta=0.35&dynamic=article&arm3=none",
    "compare": "/compare?data=fruit&model=tiny&epochs=2&seed=3&alpha=0.5&tau=0.5&theta=0.35&dynamic=article&arm3=none",
    "mlm": "/mlm?corpus=chinese_prose&model=tiny&mlm_epochs=2&seed=3&refresh=static",
    "tasks": "/tasks?marked=tags_en&model=tiny&task_epochs=2&seed=3&task_arms=none",
}


def keys(app: AppTest) -> set[str]:
    kinds = (
        "button",
        "button_group",
        "multiselect",
        "number_input",
        "select_slider",
        "selectbox",
        "slider",
        "text_area",
    )
    return {element.key or "" for kind in kinds for element in app.get(kind)}


def out_of_sight(app: AppTest) -> set[str]:
    return {place for place in PLACES for html in app.get("html") if f".st-key-{place} {{" in html.proto.body}


def test_every_name_has_its_controls() -> None:
    assert {*CONTROLS, *PLACES} == set(HIDEABLE)
    assert set(ADDRESSES) == set(HIDING)


@pytest.mark.parametrize("page", HIDING)
def test_each_name_hides_its_controls_and_nothing_else(visit: Visit, page: str) -> None:
    all_keys = keys(visit(ADDRESSES[page]))
    assert {"do_start"} <= all_keys
    for part in (HIDEABLE[:6], HIDEABLE[6:]):
        app = visit(f"{ADDRESSES[page]}&hide={','.join(part)}")
        assert not app.exception
        gone: set[str] = set().union(*(CONTROLS.get(name, set()) for name in part))
        left = keys(app) - {"show_hidden"}
        assert left & gone == set()
        others = {key for name in CONTROLS if name not in part for key in CONTROLS[name]}
        assert left & others == all_keys & others
        assert out_of_sight(app) == PLACES & set(part)
        assert app.query_params["hide"] in (",".join(part), [",".join(part)])


def test_hidden_controls_keep_the_values_of_the_address(visit: Visit, line: Any) -> None:
    app = visit(f"{ADDRESSES['train']}&hide=settings,alpha,tau,theta,arms,data,model,epochs,seed,recipes,more")
    app.run()
    app.button(key="do_start").click().run()
    assert not app.exception
    config = line.submitted[0].config()
    assert config.data.source == "sample:fruit"
    assert config.arms == ("static", "article", "none")
    assert (config.train.epochs, config.train.seed, config.model.dim) == (2, 3, 32)
    assert (config.controls.step_size, config.controls.evidence_threshold, config.controls.keep_threshold) == (
        0.5, 0.5, 0.35,
    )  # fmt: skip
    assert "alpha" not in keys(app)  # beside the run, too
    assert "hide" in app.query_params


def test_hiding_the_settings_leaves_what_acts_at_once(visit: Visit) -> None:
    for page in ("train", "compare"):
        app = visit(f"{ADDRESSES[page]}&hide=settings,tau")
        assert {"alpha", "theta"} <= keys(app)
        assert "tau" not in keys(app)
        assert out_of_sight(app) == {"settings"}


def test_what_is_hidden_is_said_and_can_be_shown(visit: Visit) -> None:
    app = visit(f"{ADDRESSES['train']}&hide=alpha,data")
    said = text("hide.hidden", names=f"{text('hide.alpha')} · {text('hide.data')}")
    assert said in [caption.value for caption in app.caption]
    app.button(key="show_hidden").click().run()
    assert {"alpha", "data"} <= keys(app)
    assert "hide" not in app.query_params


def test_a_class_is_not_told_what_its_teacher_hides(visit: Visit) -> None:
    app = visit(f"{ADDRESSES['train']}&hide=alpha&class=K7M4QP")
    assert "alpha" not in keys(app)
    assert "show_hidden" not in keys(app)


def test_unknown_names_are_noted_as_ignored_and_the_others_used(visit: Visit) -> None:
    app = visit("/train?hide=alpha,everything")
    assert not app.exception
    assert any(r"hide\=everything" in warning.value for warning in app.warning)
    assert app.query_params["hide"] in ("alpha", ["alpha"])


def test_a_lessons_and_a_classs_names_are_joined() -> None:
    assert hidden_on("train", ("data", "alpha"), ["alpha", "seed"]) == "alpha,data,seed"
    assert hidden_on("train", (), ()) == ""
    assert hidden_on("masks", ("data",)) == ""


def test_large_letters_are_kept_in_the_address(visit: Visit) -> None:
    app = visit("/?large=1")
    assert not app.exception
    assert app.query_params["large"] in ("1", ["1"])
    assert any("--letters" in html.proto.body for html in app.get("html"))
    assert not any("--letters" in html.proto.body for html in visit("/").get("html"))
