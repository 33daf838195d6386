"""The section "Take it away": files of the run, each made only after a click."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dynmask_core.analysis.script import script
from dynmask_core.analysis.standing import at, can_stand, known
from dynmask_core.analysis.tables import KINDS, TABLES, Kind, Table, table, written
from dynmask_core.masks import brief
from dynmask_core.messages import listed
from dynmask_core.report import run_report
from dynmask_core.report.run_content import TITLES, answer, can_be_asked, unanswered
from dynmask_core.runs import Run, Status
from dynmask_core.ui.i18n import lang, t
from dynmask_core.ui.question.asking import work_out
from dynmask_core.ui.question.subjects import BY_NAME
from dynmask_core.ui.replay import replay
from dynmask_core.ui.watch.run_view import RunView

TYPES = {"html": "text/html", "md": "text/markdown", "py": "text/x-python", "zip": "application/zip", "csv": "text/csv",
         "json": "application/json", "parquet": "application/vnd.apache.parquet"}  # fmt: skip


def draw(view: RunView, status: Status) -> None:
    """Draws the buttons. What needs the models is offered once the run has ended or stopped."""
    st.subheader(t("take.title"), anchor=False)
    if not view.ready or not view.probes:
        st.caption(t("take.later"))
        return
    view.run.require_texts()
    st.markdown(t("take.read"))
    language, run, last = lang(), view.run, view.arms[-1]
    answers = can_be_asked(run)
    with st.container(horizontal=True, vertical_alignment="bottom", key="take_whole"):
        # A replay asks the models some thousand times: a class that takes the same one home has it made once.
        stands = (len(view.events), len(view.probes), known(run) is not None, *(at(run) if can_stand(run) else ()))
        _button(view, "replay", "html", lambda: _replay(run, language, stands))
        _button(view, "script", "py", lambda: script(run).encode())
        if answers:
            arm = st.selectbox(
                t("take.arm"), view.arms, view.arms.index(last), format_func=brief, key="take_arm", width=200
            )
            _button(view, "model", "zip", lambda: _model(view, arm))
    with st.container(horizontal=True, vertical_alignment="center", key="take_reports"):
        _button(view, "report", "html", lambda: run_report(run, ".html", language).encode())
        _button(view, "report_md", "md", lambda: run_report(run, ".md", language).encode())
        if answers and (missing := unanswered(run)):
            _answer(run, missing)
    with st.container(horizontal=True, vertical_alignment="bottom", key="take_tables"):
        kind: Kind = st.segmented_control(
            t("take.format"), KINDS, default="csv", format_func=str.upper, required=True, wrap=True, key="take_format"
        )
        for what in TABLES:
            if (answers or what != "predictions") and (view.words or what != "words"):
                _button(view, what, kind, _writer(view, what, kind))


@st.cache_data(show_spinner=False, max_entries=4, hash_funcs=BY_NAME)
def _replay(run: Run, language: str, stands: tuple[int, ...]) -> bytes:
    return replay(run, language).encode()


def _answer(run: Run, missing: list[str]) -> None:
    """Offers to answer the questions of the report that nobody has asked yet."""
    st.text(t("take.unanswered", questions=listed((t(f"{TITLES[name]}.title") for name in missing), between=" · ")))
    if work_out(run, "report", answer, t("take.answer"), t("take.answering")):
        st.rerun()


def _writer(view: RunView, what: Table, kind: Kind) -> Callable[[], bytes]:
    return lambda: written(table(view.run, what), kind)


def _model(view: RunView, arm: str) -> bytes:
    # Imported here: only this needs torch, which takes seconds to load.
    from dynmask_core.analysis.model_file import ModelFile

    return ModelFile.of_run(view.run, arm).to_bytes()


def _button(view: RunView, what: str, ending: str, make: Callable[[], bytes]) -> None:
    st.download_button(
        t(f"take.{what}"), make, f"dynmask-{view.run.name[:15]}-{what}.{ending}", TYPES[ending],
        icon=":material/download:", key=f"take_{what}", on_click="ignore",
    )  # fmt: skip
