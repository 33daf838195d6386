"""What every report says besides its findings: every seed, the data, all settings, versions, and how to read it."""

from __future__ import annotations

import platform
from collections.abc import Iterator, Mapping
from importlib import metadata
from typing import Any

from dynmask_core import __version__
from dynmask_core.data.report import SMALL_TEST
from dynmask_core.masks import parse
from dynmask_core.messages import text
from dynmask_core.report.blocks import Block, Code, Folded, Section, Table, Words
from dynmask_core.report.plain import flops, percent, said
from dynmask_core.studies.command import command_of, unsaid
from dynmask_core.studies.results import METRICS, Result
from dynmask_core.studies.study import Study

PACKAGES = ("torch", "streamlit", "numpy", "scipy", "plotly")
READING = {
    "compare": ("seeds", "interval", "exact", "holm", "mcnemar", "limits"),
    "sweep": ("seeds", "interval", "choosing", "limits"),
    "curve": ("seeds", "interval", "exact", "holm", "limits"),
}


def arms(study: Study, lang: str) -> Section:
    """What each arm is, in words."""
    one = len(study.config.base.arms) == 1
    told = Words(text("study_report.arms.one" if one else "study_report.arms.read", lang))
    rows = []
    for arm in study.config.base.arms:
        parts = dict.fromkeys(name for name, _ in parse(arm))
        rows.append([arm, " + ".join(text(f"strategy.{name}", lang) for name in parts)])
    head = [text("study_report.column.arm", lang), text("study_report.column.mask", lang)]
    return Section(text("study_report.arms", lang), [told, Table(head, rows, left=2)])


def reading(study: Study, lang: str) -> Section:
    """How to read the numbers, and what they cannot say."""
    kind = study.config.kind
    return Section(
        text("study_report.reading", lang),
        [Words(text(f"study_report.reading.{name}", lang), "term") for name in READING[kind]],
    )


def every_run(found: list[Result], lang: str) -> Section:
    """The numbers of every seed, nothing averaged."""
    transferred = any("transfer" in result.values for result in found)
    heads = ["validation", *METRICS, *(["away"] if transferred else []), "best_epoch", "seconds", "flops", "kept"]
    head = [text("study_report.column.arm", lang), text("study_report.column.run", lang), text("figure.seed", lang)]
    varied = any(result.cell for result in found)
    sized = any(result.size is not None for result in found)
    head = [head[0], *([text("study_report.column.settings", lang)] if varied else []), *head[1:]]
    head += [text("study_report.column.size", lang)] if sized else []
    head += [text(f"study_report.column.{name}", lang) for name in heads]
    rows = []
    for result in found:
        values = result.values
        row = [result.arm]
        row += [said(result.cell, lang)] if varied else []
        row += [result.run[-8:], str(result.seed)]
        row += [str(result.size)] if sized else []
        row += [percent(result.score("accuracy", "validation"))]
        row += [percent(result.score(metric)) for metric in METRICS]
        row += [percent(result.score("accuracy", "transfer"))] if transferred else []
        row += [str(values["best_epoch"]), f"{values['seconds']:.1f}", flops(values["training_flops"])]
        rows.append([*row, percent(values["kept_fraction"])])
    table = Table(head, rows, left=3 if varied else 2)
    folded = Folded(text("study_report.every_run.open", lang, rows=len(rows)), [table])
    return Section(text("study_report.every_run", lang), [folded])


def data(study: Study, lang: str) -> Section:
    """What was read, dropped, doubled; and what so much data can show."""
    found, base = study.data_report(lang), study.config.base
    what, count = text("report.what", lang), text("report.rows_count", lang)
    blocks: list[Block] = [Words(text("study_report.data.read", lang, source=base.data.source))]
    if found["parts"]["test"] >= SMALL_TEST:  # of fewer, a warning says it
        known = {"tests": found["parts"]["test"], "points": f"{found['detectable_difference']:.1f}"}
        blocks.append(Words(text("report.can_show", lang, **known)))
    blocks += [Words(warning, "note") for warning in found["warnings"]]
    rows = [[text("report.rows", lang), found["rows"]]]
    rows += [[text(f"report.{part}", lang), found["parts"][part]] for part in ("train", "validation", "test")]
    if study.config.test_on:
        elsewhere = int((study.dataset().split == 3).sum())
        rows.append([text("study_report.data.elsewhere", lang, source=study.config.test_on), elsewhere])
    rows += [[text(f"dropped.{reason}", lang), number] for reason, number in found["dropped"].items()]
    rows += [
        [text(f"report.{name}", lang), found[name]]
        for name in ("duplicates", "conflicting", "overlap", "truncated", "vocabulary")
    ]
    blocks.append(Table([what, count], [[name, f"{number:,}"] for name, number in rows]))
    classes = [[name, f"{number:,}"] for name, number in found["classes"].items()]
    blocks.append(Table([text("report.classes", lang), text("report.texts", lang)], classes))
    lengths = {name: f"{found['lengths'][name]:g}" for name in ("min", "median", "mean", "max")}
    blocks.append(Words(f"{text('report.lengths', lang)}: {text('report.length_line', lang, **lengths)}"))
    return Section(text("study_report.data", lang), blocks)


def repeat(study: Study, lang: str) -> Section:
    """The command, all settings, and the versions."""
    blocks: list[Block] = [Words(text("study_report.repeat.read", lang)), Code(command_of(study.config))]
    if unsaid(study.config.base):
        blocks.append(Words(text("study_report.repeat.unsaid", lang), "note"))
    config = study.config.to_json()
    base = config.pop("base")
    pairs = [*_flat(config), *_flat(base)]
    head = [text("study_report.column.setting", lang), text("study_report.column.value", lang)]
    blocks.append(Folded(text("study_report.settings", lang), [Table(head, [list(pair) for pair in pairs], left=2)]))
    versions = [["DynMask", __version__], ["Python", platform.python_version()]]
    versions += [[name, _version(name)] for name in PACKAGES]
    versions.append([text("study_report.platform", lang), f"{platform.system()} {platform.machine()}"])
    head = [text("study_report.column.part", lang), text("study_report.column.version", lang)]
    told = Words(text("study_report.versions.read", lang))
    blocks.append(Folded(text("study_report.versions", lang), [told, Table(head, versions, left=2)]))
    return Section(text("study_report.repeat", lang), blocks)


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "–"


def _flat(values: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{before}{name}.")
        elif isinstance(value, list):
            if value and isinstance(value[0], list):
                yield f"{before}{name}", "; ".join(f"{one}: {', '.join(map(str, more))}" for one, more in value)
            else:
                yield f"{before}{name}", ", ".join(map(str, value)) or "–"
        else:
            yield f"{before}{name}", "–" if value in (None, "") else str(value)
