"""The choice of a pre-trained encoder, out of those that the server offers; nothing where it offers none."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from dynmask_core.config import ExperimentConfig
from dynmask_core.data import Dataset
from dynmask_core.data.encoder_folder import on_shelf
from dynmask_core.data.media import TEXT
from dynmask_core.inputs.pieces import Pieces
from dynmask_core.ui import address
from dynmask_core.ui.hiding import hides
from dynmask_core.ui.i18n import plain, setting_label, t

KEY = "encoder"


def box() -> None:
    """A select box; hidden together with the size of the model, which an encoder decides."""
    names = on_shelf()
    if not names:
        return
    bound = address.choice(KEY, ("", *names), "")
    if not hides("model"):
        st.selectbox(
            setting_label(KEY, "restarts"),
            options=("", *names),
            format_func=lambda name: name or t("setting.encoder.none"),
            help=plain(" ".join([t("setting.encoder.help"), t("help.restarts")])),
            on_change=_begin,
            **bound,
        )


def _begin() -> None:
    """Epochs as suit the choice: an encoder has learned most of what it needs, and each takes it longer."""
    tuned = Pieces.tuned
    if st.session_state[KEY] and tuned is not None:
        st.session_state["epochs"] = min(int(st.session_state["epochs"]), tuned.epochs)


def applied(config: ExperimentConfig, dataset: Dataset) -> ExperimentConfig:
    """The experiment with the encoder that is chosen, if the samples are texts, for `inputs.fit_to`."""
    name = st.session_state.get(KEY, "")
    if not name or name not in on_shelf() or dataset.medium != TEXT:
        return config
    return replace(config, input=Pieces.name, encoder=name)
