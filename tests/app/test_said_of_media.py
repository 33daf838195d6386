"""Whoever looks at a run on pictures or sounds meets no sentence and no view that is meant for texts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from small_media import few_pictures, few_sounds
from streamlit.testing.v1 import AppTest

from dynmask_core.config import PRESETS, DataConfig, ExperimentConfig, TrainConfig
from dynmask_core.data import Dataset
from dynmask_core.inputs import fit_to
from dynmask_core.jobs import execute
from dynmask_core.messages import LANGUAGES
from dynmask_core.runs import Run, default_root
from dynmask_core.ui.watch.views import VIEWS

Visit = Callable[..., AppTest]
OF_TEXTS = {"en": re.compile(r"\b(words?|texts?|sentences?)\b", re.I), "zh": re.compile("词(?!元)|句子|文本")}
"""词元 is a token, which a patch is as well."""
MAY = re.compile("asked of texts only|masks are not in the lists|只对文本提问|种掩码没有列出")
"""Beginnings and ends of sentences that say why something is not asked of such samples, or not offered."""
KINDS = ("title", "header", "subheader", "markdown", "caption", "text", "info", "warning", "error", "success")
WIDGETS = ("button", "selectbox", "button_group", "toggle", "slider", "select_slider", "download_button", "text_input")


def told(app: AppTest) -> Iterator[str]:
    """All that is written in the part of the page that belongs to the run, and on its widgets."""
    for kind in KINDS:
        yield from (str(element.value) for element in app.get(kind))
    for kind in WIDGETS:
        for widget in app.get(kind):
            yield from (str(getattr(widget.proto, part, "")) for part in ("label", "help"))
            if widget.key != "data":  # has texts to choose from as well
                yield from map(str, getattr(widget, "options", ()))


@pytest.mark.parametrize(
    ("samples", "arm", "chosen"), [(few_pictures, "dropout", "digits"), (few_sounds, "specaugment", "spoken_words")]
)
def test_no_view_of_a_run_speaks_of_texts(samples: Callable[[], Dataset], arm: str, chosen: str, visit: Visit) -> None:
    dataset = samples()
    base = ExperimentConfig(DataConfig("mine.zip"), PRESETS["tiny"], train=TrainConfig(epochs=1), arms=("none", arm))
    run = Run.create(default_root(), fit_to(base, dataset, given=("arms", "epochs")), dataset)
    assert execute(run.path) == "finished"
    found = set()
    for lang in LANGUAGES:
        for view in [name for name in VIEWS if name != "words"]:
            app = visit(f"/train?run={run.name}&lang={lang}&data={chosen}&view={view}")
            for button in ("ask_wrong", "thresholds_ask", "faith_ask"):  # the answers are kept for the next language
                if any(one.key == button for one in app.button):
                    app.button(key=button).click().run()
            assert not app.exception
            said = [one for one in told(app) if OF_TEXTS[lang].search(one) and not MAY.search(one)]
            found |= {(view, one) for one in said}
    assert not found, "\n".join(f"{view}: {said}" for view, said in sorted(found))


def test_the_view_of_words_is_not_offered_and_an_address_that_names_it_is_answered(visit: Visit) -> None:
    dataset = few_pictures()
    base = ExperimentConfig(DataConfig("mine.zip"), PRESETS["tiny"], train=TrainConfig(epochs=1), arms=("none",))
    run = Run.create(default_root(), fit_to(base, dataset, given=("arms", "epochs")), dataset)
    assert execute(run.path) == "finished"
    app = visit(f"/train?run={run.name}&view=words")
    assert app.session_state["view"] == "watch"
    assert any("view=words" in warning.value.replace("\\", "") for warning in app.warning)
    app.session_state["view"] = "scores"
    app.run()
    assert "take_masks" in [button.key for button in app.get("download_button")]
    assert "take_words" not in [button.key for button in app.get("download_button")]


def test_samples_of_every_class_come_first(visit: Visit) -> None:
    app = visit("/data?data=digits")
    table: Any = next(frame.value for frame in app.dataframe if "part" in frame.value)
    assert table["label"].head(10).nunique() == 10
