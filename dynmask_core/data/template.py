"""An example file to fill in."""

from __future__ import annotations

import codecs
import csv
import io

_ROWS = (
    ("text", "label"),
    ("I would buy this again at once.", "positive"),
    ("The zip broke on the second day, and nobody answered my letter.", "negative"),
    ('She called it "the best soup in town", and she was right.', "positive"),
    ("送货很快，包装也很用心。", "positive"),
    ("房间又小又吵，一夜没睡好。", "negative"),
    ("说明书写得不清楚，装了三个小时。", "negative"),
)


def template_csv() -> bytes:
    """A CSV with the header `text,label` and six examples, English and Chinese.

    UTF-8 with a byte order mark and CRLF line ends, which spreadsheet programs open without questions.
    """
    buffer = io.StringIO()
    csv.writer(buffer).writerows(_ROWS)
    return codecs.BOM_UTF8 + buffer.getvalue().encode("utf-8")
