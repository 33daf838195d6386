"""What simple models get on the same split: the largest class and a bag of words."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from dynmask_core.config import DataConfig, ExperimentConfig
from dynmask_core.data import Dataset, build, load_sample, planted
from dynmask_core.data.encode import EncodedCorpus, encode
from dynmask_core.data.media import pixels_of
from dynmask_core.data.tokenize import Tokenizer, Vocabulary, words_at
from dynmask_core.evaluate import reference
from dynmask_core.evaluate.reference import BAYES, LARGEST, NUMBERS, WORDS, references, word_counts
from dynmask_core.events import Finished
from dynmask_core.inputs import fit_to, make_input
from dynmask_core.jobs import execute
from dynmask_core.runs import Run
from dynmask_core.training.fit import fit

PARTS = ("test", "validation")


def corpus_of(texts: Sequence[str], labels: Sequence[int], split: Sequence[int], classes: int = 2) -> EncodedCorpus:
    tokens = [Tokenizer().tokens(text) for text in texts]
    vocabulary = Vocabulary.build(words for words, part in zip(tokens, split, strict=True) if part == 0)
    ids = [vocabulary.encode(words) for words in tokens]
    named = tuple(f"class {i}" for i in range(classes))
    return EncodedCorpus(ids, np.array(labels), np.array(split, dtype=np.int8), vocabulary, named)


@pytest.fixture(scope="module")
def texts() -> Dataset:
    return build(planted(texts=300, noise_words=40, flip=0.1).table)[0]


def test_the_bag_of_words_agrees_with_the_library_that_reads_texts(texts: Dataset) -> None:
    """TF-IDF of scikit-learn over our words and pairs, without the words that train does not have."""
    corpus = encode(texts, 30_000)
    known = set(corpus.vocabulary.words)

    def terms(row: int) -> list[str]:
        words = [word if word in known else None for word in words_at(texts.texts[row], texts.spans[row])]
        pairs = [f"{a} {b}" for a, b in pairwise(words) if a and b]
        return [word for word in words if word] + pairs

    train, test = corpus.rows("train"), corpus.rows("test")
    tfidf = TfidfVectorizer(analyzer=terms, sublinear_tf=True).fit(train)
    model = LogisticRegression(C=10, tol=1e-3).fit(tfidf.transform(train), texts.labels[train])
    expected = model.score(tfidf.transform(test), texts.labels[test])
    found = references(corpus, {}, PARTS)[1]
    assert found["name"] == WORDS
    assert found["test"]["accuracy"] == pytest.approx(expected)
    assert found["validation"]["accuracy"] == pytest.approx(
        model.score(tfidf.transform(corpus.rows("validation")), texts.labels[corpus.rows("validation")])
    )


def test_pairs_do_not_reach_from_one_text_into_the_next() -> None:
    corpus = corpus_of(["red car", "blue sky"], [0, 1], [0, 0])
    assert word_counts(corpus).shape == (2, 6)  # four words and two pairs


def test_words_of_one_text_alone_are_left_out_of_many_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    corpus = corpus_of(["red car", "red sky", "red"], [0, 1, 0], [0, 0, 0])
    monkeypatch.setattr(reference, "MANY", 3)
    assert word_counts(corpus).toarray().tolist() == [[1], [1], [1]]
    monkeypatch.setattr(reference, "MANY", 4)
    monkeypatch.setattr(reference, "MAX_FEATURES", 1)
    assert word_counts(corpus).toarray().tolist() == [[1], [1], [1]]


def test_chinese_words_are_told_apart() -> None:
    good, bad = ["房间很干净", "早餐很好吃", "服务非常好"], ["房间很脏", "早餐难吃", "服务非常差"]
    texts = (good + bad) * 8
    labels = ([1] * 3 + [0] * 3) * 8
    found = references(corpus_of(texts, labels, [0] * 36 + [2] * 12), {}, ("test",))
    assert [one["name"] for one in found] == [LARGEST, WORDS]
    assert found[1]["test"]["accuracy"] == 1.0
    assert found[0]["test"]["accuracy"] == 0.5


def test_the_largest_class_is_that_of_the_training_texts() -> None:
    corpus = corpus_of(["a b", "a c", "b c", "c d", "b", "c"], [1, 1, 0, 0, 0, 1], [0, 0, 0, 2, 2, 2])
    (largest, _) = references(corpus, {}, ("test",))
    assert largest["test"]["accuracy"] == pytest.approx(1 / 3)
    assert largest["test"]["recall"] == pytest.approx(1 / 2)


@pytest.mark.parametrize(
    ("labels", "split", "names"),
    [
        ([0, 0, 0, 1], [0, 0, 0, 2], [LARGEST]),  # one class in train
        ([0, 1, 0, 1], [0, 0, 1, 1], [LARGEST, WORDS]),  # nothing to test
        ([0, 1, 0, 1], [2, 2, 1, 1], []),  # nothing to learn
    ],
)
def test_nothing_breaks_where_a_part_or_a_class_is_missing(
    labels: list[int], split: list[int], names: list[str]
) -> None:
    found = references(corpus_of(["one", "two", "three", "two one"], labels, split), {}, PARTS)
    assert [one["name"] for one in found] == names
    for one in found:
        assert all(np.isfinite(value) for part in PARTS for value in one[part].values())


def test_a_class_that_train_lacks_counts_as_never_found() -> None:
    corpus = corpus_of(["red car", "blue sky", "red car", "big dog"], [0, 1, 0, 2], [0, 0, 2, 2], classes=3)
    assert references(corpus, {}, ("test",))[1]["test"]["accuracy"] == 0.5


def test_each_arm_is_compared_on_the_same_texts(texts: Dataset) -> None:
    corpus = encode(texts, 30_000)
    truth = corpus.labels[corpus.rows("test")]
    _, words = references(corpus, {"right": truth, "wrong": 1 - truth}, PARTS)
    right, wrong = words["same_texts"]
    wins = round(words["test"]["accuracy"] * len(truth))
    assert (right["arm"], right["only_arm"], right["only_reference"]) == ("right", len(truth) - wins, 0)
    assert (wrong["arm"], wrong["only_arm"], wrong["only_reference"]) == ("wrong", 0, wins)
    assert wrong["p_value"] < 0.001


@pytest.mark.parametrize(("exact", "most", "name"), [(0, 10**9, WORDS), (0, 0, BAYES)])
def test_large_data_gets_a_quicker_model(
    texts: Dataset, monkeypatch: pytest.MonkeyPatch, exact: int, most: int, name: str
) -> None:
    monkeypatch.setattr(reference, "EXACT", exact)
    monkeypatch.setattr(reference, "PASS", most)
    found = references(encode(texts, 30_000), {}, PARTS)[1]
    assert found["name"] == name
    assert found["test"]["accuracy"] > references(encode(texts, 30_000), {}, PARTS)[0]["test"]["accuracy"] + 0.1


def test_equal_texts_give_equal_numbers_in_every_process() -> None:
    code = """
