"""The labelled text that the reader has chosen: a sample by name, or text of their own kept in the session."""

from __future__ import annotations

from dataclasses import dataclass, replace

import streamlit as st

from dynmask_core.config import DataConfig
from dynmask_core.data import Dataset, Report, Table, list_samples, load_sample
from dynmask_core.data.load import load
from dynmask_core.data.samples import PREFIX
from dynmask_core.ui import address
from dynmask_core.ui.i18n import t

OWN = "own"


@dataclass(frozen=True)
class OwnText:
    """Uploaded or pasted text as read, and how its columns are to be taken."""

    table: Table
    config: DataConfig


def own_text() -> OwnText | None:
    return st.session_state.get("own_text")


def keep_own_text(table: Table, config: DataConfig) -> None:
    """Replaces the reader's text; from here on it is the chosen one."""
    st.session_state["own_text"] = OwnText(table, config)
    st.session_state["choose_next"] = OWN


def options() -> list[str]:
    """What can be chosen: sample names, and OWN where there is own text. An address may name any of them."""
    names = [sample.name for sample in list_samples()]
    return [*names, OWN] if own_text() else names


def title(name: str) -> str:
    own = own_text()
    if name == OWN and own:
        return t("data.own_title", name=own.table.name or t("data.pasted"))
    return t(f"sample.{name}")


def source_title(source: str) -> str:
    """What readers call the source of a run's texts: a sample's title, or the name of their file."""
    return t(f"sample.{source.removeprefix(PREFIX)}") if source.startswith(PREFIX) else source


def choose() -> str:
    """The select box for the data; its choice stands in the address."""
    following = st.session_state.pop("choose_next", None)
    if following:
        st.session_state["data"] = following
    names = options()
    return str(st.selectbox(t("data.choose"), names, format_func=title, **address.choice("data", names, names[0])))


def chosen_data(
    name: str, tokenizer: str = "auto", seed: int = 0, max_rows: int | None = None
) -> tuple[DataConfig, Dataset, Report]:
    """The checked data set behind a choice, or a stratified sample of it of at most `max_rows` texts.

    Raises InputError where own text cannot be used as it is.
    """
    own = own_text()
    if name == OWN and own:
        config = replace(own.config, tokenizer=tokenizer, max_rows=max_rows)
        return (config, *_load_own(own.table, config, seed)[:2])
    config = DataConfig(f"sample:{name}", tokenizer=tokenizer, max_rows=max_rows)
    return (config, *_load_sample(name, config, seed))


@st.cache_resource(show_spinner=False, max_entries=32)
def _load_sample(name: str, config: DataConfig, seed: int) -> tuple[Dataset, Report]:
    return load(load_sample(name), config, seed)


@st.cache_resource(show_spinner=False, max_entries=4, hash_funcs={Table: id}, scope="session")
def _load_own(table: Table, config: DataConfig, seed: int) -> tuple[Dataset, Report, Table]:
    # The table stays alive beside what was made of it: while it does, no other table has its id.
    return (*load(table, config, seed), table)
