"""The row that names the columns: proved, guessed and said, or given; and what exports write around it."""

from __future__ import annotations

import pytest

from dynmask_core.data import Table, read_bytes

MOODS = [f"I noted thing number {i},{'calm' if i % 2 else 'tense'},2024-05-{i % 28 + 1:02d}" for i in range(24)]
LONG = "In a few words: what would you tell a friend who wants to come here next year?"


def codes(table: Table) -> list[str]:
    return [warning.code for warning in table.warnings]


def read(*lines: str, name: str = "a.csv", **options: object) -> Table:
    return read_bytes("\n".join(lines).encode(), name, **options)  # type: ignore[arg-type]


def test_a_column_that_the_user_names_proves_the_header() -> None:
    lines = ["Feeling,Remark", *(f"{i} was fine with me,{i} remark of mine" for i in range(20))]
    assert codes(read(*lines)) == ["no_header_guessed"]
    table = read(*lines, columns=("Feeling",))
    assert (table.columns, len(table), table.warnings) == (["Feeling", "Remark"], 20, ())


def test_a_column_that_stands_nowhere_proves_nothing() -> None:
    rows = [f"part {i} of it,thing {i}" for i in range(9)]
    assert read(*rows, columns=("mood",)).columns == ["column_1", "column_2"]


@pytest.mark.parametrize("first", [f"{LONG},Overall?,When", f",{LONG},When", f"{LONG},Overall?,"])
def test_whole_questions_and_empty_cells_may_be_names(first: str) -> None:
    table = read(first, *MOODS)
    assert table.has_header
    assert len(table) == 24


def test_words_above_numbers_or_dates_are_certainly_names() -> None:
    table = read("Remark,Mood,When", *MOODS)
    assert (table.columns, codes(table)) == (["Remark", "Mood", "When"], [])


def test_a_number_among_numbers_is_certainly_data() -> None:
    table = read(*(f"I noted thing number {i},{i % 5}" for i in range(20)))
    assert (len(table), codes(table)) == (20, [])


def test_a_missing_first_label_is_no_name() -> None:
    table = read("the first of all,nan", *(f"I noted thing number {i},{i % 2}" for i in range(20)))
    assert (len(table), codes(table)) == (21, ["no_header_guessed"])


def test_a_label_named_like_a_column_is_data_if_it_occurs_again() -> None:
    rows = [f"how long is part {i} of it,{'description' if i % 2 == 0 else 'number'}" for i in range(20)]
    table = read(*rows)
    assert (table.has_header, len(table)) == (False, 20)


@pytest.mark.parametrize(
    ("first", "guessed"), [("phrase,mood", True), ("I was there myself that day,I was not there", False)]
)
def test_a_guess_is_said_and_the_other_reading_is_offered(first: str, guessed: bool) -> None:
    body = [f"I noted {i},{'calm' if i % 2 else 'tense'}" for i in range(20)]
    lines = [first, *(body if guessed else (f"line {i} of the first,line {i} of the second" for i in range(20)))]
    (warning,) = read(*lines).warnings
    assert warning.code == ("header_guessed" if guessed else "no_header_guessed")
    assert warning.params["row"].startswith(first[:6])
    assert dict(warning.remedies[0].read) == {"has_header": not guessed}
    other = read(*lines, has_header=not guessed)
    assert (other.has_header, len(other)) == (not guessed, 20 + guessed)


@pytest.mark.parametrize("given", [True, False])
def test_what_the_user_says_of_the_header_is_obeyed(given: bool) -> None:
    table = read("text,label", "a,1", "b,0", has_header=given, columns=("text",))
    assert (table.has_header, len(table)) == (given, 2 if given else 3)


