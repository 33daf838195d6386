"""Which columns are taken for text and label, by name and content, and what is said of a guess."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dynmask_core import messages
from dynmask_core.data import Columns, Table, build, read_bytes
from dynmask_core.data.columns import guess
from dynmask_core.data.names import is_known_name
from dynmask_core.errors import InputError

Cell = Callable[[int, random.Random], str]

SENTENCE = "the room was small but very clean and our host met us late at night with warm tea for free"
WORDS = SENTENCE.split()
HANZI = "这家店的服务员态度很好菜品味道也不错就是等位时间太长下次可能不会再来了环境一般价格偏高"


def prose(least: int, most: int) -> Cell:
    return lambda row, dice: " ".join(dice.choices(WORDS, k=dice.randint(least, most)))


def hanzi(least: int, most: int) -> Cell:
    return lambda row, dice: "".join(dice.choices(HANZI, k=dice.randint(least, most)))


def one_of(*values: str) -> Cell:
    return lambda row, dice: dice.choice(values)


def seldom(share: float, cell: Cell) -> Cell:
    return lambda row, dice: cell(row, dice) if dice.random() < share else ""


def written(form: str) -> Cell:
    """form: filled with the row and a random number."""
    return lambda row, dice: form.format(row=row, dice=dice.randint(0, 10**6), day=row % 28 + 1, hour=row % 24)


TEXT, TITLE, 评语 = prose(8, 30), prose(2, 4), hanzi(12, 50)
ID, UUID = written("{row}"), written("a{row:08x}-4f{dice:06x}")
DATE, STAMP = written("2023-04-{day:02d}"), written("2023-04-{day:02d}T{hour:02d}:15:{day:02d}Z")
URL, MAIL, USER = written("https://shop.example/p/{dice}?r=1"), written("user{dice}@mail.example"), written("u_{dice}")
NAME = lambda row, dice: " ".join(dice.choices(("Ann", "Bo", "Cho", "Dee", "Eli"), k=2))  # noqa: E731
STARS, COUNT = one_of("1", "2", "3", "4", "5"), written("{dice}")
MOOD = one_of("positive", "negative", "neutral")
SURE = lambda row, dice: f"{dice.random():.4f}"  # noqa: E731
FLAG = one_of("0", "1")


def table_of(columns: dict[str, Cell], rows: int = 120) -> Table:
    dice = random.Random(len(columns))
    cells = {name: [cell(row, dice) for row in range(rows)] for name, cell in columns.items()}
    return Table(pd.DataFrame(cells, dtype=object), "csv")


EXPORTS: dict[str, tuple[dict[str, Cell], str, str]] = {
    "Jira": (
        {
            "Issue key": written("HELP-{row}"), "Issue id": COUNT, "Summary": TITLE,
            "Issue Type": one_of("Bug", "Task"), "Created": STAMP, "Reporter": NAME, "Description": TEXT,
            "Resolution": seldom(0.2, one_of("Done", "Won't do")),
        },
        "Description", "Issue Type",
    ),
    "Zendesk": (
        {
            "Ticket ID": ID, "Requester email": MAIL, "Subject": TITLE, "First comment": TEXT, "Created at": STAMP,
            "Ticket category": one_of("billing", "login", "delivery"), "Assignee": NAME,
        },
        "First comment", "Ticket category",
    ),
    "App Store": (
        {
            "Version": written("3.{day}"), "Rating": STARS, "Title": TITLE, "Review": TEXT, "Nickname": USER,
            "Date": DATE, "Developer Response": seldom(0.1, TEXT),
        },
        "Review", "Rating",
    ),
    "Weibo": (
        {
            "微博id": COUNT, "用户昵称": USER, "发布时间": DATE, "微博正文": 评语, "转发数": COUNT, "点赞数": COUNT,
            "情感倾向": one_of("-1", "0", "1"),
        },
        "微博正文", "情感倾向",
    ),
    "Douban": (
        {
            "用户名": hanzi(2, 4), "评论时间": STAMP, "星级": STARS, "短评": 评语, "有用数": COUNT,
            "电影名": one_of("远山", "归途"),
        },
        "短评", "星级",
    ),
    "Dianping": (
        {
            "店铺名": one_of("老王面馆", "小城故事", "江南"), "评论人": hanzi(2, 3), "总体打分": STARS,
            "评论内容": 评语, "图片链接": URL, "评论日期": DATE,
        },
        "评论内容", "总体打分",
    ),
    "complaints hotline": (
        {"工单编号": written("GD{row:06d}"), "来电时间": STAMP, "诉求内容": 评语, "诉求类型": one_of("供水", "噪音")},
        "诉求内容", "诉求类型",
    ),
    "SurveyMonkey": (
        {
            "Respondent ID": COUNT, "Collector ID": one_of("4471"), "Start Date": DATE,
            "IP Address": written("10.0.{day}.7"), "Email Address": MAIL,
            "How would you rate your stay with us overall?": one_of("Good", "Poor", "Fair"),
            "What could we do better? Please be as specific as you can.": TEXT,
        },
        "What could we do better? Please be as specific as you can.", "How would you rate your stay with us overall?",
    ),
    "Google Form": (
        {
            "Timestamp": written("4/{day}/2023 {hour:02d}:02:11"), "Username": MAIL, "Any comments for us?": TEXT,
            "Would you come again?": one_of("Yes", "No", "Maybe"),
        },
        "Any comments for us?", "Would you come again?",
    ),
    "GitHub issues": (
        {
            "number": ID, "html_url": URL, "user": USER, "title": TITLE, "body": TEXT,
            "comments": one_of("0", "1", "2"), "label": one_of("bug", "feature"), "created_at": STAMP,
        },
        "body", "label",
    ),
    "tweets of 2009": (
        {
            "polarity": one_of("0", "4"), "id": COUNT, "date": written("Mon Apr {day:02d} {hour:02d}:19:45 PDT 2009"),
            "query": one_of("NO_QUERY"), "user": USER, "text": TEXT,
        },
        "text", "polarity",
    ),
    "tweets of an annotated crisis": (
        {
            "tweet_id": COUNT, "tweet_text": TEXT, "tweet_author": USER, "tweet_url": URL,
            "class_label": one_of("rescue", "other"), "label_confidence": SURE,
        },
        "tweet_text", "class_label",
    ),
    "SMS": ({"v1": one_of("ham", "spam"), "v2": TEXT, "column_3": seldom(0.02, TITLE)}, "v2", "v1"),
    "AG news": (
        {"Class Index": one_of("1", "2", "3", "4"), "Title": TITLE, "Description": TEXT}, "Description", "Class Index",
    ),
    "banking": ({"text": prose(5, 12), "category": one_of(*(f"card_{i}" for i in range(25)))}, "text", "category"),
    "financial complaints": (
        {
            "Date received": DATE, "Product": one_of("Mortgage", "Credit card"),
            "Issue": one_of("Fees", "Fraud", "Other"), "Consumer complaint narrative": seldom(0.6, TEXT),
            "Company": one_of("A Bank", "B Bank"), "ZIP code": COUNT,
        },
        "Consumer complaint narrative", "Product",
    ),
    "Amazon": (
        {
            "review_id": UUID, "product_category": one_of("Books"), "star_rating": STARS, "helpful_votes": FLAG,
            "vine": one_of("N", "Y"), "review_headline": TITLE, "review_body": prose(6, 25), "review_date": DATE,
        },
        "review_body", "star_rating",
    ),
    "news site": (
        {"新闻标题": hanzi(8, 16), "链接": URL, "新闻内容": hanzi(15, 60), "栏目": one_of("体育", "科技")},
        "新闻内容", "栏目",
    ),
    "second annotator": (
        {
            "id": UUID, "sentiment_gold": seldom(0.05, MOOD), "sentence": TEXT, "sentiment": MOOD,
            "annotator": one_of("A", "B"),
        },
        "sentence", "sentiment",
    ),
    "scores of a model": (
        {"sentiment_score": one_of("-1", "0", "1"), "comment": TEXT, "my_sentiment": MOOD, "predicted_sentiment": MOOD},
        "comment", "my_sentiment",
    ),
    "label that is never filled": (
        {"label": seldom(0.01, MOOD), "message": TEXT, "topic": one_of("sport", "art")}, "message", "topic",
    ),
    "category without repeats": (
        {"category": UUID, "message": TEXT, "grade": one_of("A", "B", "C")}, "message", "grade",
    ),
    "text column of links": ({"text": URL, "caption": TEXT, "target": one_of("x", "y")}, "caption", "target"),
    "content of numbers": ({"content": COUNT, "remarks": TEXT, "stars": STARS}, "remarks", "stars"),
    "unnamed": ({"a": UUID, "b": MAIL, "c": TEXT, "d": DATE, "e": one_of("in", "out")}, "c", "e"),
    "two alike": ({"type": one_of("x", "y"), "answer": one_of("x", "y"), "q": TEXT}, "q", "type"),
}  # fmt: skip


@pytest.mark.parametrize(("columns", "text", "label"), EXPORTS.values(), ids=EXPORTS.keys())
def test_text_and_label_are_found_in_what_tools_export(columns: dict[str, Cell], text: str, label: str) -> None:
    assert guess(table_of(columns)).columns == Columns(text, label)
    backwards = dict(reversed(columns.items()))
    assert guess(table_of(backwards)).columns.text == text


def codes(table: Table, **roles: str) -> list[str]:
    return [warning.code for warning in guess(table, **roles).warnings()]


def test_exact_names_with_fitting_content_are_certain_and_not_said() -> None:
    assert codes(table_of({"text": TEXT, "label": MOOD, "id": ID})) == []
    assert codes(table_of({"评论": 评语, "评分": STARS, "时间": DATE})) == []
    assert codes(table_of({"token": one_of(*WORDS, *HANZI), "label": MOOD})) == []


def test_a_guess_is_said_with_its_reason_and_a_setting_that_takes_the_next_best() -> None:
    table = table_of({"notes": TEXT, "remark": prose(6, 20), "status": one_of("open", "closed"), "tag": MOOD})
    label = guess(table).warnings()[-1]
    assert (label.code, label.params["column"], label.params["runner_up"]) == ("column_guessed", "status", "tag")
    assert [dict(remedy.config) for remedy in label.remedies] == [{"label_column": "tag"}]
    for lang in messages.LANGUAGES:
        assert "status" in label.text(lang)
        assert "tag" in label.text(lang)
        assert "{" not in label.text(lang)
    assert "tag" in label.remedies[0].text()
    assert guess(table, label="tag").columns == Columns(guess(table).text.column, "tag")


def test_what_the_caller_names_is_no_guess_and_frees_the_others() -> None:
    table = table_of({"a": TEXT, "b": prose(20, 40), "c": MOOD, "d": one_of("x", "y")})
    found = guess(table, text="a", label="c")
    assert found.columns == Columns("a", "c")
    assert found.warnings() == []
    assert {found.text.reason, found.label.reason} == {"chosen"}
    assert guess(table, label="c").columns == Columns("b", "c")
    assert guess(table, text="b", label="").columns == Columns("b")


def test_columns_that_the_caller_gives_to_build_are_not_said_to_be_guessed() -> None:
    table = table_of({"a": TEXT, "b": MOOD})
    assert {warning.code for warning in build(table)[1].warnings} >= {"column_guessed_alone"}
    report = build(table, Columns("a", "b"))[1]
    assert not {warning.code for warning in report.warnings} & {"column_guessed_alone", "column_guessed"}
    assert report.to_json()["guess"]["label"]["reason"] == "chosen"


def test_several_columns_of_zeros_and_ones_are_said_with_a_setting_for_each() -> None:
    rare = lambda row, dice: str(int(row % 60 == 7))  # noqa: E731
    table = table_of(
        {"id": UUID, "batch": one_of("a", "b"), "text": TEXT, "rude": FLAG, "threat": rare, "insult": FLAG}
    )
    found = guess(table)
    assert found.flags == ("rude", "threat", "insult")
    assert (found.columns.label, found.label.reason, found.one_label) == ("rude", "flag", False)
    (said,) = found.warnings()
    assert said.code == "several_flags"
    assert "rude, threat, insult" in said.text()
    assert [remedy.config["label_column"] for remedy in said.remedies] == ["threat", "insult"]
    assert guess(table, label="insult").warnings() == []


def test_zeros_and_ones_that_together_say_one_label_are_told_apart() -> None:
    place: Sequence[Cell] = [lambda row, dice, own=own: str(int(row % 3 == own)) for own in range(3)]  # type: ignore[misc]
    found = guess(table_of({"text": TEXT, "joy": place[0], "anger": place[1], "fear": place[2]}))
    assert found.one_label
    assert [warning.code for warning in found.warnings()] == ["flags_one_label"]


def test_a_named_label_beside_zeros_and_ones_is_taken_alone() -> None:
    assert codes(table_of({"text": TEXT, "is_reply": FLAG, "verified": FLAG, "label": MOOD})) == []


def test_a_file_without_a_label_is_told_what_its_columns_look_like() -> None:
    table = table_of({"id": ID, "posted": STAMP, "lang": one_of("en"), "text": TEXT})
    with pytest.raises(InputError) as caught:
        build(table)
    assert caught.value.code == "no_label_column"
    for lang in messages.LANGUAGES:
        assert all(name in caught.value.sentence(lang) for name in ("id", "posted", "lang"))
    assert "the same in every row" in str(caught.value)
    assert "dates" in str(caught.value)


def test_a_table_without_texts_is_refused_whoever_says_so() -> None:
    table = table_of({"text": TEXT, "label": MOOD})
    with pytest.raises(InputError, match="text, label") as caught:
        build(table, guess(table, text=""))
    assert caught.value.code == "column_missing"


def test_the_guess_does_not_depend_on_where_in_the_file_labels_stand() -> None:
    late = lambda row, dice: MOOD(row, dice) if row > 9000 else ""  # noqa: E731
    table = table_of({"text": TEXT, "sentiment": late, "shop": one_of("x", "y")}, rows=12_000)
    assert guess(table).columns.label == "sentiment"


def test_a_table_of_one_column_or_few_rows_has_a_text() -> None:
    assert guess(read_bytes(b"label\na\nb\n", "a.csv")).columns.text == "label"
    assert guess(table_of({"n": COUNT, "m": COUNT})).columns.text in ("n", "m")
    assert guess(table_of({"name": TITLE, "kind": MOOD}, rows=1)).columns == Columns("name", "kind")


CELLS = st.text(max_size=12) | st.sampled_from(["", "nan", "0", "1", "1.0", "2024-01-01", "a b c", "#N/A", "[1]"])


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=1, max_size=30),
    st.permutations(["text", "label", "x 1"]),
)
def test_any_table_gets_a_text_and_another_column_or_none_as_label(rows: list[list[str]], names: list[str]) -> None:
    table = Table(pd.DataFrame(rows, columns=names, dtype=object), "csv")
    found = guess(table)
    assert found.columns.text in names
    assert found.columns.label in {*names, None} - {found.columns.text}
    assert found.text.runner_up not in (found.text.column, found.label.column)
    assert found.label.runner_up is None or found.label.runner_up not in (found.text.column, found.label.column)
    assert guess(table) == found
    for warning in found.warnings():
        assert all("{" not in warning.text(lang) for lang in messages.LANGUAGES)


@pytest.mark.parametrize("cell", ["spam", "好评", "news", "3", "I liked it", "reason", "type"])
def test_a_cell_that_can_be_data_is_no_column_name(cell: str) -> None:
    assert not is_known_name(cell)


@pytest.mark.parametrize("cell", ["Text", "reviews", " Label ", "STARS", "评分", "内容", "Question"])
def test_names_of_columns_are_known_in_every_case_and_number(cell: str) -> None:
    assert is_known_name(cell)


def test_a_hundred_thousand_rows_of_twenty_columns_take_about_a_second() -> None:
    small = table_of(
        {**{f"c{i}": [TEXT, COUNT, MOOD, DATE, URL][i % 5] for i in range(18)}, "text": TEXT, "y": MOOD}, 2000
    )
    frame = pd.concat([small.frame] * 50, ignore_index=True)
    began = time.perf_counter()
    assert guess(Table(frame, "csv")).columns.text == "text"
    assert time.perf_counter() - began < 3


@pytest.mark.parametrize(
    ("text", "label", "other"),
    [
        ("內容", "類別", "標題"),
        ("レビュー本文", "評価", "商品名"),
        ("리뷰 내용", "별점", "상품명"),
        ("Kommentar", "Bewertung", "Filiale"),
        ("Commentaire", "Note", "Ville"),
        ("Comentario", "Categoría", "Ciudad"),
        ("Отзыв", "Категория", "Город"),
        ("النص", "التصنيف", "المدينة"),
        ("ข้อความ", "หมวดหมู่", "เมือง"),
    ],
)
def test_names_are_known_in_the_languages_of_many_exports(text: str, label: str, other: str) -> None:
    columns = {other: one_of("Aa", "Bb", "Cc"), label: STARS, text: TEXT}
    found = guess(table_of(columns))
    assert (found.text.column, found.label.column) == (text, label)
    assert is_known_name(text) or is_known_name(label) or " " in text
