"""Bad input: one sentence that says what is wrong and what to do."""

from __future__ import annotations

import gzip
import io
import pickle
import re
import string
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from dynmask_core import messages
from dynmask_core.data import Columns, build, planted, read_bytes, read_path, resolve, stratified_split
from dynmask_core.errors import InputError

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED = OLE + "EncryptedPackage".encode("utf-16-le")


def zipped(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), data)
    return buffer.getvalue()


def table_of(labels: list[str], **extra: list[str]) -> bytes:
    names = ["text", "label", *extra]
    rows = zip([f"text {i}" for i in range(len(labels))], labels, *extra.values(), strict=True)
    return "\n".join([",".join(names), *(",".join(row) for row in rows)]).encode()


TWO = ["a", "b"] * 10

READ: list[tuple[str, str, Callable[[], object]]] = [
    ("empty_file", "choose", lambda: read_bytes(b"", "a.csv")),
    ("empty_file", "choose", lambda: read_bytes(b" \r\n\n", "a.csv")),
    ("empty_file", "choose", lambda: read_bytes(b"\xef\xbb\xbf", "a.csv")),
    ("too_large", "sample", lambda: read_bytes(b"a" * (20 * 2**20 + 1), "a.csv")),
    ("is_image", "folder", lambda: read_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "a.csv")),
    ("is_sound", "folder", lambda: read_bytes(b"RIFF\x24\0\0\0WAVEfmt ", "a.csv")),
    ("binary_file", "CSV", lambda: read_bytes(bytes(range(32)) * 8, "a.csv")),
    ("zip_several", "b.csv", lambda: read_bytes(zipped(a_csv=b"text\na\n", b_csv=b"text\na\n"), "a.zip")),
    ("zip_empty", "another", lambda: read_bytes(zipped(), "a.zip")),
    ("packed_broken", "inside", lambda: read_bytes(b"\x1f\x8b" + b"x" * 20, "a.csv.gz")),
    ("packed_broken", "inside", lambda: read_bytes(b"PK\x03\x04" + b"x" * 20, "a.zip")),
    ("packed_broken", "inside", lambda: read_bytes(gzip.compress(b"text,label\n" * 99)[:-9], "a.csv.gz")),
    ("unpacked_too_large", "sample", lambda: read_bytes(gzip.compress(b"a\n" * (11 * 2**20)), "a.csv.gz")),
    ("unpacked_too_large", "sample", lambda: read_bytes(zipped(a_csv=b"a\n" * (11 * 2**20)), "a.zip")),
    ("web_page", "CSV", lambda: read_bytes(b"<html><table><tr><td>a</td></tr></table></html>", "a.xls")),
    ("columnar_invalid", "parquet", lambda: read_bytes(b"PAR1 and then nothing", "a.parquet")),
    ("nul_byte", "remove", lambda: read_bytes(b"text,label\nsome\0thing else here,1\n", "a.csv")),
    ("broken_quoting", "double", lambda: read_bytes(b'text,label\n"open,1\nnext,0\nlast,1\n', "a.csv")),
    ("broken_quoting", "double", lambda: read_bytes(b'text,label\n"open,1\nnext,0\n"last",1\n', "a.csv")),
    ("wrong_encoding", "another", lambda: read_bytes("很好,1\n".encode("gb18030"), encoding="utf-8")),
    ("wrong_encoding", "another", lambda: read_bytes("很好吃,1\n太差了,0\n".encode(), encoding="gb18030")),
    ("wrong_encoding", "another", lambda: read_bytes("很好吃,1\n太差了,0\n".encode(), encoding="latin-1")),
    ("wrong_encoding", "another", lambda: read_bytes(b"plain text, 1\n", encoding="utf-16")),
    ("wrong_encoding", "another", lambda: read_bytes(b"\xff\xfea", "a.csv")),
    ("unknown_encoding", "utf-8", lambda: read_bytes(b"text\na\n", encoding="klingon")),
    ("unknown_encoding", "utf-8", lambda: read_bytes(b"text\na\n", encoding="rot13")),
    ("unknown_format", "csv", lambda: read_bytes(b"text\na\n", format="docx")),
    ("bad_delimiter", "comma", lambda: read_bytes(b"text\na\n", delimiter="::")),
    ("workbook_invalid", "save", lambda: read_bytes(zipped(xl__workbook_xml=b"<broken"), "a.xlsx")),
    ("workbook_invalid", "save", lambda: read_bytes(zipped(xl__workbook_xml=b"<broken")[:40], "a.xlsx")),
    ("workbook_invalid", "save", lambda: read_bytes(OLE + "Workbook".encode("utf-16-le"), "a.xls")),
    ("workbook_encrypted", "without", lambda: read_bytes(ENCRYPTED, "a.xlsx")),
    ("unpacked_too_large", "sample", lambda: read_bytes(zipped(xl__workbook_xml=b" " * (21 * 2**20)), "a.xlsx")),
    ("json_no_rows", "one object per line", lambda: read_bytes(b"hello\nworld\n", "a.jsonl")),
    ("json_no_rows", "one object per line", lambda: read_bytes(b"[1, 2, 3]", "a.json")),
    ("json_no_rows", "one object per line", lambda: read_bytes(b"[" * 100_000, "a.jsonl")),
    ("no_rows", "add", lambda: read_bytes(b"text,label\n", "a.csv")),
    ("all_malformed", "delimiter", lambda: read_bytes(b"text,label\na\nb\n", "a.csv")),
    ("too_many_columns", "keep only", lambda: read_bytes(b",".join([b"x"] * 1001) + b"\n", "a.csv")),
    (
        "too_many_columns",
        "keep only",
        lambda: read_bytes(b"".join(b'{"%d": 1}\n' % i for i in range(5000)), "a.jsonl"),
    ),
    ("too_many_columns", "keep only", lambda: read_bytes(b"," * (20 * 2**20), "a.csv")),
    ("too_many_columns", "keep only", lambda: read_bytes(b"a_!_b\n" * 30 + b"_!_" * 1000, "a.txt")),
    ("too_many_lines", "sample", lambda: read_bytes(b"a\n" * 1_000_001, "a.txt")),
    ("file_not_found", "check", lambda: read_path("no/such/file.csv")),
    ("file_unreadable", "check", lambda: read_path("nul\0byte.csv")),
    ("unknown_sample", "english_sentiment", lambda: resolve("sample:english_sentimant")),
    ("unknown_sample", "fruit", lambda: resolve("sample:???")),
    ("bad_planted", "use", lambda: planted(keywords=1)),
    (
        "bad_fraction",
        "must",
        lambda: stratified_split([0, 1] * 9, test_fraction=0.7, validation_fraction=0.3),
    ),
    ("bad_fraction", "must", lambda: stratified_split([0, 1] * 10, test_fraction=float("nan"))),
]

