"""Our encoder with the weights of others gives the numbers of theirs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from small_encoders import DIM, HEADS, INNER, LAYERS, byte_level, word_piece

from dynmask_core.config import ExperimentConfig
from dynmask_core.data import build, planted
from dynmask_core.inputs import fit_to, make_input
from dynmask_core.masks import MaskPlan
from dynmask_core.model import Classifier, Request

TEXTS = ("good bad film bo bu", "la", "movie bad, good! ba bo ba bo ba bo la film", "", "a good good film")
BERT = {"hidden_size": DIM, "num_attention_heads": HEADS, "num_hidden_layers": LAYERS, "intermediate_size": INNER}
ARCHITECTURES: dict[str, tuple[str, dict[str, Any]]] = {
    "bert": ("Bert", BERT),
    "bert with tanh": ("Bert", {**BERT, "hidden_act": "gelu_new", "layer_norm_eps": 1e-5}),
    "minilm": ("Bert", {**BERT, "num_hidden_layers": 3, "intermediate_size": 4 * DIM}),
    "roberta": ("Roberta", {**BERT, "type_vocab_size": 1, "pad_token_id": 1}),
    "xlm-roberta": ("XLMRoberta", {**BERT, "type_vocab_size": 1, "pad_token_id": 1}),
    "distilbert": ("DistilBert", {"dim": DIM, "n_heads": HEADS, "n_layers": LAYERS, "hidden_dim": INNER}),
}


def theirs(folder: Path, kind: str, head: bool) -> Any:
    """A random model of transformers, saved with its tokenizer."""
    import transformers

    name, sizes = ARCHITECTURES[kind]
    tokenizer = byte_level() if "Roberta" in name else word_piece()
    config = getattr(transformers, f"{name}Config")(
        vocab_size=tokenizer.get_vocab_size() + 3, max_position_embeddings=48, initializer_range=0.3, **sizes
    )
    torch.manual_seed(1)
    whole = getattr(transformers, f"{name}{'ForMaskedLM' if head else 'Model'}")(config).eval()
    with torch.no_grad():
        for weight in whole.parameters():
            weight.add_(torch.randn_like(weight) * 0.05)  # biases and norms, too, are not what they start as
    whole.save_pretrained(folder)
    tokenizer.save(str(folder / "tokenizer.json"))
    return getattr(whole, whole.base_model_prefix) if head else whole


def ours(folder: Path) -> tuple[Any, Classifier, ExperimentConfig]:
    data = build(planted(texts=40, noise_words=10).table)[0]
    config = fit_to(ExperimentConfig(input="pieces", encoder=str(folder)), data)
    reader = make_input(config)
    corpus = reader.encode(data)
    model = Classifier(reader.embedding(config.model, len(corpus.vocabulary)), config.model, 2).eval()
    missing, unexpected = model.load_state_dict(dict(reader.weights()), strict=False)
    assert not unexpected
    assert set(missing) == {"head.weight", "head.bias"}
    return reader, model, config


@pytest.mark.parametrize("head", [False, True], ids=["bare", "with-a-head"])
@pytest.mark.parametrize("kind", ARCHITECTURES)
def test_outputs_equal_those_of_transformers(kind: str, head: bool, tmp_path: Path) -> None:
    pytest.importorskip("transformers")
    other = theirs(tmp_path, kind, head)
    reader, model, _ = ours(tmp_path)
    units = [reader.read(text) for text in TEXTS]
    batch = reader.batch(units, model.embedding, torch.device("cpu"))
    with torch.no_grad():
        found = model.encode(batch.units, batch.attention_mask, Request(MaskPlan()))
        rows = torch.from_numpy(reader.cutter.rows)[batch.units]
        expected = other(input_ids=rows, attention_mask=batch.attention_mask.long()).last_hidden_state
    there = batch.attention_mask
    assert not there.all()
    torch.testing.assert_close(found.x[there], expected[there], atol=1e-4, rtol=0)
    # The same without padding.
    with torch.no_grad():
        alone = model.encode(batch.units[2:3, : len(units[2])], there[2:3, : len(units[2])], Request(MaskPlan())).x
    torch.testing.assert_close(alone[0], expected[2, : len(units[2])], atol=1e-4, rtol=0)


@pytest.mark.parametrize("kind", ["bert", "roberta"])
def test_texts_become_the_numbers_that_the_tokenizer_gives(kind: str, tmp_path: Path) -> None:
    pytest.importorskip("transformers")
    theirs(tmp_path, kind, head=False)
    reader, _, _ = ours(tmp_path)
    tokenizer = byte_level() if kind == "roberta" else word_piece()
    known = tokenizer.get_vocab()
    first, last = (known[name] for name in (("<s>", "</s>") if kind == "roberta" else ("[CLS]", "[SEP]")))
    for text in ("good bad film", "Film, no goood! 好看"):
        body = tokenizer.encode(text, add_special_tokens=False).ids
        np.testing.assert_array_equal(reader.cutter.rows[reader.read(text)], [first, *body, last])
