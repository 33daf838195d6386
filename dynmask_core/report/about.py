"""The parts of every report besides its findings: every seed, the data, all settings, versions, how to read it."""

from __future__ import annotations

import platform
from collections.abc import Iterator, Mapping, Sequence
from importlib import metadata
from typing import Any

from dynmask_core import __version__
from dynmask_core.blocks import Block, Code, Column, Finding, Folded, Paragraph, Section, Table
from dynmask_core.data.report import SMALL_TEST
from dynmask_core.data.split import TRANSFER
from dynmask_core.masks import brief, parse
from dynmask_core.messages import say, several
from dynmask_core.studies import KINDS, Study
from dynmask_core.studies.command import command_of, unsaid
from dynmask_core.studies.kinds.base import column
from dynmask_core.studies.results import METRICS, Result, lacking
from dynmask_core.studies.settings import cell_words

PACKAGES = ("torch", "streamlit", "numpy", "scipy", "plotly")


def arms(names: Sequence[str]) -> Section:
    """Describes each arm in words."""
    one = len(names) == 1
    read = Paragraph(say("study_report.arms.one") if one else say("study_report.arms.read"))
    rows = []
    for arm in names:
        parts = dict.fromkeys(name for name, _ in parse(arm))
        # In full: elsewhere a long name is cut.
        rows.append([arm, several(*(say(f"strategy.{name}") for name in parts), between=" + ")])
    return Section(say("study_report.arms"), [read, Table("study_masks", [column("arm"), column("mask")], rows)])


def reading(study: Study) -> list[Block]:
    """How to read the numbers, and what they cannot show."""
    return [Paragraph(say(f"study_report.reading.{name}"), term=True) for name in KINDS[study.config.kind].reading]


def every_run(found: list[Result]) -> Section:
    """The numbers of every seed, without averages."""
    transferred = any("transfer" in result.values for result in found)
    varied = any(result.cell for result in found)
    sized = any(result.size is not None for result in found)
    columns = [column("arm"), *([column("settings")] if varied else []), column("run")]
    columns.append(Column("seed", say("figure.seed"), "whole"))
    columns += [column("size", "whole")] if sized else []
    columns += [column(name, "percent") for name in ("validation", *METRICS, *(["away"] if transferred else []))]
    columns += [column("best_epoch", "whole"), column("seconds", "tenths"), column("flops", "flops")]
    columns.append(column("kept", "percent"))
    rows = []
    for result in found:
        row: list[Any] = [
            brief(result.arm),
            *([cell_words(result.cell)] if varied else []),
            result.run[-8:],
            result.seed,
        ]
        row += [result.size] if sized else []
        row += [result.score("accuracy", "validation"), *(result.score(metric) for metric in METRICS)]
        row += [result.score("accuracy", "transfer")] if transferred else []
        rows.append(row + [result.values[n] for n in ("best_epoch", "seconds", "training_flops", "kept_fraction")])
    table = Table("study_every_run", columns, rows)
    said = lacking(found)
    notes = [Finding(said, "note")] if said is not None else []
    return Section(
        say("study_report.every_run"), [*notes, Folded(say("study_report.every_run.open", rows=len(rows)), [table])]
    )


def data(study: Study, lang: str) -> Section:
    """What was read, dropped or duplicated, and what this much data can show. lang: language of the warnings, which
    were written when the study was made."""
    found, base = study.data_report(lang), study.config.base
    blocks: list[Block] = [Paragraph(say("study_report.data.read", source=base.data.source))]
    if found["parts"]["test"] >= SMALL_TEST:  # for fewer, a warning says so
        known = {"tests": found["parts"]["test"], "points": f"{found['detectable_difference']:.1f}"}
        blocks.append(Paragraph(say("report.can_show", **known)))
    blocks += [Finding(warning, "note") for warning in found["warnings"]]
    rows: list[list[Any]] = [[say("report.rows"), found["rows"]]]
    rows += [[say(f"report.{part}"), found["parts"][part]] for part in ("train", "validation", "test")]
    if study.config.test_on:
        elsewhere = int((study.dataset().split == TRANSFER).sum())
        rows.append([say("study_report.data.elsewhere", source=study.config.test_on), elsewhere])
    in_words = found["lengths"]["max"] > 0  # pictures and sounds have none
    rows += [
        [say("study_report.left_out", reason=say(f"dropped.{reason}")), number]
        for reason, number in found["dropped"].items()
    ]
    rows += [
        [say(f"report.{name}"), found[name]]
        for name in ("duplicates", "conflicting", "overlap", *(("truncated", "vocabulary") if in_words else ()))
    ]
    counted = [Column("what", say("report.what")), Column("count", say("report.rows_count"), "count")]
    labels = [Column("label", say("report.classes")), Column("texts", say("report.texts"), "count")]
    blocks += [
        Table("study_data", counted, rows),
        Table("study_classes", labels, [list(one) for one in found["classes"].items()]),
    ]
    if in_words:
        lengths = {name: f"{found['lengths'][name]:g}" for name in ("min", "median", "mean", "max")}
        blocks.append(Paragraph(several(say("report.lengths"), say("report.length_line", **lengths), between=": ")))
    return Section(say("study_report.data"), blocks)


def repeat(study: Study) -> Section:
    """The command, all settings, and the versions."""
    blocks: list[Block] = [Paragraph(say("study_report.repeat.read")), Code(command_of(study.config))]
    if unsaid(study.config):
        blocks.append(Finding(say("study_report.repeat.unsaid"), "note"))
    config = study.config.to_json()
    base = config.pop("base")
    settings = Table("study_settings", [column("setting"), column("value")], [*flat(config), *flat(base)])
    blocks += [Folded(say("study_report.settings"), [settings]), versions()]
    return Section(say("study_report.repeat"), blocks)


def versions() -> Folded:
    """Of what made the report."""
    found: list[list[Any]] = [["DynMask", __version__], ["Python", platform.python_version()]]
    found += [[name, _version(name)] for name in PACKAGES]
    found.append([say("study_report.platform"), f"{platform.system()} {platform.machine()}"])
    of_parts = Table("study_versions", [column("part"), column("version")], found)
    return Folded(say("study_report.versions"), [Paragraph(say("study_report.versions.read")), of_parts])


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "–"


def flat(values: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    """Settings of settings as rows of a table, their names joined by dots."""
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from flat(value, f"{before}{name}.")
        elif isinstance(value, list):
            if value and isinstance(value[0], list):
                yield f"{before}{name}", "; ".join(f"{one}: {', '.join(map(str, more))}" for one, more in value)
            else:
                yield f"{before}{name}", ", ".join(map(str, value)) or "–"
        else:
            yield f"{before}{name}", "–" if value in (None, "") else str(value)
