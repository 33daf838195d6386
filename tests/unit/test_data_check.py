"""Checking: what is kept, what is left out, what is warned of."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dynmask_core import messages
from dynmask_core.data import Columns, Report, Table, build, guess, read_bytes, read_path
from dynmask_core.data.report import detectable_difference, lengths_of
from dynmask_core.data.tokenize import Tokenizer, words_at
from dynmask_core.errors import InputError

DATA = Path(os.environ.get("DYNMASK_DATA", Path(__file__).resolve().parents[3] / "shared" / "data"))


def table_of(rows: Sequence[tuple[str, ...]], names: tuple[str, ...] = ("text", "label")) -> Table:
    lines = [dict(zip(names, row, strict=True)) for row in rows]
    return read_bytes("\n".join(json.dumps(line) for line in lines).encode(), "rows.jsonl")


def plain(count: int = 40, labels: tuple[str, ...] = ("a", "b")) -> list[tuple[str, ...]]:
    return [(f"text number {i}", labels[i % len(labels)]) for i in range(count)]


def codes(report: Report) -> set[str]:
    return {warning.code for warning in report.warnings}


def test_every_row_read_is_kept_or_counted_with_its_reason() -> None:
    rows = [*plain(), ("", "a"), ("  ", "b"), ("no label", " "), ("rare", "c"), ("\t\n", "a")]
    table = replace(table_of(rows), malformed=3)
    dataset, report = build(table)
    assert report.dropped == {"malformed": 3, "empty_text": 3, "empty_label": 1, "rare_class": 1}
    assert report.rows_read == report.rows + sum(report.dropped.values())
    assert report.rows == len(dataset) == sum(report.classes.values()) == sum(report.parts.values()) == 40
    assert "classes_dropped" in codes(report)
    assert next(warning for warning in report.warnings if warning.code == "classes_dropped").params["classes"] == "c"


def test_texts_stay_as_written_but_for_white_space_at_the_ends() -> None:
    odd = "  Ünïcode — “quoted”\n\tand  spaced 🙂  "
    dataset, _ = build(table_of([(odd, "a"), *plain()]))
    assert dataset.texts[0] == odd.strip()


@settings(max_examples=50, deadline=None)
@given(st.lists(st.text(min_size=1, max_size=60), min_size=1, max_size=10), st.integers(1, 8))
def test_offsets_point_into_the_text_in_order_and_stop_at_the_limit(texts: list[str], limit: int) -> None:
    texts = [text.replace("\0", " ") for text in texts]
    texts = [text for text in texts if text.encode("utf-8", "ignore").decode() == text]
    table = table_of([(text, "ab"[i % 2]) for i, text in enumerate(texts)] + plain())
    dataset, report = build(table, max_tokens=limit)
    tokenizer = Tokenizer()
    for text, spans in zip(dataset.texts, dataset.spans, strict=True):
        assert spans.dtype == np.int32
        assert spans.shape[1] == 2
        assert 1 <= len(spans) <= limit
        flat = spans.ravel()
        assert (spans[:, 0] < spans[:, 1]).all()
        assert (np.diff(flat) >= 0).all()
        assert flat[-1] <= len(text)
        assert words_at(text, spans) == tokenizer.tokens(text)[:limit]
    assert report.truncated == sum(len(tokenizer.spans(text)) > limit for text in dataset.texts)


@pytest.mark.parametrize("shift", range(8))
def test_a_label_that_is_not_a_number_of_its_column_comes_last_in_every_process(shift: int) -> None:
    numbers = tuple(str(number + shift) for number in (9, 10, 2, 30, 4))
    dataset, _ = build(table_of(plain(70, ("NaN", *numbers, "nan"))))
    assert dataset.classes == (*sorted(numbers, key=int), "NaN", "nan")


def test_numeric_labels_are_ordered_by_value_and_others_by_name() -> None:
    assert build(table_of(plain(labels=("10", "9", "-1"))))[0].classes == ("-1", "9", "10")
    assert build(table_of(plain(labels=("b", "10", "a", "9"))))[0].classes == ("9", "10", "a", "b")


def test_repeated_and_contradictory_texts_are_kept_and_counted() -> None:
    rows = [*plain(), ("again", "a"), ("again", "a"), ("again", "a"), ("both", "a"), ("both", "b")]
    dataset, report = build(table_of(rows))
    assert (report.rows, report.duplicates, report.conflicting, report.overlap) == (45, 2, 1, 0)
    assert {"duplicates", "conflicting"} <= codes(report)
    parts: dict[str, set[int]] = {text: set() for text in dataset.texts}
    for text, part in zip(dataset.texts, dataset.split.tolist(), strict=True):
        parts[text].add(part)
    assert len(parts["again"]) == len(parts["both"]) == 1


def test_test_texts_that_stand_in_train_are_counted_whatever_their_case() -> None:
    rows = [(f"text {i}", "ab"[i % 2], "train" if i < 30 else "test") for i in range(40)]
    rows += [("TEXT  0", "a", "test"), ("text 1", "b", "test")]
    _, report = build(table_of(rows, ("text", "label", "split")))
    assert report.overlap == 2
    assert "overlap" in codes(report)


def test_a_sample_of_rows_is_stratified_and_decided_by_the_seed() -> None:
    rows = [(f"text {i}", "a" if i % 4 else "b") for i in range(4000)]
    table = table_of(rows)
    first, report = build(table, max_rows=400, seed=3)
    assert report.classes == {"a": 300, "b": 100}
    assert report.dropped == {"not_sampled": 3600}
    assert "many_dropped" not in codes(report)
    assert build(table, max_rows=400, seed=3)[0].texts == first.texts
    assert build(table, max_rows=400, seed=4)[0].texts != first.texts
    assert build(table, max_rows=4000)[1].dropped == {}


def test_more_rows_than_the_limit_can_be_sampled() -> None:
    lines = "text,label\n" + "".join(f"t{i},{i % 2}\n" for i in range(100_002))
    assert build(read_bytes(lines.encode(), "a.csv"), max_rows=50)[1].rows == 50


def test_words_at_a_token_labelled_file_keep_their_marks() -> None:
    tokens, marks = [" not ", "", "so", "bad"], [1, 1, 0, 1]
    lines = [{"tokens": [*tokens, f"{i}"], "rationale": [*marks, 0], "label": i % 2} for i in range(8)]
    table = read_bytes("\n".join(map(json.dumps, lines)).encode(), "a.jsonl")
    dataset, _ = build(table, max_tokens=2)
    assert dataset.rationale is not None
    for text, spans, kept in zip(dataset.texts, dataset.spans, dataset.rationale, strict=True):
        assert [text[a:b] for a, b in spans] == ["not", "so"]
        assert kept.tolist() == [1, 0]
        assert kept.dtype == np.int8


def test_the_detectable_difference_follows_its_formula() -> None:
    assert detectable_difference(100) == pytest.approx(7.84)
    assert detectable_difference(400) == pytest.approx(3.92)
    assert detectable_difference(0) is None


@given(st.lists(st.integers(1, 2000), min_size=1, max_size=100))
def test_the_histogram_of_lengths_counts_every_text(counts: list[int]) -> None:
    lengths = lengths_of(counts)
    assert sum(lengths.counts) == len(counts)
    assert len(lengths.edges) == len(lengths.counts) + 1
    assert lengths.edges[0] <= min(counts)
    assert lengths.edges[-1] >= max(counts)
    assert lengths.min <= lengths.median <= lengths.max


def test_the_report_is_plain_json_with_the_promised_keys() -> None:
    _, report = build(table_of(plain()))
    written = json.loads(json.dumps(report.to_json()))
    promised = "rows dropped classes encoding columns duplicates truncated seconds warnings"
    assert set(promised.split()) <= written.keys()
    assert written["columns"] == {"text": "text", "label": "label", "split": None}
    assert all(isinstance(sentence, str) for sentence in written["warnings"])
    assert {"small_data", "small_test"} == codes(report)
    for lang in messages.LANGUAGES:
        assert all(warning.text(lang) for warning in report.warnings)


@pytest.mark.parametrize(
    ("code", "rows"),
    [
        ("replacement_characters", [*plain(), ("lost \ufffd", "a")]),
        ("imbalance", [*plain(), *[(f"more {i}", "a") for i in range(100)]]),
        ("many_dropped", [*plain(), *[("", "a")] * 10]),
        ("truncated", [*plain(), ("long " * 600, "a")]),
    ],
)
def test_what_a_reader_should_know_is_warned_of(code: str, rows: list[tuple[str, ...]]) -> None:
    assert code in codes(build(table_of(rows))[1])


def test_parts_that_lack_a_class_are_named() -> None:
    parts = ["train"] * 60 + ["dev"] * 30 + ["test"] * 30
    labels = [("a", "b", "c")[i % 3] if i < 60 else ("a", "b")[i % 2] if i < 90 else "c" for i in range(120)]
    rows = [(f"text {i}", label, part) for i, (label, part) in enumerate(zip(labels, parts, strict=True))]
    _, report = build(table_of(rows, ("text", "label", "split")))
    assert report.absent_in_test == ("a", "b")
    missing = {w.code: w.params["classes"] for w in report.warnings if w.code.startswith("class_not_in")}
    assert missing == {"class_not_in_test": "a, b", "class_not_in_validation": "c"}


def test_a_part_that_is_not_wanted_lacks_no_class() -> None:
    _, report = build(table_of(plain()), test_fraction=0.0, validation_fraction=0.0)
    assert report.absent_in_test == ()
    assert not {code for code in codes(report) if code.startswith("class_not_in")}


def test_texts_that_are_all_the_same_are_refused_unless_no_test_is_wanted() -> None:
    table = table_of([("always this", "ab"[i % 2]) for i in range(40)])
    with pytest.raises(InputError) as caught:
        build(table)
    assert (caught.value.code, caught.value.params) == ("nothing_to_test", {"texts": 1})
    assert build(table, test_fraction=0.0)[1].rows == 40
    assert build(table_of([(f"one of {i % 3}", "ab"[i % 2]) for i in range(40)]))[1].parts["test"]


@pytest.mark.parametrize(
    ("classes", "each", "fits"), [(150, 8, True), (150, 7, False), (1000, 8, True), (1001, 9, False)]
)
def test_many_classes_need_many_rows(classes: int, each: int, fits: bool) -> None:
    table = table_of([(f"text {i} {j}", f"intent {j}") for i in range(each) for j in range(classes)])
    if fits:
        assert len(build(table)[1].classes) == classes
    else:
        with pytest.raises(InputError, match="different labels"):
            build(table)


def test_combinations_of_labels_that_are_too_many_are_called_so() -> None:
    names = [f"l{i}" for i in range(20)]
    rows = [(f"text {a} {b} {i}", f"{a}|{b}") for a in names for b in names if a < b for i in range(4)]
    with pytest.raises(InputError, match=r"several labels, such as l0\|l1") as caught:
        build(table_of([*rows, *[(f"one {i}", names[i % 20]) for i in range(80)]]))
    assert caught.value.code == "too_many_combinations"


@pytest.mark.parametrize(("lost", "said"), [("aaaa", 4), ("aa", 2), ("a", None), ("aabb", None), ("xx", None)])
def test_malformed_rows_of_one_class_are_said_however_few(lost: str, said: int | None) -> None:
    records = [["half a text", "and the rest", f' "{label}"'] for label in lost]
    table = replace(table_of(plain(400)), malformed=len(lost), lost=records)
    found = [w.params["rows"] for w in build(table)[1].warnings if w.code == "malformed_of_one_class"]
    assert found == ([said] if said else [])


def test_errors_and_warnings_of_lost_data_offer_the_next_best_column() -> None:
    rows = [(f"text {i}", f"longer text number {i}" * (i % 4 > 0), "kind"[i % 4], "ab"[i % 2]) for i in range(96)]
    _, report = build(table_of(rows, ("title", "content", "kind", "tag")))
    (many,) = [warning for warning in report.warnings if warning.code == "many_dropped"]
    assert {"text_column": "title"} in [dict(remedy.config) for remedy in many.remedies]
    with pytest.raises(InputError) as caught:
        build(table_of([(f"t {i}", "ab"[i % 2], "fold 1") for i in range(40)], ("text", "label", "split")))
    assert [dict(remedy.config) for remedy in caught.value.remedies] == [{"split_column": ""}]


@pytest.mark.parametrize(
    ("names", "rows", "expected"),
    [
        (("id", "Review Text", "Sentiment"), [("1", "fine", "x")], ("Review Text", "Sentiment", None)),
        (("title", "content", "category"), [("t", "c", "x")], ("content", "category", None)),
        (("token", "label"), [("apple", "+")], ("token", "label", None)),
        (("评论内容", "情感", "集合"), [("好", "正", "训练")], ("评论内容", "情感", "集合")),
        (("fold", "text", "label"), [("3", "a", "x")], ("text", "label", None)),
        (("a", "b"), [("x", f"longer text {i}") for i in range(4)] + [("y", "short")], ("b", "a", None)),
        (
            ("a", "b"),
            [("Wow", "positive"), ("Oh", "negative"), ("Bad", "negative"), ("Hm", "positive")],
            ("a", "b", None),
        ),
    ],
)
def test_columns_are_guessed_by_name_and_then_by_content(
    names: tuple[str, ...], rows: list[tuple[str, ...]], expected: tuple[str, str, str | None]
) -> None:
    assert guess(table_of(rows, names)).columns == Columns(*expected)


@pytest.mark.parametrize(
    ("file", "rows", "classes", "parts", "overlap"),
    [
        ("sst2.csv", 9613, 2, (6920, 872, 1821), 2),
        ("trec6.csv", 5952, 6, (4907, 545, 500), 11),
        ("thucnews_titles_devtest.csv", 20_000, 10, (9000, 1000, 10_000), None),
        ("sst_rationale.jsonl", 11_855, 5, (8544, 1101, 2210), 2),
    ],
)
def test_public_data_sets_are_read_whole(
    file: str, rows: int, classes: int, parts: tuple[int, int, int], overlap: int | None
) -> None:
    if not (DATA / file).is_file():
        pytest.skip(f"{file} is not in {DATA}; set DYNMASK_DATA to its folder")
    dataset, report = build(read_path(DATA / file))
    assert (report.rows, len(report.classes), tuple(report.parts.values())) == (rows, classes, parts)
    assert overlap is None or report.overlap == overlap
    if file.startswith("thucnews"):
        assert Counter("\ufffd" in text for text in dataset.texts)[True] == 60
        assert "replacement_characters" in codes(report)
    if file.endswith("jsonl"):
        assert dataset.rationale is not None
        assert all(len(a) == len(b) for a, b in zip(dataset.rationale, dataset.spans, strict=True))
