"""Training: `fit` turns settings and data into a stream of events. It knows nothing of files, processes or pages."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import torch

from dynmask_core.arm import Arm, State, statistics
from dynmask_core.config import Controls, DataConfig, ExperimentConfig
from dynmask_core.data.check import Dataset
from dynmask_core.data.encode import EncodedCorpus, encode, training_batches
from dynmask_core.data.tokenize import Tokenizer
from dynmask_core.errors import InputError
from dynmask_core.evaluate.probe import encode_probe, record
from dynmask_core.evaluate.scores import Scores, score
from dynmask_core.events import ArmEpoch, ControlsChanged, EpochEnd, Event, Finished, Probe, ProbeRecord, Started, Step
from dynmask_core.keys import seed_of
from dynmask_core.masks import REGISTRY
from dynmask_core.masks.base import Split

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


def check_arms(names: tuple[str, ...]) -> None:
    """Raises InputError for a name that is no registered strategy."""
    for name in names:
        if name not in REGISTRY:
            raise InputError("unknown_strategy", name=name, known=", ".join(REGISTRY))


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
    check_arms(config.arms)
    device = choose_device(config.train.device)
    corpus = encode(data, config.data.max_vocabulary)
    rows = corpus.rows("train")
    steps = -(-len(rows) // config.train.batch_size)
    known = statistics(corpus)
    arms = []
    for name in config.arms:
        arm = Arm(name, config, len(corpus.vocabulary), len(corpus.classes), device, steps * config.train.epochs)
        arm.strategy.fit(known)
        arms.append(arm)
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
        yield recorder.end(0, in_force, probes())
    for epoch in range(done + 1, config.train.epochs + 1):
        wanted = controls() if controls else in_force
        if wanted != in_force:
            in_force = wanted
            yield ControlsChanged(epoch, in_force)
        for arm in arms:
            yield from _train_epoch(arm, corpus, rows, epoch, in_force)
        yield recorder.end(epoch, in_force, probes())
    yield _finish(arms, corpus)


def _train_epoch(arm: Arm, corpus: EncodedCorpus, rows: np.ndarray, epoch: int, controls: Controls) -> Iterator[Event]:
    config = arm.config.train
    # Before the clock starts: a strategy's own work per epoch is part of its cost, preparing the order is not.
    lengths = np.array([len(corpus.ids[row]) for row in rows])
    batches = training_batches(lengths, config.batch_size, config.seed, epoch)
    labels = torch.from_numpy(corpus.labels).to(arm.device)
    began = spoke = time.perf_counter()
    waited = 0.0
    arm.strategy.on_epoch(epoch, controls)
    arm.model.train()
    total_loss = torch.zeros((), device=arm.device)
    right = torch.zeros((), dtype=torch.int64, device=arm.device)
    for number, batch in enumerate(batches):
        chosen = rows[batch]
        context = arm.batch([corpus.ids[row] for row in chosen], chosen, "train", epoch)
        wanted = labels[torch.from_numpy(chosen).to(arm.device)]
        torch.manual_seed(seed_of(config.seed, "dropout", epoch, number))
        loss, hits = arm.train_step(context.with_labels(wanted), wanted)
        total_loss += loss * len(chosen)
        right += hits
        now = time.perf_counter()
        if now - spoke > STEP_EVERY or number == 0:
            yield Step(arm.name, epoch, number + 1, len(batches), float(loss))
            spoke = time.perf_counter()
            waited += spoke - now
    train = {"loss": float(total_loss) / len(rows), "accuracy": int(right) / len(rows)}
    seconds = time.perf_counter() - began - waited
    tokens = int(lengths.sum())
    arm.seconds += seconds
    arm.tokens += tokens
    scores, mean_mask, kept = evaluate(arm, corpus, "validation", epoch)
    # Without validation texts there is nothing to choose by: the last epoch counts.
    arm.remember_best(epoch, scores.accuracy, scores.loss if sum(map(sum, scores.confusion)) else -epoch)
    yield ArmEpoch(
        arm=arm.name,
        epoch=epoch,
        train=train,
        validation=scores.to_json(),
        mean_mask=mean_mask,
        kept_fraction=kept,
        seconds=seconds,
        tokens_per_second=tokens / max(seconds, 1e-9),
        best_epoch=arm.best_epoch,
    )


def evaluate(arm: Arm, corpus: EncodedCorpus, part: Split, epoch: int) -> tuple[Scores, float, float]:
    """Scores of one part, and the mean mask value and kept fraction over its tokens."""
    rows = corpus.rows(part)
    predicted = np.zeros(len(rows), dtype=np.int64)
    labels = corpus.labels[rows]
    lengths = np.array([len(corpus.ids[row]) - 1 for row in rows])
    loss = mean_mask = kept = 0.0
    for chosen, log_p, mask, share in arm.predict([corpus.ids[row] for row in rows], part, epoch):
        predicted[chosen] = log_p.argmax(-1)
        loss -= float(log_p[np.arange(len(chosen)), labels[chosen]].sum())
        mean_mask += float((mask * lengths[chosen]).sum())
        kept += float((share * lengths[chosen]).sum())
    tokens = max(int(lengths.sum()), 1)
    scores = score(labels, predicted, loss / max(len(rows), 1), len(corpus.classes))
    return scores, mean_mask / tokens, kept / tokens


class _Recorder:
    """Ends an epoch: probes, word masks, and the state to resume from."""

    def __init__(self, arms: list[Arm], corpus: EncodedCorpus, config: DataConfig) -> None:
        self.arms = arms
        self.vocabulary = corpus.vocabulary
        self.tokenizer = Tokenizer(config.tokenizer)  # type: ignore[arg-type]
        self.max_tokens = config.max_tokens

    def end(self, epoch: int, controls: Controls, probes: tuple[Probe, ...]) -> EpochEnd:
        sequences = [encode_probe(probe.text, self.tokenizer, self.vocabulary, self.max_tokens) for probe in probes]
        seen: dict[int, dict[str, ProbeRecord]] = {index: {} for index in range(len(probes))}
        for arm in self.arms:
            for index, probe in enumerate(record(arm, sequences, epoch)):
                seen[index][arm.name] = probe
        words = {arm.name: arm.strategy.word_mask() for arm in self.arms}
        masks = {name: mask.astype(np.float16) for name, mask in words.items() if mask is not None}
        return EpochEnd(epoch, controls, seen, masks, _save(self.arms, epoch, controls))


def _save(arms: list[Arm], epoch: int, controls: Controls) -> State:
    values = [epoch, controls.step_size, controls.evidence_threshold, controls.keep_threshold]
    state = {f"{arm.name}.{name}": array for arm in arms for name, array in arm.state().items()}
    return state | {"progress": np.array(values, dtype=np.float64)}


def _load(arms: list[Arm], state: Mapping[str, np.ndarray]) -> tuple[Controls, int]:
    for arm in arms:
        prefix = f"{arm.name}."
        arm.load_state({name.removeprefix(prefix): a for name, a in state.items() if name.startswith(prefix)})
    epoch, *controls = state["progress"].tolist()
    return Controls(*controls), int(epoch)


def _finish(arms: list[Arm], corpus: EncodedCorpus) -> Finished:
    results: list[dict[str, Any]] = []
    for arm in arms:
        arm.load_inference_state(arm.best)
        test, mean_mask, kept = evaluate(arm, corpus, "test", arm.best_epoch)
        validation, _, _ = evaluate(arm, corpus, "validation", arm.best_epoch)
        results.append(
            {
                "name": arm.name,
                "test": test.to_json(),
                "validation": validation.to_json(),
                "best_epoch": arm.best_epoch,
                "tokens_per_second": arm.tokens / max(arm.seconds, 1e-9),
                "seconds": arm.seconds,
                "parameters": arm.parameters,
                "mean_mask": mean_mask,
                "kept_fraction": kept,
            }
        )
    return Finished(results, {arm.name: arm.best for arm in arms})


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
