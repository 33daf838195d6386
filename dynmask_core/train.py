"""Training: `fit` turns settings and data into a stream of events. It knows nothing of files, processes or pages."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from dynmask_core.arm import Arm, State, statistics
from dynmask_core.config import Controls, DataConfig, ExperimentConfig
from dynmask_core.data.check import Dataset
from dynmask_core.data.encode import EncodedCorpus, encode, training_batches
from dynmask_core.data.tokenize import Tokenizer
from dynmask_core.errors import InputError
from dynmask_core.evaluate.cost import Usage
from dynmask_core.evaluate.probe import encode_probe, record
from dynmask_core.evaluate.scores import Scores, score
from dynmask_core.events import ArmEpoch, ControlsChanged, EpochEnd, Event, Finished, Probe, ProbeRecord, Started, Step
from dynmask_core.keys import seed_of
from dynmask_core.masks import Split, parse

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
    for written in config.arms:
        parse(written)
    device = choose_device(config.train.device)
    corpus = encode(data, config.data.max_vocabulary)
    rows = corpus.rows("train")
    steps = -(-len(rows) // config.train.batch_size)
    known = statistics(corpus)
    arms = []
    for name in config.arms:
        arm = Arm(name, config, len(corpus.vocabulary), len(corpus.classes), device, steps * config.train.epochs)
        arm.prepare(known)
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
    sequences = [corpus.ids[row] for row in rows]
    given = sum(map(len, sequences))
    labels = torch.from_numpy(corpus.labels).to(arm.device)
    passes: list[tuple[torch.Tensor, tuple[int, ...], int]] = []
    began = spoke = time.perf_counter()
    waited = 0.0
    arm.strategy.on_epoch(epoch, controls)
    # Texts are ordered by what is kept of them: a batch is as slow as its longest text.
    lengths = arm.kept_lengths(sequences, rows, epoch)
    batches = training_batches(lengths, config.batch_size, config.seed, epoch)
    arm.model.train()
    total_loss = torch.zeros((), device=arm.device)
    right = torch.zeros((), dtype=torch.int64, device=arm.device)
    for number, batch in enumerate(batches):
        chosen = rows[batch]
        context = arm.batch([sequences[i] for i in batch], chosen, "train", epoch)
        wanted = labels[torch.from_numpy(chosen).to(arm.device)]
        torch.manual_seed(seed_of(config.seed, "dropout", epoch, number))
        loss, hits, output = arm.train_step(context.with_labels(wanted), wanted)
        passes.append((output.kept, output.heads, sum(len(sequences[i]) for i in batch)))
        total_loss += loss * len(chosen)
        right += hits
        now = time.perf_counter()
        if now - spoke > STEP_EVERY or number == 0:
            yield Step(arm.name, epoch, number + 1, len(batches), float(loss))
            spoke = time.perf_counter()
            waited += spoke - now
    mean_loss, accuracy = float(total_loss) / len(rows), int(right) / len(rows)  # waits for the device
    seconds = time.perf_counter() - began - waited
    arm.seconds += seconds
    arm.tokens += given
    usage = Usage(arm.config.model)
    for kept, heads, tokens in passes:
        usage.add(kept.cpu().numpy(), heads, tokens)
    arm.flops += usage.flops
    seen = evaluate(arm, corpus, "validation", epoch)
    scores = seen.scores
    # Without validation texts there is nothing to choose by: the last epoch counts.
    arm.remember_best(epoch, scores.accuracy, scores.loss if sum(map(sum, scores.confusion)) else -epoch)
    yield ArmEpoch(
        arm=arm.name,
        epoch=epoch,
        train={"loss": mean_loss, "accuracy": accuracy, **_cost(usage)},
        validation=scores.to_json(),
        mean_mask=seen.mean_mask,
        kept_fraction=seen.usage.kept_fraction,
        **_cost(seen.usage),
        seconds=seconds,
        tokens_per_second=given / max(seconds, 1e-9),
        best_epoch=arm.best_epoch,
    )


def _cost(usage: Usage) -> dict[str, Any]:
    return {"kept_per_layer": usage.kept_per_layer, "flops_per_token": usage.flops_per_token}


@dataclass(frozen=True)
class Evaluation:
    """One arm on one part. mean_mask: over the part's words. usage: of predicting. predicted: int64 [N] classes."""

    scores: Scores
    mean_mask: float
    usage: Usage
    predicted: np.ndarray


def evaluate(arm: Arm, corpus: EncodedCorpus, part: Split, epoch: int) -> Evaluation:
    """`part` as its averaged weights and its mask of `epoch` see it."""
    rows = corpus.rows(part)
    predicted = np.zeros(len(rows), dtype=np.int64)
    labels = corpus.labels[rows]
    lengths = np.array([len(corpus.ids[row]) for row in rows])
    loss = mean_mask = 0.0
    usage = Usage(arm.config.model)
    for batch in arm.predict([corpus.ids[row] for row in rows], part, epoch):
        chosen, log_p = batch.rows, batch.log_probabilities
        predicted[chosen] = log_p.argmax(-1)
        loss -= float(log_p[np.arange(len(chosen)), labels[chosen]].sum())
        mean_mask += float((batch.mean_mask * (lengths[chosen] - 1)).sum())
        usage.add(batch.kept, batch.heads, int(lengths[chosen].sum()))
    words = max(int(lengths.sum()) - len(rows), 1)
    scores = score(labels, predicted, loss / max(len(rows), 1), len(corpus.classes))
    return Evaluation(scores, mean_mask / words, usage, predicted)


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
    state = {f"{i}.{name}": array for i, arm in enumerate(arms) for name, array in arm.state().items()}
    return state | {"progress": np.array(values, dtype=np.float64)}


def _load(arms: list[Arm], state: Mapping[str, np.ndarray]) -> tuple[Controls, int]:
    for i, arm in enumerate(arms):
        prefix = f"{i}."
        arm.load_state({name.removeprefix(prefix): a for name, a in state.items() if name.startswith(prefix)})
    epoch, *controls = state["progress"].tolist()
    return Controls(*controls), int(epoch)


def _finish(arms: list[Arm], corpus: EncodedCorpus) -> Finished:
    results: list[dict[str, Any]] = []
    predicted = {}
    elsewhere = len(corpus.rows("transfer")) > 0
    for arm in arms:
        arm.load_inference_state(arm.best)
        parts: tuple[Split, ...] = ("test", "validation", *(("transfer",) if elsewhere else ()))
        seen = {part: evaluate(arm, corpus, part, arm.best_epoch) for part in parts}
        test = seen["test"]
        predicted[arm.name] = test.predicted
        results.append(
            {
                "name": arm.name,
                **{part: seen[part].scores.to_json() for part in parts},
                "best_epoch": arm.best_epoch,
                "tokens_per_second": arm.tokens / max(arm.seconds, 1e-9),
                "seconds": arm.seconds,
                "parameters": arm.parameters,
                "mean_mask": test.mean_mask,
                "kept_fraction": test.usage.kept_fraction,
                **_cost(test.usage),
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
