"""The settings of the next study: its kind, its seeds and values, and where it is computed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from dynmask_core.config import PRESETS, ExperimentConfig
from dynmask_core.config.offers import MOST_STUDY_SEEDS, STEP_SIZES
from dynmask_core.data import Dataset, Report
from dynmask_core.data.samples import PREFIX
from dynmask_core.data.variants import transfer_to
from dynmask_core.errors import InputError
from dynmask_core.masks import separate
from dynmask_core.messages import told
from dynmask_core.studies import KINDS, Study, StudyConfig, StudyKind
from dynmask_core.studies import settings as study_settings
from dynmask_core.ui import address, choose, settings, starts
from dynmask_core.ui import arms as arm_picker
from dynmask_core.ui.clusters import given_scheduler
from dynmask_core.ui.i18n import explained, helped, lang, plain, t
from dynmask_core.ui.studies import Engine, may_type_scheduler

Kind = StudyKind[Any]
VALUES: dict[str, tuple[float, ...]] = {
    "step_size": STEP_SIZES,
    "evidence_threshold": (0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0),
    "keep_threshold": (0.0, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9),
}
START = {"step_size": [0.02, 0.1, 0.5], "evidence_threshold": [0.0, 1.5, 3.0], "keep_threshold": []}
SIZES = (20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000)


def follow(study: Study) -> None:
    """For a reader who opens a study by its address alone: sets the controls to the study's values."""
    config, state = study.config, st.session_state
    if "kind" in state or "kind" in st.query_params:
        return
    state["kind"], state[f"{config.kind}_seeds"] = config.kind, min(config.seeds, MOST_STUDY_SEEDS)
    source, training = config.base.data.source, config.base.train
    if source.startswith(PREFIX):
        state["data"] = source.removeprefix(PREFIX)
    arm_picker.take(config.base.arms if len(config.base.arms) > 1 else ("none", *config.base.arms))
    settings.follow(config.base.controls)
    state["model"] = next((name for name, model in PRESETS.items() if model == config.base.model), "small")
    state["train_rows"] = config.base.data.train_rows or 0
    state["epochs"], state["seed"], state["batch"] = training.epochs, training.seed, training.batch_size


def kind() -> Kind:
    """Draws the choice of the study's kind; returns the chosen one."""
    bound = address.choice("kind", tuple(KINDS), "compare")
    picked = st.segmented_control(
        t("study.kind"), tuple(KINDS), required=True, format_func=lambda name: t(f"study.kind.{name}"),
        wrap=True, help=explained("study", t("help.restarts")), **bound,
    )  # fmt: skip
    st.caption(t(f"study.kind.{picked}.about"))
    return KINDS[picked]


def details(kind: Kind, texts: int) -> None:
    """Draws the seeds and the settings of the kind. texts: number of training texts."""
    left, right = st.columns([1, 2])
    with left:
        bound = address.number(f"{kind.name}_seeds", kind.least_seeds, MOST_STUDY_SEEDS, kind.seeds)
        st.slider(
            t("study.seeds"),
            min_value=kind.least_seeds,
            max_value=MOST_STUDY_SEEDS,
            help=explained("seed", t("study.seeds.help"), t("help.restarts")),
            **bound,
        )
    asked = [ASKED[name] for name in kind.asks if name in ASKED]
    if asked:
        for column, ask in zip(right.columns(len(asked)), asked, strict=True):
            with column:
                ask(texts)
    if "axes" in kind.asks:
        _axes()


def _train_rows(texts: int) -> None:
    # A study, and an address, may have a number that is not in SIZES.
    said = st.query_params.get("train_rows", "")
    wanted = int(st.session_state.get("train_rows", said if said.isdecimal() and len(said) < 7 else 0))
    sizes = sorted({0, *(size for size in (*SIZES, wanted) if size < texts)})
    st.selectbox(
        t("study.train_rows"), sizes, format_func=lambda size: str(size) if size else t("study.all_labels"),
        help=helped("study.train_rows.help", "restarts"), **address.choice("train_rows", sizes, 0),
    )  # fmt: skip


def _test_on(texts: int) -> None:
    others = ["", *(name for name in choose.LABELLED.options() if name != st.session_state["data"])]
    st.selectbox(
        t("study.test_on"), others,
        format_func=lambda name: choose.LABELLED.title(name) if name else t("study.nowhere"),
        help=helped("study.test_on.help", "restarts"), **address.choice("test_on", others, ""),
    )  # fmt: skip


def _sizes(texts: int) -> None:
    sizes = [size for size in SIZES if size < texts] + [texts]
    _keep_known("sizes", sizes, sizes[-5:])
    st.multiselect(
        t("study.sizes"), sizes, key="sizes", help=helped("study.sizes.help", "restarts"), persist_state="session",
        placeholder=t("study.none_chosen"), wrap=True,
    )  # fmt: skip


ASKED: dict[str, Callable[[int], None]] = {"train_rows": _train_rows, "test_on": _test_on, "sizes": _sizes}
"""Widgets for what a kind may ask, except the axes of a grid."""


