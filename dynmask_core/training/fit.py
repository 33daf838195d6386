"""Training: `fit` turns settings and data into a stream of events. It knows nothing about files, processes or pages."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch

from dynmask_core.config import Controls, ExperimentConfig
from dynmask_core.data.dataset import Dataset
from dynmask_core.data.tokenize import UNK
from dynmask_core.errors import InputError
from dynmask_core.evaluate.cost import Usage
from dynmask_core.events import ArmEpoch, ControlsChanged, EpochEnd, Event, Finished, Probe, ProbeRecord, Started, Step
from dynmask_core.keys import seed_of
from dynmask_core.masked_model import part_of
from dynmask_core.tasks import Task, task_of
from dynmask_core.training.batches import Batches
from dynmask_core.training.learner import Learner, State
from dynmask_core.training.record import cropped, record_texts

STEP_EVERY = 0.2
"""Seconds between Step events: within this time a listener can pause or stop the training."""


def choose_device(wish: str) -> torch.device:
    """ "auto" takes CUDA, then MPS, then the CPU; a missing device is an InputError."""
    there = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if wish == "auto":
        wish = next(name for name in ("cuda", "mps", "cpu") if there[name])
    if not there.get(wish, False):
        raise InputError("no_device", device=wish, available=", ".join(name for name, here in there.items() if here))
    return torch.device(wish)


def fit(
    config: ExperimentConfig,
    data: Dataset,
    *,
    controls: Callable[[], Controls] | None = None,
    probes: Callable[[], tuple[Probe, ...]] = tuple,
    resume: Mapping[str, np.ndarray] | None = None,
) -> Iterator[Event]:
    """Trains all arms, interleaved epoch by epoch, and yields what happens.

    controls: called before every epoch; a change is a ControlsChanged event. probes: called at the end of every epoch.
    resume: the `state` of an EpochEnd; the run continues after that epoch exactly as if it had never stopped (on CPU).
    Each weight NAME of Started.frozen may be added as "frozen.NAME"; without them the encoder's folder is read again.
    Order of events: Started, EpochEnd 0, then per epoch [ControlsChanged], per arm Step … ArmEpoch, EpochEnd; Finished.
    The caller pauses by not requesting the next event and stops by closing the iterator.
    The same settings and data give the same numbers on CPU with one thread.
    """
    task = task_of(config).of(config, data)
    device = choose_device(config.train.device)
    corpus = task.corpus
    learners = [Learner(arm, task, device, _steps(task)) for arm in config.arms]
    in_force, done = config.controls, 0
    if resume is not None:
        in_force, done = _load(learners, resume)
    else:
        weights = task.reader.weights()
        for learner in learners:
            learner.begin_with(weights)
    yield Started(
        arms=[{"name": learner.arm, "parameters": learner.parameters} for learner in learners],
        classes=list(task.classes),
        sizes={part: len(corpus.rows(part)) for part in ("train", "validation", "test")},
        vocabulary=corpus.vocabulary,
        device=device.type,
        first_epoch=done + 1,
        epochs=config.train.epochs,
        frozen=learners[0].frozen,
    )
    if resume is None:
        for learner in learners:
            yield from _begin(learner)
        yield _end(learners, 0, in_force, probes())
    for epoch in range(done + 1, config.train.epochs + 1):
        wanted = controls() if controls else in_force
        if wanted != in_force:
            in_force = wanted
            yield ControlsChanged(epoch, in_force)
        for learner in learners:
            yield from _train_epoch(learner, epoch, in_force)
        yield _end(learners, epoch, in_force, probes())
    yield _finish(learners, task)


def score_so_far(config: ExperimentConfig, data: Dataset, state: Mapping[str, np.ndarray]) -> Finished:
    """What the run would say if it ended with the epoch of this `state`, at least the first: see EpochEnd.

    Computed on the CPU. The caller's random numbers stay as they are.
    """
    task = task_of(config).of(config, data)
    with torch.random.fork_rng(devices=[]):
        learners = [Learner(arm, task, torch.device("cpu"), _steps(task)) for arm in config.arms]
        _load(learners, state)
        return _finish(learners, task)


def _steps(task: Task) -> int:
    """How many updates the whole training has."""
    train = task.config.train
    return -(-len(task.corpus.rows("train")) // train.batch_size) * train.epochs


def _begin(learner: Learner) -> Iterator[Event]:
    """Epoch 0 of an arm whose model learns something else first, and starts from the weights of that."""
    before = learner.task.before(learner.arm)
    if before is None:
        return
    (arm,), epochs, total = before.config.arms, before.config.train.epochs, _steps(before)
    first = Learner(arm, before, learner.device, total)
    for epoch in range(1, epochs + 1):
        done = total // epochs * (epoch - 1)
        for event in pass_over(first, epoch):
            if isinstance(event, Step):
                yield replace(event, arm=learner.arm, epoch=0, step=done + event.step, steps=total)
    learner.begin_as(first)


def _train_epoch(learner: Learner, epoch: int, controls: Controls) -> Iterator[Event]:
    learner.strategy.on_epoch(epoch, controls)
    passed = yield from pass_over(learner, epoch)
    seen = learner.task.evaluate(learner.averaged, "validation", epoch)
    learner.remember_best(epoch, seen.merit)
    told = learner.task.told(learner.arm, epoch)
    yield ArmEpoch(
        arm=learner.arm,
        epoch=epoch,
        train={"loss": passed.loss, "accuracy": passed.accuracy, **passed.usage.cost, **told},
        validation=seen.scores,
        mean_mask=seen.mean_mask,
        kept_fraction=seen.usage.kept_fraction,
        **seen.usage.cost,
        seconds=passed.seconds,
        tokens_per_second=passed.tokens / max(passed.seconds, 1e-9),
        best_epoch=learner.best_epoch,
    )


@dataclass(frozen=True)
class Passed:
    """One pass over all training samples. loss and accuracy: means over the answers. seconds: without waiting."""

    loss: float
    accuracy: float
    usage: Usage
    tokens: int
    seconds: float


def pass_over(learner: Learner, epoch: int) -> Generator[Event, None, Passed]:
    """One pass over all training samples: yields a Step now and then, returns what came of it."""
    seed = learner.config.train.seed
    passes: list[tuple[torch.Tensor, tuple[int, ...], int]] = []
    began = spoke = time.perf_counter()
    waited = 0.0
    batches = Batches(learner, learner.task.corpus.rows("train"), epoch)
    learner.model.train()
    total_loss = torch.zeros((), device=learner.device)
    right = torch.zeros((), dtype=torch.int64, device=learner.device)
    count = 0
    for number, (context, size) in enumerate(batches):
        _seed(learner.device, seed_of(seed, "dropout", epoch, number))
        learned = learner.train_step(context)
        loss, output = learned.loss, learned.output
        passes.append((output.kept, output.heads, size))
        total_loss += loss.mean * loss.count
        right += loss.right
        count += loss.count
        now = time.perf_counter()
        if now - spoke > STEP_EVERY or number == 0:
            yield Step(learner.arm, epoch, number + 1, len(batches), float(loss.mean))
            spoke = time.perf_counter()
            waited += spoke - now
    mean_loss, accuracy = float(total_loss) / max(count, 1), int(right) / max(count, 1)  # waits for the device
    seconds = time.perf_counter() - began - waited
    usage = Usage(learner.config.model)
    for kept, heads, tokens in passes:
        usage.add(kept.cpu().numpy(), heads, tokens)
    usage.answer(count, learner.task.flops_per_answer)
    learner.seconds += seconds
    learner.tokens += usage.given
    learner.flops += usage.flops
    return Passed(mean_loss, accuracy, usage, usage.given, seconds)


def _seed(device: torch.device, seed: int) -> None:
    """As torch.manual_seed, which also looks for every other kind of device: a fortieth of a step of a small model."""
    torch.default_generator.manual_seed(seed)
    if device.type == "cuda":
        torch.cuda.manual_seed(seed)
    elif device.type == "mps":
        torch.mps.manual_seed(seed)


def _end(learners: list[Learner], epoch: int, controls: Controls, probes: tuple[Probe, ...]) -> EpochEnd:
    """Records watched samples, word masks, and the state to resume from."""
    seen: dict[int, dict[str, ProbeRecord]] = {index: {} for index in range(len(probes))}
    masks: dict[str, np.ndarray] = {}
    for learner in learners:
        corpus = learner.task.corpus
        by_words = corpus.word_ids is not None
        for index, found in enumerate(record_texts(learner.averaged, [p.text for p in probes], epoch, by_words)):
            seen[index][learner.arm] = found if probes[index].whole else cropped(found)
        mask = learner.strategy.word_mask()
        if mask is not None:
            # Words that the arm does not know get the mask of [UNK].
            missing = len(corpus.vocabulary) - len(mask)
            masks[learner.arm] = np.pad(mask, (0, missing), constant_values=mask[UNK]).astype(np.float32)
    return EpochEnd(epoch, controls, seen, masks, _save(learners, epoch, controls))


def _save(learners: list[Learner], epoch: int, controls: Controls) -> State:
    values = [epoch, controls.step_size, controls.evidence_threshold, controls.keep_threshold]
    state = {f"{i}.{name}": array for i, learner in enumerate(learners) for name, array in learner.state().items()}
    return state | {"progress": np.array(values, dtype=np.float64)}


def _load(learners: list[Learner], state: Mapping[str, np.ndarray]) -> tuple[Controls, int]:
    frozen: Mapping[str, torch.Tensor] = {n: torch.from_numpy(a) for n, a in part_of(state, "frozen.").items()}
    if not frozen and learners[0].frozen_names:
        frozen = learners[0].task.reader.weights()
    for i, learner in enumerate(learners):
        learner.begin_with(frozen)
        learner.load_state(part_of(state, f"{i}."))
    epoch, *controls = state["progress"].tolist()
    return Controls(*controls), int(epoch)


def _finish(learners: list[Learner], task: Task) -> Finished:
    results: list[dict[str, Any]] = []
    predicted = {}
    for learner in learners:
        learner.show_best()
        result = task.result(learner.averaged, learner.best_epoch)
        if result.predicted is not None:
            predicted[learner.arm] = result.predicted
        results.append(
            {
                "name": learner.arm,
                **result.scores,
                "best_epoch": learner.best_epoch,
                "tokens_per_second": learner.tokens / max(learner.seconds, 1e-9),
                "seconds": learner.seconds,
                "parameters": learner.parameters,
                "training_flops": 3 * learner.flops,
            }
        )
    return Finished(results, {learner.arm: learner.best for learner in learners}, predicted, task.references(predicted))


def warm_up() -> None:
    """One tiny training, so that everything is loaded before the first real one."""
    from dynmask_core.config import DataConfig, ModelConfig, TrainConfig
    from dynmask_core.data import build
    from dynmask_core.data.planted import planted

    config = ExperimentConfig(
        DataConfig("sample:planted"), ModelConfig(8, 1, 1), train=TrainConfig(epochs=1, device="cpu")
    )
    dataset, _ = build(planted(texts=40).table)
    for _ in fit(config, dataset):
        pass
