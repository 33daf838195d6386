"""Small good files of every kind, made here: what is damaged."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import struct
import zipfile
import zlib
from functools import cache
from pathlib import Path
from random import Random

import numpy as np

from dynmask_core.bench.fuzz.tried import Input

_ROWS = [(f"a {('fine', 'dull')[i % 2]} film, number {i}", ("good", "bad")[i % 2]) for i in range(24)]
_CHINESE = [(f"这部电影{('很好看', '太无聊')[i % 2]}，第{i}次", ("好", "差")[i % 2]) for i in range(24)]
MAX_FILE = 200_000
"""Bytes of a file from outside."""


@cache
def files() -> tuple[Input, ...]:
    """Labelled texts in the formats that are read."""
    table = "\n".join(["text,label", *(f'"{text}",{label}' for text, label in _ROWS)])
    chinese = "\n".join(["text,label", *(f"{text},{label}" for text, label in _CHINESE)])
    objects = [{"text": text, "label": label} for text, label in _ROWS]
    lines = "\n".join(map(json.dumps, objects))
    studio = [{"data": {"text": text}, "annotations": [{"result": [{"type": "choices", "from_name": "l",
               "value": {"choices": [label]}}]}]} for text, label in _ROWS]  # fmt: skip
    tagged = "\n\n".join("\n".join(f"{word} {'B-X' if word == 'film' else 'O'}" for word in text.split())
                         for text, _ in _ROWS)  # fmt: skip
    cells = "".join(f"<tr><td>{text}</td><td>{label}</td></tr>" for text, label in _ROWS)
    names = "<tr><th>text</th><th>label</th></tr>"
    texts: tuple[tuple[str, str], ...] = (
        (table, "a.csv"),
        (table.replace('"', "").replace(", number", "").replace(",", "\t"), "a.tsv"),
        (table.replace(",", ";"), "a.csv"),
        (table.replace('"', "'"), "a.csv"),
        (chinese, "zh.csv"),
        (lines, "a.jsonl"),
        (json.dumps(objects, indent=1), "a.json"),
        (json.dumps(studio), "studio.json"),
        (json.dumps({"columns": ["text", "label"], "data": _ROWS}), "split.json"),
        ("\n".join(f"__label__{label} {text}" for text, label in _ROWS), "fast.txt"),
        ("\n".join(f"{i}_!_1_!_{label}_!_{text}_!_k" for i, (text, label) in enumerate(_ROWS)), "toutiao.txt"),
        ("\n".join(text for text, _ in _ROWS), "a.txt"),
        (tagged, "a.conll"),
        (f"<html><table>{names}{cells}</table></html>", "a.html"),
    )
    plain = [(text.encode(), name) for text, name in texts]
    packed = [
        (gzip.compress(plain[0][0]), "a.csv.gz"),
        (bz2.compress(plain[0][0]), "a.csv.bz2"),
        (lzma.compress(plain[0][0]), "a.csv.xz"),
        (zipped({"a.csv": plain[0][0], "notes/read me.txt": b"x"}), "a.zip"),
        (chinese.encode("gb18030"), "zh.csv"),
        (table.encode("utf-16"), "a.csv"),
        (_workbook(), "a.xlsx"),
        (_columnar(), "a.parquet"),
    ]
    return (*plain, *packed)


def from_folder(folder: Path | None) -> list[Input]:
    """The files of a folder and of those in it, none of them larger than `MAX_FILE`."""
    found = sorted(folder.rglob("*")) if folder is not None else []
    return [(path.read_bytes(), path.name) for path in found if path.is_file() and path.stat().st_size <= MAX_FILE]


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def _workbook() -> bytes:
    """An XLSX file as its standard (ECMA-376) has it at the least."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    links = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    rows = [("text", "label"), *_ROWS]
    cells = "".join(
        f'<row r="{i}">' + "".join(f'<c r="{column}{i}" t="inlineStr"><is><t>{cell}</t></is></c>'
                                   for column, cell in zip("AB", row, strict=True)) + "</row>"
        for i, row in enumerate(rows, 1)
    )  # fmt: skip
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types"><Override PartName="/xl/workbook.xml" '
        f'ContentType="{kind}"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r" Type="{links}/'
        'officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{links}"><sheets><sheet name="A" sheetId="1" '
        'r:id="r"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r" '
        f'Type="{links}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{cells}</sheetData></worksheet>',
    }
    return zipped({name: text.encode() for name, text in parts.items()})


def _columnar() -> bytes:
    import pyarrow
    from pyarrow import parquet

    buffer = io.BytesIO()
    texts, labels = zip(*_ROWS, strict=True)
    parquet.write_table(pyarrow.table({"text": texts, "label": labels}), buffer)
    return buffer.getvalue()


def picture(random: Random) -> bytes:
    """A small PNG file; one of twenty says that it is huge."""
    side = random.choice((1, 4, 8, 24))
    width = random.choice((7_000, 60_000, 2**31 - 1)) if random.random() < 0.05 else side
    rows = b"".join(b"\0" + random.randbytes(3 * side) for _ in range(side))
    head = struct.pack(">IIBBBBB", width, width if width != side else side, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    packed = (struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
              for kind, body in parts)  # fmt: skip
    return b"\x89PNG\r\n\x1a\n" + b"".join(packed)


def sound(random: Random) -> bytes:
    """A short WAV file; one of ten lies about its lengths or its form."""
    values = np.frombuffer(random.randbytes(800), dtype=np.int16)
    channels, rate, size = 1, 8000, values.nbytes
    if random.random() < 0.1:
        channels, rate, size = random.choice((0, 1, 65535)), random.choice((0, 8000, 2**32 - 1)), 2**32 - 1
    form = struct.pack("<HHIIHH", 1, channels, rate, 2 * rate % 2**32, 2, 16)
    body = b"WAVEfmt " + struct.pack("<I", len(form)) + form + b"data" + struct.pack("<I", size) + values.tobytes()
    return b"RIFF" + struct.pack("<I", len(body)) + body
