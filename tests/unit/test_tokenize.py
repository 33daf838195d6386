"""Words keep their places in the text as written."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynmask_core.data.invisible import shows_nothing
from dynmask_core.data.table import Table
from dynmask_core.data.tokenize import CLS, SPECIAL_TOKENS, TOKENIZER_MODES, UNK, Tokenizer, TokenizerMode, Vocabulary

characters = st.one_of(
    st.characters(codec="utf-8"),
    st.sampled_from("abc 你好世界，。!don't 12.5 é👍🏽\t\n"),
    st.sampled_from("กำลังດີ្កကောင်းかなカナー々\u1a20ꦗ\u200b\u200c\u200d\u00ad\ufeff\u200e\ufe0f\u034f\u3164"),
)
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
    assert all(place in covered for place, character in enumerate(text) if not shows_nothing(character))


@given(texts, modes)
def test_every_token_shows_something(text: str, mode: TokenizerMode) -> None:
    assert not any(shows_nothing(token) for token in Tokenizer(mode).tokens(text))


@given(st.text(st.characters(max_codepoint=127), max_size=40), modes)
def test_a_character_elsewhere_does_not_change_how_ascii_is_cut(text: str, mode: TokenizerMode) -> None:
    tokenizer = Tokenizer(mode)
    assert [*tokenizer.spans(text), (len(text) + 1, len(text) + 2)] == tokenizer.spans(text + " 好")


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


INVISIBLE = "\u200b \ufeff\u200c\u200d\u2060\u00ad\u200e\u202b\ufe0f\u034f\t"


@pytest.mark.parametrize("mode", TOKENIZER_MODES)
def test_invisible_characters_alone_are_no_tokens(mode: TokenizerMode) -> None:
    assert Tokenizer(mode).spans(INVISIBLE) == []


def test_a_cell_of_invisible_characters_alone_is_empty_and_others_stay_as_written() -> None:
    written = [INVISIBLE, "\u200b", " ", " co\u00adop\u200b ", "👩\u200d💻"]
    table = Table(pd.DataFrame({"text": written}, dtype=object), "csv")
    assert table.cells("text") == ["", "", "", "co\u00adop\u200b", "👩\u200d💻"]


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("we co\u00adoper\u00adate", ["we", "cooperate"]),
        ("می\u200cخواهم نان", ["میخواهم", "نان"]),
        ("क्\u200dष", ["क्ष"]),
        ("don\u2060't \ufeffgo\u200e!", ["don't", "go", "!"]),
        ("\u200dready\u200d", ["ready"]),
        ("two\u200bwords", ["two", "words"]),
        ("ok👩\u200d💻 ❤\ufe0f", ["ok", "👩\u200d💻", "❤\ufe0f"]),
        ("大\u200b家", ["大", "家"]),
    ],
)
def test_joiners_and_soft_hyphens_neither_cut_a_word_nor_stay_in_its_token(text: str, tokens: list[str]) -> None:
    assert Tokenizer().tokens(text) == tokens


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("อาหารอร่อยมาก", ["อาหาร", "อร่อย", "มาก"]),
        ("ອາຫານແຊບຫຼາຍ", ["ອາຫານ", "ແຊບ", "ຫຼາຍ"]),
        ("អាហារឆ្ងាញ់ណាស់", ["អាហារ", "ឆ្ងាញ់", "ណាស់"]),
        ("အစားအစာကောင်းတယ်", ["အစားအစာ", "ကောင်း", "တယ်"]),
        ("美味しいラーメン", ["美味しい", "ラーメン"]),
        ("iPhoneดีมาก 10บาท", ["iphone", "ดี", "มาก", "10", "บาท"]),
        ("👍ดีมาก", ["👍", "ดี", "มาก"]),
        ("\u1a20\u1a65\u1a20\u1a21", ["\u1a20\u1a65", "\u1a20", "\u1a21"]),
    ],
)
def test_scripts_without_spaces_are_cut_into_words(text: str, words: list[str]) -> None:
    assert Tokenizer().tokens(text) == words


@pytest.mark.parametrize(("text", "parts"), [("ที่นี่ดี", ["ที่", "นี่", "ดี"]), ("電話はダメ", list("電話はダメ"))])
def test_by_characters_scripts_without_spaces_are_cut_into_characters(text: str, parts: list[str]) -> None:
    assert Tokenizer("characters").tokens(text) == parts


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
