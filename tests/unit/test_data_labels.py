"""Labels in their many writings, and cells that only say that something is missing."""

from __future__ import annotations

import math
import os
import random
import subprocess
import sys
from collections import Counter

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynmask_core import messages
from dynmask_core.config import DataConfig
from dynmask_core.data import Columns, Dataset, Report, Table, build
from dynmask_core.data.labels import in_order, labels_in, several_in, shown, writings_alike
from dynmask_core.data.load import load
from dynmask_core.data.missing import ERRORS, MARKERS
from dynmask_core.data.warning import DataWarning

ROLES = Columns("text", "label")


def checked(labels: list[str], texts: list[str] | None = None, **options: bool) -> tuple[Dataset, Report]:
    """The data set of these labels, each of which needs four rows to stay."""
    rows = {"text": texts or [f"text number {i}" for i in range(len(labels))], "label": labels}
    return build(Table(pd.DataFrame(rows, dtype=object), "csv"), ROLES, **options)


def said(report: Report, code: str) -> DataWarning | None:
    found = [warning for warning in report.warnings if warning.code == code]
    for warning in found:
        assert all("{" not in warning.text(lang) for lang in messages.LANGUAGES)
    return found[0] if found else None


@pytest.mark.parametrize("marker", ["NaN", "null", "None", "N/A", "n/a", "NA", "-", "--", "?", "(blank)", "无", "空"])
def test_a_label_that_may_mean_missing_is_named_and_dropped_only_on_request(marker: str) -> None:
    labels = ["good", "bad", marker] * 10
    dataset, report = checked(labels)
    assert marker in dataset.classes
    warning = said(report, "missing_labels")
    assert warning is not None
    assert f"{marker} (10)" in warning.text()
    assert [dict(remedy.config) for remedy in warning.remedies] == [{"drop_markers": True}]
    dataset, report = checked(labels, drop_markers=True)
    assert dataset.classes == ("bad", "good")
    assert report.dropped == {"empty_label": 10}
    assert said(report, "missing_labels") is None


def test_texts_that_may_mean_missing_are_counted_by_their_writing() -> None:
    texts = [f"text number {i}" for i in range(36)] + ["NULL", "nan", "nan", "n/a"]
    _, report = checked(["x", "y"] * 20, texts)
    warning = said(report, "missing_texts")
    assert warning is not None
    assert warning.params["markers"] == "nan (2), NULL (1), n/a (1)"
    assert checked(["x", "y"] * 20, texts, drop_markers=True)[1].dropped == {"empty_text": 4}


def test_a_minus_beside_a_plus_is_a_label() -> None:
    labels = ["+", "-"] * 10
    assert said(checked(labels)[1], "missing_labels") is None
    assert checked(labels, drop_markers=True)[0].classes == ("+", "-")


@pytest.mark.parametrize(
    "error", ["#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#N/A", "#BEZUG!", "#ref!"]
)
def test_spreadsheet_errors_are_always_empty_and_said(error: str) -> None:
    texts = [f"text number {i}" for i in range(23)] + [error]
    _, report = checked(["a", "b", error] * 8, texts)
    assert report.dropped == {"empty_text": 1, "empty_label": 7}
    for role, count in (("texts", 1), ("labels", 8)):
        warning = said(report, f"errors_as_{role}")
        assert warning is not None
        assert f"{count} ({error} ({count}))" in warning.text()


def test_a_text_that_begins_like_an_error_stays() -> None:
    texts = ["#Great! day", "#wow!", "#N/A means not available", *(f"text {i}" for i in range(13))]
    assert checked(["a", "b"] * 8, texts)[0].texts == texts


def test_markers_and_errors_are_compared_in_lower_case() -> None:
    assert all(word == word.casefold() for word in MARKERS | ERRORS)


