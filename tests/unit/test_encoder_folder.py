"""Which folders can be an encoder, and what is said of the others."""

from __future__ import annotations

import json
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from small_encoders import WORDS, bert, save, settings, small_bert, weights, word_piece

from dynmask_core.config import ExperimentConfig
from dynmask_core.data import Dataset
from dynmask_core.data import encoder_folder as folders
from dynmask_core.errors import InputError
from dynmask_core.inputs import fit_to, make_input
from dynmask_core.messages import LANGUAGES


class Opened:
    """A pickle that tells when it is opened."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (os.mkdir, ("opened",))


def read(folder: Path, dataset: Dataset) -> None:
    """All that a run reads of it."""
    config = fit_to(ExperimentConfig(input="pieces", encoder=str(folder)), dataset)
    reader = make_input(config)
    reader.encode(dataset)
    reader.weights()


def without(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


def written(name: str, content: bytes) -> Callable[[Path], None]:
    return lambda folder: (folder / name).write_bytes(content) and None


def told(**more: Any) -> Callable[[Path], None]:
    words = word_piece().get_vocab_size()
    return lambda folder: (folder / "config.json").write_text(json.dumps(settings(words, **more))) and None


def tensors(change: Callable[[dict[str, torch.Tensor]], Any]) -> Callable[[Path], None]:
    def apply(folder: Path) -> None:
        found = load_file(folder / "model.safetensors")
        change(found)
        save_file(found, folder / "model.safetensors")

    return apply


def pickled(folder: Path) -> None:
    without("model.safetensors")(folder)
    (folder / "pytorch_model.bin").write_bytes(pickle.dumps(Opened()))


WORD = "embeddings.word_embeddings.weight"
BROKEN: dict[str, tuple[Callable[[Path], None], str]] = {
    "no config": (without("config.json"), "encoder_lacks"),
    "no tokenizer": (without("tokenizer.json"), "encoder_lacks"),
    "no weights": (without("model.safetensors"), "encoder_lacks"),
    "a pickle": (pickled, "encoder_pickled"),
    "config is no JSON": (written("config.json", b"{"), "encoder_broken"),
    "config is no dict": (written("config.json", b"[1]"), "encoder_broken"),
    "config is nested": (written("config.json", b"[" * 100_000), "encoder_broken"),
    "config is large": (written("config.json", b" " * 2**21), "encoder_large"),
    "GPT-2": (told(model_type="gpt2"), "encoder_family"),
    "ALBERT": (told(model_type="albert"), "encoder_family"),
    "DeBERTa": (told(model_type="deberta-v2"), "encoder_family"),
    "T5": (told(model_type="t5"), "encoder_family"),
    "no family": (told(model_type=None), "encoder_family"),
    "a family that is no name": (told(model_type=["bert"]), "encoder_family"),
    "relative positions": (told(position_embedding_type="relative_key"), "encoder_setting"),
    "a decoder": (told(is_decoder=True), "encoder_setting"),
    "another activation": (told(hidden_act="silu"), "encoder_setting"),
    "a huge model": (told(hidden_size=10**9), "encoder_setting"),
    "many layers": (told(num_hidden_layers=10**6), "encoder_setting"),
    "a width that is text": (told(hidden_size="16"), "encoder_setting"),
    "heads that do not fit": (told(num_attention_heads=3), "encoder_setting"),
    "no epsilon": (told(layer_norm_eps=0), "encoder_setting"),
    "an epsilon that is NaN": (told(layer_norm_eps=float("nan")), "encoder_setting"),
    "few words": (told(vocab_size=5), "encoder_words"),
    "another size": (told(hidden_size=32), "encoder_broken"),
    "weights are no tensors": (written("model.safetensors", b"\x80\x04K\x01."), "encoder_broken"),
    "weights are cut": (lambda folder: os.truncate(folder / "model.safetensors", 3000), "encoder_broken"),
    "a weight is missing": (tensors(lambda found: found.pop("encoder.layer.1.output.dense.bias")), "encoder_broken"),
    "no weight has a known name": (tensors(lambda found: found.clear()), "encoder_broken"),
    "a weight is not a number": (tensors(lambda found: found[WORD].fill_(float("nan"))), "encoder_broken"),
    "a weight is whole": (tensors(lambda found: found.update({WORD: found[WORD].long()})), "encoder_broken"),
    "tokenizer is no JSON": (written("tokenizer.json", b"{}"), "bad_tokenizer"),
    "tokenizer is no text": (written("tokenizer.json", b"\xff\xfe\x00"), "encoder_broken"),
}


@pytest.mark.parametrize("how", BROKEN)
def test_a_folder_that_cannot_be_read_is_refused_in_one_sentence(
    how: str, tmp_path: Path, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    change, code = BROKEN[how]
    change(bert(tmp_path / "encoder"))
    with pytest.raises(InputError) as refused:
        read(tmp_path / "encoder", dataset)
    assert refused.value.code == code
    assert not (tmp_path / "opened").exists()
    for lang in LANGUAGES:
        assert refused.value.sentence(lang)


def test_another_family_is_named_with_what_can_be_read(tmp_path: Path) -> None:
    bert(tmp_path, model_type="albert")
    with pytest.raises(InputError, match=r"albert.*bert, roberta.*distilbert"):
        folders.architecture(str(tmp_path))


@pytest.mark.parametrize("folder", ["", "nowhere", "../nowhere"])
def test_a_folder_that_is_not_there_is_refused(folder: str) -> None:
    with pytest.raises(InputError, match="no folder"):
        folders.architecture(folder)


def test_pictures_have_no_pre_trained_encoder() -> None:
    from dynmask_core.data import build, load_sample

    pictures = build(load_sample("digits"), max_rows=60)[0]
    with pytest.raises(InputError, match="reads texts"):
        fit_to(ExperimentConfig(input="pieces", encoder=str(small_bert())), pictures)


def test_norms_with_the_names_of_the_first_bert_are_read(tmp_path: Path, dataset: Dataset) -> None:
    def rename(found: dict[str, torch.Tensor]) -> None:
        for name in [name for name in found if "LayerNorm" in name]:
            found[name.replace("weight", "gamma").replace("bias", "beta")] = found.pop(name)

    tensors(rename)(bert(tmp_path))
    read(tmp_path, dataset)


def test_the_file_of_a_whole_model_is_read(tmp_path: Path, dataset: Dataset) -> None:
    words = word_piece()
    size = words.get_vocab_size()
    whole = {f"bert.{name}": tensor for name, tensor in weights(size).items()}
    save(tmp_path, words, settings(size), {**whole, "cls.predictions.bias": torch.zeros(size)})
    read(tmp_path, dataset)


def test_half_precision_is_read(tmp_path: Path, dataset: Dataset) -> None:
    tensors(lambda found: found.update({name: tensor.bfloat16() for name, tensor in found.items()}))(bert(tmp_path))
    read(tmp_path, dataset)


def test_a_tokenizer_of_another_encoder_is_refused(tmp_path: Path, dataset: Dataset) -> None:
    bert(tmp_path)
    word_piece(tuple(f"more{i}" for i in range(len(WORDS)))).save(str(tmp_path / "tokenizer.json"))
    with pytest.raises(InputError, match="different encoders"):
        read(tmp_path, dataset)


def test_an_encoder_on_the_shelf_goes_by_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert folders.on_shelf() == []
    bert(tmp_path / "shelf" / "small")
    (tmp_path / "shelf" / "half").mkdir()
    bert(tmp_path / "elsewhere")
    monkeypatch.setenv(folders.SHELF, str(tmp_path / "shelf"))
    assert folders.on_shelf() == ["small"]
    assert folders.settled("small") == folders.settled(str(tmp_path / "shelf" / "small")) == "small"
    assert folders.settled(str(tmp_path / "elsewhere")) == str(tmp_path / "elsewhere")
    assert folders.folder_of("../elsewhere") == Path("../elsewhere")


def test_a_changed_folder_has_another_mark(tmp_path: Path) -> None:
    bert(tmp_path)
    before = folders.mark(str(tmp_path))
    assert folders.mark(str(tmp_path)) == before
    tensors(lambda found: found.update(more=torch.zeros(3)))(tmp_path)
    assert folders.mark(str(tmp_path)) != before
