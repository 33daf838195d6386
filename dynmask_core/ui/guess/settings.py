"""The settings of a masked language modelling run, as controls whose values are in the address."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import streamlit as st

from dynmask_core.config import (
    GUESS_ARMS,
    GUESS_TRAIN,
    PRESETS,
    DataConfig,
    Device,
    ExperimentConfig,
    GuessSettings,
    RestoreSettings,
)
from dynmask_core.config.offers import MAX_EPOCHS, RATES, REFRESHES
from dynmask_core.data import Dataset
from dynmask_core.data.media import TEXT
from dynmask_core.data.tokenize import TOKENIZER_MODES
from dynmask_core.messages import gloss
from dynmask_core.mlm import SELECTIONS
from dynmask_core.tasks.restore import guess_or_restore
from dynmask_core.ui import address, choose, hiding
from dynmask_core.ui.arm_names import named, refresh_in_words
from dynmask_core.ui.choose import source_title
from dynmask_core.ui.hiding import hides
from dynmask_core.ui.i18n import explained, helped, lang, t
from dynmask_core.ui.settings import batch, choice, seed

MOST_ARMS = 4


def what_to_hide() -> str:
    """Draws corpus, refreshes, selection, rate and epochs; returns the chosen corpus."""
    choose.CORPUS.chosen()
    chosen_refreshes = address.several("refresh", REFRESHES, GUESS_ARMS)
    left, right = st.columns([2, 3], vertical_alignment="bottom")
    if not hides("data"):
        with left, st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall"):
            choose.CORPUS.box()
            choose.bring_corpus()
    if not hides("arms"):
        with left if hides("data") else right:
            st.pills(
                t("mlm.refresh"), REFRESHES, selection_mode="multi", wrap=True, format_func=_refresh,
                help=helped("mlm.refresh.help", "restarts"), **chosen_refreshes,
            )  # fmt: skip
    if len(st.session_state["refresh"]) > MOST_ARMS:
        st.warning(t("mlm.most_arms", most=MOST_ARMS))
    medium = choose.CORPUS.chosen_medium()
    usual = RATES[0] if medium == TEXT else f"{RestoreSettings.rate}"
    address.follow("hidden", {"rate": usual})
    selection = address.choice("select", SELECTIONS, GuessSettings.selection)
    left, middle, right = st.columns([2, 2, 1])
    if medium == TEXT:
        with left:
            st.selectbox(
                t("mlm.selection"),
                SELECTIONS,
                format_func=_selection,
                help=helped("mlm.selection.help", "restarts"),
                **selection,
            )
    with middle:
        bound = address.choice("rate", RATES, usual)
        st.selectbox(t("mlm.rate"), RATES, format_func=_rate, help=helped("mlm.rate.help", "restarts"), **bound)
    with right:
        bound = address.number("mlm_epochs", 1, MAX_EPOCHS, GUESS_TRAIN.epochs)
        if not hides("epochs"):
            told = explained("epoch", t("help.restarts"))
            st.slider(t("setting.epochs"), min_value=1, max_value=MAX_EPOCHS, help=told, **bound)
    return choose.CORPUS.chosen()


def more() -> None:
    """Settings that most users do not change, folded."""
    hiding.more(_rest)


def rest() -> None:
    """The same, for a place that is folded already."""
    hiding.more(_rest, folded=True)


def _rest() -> None:
    words = choose.CORPUS.chosen_medium() == TEXT
    columns = st.columns(4)
    with columns[0]:
        choice("model", tuple(PRESETS), default="small")
        choice("device", get_args(Device))
    with columns[1]:
        seed()
        batch(GUESS_TRAIN.batch_size)
    shares = {
        name: address.number(name, 0.0, 1.0, getattr(GuessSettings, name)) for name in ("mask_share", "random_share")
    }
    address.choice("tokenizer", TOKENIZER_MODES, TOKENIZER_MODES[0])
    if not words:
        return  # what is not made of words becomes neither [MASK] nor another word
    with columns[2]:
        choice("tokenizer", TOKENIZER_MODES)
    with columns[3]:
        for name, bound in shares.items():
            st.slider(
                t(f"mlm.{name}"),
                min_value=0.0,
                max_value=1.0,
                step=0.05,
                help=helped("mlm.share.help", "restarts"),
                **bound,
            )


def _refresh(written: str) -> str:
    words = choose.CORPUS.chosen_medium() == TEXT
    return f"{written} · {refresh_in_words(written, lang(), words=words)}"


def _selection(name: str) -> str:
    words, sentence = gloss(f"mlm.selection.{name}", lang())
    return f"{words} · {sentence}"


def _rate(written: str) -> str:
    return t(f"mlm.rate.{written}")


def refreshes() -> tuple[str, ...]:
    """The chosen refreshes, from the most static to the most dynamic."""
    return tuple(one for one in REFRESHES if one in st.session_state["refresh"])[:MOST_ARMS]


def experiment(data: DataConfig, dataset: Dataset) -> ExperimentConfig:
    """The experiment that the controls describe: on pictures and sounds, hidden parts are restored."""
    state = st.session_state
    rate = state["rate"]
    mask_share = float(state["mask_share"])
    task = GuessSettings(
        state["select"],
        rate if ".." in rate else float(rate),
        mask_share,
        # The two sliders together may exceed 1.
        round(min(float(state["random_share"]), 1 - mask_share), 12),
    )
    train = replace(
        GUESS_TRAIN,
        epochs=int(state["mlm_epochs"]),
        batch_size=int(state["batch"]),
        seed=int(state["seed"]),
        device=state["device"],
    )
    model = PRESETS[state["model"]].without_dropout()
    config = ExperimentConfig(data, model, train=train, arms=refreshes(), task=task)
    return guess_or_restore(config, dataset, {"epochs", "batch_size"}, task.rate)


def describe(config: ExperimentConfig) -> str:
    """One line about a run's settings."""
    assert isinstance(config.task, GuessSettings)
    said = {
        "data": source_title(config.data.source),
        "arms": " · ".join(named(config, arm, lang()) for arm in config.arms),
        "seed": config.train.seed,
    }
    said |= {"selection": gloss(f"mlm.selection.{config.task.selection}", lang())[0], "rate": config.task.rate}
    return t("restored.describe" if isinstance(config.task, RestoreSettings) else "mlm.describe", **said)
