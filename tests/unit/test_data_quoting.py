"""Ragged rows and unusual quotation marks: told by what makes the rows even."""

from __future__ import annotations

import pytest

from dynmask_core.data import Table, read_bytes

NAMES = "text,label"


def cells(table: Table) -> list[list[str]]:
    return [list(row) for row in table.frame.itertuples(index=False)]


def codes(table: Table) -> list[str]:
    return [warning.code for warning in table.warnings]


def test_short_rows_are_filled_up_and_empty_fields_beyond_the_last_column_ignored() -> None:
    table = read_bytes(b"text,label,remark\na,1\nb,0,seen,,\nc\nd,1,late, \n", "a.csv")
    assert cells(table) == [["a", "1", ""], ["b", "0", "seen"], ["c", "", ""], ["d", "1", "late"]]
    assert (table.malformed, table.lost, codes(table)) == (0, [], [])


def test_rows_with_more_in_them_than_there_are_columns_are_kept_aside() -> None:
    rows = [f"text {i},{i % 2}" for i in range(20)]
    table = read_bytes("\n".join([NAMES, *rows, "one, two,1", "three, four, five,0"]).encode(), "a.csv")
    assert (len(table), table.malformed) == (20, 2)
    assert table.lost == [["one", " two", "1"], ["three", " four", " five", "0"]]


def test_at_most_a_thousand_lost_rows_are_kept() -> None:
    data = NAMES + "\n" + "fine,1\n" * 1500 + "a,b,c\n" * 1400
    table = read_bytes(data.encode(), "a.csv")
    assert (table.malformed, len(table.lost)) == (1400, 1000)


def test_row_numbers_that_r_writes_without_a_name_do_not_shift_the_columns() -> None:
    table = read_bytes(b'"text","label"\n"1","good thing","a"\n"2","bad thing","b"\n', "a.csv")
    assert (table.columns, cells(table)[0]) == (["column_1", "text", "label"], ["1", "good thing", "a"])


SAID = ["he said {q}no{q}, twice", "it cost 3, not 4", "plain", "C:\\new, or D:\\tmp"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("times", [1, 12])
def test_a_backslash_before_a_quote_is_an_escape(delimiter: str, times: int) -> None:
    said = [text.format(q='"') for text in SAID] * times
    lines = ['"' + text.replace('"', '\\"') + f'"{delimiter}{"no" if i % 2 else "yes"}' for i, text in enumerate(said)]
    data = "\n".join([f"text{delimiter}label", *lines])
    table = read_bytes(data.encode(), "a.csv")
    assert table.cells("text") == said
    assert (table.malformed, codes(table)) == (0, ["quoting_backslash"])


def test_other_backslashes_stay_where_no_escape_is_needed() -> None:
    table = read_bytes(b'text,label\n"C:\\new, \\d+",1\nplain \\n,0\n', "a.csv")
    assert table.cells("text") == ["C:\\new, \\d+", "plain \\n"]
    assert codes(table) == []


@pytest.mark.parametrize("all_quoted", [True, False])
def test_single_quotes_around_fields_are_quotation_marks(all_quoted: bool) -> None:
    said = ["cheap, and it isn't bad", "dull, dull", "simply good", "don't"] * 6
    lines = []
    for i, text in enumerate(said):
        label = "yes" if i % 2 else "no"
        quoted = "'" + text.replace("'", "''") + "'"
        plain = text if not all_quoted and "," not in text else quoted
        lines.append(f"{plain},'{label}'" if all_quoted else f"{plain},{label}")
    table = read_bytes("\n".join([NAMES, *lines]).encode(), "a.csv")
    assert table.cells("text") == said
    assert set(table.cells("label")) == {"yes", "no"}
    assert codes(table) == ["quoting_single"]


def test_apostrophes_and_titles_in_single_quotes_change_nothing() -> None:
    said = ["'Tis the season", "'Dune' is long", "'Heat'", "rock 'n' roll", "it's fine", "the sisters'"]
    table = read_bytes("\n".join([NAMES, *(f"{text},{i % 2}" for i, text in enumerate(said))]).encode(), "a.csv")
    assert table.cells("text") == said
    assert codes(table) == []


def test_spaces_between_delimiter_and_quote_are_skipped() -> None:
    rows = [f'{"yes" if i % 2 else "no"}, "thing {i}, and ""more"""' for i in range(12)]
    table = read_bytes("\n".join(["label, text", *rows]).encode(), "a.csv")
    assert table.cells("text")[3] == 'thing 3, and "more"'
    assert (len(table), codes(table)) == (12, ["quoting_spaced"])


def test_spaces_may_stand_on_both_sides_of_a_quoted_field() -> None:
    rows = [f'"thing {i}, and ""more""" , "{"yes" if i % 2 else "no"}" ' for i in range(12)]
    table = read_bytes("\n".join(['"text" , "label"', *rows]).encode(), "a.csv")
    assert table.cells("text")[3] == 'thing 3, and "more"'
    assert (set(table.cells("label")), codes(table)) == ({"yes", "no"}, ["quoting_spaced"])


def test_an_apostrophe_in_single_quotes_may_be_escaped() -> None:
    rows = [f"'it didn\\'t, {i} times','{'yes' if i % 2 else 'no'}'" for i in range(12)]
    table = read_bytes("\n".join(["'text','label'", *rows]).encode(), "a.csv")
    assert (table.cells("text")[3], codes(table)) == ("it didn't, 3 times", ["quoting_single"])


def test_lines_that_are_quoted_as_a_whole_are_still_rows() -> None:
    rows = [f'"""thing {i}, and more"",{"yes" if i % 2 else "no"}"' for i in range(12)]
    table = read_bytes("\n".join(['"text,label"', *rows]).encode(), "a.csv")
    assert (table.columns, table.cells("text")[3]) == (["text", "label"], "thing 3, and more")
    assert codes(table) == ["quoting_whole"]


def test_a_delimiter_that_tab_files_lack_is_looked_for() -> None:
    assert read_bytes(b"text,label\na b,1\nc d,0\n", "a.tsv").columns == ["text", "label"]


def test_unpaired_quotes_between_tabs_are_said() -> None:
    table = read_bytes(b'text\tlabel\n5" long\t1\n"open\t0\nplain\t1\n', "a.tsv")
    assert table.cells("text") == ['5" long', '"open', "plain"]
    assert codes(table) == ["quoting_none"]
