"""The reader's own texts: one with labels and one without, chosen apart, each kept while pages change."""

from __future__ import annotations

from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from dynmask_core.messages import text

Visit = Callable[..., AppTest]
LABELLED = "text,label\n" + "".join(f"the day number {i % 7} was {'ab'[i % 2]},{'ab'[i % 2]}\n" for i in range(80))
PLAIN = "\n".join(
    f"the old dog number {i % 9} sees one of the {i} young cats and the hen number {i % 8}" for i in range(90)
)


def test_labelled_text_is_offered_as_text_to_learn_a_language_from_but_not_chosen_unasked(visit: Visit) -> None:
    app = visit("/data")
    app.text_area(key="pasted").set_value(LABELLED)
    app.button(key="read_pasted").click().run()
    assert app.selectbox(key="data").value == "own"
    app.switch_page("pages/mlm.py").run()
    assert app.selectbox(key="corpus").value == "english_prose"
    assert text("data.own_title", name=text("data.pasted")) in app.selectbox(key="corpus").options
    app.selectbox(key="corpus").set_value("labelled").run()
    assert not app.exception


def test_plain_text_of_ones_own_is_no_labelled_text_and_survives_other_pages(visit: Visit) -> None:
    app = visit("/mlm")
    app.text_area(key="pasted_corpus").set_value(PLAIN)
    app.button(key="read_corpus").click().run()
    assert not app.error
    assert app.selectbox(key="corpus").value == "own"
    app.switch_page("pages/data.py").run()
    mine = text("data.own_title", name=text("data.pasted"))
    assert mine not in app.selectbox(key="data").options
    app.switch_page("pages/mlm.py").run()
    assert app.selectbox(key="corpus").value == "own"
    assert mine in app.selectbox(key="corpus").options


def test_the_words_of_a_reader_never_stand_in_the_address(visit: Visit) -> None:
    app = visit("/data")
    app.text_area(key="pasted").set_value(LABELLED)
    app.button(key="read_pasted").click().run()
    assert app.query_params.get("data") in ("own", ["own"])
    assert "number" not in str(app.query_params)
