"""Compare: arms over many seeds, a grid of settings, or learning curves; and what the results can show."""

from __future__ import annotations

import streamlit as st

from dynmask_core.errors import InputError
from dynmask_core.messages import speaking_of
from dynmask_core.studies import Study
from dynmask_core.ui import choose, hiding, settings, studies, study_questions, study_settings, study_view
from dynmask_core.ui.frame import require_frame
from dynmask_core.ui.i18n import lang, plain, t
from dynmask_core.ui.learn import making
from dynmask_core.ui.timer import redrawn

require_frame(__file__)

try:
    study = studies.attached()
except InputError as error:
    studies.detach()
    study = None
    st.warning(t("study.none") if error.code == "unknown_study" else plain(error.sentence(lang())))

if study is not None:
    study_settings.follow(study)
st.title(t("compare.title"))
hiding.purpose(t("compare.what"))
with choose.LABELLED.spoken():
    hiding.told()
    with hiding.hideable("settings"):
        settings.beginnings()
        kind = study_settings.kind()
        settings.what_to_compare(one=kind.one_arm)
        try:
            _, dataset, _ = choose.LABELLED.load(st.session_state["data"], st.session_state.get("tokenizer", "auto"))
        except InputError as error:
            st.error(plain(error.sentence(lang())), icon=":material/error:")
            st.stop()
        study_settings.details(kind, len(dataset.rows("train")))
    settings.live_controls(settings.arms(), when="restarts", varied=study_settings.varied(kind))
    with hiding.hideable("settings", key="settings_more"):
        settings.more()
        engine = study_settings.engine()
        study_settings.size(kind)

state = study.progress().state if study is not None else ""
working = state == "working"


def act(name: str, icon: str, *, disabled: bool = False, primary: bool = False) -> bool:
    look = "primary" if primary else "secondary"
    return st.button(t(f"study.{name}"), icon=icon, key=f"do_{name}", disabled=disabled, type=look)  # type: ignore[arg-type]


def begin(what: Study) -> None:
    studies.start(what, engine)
    studies.attach(what)
    st.rerun()


start = go_on = cancel = False
if not hiding.hides("transport"):
    with st.container(horizontal=True, key="study_transport"):
        left = state in ("stopped", "failed")
        start = act("start", ":material/play_arrow:", disabled=working, primary=not left)
        go_on = act("continue", ":material/resume:", primary=True) if left else False
        cancel = act("cancel", ":material/stop:", disabled=not working)
try:
    if start:
        begin(studies.create(*study_settings.study(kind)))
    if go_on and study is not None:
        begin(study)
    if cancel and study is not None:
        study.command("stop")
except InputError as error:
    st.error(plain(error.sentence(lang())), icon=":material/error:")


def report(what: Study) -> None:
    """Buttons to download the study as a file; it is made only after a click."""
    from dynmask_core.report import report_html, report_markdown

    with st.container(horizontal=True, key="reports"):
        language = lang()
        st.download_button(
            t("study.html"), lambda: report_html(what, language), f"dynmask-{what.name[:15]}.html", "text/html",
            icon=":material/download:", key="report_html",
        )  # fmt: skip
        st.download_button(
            t("study.markdown"), lambda: report_markdown(what, language), f"dynmask-{what.name[:15]}.md",
            "text/markdown", icon=":material/download:", key="report_markdown",
        )  # fmt: skip


def panel() -> None:
    if study is None:
        st.info(t("study.empty"), icon=":material/play_arrow:")
        return
    with speaking_of(study.config.base.input):
        found(study)


def found(study: Study) -> None:
    now = study.progress()
    st.caption(plain(study_view.describe(study)))
    study_view.progress(now)
    study_view.show(study, studies.found(study, study.name, now.done), now)
    study_questions.draw(study, now)
    if now.done and now.state != "working":
        report(study)
    if (now.state == "working") != working:
        st.rerun()  # the study began or ended: start or stop the timer


redrawn(2.0 if working else None, panel)
making.offer("compare")
