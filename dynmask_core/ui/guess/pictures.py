"""Pictures and sounds of which parts are hidden: what each mask hides, and what every model restores."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import streamlit as st

from dynmask_core.analysis.restored import hidden_places
from dynmask_core.colors import arm_color
from dynmask_core.config import ExperimentConfig, GuessSettings
from dynmask_core.data import Dataset
from dynmask_core.data.media import pixels_of
from dynmask_core.inputs import Picture, make_input
from dynmask_core.inputs.numeric import Numeric
from dynmask_core.masks.schedule import Schedule
from dynmask_core.runs import Run
from dynmask_core.ui.arm_names import in_words
from dynmask_core.ui.components.curves import Line, curves
from dynmask_core.ui.components.restored import STRING_KEYS, Cell, restored
from dynmask_core.ui.i18n import lang, t, templates
from dynmask_core.ui.question.subjects import BY_NAME, subject
from dynmask_core.ui.watch import which
from dynmask_core.ui.watch.run_view import RunView

LOOKED_AT = 3
"""So many samples are shown before the first run."""
MOST_EPOCHS = 12
"""So many epochs of masks are shown before the first run."""


def first_look(config: ExperimentConfig, dataset: Dataset) -> None:
    """Some training samples, and what each mask hides of them in the first epochs: no model is needed for that."""
    epochs = range(1, min(config.train.epochs, MOST_EPOCHS) + 1)
    reader, cells = make_input(config), []
    for place, (sample, hidden) in enumerate(_first(str(config.to_json()), config, dataset)):
        picture = reader.show(sample).picture
        assert picture is not None
        cells.append(_cell(t("restored.sample", number=place + 1), "", [picture.url], picture))
        for a, arm in enumerate(config.arms):
            gone = [one.tolist() for one in hidden[a]]
            cells.append(_cell(_called(config, arm), arm_color(a), [picture.url], picture, gone))
    across = 1 + len(config.arms)
    restored(cells, epochs, across, lang=lang(), strings=templates(STRING_KEYS), key="hidden_parts")


@st.cache_resource(show_spinner=False, max_entries=8)
def _first(key: str, _config: ExperimentConfig, _dataset: Dataset) -> list[tuple[str, list[list[np.ndarray]]]]:
    """The samples, and of each arm and epoch the places that are hidden. key: identifies the other two."""
    from dynmask_core.tasks.restore import hider_of

    reader, rows = make_input(_config), _dataset.rows("train")[:LOOKED_AT]
    found = []
    for row in rows:
        sample = _dataset.texts[row]
        there = np.ones((1, len(reader.read(sample)) - 1), dtype=bool)
        epochs = range(1, min(_config.train.epochs, MOST_EPOCHS) + 1)
        hiders = [hider_of(_config, arm) for arm in _config.arms]
        numbers = np.array([row])
        found.append((sample, [[np.flatnonzero(h.chosen(there, numbers, e)[0]) for e in epochs] for h in hiders]))
    return found


def draw(view: RunView) -> None:
    """A watched sample, what is hidden of it, and what every model restores at every kept epoch."""
    sample = which.choose(view, "mlm_probe")
    if not sample:
        return
    rate, seed = _controls(view)
    epochs = view.run.kept_epochs()
    if not epochs:
        st.caption(t("restored.later"))
        return
    reader = cast(Numeric, view.reader)
    units = reader.read(sample)
    hidden = hidden_places(len(units) - 1, rate, seed)
    whole = reader.pictured(units)
    places, share = [np.flatnonzero(hidden).tolist()], t("restored.share", share=f"{hidden.mean():.0%}")
    cells = [
        _cell(t("restored.whole"), "", [whole.url], whole),
        _cell(t("restored.hidden"), "", [whole.url], whole, places, [share]),
    ]
    for a, arm in enumerate(view.arms):
        made = [_made(view.run, arm, epoch, sample, rate, seed) for epoch in epochs]
        notes = [t("restored.explained", share=_percent(explained)) for _, explained in made]
        cells.append(_cell(_called(view.config, arm), arm_color(a), [url for url, _ in made], whole, (), notes))
    restored(cells, epochs, len(cells), lang=lang(), strings=templates(STRING_KEYS), key="restored")
    st.caption(t("restored.read"))


def _called(config: ExperimentConfig, arm: str) -> str:
    return f"{arm} · {in_words(config, arm, lang())}"


def _controls(view: RunView) -> tuple[float, int]:
    """The share to hide, and the number of the draw."""
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    state = st.session_state
    state.setdefault("restored_share", round(_rate(view.config), 2))
    with left:
        share = st.slider(t("restored.rate"), 0.05, 0.95, step=0.05, key="restored_share", persist_state="session")
    with right:
        st.button(t("restored.others"), icon=":material/casino:", key="restored_others", on_click=_others)
    return float(share), int(state.get("restored_draw", 0))


def _others() -> None:
    st.session_state["restored_draw"] = st.session_state.get("restored_draw", 0) + 1


def _rate(config: ExperimentConfig) -> float:
    """That of the run's end."""
    rate = cast(GuessSettings, config.task).rate
    return float(np.clip(Schedule.read(rate).at(1.0), 0.05, 0.95))


@st.cache_data(show_spinner=False, max_entries=2000, hash_funcs=BY_NAME)
def _made(run: Run, arm: str, epoch: int, sample: str, rate: float, seed: int) -> tuple[str, float]:
    """The restored picture, and how much of what was hidden it explains."""
    # Loaded here: it needs torch, which takes seconds to load.
    from dynmask_core.analysis.restored import restored as restore

    asked = subject(run, arm, epoch)
    units = asked.reader.read(sample)
    found = restore(asked, units, hidden_places(len(units) - 1, rate, seed))
    return cast(Numeric, asked.reader).pictured(found.units).url, found.explained


def _percent(share: float) -> str:
    return "–" if np.isnan(share) else f"{100 * share:.0f}".replace("-", "−")


def _cell(title: str, color: str, urls: list[str], picture: Picture, hidden: Any = (), notes: Any = ()) -> Cell:
    height, width = pixels_of(picture.url).shape[:2]
    return Cell(title, color, urls, picture.rows, picture.columns, width / height, hidden, notes)


def ever_hidden(view: RunView) -> None:
    """The share of all units that were hidden at least once, over epochs, for a narrow column."""
    points: dict[str, list[tuple[int, float]]] = {arm: [] for arm in view.arms}
    for event in view.arm_epochs():
        points[event["arm"]].append((event["epoch"], event["train"]["ever_asked"]))
    lines = [Line(arm, arm_color(a), False, points[arm]) for a, arm in enumerate(view.arms)]
    strings = {key: t(f"chart.{key}") for key in ("epoch", "reset")}
    strings |= {"title": t("restored.ever"), "alt": t("restored.ever.alt"), "note": ""}
    curves(
        lines, run=view.run.name, epochs=view.config.train.epochs, strings=strings, key="chart_ever", small=True,
        percent=True,
    )  # fmt: skip
