"""Whole words of scripts without spaces, and Hugging Face's Trainer with real tokenizers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import rjieba
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from dynmask_core.mlm import IGNORED, DataCollatorForDynamicMasking
from dynmask_core.mlm.pieces import Pieces

transformers = pytest.importorskip("transformers")
tokenizers = pytest.importorskip("tokenizers")

SENTENCE = "今天下午我们在图书馆讨论了机器翻译的历史和未来"
SPECIALS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


def bert(*texts: str, more: tuple[str, ...] = ()) -> Any:
    """A tokenizer like that of bert-base-chinese: each Chinese character is a token, other words have pieces."""
    letters = sorted({letter for text in texts for letter in text if not letter.isspace()})
    pieces = dict.fromkeys([*SPECIALS, *letters, *(f"##{letter}" for letter in letters), *more])
    model = tokenizers.models.WordPiece({piece: i for i, piece in enumerate(pieces)}, unk_token="[UNK]")
    made = tokenizers.Tokenizer(model)
    made.normalizer = tokenizers.normalizers.BertNormalizer(strip_accents=False)
    made.pre_tokenizer = tokenizers.pre_tokenizers.BertPreTokenizer()
    made.post_processor = tokenizers.processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    pad, unk, cls, sep, mask = SPECIALS
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=made, pad_token=pad, unk_token=unk, cls_token=cls, sep_token=sep, mask_token=mask
    )


def words_of(tokenizer: Any, text: str, offsets: bool) -> list[str]:
    """The words that the collator finds, as they stand in the text."""
    made = tokenizer(text, return_offsets_mapping=True)
    ids, places = np.array([made["input_ids"]]), np.array([made["offset_mapping"]])
    special = np.isin(ids, tokenizer.all_special_ids)
    vocabulary = sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])
    found = Pieces([token for token, _ in vocabulary]).words(ids, special, places if offsets else None)
    if found is None:
        found = np.where(special, -1, np.arange(ids.shape[1]))
    spans: dict[int, list[tuple[int, int]]] = {}
    for number, place in zip(found[0].tolist(), made["offset_mapping"], strict=True):
        if number >= 0:
            spans.setdefault(number, []).append(place)
    return [text[own[0][0] : own[-1][1]] for own in spans.values()]


BOTH = pytest.mark.parametrize("offsets", [True, False], ids=["offsets", "marks"])


@BOTH
def test_chinese_words_are_those_of_the_dictionary(offsets: bool) -> None:
    expected = [word for word, _, _ in rjieba.tokenize(SENTENCE)]
    assert words_of(bert(SENTENCE), SENTENCE, offsets) == expected
    assert "图书馆" in expected


@BOTH
def test_chinese_beside_other_scripts_keeps_the_words_of_both(offsets: bool) -> None:
    text = "我们 use transformers 讨论，很好。ok"
    tokenizer = bert(text, more=("use", "trans"))
    assert words_of(tokenizer, text, offsets) == ["我们", "use", "transformers", "讨论", "，", "很", "好", "。", "ok"]


@pytest.mark.parametrize("text", ["ฉันชอบอ่าน", "これはペンです", "ຂ້ອຍມັກ"])
@BOTH
def test_pieces_of_other_scripts_without_spaces_are_words_by_themselves(text: str, offsets: bool) -> None:
    made = tokenizers.Tokenizer(
        tokenizers.models.Unigram([("<unk>", 0.0), *((letter, -1.0) for letter in sorted(set(text)))], 0)
    )
    tokenizer = transformers.PreTrainedTokenizerFast(tokenizer_object=made, unk_token="<unk>")
    assert words_of(tokenizer, text, offsets) == list(text)
    pieces = bert(text, more=tuple(f"##{letter}" for letter in text))
    assert max(map(len, words_of(pieces, text, offsets))) == 1


def test_sentence_pieces_that_hold_several_characters_follow_the_dictionary() -> None:
    tokens = ["<pad>", "▁", "▁图书", "馆", "里", "有书", "▁a", "b"]
    found = Pieces(tokens).words(np.array([[2, 3, 4, 5, 6, 7]]), np.zeros((1, 6), dtype=bool))
    assert found is not None
    assert found[0, 0] == found[0, 1]  # 图书馆
    assert found[0, 1] != found[0, 2]
    assert found[0, 4] == found[0, 5]  # ab
    assert len(set(found[0].tolist())) == 4
    apart = Pieces([*tokens, "▁馆"]).words(np.array([[2, 8]]), np.zeros((1, 2), dtype=bool))
    assert apart is not None
    assert apart[0, 0] != apart[0, 1]  # a space stands between them
    begun = Pieces(tokens).words(np.array([[7, 1, 3, 5]]), np.zeros((1, 4), dtype=bool))
    assert begun is not None
    assert begun[0, 1] == begun[0, 2]  # the space belongs to the word behind it
    assert len(set(begun[0].tolist())) == 3


def test_byte_level_pieces_are_read_as_characters() -> None:
    made = tokenizers.ByteLevelBPETokenizer()
    made.train_from_iterator(["图书馆 图书馆 很好 very good é"] * 5, vocab_size=300, min_frequency=1)
    tokenizer = transformers.PreTrainedTokenizerFast(tokenizer_object=made._tokenizer)
    found = words_of(tokenizer, " very图书馆很好 good", offsets=True)
    assert [word.strip() for word in found] == ["very", "图书馆", "很", "好", "good"]
    # The bytes of a character that was never seen stay together.
    for text in (" 😀 good", " 好😀 good", " 龘好 good"):
        found = words_of(tokenizer, text, offsets=True)
        assert [word.strip() for word in found] == [*text.split()[0], "good"]


def test_a_vocabulary_without_such_scripts_is_read_as_before() -> None:
    ids, special = np.array([[0, 1, 2, 1]]), np.zeros((1, 4), dtype=bool)
    assert Pieces(["[CLS]", "a", "##b"]).words(ids, special).tolist() == [[1, 2, 2, 3]]  # type: ignore[union-attr]
    assert Pieces(["a", "b", "c"]).words(ids, special) is None


chinese = st.text(st.sampled_from("今天下午我们在图书馆讨论机器 翻译abc，ペン"), max_size=30)


@settings(max_examples=60, deadline=None)
@given(st.lists(chinese, min_size=1, max_size=4))
def test_batches_give_each_text_the_words_it_has_alone(texts: list[str]) -> None:
    tokenizer = bert(*texts, "今")
    tokens = [token for token, _ in sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])]
    made, pieces = [tokenizer(text)["input_ids"] for text in texts], Pieces(tokens)
    width = max(map(len, made))
    ids = np.array([[*one, *[0] * (width - len(one))] for one in made])
    together = pieces.words(ids, np.isin(ids, tokenizer.all_special_ids))
    for row, one in enumerate(made):
        alone = pieces.words(np.array([one]), np.isin([one], tokenizer.all_special_ids))
        if together is None or alone is None:
            continue
        same = [np.unique(found, return_inverse=True)[1].tolist() for found in (together[row, : len(one)], alone[0])]
        assert same[0] == same[1]


# Masks


@pytest.mark.parametrize("columns", [("offset_mapping",), ()], ids=["offsets", "marks"])
@pytest.mark.parametrize("selection", ["whole-word", "span"])
def test_about_15_percent_of_chinese_words_are_hidden_each_as_a_whole(selection: Any, columns: tuple[str, ...]) -> None:
    tokenizer = bert(SENTENCE)
    made = tokenizer(SENTENCE, return_offsets_mapping=True)
    example = {key: made[key] for key in ("input_ids", "attention_mask", *columns)}
    collator = DataCollatorForDynamicMasking(tokenizer, selection=selection)
    words = [word for word, _, _ in rjieba.tokenize(SENTENCE)]
    ends = np.cumsum([len(word) for word in words])
    hidden = 0
    for epoch in range(200):
        collator.set_epoch(epoch)
        asked = (collator([example])["labels"][0, 1:-1] != IGNORED).numpy()
        for start, end in zip([0, *ends[:-1]], ends, strict=True):
            assert len(set(asked[start:end].tolist())) == 1
            hidden += int(asked[start])
        assert 0 < asked.sum() < len(asked) * 0.7
    assert hidden / (200 * len(words)) == pytest.approx(0.15, abs=0.02)


# Wrong input, in one sentence


def texts(**more: Any) -> list[dict[str, Any]]:
    return [{"input_ids": [2, 5, 6, 3], "attention_mask": [1, 1, 1, 1], **more} for _ in range(2)]


@pytest.mark.parametrize(
    ("examples", "said"),
    [
        (texts(text="今天"), r"'text' holds strings.*remove_columns\('text'\)"),
        (texts(lang=None), "'lang' holds entries of different"),
        ([*texts(n=[1, 2]), *texts(n=[1])], "'n' holds entries of different shapes"),
        (texts(input_ids=torch.tensor([[2, 5, 6, 3]])), r"'input_ids'.*shape \(1, 4\).*without return_tensors"),
        (texts(input_ids=[[2, 5, 6, 3]]), "'input_ids'.*list of lists.*without return_tensors"),
        (texts(attention_mask=torch.ones(1, 4, dtype=torch.int64)), r"'attention_mask'.*shape \(1, 4\)"),
        (texts(input_ids="今天天气"), "'input_ids'.*strings.*tokenize"),
        (texts(input_ids=["今", "天", "天", "气"]), "'input_ids'.*strings.*tokenize"),
        (texts(input_ids=None), "'input_ids'.*list of whole numbers"),
        (texts(input_ids=[2.5, 5, 6, 3]), "'input_ids'.*list of whole numbers"),
        (texts(token_type_ids=[0, 0]), "'token_type_ids'.*different lengths"),
        (texts(special_tokens_mask=[0, "a", 0, 0]), "'special_tokens_mask'.*strings"),
        (texts(offset_mapping=[0, 1, 2, 3]), "'offset_mapping' cannot be read"),
        (texts(word_ids=[None, 0]), "'word_ids'.*different lengths"),
        ([{"text": "今天"}], "'input_ids' is missing: tokenize"),
        ([*texts(sample=1), *texts()], "'sample' is missing in an example"),
    ],
)
def test_a_column_that_cannot_be_read_is_named(examples: list[dict[str, Any]], said: str) -> None:
    collator = DataCollatorForDynamicMasking(bert("今天"), selection="whole-word")
    with pytest.raises(ValueError, match=said) as caught:
        collator(examples)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    ("argument", "said"),
    [("mlm", "always hides tokens"), ("whole_word_mask", "selection='whole-word'"), ("mlm_probabilty", "docstring")],
)
def test_an_unknown_argument_is_named_with_what_to_write_instead(argument: str, said: str) -> None:
    with pytest.raises(TypeError, match=f"no argument '{argument}'.*{said}"):
        DataCollatorForDynamicMasking(bert("今"), **{argument: True})


# End to end


class Epochs(transformers.TrainerCallback):  # type: ignore[misc]
    """As the collator's docstring tells: says which epoch begins."""

    def __init__(self, collator: DataCollatorForDynamicMasking) -> None:
        self.collator = collator
        self.told: list[float] = []

    def on_epoch_begin(self, arguments: Any, state: Any, control: Any, **_: Any) -> None:
        self.collator.set_epoch(state.epoch, state.global_step / state.max_steps)
        self.told.append(state.epoch)


