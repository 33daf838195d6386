"""Pre-training: an arm that learned the language first differs from one that did not in nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dynmask_core.analysis.subject import Subject
from dynmask_core.config import GUESS_TRAIN, DataConfig, ExperimentConfig, GuessSettings
from dynmask_core.data import Dataset, build, load_sample, planted
from dynmask_core.data.load import load
from dynmask_core.data.split import TEST, TRAIN, TRANSFER, UNKNOWN, VALIDATION
from dynmask_core.data.tokenize import SPECIAL_TOKENS, Tokenizer
from dynmask_core.data.variants import shorten
from dynmask_core.errors import InputError
from dynmask_core.events import ArmEpoch, EpochEnd, Event, Finished, Probe, Started, Step
from dynmask_core.jobs import execute
from dynmask_core.masks import MaskContext, MaskPlan, parse
from dynmask_core.runs import Run, files
from dynmask_core.tasks.hidden_words import HiddenWords
from dynmask_core.training.fit import fit

Settings = Callable[..., ExperimentConfig]
Plain = Callable[[Any], Any]
State = dict[str, np.ndarray]
ARM = "pretrained:passes=2"


def at_start(config: ExperimentConfig, data: Dataset) -> State:
    """The state before the first epoch, pre-training done."""
    for event in fit(config, data):
        if isinstance(event, EpochEnd):
            return {name: array.copy() for name, array in event.state.items()}
    raise AssertionError


def body(state: State, arm: int = 0, kind: str = "raw.") -> dict[str, bytes]:
    """What an arm's model knows of the language, bit for bit."""
    prefix = f"{arm}.{kind}"
    named = {name.removeprefix(prefix): array for name, array in state.items() if name.startswith(prefix)}
    found = {name: a.tobytes() for name, a in named.items() if name.startswith(("embedding.", "encoder."))}
    assert found
    return found


def of_arm(events: Iterable[Event], arm: str, plain: Plain) -> list[Any]:
    """All that is said of one arm, its weights and its probes included, in comparable form."""
    said = []
    for event in events:
        if isinstance(event, ArmEpoch) and event.arm == arm:
            said.append(plain(event))
        if isinstance(event, EpochEnd):
            said.append(plain({index: probes[arm] for index, probes in event.probes.items()}))
        if isinstance(event, Finished):
            results = [result for result in event.arms if result["name"] == arm]
            said.append(plain([results, event.weights[arm], event.predicted[arm]]))
    assert len(said) > 2
    return said


def replaced(data: Dataset, rows: np.ndarray, text: str) -> Dataset:
    """The same with another text, of one word, in these rows."""
    chosen = set(rows.tolist())
    spans = np.array([[0, len(text)]], dtype=np.int32)
    return replace(
        data,
        texts=[text if row in chosen else old for row, old in enumerate(data.texts)],
        spans=[spans if row in chosen else old for row, old in enumerate(data.spans)],
        rationale=None,
    )


@pytest.fixture(scope="module")
def few() -> Dataset:
    """Planted texts with many words, of which twenty texts are trained on and the rest of the training part is not."""
    data = shorten(build(planted(texts=80, noise_words=150).table)[0], 20, 0)
    assert len(data.rows("train")) == 20
    assert (data.split == UNKNOWN).sum() > 30
    return data


# Where it begins


@pytest.mark.parametrize(
    ("written", "refresh", "passes"),
    [
        ("pretrained:passes=2", "dynamic", 2),
        ("pretrained:dataset:passes=3", "static", 3),
        ("pretrained:cycle:k=2:passes=3", "static:2", 3),
    ],
)
def test_the_arm_begins_with_the_body_of_a_masked_language_model_and_the_head_of_scratch(
    written: str, refresh: str, passes: int, settings: Settings, dataset: Dataset
) -> None:
    config = settings("none", written, epochs=1, seed=3, weight_decay=0.7)
    state = at_start(config, dataset)
    # The same texts as a corpus; their words are all there twice or more, so that the vocabulary is the same.
    corpus = replace(dataset, classes=(), split=np.where(dataset.split == TRAIN, TRAIN, TRANSFER).astype(np.int8))
    train = replace(GUESS_TRAIN, epochs=passes, seed=3, device="cpu", weight_decay=0.7)
    language = ExperimentConfig(
        config.data, config.model.without_dropout(), train=train, arms=(refresh,), task=GuessSettings()
    )
    learned: State = {}
    for event in fit(language, corpus):
        if isinstance(event, EpochEnd):
            learned = {name: array.copy() for name, array in event.state.items()}
    expected = body(learned, kind="now.model.")
    assert body(state, 1) == body(state, 1, "now.model.") == expected
    assert body(state, 0) != expected
    for head in ("head.weight", "head.bias"):
        assert state[f"1.raw.{head}"].tobytes() == state[f"0.raw.{head}"].tobytes()
        assert state[f"1.now.model.{head}"].tobytes() == state[f"0.raw.{head}"].tobytes()
    # What it cost is the language model's cost, and its training steps are still to come.
    step, seconds, tokens, flops = state["1.counters"][:4].tolist()
    assert (step, tokens, flops) == (0, *learned["0.counters"][2:4].tolist())
    assert tokens == passes * sum(len(dataset.spans[row]) + 1 for row in dataset.rows("train"))
    assert seconds > 0
    assert state["0.counters"][:4].tolist() == [0, 0, 0, 0]


