"""Texts that come with the project: samples, planted texts, the template."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dynmask_core.data import build, guess, list_samples, load_sample, planted, read_bytes, resolve
from dynmask_core.data.samples import samples_folder
from dynmask_core.data.template import template_csv
from dynmask_core.data.tokenize import Tokenizer


@pytest.mark.parametrize("sample", list_samples(), ids=lambda sample: sample.name)
def test_every_sample_is_clean_enough_to_train_on(sample) -> None:  # type: ignore[no-untyped-def]
    if sample.file is not None and not (samples_folder() / sample.file).is_file():
        pytest.skip(f"{sample.file} is not in {samples_folder()}")
    table = resolve(f"sample:{sample.name}")
    dataset, report = build(table)
    assert table.name == dataset.name == sample.name
    assert report.dropped == {}
    assert len(report.classes) >= 2
    assert min(report.parts.values()) > 0


def test_the_fruit_sample_begins_with_the_articles_four_words() -> None:
    frame = load_sample("fruit").frame
    assert frame.values.tolist()[:4] == [
        ["apple", "positive"],
        ["banana", "negative"],
        ["orange", "positive"],
        ["mango", "negative"],
    ]
    assert frame["token"].is_unique
    assert all(len(Tokenizer().spans(token)) == 1 for token in frame["token"])


def test_a_source_without_the_sample_prefix_is_a_file(tmp_path: Path) -> None:
    path = tmp_path / "fruit"
    path.write_text("text,label\na,b\n")
    assert resolve(str(path)).frame["text"].tolist() == ["a"]


@settings(max_examples=25, deadline=None)
@given(
    st.integers(2, 4),
    st.floats(0.2, 0.8),
    st.floats(0, 1),
    st.floats(0, 0.5),
    st.floats(0, 1.5),
    st.integers(0, 10_000),
)
def test_planted_truth_holds(
    classes: int, balance: float, strength: float, flip: float, zipf: float, seed: int
) -> None:
    made = planted(
        texts=60,
        classes=classes,
        balance=balance,
        strength=strength,
        flip=flip,
        zipf=zipf,
        length=(3, 6),
        seed=seed,
    )
    frame, tokens = made.table.frame, made.table.tokens
    assert tokens is not None
    assert len(frame) == len(tokens) == len(made.rationale) == 60
    assert len(made.keywords) == 10
    assert set(made.keywords.values()) == set(range(classes))
    labels = frame["label"].tolist()
    for text, label, own, marks, flipped in zip(
        frame["text"], labels, tokens, made.rationale, made.flipped, strict=True
    ):
        assert text.split() == own
        assert 3 <= len(own) <= 6
        speaks = {made.keywords[word] for word, mark in zip(own, marks, strict=True) if mark}
        assert len(speaks) == 1, "the marked words speak for one class: the text's own"
        truth = speaks.pop()
        assert (label == f"class_{truth}") != flipped
        others = {made.keywords[w] for w, mark in zip(own, marks, strict=True) if not mark and w in made.keywords}
        assert truth not in others
        assert strength < 1 or not others
        assert 1 <= sum(word in made.keywords for word in own) <= 2


def test_planted_counts_are_exact_and_words_are_all_different() -> None:
    made = planted(texts=1000, balance=0.7)
    assert made.table.frame["label"].value_counts().to_dict() == {"class_0": 700, "class_1": 300}
    words = {word for own in made.table.tokens or [] for word in own} | made.keywords.keys()
    assert len(words) == 210
    assert all(len(word) == 6 and word.isalpha() for word in words)


def test_planted_texts_are_decided_by_the_seed() -> None:
    first, again, other = (planted(texts=20, seed=seed).table.frame for seed in (0, 0, 1))
    assert first.equals(again)
    assert not first.equals(other)


def test_planted_marks_reach_the_data_set() -> None:
    made = planted(texts=40)
    dataset, _ = build(made.table)
    assert dataset.rationale is not None
    assert all(np.array_equal(a, b) for a, b in zip(dataset.rationale, made.rationale, strict=True))
    tokenizer = Tokenizer()
    for text, spans in zip(dataset.texts, dataset.spans, strict=True):
        assert [tuple(span) for span in spans.tolist()] == tokenizer.spans(text)


def test_the_template_is_read_without_help() -> None:
    table = read_bytes(template_csv(), "template.csv")
    assert (table.encoding, len(table), table.malformed) == ("utf-8-sig", 6, 0)
    columns = guess(table).columns
    assert (columns.text, columns.label) == ("text", "label")


@pytest.mark.parametrize(
    ("name", "letters"), [("english_prose.txt", r"[ -~]+"), ("chinese_prose.txt", r"[^A-Za-z0-9]+")]
)
def test_prose_has_enough_lines_and_none_twice(name: str, letters: str) -> None:
    lines = (samples_folder() / name).read_text(encoding="utf-8").splitlines()
    assert len(lines) >= 1500
    assert len(set(lines)) == len(lines)
    assert all(re.fullmatch(letters, line) and line == line.strip() for line in lines)
