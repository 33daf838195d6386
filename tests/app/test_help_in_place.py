"""Terms are explained where they stand, in the words of the glossary; every control says what it changes and when."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dynmask_core import glossary
from dynmask_core.messages import LANGUAGES, catalogue, text

Visit = Callable[..., AppTest]
INPUTS = (
    "selectbox", "slider", "select_slider", "number_input", "text_input", "text_area", "multiselect", "toggle",
    "checkbox", "radio", "button_group", "file_uploader",
)  # fmt: skip
SWITCHES = {"lang"}
"""Named by what they show: the two languages."""
WHEN = ("live", "restarts", "picture", "reads", "idle")


def inputs(app: AppTest) -> Iterator[tuple[str, str]]:
    """(kind, key and label; help) of every input that is drawn, in popovers and folded parts too."""
    for kind in INPUTS:
        for widget in app.get(kind):
            if (widget.key or "") not in SWITCHES:
                yield f"{kind} {widget.key} {widget.proto.label}", widget.proto.help


@pytest.mark.parametrize(
    "address",
    ["train?data=fruit&arm3=dropout:0.5..0@cosine&dynamic=custom&lang=en", "compare?kind=sweep&lang=zh",
     "compare?kind=curve&lang=en", "compare?kind=compare&lang=zh", "mlm?lang=zh", "masks?lang=en", "data?lang=zh"],
)  # fmt: skip
def test_every_input_says_what_it_changes_and_when(visit: Visit, address: str) -> None:
    app = visit(f"/{address}")
    assert not app.exception
    lang = str(app.session_state["lang"])
    when = [text(f"help.{name}", lang) for name in WHEN]
    found = {name: re.sub(r"\\(.)", r"\1", said) for name, said in inputs(app)}
    assert found
    missing = [name for name, said in found.items() if not any(one in said for one in when)]
    assert not missing, ", ".join(missing)
    assert not [name for name, said in found.items() if len(said) < 1 + max(len(one) for one in when if one in said)]


def test_a_setting_is_explained_in_the_words_of_the_glossary(visit: Visit) -> None:
    app = visit("/train?lang=en")
    for key, name in {"tau": "tau", "theta": "theta", "seed": "seed", "epochs": "epoch"}.items():
        (widget,) = (one for kind in INPUTS for one in app.get(kind) if one.key == key)
        said = re.sub(r"\\(.)", r"\1", widget.proto.help)
        assert glossary.term(name)[1] in said


def test_a_page_leads_to_the_glossary_and_an_address_to_a_term(visit: Visit) -> None:
    app = visit("/glossary?term=theta&lang=zh")
    assert not app.exception
    bodies = [
        one.proto.body for one in app.get("html") if "glossary" in one.proto.body and "<style" not in one.proto.body
    ]
    assert bodies[0].count("<dt>") == 1
    assert glossary.term("theta", "zh")[1] in bodies[0]
    assert sum(body.count("<dt>") for body in bodies) == len(glossary.TERMS) + 1


def test_the_glossary_of_the_documentation_is_that_of_the_app() -> None:
    page = Path(glossary.__file__).parent / "docs" / "glossary.md"
    assert page.read_text(encoding="utf-8") == glossary.markdown()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_term_is_in_one_group_and_has_words_and_a_sentence(lang: str) -> None:
    keys = {key.removeprefix("term.") for key in catalogue(lang) if key.startswith("term.")}
    assert keys == set(glossary.TERMS)
    assert len(glossary.TERMS) == len(keys) >= 35
    for name in glossary.TERMS:
        words, sentence = glossary.term(name, lang)
        assert words
        assert sentence.endswith((".", "。"))
