"""Masks that come from what is known of words: frequency, part of speech, keywords, a list."""

from __future__ import annotations

import importlib.util
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from scipy.stats import chi2_contingency, norm

from dynmask_core.config import Controls
from dynmask_core.data import build, planted
from dynmask_core.data.encode import encode
from dynmask_core.data.tokenize import CLS, MASK, SPECIAL_TOKENS, UNK, Tokenizer
from dynmask_core.errors import InputError
from dynmask_core.masks import REGISTRY, CorpusStatistics, MaskContext, MaskStrategy, Setting, canonical, parse
from dynmask_core.masks import build as build_arm
from dynmask_core.masks.library import pos, rationale
from dynmask_core.masks.library.frequency import idf
from dynmask_core.masks.library.keyword import chi_square
from dynmask_core.masks.ops.evidence import log_odds
from dynmask_core.masks.ops.ranks import keep_top
from dynmask_core.runs import Run

needs_hanta = pytest.mark.skipif(importlib.util.find_spec("HanTa") is None, reason="HanTa is not installed")

ENGLISH = [
    ("the film is a good film , not a bad one", 1),
    ("a good day and a happy crowd", 1),
    ("the crowd loved the songs", 1),
    ("the plot is slow and the songs are poor", 0),
    ("a bad day , not a happy one", 0),
]


def corpus_of(texts: list[tuple[str, int]]) -> CorpusStatistics:
    tokens = [Tokenizer().tokens(text) for text, _ in texts]
    counted = Counter(token for text in tokens for token in text)
    words = (*SPECIAL_TOKENS, *sorted(counted))
    ids = [[words.index(token) for token in text] for text in tokens]
    return CorpusStatistics(
        words,
        len(SPECIAL_TOKENS),
        np.array([i for text in ids for i in text], dtype=np.int32),
        np.array([len(text) for text in ids]),
        np.array([label for _, label in texts]),
        ("negative", "positive"),
    )


def fitted(name: str, corpus: CorpusStatistics, **values: str | float) -> MaskStrategy:
    strategy = REGISTRY[name](Setting(values))
    strategy.fit(corpus)
    return strategy


def kept_words(strategy: MaskStrategy, corpus: CorpusStatistics) -> set[str]:
    mask = strategy.word_mask()
    assert mask is not None
    return {word for word, value in zip(corpus.words, mask, strict=True) if value == 1} - set(SPECIAL_TOKENS)


@pytest.fixture(scope="module")
def planted_corpus() -> tuple[CorpusStatistics, np.ndarray]:
    """1,000 texts, their words as frequent as in language; and which words are keywords."""
    made = planted(seed=0, zipf=1.0)
    dataset = build(made.table)[0]
    encoded = encode(dataset, 30_000)
    rows = encoded.rows("train")
    bodies = [encoded.ids[row][1:] for row in rows]
    known = CorpusStatistics(
        encoded.vocabulary.words,
        len(SPECIAL_TOKENS),
        np.concatenate(bodies),
        np.array([len(body) for body in bodies]),
        encoded.labels[rows],
        encoded.classes,
    )
    return known, np.array([word in made.keywords for word in known.words])


# Ranking


@settings(max_examples=40)
@given(npst.arrays(np.int64, 9, elements=st.integers(0, 20)), st.floats(0, 1), st.randoms())
def test_the_words_kept_are_the_top_ones_and_come_closest_to_the_share(
    counts: np.ndarray, share: float, random: object
) -> None:
    score = np.array(random.sample(range(9), 9), dtype=float)  # type: ignore[attr-defined]
    kept = keep_top(score, counts, share)
    occurring = counts > 0
    if (kept[occurring] == 1).any() and (kept[occurring] == 0).any():
        assert score[occurring & (kept == 1)].min() > score[occurring & (kept == 0)].max()
    best = min(abs(counts[score >= border].sum() - share * counts.sum()) for border in [*score, np.inf])
    assert abs(counts[kept == 1].sum() - share * counts.sum()) == pytest.approx(best)


@pytest.mark.parametrize("name", ["frequency", "keyword"])
@pytest.mark.parametrize("keep", [0.0, 0.1, 0.5, 0.7, 1.0])
def test_the_share_of_running_words_is_kept(
    name: str, keep: float, planted_corpus: tuple[CorpusStatistics, np.ndarray]
) -> None:
    corpus, _ = planted_corpus
    mask = fitted(name, corpus, keep=keep).word_mask()
    assert mask is not None
    share = mask[corpus.tokens].mean()
    largest = np.bincount(corpus.tokens).max() / len(corpus.tokens)
    assert abs(share - keep) <= largest / 2
    assert keep not in (0, 1) or share == keep