import json
from dynmask_core.data import build, planted
from dynmask_core.data.encode import encode
from dynmask_core.evaluate import reference
corpus = encode(build(planted(texts=120, noise_words=40).table)[0], 30_000)
exact = reference.references(corpus, {}, ("test", "validation"))
reference.EXACT = 0
found = exact + reference.references(corpus, {}, ("test", "validation"))
print(json.dumps([{name: value for name, value in one.items() if name != "seconds"} for one in found]))
"""
    said = set()
    for seed, threads in (("1", "1"), ("2", "4")):
        environment = {"PYTHONHASHSEED": seed, "OMP_NUM_THREADS": threads, "OPENBLAS_NUM_THREADS": threads}
        ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
        said.add(ran.stdout)
    assert len(said) == 1
    assert len(json.loads(said.pop())) == 4


def test_a_run_says_what_its_references_got(settings: Any, dataset: Dataset, tmp_path: Any) -> None:
    run = Run.create(tmp_path, settings(epochs=1), dataset)
    execute(run.path)
    stored = run.result()
    assert stored is not None
    assert [one["name"] for one in stored["reference"]] == [LARGEST, WORDS]
    assert [one["arm"] for one in stored["reference"][1]["same_texts"]] == list(run.config().arms)


def test_a_task_without_classes_has_none(dataset: Dataset) -> None:
    from toys import Alternate, registered

    from dynmask_core.config import TASK_SETTINGS, DataConfig, ExperimentConfig, ModelConfig, TrainConfig

    with registered():
        config = ExperimentConfig(
            DataConfig("planted", max_tokens=64),
            ModelConfig(dim=16, heads=2, layers=2),
            train=TrainConfig(epochs=1, device="cpu"),
            arms=("none",),
            task=TASK_SETTINGS[Alternate.name](),
        )
        (*_, end) = fit(config, dataset)
    assert isinstance(end, Finished)
    assert end.reference == []


def test_pictures_are_compared_with_a_linear_model_of_their_pixels() -> None:
    data = build(load_sample("digits"), max_rows=300)[0]
    config = fit_to(ExperimentConfig(DataConfig("sample:digits")), data)
    corpus = make_input(config).encode(data)
    pixels = np.stack([pixels_of(sample).reshape(4, 2, 4, 2).swapaxes(1, 2).ravel() for sample in data.texts])
    train, test = corpus.rows("train"), corpus.rows("test")
    scaler = StandardScaler().fit(pixels[train])
    model = LogisticRegression(C=0.1, tol=1e-3).fit(scaler.transform(pixels[train]), data.labels[train])
    expected = model.score(scaler.transform(pixels[test]), data.labels[test])
    largest, linear = references(corpus, {}, PARTS)
    assert (largest["name"], linear["name"]) == (LARGEST, NUMBERS)
    assert linear["test"]["accuracy"] == pytest.approx(expected)
    assert linear["test"]["accuracy"] > 0.8
