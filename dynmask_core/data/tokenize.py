"""Text → character spans → lower-cased tokens → vocabulary ids."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import regex
import rjieba

TokenizerMode = Literal["auto", "words", "characters"]
TOKENIZER_MODES: tuple[TokenizerMode, ...] = ("auto", "words", "characters")

# A run of Han characters; a word (with inner apostrophes, combining marks and digits); a number with
# its separators; an emoji with its modifiers (one grapheme); any other visible character by itself.
_PIECE = regex.compile(
    r"(?P<han>\p{Han}+)"
    r"|\d+(?:[.,:]\d+)*"
    r"|(?:(?!\p{Han})[\p{L}\p{M}\p{N}_])+(?:['’](?:(?!\p{Han})[\p{L}\p{M}])+)*"
    r"|(?!\s)\X"
)

PAD, UNK, CLS, MASK = 0, 1, 2, 3
SPECIAL_TOKENS = ("[PAD]", "[UNK]", "[CLS]", "[MASK]")


class Tokenizer:
    """Splits text into words and punctuation, with their positions in the text.

    mode: "auto" and "words" split Chinese into dictionary words (rjieba); "characters" makes each Han character a
    token. Other scripts are split into words and punctuation in every mode. "auto" equals "words"; a later version
    may choose by language.
    """

    def __init__(self, mode: TokenizerMode = "auto") -> None:
        if mode not in TOKENIZER_MODES:
            raise ValueError(f"tokenizer {mode!r}: choose one of {', '.join(TOKENIZER_MODES)}")
        self.mode = mode

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Character offsets [start, end) of the tokens, in order, without overlap."""
        spans: list[tuple[int, int]] = []
        for piece in _PIECE.finditer(text):
            start, end = piece.span()
            if piece.lastgroup != "han":
                spans.append((start, end))
            elif self.mode == "characters" or end - start == 1:
                spans.extend((i, i + 1) for i in range(start, end))
            else:
                spans.extend((start + a, start + b) for _, a, b in rjieba.tokenize(piece.group()))
        return spans

    def tokens(self, text: str) -> list[str]:
        """Lower-cased tokens, as in the vocabulary."""
        return [text[start:end].lower() for start, end in self.spans(text)]


@dataclass(frozen=True)
class Vocabulary:
    """The words that a model knows: special tokens, then words by falling frequency.

    words: index = id; ids 0–3 are [PAD], [UNK], [CLS], [MASK]. counts: occurrences in the training texts.
    """

    words: tuple[str, ...]
    counts: np.ndarray

    def __post_init__(self) -> None:
        object.__setattr__(self, "_ids", {word: i for i, word in enumerate(self.words)})

    def __len__(self) -> int:
        return len(self.words)

    @classmethod
    def build(cls, tokenized: Iterable[Sequence[str]], *, max_size: int = 30_000, min_count: int = 1) -> Vocabulary:
        """Counts words. Ties are sorted alphabetically, so the same texts give the same ids."""
        counts = Counter(token for tokens in tokenized for token in tokens)
        ranked = sorted((item for item in counts.items() if item[1] >= min_count), key=lambda kv: (-kv[1], kv[0]))
        ranked = ranked[: max_size - len(SPECIAL_TOKENS)]
        words = SPECIAL_TOKENS + tuple(word for word, _ in ranked)
        return cls(words, np.array([0] * len(SPECIAL_TOKENS) + [n for _, n in ranked], dtype=np.int64))

    def encode(self, tokens: Sequence[str]) -> np.ndarray:
        """int32 [len(tokens)+1]: [CLS], then the id of each token ([UNK] if it is not in the vocabulary)."""
        ids: dict[str, int] = self._ids  # type: ignore[attr-defined]
        return np.array([CLS, *(ids.get(token, UNK) for token in tokens)], dtype=np.int32)