def test_a_word_of_value_0_leaves_the_text_under_the_default_threshold() -> None:
    corpus = corpus_of(ENGLISH)
    strategy = fitted("frequency", corpus)
    strategy.on_epoch(1, Controls())
    ids = torch.tensor([[CLS, *corpus.tokens[:10].tolist()]])
    plan = strategy.plan(MaskContext(ids, ids >= 0, ids == CLS, torch.arange(1), 1, 0, "test"))
    mask = strategy.word_mask()
    assert mask is not None
    assert plan.keep is not None
    assert plan.keep[0].tolist() == [True, *(mask[corpus.tokens[:10]] > 0).tolist()]
    assert not plan.keep.all()


# Frequency


def test_idf_agrees_with_scikit_learn() -> None:
    from sklearn.feature_extraction.text import TfidfVectorizer

    corpus = corpus_of(ENGLISH)
    vectors = TfidfVectorizer(analyzer=Tokenizer().tokens).fit([text for text, _ in ENGLISH])
    expected = [vectors.idf_[vectors.vocabulary_[word]] for word in corpus.words[len(SPECIAL_TOKENS) :]]
    found = idf(corpus.document_counts().sum(0), corpus.texts)[len(SPECIAL_TOKENS) :]
    np.testing.assert_allclose(found, expected)


def test_rare_takes_away_what_stands_in_most_texts_and_frequent_the_rest() -> None:
    corpus = corpus_of(ENGLISH)
    assert {"a", "the"} & kept_words(fitted("frequency", corpus), corpus) == set()
    assert kept_words(fitted("frequency", corpus, direction="frequent", keep=0.27), corpus) == {"a", "the"}
    for direction, value in (("rare", 1), ("frequent", 0)):
        mask = fitted("frequency", corpus, direction=direction).word_mask()
        assert mask is not None
        assert mask[UNK] == value


# Keywords


@settings(max_examples=25)
@given(npst.arrays(np.int64, (3, 5), elements=st.integers(1, 30)), npst.arrays(np.int64, 3, elements=st.integers(1, 9)))
def test_chi_square_agrees_with_scipy_word_by_word(present: np.ndarray, absent: np.ndarray) -> None:
    texts = present.max(1) + absent
    for word, value in enumerate(chi_square(present, texts)):
        table = np.stack([present[:, word], texts - present[:, word]])
        assert value == pytest.approx(chi2_contingency(table, correction=False).statistic, abs=1e-9)


def test_words_in_no_text_or_in_all_have_a_chi_square_of_0() -> None:
    assert chi_square(np.array([[0, 4, 4], [0, 6, 1]]), np.array([4, 6]))[:2].tolist() == [0, 0]


@pytest.mark.parametrize("method", ["log-odds", "chi2"])
def test_keywords_planted_in_the_texts_are_the_first_ones_kept(
    method: str, planted_corpus: tuple[CorpusStatistics, np.ndarray]
) -> None:
    corpus, keyword = planted_corpus
    share = keyword[corpus.tokens].mean()
    mask = fitted("keyword", corpus, method=method, keep=float(share)).word_mask()
    assert mask is not None
    occurs = np.bincount(corpus.tokens, minlength=len(corpus.words)) > 0
    assert (mask[occurs] == keyword[occurs]).mean() > 0.99


def test_keywords_do_not_depend_on_the_names_of_the_classes(
    planted_corpus: tuple[CorpusStatistics, np.ndarray],
) -> None:
    corpus, _ = planted_corpus
    turned = CorpusStatistics(
        corpus.words, corpus.specials, corpus.tokens, corpus.lengths, 1 - corpus.labels, corpus.classes
    )
    for method in ("log-odds", "chi2"):
        one, other = (kept_words(fitted("keyword", c, method=method), c) for c in (corpus, turned))
        assert one == other


# Part of speech


