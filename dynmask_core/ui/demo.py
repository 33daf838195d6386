"""The recorded runs that come with the app: real runs, made by `dynmask train` and `dynmask runs export`."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from dynmask_core.config import GUESS_TOKENS, GUESS_TRAIN, PRESETS, DataConfig, ExperimentConfig, GuessSettings
from dynmask_core.data.samples import PREFIX
from dynmask_core.runs.store import open_export
from dynmask_core.ui import arms
from dynmask_core.ui.choose import CORPUS, source_title
from dynmask_core.ui.choose.texts import texts_of
from dynmask_core.ui.components.player import PlayerData
from dynmask_core.ui.guess.hidden_words import Masked
from dynmask_core.ui.i18n import t
from dynmask_core.ui.watch.run_view import RunView


@st.cache_resource(show_spinner=False)
def view(lang: str) -> RunView:
    return RunView(open_export(Path(__file__).parent / f"demo_{lang}.zip")).refresh()


def take_settings(lang: str) -> None:
    """Sets what the recorded run was made with, so that training it again gives the recorded numbers."""
    config, state = view(lang).config, st.session_state
    arms.take(config.arms)
    state["data"] = config.data.source.removeprefix(PREFIX)
    state["tokenizer"] = config.data.tokenizer
    state["model"] = next(name for name, model in PRESETS.items() if model == config.model)
    state["epochs"], state["batch"], state["seed"] = config.train.epochs, config.train.batch_size, config.train.seed
    state["initial"], state["rule"], state["gate"] = config.mask.initial, config.mask.step_rule, config.mask.gate_mode
    now = config.controls
    state["alpha"], state["tau"], state["theta"] = now.step_size, now.evidence_threshold, now.keep_threshold


@st.cache_resource(show_spinner=False)
def pictures(lang: str) -> list[PlayerData]:
    """The recorded run's picture of each recorded sentence."""
    shown = view(lang)
    return [shown.player(probe, running=False, autoplay=True) for probe in shown.probes]


@st.cache_resource(show_spinner=False)
def corpus(lang: str) -> Masked:
    """Prose whose words are hidden to be guessed, by a static and a dynamic mask: see `dynmask mlm`."""
    data = DataConfig(PREFIX + CORPUS.first[lang], max_tokens=GUESS_TOKENS)
    _, dataset, _ = texts_of(None, data, 0, CORPUS.purpose)
    model = PRESETS["small"].without_dropout()
    config = ExperimentConfig(data, model, train=GUESS_TRAIN, arms=("static", "dynamic"), task=GuessSettings())
    return Masked(config, dataset)


def caption(shown: RunView) -> str:
    """What was recorded, and how its arms ended."""
    result = shown.result or {"arms": []}
    ends = " · ".join(f"{arm['name']} {arm['test']['accuracy']:.1%}" for arm in result["arms"])
    data, sizes = source_title(shown.config.data.source), shown.started["sizes"]
    return t(
        "home.caption", data=data, texts=sizes["train"], tests=sizes["test"], ends=ends, seed=shown.config.train.seed
    )
