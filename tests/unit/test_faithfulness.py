"""Whether a mask is right: drops agree with plain loops, bounds with all orders, and planted words win."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from dynmask_core.analysis import aopc, drops, marks, removal
from dynmask_core.analysis.faithfulness import (
    ORDERS,
    SHARES,
    Faithfulness,
    Mean,
    Ranking,
    faithfulness,
    known,
)
from dynmask_core.analysis.subject import Subject
from dynmask_core.cli import main
from dynmask_core.data import Dataset, build, planted, resolve
from dynmask_core.errors import InputError
from dynmask_core.events import EpochEnd
from dynmask_core.jobs import execute
from dynmask_core.masks import MaskPlan
from dynmask_core.messages import LANGUAGES, told
from dynmask_core.model import Request
from dynmask_core.model.stream import Stream
from dynmask_core.runs import Run


def asked_of(run: Run, arm: str, texts: int) -> tuple[removal.Opened, drops.Asked]:
    opened = removal.Opened.of(run)
    subject, epoch = opened.subject(arm)
    rows = opened.corpus.rows("test")[:texts]
    return opened, drops.Asked(subject, opened.units(rows), rows, epoch)


def chances(subject: Subject, ids: np.ndarray, table: np.ndarray, threshold: float, left: set[int]) -> np.ndarray:
    """The probabilities for one text of which only the words `left` (numbers from 0) exist: a shorter text, whose words
    have the places and mask values that they had."""
    there = [0] + [1 + i for i in sorted(left) if table[ids[1 + i]] >= np.float32(threshold)]
    gate = np.array([[1.0] + [table[ids[i]] for i in there[1:]]], dtype=np.float32)
    model = subject.model
    with torch.no_grad():
        units, position = torch.tensor([ids[there].tolist()]), torch.tensor([there])
        x = model.embedding(units, position, torch.from_numpy(gate), MaskPlan())
        keep = torch.ones(1, len(there), dtype=torch.bool)
        encoded = model.encoder(Stream(x, keep, position, torch.from_numpy(gate)), Request())
        logits = model.head(encoded.x.mean(1))[0]
    return np.asarray(logits.softmax(-1).double().numpy())


def test_drops_agree_with_plain_loops_over_shorter_texts(finished_run: Run) -> None:
    opened, asked = asked_of(finished_run, "static", 7)
    subject = asked.subject
    (mask,) = subject.strategy.parts
    table, threshold = mask.mask, mask.threshold  # type: ignore[attr-defined]
    scores = drops.scores_of(asked, opened.word_scores(subject))
    orders = [drops.orders_of(score, int(row)) for score, row in zip(scores, asked.rows, strict=True)]
    found = drops.measure(asked, orders, SHARES, lambda share: None)
    for i, ids in enumerate(asked.units):
        n = len(ids) - 1
        assert scores[i]["mask"] == pytest.approx(table[ids[1:]])
        whole = chances(subject, ids, table, threshold, set(range(n)))
        answer = int(whole.argmax())
        for name, places in orders[i].items():
            assert set(orders[i]) == set(ORDERS)
            for k, share in enumerate(SHARES):
                removed, kept = [], []
                for place in places:
                    order = [int(word) for word in np.argsort(place)]
                    first = set(order[: max(1, int(np.ceil(share * n / 100)))])
                    without = chances(subject, ids, table, threshold, set(range(n)) - first)
                    alone = chances(subject, ids, table, threshold, first)
                    removed.append(whole[answer] - without[answer])
                    kept.append(whole[answer] - alone[answer])
                assert found.removed[name][i, k] == pytest.approx(np.mean(removed), abs=2e-6)
                assert found.kept[name][i, k] == pytest.approx(np.mean(kept), abs=2e-6)


def test_orders_follow_the_values_they_are_named_after(finished_run: Run) -> None:
    opened, asked = asked_of(finished_run, "repaired", 5)
    scores = drops.scores_of(asked, opened.word_scores(asked.subject))
    counts = opened.corpus.vocabulary.counts
    for ids, score in zip(asked.units, scores, strict=True):
        assert (score["rare"] == -counts[ids[1:]]).all()
        # Every query gives a weight of 1 to all keys, so what is received is 1 on average over [CLS] and the words.
        assert 0 < score["attended"].sum() < len(ids)
        assert (score["log_odds"] >= 0).all()


def all_orders(drop: aopc.Drop, n: int) -> np.ndarray:
    return aopc.aopc(drop, np.array(list(itertools.permutations(range(n)))))


def chaotic(n: int, seed: int) -> aopc.Drop:
    """Any value for any subset."""
    values = np.random.default_rng(seed).normal(size=2**n)
    return lambda removed: values[removed @ (1 << np.arange(n))]


@pytest.mark.parametrize("n", [1, 2, 5, 6])
def test_exact_bounds_are_those_of_all_orders(n: int) -> None:
    drop = chaotic(n, n)
    every = all_orders(drop, n)
    assert aopc.bounds(drop, n) == pytest.approx((every.min(), every.max()))


def test_a_beam_finds_the_bounds_where_words_add_up_and_never_passes_the_exact_ones(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    weights = np.random.default_rng(0).normal(size=7)
    exact = [aopc.bounds(drop, 7) for drop in (lambda removed: removed @ weights, chaotic(7, 3))]
    monkeypatch.setattr(aopc, "EXACT", 0)
    assert aopc.bounds(lambda removed: removed @ weights, 7) == pytest.approx(exact[0])
    low, high = aopc.bounds(chaotic(7, 3), 7)
    assert exact[1][0] - 1e-12 <= low < high <= exact[1][1] + 1e-12


def test_normalized_values_lie_between_the_worst_and_the_best_order() -> None:
    drop = chaotic(5, 1)
    every = all_orders(drop, 5)
    between = aopc.normalized(every, *aopc.bounds(drop, 5))
    assert (between.min(), between.max()) == pytest.approx((0, 1))
    # A model that is twice as sure of everything has other raw values and the same normalized ones.
    sure = lambda removed: 2 * drop(removed)  # noqa: E731
    assert aopc.normalized(all_orders(sure, 5), *aopc.bounds(sure, 5)) == pytest.approx(between)
    assert np.isnan(aopc.normalized(np.array([0.0]), 0.0, 0.0)).all()


def test_bounds_of_a_model_hold_for_its_texts(finished_run: Run) -> None:
    _, asked = asked_of(finished_run, "repaired", 1)
    few = drops.Asked(asked.subject, [asked.units[0][:6]], asked.rows, asked.epoch)
    drop = drops.drop_of(few, 0)
    every = all_orders(drop, 5)
    assert aopc.bounds(drop, 5) == pytest.approx((every.min(), every.max()))
    subset = np.array([[True, False, True, False, False]])
    table, mask = few.subject.strategy.word_mask(), few.subject.strategy.parts[0]
    assert table is not None
    given = [chances(few.subject, few.units[0], table, mask.threshold, left) for left in ({0, 1, 2, 3, 4}, {1, 3, 4})]  # type: ignore[attr-defined]
    assert drop(subset)[0] == pytest.approx((given[0] - given[1])[given[0].argmax()], abs=1e-6)


def test_marks_are_found_by_hand() -> None:
    truth = [np.array([0, 1, 0, 1]), np.array([1, 0])]
    scores = [np.array([4.0, 3.0, 2.0, 1.0]), np.array([0.0, 1.0])]
    assert marks.precision(truth, scores) == pytest.approx(((1 / 2 + 2 / 4) / 2 + 1 / 2) / 2)
    # Half of all words are marked: two first words of four, one of two.
    assert marks.f1(truth, [np.array([0, 1, 2, 3]), np.array([1, 0])]) == pytest.approx((2 * 1 / 4 + 0) / 2)


def trained(folder: Path, config: Any, data: Dataset) -> Run:
    run = Run.create(folder, config, data)
    assert execute(run.path) == "finished"
    return run


def test_planted_words_come_first_and_removing_them_costs_more_than_removing_random_ones(
    tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drops, "BOUNDED_TEXTS", 8)
    data = build(planted(texts=320, noise_words=60).table)[0]
    run = trained(tmp_path, settings("repaired", "none", epochs=6, learning_rate=5e-3), data)
    shares: list[float] = []
    found = faithfulness(run, tick=shares.append)
    repaired, none = found["repaired"], found["none"]
    assert repaired.difference is not None
    assert repaired.difference.low > 0
    assert repaired.verdict == "more"
    assert repaired.rankings["mask"].precision is not None
    assert repaired.rankings["mask"].precision > 0.95
    assert repaired.rankings["random"].precision is not None
    assert repaired.rankings["random"].precision < 0.5
    assert repaired.marked == repaired.texts == len(data.rows("test"))
    against = repaired.rankings["random"].more
    assert against is not None
    assert against.low > 0
    mask, random = repaired.rankings["mask"], repaired.rankings["random"]
    assert mask.sufficiency.mean < random.sufficiency.mean
    assert mask.normalized is not None
    assert random.normalized is not None
    assert mask.normalized[0].mean > random.normalized[0].mean
    assert (none.verdict, none.rankings, none.flat) == ("none", {}, none.texts)
    assert shares == sorted(shares)
    assert known(run) == found


def test_a_stopped_chinese_run_with_four_classes_and_four_arms_answers(
    tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = build(resolve("sample:chinese_news"), max_rows=160)[0]
    arms = ("none", "repaired", "hardconcrete", "topk:0.5")
    run = Run.create(tmp_path, settings(*arms, epochs=3), data)
    execute(run.path, lambda event: run.command("stop") if isinstance(event, EpochEnd) and event.epoch == 1 else None)
    monkeypatch.setattr("dynmask_core.analysis.faithfulness.MOST_TEXTS", 30)
    monkeypatch.setattr("dynmask_core.analysis.drops.BOUNDED_TEXTS", 2)
    found = faithfulness(run, ["repaired", "topk:0.5"])
    for one in found.values():
        assert one.texts == 30 < one.given
    removed = found["topk:0.5"].rankings["mask"].removed
    assert all(mean.low <= mean.mean <= mean.high for mean in removed)
    assert set(known(run)) == set(found)


def test_a_run_without_test_texts_says_so(tmp_path: Path, settings: Any, dataset: Dataset) -> None:
    from dataclasses import replace

    none_left = replace(dataset, split=np.where(dataset.split == 2, 1, dataset.split).astype(np.int8))
    run = trained(tmp_path, settings("repaired", epochs=1), none_left)
    with pytest.raises(InputError, match="no test texts"):
        faithfulness(run)


def answer(difference: Mean | None, texts: int = 100) -> Faithfulness:
    rankings: dict[str, Ranking] = {}
    return Faithfulness("<b>*mine*</b>", texts, texts, 0, rankings, difference, 0, 0, 0)


@pytest.mark.parametrize(
    ("difference", "texts", "verdict", "written"),
    [
        (Mean(0.21, 0.15, 0.27), 100, "more", ("21.0", "15.0", "27.0")),
        (Mean(-0.21, -0.27, -0.15), 100, "less", ("21.0", "15.0", "27.0")),
        (Mean(0.01, -0.02, 0.03), 100, "even", ("1.0", "-2.0", "3.0")),
        (Mean(0.21, 0.15, 0.27), 19, "few_texts", ("19", "20")),
        (None, 100, "none", ()),
    ],
)
def test_a_sentence_says_no_more_than_the_interval(
    difference: Mean | None, texts: int, verdict: str, written: tuple[str, ...]
) -> None:
    found = answer(difference, texts)
    assert found.verdict == verdict
    for lang in LANGUAGES:
        said = told(found.sentence, lang)
        assert "<b>*mine*</b>" in said
        assert all(part in said for part in written)


def test_the_command_says_it_as_json(finished_run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["ask", finished_run.name, "--runs-dir", str(finished_run.path.parent), "--what", "faithfulness"]
    assert main([*command, "--arm", "static", "--json"]) == 0
    (arm,) = json.loads(capsys.readouterr().out)["arms"]
    found = known(finished_run)["static"]
    assert Faithfulness.from_json({name: arm[name] for name in Faithfulness.__dataclass_fields__}) == found
    assert (arm["verdict"], arm["said"]) == (found.verdict, told(found.sentence))
    assert main([*command, "--arm", "static"]) == 0
    assert "comprehensiveness" in capsys.readouterr().out
    assert main([*command, "--epoch", "1"]) == 2
