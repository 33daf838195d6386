"""Bytes become the text that was meant, or a guess that is announced, or one sentence that says which byte is wrong."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dynmask_core.data import Table, read_bytes
from dynmask_core.data.encoding import ENCODINGS, Decoded, decode
from dynmask_core.errors import InputError

TEXTS = {
    "gb18030": "那家面馆的汤很鲜,好\n等了一个小时才上菜,差\n老板人很热情，还送了水果,好\n",
    "big5": "這間麵館的湯很鮮,好\n等了一個鐘頭才上菜,差\n老闆很熱情，還送了水果,好\n",
    "cp932": "スープが熱くて美味しかった,良\n一時間も待たされました,悪\n店主がとても親切です,良\n",
    "euc_jp": "スープが熱くて美味しかった,良\n一時間も待たされました,悪\n店主がとても親切です,良\n",
    "cp949": "국물이 뜨겁고 맛있었어요,좋음\n한 시간이나 기다렸습니다,나쁨\n쏐쀍 소리가 났다,나쁨\n",
    "cp1252": "La crème brûlée était parfaite,1\nNous avons dû attendre longtemps,0\nUn accueil chaleureux à côté,1\n",
    "mac": "La crème brûlée était parfaite,1\nNous avons dû attendre très longtemps,0\nL’accueil était désagréable,0\n",
    "cp1250": "Zupa była gorąca i pyszna,1\nCzekaliśmy całą godzinę,0\nWłaściciel jest bardzo życzliwy,1\n",
    "cp1251": "Суп был горячий и вкусный,1\nЖдали заказ целый час,0\nХозяин очень приветливый,1\n",
    "koi8-r": "Суп был горячий и вкусный,1\nЖдали заказ целый час,0\nХозяин очень приветливый,1\n",
    "cp1253": "Η σούπα ήταν ζεστή και νόστιμη,1\nΠεριμέναμε μία ώρα,0\nΟ ιδιοκτήτης είναι ευγενικός,1\n",
    "cp1254": "Çorba sıcak ve çok lezzetliydi,1\nBir saat bekledik, yazık,0\nİşletmeci güler yüzlüydü,1\n",
    "cp1255": "המרק היה חם וטעים,1\nחיכינו שעה שלמה,0\nבעל המקום נחמד מאוד,1\n",
    "cp1256": "كان الحساء ساخنا ولذيذا,1\nانتظرنا ساعة كاملة,0\nصاحب المطعم لطيف جدا,1\n",
    "cp1257": "Sriuba buvo karšta ir labai skani,1\nLaukėme visą valandą, gėda,0\nŠeimininkas draugiškas,1\n",
    "cp874": "น้ำซุปร้อนและอร่อยมาก,1\nรอนานหนึ่งชั่วโมง,0\nเจ้าของร้านใจดี,1\n",
}


def written(encoding: str, text: str) -> bytes:
    return text.encode("mac-roman" if encoding == "mac" else encoding)


def cells(table: Table) -> list[list[str]]:
    return [list(row) for row in table.frame.itertuples(index=False)]


def codes(decoded: Decoded) -> list[str]:
    return [warning.code for warning in decoded.warnings]


@pytest.mark.parametrize("encoding", TEXTS)
def test_a_legacy_encoding_is_recognised_and_announced_as_a_guess(encoding: str) -> None:
    decoded = decode(written(encoding, TEXTS[encoding]))
    assert (decoded.text, decoded.encoding) == (TEXTS[encoding], encoding)
    assert codes(decoded) == ["encoding_guessed"]
    assert encoding in decoded.warnings[0].text()


@pytest.mark.parametrize("encoding", TEXTS)
def test_few_foreign_words_among_many_english_ones_are_enough(encoding: str) -> None:
    text = "order arrived,1\n" * 5000 + TEXTS[encoding] + "never again,0\n" * 10
    assert decode(written(encoding, text)).text == text


@pytest.mark.parametrize("encoding", TEXTS)
def test_a_named_encoding_is_read_and_never_called_a_guess(encoding: str) -> None:
    decoded = decode(written(encoding, TEXTS[encoding]), encoding)
    assert (decoded.text, decoded.encoding, decoded.warnings) == (TEXTS[encoding], encoding, ())


@pytest.mark.parametrize("encoding", TEXTS)
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_any_text_comes_back_from_its_named_encoding_and_from_a_guess_only_with_a_warning(
    encoding: str, data: st.DataObject
) -> None:
    letters = sorted(set(TEXTS[encoding]) | set("abc ,\n"))
    text = data.draw(st.text(st.sampled_from(letters), min_size=1, max_size=60))
    raw = written(encoding, text)
    try:
        assert decode(raw, encoding).text == text
    except InputError as error:
        assert error.code == "wrong_encoding"  # noqa: PT017 (bytes that are as good in UTF-8)
    try:
        decoded = decode(raw)
    except InputError:
        return
    certain = decoded.encoding == "utf-8"
    assert codes(decoded) == ([] if certain else ["encoding_guessed"])


@pytest.mark.parametrize("encoding", [name for name, _ in ENCODINGS])
def test_every_offered_encoding_can_be_read_and_keeps_its_name(encoding: str) -> None:
    raw = "word,1\n".encode("utf-16") if encoding == "utf-16" else b"word,1\n"
    decoded = decode(raw, encoding)
    assert (decoded.text, decoded.encoding) == ("word,1\n", encoding)


def test_what_can_be_guessed_is_offered() -> None:
    assert set(TEXTS) <= {name for name, _ in ENCODINGS}
    assert len({name for _, name in ENCODINGS}) == len(ENCODINGS)


@pytest.mark.parametrize("encoding", [None, "gbk", "cp936", "gb2312", "gb18030"])
def test_the_euro_sign_that_windows_writes_in_chinese_text_is_read(encoding: str | None) -> None:
    text = "这碗面卖€9，太贵了,差\n镕基说不贵，€5就好,好\n"
    raw = b"\x80".join(part.encode("gbk") for part in text.split("€"))
    assert decode(raw, encoding).text == text


@pytest.mark.parametrize(
    ("said", "meant", "text"),
    [
        ("euc_kr", "cp949", "쏐쀍"),
        ("shift_jis", "cp932", "①髙"),
        ("latin-1", "cp1252", "“naïve” – 5€"),
        ("big5", "cp950", "5€ 碁"),
        ("windows-874", "cp874", "ดี…"),
    ],
)
def test_a_named_encoding_reads_what_its_usual_superset_holds(said: str, meant: str, text: str) -> None:
    assert decode(text.encode(meant), said).text == text


def test_the_next_best_readings_are_offered() -> None:
    (doubt,) = decode("Das Essen war schön und heiß\nZu spät, sehr ärgerlich\n".encode("cp1252")).warnings
    names = [remedy.read["encoding"] for remedy in doubt.remedies]
    assert names
    assert "cp1252" not in names
    assert all(name in remedy.text() for name, remedy in zip(names, doubt.remedies, strict=True))


LINES = ["naïve déjà vu", "très bien", "l'été à la plage", "c'était gâché"] * 5


@pytest.mark.parametrize("bad", [b"\x92", b"\xe9", b"\xf0\x9f\x98"])
@pytest.mark.parametrize("encoding", [None, "utf-8"])
def test_a_foreign_or_cut_byte_in_utf8_is_named_and_replaced_on_request(bad: bytes, encoding: str | None) -> None:
    lines = [line.encode() for line in LINES]
    lines[6] += b" it" + bad + b" was"
    raw = b"\n".join(lines)
    with pytest.raises(InputError) as caught:
        decode(raw, encoding)
    assert (caught.value.code, caught.value.params["line"]) == ("bad_bytes", 7)
    assert f"0x{bad[0]:02X} in line 7" in str(caught.value)
    assert caught.value.remedies[0].read == {"replace_bytes": True}
    decoded = decode(raw, encoding, replace=True)
    assert decoded.text == raw.decode("utf-8", "replace")
    assert [warning.code for warning in decoded.warnings] == ["bytes_replaced"]
    assert decoded.warnings[0].params["count"] == caught.value.remedies[0].params["count"] == 1


def test_a_replacement_character_that_was_written_is_not_counted() -> None:
    raw = "très \ufffd bien\n".encode() * 5 + b"\xe9t\n"
    assert decode(raw, replace=True).warnings[0].params["count"] == 1


@pytest.mark.parametrize("encoding", ["gb18030", "cp949", "big5", "cp932"])
@pytest.mark.parametrize("named", [True, False])
def test_a_legacy_file_cut_within_a_character_names_its_last_line(encoding: str, named: bool) -> None:
    raw = written(encoding, TEXTS[encoding] * 3 + TEXTS[encoding].split(",")[0])[:-1]
    with pytest.raises(InputError) as caught:
        decode(raw, encoding if named else None)
    assert (caught.value.code, caught.value.params["line"]) == ("bad_bytes", 10)
    assert decode(raw, encoding if named else None, replace=True).text.count("\ufffd") == 1


def test_text_named_utf8_that_is_something_else_offers_what_it_is() -> None:
    with pytest.raises(InputError) as caught:
        decode(written("cp1251", TEXTS["cp1251"]), "utf-8")
    assert caught.value.code == "wrong_encoding"
    assert [remedy.read for remedy in caught.value.remedies] == [{"encoding": "cp1251"}]


def test_a_byte_order_mark_is_dropped_at_every_line_start_and_nowhere_else() -> None:
    part = "\ufefftext,label\nso\ufeffso,1\n"
    assert decode((part * 2).encode()).text == "text,label\nso\ufeffso,1\n" * 2
    assert decode((part * 2).encode("utf-16-le")).text == "text,label\nso\ufeffso,1\n" * 2


@pytest.mark.parametrize("text", ["这家酒店的房间很大，服务也很好", "她说：“再也不来了”", "电影拍得非常真诚，很好看"])
def test_two_short_gb18030_rows_are_no_mojibake(text: str) -> None:
    table = read_bytes(f"text,label\n{text},好评\n太差,差评\n".encode("gb18030"), "a.csv")
    assert cells(table)[0] == [text, "好评"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", *TEXTS])
def test_the_encoding_that_is_reported_can_be_named(encoding: str) -> None:
    text = TEXTS.get(encoding, TEXTS["gb18030"])
    raw = written(encoding, text)
    found = decode(raw).encoding
    assert decode(raw, found) == Decoded(text, found)