@needs_hanta
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("film songs wifi movie's netflix dvd", "nouns"),
        ("loved watches running wrote", "verbs"),
        ("good worst happier terrible", "adjectives"),
        ("quickly very not don't can't isn’t", "adverbs"),
        ("the of and you i'm you'll he's is have could two with", "function"),
        (", . ! ( 😀 3 3.5 12:30 £ ' '' -", "function"),
    ],
)
def test_english_words_have_their_usual_class(words: str, expected: str) -> None:
    assert {word: pos.word_class(word) for word in words.split()} == dict.fromkeys(words.split(), expected)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("电影 服务 今天 音乐", "nouns"),
        ("喜欢 觉得 听到", "verbs"),
        ("好 糟糕 温柔", "adjectives"),
        ("不 都 也", "adverbs"),
        ("的 我 因为 在 了 两个 。 ， 2024", "function"),
    ],
)
def test_chinese_words_have_their_usual_class(words: str, expected: str) -> None:
    assert {word: pos.word_class(word) for word in words.split()} == dict.fromkeys(words.split(), expected)


@needs_hanta
def test_content_and_function_words_share_out_the_vocabulary() -> None:
    corpus = corpus_of(ENGLISH)
    kept = {choice: kept_words(fitted("pos", corpus, parts=choice), corpus) for choice in pos.CONTENT}
    content, function = (kept_words(fitted("pos", corpus, parts=p), corpus) for p in ("content", "function"))
    assert set().union(*kept.values()) == content == set(corpus.words[len(SPECIAL_TOKENS) :]) - function
    assert sum(map(len, kept.values())) == len(content)
    assert kept["nouns"] >= {"film", "day", "crowd", "songs", "plot"}
    assert {"the", "a", ",", "and"} <= function
    for parts, value in (("content", 1), ("nouns", 1), ("verbs", 0), ("function", 0)):
        mask = fitted("pos", corpus, parts=parts).word_mask()
        assert mask is not None
        assert mask[UNK] == value


@pytest.mark.parametrize(("chinese", "needed"), [(0, True), (50, True), (97, False)])
def test_english_without_its_tagger_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, chinese: int, needed: bool
) -> None:
    pos._tagger.cache_clear()
    pos._english.cache_clear()
    monkeypatch.setitem(sys.modules, "HanTa.HanoverTagger", None)
    words, counts = (*SPECIAL_TOKENS, "电影", "nba"), np.array([0, 0, 0, 0, chinese, 100 - chinese])
    if not needed:  # an English name or two in Chinese texts
        assert pos.word_classes(words, counts)[4:] == ["nouns", "nouns"]
        return
    with pytest.raises(InputError, match=r"dynmask\[pos\]") as error:
        pos.word_classes(words, counts)
    assert error.value.code == "needs_extra"
    pos._tagger.cache_clear()


@needs_hanta
def test_words_tagged_once_are_not_tagged_again() -> None:
    words = (*SPECIAL_TOKENS, *(f"un{a}{b}able" for a in "bcdfgklmn" for b in "aeiou"))
    first, again = [], []
    for seconds in (first, again):
        began = time.perf_counter()
        seconds += pos.word_classes(words, np.ones(len(words)))
        seconds.append(time.perf_counter() - began)
    assert first[:-1] == again[:-1]
    assert again[-1] < first[-1]


# A list


def test_listed_words_are_whole_and_all_others_at_rest() -> None:
    corpus = corpus_of(ENGLISH)
    strategy = fitted("lexicon", corpus, words="Bad| happy |nowhere", rest=0.2)
    mask = strategy.word_mask()
    assert mask is not None
    assert kept_words(strategy, corpus) == {"bad", "happy"}
    assert set(mask[4:].tolist()) == {1.0, float(np.float32(0.2))}
    assert mask[UNK] == np.float32(0.2)
    assert {"good", "bad", "not", "loved"} <= kept_words(fitted("lexicon", corpus), corpus)


@pytest.mark.parametrize("words", ["good|bad", "好|不 好|😀", "a;b/c%d", ""])
def test_a_word_list_survives_being_written(words: str) -> None:
    arm = canonical(f"lexicon:words={words}:rest=0.5")
    assert parse(arm) == [("lexicon", {"words": words, "rest": 0.5})]
    assert canonical(arm) == arm
    assert canonical("lexicon") == "lexicon"


def test_a_long_word_list_still_has_a_file_for_its_weights(tmp_path: Path) -> None:
    arms = [f"lexicon:{'|'.join(['好看'] * 50)}|{last}" for last in ("a", "b")]
    files = {Run(tmp_path).weights_file(arm).name for arm in arms}
    assert len(files) == 2
    assert max(map(len, files)) < 240