@pytest.mark.parametrize(
    ("usual", "other"),
    [
        ("Late", "late"), ("Late", "LATE"),
        ("Late", "Ｌａｔｅ"), ("so late", "so\u00a0late"), ("so late", "so   late"),
        ("late", "la\u200bte"), ("caf\u00e9", "cafe\u0301"),
        ("好评", "好\u200d评"), ("好 评", "好\u3000评"), ("1", "1.0"),
        ("2", "+2.00"), ("0", "-0"), ("True", "TRUE"), ("１", "1"), ("10", "1e1"), ("STRASSE", "straße"),
    ],
)  # fmt: skip
def test_labels_that_differ_only_in_writing_are_grouped_and_merged_on_request(usual: str, other: str) -> None:
    labels = [usual, "else", other, usual] * 5
    dataset, report = checked(labels)
    assert len(dataset.classes) == 3
    warning = said(report, "labels_alike")
    assert warning is not None
    assert shown(usual) in warning.text()
    assert shown(other) in warning.text()
    assert [dict(remedy.config) for remedy in warning.remedies] == [{"merge_labels": True}]
    dataset, report = checked(labels, merge_labels=True)
    assert report.classes == {"else": 5, usual: 15}
    assert said(report, "labels_alike") is None


@pytest.mark.parametrize(
    ("one", "two"),
    [("good", "good!"), ("1", "10"), ("good", "goods"), ("not good", "notgood"), ("1", "True"), ("é", "e")],
)
def test_labels_that_differ_in_more_than_writing_stay_apart(one: str, two: str) -> None:
    assert writings_alike({one: 5, two: 5}) == []


def test_the_most_frequent_writing_wins_and_the_first_of_equal_ones() -> None:
    assert writings_alike(Counter(["b", "B", "B", "a", "A"])) == [["B", "b"], ["a", "A"]]


def test_settings_of_a_run_merge_labels_and_drop_markers() -> None:
    rows = {"text": [f"text number {i}" for i in range(40)], "label": ["Up", "down", "up", "n/a"] * 10}
    table = Table(pd.DataFrame(rows, dtype=object), "csv")
    assert load(table, DataConfig("own"), 0)[0].classes == ("Up", "down", "n/a", "up")
    tidy = load(table, DataConfig("own", merge_labels=True, drop_markers=True), 0)[1]
    assert tidy.classes == {"Up": 20, "down": 10}
    assert tidy.dropped == {"empty_label": 10}


def test_rare_writings_are_merged_before_rare_classes_are_left_out() -> None:
    labels = ["Pos"] * 9 + ["pos", "POS", "pos"] + ["neg"] * 9
    assert "rare_class" in checked(labels)[1].dropped
    assert checked(labels, merge_labels=True)[1].classes == {"Pos": 12, "neg": 9}


def test_what_cannot_be_seen_is_shown() -> None:
    assert shown("go\u200bod") == "go<U+200B>od"
    assert shown("not\u00a0good") == "not<U+00A0>good"
    assert shown("not  good") == "not␣␣good"
    assert shown("cafe\u0301") == "cafe\u0301 (NFD)"
    assert shown("很 好") == "很 好"


@pytest.mark.parametrize(
    ("cell", "labels"),
    [
        ('["neg"]', ["neg"]), ("['neg']", ["neg"]), ("[“neg”]", ["neg"]), ("[‘neg’]", ["neg"]),
        ('{"choices": ["neg"]}', ["neg"]),
        ("{'choices': 'neg'}", ["neg"]), ("[3]", ["3"]), ("[neg]", ["neg"]),
        ("[]", []), ("[null]", []), ('["a", "b"]', ["a", "b"]),
        ("['a' 'b']", ["a", "b"]), ("[a, b]", ["a", "b"]),
        ("('neg',)", ["neg"]), ("{'b', 'a'}", ["a", "b"]),
        ('["don’t"]', ["don’t"]), ("neg", None), ("(neg)", None), ("(1)", None),
        ('{"score": 1}', None), ("[", None), (":-]", None),
    ],
)  # fmt: skip
def test_lists_of_labels_are_read_as_tools_write_them(cell: str, labels: list[str] | None) -> None:
    assert labels_in(cell) == labels


def test_a_list_of_one_label_is_that_label_and_an_empty_one_is_none() -> None:
    dataset, report = checked(['["neg"]', "['pos']", "pos", "[]"] * 5)
    assert dataset.classes == ("neg", "pos")
    assert report.dropped == {"empty_label": 5}
    assert said(report, "label_lists") is None


