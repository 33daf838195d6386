"""The collator does what Hugging Face's does, with masks that are known by seed, example and epoch."""

from __future__ import annotations

import pickle
import warnings
from typing import Any

import numpy as np
import pytest
import torch
from scipy.stats import chi2, chi2_contingency
from torch.utils.data import DataLoader

from dynmask_core.bench import corruption as bench
from dynmask_core.errors import InputError
from dynmask_core.mlm import IGNORED, DataCollatorForDynamicMasking

transformers = pytest.importorskip("transformers")

SIZE = 205
PAD, MASK, FIRST = 0, 4, 5


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    return bench.tokenizer(SIZE)


def examples(*lengths: int, columns: tuple[str, ...] = (), seed: int = 0) -> list[dict[str, Any]]:
    """[CLS], so many random tokens, [SEP], with the columns that a tokenizer gives."""
    rng = np.random.default_rng(seed)
    made = []
    for number, n in enumerate(lengths):
        values = {
            "input_ids": [2, *rng.integers(FIRST, SIZE, n).tolist(), 3],
            "attention_mask": [1] * (n + 2),
            "token_type_ids": [0] * (n + 2),
            "special_tokens_mask": [1, *[0] * n, 1],
            "offset_mapping": [(0, 0), *[(3 * (i + i // 2), 3 * (i + i // 2) + 3) for i in range(n)], (0, 0)],
            "word_ids": [None, *[i // 2 for i in range(n)], None],
            "sample": number,
            "idx": f"text {number}",
        }
        made.append({key: values[key] for key in ("input_ids", *columns)})
    return made


def theirs(tokenizer: Any, **settings: Any) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return transformers.DataCollatorForLanguageModeling(tokenizer, seed=1, **settings)


def same_batch(one: Any, other: Any) -> bool:
    return set(one) == set(other) and all(torch.equal(one[key], other[key]) for key in one)


COLUMNS = [
    (),
    ("attention_mask",),
    ("special_tokens_mask",),
    ("attention_mask", "special_tokens_mask"),
    ("token_type_ids", "attention_mask", "special_tokens_mask"),
]


@pytest.mark.parametrize("columns", COLUMNS)
@pytest.mark.parametrize("multiple", [None, 8])
@pytest.mark.parametrize("side", ["right", "left"])
@pytest.mark.parametrize("lengths", [(7, 3, 12), (5, 5), (6, 6), (1,)])
def test_keys_shapes_and_padding_are_the_peers(
    tokenizer: Any, columns: tuple[str, ...], multiple: int | None, side: str, lengths: tuple[int, ...]
) -> None:
    given = examples(*lengths, columns=columns)
    tokenizer.padding_side = side
    try:
        ours = DataCollatorForDynamicMasking(tokenizer, pad_to_multiple_of=multiple)(given)
        peer = theirs(tokenizer, pad_to_multiple_of=multiple)(given)
    finally:
        tokenizer.padding_side = "right"
    bench.alike(ours, dict(peer))
    for batch in (ours, peer):  # what stood there before is the same in both
        batch["input_ids"] = torch.where(batch["labels"] != IGNORED, batch["labels"], batch["input_ids"])
    assert all(torch.equal(ours[key], peer[key]) for key in peer if key != "labels")


@pytest.mark.parametrize("kind", [list, tuple, np.array, torch.tensor])
def test_lists_arrays_and_tensors_are_collated_alike(tokenizer: Any, kind: Any) -> None:
    columns = ("attention_mask", "token_type_ids", "special_tokens_mask", "offset_mapping")
    collator = DataCollatorForDynamicMasking(tokenizer, selection="whole-word", refresh="static")
    plain = examples(7, 3, columns=columns)
    made = [{key: kind(value) for key, value in one.items()} for one in plain]
    assert same_batch(collator(made), collator(plain))
    bare = [kind(one["input_ids"]) for one in plain]
    ours = DataCollatorForDynamicMasking(tokenizer)(bare)
    if kind is not tuple:
        bench.alike(ours, theirs(tokenizer)(bare))
    arrays = DataCollatorForDynamicMasking(tokenizer)(bare, return_tensors="np")
    assert all((arrays[key] == ours[key].numpy()).all() for key in ours)


def test_other_columns_are_passed_on_and_names_are_not(tokenizer: Any) -> None:
    given = [one | {"label": 1, "weight": 0.5} for one in examples(5, 5, columns=("sample", "idx", "word_ids"))]
    batch = DataCollatorForDynamicMasking(tokenizer)(given)
    assert set(batch) == {"input_ids", "attention_mask", "labels", "label", "weight"}
    assert batch["label"].tolist() == [1, 1]


def test_special_tokens_and_what_attention_leaves_out_are_never_asked_for(tokenizer: Any) -> None:
    collator = DataCollatorForDynamicMasking(tokenizer, 1.0)
    given = examples(6, 4, columns=("attention_mask",))
    given[0]["attention_mask"][-3:] = [0, 0, 0]
    batch = collator(given)
    asked = batch["labels"] != IGNORED
    assert asked.sum(1).tolist() == [4, 4]
    assert batch["labels"][asked].min() >= FIRST
    # The tokenizer's own word on what is special comes first.
    told = examples(6, columns=("special_tokens_mask",))
    told[0]["special_tokens_mask"] = [1, 0, 0, 1, 1, 1, 1, 1]
    assert (collator(told)["labels"] != IGNORED).sum() == 2


def epoch_masks(tokenizer: Any, refresh: str, columns: tuple[str, ...], set_: bool = True) -> list[dict[str, Any]]:
    collator = DataCollatorForDynamicMasking(tokenizer, refresh=refresh)
    made = []
    for epoch in range(6):
        if set_:
            collator.set_epoch(epoch)
        made.append(collator(examples(40, 30, columns=columns)))
    return made


@pytest.mark.parametrize("columns", [(), ("sample",), ("idx",)])
@pytest.mark.parametrize("set_", [True, False])
def test_epochs_are_told_or_counted(tokenizer: Any, columns: tuple[str, ...], set_: bool) -> None:
    for refresh, different in (("static", 1), ("static:3", 3), ("dynamic", 6)):
        made = epoch_masks(tokenizer, refresh, columns, set_)
        assert len({batch["labels"].numpy().tobytes() for batch in made}) == different
        assert same_batch(made[0], made[3]) == (refresh != "dynamic")
        assert all(
            same_batch(one, other) for one, other in zip(made, epoch_masks(tokenizer, refresh, columns), strict=True)
        )


def test_examples_seen_more_often_than_others_are_in_a_later_epoch(tokenizer: Any) -> None:
    one, other = examples(40, 30)
    collator = DataCollatorForDynamicMasking(tokenizer)
    first, second = collator([one])["labels"][0], collator([one, other])["labels"]
    told = DataCollatorForDynamicMasking(tokenizer)
    told.set_epoch(0)
    assert torch.equal(told([one])["labels"][0], first)
    assert torch.equal(told([one, other])["labels"][1], second[1])
    told.set_epoch(1)
    assert torch.equal(told([one])["labels"][0], second[0])


@pytest.mark.parametrize("columns", [(), ("sample",), ("special_tokens_mask",)])
def test_an_example_is_masked_alike_in_any_batch_and_beside_any_padding(
    tokenizer: Any, columns: tuple[str, ...]
) -> None:
    given = examples(12, 30, 5, columns=columns)
    together = DataCollatorForDynamicMasking(tokenizer, refresh="static", pad_to_multiple_of=64)(given)
    collator = DataCollatorForDynamicMasking(tokenizer, refresh="static")
    for row, one in enumerate(given):
        n = len(one["input_ids"])
        alone = collator([one])
        assert all(torch.equal(alone[key][0], together[key][row, :n]) for key in ("input_ids", "labels"))
    tokenizer.padding_side = "left"
    try:
        left = collator(given)
    finally:
        tokenizer.padding_side = "right"
    assert torch.equal(left["labels"][2, -7:], together["labels"][2, :7])


def test_examples_have_names_by_column_or_by_what_they_say(tokenizer: Any) -> None:
    collator = DataCollatorForDynamicMasking(tokenizer, refresh="static")
    (one,) = examples(40)
    twice = collator([one, one])["labels"]
    assert torch.equal(twice[0], twice[1])
    named = collator([one | {"sample": 0}, one | {"sample": 1}, one | {"sample": 0}])["labels"]
    assert not torch.equal(named[0], named[1])
    assert torch.equal(named[0], named[2])
    turned = one | {"input_ids": [2, *one["input_ids"][-2:0:-1], 3]}
    assert not torch.equal(collator([turned])["labels"][0] != IGNORED, twice[0] != IGNORED)


def test_workers_give_the_masks_of_one_process(tokenizer: Any) -> None:
    given = examples(*range(10, 30), columns=("sample",))
    collator = DataCollatorForDynamicMasking(tokenizer)
    alone = DataLoader(given, 4, collate_fn=collator)  # type: ignore[arg-type]
    workers = DataLoader(given, 4, collate_fn=collator, num_workers=2, persistent_workers=True)  # type: ignore[arg-type]
    for epoch in (0, 1):
        collator.set_epoch(epoch)
        one, other = list(alone), list(workers)
        assert all(same_batch(*pair) for pair in zip(one, other, strict=True))
    restored = pickle.loads(pickle.dumps(collator))
    assert same_batch(restored(given), collator(given))
    del workers


def test_workers_that_do_not_know_the_epoch_say_so(tokenizer: Any) -> None:
    given = examples(9, 9)
    loader = DataLoader(given, 2, collate_fn=DataCollatorForDynamicMasking(tokenizer), num_workers=1)  # type: ignore[arg-type]
    with pytest.raises(RuntimeError, match="set_epoch"):
        list(loader)
    static = DataCollatorForDynamicMasking(tokenizer, refresh="static")
    assert len(list(DataLoader(given, 2, collate_fn=static, num_workers=1))) == 1  # type: ignore[arg-type]


def test_the_rate_follows_the_progress_that_is_told(tokenizer: Any) -> None:
    collator = DataCollatorForDynamicMasking(tokenizer, "0.5..0.1")
    for progress, count in ((0.0, 50), (1.0, 10)):
        collator.set_epoch(1, progress)
        assert abs(int((collator(examples(100))["labels"] != IGNORED).sum()) - count) <= 1


@pytest.mark.parametrize("column", ["word_ids", "offset_mapping"])
@pytest.mark.parametrize("selection", ["whole-word", "span"])
def test_words_are_known_by_column(tokenizer: Any, column: str, selection: Any) -> None:
    batch = DataCollatorForDynamicMasking(tokenizer, 0.3, selection=selection)(examples(80, 81, columns=(column,)))
    asked = batch["labels"] != IGNORED
    assert torch.equal(asked[:, 1:81:2], asked[:, 2:81:2])
    assert asked.any(1).all()


def test_words_are_known_by_the_marks_of_their_pieces(tokenizer: Any) -> None:
    (one,) = bench.examples(1, 128, SIZE)
    pieces = [token.startswith("##") for token in tokenizer.convert_ids_to_tokens(one["input_ids"])]
    collator = DataCollatorForDynamicMasking(tokenizer, 0.3, selection="whole-word", refresh="static")
    asked = collator([one["input_ids"]])["labels"][0] != IGNORED
    assert all(bool(asked[i]) == bool(asked[i - 1]) for i in range(2, 128) if pieces[i])
    # Offsets and marks tell the same words here, so that the masks are the same.
    by_offset = collator([{key: one[key] for key in ("input_ids", "offset_mapping")}])["labels"][0] != IGNORED
    assert asked.any()
    assert torch.equal(asked, by_offset)


def test_groups_of_words_are_found_in_the_training_texts(tokenizer: Any) -> None:
    collator = DataCollatorForDynamicMasking(tokenizer, 0.3, selection="pmi")
    rng = np.random.default_rng(0)
    texts = [np.array([2, *np.stack([rng.integers(10, 50, 20), np.full(20, 60), np.full(20, 61)], 1).ravel(), 3])] * 5
    collator.fit(texts)
    asked = collator([texts[0]])["labels"][0] != IGNORED
    assert torch.equal(asked[2:-1:3], asked[3:-1:3])


# In distribution as the peer


def counted(batches: list[Any], ids: torch.Tensor) -> np.ndarray:
    """int64 [4]: tokens not asked for, masked, replaced, kept."""
    counts = np.zeros(4, dtype=np.int64)
    for batch in batches:
        asked = batch["labels"] != IGNORED
        masked, kept = batch["input_ids"] == MASK, batch["input_ids"] == ids
        parts = (~asked & (ids >= FIRST), asked & masked, asked & ~masked & ~kept, asked & kept)
        counts += [int(part.sum()) for part in parts]
    return counts


@pytest.mark.parametrize(
    "settings", [{}, {"mlm_probability": 0.4, "mask_replace_prob": 0.5, "random_replace_prob": 0.3}]
)
def test_shares_are_those_of_the_peer(tokenizer: Any, settings: dict[str, float]) -> None:
    given = examples(*[62] * 64, columns=("special_tokens_mask",))
    ids = torch.tensor([one["input_ids"] for one in given])
    ours = DataCollatorForDynamicMasking(tokenizer, selection="bernoulli", **settings)  # type: ignore[arg-type]
    peer = theirs(tokenizer, **settings)
    table = np.stack([counted([collator(given) for _ in range(25)], ids) for collator in (ours, peer)])
    # The peer also writes special tokens at random, five of 205, and now and then [MASK].
    assert chi2_contingency(table).statistic < chi2.ppf(0.9999, 3)


def test_the_places_and_numbers_asked_for_are_those_of_the_peer(tokenizer: Any) -> None:
    given = examples(*[20] * 64, columns=("special_tokens_mask",))
    tables = []
    for collator in (DataCollatorForDynamicMasking(tokenizer, selection="bernoulli"), theirs(tokenizer)):
        asked = torch.stack([collator(given)["labels"] != IGNORED for _ in range(40)])
        numbers = np.bincount(np.minimum(asked.sum(2).numpy().ravel(), 8), minlength=9)
        tables.append((asked.sum((0, 1))[1:-1].numpy(), numbers))
    for one, other in zip(*tables, strict=True):
        assert chi2_contingency(np.stack([one, other])).pvalue > 1e-4


def test_whole_words_are_masked_as_often_as_by_the_peer(tokenizer: Any) -> None:
    given = examples(*[60] * 64, columns=("special_tokens_mask", "offset_mapping"))
    peer = theirs(tokenizer, whole_word_mask=True)
    ours = DataCollatorForDynamicMasking(tokenizer, 0.15, 1.0, 0.0, selection="whole-word")
    bench.alike(ours(given), dict(peer(given)))
    shares = []
    for collator in (ours, peer):
        made = [collator(given) for _ in range(20)]
        asked = torch.stack([batch["labels"] != IGNORED for batch in made])
        assert torch.equal(asked[:, :, 1:-1:2], asked[:, :, 2:-1:2])
        assert all((batch["input_ids"][batch["labels"] != IGNORED] == MASK).all() for batch in made)
        shares.append(float(asked[:, :, 1:-1].float().mean()))
    # 38,400 words: five standard errors of the peer's Bernoulli draws.
    assert shares[0] == pytest.approx(0.15, abs=0.002)
    assert shares[1] == pytest.approx(shares[0], abs=5 * (0.15 * 0.85 / 38_400) ** 0.5)


# Wrong input


def test_columns_must_fit_their_ids(tokenizer: Any) -> None:
    given = examples(5, 7, columns=("attention_mask",))
    given[0]["attention_mask"].append(1)
    with pytest.raises(ValueError, match="different lengths"):
        DataCollatorForDynamicMasking(tokenizer)(given)


def test_a_tokenizer_without_mask_or_padding_is_refused(tokenizer: Any) -> None:
    bare = pickle.loads(pickle.dumps(tokenizer))
    bare.pad_token = None
    with pytest.raises(ValueError, match="padding"):
        DataCollatorForDynamicMasking(bare)(examples(5, 7))
    DataCollatorForDynamicMasking(bare)(examples(5, 5))
    bare.mask_token = None
    with pytest.raises(ValueError, match="mask token"):
        DataCollatorForDynamicMasking(bare)
    with pytest.raises(InputError, match="refresh"):
        DataCollatorForDynamicMasking(tokenizer, refresh="sometimes")


def test_a_model_of_the_peers_trains_on_the_batches(tokenizer: Any) -> None:
    settings = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    model = transformers.BertForMaskedLM(transformers.BertConfig(vocab_size=len(tokenizer), **settings))
    collator = DataCollatorForDynamicMasking(tokenizer)
    given = examples(12, 30, 5, columns=("attention_mask", "special_tokens_mask", "sample"))
    for epoch in range(2):
        collator.set_epoch(epoch)
        for batch in DataLoader(given, 2, collate_fn=collator):  # type: ignore[arg-type]
            loss = model(**batch).loss
            loss.backward()
            assert loss.item() == pytest.approx(np.log(SIZE), rel=0.2)


def test_the_suite_times_both_on_the_same_batches() -> None:
    rows = bench.run(rounds=1)
    assert len(rows) == 5
    assert all(row.peer == bench.PEER and row.ratio > 1 for row in rows)


def test_without_the_peer_the_suite_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("dynmask_core.bench.corruption.importlib.util.find_spec", lambda name: None)
    assert bench.run() == []
    assert "transformers is not installed" in capsys.readouterr().err
