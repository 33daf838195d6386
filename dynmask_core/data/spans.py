"""Character spans of the tokens of a table's texts, and which tokens are marked as reasons."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from dynmask_core.data.limits import MAX_COUNTED, check_words
from dynmask_core.data.table import Table
from dynmask_core.data.tokenize import Tokenizer

Spans = npt.NDArray[np.int32]
Marks = npt.NDArray[np.int8]


def token_spans(
    table: Table, column: str, texts: Sequence[str], rows: Iterable[int], tokenizer: Tokenizer
) -> tuple[dict[int, Spans], dict[int, Marks] | None]:
    """By row: int32 [tokens, 2] offsets into the stripped `texts`, and int8 [tokens] marks (None without marks).

    The `text` column of a token-labelled file keeps the file's tokens without blank ones, because the marks and
    published results refer to them. Any other column is split by `tokenizer`, each text to `MAX_COUNTED` tokens.
    Raises `InputError` `too_many_words`.
    """
    spans: dict[int, Spans] = {}
    if table.tokens is None or column != "text":
        count = 0
        for row in rows:
            spans[row] = tokenizer.array(texts[row], MAX_COUNTED)
            count += len(spans[row])
            check_words(count)
        return spans, None
    marks: dict[int, Marks] = {}
    for row in rows:
        spans[row], kept = given_spans(table.tokens[row])
        if table.rationale is not None:
            marks[row] = np.array([table.rationale[row][index] for index in kept], dtype=np.int8)
    return spans, marks if table.rationale is not None else None


def given_spans(tokens: Sequence[str]) -> tuple[Spans, list[int]]:
    """Offsets and indices of the tokens that are not blank.

    Offsets refer to all tokens joined by single spaces, then stripped.
    """
    spans: list[tuple[int, int]] = []
    kept: list[int] = []
    position = 0
    for index, token in enumerate(tokens):
        visible = token.strip()
        if visible:
            start = position + token.index(visible)
            spans.append((start, start + len(visible)))
            kept.append(index)
        position += len(token) + 1
    if not spans:
        return np.zeros((0, 2), dtype=np.int32), []
    return np.array(spans, dtype=np.int32) - spans[0][0], kept
