"""The runs of this browser, and the choice of one to lay beside the run that is open.

A run's name cannot be guessed and is the key to it: who has it may look. A server may be shared by strangers, so its
runs are never listed; offered are those that this session has opened and those that this browser remembers.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from dynmask_core.analysis.overlay import name_in
from dynmask_core.analysis.standing import require_classes
from dynmask_core.errors import InputError
from dynmask_core.masks import brief
from dynmask_core.runs import Run, default_root, find_run
from dynmask_core.ui import address
from dynmask_core.ui.choose import source_title
from dynmask_core.ui.components.remembered import remembered
from dynmask_core.ui.i18n import plain, t
from dynmask_core.ui.question.subjects import BY_NAME
from dynmask_core.ui.watch import columns
from dynmask_core.ui.watch.run_view import RunView

MOST = 50
"""Runs in the list."""


def remember(view: RunView) -> None:
    """Adds a run to those of this session and of this browser, and reads which these are. Shows nothing.

    Called on every page of a run, before anything that lists them.
    """
    if view.config.task.page != "train":
        return
    name = view.run.name
    if st.session_state.setdefault("beside_of", name) != name:
        # The link to a run must not carry the name of one that was laid beside another.
        st.session_state["beside_of"], st.session_state["beside"] = name, ""
    _in_address()  # whichever view is open: the address keeps the run that is laid beside
    _keep(name)
    known = st.session_state.setdefault("my_runs_cleared", None)
    with st.container(key="memory"):
        told = remembered(st.session_state["my_runs"], cleared=known, key="remembered_runs")
    if told is None or (known is not None and told.cleared < known):
        return  # no answer yet, or one from before the reader asked to forget
    if known is not None and told.cleared > known:
        _forget_all(name)  # in another tab
    st.session_state["my_runs_cleared"] = told.cleared
    _keep(*st.session_state["my_runs"], *(one for one in told.names if name_in(one) == one))


def _keep(*names: str) -> None:
    """Puts names in front of the session's list."""
    before, left_out = st.session_state.get("my_runs", []), st.session_state.get("my_runs_left_out")
    st.session_state["my_runs"] = [name for name in dict.fromkeys([*names, *before]) if name != left_out][:MOST]


def _forget_all(own: str) -> None:
    """The run that is open is forgotten, too: nothing is left for who uses this browser next."""
    st.session_state["my_runs"], st.session_state["my_runs_left_out"] = [], own


def beside(view: RunView) -> Run | None:
    """Draws the choice; returns the run that is chosen, which is in the address as `beside`."""
    chosen = _chosen(view.run.name)
    if chosen is not None:
        _keep(chosen.name)
    with st.expander(t("overlay.chosen" if chosen else "overlay.choose"), expanded=chosen is None):
        _choice(view)
    return chosen


def _chosen(own: str) -> Run | None:
    name = _in_address()
    return None if name in ("", own) else _found(name)


def _in_address() -> str:
    return address.text("beside", "", _read)


def _read(written: str) -> str:
    """Checks a name in the address. Raises ValueError if no run with classes is called so."""
    name = name_in(written)
    if name is None or _found(name) is None:
        raise ValueError(written)
    return name


def _found(name: str) -> Run | None:
    try:
        run = find_run(default_root(), name)
        require_classes(run)
    except InputError:
        return None
    return run


def _choice(view: RunView) -> None:
    names = [name for name in st.session_state.get("my_runs", []) if name != view.run.name]
    rows = [row for name in names if (run := _found(name)) is not None for row in [_row(run)]]
    st.caption(plain(t("overlay.mine")))
    if rows:
        _table(rows)
    else:
        st.caption(plain(t("overlay.none")))
    st.text_input(t("overlay.paste"), key="beside_pasted", on_change=_take_pasted, args=(view.run.name,))
    if problem := st.session_state.get("beside_problem"):
        st.warning(t(f"overlay.{problem}"), icon=":material/link_off:")
    if names:
        told = t("overlay.forget.help")
        st.button(
            t("overlay.forget"), icon=":material/delete_sweep:", key="forget_runs", help=told,
            on_click=_forget, args=(view.run.name,),
        )  # fmt: skip


def _take_pasted(own: str) -> None:
    pasted = st.session_state["beside_pasted"]
    name = name_in(pasted)
    known = name is not None and _found(name) is not None
    st.session_state["beside_problem"] = "same_run" if name == own else "unknown" if pasted and not known else ""
    if known and name != own:
        st.session_state["beside"] = name


def _take_row(key: str, names: Sequence[str]) -> None:
    for row in st.session_state[key]["selection"]["rows"]:
        st.session_state["beside"] = names[row]


def _forget(own: str) -> None:
    _forget_all(own)
    # Later than any time before, whatever the clocks say.
    st.session_state["my_runs_cleared"] = max(time.time_ns() // 10**6, (st.session_state["my_runs_cleared"] or 0) + 1)
    st.session_state["beside"] = ""


def _table(rows: Sequence[dict[str, Any]]) -> None:
    shown = pd.DataFrame([{key: value for key, value in row.items() if key != "name"} for row in rows])
    config = {
        "when": st.column_config.TextColumn(t("overlay.when"), width="small"),
        "data": st.column_config.TextColumn(t("overlay.setting.source")),
        "arms": st.column_config.TextColumn(t("overlay.setting.arms")),
        "scores": st.column_config.TextColumn(t("overlay.scores")),
        "controls": st.column_config.TextColumn("α · τ · θ"),
        "seed": st.column_config.NumberColumn(t("setting.seed"), width="small", format="%d"),
        "state": st.column_config.TextColumn(t("overlay.state"), width="small"),
    }
    names = tuple(row["name"] for row in rows)
    key = f"my_runs_table_{hash(names)}"
    st.dataframe(
        shown, hide_index=True, column_config=config, height=columns.height(len(rows), 260), key=key,
        on_select=partial(_take_row, key, names), selection_mode="single-row",
    )  # fmt: skip


def when(run: Run) -> str:
    """When a run was started, from its name: 2026-05-01 09:30; "–" for one that came with a lesson."""
    if run.recorded:
        return "–"
    day, time = run.name.split("-")[:2]
    return f"{day[:4]}-{day[4:6]}-{day[6:]} {time[:2]}:{time[2:4]}"


def _row(run: Run) -> dict[str, Any]:
    config, status, done = run.config(), run.status(), run.finished
    scores = _scores(run) if done else {}
    now = run.controls()
    return {
        "name": run.name,
        "when": when(run),
        "data": source_title(config.data.source),
        "arms": " · ".join(map(brief, config.arms)),
        "scores": " · ".join(f"{scores[arm]:.1%}" for arm in config.arms if arm in scores),
        "controls": f"{now.step_size:g} · {now.evidence_threshold:g} · {now.keep_threshold:g}",
        "seed": config.train.seed,
        "state": t("overlay.state.done") if done else t("overlay.state.open", epoch=status.epoch, epochs=status.epochs),
    }


@st.cache_data(show_spinner=False, max_entries=256, hash_funcs=BY_NAME)
def _scores(run: Run) -> dict[str, float]:
    """The accuracies of a finished run, by arm."""
    try:
        result = run.result()
    except InputError:
        return {}
    return {one["name"]: one["test"]["accuracy"] for one in (result or {"arms": []})["arms"]}
