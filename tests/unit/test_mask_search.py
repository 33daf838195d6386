"""Readers find a mask by what they call it, in either language."""

from __future__ import annotations

import pytest

from dynmask_core.masks import REGISTRY
from dynmask_core.masks.search import CARDS, search
from dynmask_core.messages import LANGUAGES, text

ALL = [*CARDS, *REGISTRY]
FIRST = {
    "padding": "padding", "pad": "padding", "[PAD]": "padding", "attention_mask": "padding", "填充": "padding",
    "补齐": "padding", "different lengths": "padding",
    "hide the future": "causal", "future": "causal", "look-ahead": "causal", "lookahead": "causal",
    "Look ahead mask": "causal", "GPT": "causal", "未来": "causal", "看不到未来": "causal", "自回归": "causal",
    "triangle": "causal", "causal": "causal", "防止偷看": "causal",
    "mask a word": "corruption", "[MASK]": "corruption", "［ＭＡＳＫ］": "corruption", "遮住一个词": "corruption",
    "完形填空": "corruption", "BERT": "corruption", "MLM": "corruption", "cloze": "corruption", "猜词": "corruption",
    "window": "window", "滑动窗口": "window", "local attention": "window", "neighbours": "window",
    "entmax": "entmax", "sparsemax": "entmax", "L0": "hardconcrete", "UniLM": "prefix", "前缀": "prefix",
    "关掉一个头": "heads", "no mask": "none", "没有掩码": "none", "baseline": "none",
    "static mask": "static", "静态掩码": "static", "Kumaraswamy": "hardkuma", "PoWER-BERT": "topk",
    "nouns": "pos", "词性": "pos", "my own words": "lexicon", "draw": "custom", "自己画": "custom",
    "Voita": "headgate", "the article": "article", "文章": "article", "T5": "prefix",
    "span": "spandrop", "long document": "longformer", "part of speech": "pos", "看得到所有词元": "full",
}  # fmt: skip
AMONG = {
    "sparse": {"bigbird", "longformer", "window", "entmax", "topw", "block"},
    "稀疏": {"bigbird", "longformer", "window", "entmax"},
    "soft mask": {"static", "hardkuma", "diffmask"},
    "dynamic mask": {"repaired", "article", "gradient"},
    "which words matter": {"rationale", "diffmask", "gradient"},
    "head pruning": {"headgate", "headgrad"},
    "随机": {"static", "dropout"},
    "BERT": {"full", "pretrained", "topk"},
    "speed": {"topk", "ltp", "tokendrop"},
}


@pytest.mark.parametrize(("query", "name"), FIRST.items())
def test_a_query_finds_first_what_its_reader_means(query: str, name: str) -> None:
    assert search(query, ALL)[:1] == [name]


@pytest.mark.parametrize(("query", "names"), AMONG.items())
def test_a_wide_query_finds_all_that_are_meant(query: str, names: set[str]) -> None:
    assert names <= set(search(query, ALL))


def test_accents_case_and_the_order_of_words_do_not_matter() -> None:
    assert search("SPÄRCK", ALL) == search("sparck jones", ALL) == ["frequency"]
    assert search("future hide", ALL) == ["causal"]


def test_what_is_nowhere_is_not_found_and_nothing_asked_finds_all() -> None:
    assert search("zebra", ALL) == search("斑马", ALL) == search("future zebra", ALL) == []
    assert search("  -- ", ALL) == search("", ALL) == ALL
    assert set(search("mask", ALL)) == set(ALL)


def test_a_long_query_is_cut_and_cannot_be_a_pattern() -> None:
    assert search("causal" + " " * 200 + "zebra", ALL)[:1] == ["causal"]
    assert search("c.usal", ALL) == []


@pytest.mark.parametrize("name", ALL)
def test_every_mask_is_found_by_its_name_and_has_words_in_both_languages(name: str) -> None:
    area = "card" if name in CARDS else "strategy"
    assert search(name, ALL)[0] == name
    for lang in LANGUAGES:
        words = text(f"{area}.{name}.find", lang)
        assert len(words.replace("；", ";").split(";")) >= 3


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_is_suggested_finds_something(lang: str) -> None:
    for query in text("masks.suggest", lang).replace("；", ";").split(";"):
        assert search(query, ALL), query