BUILD: list[tuple[str, str, bytes, dict[str, object]]] = [
    ("only_column", "delimiter", b"text\na\nb\n", {}),
    ("no_label_column", "Name", b"text,day\na,2024-05-01\nb,2024-05-02\nc,2024-05-03\nd,2024-05-04\n", {}),
    ("column_missing", "choose", table_of(TWO), {"columns": Columns("text", "labels")}),
    ("same_column", "different", table_of(TWO), {"columns": Columns("text", "text")}),
    ("one_class", "second", table_of(["a"] * 20), {"columns": Columns("text", "label")}),
    ("one_class", "second", table_of(["a"] * 20 + ["b"] * 3), {"columns": Columns("text", "label")}),
    ("no_usable_rows", "add", table_of(["a", "b", "c"]), {"columns": Columns("text", "label")}),
    ("no_labelled_rows", "check", b"text,label\na,\n,b\n", {"columns": Columns("text", "label")}),
    ("too_many_classes", "merge", table_of([str(i) for i in range(101)] * 4), {}),
    ("unknown_split", "holdout", table_of(TWO, split=["train", "holdout"] * 10), {}),
    ("no_train_rows", "train", table_of(TWO, split=["test"] * 20), {}),
    ("too_many_rows", "sample", table_of(["a", "b"] * 50_001), {}),
    ("nothing_to_test", "other texts", b"text,label\n" + b"the same,a\nThe  same,b\n" * 30, {}),
    ("bad_number", "max_rows", table_of(TWO), {"max_rows": 0}),
    ("bad_number", "seed", table_of(TWO), {"seed": -1}),
]


@pytest.mark.parametrize(("code", "hint", "act"), READ, ids=[f"{i}-{row[0]}" for i, row in enumerate(READ)])
def test_what_cannot_be_read_is_named_with_a_remedy(code: str, hint: str, act: Callable[[], object]) -> None:
    with pytest.raises(InputError) as caught:
        act()
    assert caught.value.code == code
    assert hint in str(caught.value)


@pytest.mark.parametrize(
    ("code", "hint", "data", "options"), BUILD, ids=[f"{i}-{row[0]}" for i, row in enumerate(BUILD)]
)
def test_what_cannot_be_used_is_named_with_a_remedy(
    code: str, hint: str, data: bytes, options: dict[str, object]
) -> None:
    table = read_bytes(data, "a.csv")
    with pytest.raises(InputError) as caught:
        build(table, **options)  # type: ignore[arg-type]
    assert caught.value.code == code
    assert hint in str(caught.value)


def test_a_folder_is_not_a_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="folder") as caught:
        read_path(tmp_path)
    assert caught.value.code == "is_directory"


def test_an_error_speaks_every_language_and_survives_a_process_border() -> None:
    error = InputError("too_many_rows", rows=5, limit=3)
    copy = pickle.loads(pickle.dumps(error))
    assert (copy.code, copy.params, str(copy)) == (error.code, error.params, str(error))
    for lang in messages.LANGUAGES:
        assert "5" in copy.sentence(lang)
    assert isinstance(error, ValueError)


def placeholders(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def test_every_language_has_the_same_keys_and_placeholders() -> None:
    english = messages.catalogue("en")
    for lang in messages.LANGUAGES:
        other = messages.catalogue(lang)
        assert other.keys() == english.keys()
        for key, template in english.items():
            assert placeholders(other[key]) == placeholders(template), key
            assert other[key].strip()


def test_every_error_and_warning_in_the_code_has_its_sentence() -> None:
    folder = Path(messages.__file__).parent
    source = "\n".join(path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*.py")))
    keys = messages.catalogue("en").keys()
    raised = set(re.findall(r'InputError\(\s*"(\w+)"', source))
    warned = set(re.findall(r'(?:warn|DataWarning)\(\s*"(\w+)"', source))
    assert {f"error.{code}" for code in raised} | {f"warning.{code}" for code in warned} <= keys


def test_a_missing_key_language_or_parameter_is_an_error() -> None:
    for key, lang in (("error.none", "en"), ("error.empty_file", "tlh"), ("error.too_many_rows", "en")):
        with pytest.raises(KeyError):
            messages.text(key, lang)
