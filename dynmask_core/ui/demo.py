"""The recorded runs that come with the app: real runs, made by `dynmask train` and `dynmask runs export`."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from dynmask_core.runs.store import open_export
from dynmask_core.ui.choose import source_title
from dynmask_core.ui.i18n import t
from dynmask_core.ui.watch.run_view import RunView

SAMPLES = {"en": "english_sentiment", "zh": "chinese_sentiment"}
"""The sample on which the recorded run of each language was trained."""


@st.cache_resource(show_spinner=False)
def view(lang: str) -> RunView:
    return RunView(open_export(Path(__file__).parent / f"demo_{lang}.zip")).refresh()


def caption(shown: RunView) -> str:
    """What was recorded, and how its arms ended."""
    result = shown.run.result() or {"arms": []}
    ends = " · ".join(f"{arm['name']} {arm['test']['accuracy']:.3f}" for arm in result["arms"])
    data, sizes = source_title(shown.config.data.source), shown.started["sizes"]
    return t("home.caption", data=data, texts=sizes["train"], tests=sizes["test"], ends=ends)