# Task-informed masking


def informed(rate: str | float = 0.3, seed: int = 0) -> tuple[MaskStrategy, CorpusStatistics]:
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, 400)
    tokens = rng.integers(6, 30, (400, 10))
    tokens[:, 3] = 4 + labels  # two words tell the classes apart
    words = (*SPECIAL_TOKENS, "bad", "good", *(f"w{i}" for i in range(24)))
    corpus = CorpusStatistics(
        words, 4, tokens.ravel().astype(np.int32), np.full(400, 10), labels, ("negative", "positive")
    )
    strategy = REGISTRY["informed"](Setting({"rate": rate}, seed=seed, epochs=9))
    strategy.fit(corpus)
    return strategy, corpus


def texts(corpus: CorpusStatistics, epoch: int = 1) -> MaskContext:
    body = torch.from_numpy(corpus.tokens.reshape(400, 10)).long()
    ids = torch.cat([torch.full((400, 1), CLS), body], 1)
    return MaskContext(ids, ids > 0, ids == CLS, torch.arange(400), epoch, 0, "train")


def test_telling_words_are_replaced_in_proportion_to_their_log_odds() -> None:
    strategy, corpus = informed(rate=0.1)  # one word of ten
    delta, sigma = log_odds(corpus.counts())
    z = np.abs(delta / sigma).max(0)
    context, expected, seen = texts(corpus), np.zeros(30), np.zeros(30)
    for epoch in range(1, 21):
        strategy.on_epoch(epoch, Controls())
        ids = strategy.plan(texts(corpus, epoch)).units
        assert ids is not None
        changed = ids != context.input_ids
        assert (ids[changed] == MASK).all()
        assert (changed.sum(1) == 1).all()
        seen += np.bincount(context.input_ids[changed].numpy(), minlength=30)
    for text in corpus.tokens.reshape(400, 10):
        np.add.at(expected, text, 20 * z[text] / z[text].sum())
    assert seen[4:6].sum() / seen.sum() > 0.5  # chance: a tenth
    np.testing.assert_allclose(seen[4:], expected[4:], atol=5 * np.sqrt(expected.max()))


def test_informed_masks_change_from_epoch_to_epoch_and_predictions_are_whole() -> None:
    strategy, corpus = informed()
    context = texts(corpus)
    one, other = (strategy.plan(texts(corpus, epoch)).units for epoch in (1, 2))
    assert one is not None
    assert other is not None
    assert not torch.equal(one, other)
    again = strategy.plan(context).units
    assert again is not None
    assert torch.equal(one, again)


def test_the_informed_rate_falls_and_starts_afresh() -> None:
    strategy, corpus = informed("0.4..0@cyclic2")
    shares = []
    for epoch in range(1, 10):
        strategy.on_epoch(epoch, Controls())
        ids = strategy.plan(texts(corpus, epoch)).units
        assert ids is not None
        shares.append(float((ids == MASK).float().mean() * 1.1))
    assert shares[0] == pytest.approx(0.4, abs=0.001)
    assert shares[0] > shares[1] > shares[3] < shares[4] == pytest.approx(0.2, abs=0.001)
    assert shares[8] == 0


def test_the_default_of_the_informed_rate_is_a_schedule_that_survives_being_written() -> None:
    assert canonical("informed:rate=0.3..0@cyclic4") == "informed"
    assert canonical("informed:0.2..0.1@cosine") == "informed:0.2..0.1@cosine"
    with pytest.raises(InputError):
        parse("informed:rate=often")
    build_arm("informed", Setting()).on_epoch(1, Controls())


# Rationales


RATED = [
    ("a lovely film with lovely songs", 1),
    ("a dull film with dull songs", 0),
    ("lovely , a bright and lovely day", 1),
    ("dull , the dullest and slow day", 0),
    ("bright songs , a lovely plot", 1),
    ("slow songs , a dull plot", 0),
    ("the bright crowd is happy , lovely", 1),
    ("the slow crowd is sad , dull", 0),
]


def read_alone(corpus: CorpusStatistics, text: str) -> MaskContext:
    ids = torch.tensor([[CLS, *(corpus.words.index(token) for token in Tokenizer().tokens(text))]])
    return MaskContext(ids, ids > 0, ids == CLS, torch.tensor([-1]), 1, 0, "test")


def gate(strategy: MaskStrategy, context: MaskContext) -> np.ndarray:
    values = strategy.plan(context).token_gate
    assert values is not None
    return values.numpy()