def test_refreshes_passes_and_rates_make_a_difference(settings: Settings, dataset: Dataset) -> None:
    arms = (
        "pretrained:dataset:passes=3",
        "pretrained:cycle:k=2:passes=3",
        "pretrained:passes=3",
        "pretrained:passes=2",
    )
    state = at_start(settings(*arms), dataset)
    bodies = [tuple(body(state, arm).values()) for arm in range(4)]
    more = at_start(settings("pretrained:passes=3:rate=0.4", "pretrained:passes=3:select=span"), dataset)
    bodies += [tuple(body(more, arm).values()) for arm in range(2)]
    assert len(set(bodies)) == 6


def test_another_draw_hides_other_words_and_changes_nothing_else(settings: Settings, dataset: Dataset) -> None:
    def asked(config: ExperimentConfig) -> tuple[dict[str, bytes], list[np.ndarray]]:
        hidden: list[np.ndarray] = []
        plan = HiddenWords.plan

        def listen(self: HiddenWords, context: MaskContext) -> MaskPlan:
            made = plan(self, context)
            assert made.labels is not None
            hidden.append(np.stack([context.input_ids.numpy(), made.labels.numpy()]))
            return made

        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(HiddenWords, "plan", listen)
            return body(at_start(config, dataset)), hidden

    (one, first), (other, second), (again, _) = (
        asked(settings(ARM + draw, epochs=1)) for draw in ("", ":draw=1", ":draw=1")
    )
    assert one != other == again
    assert all((a[0] == b[0]).all() for a, b in zip(first, second, strict=True))  # the same texts in the same order
    assert any((a[1] != b[1]).any() for a, b in zip(first, second, strict=True))


def test_labels_play_no_part(settings: Settings, dataset: Dataset) -> None:
    shuffled = replace(dataset, labels=np.random.default_rng(0).permutation(dataset.labels))
    assert (shuffled.labels != dataset.labels).sum() > 20
    config = settings(ARM)
    assert body(at_start(config, shuffled)) == body(at_start(config, dataset))


@pytest.mark.parametrize("part", [VALIDATION, TEST])
def test_validation_and_test_texts_play_no_part(part: int, settings: Settings, few: Dataset, dataset: Dataset) -> None:
    config = settings(ARM)
    for data in (dataset, few):
        word = data.texts[int(data.rows("train")[0])].split()[0]
        other = replaced(data, np.flatnonzero(data.split == part), word)
        assert body(at_start(config, other)) == body(at_start(config, data))
    training = replaced(dataset, dataset.rows("train")[:1], dataset.texts[0].split()[0])
    assert body(at_start(config, training)) != body(at_start(config, dataset))


# Texts whose labels are not used


def test_training_texts_left_unused_are_read_and_their_words_known(settings: Settings, few: Dataset) -> None:
    config = settings("none", ARM)
    unused = np.flatnonzero(few.split == UNKNOWN)
    without = replace(few, split=np.where(few.split == UNKNOWN, TRANSFER, few.split).astype(np.int8))
    read, not_read = at_start(config, few), at_start(config, without)
    assert body(read, 1) != body(not_read, 1)
    assert body(read, 0) == body(not_read, 0)
    started = next(event for event in fit(config, few) if isinstance(event, Started))
    counts: dict[str, int] = {}
    own = {word for row in few.rows("train") for word in few.texts[row].split()}
    for row in unused:
        for word in few.texts[row].split():
            counts[word] = counts.get(word, 0) + 1
    more = {word for word, count in counts.items() if count > 1 and word not in own}
    assert len(more) > 5
    assert set(started.vocabulary.words[4:]) == own | more
    sizes = [len(read[f"{arm}.raw.embedding.token.weight"]) for arm in (0, 1)]
    assert sizes == [4 + len(own), 4 + len(own) + len(more)]
    # Such a word says something to the arm that has read it, and is any unknown word to the other.
    sentences = tuple(Probe(f"{few.texts[0]} {word}") for word in (min(more), max(more), "nowhere", "neither"))
    shown = next(event.probes for event in fit(config, few, probes=lambda: sentences) if isinstance(event, EpochEnd))
    answers = [[shown[index][arm].probabilities.tolist() for index in range(4)] for arm in config.arms]
    assert answers[0][0] == answers[0][1] == answers[0][2] == answers[0][3]
    assert answers[1][0] != answers[1][1] != answers[1][2] == answers[1][3] != answers[1][0]
    parameters = [arm["parameters"] for arm in started.arms]
    assert parameters[1] - parameters[0] == len(more) * config.model.dim
    # What is learned of them is more than their words: in another order they teach something else.
    chosen = set(unused.tolist())
    backwards = [" ".join(text.split()[::-1]) if row in chosen else text for row, text in enumerate(few.texts)]
    spans = [np.array([match.span() for match in re.finditer(r"\S+", text)], dtype=np.int32) for text in backwards]
    turned = at_start(config, replace(few, texts=backwards, spans=spans, rationale=None))
    assert body(turned, 1) != body(read, 1)
    assert body(turned, 0) == body(read, 0)


