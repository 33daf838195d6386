"""Reports on the data that was read, and what it can show."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from dynmask_core.config import GUESS_TOKENS
from dynmask_core.data import Dataset, Report, Table
from dynmask_core.data.corpus import CorpusReport
from dynmask_core.data.split import PARTS
from dynmask_core.ui.i18n import lang, plain, t

PREVIEW = 100


def how_it_was_read(table: Table) -> None:
    parts = [t("data.read.format", format=table.format.upper())]
    if table.encoding:
        parts.append(t("data.read.encoding", encoding=table.encoding))
    if table.delimiter:
        parts.append(t("data.read.delimiter", delimiter=t("data.tab") if table.delimiter == "\t" else table.delimiter))
    parts.append(t("data.read.rows", rows=len(table)))
    st.text(" · ".join(parts))


def preview(dataset: Dataset) -> None:
    """The first rows as they will be used, with the part each falls into."""
    table = pd.DataFrame(
        {
            "text": dataset.texts[:PREVIEW],
            "label": [dataset.classes[i] for i in dataset.labels[:PREVIEW]],
            "part": [t(f"data.part.{PARTS[i]}") for i in dataset.split[:PREVIEW]],
        }
    )
    config = {
        "text": st.column_config.TextColumn(t("data.column.text"), width="large"),
        "label": st.column_config.TextColumn(t("data.column.label")),
        "part": st.column_config.TextColumn(t("data.part")),
    }
    st.dataframe(table, hide_index=True, column_config=config, height=260)


def account(report: Report) -> None:
    """The report: numbers, warnings, classes, lengths."""
    sizes = {"rows": report.rows, **report.parts, "vocabulary": report.vocabulary}
    for column, (name, value) in zip(st.columns(len(sizes)), sizes.items(), strict=True):
        column.metric(t(f"report.{name}"), f"{value:,}")
    if report.detectable_difference is not None:
        points = f"{report.detectable_difference:.1f}"
        st.info(t("report.can_show", tests=report.parts["test"], points=points), icon=":material/balance:")
    for warning in report.warnings:
        if warning.code == "small_test":
            continue  # the line above always says this
        st.warning(plain(warning.text(lang())), icon=":material/warning:")
    left, right = st.columns(2)
    with left:
        st.markdown(f"**{t('report.classes')}**")
        counts = pd.DataFrame({"label": list(report.classes), "texts": list(report.classes.values())})
        config = {
            "label": st.column_config.TextColumn(t("data.column.label")),
            "texts": st.column_config.ProgressColumn(
                t("report.texts"), format="%d", min_value=0, max_value=int(max(report.classes.values()))
            ),
        }
        st.dataframe(counts, hide_index=True, column_config=config)
    with right:
        st.markdown(f"**{t('report.lengths')}**")
        lengths = report.lengths
        table = pd.DataFrame({"tokens": np.asarray(lengths.edges[:-1]).round(1), "texts": lengths.counts})
        tokens, texts = t("report.tokens"), t("report.texts")
        st.bar_chart(table, x="tokens", y="texts", x_label=tokens, y_label=texts, height=220)
        line = {name: f"{getattr(lengths, name):g}" for name in ("min", "median", "max")}
        st.caption(t("report.length_line", mean=f"{lengths.mean:.1f}", **line))
    rows = [(t(f"dropped.{reason}"), count) for reason, count in report.dropped.items()]
    rows += [(t("report.duplicates"), report.duplicates), (t("report.conflicting"), report.conflicting)]
    rows += [(t("report.overlap"), report.overlap), (t("report.truncated"), report.truncated)]
    with st.expander(t("report.details")):
        st.table(pd.DataFrame(rows, columns=[t("report.what"), t("report.rows_count")]).set_index(t("report.what")))
        st.caption(t("report.seconds", seconds=f"{report.seconds:.2f}"))


def corpus_account(report: CorpusReport, *, shown: bool) -> None:
    """What was read, and what users should know about it. shown: the page shows a run, perhaps of another corpus."""
    validation = f"{report.parts['validation']:,}"
    said = [t("mlm.read.next")] * shown
    said += [t("mlm.read", texts=f"{report.texts:,}", tokens=f"{report.tokens:,}", validation=validation)]
    malformed = report.dropped.get("malformed", 0)
    dropped = sum(report.dropped.values()) - malformed
    for key, count in (("malformed", malformed), ("dropped", dropped), ("cut", report.cut), ("shared", report.shared)):
        if count:
            said.append(t(f"mlm.read.{key}", count=f"{count:,}", most=GUESS_TOKENS))
    st.caption(" ".join(said))
