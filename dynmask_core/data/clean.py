"""Cleans texts and labels before they are used, and says what looks wrong with them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from dynmask_core.data.labels import Several, labels_in, several_in, shown, writings_alike
from dynmask_core.data.missing import emptied, is_error, markers_among
from dynmask_core.data.warning import DataWarning
from dynmask_core.messages import listed
from dynmask_core.remedies import Remedy


@dataclass(frozen=True)
class Cleaned:
    """texts, labels: stripped, "" where there is none. several: whether cells hold several labels each."""

    texts: list[str]
    labels: list[str]
    several: Several | None
    warnings: list[DataWarning]


def clean(texts: Sequence[str], labels: Sequence[str], *, merge_labels: bool, drop_markers: bool) -> Cleaned:
    """Empties cells that hold nothing (see `missing`), and takes a single label out of its list.

    drop_markers: words that say "missing" are empty too; otherwise a warning names them. merge_labels: labels that
    look alike become the most frequent of their writings; otherwise a warning names them.
    """
    texts, found = clean_texts(texts, drop_markers=drop_markers)
    labels, more = _emptied(_unwrapped(labels), "labels", drop_markers)
    counts = Counter(filter(None, labels))
    alike = writings_alike(counts)
    if merge_labels:
        usual = {label: group[0] for group in alike for label in group}
        labels = [usual.get(label, label) for label in labels]
    elif alike:
        groups = listed((", ".join(map(shown, group)) for group in alike), between="; ")
        remedy = Remedy("merge_labels", config={"merge_labels": True})
        more.append(DataWarning("labels_alike", {"groups": groups}, (remedy,)))
    several = several_in(counts)
    if several is not None:
        told = {"rows": several.rows, "example": several.example, "separator": several.separator}
        more.append(DataWarning("several_labels" if several.separator else "label_lists", told))
    return Cleaned(texts, labels, several, [*found, *more])


def clean_texts(texts: Sequence[str], *, drop_markers: bool) -> tuple[list[str], list[DataWarning]]:
    """Empties texts that hold nothing, as `clean` does; and the warnings about them."""
    return _emptied(texts, "texts", drop_markers)


def _emptied(cells: Sequence[str], role: str, drop_markers: bool) -> tuple[list[str], list[DataWarning]]:
    """The cells with "" where there is nothing. role: "texts" or "labels"."""
    found = []
    errors = Counter(filter(is_error, cells))
    if errors:
        found.append(DataWarning(f"errors_as_{role}", {"errors": _counted(errors), "cells": errors.total()}))
    left = emptied(cells)
    markers = markers_among(left)
    if drop_markers:
        return emptied(left, markers), found
    if markers:
        remedy = Remedy("drop_markers", config={"drop_markers": True})
        found.append(DataWarning(f"missing_{role}", {"markers": _counted(markers)}, (remedy,)))
    return left, found


def _unwrapped(labels: Sequence[str]) -> list[str]:
    """The labels, with a list of one label replaced by it and an empty list by ""."""
    single = {}
    for label in dict.fromkeys(labels):
        parts = labels_in(label)
        if parts is not None and len(parts) < 2:
            single[label] = parts[0] if parts else ""
    return [single.get(label, label) for label in labels]


def _counted(counts: dict[str, int]) -> str:
    return listed(f"{word} ({count})" for word, count in counts.items())
