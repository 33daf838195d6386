"""The view of words: every word's mask over the epochs, where it crossed θ, and what was changed meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import pandas as pd
import streamlit as st

from dynmask_core.analysis.trajectories import (
    BANDS,
    Trajectories,
    bundles,
    density,
    find,
    has_word_mask,
    of_snapshots,
    select,
    told_crossings,
    told_overall,
)
from dynmask_core.analysis.typical import Typical, typical_words
from dynmask_core.colors import arm_color
from dynmask_core.masks import brief
from dynmask_core.messages import Sentence, listed, say, told
from dynmask_core.runs import ACTIVE, Run, Status
from dynmask_core.ui.components.paths import STRING_KEYS, Path, PathsData, paths
from dynmask_core.ui.i18n import explained, lang, plain, t, templates
from dynmask_core.ui.parts import choose_known
from dynmask_core.ui.watch import columns
from dynmask_core.ui.watch.run_view import RunView

LINES = (12, 24, 48)
NAMED = 12
"""Words that a line is sent with."""
ROWS = 200
MOST_SAID = 8
"""Sentences on crossings; the table has all."""
MOST_SOUGHT = 24


class Wanted(NamedTuple):
    """Which words to show. pinned: the numbers of those searched for. cls, band: see `select`."""

    pinned: tuple[int, ...]
    cls: str | None
    band: str


def draw(view: RunView, status: Status) -> None:
    """Draws the section."""
    st.subheader(t("paths.title"), anchor=False, help=explained("mask_value"))
    snapshots = view.snapshots()
    able = [arm for arm in view.arms if has_word_mask(snapshots, arm)]
    if len(able) < len(view.arms):
        st.text(t("paths.elsewhere", arms=listed(brief(arm) for arm in view.arms if arm not in able)))
    if not able or view.vocabulary is None:
        return
    st.caption(plain(t("paths.look")))
    found, wanted, most = _chosen(view, able)
    shown, together, crossed = _together(found, view.run.name, found.arm, found.epochs, len(found.changes), wanted)
    data = _data(view, found, together[:most], set(wanted.pinned), status.state in ACTIVE)
    paths(data, strings=templates(STRING_KEYS), key="paths")
    drawn = sum(map(len, together[:most]))
    facts = {"lines": len(data.paths), "words": drawn, "found": len(shown), "all": len(found)}
    sentences = [
        *told_overall(found),
        say("paths.drawn", **facts),
        *(one.told() for one in found.changes),
        *crossed[:MOST_SAID],
    ]
    st.text("\n".join(told(sentence, lang()) for sentence in sentences))
    rows = shown[:ROWS]
    with st.container(key="paths_table"):
        st.dataframe(
            _table(found, rows), hide_index=True, column_config=_columns(), height=columns.height(len(rows), 330)
        )
    if len(shown) > ROWS:
        st.caption(t("paths.first", shown=ROWS))


def _chosen(view: RunView, able: list[str]) -> tuple[Trajectories, Wanted, int]:
    """What the controls ask for: the arm's paths, which words to show, and how many lines at most."""
    typical = _typical(view.run, view.run.name)
    places = iter(st.columns([2, 3, 1] if len(able) > 1 else [3, 1], vertical_alignment="bottom"))
    arm = able[-1]
    if len(able) > 1:
        arm = _choose(next(places), "arm", [*reversed(able)], brief)
    sought = next(places).text_input(
        t("paths.search"), key="paths_search", help=t("paths.search.help"), placeholder=t("paths.search.placeholder")
    )
    filters = next(places).popover(t("paths.filter"), icon=":material/filter_list:", width="stretch", key="paths_more")
    classes = ["", *(typical.classes if typical is not None else ())]
    cls = _choose(filters, "class", classes, lambda name: name or t("paths.class.any"), help=t("paths.class.help"))
    band = _choose(filters, "band", list(BANDS), lambda name: t(f"paths.band.{name}"))
    most = _choose(filters, "top", list(LINES), str)
    changed = sum(event["type"] == "controls_changed" for event in view.events)
    found = _found(view, typical, view.run.name, arm, tuple(view.epochs), changed)
    pinned, missing = _sought(view, found, sought)
    if missing:
        st.text(t("paths.missing", words=listed(missing)))
    return found, Wanted(tuple(pinned), cls or None, band), most


