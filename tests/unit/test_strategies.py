"""The contract of every strategy. The tests are made from the register: a new one is covered by being registered."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, get_args

import numpy as np
import pytest
import torch
from examples import EXAMPLES, example
from torch import Tensor

from dynmask_core.analysis.subject import Subject
from dynmask_core.config import (
    ClassifySettings,
    Controls,
    DataConfig,
    ExperimentConfig,
    MarkSettings,
    ModelConfig,
    TaskSettings,
    TrainConfig,
)
from dynmask_core.data import build, load_sample
from dynmask_core.data.encode import EncodedCorpus, encode
from dynmask_core.data.tokenize import CLS, UNK
from dynmask_core.events import EpochEnd, Event, Finished, Probe, ProbeRecord
from dynmask_core.inputs import INPUTS, fit_to, make_input, statistics
from dynmask_core.masks import REGISTRY, LayerContext, MaskContext, MaskPlan, Setting, Split, canonical, parse
from dynmask_core.masks import build as build_arm
from dynmask_core.masks.compose import needs as needs_of
from dynmask_core.messages import LANGUAGES, catalogue, gloss
from dynmask_core.tasks import task_of
from dynmask_core.training.fit import fit
from dynmask_core.training.learner import Learner
from dynmask_core.training.record import record

EPOCHS = 4
CONTROLS = Controls(step_size=0.3, evidence_threshold=0.5)
EVERY = pytest.mark.parametrize("name", sorted(REGISTRY))


def home(arm: str) -> str:
    """The input on which an arm is tested: text, or else the first one that has what it needs."""
    offered = {kind: task_of(made).provided(made) for kind in INPUTS for made in [ExperimentConfig(input=kind)]}
    wanted = needs_of(arm) - {"marks"}  # that is the task's to give, see `task`
    return "text" if wanted <= offered["text"] else next(kind for kind in EXAMPLES if wanted <= offered[kind])


@functools.cache
def data(kind: str = "text") -> tuple[Any, EncodedCorpus]:
    if kind != "text":
        dataset = example(kind, 64)
        return dataset, make_input(fitted(kind)).encode(dataset)
    dataset, _ = build(load_sample("english_sentiment"), max_rows=60, max_tokens=64, seed=0)
    tags = [" ".join("O" if place % 3 else "B-X" for place in range(len(spans))) for spans in dataset.spans]
    return replace(dataset, targets=tags), encode(dataset, 30_000)


def task(name: str) -> TaskSettings:
    """The task that has what a strategy needs: telling classes apart, or marking units."""
    return MarkSettings(("O", "B-X")) if "marks" in needs_of(name) else ClassifySettings()


@functools.cache
def fitted(kind: str) -> ExperimentConfig:
    return fit_to(ExperimentConfig(DataConfig(kind, max_tokens=64), input=kind), example(kind, 64))


def units(kind: str, text: Sequence[int]) -> np.ndarray:
    """A sample with its special unit, given by word ids; an input without words has as many units, each its own."""
    ids = np.array([CLS, *text], dtype=np.int32)
    if kind == "text":
        return ids
    size = data(kind)[1].ids[0].shape[1]
    drawn = [np.random.default_rng(word).normal(size=size).astype(np.float32) for word in text]
    return np.stack([np.zeros(size, dtype=np.float32), *drawn])


def config(name: str, seed: int = 0, device: str = "cpu", **training: Any) -> ExperimentConfig:
    torch.set_num_threads(1)
    kind = home(name)
    return ExperimentConfig(
        DataConfig("english_sentiment", max_tokens=64) if kind == "text" else fitted(kind).data,
        ModelConfig(dim=16, heads=2, layers=2),
        controls=CONTROLS,
        train=TrainConfig(**{"epochs": EPOCHS, "batch_size": 16, "seed": seed, "device": device, **training}),
        arms=(name,),
        input=kind,
        task=task(name),
    )


def arm(name: str, seed: int = 0, epoch: int = 1) -> Learner:
    """An arm that is ready to train in `epoch`."""
    dataset, _ = data(home(name))
    made = Learner(name, task_of(config(name)).of(config(name, seed), dataset), torch.device("cpu"), 20)
    for number in range(1, epoch + 1):
        made.strategy.on_epoch(number, CONTROLS)
    return made


def batch(of: Learner, sequences: list[list[int]], split: str = "train", epoch: int = 1) -> MaskContext:
    """Texts given by word ids, without [CLS]."""
    ids = [units(home(of.arm), text) for text in sequences]
    made = of.averaged.batch(ids, np.arange(len(ids)), split, epoch)  # type: ignore[arg-type]
    if split != "train" or "marks" not in of.task.provides:
        return made
    return replace(made, marks=torch.where(made.maskable, torch.arange(made.units.shape[1]) % 2, -1))


def all_tensors(plan: MaskPlan) -> dict[str, Tensor]:
    values = {name: getattr(plan, name) for name in plan.__dataclass_fields__}
    return {name: value for name, value in values.items() if isinstance(value, Tensor)}


def tensors(plan: MaskPlan) -> dict[str, Tensor]:
    return {name: value.detach() for name, value in all_tensors(plan).items()}


def everything(of: Learner, context: MaskContext) -> list[tuple[str, bytes]]:
    """All tensors of the plan and of the layer plans for one batch, what they are learned from, and what the attention
    map makes of some scores."""
    said = tensors(of.strategy.plan(context))
    asked = []
    whole = of.strategy.layer_plan

    def layer_plan(layer: Any) -> MaskPlan:
        asked.append(whole(layer))
        return asked[-1]

    with torch.no_grad():
        plan = of.strategy.plan(context)
        request = of.averaged.request(context, plan, trace=True)
        request = replace(request, layer_plan=request.layer_plan and layer_plan)
        of.averaged.model(context.units, context.attention_mask, request)
        for i, one in enumerate(asked):
            said |= {f"{i}.{name}": value for name, value in tensors(one).items()}
        said |= of.strategy.trainable
        if plan.attention_map is not None:
            said["map"] = plan.attention_map(torch.linspace(-2, 2, 7))
    lasting = {name: value for name, value in said.items() if not name.endswith("aux_loss")}
    return [(name, value.detach().numpy().tobytes()) for name, value in lasting.items()]


@dataclass
class Trained:
    events: list[Event]
    states: list[dict[str, np.ndarray]]
    records: list[ProbeRecord]

    @property
    def finished(self) -> Finished:
        assert isinstance(self.events[-1], Finished)
        return self.events[-1]


@functools.cache
def trained(name: str) -> Trained:
    """A whole tiny run of one arm."""
    dataset, _ = data(home(name))
    events, states, records = [], [], []
    other = " ".join(dataset.texts[:6]) if home(name) == "text" else dataset.texts[1]
    probe = (Probe(dataset.texts[0], 0), Probe(other, 1))
    for event in fit(config(name), dataset, probes=lambda: probe):
        if isinstance(event, EpochEnd):
            states.append({key: array.copy() for key, array in event.state.items()})
            records += [event.probes[i][name] for i in (0, 1)]
            event = replace(event, state={})
        events.append(event)
    return Trained(events, states, records)


def losses(name: str) -> list[float]:
    return [event.train["loss"] for event in trained(name).events if hasattr(event, "train")]


def states(events: Iterable[Event]) -> list[dict[str, np.ndarray]]:
    """Copies of the state at each epoch's end; an event's own arrays are views that training goes on to change."""
    ends = (event for event in events if isinstance(event, EpochEnd))
    return [{key: array.copy() for key, array in event.state.items()} for event in ends]


@EVERY
def test_it_says_what_it_is(name: str) -> None:
    strategy = REGISTRY[name]
    known = {*Controls.__dataclass_fields__, *config(name).mask.__dataclass_fields__}
    assert strategy.name == name
    assert strategy.__doc__
    assert strategy.formula
    assert strategy.paper or strategy.family in ("baseline", "feature", "random", "head")
    assert set(strategy.uses) <= known
    for lang in LANGUAGES:
        for key in (f"strategy.{name}", f"family.{strategy.family}", *(f"param.{p.name}" for p in strategy.parameters)):
            words, sentence = gloss(key, lang)
            assert words, key
            assert sentence, key
        for kind in ("site", "refresh", "source"):
            assert f"{kind}.{getattr(strategy, kind)}" in catalogue(lang)


@EVERY
def test_its_parameters_accept_their_defaults_and_their_ends(name: str) -> None:
    assert canonical(name) == name
    for parameter in REGISTRY[name].parameters:
        assert parameter.read(parameter.default) == parameter.default
        for written in parameter.choices or ((parameter.low, parameter.high) if not parameter.is_text else ()):
            value = parameter.read(written)
            spelled = canonical(f"{name}:{parameter.name}={written}")
            assert parse(spelled)[0][1].get(parameter.name, parameter.default) == value


@EVERY
def test_it_trains_at_the_ends_of_its_parameters(name: str) -> None:
    _, corpus = data(home(name))
    row = corpus.rows("train")[:4]
    for parameter in REGISTRY[name].parameters:
        ends = parameter.choices or (() if parameter.is_text else (f"{parameter.low:g}", f"{parameter.high:g}"))
        for written in ends:
            made = arm(f"{name}:{parameter.name}={written}")
            context = made.averaged.batch([corpus.ids[i] for i in row], row, "train", 1)
            labels = torch.from_numpy(corpus.labels[row])
            for _ in range(2):
                loss = made.train_step(context.with_labels(labels)).loss.mean
                assert loss.isfinite(), written
            assert all(p.isfinite().all() for p in made.model.parameters()), written


@EVERY
def test_it_learns_and_every_number_is_finite(name: str) -> None:
    assert np.isfinite(losses(name)).all()
    for state in trained(name).states:
        for key, array in state.items():
            assert np.isfinite(array).all() or key.endswith("counters"), key


@EVERY
def test_values_stay_between_0_and_1(name: str) -> None:
    for probe in trained(name).records:
        assert probe.mask.min() >= 0
        assert probe.mask.max() <= 1
    for event in trained(name).events:
        if isinstance(event, EpochEnd):
            for mask in event.word_masks.values():
                assert ((mask >= 0) & (mask <= 1)).all()
    for split in ("train", "test"):
        made = arm(name)
        for key, value in tensors(made.strategy.plan(batch(made, [[4, 5, 6, 7], [8]], split))).items():
            if key in ("token_gate", "head_gate", "feature_gate"):
                assert ((value >= 0) & (value <= 1)).all()


@EVERY
def test_equal_keys_give_equal_masks(name: str) -> None:
    texts = [[4, 5, 6, 7, 8, 9], [10, 11]]
    one, other = arm(name), arm(name)
    first = everything(one, batch(one, texts))
    assert first == everything(one, batch(one, texts))
    assert first == everything(other, batch(other, texts))


def fingerprints(name: str) -> Iterator[list[tuple[str, bytes]]]:
    """What the strategy says of the same text in each epoch of a run."""
    _, corpus = data(home(name))
    rows = corpus.rows("train")
    made = arm(name, epoch=0)
    for epoch in range(1, EPOCHS + 1):
        made.strategy.on_epoch(epoch, CONTROLS)
        for start in range(0, len(rows), 16):
            row = rows[start : start + 16]
            labels = torch.from_numpy(corpus.labels[row])
            made.train_step(made.averaged.batch([corpus.ids[i] for i in row], row, "train", epoch).with_labels(labels))
        yield everything(made, made.averaged.batch([corpus.ids[rows[0]]], np.arange(1), "train", epoch))


@EVERY
def test_static_repeats_and_dynamic_changes(name: str) -> None:
    seen = list(fingerprints(name))
    strategy = REGISTRY[name](Setting())
    if strategy.refresh in ("never", "dataset"):
        assert all(one == seen[0] for one in seen)
    elif strategy.replaces != "attention_map":  # a fixed map masks anew whatever the model makes of a text
        assert any(one != seen[0] for one in seen)


@EVERY
def test_a_resumed_run_equals_one_that_never_stopped(name: str) -> None:
    dataset, _ = data(home(name))
    whole = trained(name)
    last = states(fit(config(name), dataset, resume=whole.states[2]))[-1]
    assert last.keys() == whole.states[-1].keys()
    for key, array in last.items():
        if not key.endswith("counters"):
            assert array.tobytes() == whole.states[-1][key].tobytes(), key


@EVERY
def test_the_saved_arm_predicts_what_the_trained_one_did(name: str) -> None:
    dataset, corpus = data(home(name))
    finished = trained(name).finished
    predictor = Subject.of_weights(name, config(name), corpus.vocabulary, corpus.classes, finished.weights[name])
    rows = corpus.rows("test")
    texts = [dataset.texts[row] for row in rows]
    if task(name).name == "mark":
        p = np.concatenate(predictor.marks(texts))
        true = np.array([int(tag != "O") for row in rows for tag in dataset.targets[row].split()])
    else:
        p, true = predictor.probabilities(texts), corpus.labels[rows]
    loss = -np.log(p[np.arange(len(true)), true]).mean()
    assert loss == pytest.approx(finished.arms[0]["test"]["loss"], abs=1e-5)


@EVERY
def test_labels_of_other_texts_than_those_of_training_play_no_part(name: str) -> None:
    dataset, _ = data(home(name))
    hidden = dataset.split != 0
    turned = replace(dataset, labels=np.where(hidden, 1 - dataset.labels, dataset.labels))
    for key, array in states(fit(config(name), turned))[-1].items():
        if ".now." in key or ".raw." in key:
            assert array.tobytes() == trained(name).states[-1][key].tobytes(), key


@EVERY
def test_special_tokens_and_padding_are_left_alone(name: str) -> None:
    made = arm(name, epoch=3)
    for split in ("train", "test", "probe"):
        context = batch(made, [[4, 5, 6, 7, 8], [9]], split)
        plan = made.strategy.plan(context)
        outside = ~context.maskable
        if plan.token_gate is not None:
            assert (plan.token_gate[outside] == 1).all()
        if plan.keep is not None:
            assert plan.keep[outside].all()
        if plan.feature_gate is not None:
            assert (plan.feature_gate[outside] == 1).all()
        if plan.units is not None:
            assert (plan.units[outside] == context.input_ids[outside]).all()


@EVERY
@pytest.mark.parametrize("split", ["train", "test"])
def test_a_text_does_not_see_the_others_of_its_batch(name: str, split: str) -> None:
    made = arm(name, epoch=3)
    text, others = [4, 5, 6, 7], [[8, 9, 10, 11, 12, 13], [14], []]

    def logits(texts: list[list[int]]) -> Tensor:
        context = batch(made, texts, split)
        with torch.no_grad():
            own = made.averaged.forward(context, made.strategy.plan(context)).logits[0]
        return own[: len(text) + 1] if own.ndim == 2 else own  # of every unit, or of the whole text

    torch.testing.assert_close(logits([text, *others]), logits([text]), atol=1e-5, rtol=1e-5)


@EVERY
@pytest.mark.parametrize("texts", [[[]], [[4]], [[UNK]], [[], [4], [5, 6]]], ids=["empty", "one", "unknown", "mixed"])
def test_empty_and_one_token_texts_train_and_predict(name: str, texts: list[list[int]]) -> None:
    made = arm(name, epoch=2)
    labels = torch.zeros(len(texts), dtype=torch.int64)
    loss = made.train_step(batch(made, texts, "train").with_labels(labels)).loss.mean
    assert loss.isfinite()
    assert all(p.isfinite().all() for p in [*made.model.parameters(), *made.strategy.trainable.values()])
    sequences = [units(home(name), text) for text in texts]
    for answered in made.averaged.answer(sequences, np.arange(len(texts)), "test", 2):
        assert answered.output.logits.isfinite().all()
    for probe in record(made.averaged, sequences, 2):
        assert np.isfinite(probe.probabilities).all()
        assert np.isfinite(probe.mask).all()


@EVERY
def test_cutting_out_gives_the_numbers_of_masking(name: str) -> None:
    """A Trace masks where a pass without one removes tokens and heads for real."""
    made = arm(name, epoch=EPOCHS)
    _, corpus = data(home(name))
    rows = corpus.rows("train")[:8]
    for split in ("train", "test"):
        context = made.averaged.batch([corpus.ids[i] for i in rows], rows, split, EPOCHS)  # type: ignore[arg-type]
        with torch.no_grad():
            plan = made.strategy.plan(context)
            cut = made.averaged.forward(context, plan)
            masked = made.averaged.forward(context, plan, trace=True)
        torch.testing.assert_close(cut.logits, masked.logits, atol=1e-5, rtol=1e-5)
        assert torch.equal(cut.kept, masked.kept)


@EVERY
@pytest.mark.parametrize("split", get_args(Split))
def test_what_only_training_sees_prediction_does_not(name: str, split: Split) -> None:
    made = arm(name, epoch=2)
    context = batch(made, [[4, 5, 6, 7, 8, 9, 10, 11]], split)
    assert context.training == (split in ("train", "probe"))
    if made.strategy.only_training and not made.strategy.layered:
        assert bool(tensors(made.strategy.plan(context))) == context.training


def variants() -> list[str]:
    """Every strategy, and each of its choices."""
    written = ["hardkuma:weight=1", "longformer:length=1", "custom:~sentence-global(1)|(q-k==2)"]
    for name, strategy in sorted(REGISTRY.items()):
        choices = [f"{name}:{p.name}={choice}" for p in strategy.parameters for choice in p.choices]
        written += dict.fromkeys(canonical(one) for one in (name, *choices))
    return written


EVERY_CHOICE = pytest.mark.parametrize("written", variants())
TELLING = {"adaptivespan": "adaptivespan:reach=2:ramp=1", "block": "block:3", "prefix": "prefix:2"}
"""The same, so small that it makes a difference in short texts."""
T = 9


class ReadError(Exception):
    """Something was read that is not there."""


def without(whole: Any, *names: str) -> Any:
    """The same, but to read one of its attributes `names` is an error."""

    class Partial(type(whole)):  # type: ignore[misc]
        def __getattribute__(self, name: str) -> Any:
            if name in names:
                raise ReadError(name)
            return super().__getattribute__(name)

    partial = object.__new__(Partial)
    partial.__dict__.update(vars(whole))
    return partial


def texts(written: str, split: Split, order: Sequence[int] = range(T)) -> MaskContext:
    """Two texts of eight words, laid out in `order`; every word keeps its place."""
    ids = torch.tensor([[CLS, 10, 11, 12, 13, 14, 15, 16, 17], [CLS, 12, 12, 30, 31, 10, 5, 6, 7]])[:, list(order)]
    place = torch.tensor(list(order)).expand(2, T)[..., None]
    labels = torch.tensor([0, 1]) if split == "train" else None
    kind, there, special = home(written), ids >= 0, ids == CLS
    if kind != "text":
        found = {word: units(kind, [word])[1] for word in ids.flatten().tolist()}
        ids = torch.tensor(np.array([[found[word] for word in row] for row in ids.tolist()]))
    bands = INPUTS[kind].bands
    return MaskContext(ids, there, special, torch.arange(2), 1, 0, split, labels, coordinates=place, bands=bands)


def answers(
    written: str,
    corpus: Any,
    context: MaskContext,
    order: Sequence[int] = range(T),
    cut: Callable[[LayerContext], LayerContext] = lambda layer: layer,
) -> list[MaskPlan]:
    """The plan and the layer plans of a strategy that is made, meets the corpus, and learns of a training step."""
    settings = config(written)
    strategy = build_arm(written, Setting(model=settings.model))
    strategy.fit(corpus)
    strategy.on_epoch(1, CONTROLS)
    with torch.no_grad():
        for tensor in strategy.trainable.values():
            tensor += torch.linspace(0, 0.1, tensor.numel()).view(tensor.shape)
    plans = [strategy.plan(context)]
    random = torch.Generator().manual_seed(0)
    attention, hidden = torch.rand(2, 2, T, T, generator=random), torch.randn(2, T, 16, generator=random)
    attention = (attention / attention.sum(-1, keepdim=True))[..., list(order), :][..., list(order)]
    place = torch.arange(T).expand(2, T)
    for layer in range(settings.model.layers if strategy.layered else 0):
        seen = LayerContext(context, layer, hidden[:, list(order)], attention, place, torch.ones(2, T, dtype=bool))  # type: ignore[call-overload]
        plans.append(strategy.layer_plan(cut(seen)))
    if context.split == "train":
        learned = [value.sum() for one in plans for value in all_tensors(one).values() if value.requires_grad]
        if learned:
            sum(learned).backward()  # type: ignore[union-attr]
        strategy.feedback(context)
    return plans


CONTEXT = {"words": ("units", "input_ids", "word_ids"), "labels": ("labels",)}
BANDS = {"words": ("input_ids", "word_ids")}
"""Who needs bands may read units as well."""
CORPUS = {"words": ("words", "tokens"), "labels": ("labels", "classes", "token_labels")}


@EVERY_CHOICE
@pytest.mark.parametrize("split", ["train", "test", "probe"])
def test_what_it_does_not_say_it_needs_it_does_not_read(written: str, split: Split) -> None:
    corpus, context, needs = statistics(data(home(written))[1]), texts(written, split), needs_of(written)
    hidden = CONTEXT | BANDS if "bands" in needs else CONTEXT
    lacking = [need for need in ("words", "labels") if need not in needs]
    poor = replace(corpus, words=(), specials=0, tokens=corpus.tokens[:0], lengths=corpus.lengths * 0)
    blind = without(
        poor if "words" in lacking else corpus,
        *(name for need in lacking for name in CORPUS[need] if need == "labels"),
    )

    def cut(layer: LayerContext) -> LayerContext:
        return layer if "attention" in needs else without(layer, "attention")

    seen = without(context, *(name for need in lacking for name in hidden[need]))
    for one, other in zip(answers(written, blind, seen, cut=cut), answers(written, corpus, context), strict=True):
        assert {k: v.tolist() for k, v in tensors(one).items()} == {k: v.tolist() for k, v in tensors(other).items()}


@EVERY_CHOICE
def test_what_it_says_it_needs_it_reads(written: str) -> None:
    if REGISTRY[written.split(":")[0]].replaces == "weights":
        pytest.skip("acts before it is asked for any plan")
    corpus, context = statistics(data(home(written))[1]), texts(written, "train")
    for need in needs_of(written) & {"words", "labels"}:
        with pytest.raises(ReadError):
            answers(written, without(corpus, *CORPUS[need]), without(context, *CONTEXT[need]))
    if "attention" in needs_of(written):
        with pytest.raises(ReadError):
            answers(written, corpus, context, cut=lambda layer: without(layer, "attention"))


def laid_out(plan: MaskPlan, order: Sequence[int]) -> dict[str, Tensor]:
    """The plan's tensors for a text whose units are laid out in another order."""
    moved = {}
    for name, value in tensors(plan).items():
        if name in ("token_gate", "keep", "units", "feature_gate", "fuse"):
            value = value[:, list(order)]
        if name == "attention_bias":
            for axis in (-1, -2):
                value = value.index_select(axis, torch.tensor(order)) if value.shape[axis] > 1 else value
        moved[name] = value
    return moved


