"""Make your own mask: what is typed and painted becomes a mask, a link and an arm."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dynmask_core.masks import painted
from dynmask_core.masks.library.custom import START
from dynmask_core.messages import LANGUAGES, catalogue
from dynmask_core.ui import composer
from dynmask_core.ui.components.paint import read
from dynmask_core.ui.composer.words import EXAMPLES

Visit = Callable[..., AppTest]


def address(app: AppTest) -> str | None:
    value = app.query_params.get("edges")
    return value[0] if isinstance(value, list) else value


def errors(app: AppTest) -> list[str]:
    return [error.value for error in app.error]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_it_starts_from_a_mask_that_works(visit: Visit, lang: str) -> None:
    app = visit(f"/masks?family=baseline&lang={lang}")
    assert not app.exception
    assert app.text_input(key="composer_text").value == "window(2) | strided(4) | global(0)"
    assert address(app) is None
    assert not errors(app)


def test_what_is_typed_stands_in_the_address_and_a_mistake_leaves_it(visit: Visit) -> None:
    app = visit("/masks?family=baseline")
    app.text_input(key="composer_text").set_value("causal & (q - k < 4)").run()
    assert address(app) == "causal&(q-k<4)"
    app.text_input(key="composer_text").set_value("causal & wndow(2)").run()
    assert not app.exception
    assert address(app) == "causal&(q-k<4)"
    (said,) = errors(app)
    assert "wndow" in said
    app.text_input(key="composer_text").set_value("causal").run()
    assert not errors(app)
    assert address(app) == "causal"


def test_an_address_opens_it_and_a_bad_one_is_passed_over(visit: Visit) -> None:
    app = visit("/masks?family=baseline&edges=window(1)%7Cglobal(0,2)")
    assert app.text_input(key="composer_text").value == "window(1) | global(0,2)"
    assert app.expander[0].proto.expanded
    app = visit("/masks?family=baseline&edges=__import__('os')")
    assert not app.exception
    assert address(app) is None
    assert not app.expander[0].proto.expanded


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_is_one_click(visit: Visit, name: str) -> None:
    app = visit("/masks?family=baseline")
    app.button(key=f"composer_example_{name}").click().run()
    assert not app.exception
    assert app.text_input(key="composer_text").value == EXAMPLES[name]
    assert not errors(app)


def test_it_leads_to_training_against_no_mask(visit: Visit) -> None:
    app = visit("/masks?family=baseline&data=fruit&edges=global(0,2)%7C(q%2B2==k)")
    app.button(key="composer_train").click().run()
    assert not app.exception
    assert app.title[0].value == catalogue("en")["train.title"]
    assert app.session_state["baseline"] == "none"
    assert app.session_state["dynamic"] == "custom:global(0,2)|(q+2==k)"


def test_an_address_of_the_train_page_carries_it_into_a_run(visit: Visit, line: Any) -> None:
    app = visit("/train?data=fruit&baseline=none&dynamic=custom:global(0,2)%7C(q%2B2%3D%3Dk)%2Bdropout")
    assert app.session_state["dynamic"] == "custom:global(0,2)|(q+2==k)+dropout"
    app.button(key="do_start").click().run()
    assert line.submitted[0].config().arms == ("none", "custom:global(0,2)|(q+2==k)+dropout")
    app = visit("/train?dynamic=custom:window(2) | causal")
    assert app.session_state["dynamic"] == "custom:window(2)|causal"


def test_the_picker_of_arms_says_what_is_wrong_and_leads_here(visit: Visit) -> None:
    app = visit("/train?dynamic=custom")
    field = "dynamic_0_custom_expression"
    assert app.text_input(key=field).value == START
    app.text_input(key=field).set_value("causal & (q - k < 4)").run()
    assert app.session_state["dynamic"] == "custom:causal&(q-k<4)"
    app.text_input(key=field).set_value("causal & wndow(2)").run()
    assert app.session_state["dynamic"] == "custom:causal&(q-k<4)"
    assert ["wndow" in warning.value for warning in app.warning] == [True]
    app.button(key=f"{field}_compose").click().run()
    assert not app.exception
    assert app.text_input(key="composer_text").value == "causal & (q-k<4)"


def _alone() -> None:
    import streamlit as st

    from dynmask_core.ui import composer

    composer.section(["a", "b"], "text")
    st.button("paint", key="paint", on_click=lambda: composer._painted(__import__("numpy").eye(3, dtype=bool)))
    st.button("undo", key="undo", on_click=composer._undo)


def test_a_painted_mask_is_written_and_can_be_undone() -> None:
    app = AppTest.from_function(_alone).run()
    app.text_input(key="composer_text").set_value("causal & self").run()
    app.button(key="paint").click().run()
    assert not app.exception
    assert app.session_state["edges"] == f'painted("{painted.write(np.eye(3, dtype=bool))}")'
    app.button(key="undo").click().run()
    assert app.session_state["edges"] == "causal&self"
    assert app.text_input(key="composer_text").value == "causal & self"
    app.button(key="undo").click().run()
    app.button(key="undo").click().run()
    assert app.session_state["edges"] == ""
    assert composer.spaced(START) == app.text_input(key="composer_text").value


@pytest.mark.parametrize(
    "sent",
    [
        None, [], "1", {}, {"stroke": 1, "size": 2}, {"stroke": 1, "size": 2, "bits": "010"},
        {"stroke": True, "size": 2, "bits": "0101"}, {"stroke": 1, "size": 65, "bits": "0" * 65**2},
        {"stroke": 1, "size": 2, "bits": "01x1"}, {"stroke": 1, "size": 0, "bits": ""},
        {"stroke": 1, "size": 2, "bits": 1},
    ],
)  # fmt: skip
def test_what_a_browser_makes_up_is_no_painting(sent: Any) -> None:
    assert read(sent) is None


def test_what_the_browser_paints_is_read_row_by_row() -> None:
    found = read({"stroke": 4, "size": 2, "bits": "0110"})
    assert found is not None
    assert found[0] == 4
    np.testing.assert_array_equal(found[1], [[False, True], [True, False]])