def test_a_rationale_is_the_mean_over_the_classes_of_the_chance_that_a_word_speaks_for_them() -> None:
    """The regression by its textbook formula, with dense matrices; the normal distribution word by word."""
    corpus = corpus_of(RATED * 3)
    strategy = fitted("rationale", corpus, margin=0.5)
    shared = rationale.likeness(corpus.words, corpus.specials).toarray()
    prior = np.eye(len(corpus.words)) + shared @ shared.T
    starts = np.cumsum(corpus.lengths) - corpus.lengths
    counts = np.stack(
        [
            np.bincount(corpus.tokens[start : start + length], minlength=len(corpus.words))
            for start, length in zip(starts, corpus.lengths, strict=True)
        ]
    )
    x, y = counts - counts.mean(0), np.eye(2)[corpus.labels]
    noise = rationale.PRIOR_WEIGHT * np.eye(len(x))
    beta = prior @ x.T @ np.linalg.solve(x @ prior @ x.T + noise, y - y.mean(0))
    context = read_alone(corpus, "a dull and lovely crowd")
    ids = context.input_ids[0, 1:].numpy()
    share = y.mean(0) + (np.bincount(ids, minlength=len(corpus.words)) - counts.mean(0)) @ beta
    odds = np.exp(rationale.SHARPNESS * share)
    expected = []
    for word in ids:
        sure = np.sqrt(1 + (counts[:, word] > 0).sum() / rationale.PRIOR_WEIGHT)
        tau = np.sqrt(y.var(0) / rationale.PRIOR_WEIGHT)
        chances = [norm.cdf((beta[word, c] / tau[c] - 0.5) * sure) for c in (0, 1)]
        expected.append(chances @ odds / odds.sum())
    np.testing.assert_allclose(gate(strategy, context)[0, 1:], expected, atol=1e-3)


def test_a_rationale_depends_on_the_words_around() -> None:
    corpus = corpus_of(RATED * 5)
    strategy = fitted("rationale", corpus)
    praise = gate(strategy, read_alone(corpus, "slow lovely bright lovely"))[0]
    complaint = gate(strategy, read_alone(corpus, "slow dull sad dull"))[0]
    assert complaint[1] > 2 * praise[1]
    assert praise[2] > 0.5 < complaint[2]


def test_a_training_text_is_read_without_its_own_label() -> None:
    corpus = corpus_of(RATED)
    flipped = replace(corpus, labels=np.concatenate([[1 - corpus.labels[0]], corpus.labels[1:]]))
    text = replace(read_alone(corpus, RATED[0][0]), split="train")
    one, other = fitted("rationale", corpus), fitted("rationale", flipped)
    # The classes' sizes change with the label, and the margin's unit with them; nothing else does.
    for name in ("beta", "base", "seen"):
        fold = int(text.input_ids[0, 1:].sum()) % rationale.FOLDS
        np.testing.assert_array_equal(one.state_dict()[name][fold], other.state_dict()[name][fold])
        assert name == "seen" or (one.state_dict()[name] != other.state_dict()[name]).any()


def test_classes_named_by_numbers_are_a_scale() -> None:
    np.testing.assert_allclose(rationale.scale(("1", "2", "5"))[:, 1], [0, 0.25, 1])
    np.testing.assert_allclose(rationale.scale(("low", "middle", "top"))[:, 1], [0, 0.5, 1])
    np.testing.assert_allclose(rationale.scale(("3", "1")).sum(1), 1)


def test_steps_of_a_scale_say_how_strong_a_word_is() -> None:
    stars = [("dreadful film", 0), ("dull film", 1), ("plain film", 2), ("nice film", 3), ("superb film", 4)]
    corpus = replace(corpus_of(stars * 20), classes=("1", "2", "3", "4", "5"))
    strategy = fitted("rationale", corpus, classes="ordered")
    values = gate(strategy, read_alone(corpus, "plain nice superb"))[0, 1:]
    assert values[0] < values[1] < values[2]


def test_two_classes_are_a_scale_already() -> None:
    corpus = corpus_of(RATED)
    context = read_alone(corpus, "a dull plot , a lovely crowd")
    nominal, ordered = (fitted("rationale", corpus, classes=kind) for kind in ("nominal", "ordered"))
    np.testing.assert_array_equal(gate(nominal, context), gate(ordered, context))
