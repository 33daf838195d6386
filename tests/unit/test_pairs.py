"""Pairs of a source and a target: their columns, how they are cut, and samples whose answers are known."""

from __future__ import annotations

import hashlib
import json
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from dynmask_core.cli.main import main
from dynmask_core.config import DataConfig
from dynmask_core.data.dates import dates, number_characters, number_words
from dynmask_core.data.load import read_lines
from dynmask_core.data.pairs import build_pairs, in_writing, joined, pair_columns, parted, sentence_spans
from dynmask_core.data.readers import read_path
from dynmask_core.data.samples import list_pairs, load_sample
from dynmask_core.data.stories import stories
from dynmask_core.data.table import Table
from dynmask_core.errors import InputError
from dynmask_core.evaluate.generated import character_f, exact_match
from dynmask_core.inputs.pairs import Pairs
from dynmask_core.messages import catalogue


def table(*columns: str, rows: int = 40) -> Table:
    frame = pd.DataFrame({name: [f"{name} {row}" for row in range(rows)] for name in columns}, dtype=object)
    return Table(frame, "csv", name="made")


@pytest.mark.parametrize(
    ("columns", "found"),
    [
        (("target", "source"), ("source", "target")),
        (("id", "Question", "Answer"), ("Question", "Answer")),
        (("en", "de", "split"), ("en", "de")),
        (("原文", "译文", "备注"), ("原文", "译文")),
        (("first", "second"), ("first", "second")),
        (("key", "fr", "en"), ("fr", "en")),
    ],
)
def test_source_and_target_are_found_by_their_names(columns: tuple[str, ...], found: tuple[str, str]) -> None:
    assert pair_columns(table(*columns)) == found


def test_columns_that_nobody_can_guess_are_asked_for_and_those_named_are_taken() -> None:
    made = table("a", "b", "c")
    with pytest.raises(InputError, match="source"):
        pair_columns(made)
    assert pair_columns(made, "c", "a") == ("c", "a")
    assert pair_columns(table("a", "b"), target="a") == ("b", "a")
    for source, target in (("a", "a"), ("a", "z")):
        with pytest.raises(InputError):
            pair_columns(made, source, target)


def test_rows_without_a_half_are_left_out_and_equal_sources_stay_together() -> None:
    frame = pd.DataFrame(
        {"source": [f"s {row // 2}" for row in range(100)], "target": ["t"] * 98 + ["", "t"]}, dtype=object
    )
    dataset, report = build_pairs(Table(frame, "csv", name="x"), DataConfig("x"), 0)
    assert report.dropped == {"empty_text": 1}
    assert len(dataset) == 99
    parts: dict[str, set[int]] = {}
    for text, part in zip(dataset.texts, dataset.split.tolist(), strict=True):
        parts.setdefault(text, set()).add(part)
    assert all(len(found) == 1 for found in parts.values())
    with pytest.raises(InputError, match="few"):
        build_pairs(table("source", "target", rows=8), DataConfig("x"), 0)


def test_a_sample_carries_both_and_one_without_a_tab_is_all_target() -> None:
    assert parted(joined("a b", "c")) == ("a b", "c")
    assert parted("prose") == (None, "prose")
    reader = Pairs(DataConfig("x"))
    for sample, shown in (
        (joined("a b", "c 12"), ["a", "b", "⇒", "c", "1", "2", "■"]),
        (joined("a b"), ["a", "b", "⇒"]),
        ("a b", ["a", "b", "■"]),
        ("", ["■"]),
    ):
        found = reader.show(sample)
        assert [found.text[a:b] for a, b in found.spans] == shown
        assert len(reader.read(sample)) == len(shown) + 1


@pytest.mark.parametrize("limit", range(1, 12))
def test_a_pair_that_is_too_long_keeps_a_part_of_both_and_loses_its_end(limit: int) -> None:
    reader, sample = Pairs(DataConfig("x")), joined("a b c d e", "v w x y z")
    found = reader.show(sample, limit)
    units = [found.text[a:b] for a, b in found.spans]
    assert len(units) == len(reader.read(sample, limit)) - 1 == min(limit, 12)
    if limit >= 3:
        assert "⇒" in units
        assert {"a", "v"} <= set(units)
    assert "■" not in units


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["he", "has", "1", "2", "cats", "."], "he has 12 cats."),
        (["他", "有", "1", "2", "只", "猫", "。"], "他有12只猫。"),
        (["1", "2", ".", "5", "美", "元"], "12.5美元"),
        (["(", "so", ")", "it", "'", "s"], "(so) it's"),
    ],
)
def test_words_are_written_as_people_write_them(words: list[str], text: str) -> None:
    assert in_writing(words).replace("' ", "'") == text


def test_sentences_are_units_where_they_come_again() -> None:
    dataset, _ = build_pairs(stories(1, 300), DataConfig("x"), 0)
    assert [len(spans) for spans in dataset.spans] == [9] * 300
    samples = [Pairs.sample(dataset, row) for row in range(len(dataset))]
    assert Pairs.measured(samples) == {"longest": 2, "sentences": True}
    assert "sentences" not in Pairs.measured([joined(f"One {n}. Two {n}. Three {n}.", "x") for n in range(50)])


@pytest.mark.parametrize("facts", [1, 2])
def test_the_marked_sentences_alone_answer_the_question(facts: int) -> None:
    made = stories(facts, 200)
    assert made.rationale is not None
    for source, target, marks in zip(made.frame["source"], made.frame["target"], made.rationale, strict=True):
        lines = [source[a:b] for a, b in sentence_spans(source)]
        needed = [line for line, mark in zip(lines, marks, strict=True) if mark]
        assert len(needed) == facts or facts == 2
        asked = lines[-1].removesuffix("?").split()[-1]
        who = asked if facts == 1 else next(line for line in lines if line.endswith(f"took the {asked}.")).split()[0]
        last = [line for line in lines[:-1] if line.startswith(f"{who} ") and " took " not in line][-1]
        assert last in needed
        assert last.endswith(f"the {target}.")