def _choose(place: Any, name: str, options: list[Any], say: Callable[[Any], str], help: str | None = None) -> Any:
    return choose_known(place, t(f"paths.{name}"), f"paths_{name}", options, say, help)


def _sought(view: RunView, found: Trajectories, sought: str) -> tuple[list[int], list[str]]:
    """The words searched for, which are cut out of the reader's text as from any other, and those that are none."""
    pinned: list[int] = []
    missing = []
    for piece in sought.replace(",", " ").replace("，", " ").split()[:MOST_SOUGHT]:
        here = find(found, piece)
        if not here and len((text := view.reader.show(piece)).spans) > 1:
            here = [index for start, end in text.spans for index in find(found, text.text[start:end])]
        pinned += here
        if not here:
            missing.append(piece)
    return list(dict.fromkeys(pinned))[:MOST_SOUGHT], missing


def _data(view: RunView, found: Trajectories, together: list[list[int]], pinned: set[int], running: bool) -> PathsData:
    lines = [
        Path(
            [found.words[index] for index in bundle[:NAMED]],
            len(bundle),
            [round(float(value), 3) for value in found.paths[bundle[0]]],
            not pinned.isdisjoint(bundle),
        )
        for bundle in together
    ]
    marks: dict[int, list[str]] = {}
    for one in found.changes:
        marks.setdefault(one.epoch, []).append(one.short)
    return PathsData(
        epochs=list(found.epochs),
        paths=lines,
        color=arm_color(view.arms.index(found.arm)),
        thresholds=[round(float(value), 3) for value in found.thresholds] if found.judged else None,
        density=density(found),
        words=len(found),
        marks=[(epoch, " · ".join(texts)) for epoch, texts in marks.items()],
        last=view.config.train.epochs if running else max(found.epochs[-1], 1),
    )


def _table(found: Trajectories, shown: list[int]) -> pd.DataFrame:
    typical = found.typical
    rows = [
        {
            "word": found.words[index],
            "path": found.paths[index].astype(float).tolist(),
            "start": float(found.paths[index, 0]),
            "now": float(found.paths[index, -1]),
            "state": t("paths.kept" if found.kept[index, -1] else "paths.removed") if found.judged else "",
            "crossed": ", ".join(str(one.epoch) for one in found.crossings(index)),
            "typical": "" if typical is None or typical.which[index] < 0 else typical.classes[typical.which[index]],
            "count": int(found.counts[index]),
        }
        for index in shown
    ]
    return pd.DataFrame(rows)


def _columns() -> dict[str, Any]:
    return {
        "word": st.column_config.TextColumn(t("paths.word")),
        "path": st.column_config.LineChartColumn(t("paths.path"), y_min=0, y_max=1),
        "start": st.column_config.NumberColumn(t("paths.start"), format="%.2f", width="small"),
        "now": st.column_config.NumberColumn(t("paths.now"), format="%.2f", width="small"),
        "state": st.column_config.TextColumn(t("paths.state"), width="small"),
        "crossed": st.column_config.TextColumn(t("paths.crossed"), width="small"),
        "typical": st.column_config.TextColumn(t("paths.typical"), help=t("paths.class.help")),
        "count": st.column_config.NumberColumn(t("paths.count"), width="small"),
    }


@st.cache_resource(show_spinner=False, max_entries=16)
def _typical(_run: Run, name: str) -> Typical | None:
    """The texts of a run do not change, and cutting thousands of them into words takes a second."""
    return typical_words(_run)


@st.cache_resource(show_spinner=False, max_entries=32)
def _found(
    _view: RunView, _typical: Typical | None, name: str, arm: str, epochs: tuple[int, ...], changed: int
) -> Trajectories:
    """epochs, changed: a run that has gone on has other paths."""
    return of_snapshots(_view.config, arm, _view.vocabulary, _view.snapshots(), _view.events, _typical)


@st.cache_resource(show_spinner=False, max_entries=32)
def _together(
    _found: Trajectories, name: str, arm: str, epochs: tuple[int, ...], changed: int, wanted: Wanted
) -> tuple[list[int], list[list[int]], list[Sentence]]:
    """The words to show, their bundles, and what is told of their crossings. The key is what is wanted: the words
    themselves can be tens of thousands."""
    shown = select(_found, pinned=wanted.pinned, cls=wanted.cls, band=wanted.band)
    together = bundles(_found, shown)
    return shown, together, told_crossings(_found, together)
