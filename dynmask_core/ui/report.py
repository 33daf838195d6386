"""Reports on the data that was read: what was left out, what is suspicious, and the texts as they will be used."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

from dynmask_core.config import GUESS_TOKENS
from dynmask_core.data import Dataset, Report, Table
from dynmask_core.data.corpus import CorpusReport
from dynmask_core.data.media import SOUND, TEXT
from dynmask_core.data.split import PARTS
from dynmask_core.data.warning import DataWarning
from dynmask_core.remedies import Remedy
from dynmask_core.ui import shown
from dynmask_core.ui.i18n import lang, plain, t

PREVIEW = 100
EXAMPLES = 3
LONGEST_EXAMPLE = 60
ALWAYS_SAID = "small_test"
"""A warning that `rows_used` says in any case."""


def left_out(report: Report, table: Table | None) -> None:
    """How many rows are not used, why, and a few of them. table: the reader's own, None for a sample."""
    st.header(t("report.left_out"), anchor=False)
    lost = sum(report.dropped.values())
    if not lost:
        st.markdown(t("report.left_out.none"))
        return
    st.markdown(t("report.left_out.some", lost=f"{lost:,}", rows=f"{report.rows_read:,}"))
    told = {
        "reason": [t(f"dropped.{reason}") for reason in report.dropped],
        "rows": list(report.dropped.values()),
        "examples": [_examples(reason, report, table) for reason in report.dropped],
    }
    config = {
        "reason": st.column_config.TextColumn(t("report.reason")),
        "rows": st.column_config.NumberColumn(t("report.left_out.rows"), width="small"),
        "examples": st.column_config.TextColumn(t("report.examples"), width="large"),
    }
    st.dataframe(pd.DataFrame(told), hide_index=True, column_config=config)


def _examples(reason: str, report: Report, table: Table | None) -> str:
    """The first rows that this reason left out, as far as the table's own cells show it."""
    if reason == "rare_class":
        rare = next((warning for warning in report.warnings if warning.code == "classes_dropped"), None)
        return str(rare.params["classes"]) if rare else ""
    label = report.columns.label
    if table is not None and reason == "malformed":
        return "  ·  ".join(" | ".join(cells)[:LONGEST_EXAMPLE] for cells in table.lost[:EXAMPLES])
    if table is None or label is None or reason not in ("empty_text", "empty_label"):
        return ""
    texts, labels = table.cells(report.columns.text), table.cells(label)
    seen = labels if reason == "empty_text" else texts
    rows = (
        t("report.example", row=row, cell=shown.name(seen[row - 1])[:LONGEST_EXAMPLE] or "—")
        for row in range(1, len(table) + 1)
        if (not texts[row - 1] if reason == "empty_text" else texts[row - 1] and not labels[row - 1])
    )
    return "  ·  ".join(islice(rows, EXAMPLES))


def doubts(warnings: Sequence[DataWarning], offer: Callable[[Sequence[Remedy], str], None]) -> None:
    """Every warning, with the remedies that `offer` draws (remedies and a key for the buttons)."""
    st.header(t("report.doubts"), anchor=False)
    said = [warning for warning in warnings if warning.code != ALWAYS_SAID]
    if not said:
        st.markdown(t("report.doubts.none"))
    for number, warning in enumerate(said):
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"doubt_{number}"):
            st.warning(plain(warning.text(lang())), icon=":material/warning:")
            offer(warning.remedies, f"{warning.code}_{number}")