@pytest.mark.parametrize("other", ["none", "window:4", "dropout", "static", "hardconcrete", "diffmask"])
def test_an_arm_that_is_not_pretrained_gives_the_numbers_it_gives_without_one(
    other: str, settings: Settings, few: Dataset, dataset: Dataset, plain: Plain
) -> None:
    # With a word that only unused training texts have.
    probes = (Probe(few.texts[0], 0), Probe(few.texts[int(np.flatnonzero(few.split == UNKNOWN)[0])]))
    for data in (dataset, few):
        alone = list(fit(settings(other), data, probes=lambda: probes))
        beside = list(fit(settings(other, ARM), data, probes=lambda: probes))
        assert of_arm(alone, other, plain) == of_arm(beside, other, plain)


def test_a_pretrained_arm_gives_the_numbers_it_gives_beside_others(
    settings: Settings, few: Dataset, plain: Plain
) -> None:
    alone, beside = list(fit(settings(ARM), few)), list(fit(settings("none", "pretrained:dataset:passes=1", ARM), few))
    assert of_arm(alone, ARM, plain) == of_arm(beside, ARM, plain)


def test_equal_settings_give_equal_numbers_and_resuming_gives_those_of_never_having_stopped(
    settings: Settings, few: Dataset, plain: Plain
) -> None:
    config = settings("none", ARM, epochs=3)
    said, at = [], {}
    for event in fit(config, few):
        if not isinstance(event, Step):
            said.append(plain(event))
        if isinstance(event, EpochEnd):
            at[event.epoch] = ({name: array.copy() for name, array in event.state.items()}, len(said))
    assert [plain(event) for event in fit(config, few) if not isinstance(event, Step)] == said
    for epoch in (0, 2):
        state, until_then = at[epoch]
        rest = []
        for event in fit(config, few, resume=state):
            if isinstance(event, Step):
                assert event.epoch > epoch, "it was pre-trained again"
            else:
                rest.append(plain(event))
        assert rest[1:] == said[until_then:]


# What it costs


def test_what_pretraining_costs_counts_as_training(settings: Settings, dataset: Dataset) -> None:
    state: State = {}
    for event in fit(settings("none", ARM), dataset):
        if isinstance(event, EpochEnd) and event.epoch == 0:
            state = {name: array.copy() for name, array in event.state.items()}
        if isinstance(event, Finished):
            none, trained = event.arms
    seconds, tokens, flops = state["1.counters"][1:4].tolist()
    assert trained["training_flops"] - none["training_flops"] == pytest.approx(3 * flops)
    assert flops > 0
    worked = [arm["tokens_per_second"] * arm["seconds"] for arm in (none, trained)]
    assert worked[1] - worked[0] == pytest.approx(tokens)
    assert trained["seconds"] > seconds > 0
    assert none["parameters"] == trained["parameters"]


# How it goes together with others


def test_two_in_one_arm_clash() -> None:
    with pytest.raises(InputError) as caught:
        parse("pretrained+pretrained:dataset")
    assert caught.value.code == "parts_clash"


@pytest.mark.parametrize("written", ["pretrained:often", "pretrained:passes=0", "pretrained:rate=0", "pretrained:k=1"])
def test_parameters_that_are_none_are_refused(written: str) -> None:
    with pytest.raises(InputError) as caught:
        parse(written)
    assert caught.value.code == "bad_parameter"


@pytest.mark.parametrize("other", ["window:4", "repaired", "static"])
def test_it_composes_with_another_mask_which_plays_no_part_before_the_first_epoch(
    other: str, settings: Settings, few: Dataset
) -> None:
    state: State = {}
    for event in fit(settings(ARM, f"{ARM}+{other}", other, epochs=1), few):
        if isinstance(event, EpochEnd) and event.epoch == 0:
            state = {name: array.copy() for name, array in event.state.items()}
        if isinstance(event, Finished):
            plain, both, alone = (event.weights[arm["name"]] for arm in event.arms)
    assert body(state, 0) == body(state, 1) != body(state, 2)
    name = "model.encoder.blocks.0.up.weight"
    assert (both[name] != plain[name]).any()
    assert (both[name] != alone[name]).any()


