"""Training: `fit` turns settings and data into a stream of events. It knows nothing of files, processes or pages."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch

from dynmask_core.arm import Arm, State
from dynmask_core.classification import Classification
from dynmask_core.config import Controls, DataConfig, ExperimentConfig
from dynmask_core.data.dataset import Dataset
from dynmask_core.data.encode import EncodedCorpus, pad, training_batches
from dynmask_core.data.tokenize import UNK, Tokenizer
from dynmask_core.errors import InputError
from dynmask_core.evaluate.cost import Usage
from dynmask_core.evaluate.probe import encode_probe, record
from dynmask_core.events import ArmEpoch, ControlsChanged, EpochEnd, Event, Finished, Probe, ProbeRecord, Started, Step
from dynmask_core.guessing import Guessing
from dynmask_core.keys import seed_of
from dynmask_core.mlm.word_ids import of_text

STEP_EVERY = 0.2
"""Seconds between Step events: a listener that pauses or stops between events does so within this time."""


def choose_device(wish: str) -> torch.device:
    """ "auto" takes CUDA, then MPS, then the CPU; a device that is not there is an InputError."""
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

    controls: asked before every epoch; a change is a ControlsChanged event. probes: asked at the end of every epoch.
    resume: the `state` of an EpochEnd; the run goes on after that epoch exactly as if it had never stopped (on CPU).
    Order of events: Started, EpochEnd 0, then per epoch [ControlsChanged], per arm Step … ArmEpoch, EpochEnd; Finished.
    The caller pauses by not asking for the next event and stops by closing the iterator.
    Same settings, same data, same numbers on CPU with one thread.
    """
    task: Classification | Guessing = Guessing.of(config, data) if config.mlm else Classification(config, data)
    device = choose_device(config.train.device)
    corpus = task.corpus
    rows = corpus.rows("train")
    steps = -(-len(rows) // config.train.batch_size)
    arms = [task.arm(name, device, steps * config.train.epochs) for name in config.arms]
    recorder = _Recorder(arms, corpus, config.data)
    in_force, done = config.controls, 0
    if resume is not None:
        in_force, done = _load(arms, resume)
    yield Started(
        arms=[{"name": arm.name, "parameters": arm.parameters} for arm in arms],
        classes=list(corpus.classes),
        sizes={part: len(corpus.rows(part)) for part in ("train", "validation", "test")},
        vocabulary=corpus.vocabulary,
        device=device.type,
        first_epoch=done + 1,
        epochs=config.train.epochs,
    )
    if resume is None:
        for arm in arms:
            yield from _pretrain(arm, task)
        yield recorder.end(0, in_force, probes())
    for epoch in range(done + 1, config.train.epochs + 1):
        wanted = controls() if controls else in_force
        if wanted != in_force:
            in_force = wanted
            yield ControlsChanged(epoch, in_force)
        for arm in arms:
            yield from _train_epoch(arm, corpus, rows, epoch, in_force)
        yield recorder.end(epoch, in_force, probes())
    yield _finish(arms, task)


def _train_epoch(arm: Arm, corpus: EncodedCorpus, rows: np.ndarray, epoch: int, controls: Controls) -> Iterator[Event]:
    arm.strategy.on_epoch(epoch, controls)
    passed = yield from _pass(arm, corpus, rows, epoch)
    seen = arm.evaluate(corpus, "validation", epoch)
    arm.remember_best(epoch, seen.merit)
    yield ArmEpoch(
        arm=arm.name,
        epoch=epoch,
        train={"loss": passed.loss, "accuracy": passed.accuracy, **passed.usage.cost, **arm.told(epoch)},
        validation=seen.scores,
        mean_mask=seen.mean_mask,
        kept_fraction=seen.usage.kept_fraction,
        **seen.usage.cost,
        seconds=passed.seconds,
        tokens_per_second=passed.tokens / max(passed.seconds, 1e-9),
        best_epoch=arm.best_epoch,
    )


def _pretrain(arm: Arm, task: Classification | Guessing) -> Iterator[Event]:
    """Epoch 0 of an arm that learns a language first: its model begins as that one ends."""
    before = task.pretraining(arm)
    if before is None:
        return
    rows, train = before.corpus.rows("train"), before.config.train
    steps = -(-len(rows) // train.batch_size) * train.epochs
    guesser = before.arm(before.config.arms[0], arm.device, steps)
    done = 0
    for epoch in range(1, train.epochs + 1):
        for event in _pass(guesser, before.corpus, rows, epoch):
            if isinstance(event, Step):
                yield replace(event, arm=arm.name, epoch=0, step=done + event.step, steps=steps)
        done += steps // train.epochs
    arm.begin_as(guesser)


@dataclass(frozen=True)
class _Passed:
    """All training texts once. loss and accuracy: means over the answers. seconds: of work, waiting left out."""

    loss: float
    accuracy: float
    usage: Usage
    tokens: int
    seconds: float


def _pass(arm: Arm, corpus: EncodedCorpus, rows: np.ndarray, epoch: int) -> Generator[Event, None, _Passed]:
    config = arm.config.train
    sequences = [corpus.ids[row] for row in rows]
    given = sum(map(len, sequences))
    labels = torch.from_numpy(corpus.labels).to(arm.device)
    passes: list[tuple[torch.Tensor, tuple[int, ...], int]] = []
    began = spoke = time.perf_counter()
    waited = 0.0
    # Texts are ordered by what is kept of them: a batch is as slow as its longest text.
    lengths = arm.kept_lengths(sequences, rows, epoch)
    batches = training_batches(lengths, config.batch_size, config.seed, epoch)
    arm.model.train()
    total_loss = torch.zeros((), device=arm.device)
    right = torch.zeros((), dtype=torch.int64, device=arm.device)
    count = 0
    for number, batch in enumerate(batches):
        chosen = rows[batch]
        context = arm.batch([sequences[i] for i in batch], chosen, "train", epoch, corpus.words_of(chosen))
        if corpus.classes:
            context = context.with_labels(labels[torch.from_numpy(chosen).to(arm.device)])
        torch.manual_seed(seed_of(config.seed, "dropout", epoch, number))
        learned = arm.train_step(context)
        passes.append((learned.output.kept, learned.output.heads, sum(len(sequences[i]) for i in batch)))
        total_loss += learned.loss * learned.count
        right += learned.right
        count += learned.count
        now = time.perf_counter()
        if now - spoke > STEP_EVERY or number == 0:
            yield Step(arm.name, epoch, number + 1, len(batches), float(learned.loss))
            spoke = time.perf_counter()
            waited += spoke - now
    mean_loss, accuracy = float(total_loss) / max(count, 1), int(right) / max(count, 1)  # waits for the device
    seconds = time.perf_counter() - began - waited
    arm.seconds += seconds
    arm.tokens += given
    usage = Usage(arm.config.model)
    for kept, heads, tokens in passes:
        usage.add(kept.cpu().numpy(), heads, tokens)
    usage.answer(count, arm.flops_per_answer)
    arm.flops += usage.flops
    return _Passed(mean_loss, accuracy, usage, given, seconds)


class _Recorder:
    """Ends an epoch: probes, word masks, and the state to resume from."""

    def __init__(self, arms: list[Arm], corpus: EncodedCorpus, config: DataConfig) -> None:
        self.arms = arms
        self.vocabulary = corpus.vocabulary
        self.by_words = corpus.word_ids is not None
        self.tokenizer = Tokenizer(config.tokenizer)  # type: ignore[arg-type]
        self.max_tokens = config.max_tokens

    def end(self, epoch: int, controls: Controls, probes: tuple[Probe, ...]) -> EpochEnd:
        sequences = [encode_probe(probe.text, self.tokenizer, self.vocabulary, self.max_tokens) for probe in probes]
        seen: dict[int, dict[str, ProbeRecord]] = {index: {} for index in range(len(probes))}
        words = self._words(probes, sequences) if self.by_words else None
        for arm in self.arms:
            for index, probe in enumerate(record(arm, sequences, epoch, words)):
                seen[index][arm.name] = probe
        by_arm = {arm.name: arm.strategy.word_mask() for arm in self.arms}
        masks = {name: self._for_all(mask) for name, mask in by_arm.items() if mask is not None}
        return EpochEnd(epoch, controls, seen, masks, _save(self.arms, epoch, controls))

    def _for_all(self, mask: np.ndarray) -> np.ndarray:
        """float16 [V]: words that the arm does not know have the mask of an unknown word."""
        missing = len(self.vocabulary) - len(mask)
        return np.pad(mask, (0, missing), constant_values=mask[UNK]).astype(np.float16)

    def _words(self, probes: Sequence[Probe], sequences: Sequence[np.ndarray]) -> np.ndarray | None:
        """See MaskContext.word_ids."""
        numbers = []
        for probe, ids in zip(probes, sequences, strict=True):
            spans = np.array(self.tokenizer.spans(probe.text)[: len(ids) - 1], dtype=np.int64).reshape(-1, 2)
            numbers.append(np.append(-1, of_text(probe.text, spans)))
        return pad(numbers, -1) if numbers else None


def _save(arms: list[Arm], epoch: int, controls: Controls) -> State:
    values = [epoch, controls.step_size, controls.evidence_threshold, controls.keep_threshold]
    state = {f"{i}.{name}": array for i, arm in enumerate(arms) for name, array in arm.state().items()}
    return state | {"progress": np.array(values, dtype=np.float64)}


def _load(arms: list[Arm], state: Mapping[str, np.ndarray]) -> tuple[Controls, int]:
    for i, arm in enumerate(arms):
        prefix = f"{i}."
        arm.load_state({name.removeprefix(prefix): a for name, a in state.items() if name.startswith(prefix)})
    epoch, *controls = state["progress"].tolist()
    return Controls(*controls), int(epoch)


def _finish(arms: list[Arm], task: Classification | Guessing) -> Finished:
    results: list[dict[str, Any]] = []
    predicted = {}
    for arm in arms:
        arm.load_inference_state(arm.best)
        worth, classes = task.result(arm)
        if classes is not None:
            predicted[arm.name] = classes
        results.append(
            {
                "name": arm.name,
                **worth,
                "best_epoch": arm.best_epoch,
                "tokens_per_second": arm.tokens / max(arm.seconds, 1e-9),
                "seconds": arm.seconds,
                "parameters": arm.parameters,
                "training_flops": 3 * arm.flops,
            }
        )
    return Finished(results, {arm.name: arm.best for arm in arms}, predicted)


def warm_up() -> None:
    """One tiny training step, so that the first real one finds everything loaded."""
    from dynmask_core.config import ModelConfig, TrainConfig
    from dynmask_core.data import build
    from dynmask_core.data.planted import planted

    config = ExperimentConfig(
        DataConfig("sample:planted"), ModelConfig(8, 1, 1), train=TrainConfig(epochs=1, device="cpu")
    )
    dataset, _ = build(planted(texts=40).table)
    for _ in fit(config, dataset):
        pass
