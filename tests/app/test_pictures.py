"""Pictures as samples: chosen, trained on and watched; no page shows a file as text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dynmask_core.config import ExperimentConfig
from dynmask_core.data import build, load_sample
from dynmask_core.inputs import INPUTS, Tuned
from dynmask_core.masks import REGISTRY
from dynmask_core.runs import Run
from dynmask_core.tasks import offered

Visit = Callable[..., AppTest]
TINY = "data=digits&model=tiny&epochs=1"
SLOTS = ("baseline", "dynamic", "arm3", "arm4")


def tuned() -> Tuned:
    found = INPUTS["image"].tuned
    assert found is not None
    return found


TUNED = tuned()


def arms_of(app: AppTest) -> list[str]:
    return [app.session_state[slot] for slot in SLOTS if app.session_state[slot]]


def no_file_is_text(app: AppTest) -> None:
    """A sample's data URL may be drawn, never read."""
    assert not app.exception
    for kind in ("text", "markdown", "caption", "warning", "error", "info"):
        for element in app.get(kind):
            assert "base64" not in str(element.proto)
    for box in app.selectbox:
        assert not [option for option in box.options if "base64" in option]


def test_an_address_chooses_pictures_and_begins_with_what_suits_them(visit: Visit) -> None:
    app = visit("/train?data=digits")
    no_file_is_text(app)
    assert app.selectbox(key="data").value == "digits"
    assert tuple(arms_of(app)) == TUNED.arms
    assert app.slider(key="epochs").value == TUNED.epochs
    assert set(app.query_params) <= {"data"}


def test_what_nobody_has_set_follows_the_samples_and_comes_back(visit: Visit) -> None:
    app = visit("/train?alpha=0.5")
    assert arms_of(app) == ["static", "repaired"]
    app.selectbox(key="data").select("digits").run()
    assert tuple(arms_of(app)) == TUNED.arms
    assert app.slider(key="epochs").value == TUNED.epochs
    app.selectbox(key="data").select("fruit").run()
    assert arms_of(app) == ["static", "repaired"]
    assert app.slider(key="epochs").value == 15
    assert app.select_slider(key="alpha").value == 0.5


def test_what_the_reader_has_set_stays_if_it_suits_the_new_samples(visit: Visit) -> None:
    app = visit("/train?baseline=none&dynamic=window:2&epochs=3")
    app.selectbox(key="data").select("digits").run()
    assert arms_of(app) == ["none", "window:2"]
    assert app.slider(key="epochs").value == 3


def test_masks_that_need_words_are_not_offered_for_pictures(visit: Visit) -> None:
    app = visit("/train?data=digits")
    assert "repaired" not in " ".join(app.selectbox(key="dynamic_strategy").options)
    assert [caption for caption in app.caption if "not in the lists" in caption.value]
    assert "repaired" in " ".join(visit("/train").selectbox(key="dynamic_strategy").options)


@pytest.fixture
def trained(visit: Visit, line: Any) -> tuple[AppTest, Run]:
    app = visit(f"/train?{TINY}")
    app.button(key="do_start").click().run()
    assert not app.exception
    line.train()
    return app, line.submitted[-1]


def test_a_run_from_the_page_is_the_run_of_the_command(trained: tuple[AppTest, Run]) -> None:
    from dynmask_core.config import PRESETS, DataConfig, TrainConfig
    from dynmask_core.inputs import fit_to

    _, run = trained
    base = ExperimentConfig(DataConfig("sample:digits"), PRESETS["tiny"], train=TrainConfig(epochs=1), arms=TUNED.arms)
    told = fit_to(base, build(load_sample("digits"))[0], given=("arms", "epochs"))
    found = run.config()
    assert (found.model, found.input, found.arms) == (told.model, told.input, told.arms)
    assert (found.data.side, found.data.channels) == (told.data.side, told.data.channels)
    assert found.train.learning_rate == told.train.learning_rate
    assert found.train.batch_size == told.train.batch_size


@pytest.mark.parametrize("view", ["watch", "words", "ask", "errors", "scores", "beside"])
def test_every_view_of_a_run_on_pictures_can_be_read(trained: tuple[AppTest, Run], view: str) -> None:
    app, _ = trained
    app.session_state["view"] = view
    no_file_is_text(app.run())
    assert not app.error


def test_the_data_page_counts_no_words_of_pictures(visit: Visit) -> None:
    app = visit("/data?data=digits")
    no_file_is_text(app)
    assert app.metric[0].value == "1,797"
    assert len(app.metric) == 4
    assert app.session_state["sample_image"] == "digits"
    assert app.session_state["sample"] is None


def cards(app: AppTest) -> dict[str, str]:
    """The strategies that have a card, and how it is drawn."""
    names = [str(button.key).removeprefix("try_") for button in app.button if str(button.key).startswith("try_")]
    bodies = [element.proto.body for element in app.get("html") if "mk mk-picture mk-" in element.proto.body]
    return dict(zip(names, bodies, strict=True))


def test_the_catalogue_lists_what_can_act_on_pictures_and_turns_to_a_picture(visit: Visit) -> None:
    app = visit("/masks")
    assert "repaired" in cards(app)
    app.button_group(key="for").set_value("image").run()
    no_file_is_text(app)
    assert app.session_state["data"] == "digits"
    assert set(cards(app)) == set(offered(ExperimentConfig(input="image")))


def test_a_mask_that_cannot_act_on_a_picture_says_why(visit: Visit, painter: Any) -> None:
    app = visit("/masks?data=digits")
    no_file_is_text(app)
    told = cards(app)
    assert set(told) == set(REGISTRY)
    assert "mk-error" in told["repaired"]
    assert "mk-drawn" in told["dropout"]