def rows_used(dataset: Dataset, report: Report) -> None:
    """Rows as they will be used, of every class, with the part each falls into, and what so many can show."""
    medium = dataset.medium
    st.header(t("report.used"), anchor=False)
    sizes = {"rows": report.rows, **report.parts}
    if medium == TEXT:
        sizes["vocabulary"] = report.vocabulary
    with st.container(horizontal=True, gap="large", key="sizes"):
        for name, value in sizes.items():
            st.metric(t(f"report.{name}"), f"{value:,}", width="content")
    if report.detectable_difference is not None:
        points = f"{report.detectable_difference:.1f}"
        said = t("report.can_show", tests=report.parts["test"], points=points)
        st.info(said, icon=":material/balance:")
    chosen = shown.of_every_class(dataset.labels.tolist())[:PREVIEW]
    labels = [dataset.classes[dataset.labels[i]] for i in chosen]
    seen = [dataset.texts[i] for i in chosen]
    table = pd.DataFrame(
        {
            "text": seen if medium == TEXT else shown.cells(shown.reader_of(dataset), seen),
            "label": labels,
            "part": [t(f"data.part.{PARTS[dataset.split[i]]}") for i in chosen],
        }
    )
    config = {
        "text": shown.column(medium),
        "label": st.column_config.TextColumn(t("data.label_column")),
        "part": st.column_config.TextColumn(t("data.part")),
    }
    st.dataframe(table, hide_index=True, column_config=config, height=260)
    shown.listen(seen, labels)
    left, right = st.columns(2)
    with left:
        _classes(report)
    with right:
        if medium == TEXT:
            _lengths(report)
        else:
            _read_as(dataset)
    st.caption(t("report.seconds", seconds=f"{report.seconds:.2f}"))


def _classes(report: Report) -> None:
    st.markdown(f"### {t('report.classes')}")
    counts = pd.DataFrame({"label": list(report.classes), "texts": list(report.classes.values())})
    most = int(max(report.classes.values()))
    config = {
        "label": st.column_config.TextColumn(t("data.label_column")),
        "texts": st.column_config.ProgressColumn(t("report.texts"), format="%d", min_value=0, max_value=most),
    }
    st.dataframe(counts, hide_index=True, column_config=config)


def _read_as(dataset: Dataset) -> None:
    """Into what a picture or sound is cut."""
    st.markdown(f"### {t('report.read_as')}")
    reader = shown.reader_of(dataset)
    picture = reader.show(dataset.texts[0]).picture
    if picture is not None:
        said = "report.read_in.sound" if dataset.medium == SOUND else "report.read_in.image"
        st.markdown(t(said, rows=picture.rows, columns=picture.columns, all=picture.rows * picture.columns))


def _lengths(report: Report) -> None:
    st.markdown(f"### {t('report.lengths')}")
    lengths = report.lengths
    edges = np.asarray(lengths.edges)
    table = pd.DataFrame({"from": edges[:-1], "to": edges[1:], "texts": lengths.counts})
    # Not st.bar_chart: it can be zoomed by accident, and complains in the browser's console.
    across = alt.X("from:Q", bin="binned", title=t("report.tokens"), axis=alt.Axis(tickMinStep=1))
    bars = alt.Chart(table).mark_bar().encode(across, alt.X2("to"), alt.Y("texts:Q", title=t("report.texts")))
    st.altair_chart(bars, height=220, key="lengths")
    line = {name: f"{getattr(lengths, name):g}" for name in ("min", "median", "max")}
    st.caption(t("report.length_line", mean=f"{lengths.mean:.1f}", **line))


def corpus_account(report: CorpusReport, medium: str, *, shown: bool) -> None:
    """What was read, and what users should know about it. shown: the page shows a run, perhaps of another corpus."""
    sizes = {"texts": f"{report.texts:,}", "validation": f"{report.parts['validation']:,}"}
    said = [t("mlm.read.next")] * shown
    said += [
        t("mlm.read", tokens=f"{report.tokens:,}", **sizes) if medium == TEXT else t("restored.read.data", **sizes)
    ]
    malformed = report.dropped.get("malformed", 0)
    dropped = sum(report.dropped.values()) - malformed
    for key, count in (("malformed", malformed), ("dropped", dropped), ("cut", report.cut), ("shared", report.shared)):
        if count:
            said.append(t(f"mlm.read.{key}", count=f"{count:,}", most=GUESS_TOKENS))
    st.caption(" ".join(said))
