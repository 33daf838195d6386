"""Finds, exports and opens runs."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path
from typing import BinaryIO

import platformdirs

from dynmask_core.errors import InputError
from dynmask_core.runs.run import Run

TRAVELS = (
    "config.json",
    "status.json",
    "events.jsonl",
    "vocabulary.json",
    "tokenizer.json",
    "probes.json",
    "result.json",
)
"""Exported with the snapshots: enough to view a run."""
ASKED = ("dataset.npz", "split.npz", "predictions.npz", "weights/*.safetensors", "kept/*.safetensors")
"""Exported in addition for who wants to ask the models: all texts, and the models. Checkpoints are never exported."""


def default_root() -> Path:
    """$DYNMASK_RUNS, else a subfolder of the user's data folder."""
    chosen = os.environ.get("DYNMASK_RUNS")
    return Path(chosen) if chosen else Path(platformdirs.user_data_dir("dynmask", appauthor=False)) / "runs"


def list_runs(root: Path) -> list[Run]:
    """All runs under `root` without those of studies, newest first."""
    return Run.listed(root)


def find_run(root: Path, name: str) -> Run:
    """The run `name`, alone or in a study. Raises InputError: `unknown_run`, `file_missing` for lost settings."""
    for place in (root, *root.glob("*/runs")):
        if run := Run.at(place, name):
            return run
        Run.refuse_headless(place, name)
    raise InputError("unknown_run", name=name, root=root)


def export_run(run: Run, to: Path | BinaryIO, *, models: bool = False) -> None:
    """Writes a zip file to view the run elsewhere. It has the probe sentences and the vocabulary, not the texts.

    models: with all texts and the trained models, so that they can be asked.
    """
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in TRAVELS:
            if (run.path / name).exists():
                archive.write(run.path / name, name)
        for snapshot in sorted((run.path / "snapshots").glob("epoch_*.npz")):
            archive.write(snapshot, f"snapshots/{snapshot.name}")
        for pattern in ASKED if models else ():
            for path in sorted(run.path.glob(pattern)):
                archive.write(path, path.relative_to(run.path).as_posix())


def open_export(path: Path) -> Run:
    """Reads an exported run in place."""
    return Run(zipfile.Path(path))
