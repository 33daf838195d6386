"""Files made to keep a reader busy: each is refused at a limit, or read within it, before the work is done."""

from __future__ import annotations

import io
import struct
import time
import zipfile
import zlib
from random import Random

import numpy as np
import pytest
from PIL import Image

from dynmask_core.bench.fuzz.corpus import files, picture, zipped
from dynmask_core.config import DataConfig
from dynmask_core.data import read_bytes, tokenize
from dynmask_core.data.corpus import build_corpus
from dynmask_core.data.limits import MAX_COUNTED
from dynmask_core.data.load import load
from dynmask_core.data.media import MAX_DECODED, open_picture, to_url
from dynmask_core.data.readers import web_page
from dynmask_core.data.readers.packed import check_members, read_member
from dynmask_core.data.sound import wav
from dynmask_core.data.tokenize import Tokenizer
from dynmask_core.errors import InputError

SECONDS = 20
"""Of one core: the patterns that these files are made for took minutes to hours."""
BODY = "fine film,b\n" * 8 + "bad film,a\n" * 8


def answered(content: str | bytes, name: str = "x.csv") -> str:
    """The code of the refusal, or "" for what is read; in time."""
    began = time.process_time()
    try:
        load(read_bytes(content.encode() if isinstance(content, str) else content, name), DataConfig(name), 0)
        code = ""
    except InputError as error:
        code = error.code
    assert time.process_time() - began < SECONDS
    return code


def with_text(text: str) -> str:
    return f"text,label\n{text},a\n{BODY}"


