"""Parts of a page that draw themselves again by the clock."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest


def page() -> None:
    import streamlit as st

    from dynmask_core.ui.timer import redrawn

    redrawn(1.0, lambda: st.text("timed"))
    redrawn(None, lambda: st.text("still"))
    st.text("after")


def test_a_part_with_a_timer_stands_in_a_place_that_stays() -> None:
    # On a slow server a tick can overtake the page: what a part draws at the page's own level is then missing there.
    app = AppTest.from_function(page).run()
    assert not app.exception
    timed, still, after = app.main.children.values()
    # The part's own block is redrawn with it; the place around that is not.
    assert [place.children[0].children[0].value for place in (timed, still)] == ["timed", "still"]
    assert after.value == "after"


def test_a_page_knows_whether_it_has_timers() -> None:
    app = AppTest.from_function(page).run()
    assert app.session_state["ticks"] is True
