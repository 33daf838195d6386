"""Whether the trained models are worth it: what simple models get on the same split."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from dynmask_core.analysis.worth import worth
from dynmask_core.messages import told
from dynmask_core.ui.i18n import lang, plain, t
from dynmask_core.ui.watch.columns import in_percent


def rows(result: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The references as rows of the table of scores; an old run has none."""
    return [
        {
            "arm": t(f"reference.{one['name']}"),
            **in_percent(one["test"]),
            "seconds": one["seconds"],
        }
        for one in result.get("reference", [])
    ]


def verdict(result: Mapping[str, Any]) -> None:
    """Says in plain words whether the arms are worth it."""
    for words in worth(result):
        st.info(plain(told(words, lang())), icon=":material/savings:")
