"""Makes the texts to train on from a choice, and caches them."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dynmask_core.config import DataConfig
from dynmask_core.data import Dataset, Table, load_sample
from dynmask_core.data.corpus import build_corpus
from dynmask_core.data.load import load
from dynmask_core.data.samples import PREFIX


def texts_of(table: Table | None, config: DataConfig, seed: int, *, labelled: bool) -> tuple[Dataset, Any]:
    """The data set of the user's own table, or of the sample named by `config` if there is none, with its report:
    `Report` if labelled, else `CorpusReport`. Raises InputError if the texts cannot be used as they are."""
    if table is None:
        return _load_sample(config, seed, labelled)
    return _load_own(table, config, seed, labelled)[:2]


@st.cache_resource(show_spinner=False, max_entries=40)
def _load_sample(config: DataConfig, seed: int, labelled: bool) -> tuple[Dataset, Any]:
    return _make(load_sample(config.source.removeprefix(PREFIX)), config, seed, labelled)


@st.cache_resource(show_spinner=False, max_entries=8, hash_funcs={Table: id}, scope="session")
def _load_own(table: Table, config: DataConfig, seed: int, labelled: bool) -> tuple[Dataset, Any, Table]:
    # The cache key is the table's id: keep the table alive, so that no other table gets the same id.
    return (*_make(table, config, seed, labelled), table)


def _make(table: Table, config: DataConfig, seed: int, labelled: bool) -> tuple[Dataset, Any]:
    return load(table, config, seed) if labelled else build_corpus(table, config, seed)
