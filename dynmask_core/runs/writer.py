"""Writes events of training to files."""

from __future__ import annotations

import dataclasses
import os
import re
import time
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

import numpy as np
from safetensors.numpy import save

from dynmask_core.data.tokenize import SPECIAL_TOKENS, Vocabulary
from dynmask_core.errors import InputError
from dynmask_core.events import ArmEpoch, ControlsChanged, EpochEnd, Event, Finished, Probe, Started, Step
from dynmask_core.runs import files
from dynmask_core.runs.run import Run
from dynmask_core.runs.status import State, Status

KEPT_EPOCHS = 20
"""A run keeps the models of this many evenly spread epochs, and those of epoch 0, so that viewers can ask them. A run
of a study keeps none. Settings can ask for another number (TrainConfig.keep_epochs)."""
MOST_KEPT = 64 * 2**20
"""Bytes of all kept models of a run: of large models fewer epochs are kept."""


def keeps(epoch: int, epochs: int, number: int = KEPT_EPOCHS) -> bool:
    """Whether the models of `epoch` are among those of `number` epochs that are kept, if that is not 0; always true for
    epoch 0 and the last one."""
    return epoch * number // epochs != (epoch - 1) * number // epochs


class RunWriter:
    """Writes the events of a run into its folder. A run may have only one writer at a time."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.config = run.going_on()
        self.arms = list(self.config.arms)
        last = [event for event in run.events() if event["type"] == "epoch_end"]
        done = last[-1]["epoch"] if last else 0
        self._elapsed = float(last[-1]["elapsed"]) if last else 0.0
        epochs = self.config.train.epochs
        self._status = Status("starting", epoch=done, epochs=epochs, fraction=done / epochs)
        self._since = time.monotonic()
        self.state("starting")

    def resume_state(self) -> dict[str, np.ndarray] | None:
        """The checkpoint of the last complete epoch, or None. Raises InputError `no_checkpoint`, see
        `Run.require_checkpoint`."""
        self.run.require_checkpoint()
        state = self.run.checkpoint()
        if state is None:
            return None
        state |= self.run.frozen("frozen.")
        epoch = int(state["progress"][0])
        ends = [event["epoch"] for event in self.run.events() if event["type"] == "epoch_end"]
        if epoch not in ends:
            # The worker was killed between writing the checkpoint and its log line.
            self._log_end(epoch)
        return state

    def write(self, event: Event) -> None:
        """Puts one event on disk. Raises OSError: a folder that was removed is not made again.

        At the end of an epoch: the snapshot and kept models, then the checkpoint, which completes the epoch, then the
        log line.
        """
        os.stat(self.run.path)
        match event:
            case Started():
                self._vocabulary(event.vocabulary)
                self._freeze(event.frozen)
                self._log("started", event, "vocabulary", "frozen")
                self.state("training", epoch=event.first_epoch - 1)
            case Step():
                # Arms train one after another within an epoch.
                within = (self.arms.index(event.arm) + event.step / event.steps) / len(self.arms)
                # Pre-training is epoch 0 and does not count.
                fraction = max(event.epoch - 1 + within, 0) / self._status.epochs
                at = {"arm": event.arm, "step": event.step, "steps": event.steps}
                self.state("training", **at, epoch=max(event.epoch - 1, 0), fraction=fraction)
            case ControlsChanged() | ArmEpoch():
                self._log("arm_epoch" if isinstance(event, ArmEpoch) else "controls_changed", event)
            case EpochEnd():
                self._snapshot(event)
                self._keep(event)
                files.write_bytes(self.run.checkpoint_file, save(_contiguous(event.state)))
                self._log_end(event.epoch)
                self.state("training", epoch=event.epoch, fraction=event.epoch / max(self._status.epochs, 1))
            case Finished():
                for arm, weights in event.weights.items():
                    files.write_bytes(self.run.weights_file(arm), save(_contiguous(weights)))
                if event.predicted:
                    files.write_arrays(self.run.path / "predictions.npz", event.predicted)
                files.write_json(self.run.path / "result.json", event.result)
                self.state("finished", fraction=1.0)
                self.run.checkpoint_file.unlink(missing_ok=True)  # large, and nothing is left to resume

    def probes(self, first: tuple[Probe, ...]) -> tuple[Probe, ...]:
        """The sentences to record: the first choice, then those that viewers asked for. Writes the list to disk."""
        known = self._known_probes() or list(first)
        texts = {probe.text for probe in known}
        known += [Probe(text, whole=True) for text in self.run.asked_probes() if text not in texts]
        files.write_json(self.run.path / "probes.json", [dataclasses.asdict(probe) for probe in known])
        return tuple(known)

    def _known_probes(self) -> list[Probe]:
        try:
            return self.run.probes()
        except InputError:
            return []  # they are chosen anew; what was recorded of others cannot be told apart any more

    @property
    def elapsed(self) -> float:
        return self._elapsed + time.monotonic() - self._since

    def state(self, state: State, **changes: Any) -> None:
        """Writes the status; paused time does not count as elapsed."""
        now = time.monotonic()
        if self._status.state != "paused":
            self._elapsed += now - self._since
        self._since = now
        self._status = dataclasses.replace(self._status, state=state, elapsed=self._elapsed, **changes)
        self.run.write_status(self._status)

    def _vocabulary(self, vocabulary: Vocabulary) -> None:
        words = {"words": vocabulary.words, "counts": vocabulary.counts.tolist()}
        if vocabulary.specials != len(SPECIAL_TOKENS):
            words |= {"specials": vocabulary.specials}
        if vocabulary.tokenizer:
            files.write_bytes(self.run.path / "tokenizer.json", vocabulary.tokenizer.encode())
        files.write_json(self.run.path / "vocabulary.json", words)

    def _freeze(self, frozen: Mapping[str, np.ndarray]) -> None:
        """Stores what never changes, once; the runs of a study share one file."""
        if not frozen or self.run.frozen_file.exists():
            return
        content = save(_contiguous(frozen))
        if not self.run.of_study:
            files.write_bytes(self.run.frozen_file, content)
            return
        shared = self.run.path.parents[1] / f"frozen-{blake2b(content, digest_size=8).hexdigest()}.safetensors"
        if not shared.exists():
            files.write_bytes(shared, content)
        files.link(shared, self.run.frozen_file)

    def _log_end(self, epoch: int) -> None:
        line = {"type": "epoch_end", "epoch": epoch, "elapsed": self.elapsed}
        files.append_line(self.run.path / "events.jsonl", line)

    def _log(self, kind: str, event: Any, *leave_out: str) -> None:
        values = {f.name: getattr(event, f.name) for f in dataclasses.fields(event) if f.name not in leave_out}
        if isinstance(event, ControlsChanged):
            values["controls"] = dataclasses.asdict(event.controls)
        files.append_line(self.run.path / "events.jsonl", {"type": kind, **values})

    def _keep(self, event: EpochEnd) -> None:
        """Keeps the models of this epoch, if it is one of those that are kept."""
        asked = self.config.train.keep_epochs
        number = (0 if self.run.of_study else KEPT_EPOCHS) if asked is None else asked
        if number == 0:
            return
        models = kept(event.state)
        fits = max(MOST_KEPT // max(sum(array.nbytes for array in models.values()), 1), 1)
        if keeps(event.epoch, self.config.train.epochs, min(number, fits)):
            files.write_bytes(self.run.kept_file(event.epoch), save(models))

    def _snapshot(self, event: EpochEnd) -> None:
        arrays: dict[str, np.ndarray] = {"keep_threshold": np.array(event.controls.keep_threshold, dtype=np.float32)}
        for index, arms in event.probes.items():
            for arm, probe in arms.items():
                prefix = f"probe/{index}/{arm}/"
                arrays[prefix + "mask"] = probe.mask.astype(np.float32)  # exact: rounding could move it across θ
                arrays[prefix + "probabilities"] = probe.probabilities.astype(np.float32)
                arrays[prefix + "edges"] = probe.attention
                arrays[prefix + "keys"] = probe.keys
                arrays[prefix + "heads"] = probe.heads
                if probe.marks is not None:
                    arrays[prefix + "marks"] = probe.marks.astype(np.float16)
                if probe.bands is not None:
                    arrays[prefix + "bands"] = probe.bands
        for arm, mask in event.word_masks.items():
            arrays[f"words/{arm}"] = mask
        files.write_arrays(self.run.path / "snapshots" / f"epoch_{event.epoch:04d}.npz", arrays)


def kept(state: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """What is kept of an epoch (see EpochEnd.state): of the first arm "0.NAME", its evaluated weights as float16,
    "mask.0.NAME", the state of its mask, and "step.0", its updates so far.

    The masks stay exact: rounding could move a value across θ.
    """
    found: dict[str, np.ndarray] = {}
    for name, array in state.items():
        if match := re.fullmatch(r"(\d+\.)now\.model\.(.+)", name):
            found[match[1] + match[2]] = array.astype(np.float16)
        elif match := re.fullmatch(r"(\d+\.)now\.mask\.(.+)", name):
            found[f"mask.{match[1]}{match[2]}"] = np.ascontiguousarray(array)
        elif match := re.fullmatch(r"(\d+)\.counters", name):
            found[f"step.{match[1]}"] = array[:1].astype(np.int64)
    return found


def _contiguous(arrays: Any) -> dict[str, np.ndarray]:
    return {name: np.ascontiguousarray(array) for name, array in arrays.items()}