def test_the_three_header_lines_of_qualtrics_are_one() -> None:
    table = read(
        "StartDate,Q1,Q2",
        f'Start Date,"{LONG}",Overall?',
        '"{""ImportId"":""startDate"",""timeZone"":""Europe/Oslo""}","{""ImportId"":""QID1""}","{""ImportId"":""QID2""}"',
        *(f"2024-05-{i + 1:02d},I noted thing {i},{'good' if i % 2 else 'bad'}" for i in range(20)),
    )
    assert (table.columns, len(table), codes(table)) == (["StartDate", "Q1", "Q2"], 20, ["preamble"])
    assert table.warnings[0].params == {"rows": 2}
    by_question = read("a,b", "Q,W", '"{""ImportId"":1}",x', "one,1", "two,2", columns=("W",))
    assert (by_question.columns, len(by_question)) == (["Q", "W"], 2)


def test_the_two_header_lines_of_surveymonkey_are_one() -> None:
    table = read(
        f'Respondent ID,"{LONG}",Which of these?,',
        ",Open-Ended Response,Beach,Hills",
        *(f"{1000 + i},I noted thing {i},{'Beach' if i % 2 else ''},{'' if i % 2 else 'Hills'}" for i in range(20)),
    )
    assert table.columns == ["Respondent ID", LONG, "Which of these?", "Hills"]
    assert (len(table), codes(table)) == (20, ["preamble"])


@pytest.mark.parametrize("name", ["a.csv", "a.txt"])
def test_titles_above_the_table_are_left_out_and_counted(name: str) -> None:
    rows = [f'"thing {i}, and more",{"good" if i % 2 else "bad"},{i}' for i in range(20)]
    table = read("Customer feedback,,", "Exported on 3 May", "", "comment,label,number", *rows, name=name)
    assert (table.columns, len(table)) == (["comment", "label", "number"], 20)
    assert [(warning.code, warning.params) for warning in table.warnings] == [("preamble", {"rows": 2})]


def test_a_first_row_without_a_label_is_no_title() -> None:
    table = read("I noted nothing,", *(f"I noted thing {i},{'good' if i % 2 else 'bad'}" for i in range(20)))
    assert (table.has_header, len(table)) == (False, 21)


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_headers_of_joined_files_are_dropped_with_their_marks(mark: str) -> None:
    part = [f'{mark}"remark","mood"', *(f'"said {i}, twice","{"calm" if i % 2 else "tense"}"' for i in range(12))]
    table = read(*part, *part, *part)
    assert (table.columns, len(table)) == (["remark", "mood"], 36)
    assert next(w.params for w in table.warnings if w.code == "repeated_header") == {"rows": 2}
    assert not any("\ufeff" in cell for cell in table.cells("remark"))


def test_a_mark_within_a_line_begins_the_next_file() -> None:
    part = "\ufeffremark,mood\n" + "\n".join(f"said {i},{'calm' if i % 2 else 'tense'}" for i in range(12))
    table = read_bytes((part * 3).encode(), "a.csv")
    assert (len(table), table.malformed, set(table.cells("mood"))) == (36, 0, {"calm", "tense"})


def test_columns_without_a_name_and_without_a_cell_are_ignored() -> None:
    table = read("text,label,,", "a,1,,", "b,0,,")
    assert table.columns == ["text", "label"]
    kept = read("text,label,,", "a,1,,", "b,0,see,")
    assert kept.columns == ["text", "label", "column_3"]


def test_a_full_row_among_the_titles_is_not_the_header() -> None:
    lines = ["客户反馈汇总,,", "部门：,客服部,2024年3月", "序号,反馈内容,反馈类型"]
    table = read(*lines, *(f"{i},等了{i}分钟才有人接,{'投诉' if i % 2 else '表扬'}" for i in range(24)))
    assert (table.columns, len(table)) == (["序号", "反馈内容", "反馈类型"], 24)
    assert [(warning.code, warning.params) for warning in table.warnings] == [("preamble", {"rows": 2})]


def test_names_of_columns_have_nothing_unseen_at_their_ends() -> None:
    table = read("\u00a0text\u200b,\u2060label\u00ad ,when", *MOODS[:9], "\u00a0text\u200b,\u2060label\u00ad ,when")
    assert table.columns[:2] == ["text", "label"]
    assert read("\u200btext,mood\u200b", *(f"thing {i},{i % 2}" for i in range(9)), columns=("mood",)).warnings == ()