@pytest.mark.parametrize(
    ("number", "english", "chinese"),
    [
        (15, "fifteen", "十五"),
        (40, "forty", "四十"),
        (110, "one hundred and ten", "一百一十"),
        (342, "three hundred and forty-two", "三百四十二"),
        (1005, "one thousand and five", "一千零五"),
        (1010, "one thousand and ten", "一千零一十"),
        (9300, "nine thousand three hundred", "九千三百"),
        (2001, "two thousand and one", "二千零一"),
    ],
)
def test_numbers_are_written_out(number: int, english: str, chinese: str) -> None:
    assert number_words(number) == english
    assert number_characters(number) == chinese


def test_generated_pairs_are_equal_in_every_process() -> None:
    said = [
        *dates(200).frame.itertuples(index=False, name=None),
        *stories(2, 50).frame.itertuples(index=False, name=None),
    ]
    assert hashlib.blake2b(repr(said).encode(), digest_size=6).hexdigest() == "c4cee5532bab"


@pytest.mark.parametrize("sample", list_pairs(), ids=lambda sample: sample.name)
def test_samples_of_pairs_are_clean_and_described(sample) -> None:  # type: ignore[no-untyped-def]
    made = load_sample(sample.name)
    dataset, report = build_pairs(made, DataConfig(f"sample:{sample.name}"), 0)
    assert made.name == sample.name
    assert report.dropped == {}
    assert len(set(dataset.texts)) == len(dataset) >= 5000
    assert (dataset.rationale is not None) == (made.rationale is not None)
    for lang in ("en", "zh"):
        assert {f"sample.{sample.name}", f"sample.{sample.name}.about"} <= set(catalogue(lang))


def test_exact_match_counts_whole_targets() -> None:
    assert exact_match([["a", "b"], ["a"]], [["a", "b"], ["b"]]) == 0.5
    assert exact_match([], []) == 0.0


def test_character_f_by_hand() -> None:
    # "abc" against "abd": 1-grams 2 of 3, 2-grams 1 of 2, 3-grams 0 of 1; precision and recall are both their mean.
    assert character_f(["a bc"], ["abd"]) == pytest.approx((2 / 3 + 1 / 2 + 0) / 3)
    assert character_f(["abcdef"], ["abc def"]) == 1.0
    assert character_f(["xyz"], ["abc"]) == 0.0
    # "ab" against "abab": precision 1, 1 over two orders; recall 2/4 and 1/3; recall counts twice.
    precision, recall = 1.0, (2 / 4 + 1 / 3) / 2
    assert character_f(["ab"], ["abab"]) == pytest.approx(5 * precision * recall / (4 * precision + recall))
    assert np.isfinite(character_f([""], ["abc"]))


def repeated(*, with_split: bool) -> Table:
    """Forty pairs, of which the last ten repeat the first ten, and stand in the test part if the file says so."""
    rows = [*range(30), *range(10)]
    columns = {"source": [f"s {row}" for row in rows], "target": [f"t {row}" for row in rows]}
    parts = {"split": ["train"] * 25 + ["dev"] * 5 + ["test"] * 10} if with_split else {}
    return Table(pd.DataFrame(columns | parts, dtype=object), "csv", name="repeated")


def test_test_pairs_that_training_knows_are_counted_with_the_remedy_that_keeps_them_together() -> None:
    dataset, report = build_pairs(repeated(with_split=True), DataConfig("x"), 0)
    assert (report.overlap, report.duplicates) == (10, 10)
    told = {warning.code: warning for warning in report.warnings}
    assert told["overlap"].params == {"texts": 10, "share": "100"}
    assert told["duplicate_pairs"].params == {"rows": 10, "share": "25"}
    assert dataset.given is not None
    (remedy,) = told["overlap"].remedies
    _, mended = build_pairs(repeated(with_split=True), DataConfig("x", **remedy.config), 0)
    assert mended.overlap == 0
    _, without = build_pairs(repeated(with_split=False), DataConfig("x"), 0)
    assert without.overlap == 0
    assert [warning.code for warning in without.warnings] == ["duplicate_pairs"]


def test_an_unknown_part_of_pairs_is_refused_with_the_remedy_that_classification_offers() -> None:
    made = repeated(with_split=True)
    made.frame.loc[0, "split"] = "somewhere"
    with pytest.raises(InputError) as refused:
        build_pairs(made, DataConfig("x", split_column="split"), 0)
    assert [remedy.code for remedy in refused.value.remedies] == ["ignore_split"]
    assert build_pairs(made, DataConfig("x"), 0)[0].given is None


def test_the_data_command_reports_on_pairs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "pairs.csv"
    repeated(with_split=True).frame.to_csv(file, index=False)
    assert main(["data", str(file), "--text-column", "source", "--target-column", "target", "--json"]) == 0
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert found["overlap"] == found["duplicates"] == 10
    assert any("100 %" in warning for warning in found["warnings"])


def test_lines_with_a_tab_each_are_pairs_also_without_a_heading(tmp_path: Path) -> None:
    lines = [f"{word} {number}\t{number} {word.upper()}" for word in ("one", "two") for number in range(24)]
    file = tmp_path / "pairs.txt"
    file.write_text("\n".join(lines))
    table = read_lines(partial(read_path, str(file)), file.name)
    assert (table.format, len(table.columns), len(table)) == ("tsv", 2, 48)
    file.write_text("\n".join([*lines, "a line of prose"]))
    assert read_lines(partial(read_path, str(file)), file.name).format == "text"