def alike(plans: list[MaskPlan], others: list[MaskPlan], order: Sequence[int]) -> bool:
    moved = [(laid_out(one, order), tensors(other)) for one, other in zip(plans, others, strict=True)]
    return all(
        torch.allclose(one[name].float(), other[name].float(), atol=1e-6) for one, other in moved for name in one
    )


@EVERY_CHOICE
def test_only_what_needs_an_order_minds_how_units_are_laid_out(written: str) -> None:
    corpus, order = statistics(data(home(written))[1]), [0, 5, 2, 8, 1, 7, 3, 4, 6]
    short = TELLING.get(written, written)
    same = {}
    for split in get_args(Split):
        moved = answers(short, corpus, texts(short, split, order), order)
        same[split] = alike(answers(short, corpus, texts(short, split)), moved, order)
    if "order" in needs_of(written):
        assert not all(same.values())
    else:
        assert same["test"]  # in training what is drawn at random is drawn by place


@EVERY
def test_its_mask_can_be_seen(name: str) -> None:
    """Somewhere in a run a token, an edge or a head of a watched sentence is not left whole."""
    if REGISTRY[name].site == "none" or name == "full":
        pytest.skip("masks nothing")
    if home(name) != "text":
        assert any((probe.mask < 1).any() for probe in trained(name).records)
        return
    none = trained("none").records
    tokens = any((probe.mask < 1).any() for probe in trained(name).records)
    maps = any(
        not np.array_equal(one.attention, other.attention)
        for one, other in zip(trained(name).records, none, strict=True)
    )
    assert tokens if REGISTRY[name].site in ("input", "corruption", "removal") else maps


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device here")
@EVERY
def test_cuda_gives_the_numbers_of_the_cpu(name: str) -> None:
    dataset, _ = data(home(name))
    on_gpu = [event for event in fit(config(name, device="cuda", epochs=1), dataset) if hasattr(event, "train")]
    on_cpu = [event for event in fit(config(name, epochs=1), dataset) if hasattr(event, "train")]
    # Dropout draws differently on the two; the mask and the sizes do not.
    assert on_gpu[0].kept_per_layer == pytest.approx(on_cpu[0].kept_per_layer, abs=0.02)
    assert on_gpu[0].train["loss"] == pytest.approx(on_cpu[0].train["loss"], abs=0.1)
