"""Training: arms differ in nothing but the mask, and equal settings give equal numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from dynmask_core.attention_code import decode
from dynmask_core.config import Controls, ExperimentConfig, MaskConfig, ModelConfig, TrainConfig
from dynmask_core.data import Dataset
from dynmask_core.errors import InputError
from dynmask_core.events import ArmEpoch, ControlsChanged, EpochEnd, Event, Finished, Probe, Started, Step
from dynmask_core.masks import REGISTRY, Composed, MaskContext, MaskPlan
from dynmask_core.masks.library.none import NoMask
from dynmask_core.masks.ops.evidence import keep_evidence
from dynmask_core.tasks.classify import Classify
from dynmask_core.training.fit import choose_device, fit
from dynmask_core.training.learner import FLOOR, WARM_UP, Learner, learning_rate
from dynmask_core.training.record import MANY

Settings = Callable[..., ExperimentConfig]
Listen = Callable[..., list[Any]]


def kinds(events: list[Event]) -> list[str]:
    return [type(event).__name__ for event in events if not isinstance(event, Step)]


def of_arm(events: list[Event], arm: str, plain: Callable[[Any], Any]) -> list[Any]:
    """All that is said of one arm, its weights included, in comparable form."""
    said = []
    for event in events:
        if isinstance(event, ArmEpoch) and event.arm == arm:
            said.append({**vars(event), "arm": ""})
        if isinstance(event, Finished):
            (result,) = (result for result in event.arms if result["name"] == arm)
            said += [{**result, "name": ""}, event.weights[arm]]
    return plain(said)


def weights_of(events: list[Event], arm: str) -> dict[str, np.ndarray]:
    (finished,) = (event for event in events if isinstance(event, Finished))
    return {name: array for name, array in finished.weights[arm].items() if name.startswith("model.")}


def test_events_come_in_order(settings: Settings, dataset: Dataset) -> None:
    events = list(fit(settings("none", "repaired"), dataset))
    epoch = ["ArmEpoch", "ArmEpoch", "EpochEnd"]
    assert kinds(events) == ["Started", "EpochEnd", *epoch, *epoch, "Finished"]
    assert [event.epoch for event in events if isinstance(event, EpochEnd)] == [0, 1, 2]
    assert [event.arm for event in events if isinstance(event, ArmEpoch)] == ["none", "repaired"] * 2
    started = events[0]
    assert isinstance(started, Started)
    assert started.sizes == {part: len(dataset.rows(part)) for part in ("train", "validation", "test")}
    assert (started.first_epoch, started.epochs, started.device) == (1, 2, "cpu")


def test_the_same_settings_give_the_same_numbers(settings: Settings, dataset: Dataset, listen: Listen) -> None:
    config = settings("static", "article", "repaired")
    probes = (Probe("ba bo bu", 0),)
    torch.manual_seed(1)
    once = listen(fit(config, dataset, probes=lambda: probes))
    torch.manual_seed(2)
    assert listen(fit(config, dataset, probes=lambda: probes)) == once


def test_another_seed_gives_other_numbers_and_zero_is_a_seed(
    settings: Settings, dataset: Dataset, listen: Listen
) -> None:
    first, again, other = (listen(fit(settings("none", epochs=1, seed=seed), dataset)) for seed in (0, 0, 1))
    assert first == again
    assert first != other


def test_all_arms_start_from_the_same_weights(settings: Settings, dataset: Dataset) -> None:
    events = fit(settings("none", "static", "article", "repaired"), dataset)
    state = next(event.state for event in events if isinstance(event, EpochEnd))
    for name, array in state.items():
        arm, _, rest = name.partition(".")
        if rest.startswith(("raw.", "now.model.")):
            assert array.tobytes() == state[f"0.{rest}"].tobytes()
            assert arm in "0123"


@pytest.mark.parametrize("arm", ["none", "static", "article", "repaired"])
def test_an_arm_trained_alone_gives_the_numbers_it_gives_beside_others(
    arm: str, settings: Settings, dataset: Dataset, plain: Callable[[Any], Any]
) -> None:
    alone = list(fit(settings(arm), dataset))
    beside = list(fit(settings("repaired", "none", "static", "article"), dataset))
    assert of_arm(alone, arm, plain) == of_arm(beside, arm, plain)


@pytest.mark.parametrize("mode", ["interpolate", "multiply", "attention"])
def test_a_mask_of_ones_trains_as_no_mask_bit_for_bit(mode: Any, settings: Settings, dataset: Dataset) -> None:
    config = settings(
        "none", "static", mask=MaskConfig("constant", 1.0, gate_mode=mode), controls=Controls(keep_threshold=0.0)
    )
    events = list(fit(config, dataset))
    for name, array in weights_of(events, "none").items():
        assert array.tobytes() == weights_of(events, "static")[name].tobytes(), name
    epochs = {arm: [e for e in events if isinstance(e, ArmEpoch) and e.arm == arm] for arm in config.arms}
    for one, other in zip(epochs["none"], epochs["static"], strict=True):
        assert (one.train, one.validation, one.mean_mask, one.kept_fraction) == (
            other.train, other.validation, other.mean_mask, other.kept_fraction,
        )  # fmt: skip


def test_a_mask_that_is_not_ones_does_make_a_difference(settings: Settings, dataset: Dataset) -> None:
    events = list(fit(settings("none", "static"), dataset))
    none, static = weights_of(events, "none"), weights_of(events, "static")
    assert any((none[name] != static[name]).any() for name in none)


def test_the_test_texts_are_not_looked_at_before_the_end(settings: Settings, dataset: Dataset, listen: Listen) -> None:
    test = dataset.split == 2
    texts = ["zzz" if hidden else text for text, hidden in zip(dataset.texts, test, strict=True)]
    spans = [np.array([[0, 3]], dtype=np.int32) if hidden else s for s, hidden in zip(dataset.spans, test, strict=True)]
    other = replace(dataset, texts=texts, spans=spans, labels=np.where(test, 1 - dataset.labels, dataset.labels))
    config = settings("static", "article", "repaired")
    one, two = (listen(fit(config, data)) for data in (dataset, other))
    assert one[:-1] == two[:-1]
    assert one[-1] != two[-1]


def test_strategies_see_labels_in_training_alone_and_the_test_once(
    settings: Settings, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[str, bool]] = []

    class Spy(NoMask):
        def plan(self, context: MaskContext) -> MaskPlan:
            seen.append((context.split, context.labels is not None))
            return MaskPlan()

    monkeypatch.setitem(REGISTRY, "spy", Spy)
    for _ in fit(settings("spy"), dataset, probes=lambda: (Probe("ba bo", 1),)):
        pass
    assert {split for split, _ in seen} == {"train", "validation", "test", "probe"}
    assert all(labelled == (split == "train") for split, labelled in seen)
    splits = [split for split, _ in seen]
    assert splits.count("test") == 1
    assert "train" not in splits[splits.index("test") :]


def test_the_best_epoch_is_the_first_with_the_highest_validation_score(settings: Settings, dataset: Dataset) -> None:
    events = list(fit(settings("none", "repaired", epochs=5, learning_rate=0.02), dataset))
    (finished,) = (event for event in events if isinstance(event, Finished))
    for result in finished.arms:
        epochs = [e for e in events if isinstance(e, ArmEpoch) and e.arm == result["name"]]
        best = max(epochs, key=lambda e: (e.validation["accuracy"], -e.validation["loss"], -e.epoch))
        assert result["best_epoch"] == best.epoch == epochs[-1].best_epoch
        assert result["validation"] == best.validation


def test_the_weights_of_the_best_epoch_are_those_it_had(settings: Settings, dataset: Dataset) -> None:
    kept: dict[int, dict[str, bytes]] = {}
    for event in fit(settings("repaired", epochs=4, learning_rate=0.02), dataset):
        if isinstance(event, EpochEnd):
            prefix = "0.now."
            state = {name.removeprefix(prefix): a for name, a in event.state.items() if name.startswith(prefix)}
            kept[event.epoch] = {name: array.tobytes() for name, array in state.items()}
        if isinstance(event, Finished):
            best = event.arms[0]["best_epoch"]
            assert {name: array.tobytes() for name, array in event.weights["repaired"].items()} == kept[best]


def test_a_change_of_controls_takes_effect_at_the_next_epoch_and_is_an_event(
    settings: Settings, dataset: Dataset
) -> None:
    changed = Controls(step_size=0.25, evidence_threshold=0.5)
    now = [Controls(step_size=0.1, evidence_threshold=0.5)]
    events = []
    masks = {}
    config = replace(settings("repaired", epochs=3), controls=now[0])
    for event in fit(config, dataset, controls=lambda: now[0]):
        events.append(event)
        if isinstance(event, Step) and event.epoch == 1:
            now[0] = changed  # in the middle of epoch 1
        if isinstance(event, EpochEnd):
            masks[event.epoch] = event.word_masks["repaired"].astype(np.float64)
    assert [e for e in events if isinstance(e, ControlsChanged)] == [ControlsChanged(2, changed)]
    order = [type(e).__name__ for e in events if getattr(e, "epoch", 0) == 2]
    assert order[0] == "ControlsChanged"
    assert [e.controls for e in events if isinstance(e, EpochEnd)] == [
        config.controls,
        config.controls,
        changed,
        changed,
    ]
    assert np.abs(masks[1] - masks[0]).max() == pytest.approx(0.1, abs=1e-3)
    assert np.abs(masks[2] - masks[1]).max() == pytest.approx(0.25, abs=1e-3)


def test_unchanged_controls_are_no_event(settings: Settings, dataset: Dataset) -> None:
    assert "ControlsChanged" not in kinds(list(fit(settings("none"), dataset, controls=Controls)))


def test_probes_are_recorded_for_every_arm_and_may_be_added_while_it_trains(
    settings: Settings, dataset: Dataset
) -> None:
    sentences = [Probe(dataset.texts[0], 0)]
    long = Probe(" ".join(["ba"] * 200))
    records = {}
    events = fit(settings("none", "repaired"), dataset, probes=lambda: tuple(sentences))
    for event in events:
        if isinstance(event, EpochEnd):
            records[event.epoch] = event.probes
            sentences[1:] = [long, Probe("")]
    assert set(records[0]) == {0}
    assert set(records[1]) == {0, 1, 2}
    for probes in records.values():
        for arms in probes.values():
            assert set(arms) == {"none", "repaired"}
            for record in arms.values():
                assert record.probabilities.sum() == pytest.approx(1, abs=1e-5)
                assert record.mask.dtype == np.float32
                assert ((record.mask >= 0) & (record.mask <= 1)).all()
                layers, heads, rows, columns = record.attention.shape
                assert (layers, heads) == (2, 2)
                assert rows == columns <= len(record.mask) + 1
    short = records[1][0]["none"]
    assert len(short.mask) == len(dataset.spans[0])
    assert np.abs(decode(short.attention).sum(-1) - 1).max() < 0.05
    assert records[1][1]["none"].attention.shape[-1] == MANY < len(records[1][1]["none"].mask)
    assert records[1][2]["none"].attention.shape[-1] == 1


def test_a_probe_is_seen_the_same_whatever_is_watched_beside_it(settings: Settings, dataset: Dataset) -> None:
    def first(*texts: str) -> Any:
        events = fit(settings("repaired", epochs=1), dataset, probes=lambda: tuple(map(Probe, texts)))
        return [event.probes[0]["repaired"] for event in events if isinstance(event, EpochEnd)][-1]

    alone, beside = first(dataset.texts[0]), first(dataset.texts[0], " ".join(dataset.texts[:3]))
    assert alone.mask.tolist() == beside.mask.tolist()
    np.testing.assert_allclose(alone.probabilities, beside.probabilities, atol=1e-5)
    assert np.abs(alone.attention.astype(int) - beside.attention).max() <= 1


def test_watching_does_not_change_the_training(settings: Settings, dataset: Dataset, plain: Any) -> None:
    watched = list(fit(settings("repaired"), dataset, probes=lambda: (Probe("ba bo"),)))
    assert of_arm(watched, "repaired", plain) == of_arm(list(fit(settings("repaired"), dataset)), "repaired", plain)


def test_closing_the_iterator_stops(settings: Settings, dataset: Dataset) -> None:
    events = fit(settings("none", epochs=1000), dataset)
    for event in events:
        if isinstance(event, ArmEpoch):
            events.close()  # type: ignore[attr-defined]
    assert list(events) == []


def test_mean_mask_and_kept_fraction_are_those_of_the_validation_words(settings: Settings, dataset: Dataset) -> None:
    config = settings("static", controls=Controls(keep_threshold=0.4), epochs=1)
    mask: np.ndarray | None = None
    for event in fit(config, dataset):
        if isinstance(event, Started):
            words = {word: i for i, word in enumerate(event.vocabulary.words)}
        if isinstance(event, EpochEnd):
            mask = event.word_masks["static"].astype(np.float64)
        if isinstance(event, ArmEpoch):
            said = event
    assert mask is not None
    values = []
    for row in dataset.rows("validation"):
        for start, end in dataset.spans[row]:
            word = dataset.texts[row][start:end].lower()
            values.append(mask[words[word]] if word in words else 1.0)
    assert said.mean_mask == pytest.approx(np.mean(values), abs=1e-3)
    assert said.kept_fraction == pytest.approx(np.mean(np.array(values) >= 0.4), abs=1e-6)


def test_planted_words_are_learned(settings: Settings, dataset: Dataset) -> None:
    still = ModelConfig(dim=16, heads=2, layers=2, dropout=0, embedding_dropout=0, token_dropout=0)
    config = replace(settings("none", epochs=15, learning_rate=0.02), model=still)
    events = list(fit(config, dataset))
    accuracy = [event.train["accuracy"] for event in events if isinstance(event, ArmEpoch)]
    assert accuracy[-1] > 0.8 > accuracy[0]


def test_evidence_comes_from_the_training_texts_alone(settings: Settings, dataset: Dataset) -> None:
    arm_events = [e for e in fit(settings("repaired", epochs=1), dataset) if isinstance(e, Started | EpochEnd)]
    words = arm_events[0].vocabulary.words
    counts = np.zeros((2, len(words)), dtype=np.int64)
    for row in dataset.rows("train"):
        for start, end in dataset.spans[row]:
            counts[dataset.labels[row], words.index(dataset.texts[row][start:end])] += 1
    evidence, tau = keep_evidence(counts), Controls().evidence_threshold
    moved = arm_events[-1].word_masks["repaired"].astype(np.float64) - arm_events[1].word_masks["repaired"]
    assert (np.sign(np.round(moved, 2)) == np.where(np.abs(evidence) > tau, np.sign(evidence), 0)).all()


@pytest.mark.parametrize("total", [1, 7, 100])
def test_the_learning_rate_rises_to_its_peak_and_falls_to_its_floor(total: int) -> None:
    config = TrainConfig(learning_rate=0.01)
    rates = [learning_rate(step, total, config) for step in range(total)]
    assert all(0 < rate <= 0.01 for rate in rates)
    peak = int(np.argmax(rates))
    assert peak <= max(WARM_UP * total, 1)
    assert rates[:peak] == sorted(rates[:peak])
    assert rates[peak:] == sorted(rates[peak:], reverse=True)
    assert rates[-1] >= FLOOR * 0.01


def test_unknown_arms_and_devices_are_bad_input(settings: Settings, dataset: Dataset) -> None:
    with pytest.raises(InputError, match="no strategy called stattic"):
        next(iter(fit(settings("stattic"), dataset)))
    missing = "mps" if not torch.backends.mps.is_available() else "cuda"
    with pytest.raises(InputError, match="no device"):
        choose_device(missing)
    assert choose_device("cpu").type == "cpu"
    assert choose_device("auto").type in ("cpu", "cuda", "mps")


def test_an_arm_has_as_many_parameters_as_it_says(settings: Settings, dataset: Dataset) -> None:
    arm = Learner("none", Classify.of(settings("none"), dataset), torch.device("cpu"), 10)
    assert arm.parameters == sum(
        array.size for name, array in arm.averaged.state().items() if name.startswith("model.")
    )


def test_training_without_validation_texts_keeps_the_last_epoch(settings: Settings, dataset: Dataset) -> None:
    bare = replace(dataset, split=np.zeros_like(dataset.split))
    events = list(fit(settings("none", epochs=3), bare))
    assert isinstance(events[-1], Finished)
    assert events[-1].arms[0]["best_epoch"] == 3


def test_a_word_that_one_part_removes_is_recorded_as_gone_whatever_gate_another_has(
    settings: Settings, dataset: Dataset
) -> None:
    """Dropout removes half of the words for real; the gate of `repaired` must not make them look kept."""
    probes = tuple(Probe(text) for text in dataset.texts[:6])
    arms = ("repaired", "dropout:0.5", "repaired+dropout:0.5")
    for event in fit(settings(*arms, controls=Controls(keep_threshold=0.4)), dataset, probes=lambda: probes):
        if not isinstance(event, EpochEnd):
            continue
        for seen in event.probes.values():
            gate, dropped, both = (seen[arm].mask for arm in arms)
            np.testing.assert_array_equal(both[dropped == 0], 0)
            np.testing.assert_array_equal(both[dropped == 1] > 0, gate[dropped == 1] > 0)
        assert any((seen[arms[1]].mask == 0).any() for seen in event.probes.values())


def test_masks_are_told_which_sample_of_the_data_set_they_see(
    settings: Settings, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: dict[str, set[int]] = {}
    real = Composed.plan

    def plan(self: Composed, context: MaskContext) -> MaskPlan:
        seen.setdefault(context.split, set()).update(context.sample.tolist())
        return real(self, context)

    monkeypatch.setattr(Composed, "plan", plan)
    for _ in fit(settings("none", epochs=1), dataset):
        pass
    assert {part: rows for part, rows in seen.items() if part != "probe"} == {
        part: set(dataset.rows(part).tolist()) for part in ("train", "validation", "test")
    }
