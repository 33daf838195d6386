"""The view of a study: its progress, its results, and links to every run."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dynmask_core.blocks import Folded, Section
from dynmask_core.masks import brief
from dynmask_core.messages import say, text, told
from dynmask_core.report.about import arms as arms_in_words
from dynmask_core.report.about import reading
from dynmask_core.studies import KINDS, Progress, Study
from dynmask_core.studies.results import Result
from dynmask_core.studies.settings import setting_words
from dynmask_core.ui import choose
from dynmask_core.ui.arm_names import named
from dynmask_core.ui.blocks import Drawer
from dynmask_core.ui.i18n import lang, plain, t
from dynmask_core.ui.parts import open_run
from dynmask_core.ui.watch.progress import clock


def describe(study: Study) -> str:
    """One line: what is studied, on which texts, with which arms and seeds."""
    config = study.config
    data = choose.source_title(config.base.data.source)
    arms = " · ".join(named(config.base, arm, lang()) for arm in config.base.arms)
    first = config.base.train.seed
    seeds = f"{first}–{first + config.seeds - 1}"
    return t("study.describe", kind=t(f"study.kind.{config.kind}"), data=data, arms=arms, seeds=seeds)


def progress(now: Progress) -> None:
    parts = [t("study.runs", done=now.done, all=now.total)]
    if now.working:
        parts.append(t("study.working", working=now.working))
    if now.remaining is not None and now.state == "working":
        parts.append(t("progress.left", time=clock(now.remaining)))
    if now.failed:
        parts.append(t("study.failed", failed=now.failed))
    st.progress(min(now.fraction, 1.0), text=" · ".join(parts))
    if now.state == "stopped":
        st.info(t("study.stopped", left=now.total - now.done), icon=":material/stop_circle:")
    if now.error is not None:
        code, params = now.error
        st.error(plain(text(f"error.{code}", lang(), **params)), icon=":material/error:")


def show(study: Study, found: Sequence[Result], now: Progress) -> None:
    """The results so far. No difference is judged while the study is being worked on."""
    if not found:
        return
    config, kind = study.config, KINDS[study.config.kind]
    result, final = kind.analyse(found, config), now.state != "working"
    drawer = Drawer()
    drawer.sections([
        Section(say("study_report.findings"), kind.findings(result, config, final=final)),
        *kind.sections(result, config, final=final),
    ])  # fmt: skip
    whole = [arms_in_words(config.base.arms)] if any(brief(arm) != arm for arm in config.base.arms) else []
    drawer.sections(whole)  # a name that was cut must stand in full somewhere
    drawer.blocks([Folded(say("study_report.reading"), reading(study))])
    _runs(found)


def _runs(found: Sequence[Result]) -> None:
    """A list of the finished runs, to open one."""
    names = list(dict.fromkeys(result.run for result in found))
    by_name = {result.run: result for result in found}

    def line(name: str) -> str:
        result = by_name[name]
        cell = "".join(f" · {told(setting_words(axis), lang())} {value}" for axis, value in result.cell)
        size = "" if result.size is None else f" · {result.size}"
        return t("study.one_run", seed=result.seed) + cell + size

    with st.container(horizontal=True, vertical_alignment="bottom", key="open_run"):
        name = st.selectbox(t("study.run"), names, format_func=line, key="study_run", help=t("study.run.help"))
        if st.button(t("study.open"), icon=":material/open_in_new:", key="study_open"):
            open_run(name)
