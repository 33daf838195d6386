"""Reads a run and sends requests to its trainer. Safe to call from any process while it trains."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import asdict, replace
from hashlib import blake2b
from pathlib import Path
from typing import Any, ClassVar, Literal
from urllib.parse import quote

import numpy as np

from dynmask_core.config import Controls, ExperimentConfig
from dynmask_core.data.dataset import Dataset
from dynmask_core.data.tokenize import SPECIAL_TOKENS, Vocabulary
from dynmask_core.errors import InputError
from dynmask_core.events import Probe
from dynmask_core.runs import files
from dynmask_core.runs.dataset_file import load_dataset, save_dataset
from dynmask_core.runs.folder import ALIVE_FOR, LETTING_GO, Folder
from dynmask_core.runs.snapshot import Snapshot
from dynmask_core.runs.status import ACTIVE, State, Status

RECORDED = "00000000-000000-"
"""Names of runs begin so that came with a lesson, to be looked at; others begin with the time of their making."""
LEASE = 600.0
"""A watched run stops after this many seconds without a viewer; a hidden tab polls once a minute."""


class Run(Folder):
    """The folder of one experiment, or an exported one inside a zip file (`folder` is a zipfile.Path; read-only)."""

    HEAD: ClassVar[str] = "config.json"
    BEFORE: ClassVar[str] = "status.json"

    @classmethod
    def create(cls, root: Path, config: ExperimentConfig, dataset: Dataset) -> Run:
        """Creates a run in a new folder under `root`."""
        run = cls.new(root)
        with run.made():
            save_dataset(run.path / "dataset.npz", dataset)
            run._begin(config)
        return run

    @classmethod
    def derive(cls, path: Path, config: ExperimentConfig, dataset_file: Path, split: np.ndarray) -> Run:
        """Creates a run in the folder `path` with the texts of `dataset_file` and its own `split` (see Dataset).

        Many runs on one data set share its file.
        """
        run = cls(path)
        with run.made():
            files.link(dataset_file, path / "dataset.npz")
            files.write_arrays(path / "split.npz", {"split": split})
            run._begin(config)
        return run

    def _begin(self, config: ExperimentConfig) -> None:
        self.write_status(Status("stopped", epochs=config.train.epochs))
        files.write_json(self.path / self.HEAD, config.to_json())

    def config(self) -> ExperimentConfig:
        """Raises InputError: `file_missing`, `file_damaged`."""
        found: ExperimentConfig = files.need_json(self.folder / self.HEAD, ExperimentConfig.from_json)
        return found

    def going_on(self) -> ExperimentConfig:
        """The settings for who trains it. From its first checkpoint on, the run's own folder has all of a
        pre-trained encoder that is still needed: its tokenizer.json, and what it froze."""
        config = self.config()
        started = config.encoder and self.checkpoint_file.exists()
        return replace(config, encoder=str(self.path)) if started else config

    @property
    def recorded(self) -> bool:
        """Whether it came with a lesson: it can be looked at and asked, but not trained."""
        return self.name.startswith(RECORDED)

    @property
    def has_texts(self) -> bool:
        """Whether its texts are there; some runs are exported without."""
        return bool((self.folder / "dataset.npz").exists())

    def require_texts(self) -> None:
        """Raises InputError: `run_without_texts`, or `file_missing` for a run that had them."""
        if not self.has_texts:
            travelled = self.recorded or not isinstance(self.folder, Path)
            raise InputError("run_without_texts") if travelled else files.missing(self.folder / "dataset.npz")

    def dataset(self) -> Dataset:
        """Raises InputError: `run_without_texts` for a run that was exported without them, `file_missing`,
        `file_damaged`."""
        self.require_texts()
        dataset = load_dataset(self.folder / "dataset.npz")
        split = self.split()
        return dataset if split is None else replace(dataset, split=split)

    def split(self) -> np.ndarray | None:
        """The split of a run that shares its texts with others (see `derive`), else None."""
        if not self.of_study:
            return None
        path = self.folder / "split.npz"
        arrays = files.read_arrays(path)
        with files.understood(path):
            return arrays["split"]

    def vocabulary(self) -> Vocabulary | None:
        """None until the run has started. Raises InputError `file_damaged`."""
        cuts = self.folder / "tokenizer.json"
        with files.understood(cuts):
            tokenizer = (files.read_bytes(cuts) or b"").decode()

        def parse(stored: Any) -> Vocabulary:
            specials = stored.get("specials", len(SPECIAL_TOKENS))
            return Vocabulary(tuple(stored["words"]), np.array(stored["counts"]), specials, tokenizer)

        found: Vocabulary | None = files.read_json(self.folder / "vocabulary.json", parse)
        return found

    def probes(self) -> list[Probe]:
        """The recorded sentences, in order of their index; those that viewers added come last. Raises InputError
        `file_damaged`."""
        path = self.folder / "probes.json"
        found: list[Probe] | None = files.read_json(path, lambda stored: [Probe(**probe) for probe in stored])
        return found or []

    def weights_file(self, arm: str) -> Path:
        """The weights of the best epoch of an arm, once the run is finished."""
        name = quote(arm, safe="")
        if len(name) > 180:  # file systems allow 255; an arm's name can be a list of words
            name = f"{name[:140]}~{blake2b(arm.encode(), digest_size=16).hexdigest()}"
        return self.path / "weights" / f"{name}.safetensors"

    @property
    def checkpoint_file(self) -> Path:
        """All that the trainer needs to go on after the last complete epoch; gone once the run is finished."""
        return self.path / "checkpoint.safetensors"

    @property
    def frozen_file(self) -> Path:
        """The weights that all arms share and that never change, if there are such: see Started.frozen."""
        return self.path / "weights" / "frozen.safetensors"

    def frozen(self, prefix: str) -> dict[str, np.ndarray]:
        """Those weights, with the prefix before their names; {} if there are none."""
        if not self.frozen_file.exists():
            return {}
        return {prefix + name: array for name, array in files.read_tensors(self.frozen_file).items()}

    def checkpoint(self, prefix: str = "") -> dict[str, np.ndarray] | None:
        """See `files.read_tensors` and `EpochEnd.state`; None without one. Reading does not disturb the trainer."""
        try:
            return files.read_tensors(self.checkpoint_file, prefix) if self.checkpoint_file.exists() else None
        except FileNotFoundError:  # its last epoch is just over
            return None

    def require_checkpoint(self) -> None:
        """Raises InputError `no_checkpoint` if the run has completed an epoch and cannot go on from it: its file is
        damaged or missing. It can be started anew from its settings and texts."""
        path = self.checkpoint_file
        try:
            begun = self.checkpoint("progress") is not None
        except InputError:
            begun = False
        # The first epoch to be recorded is 0, whose checkpoint is written after its snapshot.
        if not begun and (path.exists() or max(self.epochs(), default=0) > 0):
            command = self.config().task.command
            raise InputError("no_checkpoint", file=files.told(path), name=self.name, command=command)

    @property
    def of_study(self) -> bool:
        """Whether it shares its texts with other runs, see `derive`: also if its split was lost, without which it would
        be another run."""
        if (self.folder / "split.npz").exists():
            return True
        above = self.folder.parents[:2] if isinstance(self.folder, Path) else ()
        return len(above) == 2 and above[0].name == "runs" and bool(files.NAME.fullmatch(above[1].name))

    def kept_file(self, epoch: int) -> Path:
        """The models of all arms after `epoch`, and their masks, if they were kept: see `writer.kept`."""
        return self.path / "kept" / f"epoch_{epoch:04d}.safetensors"

    def kept_epochs(self) -> list[int]:
        """The epochs whose models were kept, ascending."""
        return _numbers(self.folder / "kept", r"epoch_(\d+)\.safetensors")

    @property
    def finished(self) -> bool:
        """Whether there is a `result`; it is not read."""
        return bool((self.folder / "result.json").exists())

    def result(self) -> dict[str, Any] | None:
        """The final scores, once the run is finished. Raises InputError `file_damaged`."""
        found: dict[str, Any] | None = files.read_json(self.folder / "result.json", _result)
        return found

    def predictions(self) -> dict[str, np.ndarray] | None:
        """By arm, the predicted class of each test text: int64 [N] in the order of `Dataset.rows("test")`.

        None until the run is finished.
        """
        path = self.folder / "predictions.npz"
        return files.read_arrays(path) if path.exists() else None

    def events(self) -> list[dict[str, Any]]:
        """The log as dicts with "type". Epochs that were repeated after a resume occur once."""
        kept: list[dict[str, Any]] = []
        for event in files.read_lines(self.folder / "events.jsonl"):
            kind = event.get("type")
            if kind == "started":
                first = event["first_epoch"]
                kept = [e for e in kept if e["type"] not in ("arm_epoch", "controls_changed") or e["epoch"] < first]
            if kind is not None:
                kept.append(event)
        return kept

    def started(self) -> dict[str, Any]:
        """The event with which the training began. Raises InputError, `file_missing` or `file_damaged`, if the log has
        lost it; of a run that has begun, this is for who cannot do without."""
        path = self.folder / "events.jsonl"
        for event in self.events():
            if event["type"] == "started":
                return event
        raise files.damaged(path) if path.exists() else files.missing(path)

    def status(self) -> Status:
        """The current state; an active run without signs of life is "interrupted", and so is a finished one whose
        result was lost. Of a status that is damaged, what the other files say."""
        stored: Status | None = files.wish(self.folder / "status.json", Status.read)
        status = stored or self._told_by_others()
        dead = status.state in ACTIVE and self.silence() > ALIVE_FOR
        if dead or (status.state == "finished" and not self.finished):
            return replace(status, state="interrupted")
        return status

    def _told_by_others(self) -> Status:
        last: dict[str, Any] = next((event for event in reversed(self.events()) if event["type"] == "epoch_end"), {})
        epoch, elapsed = last.get("epoch", 0), last.get("elapsed", 0.0)
        known: ExperimentConfig | None = files.wish(self.folder / "config.json", ExperimentConfig.from_json)
        epochs = known.train.epochs if known else epoch
        state: State = "finished" if self.finished else "interrupted"
        return Status(state, epoch, epochs, elapsed=elapsed, fraction=epoch / max(epochs, 1))

    def epochs(self) -> list[int]:
        """The completely recorded epochs, ascending; 0 is before training."""
        return _numbers(self.folder / "snapshots", r"epoch_(\d+)\.npz")

    def snapshot(self, epoch: int) -> Snapshot:
        """Raises InputError: `file_missing`, `file_damaged`."""
        return Snapshot(files.read_arrays(self.folder / "snapshots" / f"epoch_{epoch:04d}.npz"))

    def snapshots(self) -> dict[int, Snapshot]:
        """What was recorded, by epoch, ascending; without the epochs whose file is damaged."""
        found = {}
        for epoch in self.epochs():
            with suppress(InputError):
                found[epoch] = self.snapshot(epoch)
        return found

    # Requests of viewers. Each kind has its own file, so requests of two viewers do not undo each other.

    def command(self, action: Literal["run", "pause", "stop"], *, until: int | None = None) -> None:
        """Asks the trainer to continue (until the end of epoch `until`, then pause), to pause, or to stop."""
        self.ask({"action": action, "until": until})

    def wanted(self) -> tuple[str, int | None]:
        stored = self.asked()
        return (stored["action"], stored["until"]) if isinstance(stored, dict) else ("run", None)

    def set_controls(self, controls: Controls) -> None:
        """Asks for these α, τ and θ from the next epoch on."""
        files.write_json(self.path / "controls.json", asdict(controls))

    def controls(self) -> Controls:
        """The last requested controls, else those of the last change, else those of the settings."""
        asked: Controls | None = files.wish(self.folder / "controls.json", lambda stored: Controls(**stored))
        if asked is not None:
            return asked
        changes = [event["controls"] for event in self.events() if event["type"] == "controls_changed"]
        return Controls(**changes[-1]) if changes else self.config().controls

    def add_probe(self, text: str) -> None:
        """Asks the trainer to record a sentence from the next epoch on."""
        asked = [*self.asked_probes(), text]
        files.write_json(self.path / "asked_probes.json", list(dict.fromkeys(asked)))

    def asked_probes(self) -> list[str]:
        texts: list[str] | None = files.wish(self.folder / "asked_probes.json", lambda stored: [*map(str, stored)])
        return texts or []

    def renew_lease(self) -> None:
        """Shows that somebody is watching."""
        (self.path / "lease").touch()

    def drop_lease(self) -> None:
        """Lets the run continue to its end without viewers."""
        (self.path / "lease").unlink(missing_ok=True)

    def unwatched(self) -> bool:
        """True if there was a viewer once but none for LEASE seconds. A run that was never watched goes on."""
        return (self.path / "lease").exists() and self.silence("lease") > LEASE

    # For the trainer.

    def write_status(self, status: Status) -> None:
        self.sign_of_life()
        files.write_json(self.path / "status.json", asdict(status))

    def mark_interrupted(self) -> None:
        """For callers who know that their trainer is gone: records it at once, unless another one works on the run, or
        the disk refuses; then its silence tells."""
        status = self.status()
        with suppress(OSError):
            if status.state in ACTIVE and not self.is_held(LETTING_GO):
                self.write_status(replace(status, state="interrupted"))


def _result(stored: Any) -> dict[str, Any]:
    """Raises what a file gives that holds something else."""
    result: dict[str, Any] = {**stored}
    if not all(arm["name"] for arm in result["arms"]):
        raise ValueError("an arm without a name")
    return result


def _numbers(folder: files.Readable, name: str) -> list[int]:
    """The numbers in the file names of a folder, ascending; [] if there is no folder."""
    if not folder.exists():
        return []
    names = (re.fullmatch(name, entry.name) for entry in folder.iterdir())
    return sorted(int(match[1]) for match in names if match)