@pytest.mark.parametrize("letter", ["x", "é", "ก", "あ", "好", "e\u0301", "'", "a'", "\u00ad", "👩\u200d", "!"])
def test_one_word_of_half_a_million_letters_is_read(letter: str) -> None:
    assert answered(with_text("é" + letter * (500_000 // len(letter)))) == ""


@pytest.mark.parametrize("block", [7, 50])
def test_a_long_text_is_cut_in_parts_into_the_same_tokens(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = (
        "It isn't 3.14, said Ann\u2019s friend. " * 5,
        "这部电影很好看，我们都喜欢。 ok " * 5,
        "Straße naïve co\u00adop " * 5,
    )
    for mode in ("words", "characters"):
        cutter = Tokenizer(mode)
        for text in texts:
            whole = cutter.spans(text)
            with monkeypatch.context() as patch:
                patch.setattr(tokenize, "_BLOCK", block)
                if block > 20:  # no sentence part is longer
                    assert cutter.spans(text) == whole
                assert cutter.spans(text, 3) == cutter.spans(text)[:3]


def test_tokens_are_counted_while_texts_are_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dynmask_core.data.limits.MAX_WORDS", 1000)
    assert answered(with_text("a " * 2000)) == "too_many_words"
    assert answered("text,label\n" + "one two three four,a\nfive six seven eight,b\n" * 200) == "too_many_words"
    assert answered(with_text("a " * 400)) == ""


def test_of_one_endless_text_the_beginning_is_counted() -> None:
    table = read_bytes(with_text("good bad " * 30_000).encode(), "x.csv")
    report = load(table, DataConfig("x.csv"), 0)[1]
    assert (report.lengths.max, report.truncated) == (MAX_COUNTED, 1)


@pytest.mark.parametrize(
    "content",
    [
        "text\tlabel\n" + "good film\ta\nbad film\tb\n" * 300 + "\t" * 200_000 + "x\n" + 'b "c" d\ta\n',
        "text\tlabel\n" + "good film\ta\nbad film\tb\n" * 300 + "x" + "\t" * 200_000 + "'\n",
        'text,label\n"a"' + " " * 200_000 + "x,b\n" + BODY,
        "text,label\n" + "x" + "\ufeff" * 200_000 + "\n" + BODY,
        "text,label\n" + "\\" * 200_000 + ",a\n" + '"x \\" y",b\n' * 9 + BODY,
    ],
    ids=["tabs", "tabs and an apostrophe", "spaces behind a quote", "byte order marks", "backslashes"],
)
def test_no_pattern_takes_the_square_of_a_run_of_signs(content: str) -> None:
    answered(content)


def workbook(sheet: bytes, name: str = "xl/worksheets/sheet1.xml", method: int = zipfile.ZIP_DEFLATED) -> bytes:
    with zipfile.ZipFile(io.BytesIO(next(content for content, kind in files() if kind == "a.xlsx"))) as archive:
        parts = {entry: archive.read(entry) for entry in archive.namelist()}
    del parts["xl/worksheets/sheet1.xml"]
    links = "xl/_rels/workbook.xml.rels"
    parts[links] = parts[links].replace(b"worksheets/sheet1.xml", name.removeprefix("xl/").encode())
    return zipped({**parts, name: sheet}, method)


@pytest.mark.parametrize("name", ["xl/worksheets/sheet1.XML", "xl/worksheets/sheet1", "xl/worksheets/a.png"])
def test_a_sheet_is_measured_whatever_its_name_is(name: str) -> None:
    assert answered(workbook(b" " * (22 * 2**20), name), "x.xlsx") == "unpacked_too_large"


def test_a_sheet_that_unpacks_to_more_than_it_says_is_refused() -> None:
    content = bytearray(workbook(b"<x>" + b" " * 9_000_000 + b"</x>"))
    place = content.rindex(b"xl/worksheets/sheet1.xml") - 46
    content[place + 24 : place + 28] = struct.pack("<I", 5)
    assert answered(bytes(content), "x.xlsx") == "workbook_invalid"


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_of_a_packed_file_no_more_is_unpacked_than_asked_for(method: int) -> None:
    with zipfile.ZipFile(io.BytesIO(zipped({"a": bytes(3_000_000)}, method))) as archive:
        entry = archive.getinfo("a")
        assert len(read_member(archive, entry, 1000)) == 1001
        assert len(read_member(archive, entry, 3_000_000)) == 3_000_000
        check_members(archive, 3_000_000)
        with pytest.raises(ValueError, match="2999999"):
            check_members(archive, 2_999_999)
        entry.file_size = 7
        with pytest.raises(ValueError, match="a"):
            check_members(archive, 3_000_000)


@pytest.mark.parametrize("piece", ["[],", "1,", "{},"])
def test_json_of_millions_of_values_is_refused_before_it_is_read(piece: str) -> None:
    assert answered("[" + piece * 4_000_001 + "0]", "x.json") == "too_many_values"


def test_a_page_that_keeps_the_parser_busy_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web_page, "_WORK", 1)
    assert answered("<html>" + "<!--" * 400_000, "x.html") == "too_much_work"


def png(width: int, height: int) -> bytes:
    """A picture of one colour: a thousandth of a byte for each pixel."""
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress((b"\0" + bytes((width + 7) // 8)) * height, 9)
    parts = ((b"IHDR", head), (b"IDAT", rows), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in parts
    )


def test_small_files_of_huge_pictures_are_refused_before_they_are_decoded() -> None:
    huge = to_url(png(6000, 6000), "image/png")
    rows = MAX_DECODED // 36_000_000 + 4
    table = "image,label\n" + "".join(f'"{huge}",{"ab"[i % 2]}\n' for i in range(rows))
    assert answered(table) == "pictures_too_large"


def test_a_sound_of_a_million_empty_parts_is_no_sound() -> None:
    form = struct.pack("<HHIIHH", 1, 1, 8000, 16000, 2, 16)
    body = b"WAVEfmt " + struct.pack("<I", 16) + form + b"junk\0\0\0\0" * 500_000
    began = time.process_time()
    with pytest.raises(wav.BROKEN):
        wav.decoded(b"RIFF" + struct.pack("<I", len(body)) + body)
    assert time.process_time() - began < 2


@pytest.mark.parametrize("place", [16, 44])
def test_silence_is_neither_many_parts_nor_the_end_of_a_sound(place: int) -> None:
    """At the beginning of a sound whose length was never written, or behind its values."""
    form = struct.pack("<HHIIHH", 1, 1, 8000, 16000, 2, 16)
    values, silence = bytes(range(256)) * 8, bytes(20_000)
    length = struct.pack("<I", 0 if place == 16 else len(values))
    rest = silence + values if place == 16 else values + silence
    body = b"WAVEfmt " + struct.pack("<I", 16) + form + b"data" + length + rest
    wave, _ = wav.decoded(b"RIFF" + struct.pack("<I", len(body)) + body)
    assert len(wave) == len(rest if place == 16 else values) // 2


def test_bytes_that_look_like_scans_are_none() -> None:
    """In pixels, and behind the end of a picture, where telephones put films; a JPEG that draws over itself is one."""
    blue = np.full((40, 40, 3), (0x87, 0xDA, 0xFF), np.uint8)
    for kind, behind in (("BMP", b""), ("JPEG", b"\xff\xda" * 500)):
        file = io.BytesIO()
        Image.fromarray(blue).save(file, kind)
        assert open_picture(file.getvalue() + behind).size == (40, 40)
    file = io.BytesIO()
    Image.fromarray(blue).save(file, "JPEG", progressive=True)
    scan = file.getvalue()[file.getvalue().rindex(b"\xff\xda") : -2]
    with pytest.raises(InputError):
        open_picture(file.getvalue()[:-2] + scan * 200 + b"\xff\xd9")


def test_a_sample_of_rows_is_read_where_all_of_them_have_too_many_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dynmask_core.data.limits.MAX_WORDS", 1000)
    table = read_bytes(b"text,label\n" + b"".join(b"a b c d e%d,%d\n" % (i % 50, i % 2) for i in range(400)), "x.csv")
    with pytest.raises(InputError) as refused:
        build_corpus(table, DataConfig(max_tokens=64), 0)
    assert refused.value.code == "too_many_words"
    assert refused.value.remedies
    assert build_corpus(table, DataConfig(max_rows=150, max_tokens=64), 0)


def test_a_zip_in_a_zip_of_pictures_is_not_opened() -> None:
    members = {f"{'ab'[i % 2]}/{i}.png": picture(Random(3)) for i in range(8)}
    table = read_bytes(zipped({**members, "a/more.zip": zipped({"x": bytes(9)})}), "x.zip")
    assert (len(table), [warning.code for warning in table.warnings]) == (8, ["media_others"])


def test_a_refusal_quotes_a_little_of_the_input_and_in_one_line() -> None:
    said = str(InputError("unknown_strategy", name="x\n\u2028\u202ey" + "z" * 5000, known="a"))
    assert len(said) < 800
    assert said.isprintable()
