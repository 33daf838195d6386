"""Text → character spans → lower-cased tokens → vocabulary ids."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Literal

import numpy as np
import numpy.typing as npt
import regex
import rjieba
from icu4py.breakers import WordBreaker

from dynmask_core.data.invisible import INVISIBLE, has_invisible, without_invisible
from dynmask_core.data.limits import check_words

TokenizerMode = Literal["auto", "words", "characters"]
TOKENIZER_MODES: tuple[TokenizerMode, ...] = ("auto", "words", "characters")

# Kana, and what Unicode's line breaking calls complex context (SA: Thai, Lao, Khmer, Burmese, …) or orthographic
# syllables (AK, AP, AS: Javanese, Balinese, …).
_UNSPACED = r"\p{Hiragana}\p{Katakana}ー\uff70\uff9e\uff9f\p{lb=SA}\p{lb=AK}\p{lb=AP}\p{lb=AS}"
# All of them lie behind U+0DFF: asking that first spares most scripts the other questions.
UNSPACED = rf"[[\u0e00-\U0010ffff]&&[\p{{Han}}{_UNSPACED}]]"
"""A character of a script that is written without spaces between words. A pattern of `regex`, version 1."""
# The scripts that ICU has dictionaries of words for.
_HAS_DICTIONARY = regex.compile(r"[\p{Hiragana}\p{Katakana}ー\uff70\p{Han}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]")
_CHARACTER = regex.compile(r"\X")
# Invisible characters that do not end a word. A space of no width does.
_JOINER = rf"(?!\u200b){INVISIBLE}"


def _pieces(before: str, within: str) -> regex.Pattern[str]:
    """A run of an unspaced script (with what may stand `before` and `within` it); a run of Han characters; a number
    with its separators; a word (with inner apostrophes, joiners, combining marks and digits); an emoji with its
    modifiers (one grapheme); any other visible character by itself."""
    unspaced = rf"[[\u0e00-\U0010ffff]&&[{_UNSPACED}]]"
    letter = rf"[[\p{{L}}\p{{M}}]--{UNSPACED}]"
    inner = rf"[[\p{{L}}\p{{M}}\p{{N}}_]--{UNSPACED}]"
    return regex.compile(
        rf"(?P<unspaced>{before}{unspaced}(?:[{within}{_UNSPACED}]|\p{{M}}|{_JOINER})*)"
        r"|(?P<han>\p{Han}+)"
        r"|\d+(?:[.,:]\d+)*"
        rf"|(?!{INVISIBLE}){inner}+(?:(?:{_JOINER})+{inner}+|(?:{_JOINER})*['’](?:{_JOINER})*{letter}+)*"
        rf"|(?!\s|{INVISIBLE})\X",
        regex.VERSION1,
    )


# Japanese words hold kana and Han; Han without kana is Chinese.
_WORDS = _pieces(r"\p{Han}*+", r"\p{Han}")
_CHARACTERS = _pieces("", "")
# What both find in ASCII text, in a quarter of the time.
_ASCII = re.compile(r"\d+(?:[.,:]\d+)*|\w+(?:'[A-Za-z]+)*|\S", re.ASCII)

_BLOCK = 10_000
"""Characters that are searched at once: a pattern remembers every step of a match, so a word of megabytes takes
gigabytes."""
_ENDS = " \n。，、"
"""No token goes on over one of them."""

PAD, UNK, CLS, MASK = 0, 1, 2, 3
SPECIAL_TOKENS = ("[PAD]", "[UNK]", "[CLS]", "[MASK]")
SEP, END = 4, 5
PAIR_TOKENS = ("[SEP]", "[END]")
"""Special as well, in the vocabulary of pairs: between source and target, and after the target."""


class Tokenizer:
    """Splits text into words and punctuation, with their positions in the text.

    mode: "auto" and "words" split what is written without spaces into dictionary words: Chinese by rjieba; Japanese,
    Thai, Lao, Khmer and Burmese by ICU (other such scripts, which no dictionary knows, into characters). "characters"
    makes each character of these scripts a token. Other scripts are split into words and punctuation in every mode.
    "auto" equals "words"; a later version may choose by language. Invisible characters are never tokens of their own:
    joiners and soft hyphens do not cut a word, and its token is written without them. What has neither space nor mark
    for 10,000 characters is cut there.
    """

    def __init__(self, mode: TokenizerMode = "auto") -> None:
        if mode not in TOKENIZER_MODES:
            raise ValueError(f"tokenizer {mode!r}: choose one of {', '.join(TOKENIZER_MODES)}")
        self.mode = mode

    def spans(self, text: str, most: int | None = None) -> list[tuple[int, int]]:
        """Character offsets [start, end) of the tokens, in order, without overlap. most: no more are looked for.

        Raises InputError `too_many_words` for a text of more than `limits.MAX_WORDS` tokens.
        """
        if len(text) <= _BLOCK:
            return self._search(text)[:most]
        return [(start, end) for start, end in self.array(text, most).tolist()]

    def array(self, text: str, most: int | None = None) -> npt.NDArray[np.int32]:
        """The same as int32 [tokens, 2], for long texts in a tenth of the memory."""
        parts, count = [], 0
        for start, end in _blocks(text):
            found = self._search(text[start:end])
            parts.append(np.fromiter(chain.from_iterable(found), np.int32, 2 * len(found)) + np.int32(start))
            count += len(found)
            check_words(count)
            if most is not None and count >= most:
                break
        return np.concatenate(parts).reshape(-1, 2)[:most]

    def _search(self, text: str) -> list[tuple[int, int]]:
        if text.isascii():
            return [piece.span() for piece in _ASCII.finditer(text)]
        spans: list[tuple[int, int]] = []
        into_characters = self.mode == "characters"
        for piece in (_CHARACTERS if into_characters else _WORDS).finditer(text):
            start, end = piece.span()
            if piece.lastgroup == "unspaced":
                spans.extend(_cut(piece.group(), start, into_characters))
            elif piece.lastgroup != "han":
                spans.append((start, end))
            elif into_characters or end - start == 1:
                spans.extend((i, i + 1) for i in range(start, end))
            else:
                spans.extend((start + a, start + b) for _, a, b in rjieba.tokenize(piece.group()))
        return spans

    def tokens(self, text: str) -> list[str]:
        """The tokens as in the vocabulary: see `words_at`."""
        return words_at(text, self.spans(text))


def _blocks(text: str) -> Iterator[tuple[int, int]]:
    """Places [start, end) of the parts of a text, one at least, cut between two tokens if there is such a place."""
    start = 0
    while len(text) - start > _BLOCK:
        between = max(text.rfind(mark, start + 1, start + _BLOCK) for mark in _ENDS)
        end = between if between > start else start + _BLOCK
        yield start, end
        start = end
    yield start, len(text)


def _cut(run: str, start: int, into_characters: bool) -> Iterator[tuple[int, int]]:
    """Offsets of the words or characters of a run of an unspaced script that starts at `start`."""
    # ICU counts UTF-16 units, Python characters: the offsets are added up from the words.
    for word in _CHARACTER.findall(run) if into_characters else WordBreaker(run, "root"):
        known = into_characters or _HAS_DICTIONARY.match(word)
        for part in (word,) if known else _CHARACTER.findall(word):
            yield start, start + len(part)
            start += len(part)


def words_at(text: str, spans: Iterable[tuple[int, int]] | np.ndarray) -> list[str]:
    """The tokens of `text` at its spans as in the vocabulary: lower-cased, without invisible characters."""
    words = [text[start:end].lower() for start, end in spans]
    return without_invisible(words) if has_invisible(text) else words


@dataclass(frozen=True)
class Vocabulary:
    """The words that a model knows: special tokens, then words by falling frequency.

    words: index = id; ids 0–3 are [PAD], [UNK], [CLS], [MASK]. counts: occurrences in the training texts. specials: how
    many of the first words are special tokens. tokenizer: the tokenizer.json that cuts texts into these words (see
    inputs.wordpieces); "" if Tokenizer does.
    """

    words: tuple[str, ...]
    counts: np.ndarray
    specials: int = len(SPECIAL_TOKENS)
    tokenizer: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_ids", {word: i for i, word in enumerate(self.words)})

    def __len__(self) -> int:
        return len(self.words)

    @classmethod
    def build(
        cls,
        tokenized: Iterable[Sequence[str]],
        *,
        max_size: int = 30_000,
        min_count: int = 1,
        specials: tuple[str, ...] = SPECIAL_TOKENS,
    ) -> Vocabulary:
        """Counts words. Ties are sorted alphabetically, so the same texts give the same ids."""
        counts = Counter(token for tokens in tokenized for token in tokens)
        ranked = sorted((item for item in counts.items() if item[1] >= min_count), key=lambda kv: (-kv[1], kv[0]))
        ranked = ranked[: max_size - len(specials)]
        words = specials + tuple(word for word, _ in ranked)
        return cls(words, np.array([0] * len(specials) + [n for _, n in ranked], dtype=np.int64), len(specials))

    def encode(self, tokens: Sequence[str]) -> np.ndarray:
        """int32 [len(tokens)+1]: [CLS], then the id of each token ([UNK] if it is not in the vocabulary)."""
        ids: dict[str, int] = self._ids  # type: ignore[attr-defined]
        return np.array([CLS, *(ids.get(token, UNK) for token in tokens)], dtype=np.int32)