@pytest.mark.parametrize("keep", [True, False], ids=["columns kept", "columns dropped"])
def test_hugging_faces_trainer_trains_with_it(keep: bool, tmp_path: Any) -> None:
    pytest.importorskip("accelerate")
    tokenizer = bert(SENTENCE, "ok good")
    given = []
    for number, text in enumerate([SENTENCE, SENTENCE[:9], "ok 今天", "good ok"]):
        made = tokenizer(text, return_offsets_mapping=True, return_special_tokens_mask=True)
        given.append({**{key: list(made[key]) for key in made}, "sample": number})
    collator = DataCollatorForDynamicMasking(tokenizer, "0.5..0.2", selection="whole-word")
    seen: list[dict[str, torch.Tensor]] = []
    sizes = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    model = transformers.BertForMaskedLM(transformers.BertConfig(vocab_size=len(tokenizer), **sizes))
    arguments = transformers.TrainingArguments(
        str(tmp_path), num_train_epochs=2, per_device_train_batch_size=4, use_cpu=True, report_to=[],
        save_strategy="no", remove_unused_columns=not keep, dataloader_num_workers=0, disable_tqdm=True,
    )  # fmt: skip
    epochs = Epochs(collator)

    class Watched(transformers.Trainer):  # type: ignore[misc]
        def compute_loss(self, model: Any, inputs: Any, *rest: Any, **more: Any) -> Any:
            seen.append({key: value.clone() for key, value in inputs.items()})
            return super().compute_loss(model, inputs, *rest, **more)

    trained = Watched(model, arguments, data_collator=collator, train_dataset=given, callbacks=[epochs]).train()
    assert np.isfinite(trained.training_loss)
    assert [int(epoch) for epoch in epochs.told] == [0, 1]
    assert len(seen) == 2
    assert all({"input_ids", "attention_mask", "labels"} <= set(batch) for batch in seen)
    assert not any({"sample", "offset_mapping", "special_tokens_mask"} & set(batch) for batch in seen)
    shares = [float((batch["labels"] != IGNORED).float().sum() / batch["attention_mask"].sum()) for batch in seen]
    assert 0 < shares[1] < shares[0] < 0.7
