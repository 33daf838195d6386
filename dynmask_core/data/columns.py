"""Which columns hold the text, the label and the split."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

import pandas as pd

from dynmask_core.data import media
from dynmask_core.data.names import LABEL, SPLIT_NAMES, TEXT, Named, Role, named, normal
from dynmask_core.data.profile import FEW_ROWS, ONES, Profile, profiles
from dynmask_core.data.roles import Choice, Columns, Guess, given
from dynmask_core.data.split import split_codes
from dynmask_core.data.table import Table
from dynmask_core.errors import InputError
from dynmask_core.messages import say, several

UNNAMED = 0.35
"""Score of a column whose content fits fully but whose name says nothing."""
UNFIT = 0.05
"""Content of a column that does not fit, but is named so: better than nothing."""
CLOSE = 0.75
"""A runner-up of this share of the best score is a rival."""
FAR = 0.4
"""The same for a best column whose name can mean something else, such as "title"."""
SEEN = 8
"""So many columns are described where no label is found."""


def guess(table: Table, text: str | None = None, label: str | None = None, split: str | None = None) -> Guess:
    """Scores every column by name and content for each role that the caller does not name.

    None: guess it; "": there is no such column. A score is the product of what the name says and how well the content
    fits; the best pair of different columns wins, and the left one of equal columns. Content that does not fit (see
    `Profile`) only counts if the name says so and nothing else can be it. Raises `InputError` `no_columns` for a table
    without columns.
    """
    if not table.columns:
        raise InputError("no_columns")
    parting = _parting(table, [text, label]) if split is None else given(split)
    taken = {text, label, parting.column}
    free = [name for name in table.columns if name not in taken]
    known = profiles(table.frame[free or table.columns[:1]])  # whoever names the only column twice will be told
    texts = _scores(known, TEXT, lambda profile: profile.text)
    labels = _scores(known, LABEL, lambda profile: profile.label)
    flags = _flags(known)
    if len(flags) > 2:
        # A column of few values without a name for it is not the label beside a row of 0/1 columns.
        labels = {name: score for name, score in labels.items() if name in flags or named(name, LABEL).strength}
    best = _pair(texts if text is None else {text: 1.0}, labels if label is None else {}, known)
    text_choice = _choice(best[0], texts, best, TEXT, known) if text is None else given(text)
    label_choice = _choice(best[1], labels, best, LABEL, known) if label is None else given(label)
    flags = () if label is not None or best[1] not in flags or _is_plain(best[1], LABEL) else flags
    if flags:
        label_choice = replace(label_choice, certain=False)
        if label_choice.reason == "few_values":
            label_choice = replace(label_choice, reason="flag")
    return Guess(text_choice, label_choice, parting, flags, bool(flags) and _one_each(table.frame[list(flags)]))


def check_name(table: Table, name: str | None) -> None:
    """Raises `InputError` `column_missing` if `name` is not None and not a column of the table."""
    if name is not None and name not in table.columns:
        raise InputError("column_missing", column=name or '""', columns=", ".join(table.columns))


def validate_columns(table: Table, columns: Columns) -> None:
    """Raises `InputError`: `column_missing`, `only_column`, `no_label_column`, `media_without_classes`, `same_column`
    if two roles share one."""
    for name in (columns.text or "", columns.label, columns.split):  # someone may say that there is no text
        check_name(table, name)
    if columns.label is None:
        if columns.text is not None and media.medium_of(table.cells(columns.text)) != media.TEXT:
            raise InputError("media_without_classes")
        if len(table.columns) == 1:
            raise InputError("only_column", column=columns.text)
        names = [name for name in table.columns if name not in (columns.text, columns.split)]
        others = table.frame[names[: SEEN - 1]]
        seen = [say(f"columns.seen.{found.unlike_label}", column=name) for name, found in profiles(others).items()]
        seen = [say("columns.seen.text", column=columns.text), *seen]
        raise InputError("no_label_column", columns=several(*seen, between=", "))
    used = [name for name in (columns.text, columns.label, columns.split) if name is not None]
    for name in used:
        if used.count(name) > 1:
            raise InputError("same_column", column=name)


def _scores(known: Mapping[str, Profile], role: Role, fit: Callable[[Profile], float]) -> dict[str, float]:
    """The score of each column, from left to right."""
    scores = {}
    for name, profile in known.items():
        says, content = named(name, role), fit(profile)
        if not content and says.strength and not says.about:
            content = UNFIT
        score = _weight(says) * (0.5 if says.about else 1) * content
        scores[name] = round(score, 2)  # what is nearly equal is equal, and the left one wins
    return scores


def _weight(says: Named) -> float:
    """The score of a column with this name whose content fits fully."""
    return UNNAMED + (1 - UNNAMED) * says.strength


def _pair(
    texts: Mapping[str, float], labels: Mapping[str, float], known: Mapping[str, Profile]
) -> tuple[str, str | None]:
    """The best text and label that are not the same column; there may be no label, but there is always a text."""
    ranked_texts = sorted(texts, key=lambda name: -texts[name])[:3]
    if not any(texts.values()):
        ranked_texts = sorted(known, key=lambda name: -known[name].length)[:2]
    ranked_labels = sorted(filter(labels.get, labels), key=lambda name: -labels[name])[:3]
    pairs = [(text, label) for text in ranked_texts for label in (*ranked_labels, None) if text != label]
    return max(pairs, key=lambda pair: texts.get(pair[0], 0.0) + labels.get(pair[1] or "", 0.0))


def _choice(
    name: str | None,
    scores: Mapping[str, float],
    best: tuple[str, str | None],
    role: Role,
    known: Mapping[str, Profile],
) -> Choice:
    """Why a column was taken, and which comes next."""
    if name is None:
        return Choice(None, "none", 0.0)
    others = [other for other in scores if other not in best and scores[other]]
    runner_up = max(others, key=scores.__getitem__, default=None)
    says, score = named(name, role), scores.get(name, 0.0)
    if says.full:
        reason = "named"
    elif says.strength:
        reason = "part_of_name"
    elif len(known) == 1:
        reason = "only"
    else:
        reason = "longest" if role is TEXT else "few_values"
    fits = score >= 0.2 * _weight(says) or len(next(iter(known.values())).column) < FEW_ROWS
    ahead = scores.get(runner_up or "", 0.0) < (CLOSE if _is_plain(name, role) else FAR) * score
    certain = reason == "only" or known[name].is_media or (says.full and (runner_up is None or (fits and ahead)))
    return Choice(name, reason, score, runner_up, certain)


def _is_plain(name: str, role: Role) -> bool:
    """Whether a name can mean nothing else."""
    says = named(name, role)
    return says.full and says.strength > 0.8


def _flags(known: Mapping[str, Profile]) -> tuple[str, ...]:
    """The columns of 0 and 1, if several of them hold both; a column of 0 alone may be a rare one of them."""
    found = [name for name, profile in known.items() if profile.flags]
    return tuple(found) if sum(known[name].label > 0 for name in found) > 1 else ()


def _one_each(frame: pd.DataFrame) -> bool:
    """Whether every row has exactly one 1."""
    ones = frame.apply(lambda column: column.str.strip().str.casefold().isin(ONES))
    return bool((ones.sum(axis=1) == 1).all())


def _parting(table: Table, taken: Iterable[str | None]) -> Choice:
    """The split column: only a name tells it."""
    for candidate in SPLIT_NAMES:
        for name in (name for name in table.columns if normal(name) == candidate and name not in taken):
            # "split" can mean nothing else, so unknown values in it are reported later; "fold" or "set" may hold
            # the fold numbers of a cross-validation.
            if candidate == "split" or not split_codes(table.frame[name].unique())[1]:
                return Choice(name, "named")
    return Choice(None, "none", 0.0)