def _axes() -> None:
    for column, (name, values) in zip(st.columns(3), VALUES.items(), strict=True):
        with column:
            key = f"vary_{name}"
            _keep_known(key, values, START[name])
            label = t("study.values", name=told(study_settings.setting_words(name), lang()))
            st.multiselect(
                label, values, key=key, help=helped("study.values.help", "restarts"), persist_state="session",
                placeholder=t("study.as_below"), wrap=True,
            )  # fmt: skip
    left, right = st.columns([1, 2])
    known = study_settings.names(replace(starts.blank(starts.medium()), arms=(st.session_state["dynamic"],)))
    names = ["", *(name for name in known if name not in VALUES)]
    if st.session_state.get("vary_other", "") not in names:
        st.session_state["vary_other"] = ""
    with left:
        st.selectbox(
            t("study.other"), names, format_func=lambda name: name or t("study.no_other"), key="vary_other",
            help=helped("study.other.help", "restarts"), persist_state="session",
        )  # fmt: skip
    with right:
        st.text_input(
            t("study.other_values"), key="vary_other_values", placeholder="0.1, 0.3, 0.5", persist_state="session",
            help=helped("study.other_values.help", "restarts"),
        )  # fmt: skip


def varied(kind: Kind) -> list[str]:
    """Those of α, τ and θ that the study varies, by their names in Controls."""
    return [name for name in VALUES if "axes" in kind.asks and st.session_state[f"vary_{name}"]]


def size(kind: Kind) -> None:
    """Says how many runs the study has, and warns if so few seeds cannot show anything."""
    state = st.session_state
    seeds, arms = int(state[f"{kind.name}_seeds"]), 1 if kind.one_arm else len(settings.arms())
    runs = seeds * (len(state["sizes"]) if "sizes" in kind.asks else 1)
    for name in varied(kind):
        runs *= len(state[f"vary_{name}"])
    if "axes" in kind.asks and state.get("vary_other"):
        runs *= len({value for text in separate(state.get("vary_other_values", ""), ",") if (value := text.strip())})
    st.caption(t("study.size", runs=runs, models=runs * arms))
    if doubt := kind.doubt(seeds, arms):
        st.warning(plain(told(doubt, lang())), icon=":material/warning:")


def _keep_known(key: str, options: Sequence[float], start: Sequence[float]) -> None:
    """Drops chosen values that are not among `options` any more because the data changed."""
    known = [value for value in st.session_state.get(key, start) if value in options]
    if st.session_state.get(key) != known:
        st.session_state[key] = known


def engine() -> Engine:
    """Draws the choice of where the study is computed; returns it."""
    with st.expander(t("study.engine"), icon=":material/dns:"):
        where = st.radio(
            t("study.engine.who"), ("local", "dask"), key="engine", horizontal=True, persist_state="session",
            format_func=lambda name: t(f"study.engine.{name}"), help=helped("study.engine.help", "restarts"),
        )  # fmt: skip
        st.caption(t(f"study.engine.{where}.about"))
        if where == "local":
            return Engine()
        typed = st.text_input(
            t("study.scheduler"), value=given_scheduler(), placeholder="tcp://10.0.0.1:8786", key="scheduler",
            disabled=not may_type_scheduler(), help=helped("study.scheduler.help", "restarts"), persist_state="session",
        )  # fmt: skip
    return Engine(typed.strip() if may_type_scheduler() else given_scheduler())


def study(kind: Kind) -> tuple[StudyConfig, Dataset, Report]:
    """The study that the controls describe, its texts and their report. Raises InputError."""
    state = st.session_state
    data, dataset, report = choose.LABELLED.load(state["data"], state["tokenizer"], int(state["seed"]))
    if "train_rows" in kind.asks and state["train_rows"]:
        data = replace(data, train_rows=int(state["train_rows"]))
    base = settings.experiment(data, dataset)
    if kind.one_arm:
        base = replace(base, arms=(state["dynamic"],))
    elsewhere = str(state.get("test_on", "")) if "test_on" in kind.asks else ""
    source = ""
    if elsewhere:
        other_config, other, _ = choose.LABELLED.load(elsewhere, state["tokenizer"])
        source = other_config.source
        dataset, _ = transfer_to(dataset, other)
    config = StudyConfig(
        kind=kind.name,
        base=base,
        seeds=int(state[f"{kind.name}_seeds"]),
        axes=axes(base) if "axes" in kind.asks else (),
        sizes=tuple(sorted(state["sizes"])) if "sizes" in kind.asks else (),
        test_on=source,
    )
    return kind.fitting(config, dataset), dataset, report


def axes(base: ExperimentConfig) -> tuple[tuple[str, tuple[study_settings.Value, ...]], ...]:
    """The varied settings with their values. Raises InputError."""
    state = st.session_state
    found: list[tuple[str, tuple[study_settings.Value, ...]]] = []
    found += [(name, tuple(sorted(state[f"vary_{name}"]))) for name in VALUES if state[f"vary_{name}"]]
    if name := state.get("vary_other"):
        found.append((name, study_settings.read(base, name, separate(state.get("vary_other_values", ""), ","))))
    if not found:
        raise InputError("no_axes")
    return tuple(found)
