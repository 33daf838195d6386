"""Finds, exports and opens runs."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import platformdirs

from dynmask_core.errors import InputError
from dynmask_core.runs.run import Run

TRAVELS = ("config.json", "status.json", "events.jsonl", "vocabulary.json", "probes.json", "result.json")
"""Exported with the snapshots: enough to view a run. Texts, weights and checkpoints are not exported."""


def default_root() -> Path:
    """$DYNMASK_RUNS, else a subfolder of the user's data folder."""
    chosen = os.environ.get("DYNMASK_RUNS")
    return Path(chosen) if chosen else Path(platformdirs.user_data_dir("dynmask", appauthor=False)) / "runs"


def list_runs(root: Path) -> list[Run]:
    """All runs under `root` without those of studies, newest first."""
    return Run.listed(root)


def find_run(root: Path, name: str) -> Run:
    """The run `name`, alone or in a study. Raises InputError `unknown_run`."""
    for place in (root, *root.glob("*/runs")):
        if run := Run.at(place, name):
            return run
    raise InputError("unknown_run", name=name, root=root)


def export_run(run: Run, to: Path) -> None:
    """Writes a zip file to view the run elsewhere. It has the probe sentences and the vocabulary, not the texts."""
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in TRAVELS:
            if (run.path / name).exists():
                archive.write(run.path / name, name)
        for snapshot in sorted((run.path / "snapshots").glob("epoch_*.npz")):
            archive.write(snapshot, f"snapshots/{snapshot.name}")


def open_export(path: Path) -> Run:
    """Reads an exported run in place."""
    return Run(zipfile.Path(path))
