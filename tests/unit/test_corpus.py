"""Plain text to learn a language from: what becomes of its lines, and which part they are for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dynmask_core.config import DataConfig
from dynmask_core.data import Dataset, Table, list_samples, load_sample, read_bytes, read_path
from dynmask_core.data.corpus import LEAST, CorpusReport, build_corpus
from dynmask_core.data.load import load_corpus
from dynmask_core.data.samples import list_corpora
from dynmask_core.data.tokenize import Tokenizer
from dynmask_core.errors import InputError


def table(lines: list[str], **columns: list[str]) -> Table:
    return Table(pd.DataFrame({**columns, "text": lines}, dtype=object), "csv", name="lines")


def prose(lines: int, seed: int = 0) -> list[str]:
    """So many different lines of seven words, each word in many of them."""
    rng = np.random.default_rng(seed)
    return [f"{' '.join(f'w{n}' for n in rng.integers(0, 40, 6))} line{seed}_{i}" for i in range(lines)]


def made(
    lines: list[str], evaluation: list[str] | None = None, seed: int = 0, **values: object
) -> tuple[Dataset, CorpusReport]:
    config = DataConfig("lines", **values)  # type: ignore[arg-type]
    return build_corpus(table(lines), config, seed, None if evaluation is None else table(evaluation))


def tokens(dataset: Dataset) -> list[list[str]]:
    """Of each text what stands at its spans."""
    return [
        [text[start:end] for start, end in spans.tolist()]
        for text, spans in zip(dataset.texts, dataset.spans, strict=True)
    ]


def of_part(dataset: Dataset, part: str) -> list[str]:
    return [dataset.texts[row] for row in dataset.rows(part)]


LONG = [
    "It was late, and nobody in the village knew where the old ferry had gone: not Anna, not David!",
    "河水从山里流下来，一直流到城里，镇上只有一条老街，街上的人都认识。",
    "ok 👍🏽 👩‍👩‍👧‍👦 🇨🇳🇫🇷 ❤️ done 我们🙂🙂都好 é̂ naïve don't 3.14 👍🏽👍🏽",
]


@pytest.mark.parametrize("tokenizer", ["words", "characters"])
@pytest.mark.parametrize("size", [1, 2, 5, 7, 100])
@pytest.mark.parametrize("line", LONG, ids=["english", "chinese", "emoji"])
def test_a_long_line_is_cut_into_pieces_and_loses_nothing(line: str, size: int, tokenizer: str) -> None:
    whole = Tokenizer(tokenizer).spans(line)  # type: ignore[arg-type]
    dataset, report = made([*prose(40), line], max_tokens=size, tokenizer=tokenizer)
    written = tokens(dataset)
    pieces = -(-len(whole) // size)
    assert [token for piece in written[-pieces:] for token in piece] == [line[a:b] for a, b in whole]
    assert all(1 <= len(piece) <= size for piece in written)
    lengths = [len(piece) for piece in written[-pieces:]]
    assert max(lengths) - min(lengths) <= 1
    # A piece is what stands in the line from its first token to its last.
    place = 0
    for text, spans in zip(dataset.texts[-pieces:], dataset.spans[-pieces:], strict=True):
        assert (spans[0, 0], spans[-1, 1]) == (0, len(text))
        place = line.index(text, place) + len(text)
    assert report.cut == (pieces > 1) + (40 if size < 7 else 0)
    assert report.texts == len(dataset)
    assert report.tokens == sum(map(len, written))


@settings(max_examples=40)
@given(st.lists(st.text("ab '.1中文河水。👍🏽‍👩\u0301\t", max_size=30), max_size=6), st.integers(1, 9))
def test_no_token_is_lost_whatever_the_lines_are(lines: list[str], size: int) -> None:
    everything = [*prose(40), *lines]
    dataset, report = made(everything, max_tokens=size)
    expected = [line.strip()[a:b] for line in everything for a, b in Tokenizer().spans(line.strip())]
    assert [token for piece in tokens(dataset) for token in piece] == expected
    assert all(1 <= len(spans) <= size for spans in dataset.spans)
    assert sum(report.dropped.values()) == sum(not Tokenizer().spans(line) for line in lines)
    assert report.tokens == len(expected)


def test_there_are_no_classes_and_no_test_texts() -> None:
    dataset, _ = made(prose(50))
    assert dataset.classes == ()
    assert set(dataset.split.tolist()) == {0, 1}
    assert not dataset.labels.any()


@pytest.mark.parametrize("seed", range(4))
def test_a_tenth_of_the_lines_is_for_validation_pieces_of_one_line_together(seed: int) -> None:
    lines = [" ".join(f"line{i} the" for _ in range(3 + i % 5)) for i in range(60)]
    dataset, report = made(lines, seed=seed, max_tokens=4)
    assert len(dataset) > 60
    parts: dict[str, set[str]] = {"train": set(), "validation": set()}
    for part, found in parts.items():
        found |= {token for text in of_part(dataset, part) for token in text.split() if token != "the"}
    assert not parts["train"] & parts["validation"]
    assert (len(parts["train"]), len(parts["validation"])) == (54, 6)
    assert report.parts == {part: len(of_part(dataset, part)) for part in parts}
    assert sum(report.parts.values()) == report.texts


@pytest.mark.parametrize("seed", range(4))
def test_lines_that_are_alike_stay_in_one_part(seed: int) -> None:
    lines = prose(100)
    again = [line.upper().replace(" ", "  ") for line in lines]
    dataset, report = made([*lines, *again, *lines[:30]], seed=seed)
    train, validation = ({" ".join(text.lower().split()) for text in of_part(dataset, p)} for p in report.parts)
    assert not train & validation
    assert report.shared == 0
    assert report.parts["validation"] == pytest.approx(23, abs=3)


def test_texts_to_evaluate_on_become_validation_and_the_corpus_is_for_training() -> None:
    lines, others = prose(50), prose(30, seed=1)
    dataset, report = made(lines, [*others, lines[3], lines[4].upper()], max_tokens=5)
    cut = [piece.split() for piece in of_part(dataset, "train")]
    assert [word for piece in cut for word in piece] == " ".join(lines).split()
    cut = [piece.split() for piece in of_part(dataset, "validation")]
    assert [word.lower() for piece in cut for word in piece] == " ".join([*others, lines[3], lines[4]]).split()
    assert report.parts == {"train": 100, "validation": 64}
    assert report.shared >= 4  # both pieces of two lines are training texts as well


def test_what_has_no_token_is_left_out_and_counted() -> None:
    lines = prose(50)
    dataset, report = made(["", *lines, "   ", "\t", " \u3000"])
    assert dataset.texts == lines
    assert report.dropped == {"empty_text": 4}
    assert report.texts == 50
    assert made(lines)[1].dropped == {}


def test_what_the_texts_to_evaluate_on_lose_is_counted_too() -> None:
    _, report = made(["", *prose(50)], ["", "", *prose(5, seed=1)])
    assert report.dropped == {"empty_text": 3}
    assert report.parts == {"train": 50, "validation": 5}


def test_a_sample_is_drawn_by_the_seed_and_keeps_the_order() -> None:
    lines = prose(200)
    dataset, report = made(lines, max_rows=60)
    assert len(dataset) == 60
    assert report.dropped == {"not_sampled": 140}
    places = [lines.index(text) for text in dataset.texts]
    assert places == sorted(set(places))
    assert places != list(range(60))
    assert made(lines, max_rows=60)[0].texts == dataset.texts
    assert made(lines, max_rows=60, seed=1)[0].texts != dataset.texts
    assert report.parts["validation"] == 6
    assert made(lines, max_rows=200)[1].dropped == {}


def test_a_sample_of_pieces_keeps_those_of_one_line_in_one_part_and_leaves_the_evaluation_whole() -> None:
    lines = [" ".join(f"line{i} the" for _ in range(8)) for i in range(60)]
    dataset, report = made(lines, max_tokens=4, max_rows=100)
    train, validation = ({text.split()[0] for text in of_part(dataset, part)} for part in report.parts)
    assert not train & validation
    assert len(dataset) == 100
    other = [f"the {line}" for line in prose(30, seed=1)]
    dataset, report = made(lines, other, max_tokens=8, max_rows=50)
    assert report.parts == {"train": 50, "validation": 30}
    assert of_part(dataset, "validation") == other


def test_too_little_text_is_said_with_what_there_is() -> None:
    def refused(lines: list[str], evaluation: list[str] | None = None) -> dict[str, object]:
        with pytest.raises(InputError) as caught:
            made(lines, evaluation)
        assert caught.value.code == "corpus_small"
        return caught.value.params

    few = [f"{' '.join(f'w{n}' for n in range(30))} line{i}" for i in range(LEAST)]
    assert refused(few) == {"texts": LEAST - 2, "words": 30, "least": LEAST}
    assert made([*few, "another line"], few)[1].parts["train"] == LEAST + 1
    once = [f"only{i} here{i} once{i}" for i in range(100)]
    assert refused(once) == {"texts": 90, "words": 0, "least": LEAST}
    repeated = " ".join(f"word{n}" for n in range(LEAST - 1))
    assert refused([f"{line} {repeated}" for line in once])["words"] == LEAST - 1
    assert made([f"{line} {repeated} and" for line in once])[1].parts["train"] == 90
    # Words of validation texts do not help.
    assert refused(once, prose(100))["words"] == 0
    assert refused([], prose(100))["texts"] == 0


def test_text_on_too_few_lines_to_spare_one_is_no_matter_of_its_size() -> None:
    with pytest.raises(InputError) as caught:
        made([" ".join(prose(200))], max_tokens=16)
    assert (caught.value.code, caught.value.params) == ("corpus_few_lines", {"lines": 1})


def test_an_evaluation_without_any_text_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        made(prose(100), [" "])
    assert caught.value.code == "no_validation_text"


def test_an_evaluation_of_which_nothing_could_be_asked_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        made(prose(100), ["zzz yyy", "line0_3 qqq"])  # line0_3 occurs once
    assert caught.value.code == "strange_validation_text"
    assert made(prose(100), ["zzz yyy", "W3 qqq"])[1].parts["validation"] == 2


def test_words_that_differ_in_case_alone_are_the_same_word() -> None:
    lines = [f"{'Ab' if i % 2 else 'aB'}{n} x{i}" for i in range(2) for n in range(LEAST)]
    assert made(lines, ["ab0 and more"])[1].parts["train"] == 2 * LEAST


def test_more_rows_than_there_may_be_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dynmask_core.data.limits.MAX_ROWS", 49)
    with pytest.raises(InputError) as caught:
        made(prose(50))
    assert caught.value.code == "too_many_rows"
    assert len(made(prose(50), max_rows=49)[0]) == 49


def test_equal_arguments_give_equal_data_and_another_seed_another_split() -> None:
    lines = [*prose(80), *LONG]

    def shown(seed: int) -> tuple[object, ...]:
        dataset, report = made(lines, seed=seed, max_tokens=6)
        spans = [array.tobytes() for array in dataset.spans]
        return dataset.texts, spans, dataset.split.tobytes(), dataset.labels.tobytes(), dataset.name, report

    assert shown(0) == shown(0)
    assert shown(0)[0] == shown(1)[0]
    assert shown(0)[2] != shown(1)[2]


def test_a_text_file_with_commas_is_one_text_per_line(tmp_path: Path) -> None:
    lines = [f"text,label {i}" if i else "text,label" for i in range(5)]
    lines += [f"{line},{'pos' if i % 2 else 'neg'}" for i, line in enumerate(prose(60))]
    for name, texts in (("prose.txt", len(lines)), ("PROSE.TXT", len(lines)), ("table.csv", len(lines) - 1)):
        (tmp_path / name).write_text("\n".join(lines))
        dataset, _ = load_corpus(DataConfig(str(tmp_path / name)), "", 0)
        assert len(dataset) == texts
        assert (dataset.texts == lines) == (name != "table.csv")
    assert read_path(tmp_path / "prose.txt").format == "csv"  # where nobody says that it is prose
    (tmp_path / "corpus.txt").write_text("\n".join(prose(60)))
    dataset, _ = load_corpus(DataConfig(str(tmp_path / "corpus.txt")), str(tmp_path / "prose.txt"), 0)
    assert of_part(dataset, "validation") == lines


def test_of_a_labelled_file_the_text_column_is_read(tmp_path: Path) -> None:
    lines, notes = prose(60), [f"note {i % 3} {line}" for i, line in enumerate(prose(60, seed=2))]
    frame = pd.DataFrame({"label": [f"class{i % 2}" for i in range(60)], "note": notes, "text": lines})
    path = tmp_path / "labelled.csv"
    frame.to_csv(path, index=False)
    assert load_corpus(DataConfig(str(path)), "", 0)[0].texts == lines
    assert load_corpus(DataConfig(str(path), text_column="note"), "", 0)[0].texts == notes
    # The other file need not have a column of that name.
    (tmp_path / "other.txt").write_text("\n".join(prose(30, seed=3)))
    dataset, _ = load_corpus(DataConfig(str(path), text_column="note"), str(tmp_path / "other.txt"), 0)
    assert of_part(dataset, "validation") == prose(30, seed=3)


def test_corpora_are_prose_first_and_what_has_labels_is_for_classes() -> None:
    corpora, labelled = list_corpora(), list_samples()
    assert all(sample.labelled for sample in labelled)
    assert not {"english_prose", "chinese_prose"} & {sample.name for sample in labelled}
    assert [sample.name for sample in corpora[:2]] == ["english_prose", "chinese_prose"]
    assert [sample for sample in corpora if sample.labelled] == [s for s in labelled if s.language]
    assert len({sample.name for sample in (*corpora, *labelled)}) == len(corpora) + 1  # planted has no language
    assert all(len(load_sample(sample.name)) for sample in corpora)


@pytest.mark.parametrize("name", ["english_prose", "chinese_prose"])
def test_bundled_prose_is_a_corpus_of_which_nothing_is_lost(name: str) -> None:
    dataset, report = load_corpus(DataConfig(f"sample:{name}", max_tokens=128), "", 0)
    assert report.dropped == {}
    assert report.shared == 0
    assert report.parts["validation"] == round(len(load_sample(name)) / 10)
    assert len(dataset) == len(load_sample(name))


def test_a_column_that_is_not_there_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        made(prose(100), text_column="nope")
    assert caught.value.code == "column_missing"


def test_rows_that_could_not_be_read_are_counted_as_dropped() -> None:
    rows = "".join(f"{'ab'[i % 2]},w{i % 30} w{i % 7} w{i % 30}\n" for i in range(100)) + "a,b,c,d\n" * 3
    assert build_corpus(read_bytes(f"label,text\n{rows}".encode(), "a.csv"), DataConfig("a.csv"), 0)[1].dropped == {
        "malformed": 3
    }


def test_lines_that_only_say_missing_are_named_and_left_out_on_request() -> None:
    lines = [*prose(40), "nan", "N/A", "nan", "#REF!"]
    _, report = made(lines)
    assert [warning.code for warning in report.warnings] == ["errors_as_texts", "missing_texts"]
    assert report.to_json()["warnings"][1].count("nan (2), N/A (1)") == 1
    assert report.warnings[1].remedies[0].config == {"drop_markers": True}
    dataset, report = made(lines, drop_markers=True)
    assert report.dropped == {"empty_text": 4}
    assert len(dataset) == 40


def test_a_guessed_column_of_a_corpus_is_said() -> None:
    texts = pd.DataFrame({"a": prose(40), "b": prose(40, seed=1)}, dtype=object)
    _, report = build_corpus(Table(texts, "csv"), DataConfig("lines"), 0)
    (warning,) = report.warnings
    assert (warning.code, dict(warning.remedies[0].config)) == ("column_guessed", {"text_column": "b"})
    assert build_corpus(Table(texts, "csv"), DataConfig("lines", text_column="b"), 0)[1].warnings == ()
