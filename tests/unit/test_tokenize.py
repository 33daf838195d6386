"""Words keep their places in the text as written."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynmask_core.data.tokenize import CLS, SPECIAL_TOKENS, TOKENIZER_MODES, UNK, Tokenizer, TokenizerMode, Vocabulary

characters = st.one_of(st.characters(codec="utf-8"), st.sampled_from("abc 你好世界，。!don't 12.5 é👍🏽\t\n"))
texts = st.text(characters, max_size=40)
modes = st.sampled_from(TOKENIZER_MODES)


@given(texts, modes)
def test_spans_are_ordered_disjoint_and_inside_the_text(text: str, mode: TokenizerMode) -> None:
    flat = [place for span in Tokenizer(mode).spans(text) for place in span]
    assert flat == sorted(flat)
    assert all(start < end for start, end in Tokenizer(mode).spans(text))
    assert not flat or (flat[0] >= 0 and flat[-1] <= len(text))


@given(texts, modes)
def test_nothing_visible_is_lost(text: str, mode: TokenizerMode) -> None:
    covered = {place for start, end in Tokenizer(mode).spans(text) for place in range(start, end)}
    assert all(place in covered for place, character in enumerate(text) if not character.isspace())


@given(texts)
def test_every_han_character_is_a_token_by_characters(text: str) -> None:
    for start, end in Tokenizer("characters").spans(text):
        if any("\u4e00" <= character <= "\u9fff" for character in text[start:end]):
            assert end - start == 1


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Not a bad film, just a long one.", ["not", "a", "bad", "film", ",", "just", "a", "long", "one", "."]),
        ("I don't, it’s 1,000.50!", ["i", "don't", ",", "it’s", "1,000.50", "!"]),
        ("", []),
        (" \t\n", []),
        ("naïve café", ["naïve", "café"]),
        ("ok👍🏽ok", ["ok", "👍🏽", "ok"]),
    ],
)
def test_words_and_punctuation(text: str, tokens: list[str]) -> None:
    assert Tokenizer().tokens(text) == tokens


def test_chinese_is_cut_into_words_or_characters() -> None:
    words = Tokenizer("words").tokens("我喜欢这部电影")
    assert "喜欢" in words
    assert "电影" in words
    assert Tokenizer("characters").tokens("我喜欢") == ["我", "喜", "欢"]


def test_mixed_text_keeps_both_scripts_whole() -> None:
    assert {"iphone", "手机"} <= set(Tokenizer().tokens("iPhone手机很好"))


def test_an_unknown_mode_names_the_choices() -> None:
    with pytest.raises(ValueError, match="auto, words, characters"):
        Tokenizer("letters")  # type: ignore[arg-type]


words = st.lists(st.lists(st.sampled_from(["a", "b", "c", "dd", "é", "好"]), max_size=6), max_size=6)


@given(words, st.randoms())
def test_the_vocabulary_is_ranked_by_count_and_independent_of_order(tokenized: list[list[str]], random: object) -> None:
    vocabulary = Vocabulary.build(tokenized)
    shuffled = [list(tokens) for tokens in tokenized]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert Vocabulary.build(shuffled).words == vocabulary.words
    flat = [token for tokens in tokenized for token in tokens]
    assert vocabulary.words[: len(SPECIAL_TOKENS)] == SPECIAL_TOKENS
    counts = vocabulary.counts[len(SPECIAL_TOKENS) :].tolist()
    assert counts == [flat.count(word) for word in vocabulary.words[len(SPECIAL_TOKENS) :]]
    assert counts == sorted(counts, reverse=True)


def test_encoding_puts_cls_first_and_unk_for_the_unknown() -> None:
    vocabulary = Vocabulary.build([["good", "good", "film"]])
    ids = vocabulary.encode(["film", "unheard", "good"])
    assert ids.dtype == np.int32
    assert [vocabulary.words[i] for i in ids] == ["[CLS]", "film", "[UNK]", "good"]
    assert ids[0] == CLS
    assert ids[2] == UNK
    assert vocabulary.encode([]).tolist() == [CLS]


def test_a_small_vocabulary_keeps_the_most_frequent() -> None:
    vocabulary = Vocabulary.build([["b", "a", "a", "c", "c"]], max_size=len(SPECIAL_TOKENS) + 2)
    assert vocabulary.words[len(SPECIAL_TOKENS) :] == ("a", "c")
    assert len(vocabulary) == len(vocabulary.counts)


def test_a_word_that_looks_special_cannot_pass_for_it() -> None:
    assert "[pad]" not in Tokenizer().tokens("[PAD] hello")