# Runs


def test_both_arms_of_a_run_can_be_used_and_give_what_was_recorded(
    tmp_path: Path, settings: Settings, few: Dataset
) -> None:
    run = Run.create(tmp_path, settings("none", ARM, epochs=3, learning_rate=0.02), few)
    assert execute(run.path) == "finished"
    recorded = run.predictions()
    assert recorded is not None
    texts = [few.texts[row] for row in few.rows("test")]
    sizes = []
    for arm in run.config().arms:
        subject = Subject.open(run, arm)
        probabilities = subject.probabilities(texts)
        assert probabilities.argmax(1).tolist() == recorded[arm].tolist()
        np.testing.assert_allclose(probabilities.sum(1), 1, atol=1e-5)
        assert len(subject.records(texts[:2])) == 2
        sizes.append(subject.model.embedding.vocabulary_size)
    assert sizes[0] < sizes[1] == len(run.vocabulary() or ())


def numbers(run: Run, plain: Plain) -> list[Any]:
    """What a finished run's folder says, clocks left out."""
    arms = [files.read_arrays(run.path / "snapshots" / f"epoch_{epoch:04d}.npz") for epoch in run.epochs()]
    weights = [run.weights_file(arm).read_bytes() for arm in run.config().arms]
    said = [event for event in run.events() if event["type"] != "started"]
    return [plain([run.result(), said, arms]), weights]


@pytest.mark.parametrize("pass_", [1, 2])
def test_a_run_stopped_between_two_steps_of_pretraining_can_be_finished(
    pass_: int, tmp_path: Path, settings: Settings, few: Dataset, plain: Plain
) -> None:
    config = settings("none", ARM, ARM.replace("pretrained", "pretrained:dataset"))
    straight, run = Run.create(tmp_path / "a", config, few), Run.create(tmp_path / "b", config, few)
    steps: list[Step] = []

    def listen(event: Event) -> None:
        if isinstance(event, Step) and event.epoch == 0:
            steps.append(event)
            assert straight.status().epoch == 0
            assert straight.status().fraction == 0
            assert (straight.status().arm, straight.status().step) == (event.arm, event.step)

    assert execute(straight.path, listen) == "finished"
    assert [step.arm for step in steps] == sorted((step.arm for step in steps), key=config.arms.index)
    assert {step.arm for step in steps} == set(config.arms[1:])
    for arm in config.arms[1:]:
        own = [step for step in steps if step.arm == arm]
        total = 2 * -(-int(np.isin(few.split, (TRAIN, UNKNOWN)).sum()) // GUESS_TRAIN.batch_size)
        assert {step.steps for step in own} == {total}
        assert [step.step for step in own] == sorted({step.step for step in own})
        assert {1, total // 2 + 1} <= {step.step for step in own}
        assert own[-1].step <= total

    seen: list[Step] = []

    def stop(event: Event) -> None:
        if isinstance(event, Step) and event.epoch == 0:
            seen.append(event)
            if len(seen) == pass_:
                run.command("stop")

    assert execute(run.path, stop) == "stopped"
    assert len(seen) == pass_
    assert run.status().epoch == 0
    assert run.epochs() == []
    run.command("run")
    assert execute(run.path) == "finished"
    assert numbers(run, plain) == numbers(straight, plain)


@pytest.mark.parametrize("select", ["whole-word", "span"])
def test_words_of_chinese_characters_are_hidden_whole(
    select: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = DataConfig("sample:chinese_sentiment", tokenizer="characters", max_rows=100, max_tokens=64)
    config = replace(settings(f"pretrained:passes=1:select={select}:rate=0.3"), data=data)
    texts, _ = load(load_sample("chinese_sentiment"), data, 0)
    torn: list[bool] = []
    plan = HiddenWords.plan

    def watched(self: HiddenWords, context: MaskContext) -> MaskPlan:
        made = plan(self, context)
        assert made.labels is not None
        for row, sample in enumerate(context.sample.tolist()):
            asked, known = (
                (made.labels[row, 1:] >= 0).tolist(),
                (context.input_ids[row, 1:] >= len(SPECIAL_TOKENS)).tolist(),
            )
            for start, end in Tokenizer("words").spans(texts.texts[sample]):
                inside = [i for i, (a, b) in enumerate(texts.spans[sample]) if start <= a and b <= end and known[i]]
                of_word = [asked[i] for i in inside]
                torn.append(0 < sum(of_word) < len(of_word))
        return made

    monkeypatch.setattr(HiddenWords, "plan", watched)
    at_start(config, texts)
    assert torn
    assert not any(torn)
