"""Texts as word pieces: what is read, what is drawn, and what no mask may touch."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from small_encoders import byte_level, save, settings, small_bert, weights

from dynmask_core.config import DataConfig
from dynmask_core.data import build, planted
from dynmask_core.data.dataset import Dataset
from dynmask_core.data.encoder_folder import tokenizer_text
from dynmask_core.data.spans import given_spans
from dynmask_core.data.tokenize import CLS, MASK, PAD, SEP, SPECIAL_TOKENS, UNK, Vocabulary
from dynmask_core.errors import InputError
from dynmask_core.inputs import statistics
from dynmask_core.inputs.pieces import Pieces
from dynmask_core.inputs.wordpieces import ENDS, pieces_of
from dynmask_core.tasks.unit_marks import Truth


def reader(max_tokens: int = 40) -> Pieces:
    return Pieces(DataConfig(max_tokens=max_tokens), None, str(small_bert()))


@pytest.fixture(scope="module")
def byte_pieces(tmp_path_factory: pytest.TempPathFactory) -> Pieces:
    tokenizer, size = byte_level(), byte_level().get_vocab_size()
    folder = save(tmp_path_factory.mktemp("bytes"), tokenizer, settings(size), weights(size))
    return Pieces(DataConfig(max_tokens=60), None, str(folder))


def drawn(pieces: Pieces, text: str, limit: int | None = None) -> list[str]:
    shown = pieces.show(text, limit)
    return [shown.text[a:b] for a, b in shown.spans]


def test_pieces_are_drawn_as_they_are_written() -> None:
    assert drawn(reader(), "GOOD  movie, Bád!") == ["GOOD", "mo", "vie", ",", "Bád", "!", ENDS]
    assert drawn(reader(), "不好看") == ["不", "好", "看", ENDS]


def test_special_units_have_our_numbers() -> None:
    pieces = reader()
    ids = pieces.read("good zzz movie")
    assert ids[0] == CLS
    assert ids[2] == UNK
    assert ids[-1] == SEP
    words = pieces.cutter.words
    assert words[: len(SPECIAL_TOKENS)] == SPECIAL_TOKENS
    assert words[SEP] == ENDS
    assert [words[i] for i in ids[3:5]] == ["mo", "##vie"]
    known = {row: piece for piece, row in pieces.cutter.tokenizer.get_vocab().items()}
    assert [known[int(row)] for row in pieces.cutter.rows] == list(words)
    assert pieces.unknown_units("good ZZZ movie") == ["ZZZ"]


def test_a_text_without_pieces_is_its_first_unit_alone() -> None:
    for text in ("", "  ", "\u200b"):
        assert reader().read(text).tolist() == [CLS]
        assert reader().show(text).spans == []


def test_the_last_unit_is_there_however_short_the_text_is_cut() -> None:
    for limit in (2, 3):
        ids = reader().read("good bad good bad", limit)
        assert len(ids) == limit + 1
        assert ids[-1] == SEP
    assert reader().read("good bad", 1).tolist() == [CLS]


@pytest.mark.parametrize("name", ["[CLS]", "[SEP]", "[MASK]", "[PAD]", "[UNK]"])
def test_a_text_cannot_write_special_units(name: str) -> None:
    ids = reader().read(f"good {name} bad")
    assert not {PAD, MASK, CLS, SEP} & {int(i) for i in ids[1:-1]}


def test_masks_may_touch_words_and_unknown_words_and_nothing_else() -> None:
    pieces = reader()
    batch = pieces.batch([pieces.read("good zzz"), pieces.read("la")], None, torch.device("cpu"))  # type: ignore[arg-type]
    assert batch.attention_mask.tolist() == [[True] * 4, [True, True, True, False]]
    assert batch.special.tolist() == [[True, False, False, True], [True, False, True, True]]


def test_pieces_of_a_word_belong_together() -> None:
    assert reader().word_ids("good movie, bad").tolist() == [-1, 0, 1, 1, 2, 3, -1]


def test_what_strategies_know_of_the_texts_is_without_the_last_unit() -> None:
    pieces = reader()
    known = statistics(pieces.encode(build(planted(texts=40, noise_words=10).table)[0]))
    assert known.specials == SEP + 1
    assert SEP not in known.tokens
    assert known.lengths.sum() == len(known.tokens)


def test_bytes_of_one_character_are_drawn_apart(byte_pieces: Pieces) -> None:
    shown = byte_pieces.show("a 不 b")
    assert len(shown.spans) == len(byte_pieces.read("a 不 b")) - 1
    assert "".join(shown.text[a:b] for a, b in shown.spans[:-1]).replace("▁", "") == "a不b"
    assert shown.text.removesuffix(f" {ENDS}").replace("▁", "") == "a 不 b"


def test_pieces_of_all_tokenizers_are_written_alike(byte_pieces: Pieces) -> None:
    words = [byte_pieces.cutter.words[i] for i in byte_pieces.read("good good")[1:-1]]
    assert words == ["##good", "good"]


@given(st.text(max_size=60))
def test_any_text_is_drawn_whole_and_in_order(text: str) -> None:
    for max_tokens in (40, 5):
        pieces = reader(max_tokens)
        shown, ids = pieces.show(text), pieces.read(text)
        assert len(shown.spans) == len(ids) - 1 <= max_tokens
        assert len(pieces.word_ids(text)) == len(ids)
        ends = [0, *(end for span in shown.spans for end in span)]
        assert ends == sorted(ends)
        assert all(a < b for a, b in shown.spans)


def test_a_run_that_has_started_never_looks_at_the_folder(tmp_path: Path) -> None:
    nothing = Vocabulary(SPECIAL_TOKENS, np.zeros(4))
    with pytest.raises(InputError):
        Pieces(DataConfig(), nothing, str(small_bert())).read("good")


def test_without_the_library_the_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tokenizers", None)
    content = tokenizer_text(str(small_bert())) + " "
    with pytest.raises(InputError, match=r"dynmask\[pretrained\]"):
        pieces_of(content)


@pytest.mark.parametrize("words", [["ba", "bobu", "la"], ["😀😀", "ba", "中文字", "bo"], ["é"], ["ba"] * 5])
@pytest.mark.parametrize("kind", ["bert", "bytes"])
def test_the_mark_of_a_word_stands_at_its_first_piece_and_none_at_the_end(
    words: list[str], kind: str, byte_pieces: Pieces
) -> None:
    pieces = byte_pieces if kind == "bytes" else reader()
    text, tags = " ".join(words), [f"T{place}" for place in range(len(words))]
    spans = given_spans(words)[0]
    nothing = np.zeros(1, dtype=np.int64)
    data = Dataset("x", [text], nothing, (), nothing.astype(np.int8), [spans], targets=[" ".join(tags)])
    units = pieces.read(text)
    found = Truth.of(data, [len(units)], pieces, tags).units[0]
    assert len(found) == len(units)
    assert found[0] == found[-1] == -1
    assert units[-1] == SEP
    assert [int(code) for code in found if code >= 0] == list(range(len(words)))
    starts = pieces.places(data, 0)[:, 0]
    for place, code in enumerate(found.tolist()):
        if code >= 0:
            assert starts[place - 1] == spans[code][0]
