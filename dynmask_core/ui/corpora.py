"""The plain text that the reader has chosen to learn from: a sample, or text of their own kept in the session."""

from __future__ import annotations

import hashlib

import streamlit as st

from dynmask_core.config import GUESS_TOKENS, DataConfig
from dynmask_core.data import Dataset, Table, load_sample, read_bytes
from dynmask_core.data.corpus import CorpusReport, build_corpus
from dynmask_core.data.load import plain_format
from dynmask_core.data.samples import PREFIX, list_corpora
from dynmask_core.errors import InputError
from dynmask_core.ui import address, chosen
from dynmask_core.ui.i18n import lang, plain, t

OWN, LABELLED = "own", "labelled"
"""Text brought to this page, and the labelled text brought to the Data page, its labels aside."""


def own_corpus() -> Table | None:
    return st.session_state.get("own_corpus")


def options() -> list[str]:
    names = [sample.name for sample in list_corpora()]
    return names + [OWN] * (own_corpus() is not None) + [LABELLED] * (chosen.own_text() is not None)


def title(name: str) -> str:
    table = own_corpus()
    if name == OWN and table is not None:
        return t("data.own_title", name=table.name or t("data.pasted"))
    return chosen.title(chosen.OWN) if name == LABELLED else t(f"sample.{name}")


def choose() -> str:
    """The select box for the corpus; its choice stands in the address."""
    if st.session_state.pop("own_corpus_next", False):
        st.session_state["corpus"] = OWN
    titles = {name: title(name) for name in options()}
    prose = {"en": "english_prose", "zh": "chinese_prose"}[lang()]
    bound = address.choice("corpus", list(titles), prose)
    return str(st.selectbox(t("mlm.corpus"), list(titles), format_func=titles.__getitem__, **bound))


def bring() -> None:
    """A small button behind which the reader's own text can be uploaded or pasted."""
    with st.popover(t("mlm.own"), icon=":material/upload_file:", help=t("mlm.own.help"), key="own_corpus_box"):
        file = st.file_uploader(t("mlm.own.upload"), type=["txt", "csv", "tsv", "jsonl", "xlsx"], max_upload_size=20)
        pasted = st.text_area(t("mlm.own.paste"), height=140, key="pasted_corpus")
        read = st.button(t("data.paste.read"), icon=":material/content_paste:", key="read_corpus")
        try:
            if file is not None:
                data = file.getvalue()
                seen = (hashlib.blake2b(data, digest_size=16).hexdigest(), file.name)
                if st.session_state.get("corpus_seen") != seen:
                    _keep(read_bytes(data, file.name, format=plain_format(file.name)))
                    st.session_state["corpus_seen"] = seen
                    st.rerun()
            if read:
                _keep(read_bytes(pasted.encode(), "", format="text"))
                st.rerun()
        except InputError as error:
            st.error(plain(error.sentence(lang())), icon=":material/error:")


def _keep(table: Table) -> None:
    st.session_state["own_corpus"] = table
    st.session_state["own_corpus_next"] = True


def account(report: CorpusReport, *, shown: bool) -> None:
    """What was read, and what the reader should know of it. shown: a run is on the page, whose text may be another."""
    validation = f"{report.parts['validation']:,}"
    said = [t("mlm.read.next")] * shown
    said += [t("mlm.read", texts=f"{report.texts:,}", tokens=f"{report.tokens:,}", validation=validation)]
    malformed = report.dropped.get("malformed", 0)
    dropped = sum(report.dropped.values()) - malformed
    for key, count in (("malformed", malformed), ("dropped", dropped), ("cut", report.cut), ("shared", report.shared)):
        if count:
            said.append(t(f"mlm.read.{key}", count=f"{count:,}", most=GUESS_TOKENS))
    st.caption(" ".join(said))


def load(name: str, tokenizer: str, seed: int) -> tuple[DataConfig, Dataset, CorpusReport]:
    """The texts behind a choice. Raises InputError where they are too few."""
    table, labelled = own_corpus(), chosen.own_text()
    if name == OWN and table is not None:
        config = DataConfig(table.name or t("data.pasted"), tokenizer=tokenizer, max_tokens=GUESS_TOKENS)
        return (config, *_load_own(table, config, seed)[:2])
    if name == LABELLED and labelled is not None:
        column = labelled.config.text_column
        config = DataConfig(labelled.config.source, column, tokenizer=tokenizer, max_tokens=GUESS_TOKENS)
        return (config, *_load_own(labelled.table, config, seed)[:2])
    config = DataConfig(PREFIX + name, tokenizer=tokenizer, max_tokens=GUESS_TOKENS)
    return (config, *_load_sample(name, config, seed))


@st.cache_resource(show_spinner=False, max_entries=8)
def _load_sample(name: str, config: DataConfig, seed: int) -> tuple[Dataset, CorpusReport]:
    return build_corpus(load_sample(name), config, seed)


@st.cache_resource(show_spinner=False, max_entries=4, hash_funcs={Table: id}, scope="session")
def _load_own(table: Table, config: DataConfig, seed: int) -> tuple[Dataset, CorpusReport, Table]:
    # The table stays alive beside what was made of it: while it does, no other table has its id.
    return (*build_corpus(table, config, seed), table)
