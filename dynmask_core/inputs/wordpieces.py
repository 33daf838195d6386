"""Word pieces: texts cut as a pre-trained encoder wants them, by its tokenizer.json (library `tokenizers`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from dynmask_core.data.encoder_folder import MOST_WORDS
from dynmask_core.data.tokenize import CLS, PAIR_TOKENS, SEP, SPECIAL_TOKENS, UNK
from dynmask_core.errors import InputError
from dynmask_core.mlm.word_ids import marks_of

ENDS = PAIR_TOKENS[0]
"""How the unit that ends a text is written; its number is SEP."""
CALLED = (("[PAD]", "<pad>"), ("[UNK]", "<unk>"), ("[CLS]", "<s>"), ("[MASK]", "<mask>"), ("[SEP]", "</s>"))
"""What BERT and RoBERTa call our special units 0, 1, … and SEP."""
EMPTY = "▁"
"""Drawn for a piece that has no character of its own: one of several bytes of a character, or a space alone."""


@dataclass(frozen=True)
class Cut:
    """A text in pieces. text: as written, with EMPTY put in where a piece has no character. ids: int32 [n], our
    numbers. spans: int64 [n, 2], the characters [start, end) of each piece in `text`. written: the same in the text
    itself, where they may be empty."""

    text: str
    ids: np.ndarray
    spans: np.ndarray
    written: np.ndarray


class Pieces:
    """The pieces of one tokenizer, numbered as our vocabulary numbers words: special units first, then the others in
    the tokenizer's order.

    words: by our number; a piece that goes on within a word is written ##piece, whatever the tokenizer's own mark is.
    rows: int64 [V], by our number the tokenizer's.
    """

    def __init__(self, content: str) -> None:
        """content: of tokenizer.json. Raises InputError `needs_extra` without the library, `bad_tokenizer`."""
        self.tokenizer = _read(content)
        known: dict[str, int] = self.tokenizer.get_vocab(with_added_tokens=True)
        special = [next((known[name] for name in names if name in known), -1) for names in CALLED]
        if min(special[CLS], special[SEP], special[0]) < 0 or not all(0 <= row < MOST_WORDS for row in known.values()):
            raise InputError("bad_tokenizer")
        # A tokenizer that needs no [UNK], or an encoder that never saw [MASK].
        special = [special[0] if row < 0 else row for row in special]
        taken = set(special)
        others = [(row, piece) for piece, row in known.items() if row not in taken]
        others.sort()
        self.rows = np.array([*special, *(row for row, _ in others)], dtype=np.int64)
        self.words = (*SPECIAL_TOKENS, ENDS, *_readable([piece for _, piece in others]))
        self._ours = np.full(int(self.rows.max()) + 1, UNK, dtype=np.int32)
        self._ours[self.rows[SEP + 1 :]] = np.arange(SEP + 1, len(self.rows))

    def cut(self, text: str, limit: int) -> Cut:
        """The first `limit` pieces. What reads like a special unit in the text is cut like any other text."""
        found = self.tokenizer.encode(text, add_special_tokens=False)
        ids = self._ours[np.array(found.ids[:limit], dtype=np.int64)]
        shown: list[str] = []
        spans, written = np.zeros((len(ids), 2), dtype=np.int64), np.zeros((len(ids), 2), dtype=np.int64)
        done = more = 0
        for place, (start, end) in enumerate(found.offsets[:limit]):
            start, end = max(start, done), max(end, done)
            while start < end and text[start].isspace():
                start += 1
            written[place] = start, end
            spans[place] = start + more, end + more
            shown.append(text[done:end])
            if start == end:
                shown.append(EMPTY)
                spans[place, 1] += len(EMPTY)
                more += len(EMPTY)
            done = end
        return Cut("".join([*shown, text[done:]]), ids, spans, written)


@lru_cache(maxsize=8)
def pieces_of(content: str) -> Pieces:
    """See Pieces; content: of tokenizer.json."""
    return Pieces(content)


def _read(content: str) -> Any:
    try:
        from tokenizers import Tokenizer
    except ImportError:
        raise InputError("needs_extra", name="--encoder", extra="pretrained") from None
    try:
        tokenizer = Tokenizer.from_str(content)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException:  # a panic of the library is not an Exception
        raise InputError("bad_tokenizer") from None
    tokenizer.no_padding()
    tokenizer.no_truncation()
    tokenizer.encode_special_tokens = True
    return tokenizer


def _readable(pieces: Sequence[str]) -> list[str]:
    """The pieces with ## before those that go on within a word; each as the tokenizer writes it if two became equal."""
    mark = marks_of(pieces)
    if mark is None or mark == "##":
        return list(pieces)
    plain = [piece.removeprefix(mark) if piece.startswith(mark) and piece != mark else f"##{piece}" for piece in pieces]
    seen: dict[str, int] = {}
    for word in plain:
        seen[word] = seen.get(word, 0) + 1
    taken = {*SPECIAL_TOKENS, ENDS}
    return [piece if seen[word] > 1 or word in taken else word for word, piece in zip(plain, pieces, strict=True)]