def test_a_list_of_several_labels_is_said_with_an_example() -> None:
    warning = said(checked(['["a"]', '["b"]', '["a", "b"]'] * 6)[1], "label_lists")
    assert warning is not None
    assert (warning.params["rows"], warning.params["example"]) == (6, '["a", "b"]')


@pytest.mark.parametrize("separator", ["#", "|", ";", ", ", "/", "、", "；", "\n", "&", "+"])
def test_several_labels_in_a_cell_are_said_with_their_separator(separator: str) -> None:
    warning = said(checked(["food", "price", separator.join(("food", "price")), "staff"] * 5)[1], "several_labels")
    assert warning is not None
    assert warning.params["separator"] == separator.strip(" ")
    assert warning.params["rows"] == 5


def test_labels_that_never_stand_alone_are_told_from_their_other_company() -> None:
    found = several_in({"a|b": 3, "b|c": 3, "a|c": 3})
    assert found is not None
    assert (found.separator, found.rows) == ("|", 9)


@pytest.mark.parametrize(
    "labels",
    [
        ["Sci/Tech", "World", "Business"], ["1", "1,5", "2", "2,5", "5"], ["C#", "C", "C++"],
        ["Toys & Games", "Books", "Games for PC"],
        ["+", "-"], ["yes, always", "no, never"], ["joy", "anger"],
    ],
)  # fmt: skip
def test_a_name_with_a_sign_in_it_is_one_label(labels: list[str]) -> None:
    assert several_in(Counter(labels * 5)) is None


ODD = ["10", "9", "9.0", "-inf", "inf", "nan", "NaN", "b", "a", "", "1e3", "NAN", "-0", "0", "Ä", "好"]


def test_the_order_of_labels_is_numbers_then_names_then_what_is_no_number() -> None:
    assert in_order(["nan", "b", "10", "9", "inf", "-inf", "9.0", "a", "NaN"]) == (
        "-inf", "9", "9.0", "10", "inf", "a", "b", "NaN", "nan",
    )  # fmt: skip


@given(st.permutations(ODD))
def test_the_order_of_labels_does_not_depend_on_the_order_they_come_in(labels: list[str]) -> None:
    assert in_order(labels) == in_order(ODD)


@given(st.lists(st.floats() | st.text(max_size=4), unique_by=str, max_size=8))
def test_the_order_of_labels_is_total(values: list[object]) -> None:
    labels = [str(value) for value in values]
    shuffled = random.Random(0).sample(labels, len(labels))
    assert in_order(labels) == in_order(shuffled)
    numbers = [float(label) for label in in_order(labels) if isinstance(label, str) and _is_number(label)]
    assert numbers == sorted(numbers)


def _is_number(label: str) -> bool:
    try:
        return not math.isnan(float(label))
    except ValueError:
        return False


SCRIPT = """
import pandas as pd
from dynmask_core.data import Table, build
labels = ["nan", "1.0", "0.0", "1", "NaN", "inf", "x#1", "Low", "low", "N/A"] * 6
frame = pd.DataFrame({"t": [f"text number {i}" for i in range(60)], "y": labels, "z": labels[::-1]}, dtype=object)
dataset, report = build(Table(frame, "csv"))
print(dataset.classes, dataset.labels.tolist(), dataset.split.tolist(), report.to_json()["warnings"])
"""


def test_equal_data_give_an_equal_data_set_in_every_process() -> None:
    answers = set()
    for seed in ("0", "1", "2", "77"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        run = subprocess.run(
            [sys.executable, "-c", SCRIPT], env=environment, capture_output=True, text=True, check=True
        )
        answers.add(run.stdout)
    assert len(answers) == 1
    assert "Labels" in answers.pop()


def test_a_label_of_endless_digits_is_looked_at_once() -> None:
    """Where a pattern can share digits out in many ways, this takes hours."""
    endless = "1" * 3_000_000 + "x"
    assert writings_alike({endless: 1, "1.0": 2, "1.": 1, "1": 3}) == [["1", "1.0", "1."]]
