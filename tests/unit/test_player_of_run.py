"""What the player is given of a run."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from dynmask_core.events import ProbeRecord
from dynmask_core.runs import Run, files
from dynmask_core.runs.snapshot import Snapshot
from dynmask_core.ui.components.player import STRING_KEYS, pack
from dynmask_core.ui.i18n import templates
from dynmask_core.ui.watch.run_view import RunView


@pytest.fixture
def run(finished_run: Run, tmp_path: Path) -> Run:
    return Run(shutil.copytree(finished_run.path, tmp_path / "run"))


def changed(run: Run, epoch: int, **controls: float) -> None:
    known = {"step_size": 0.1, "evidence_threshold": 1.5, "keep_threshold": 0.1} | controls
    files.append_line(run.path / "events.jsonl", {"type": "controls_changed", "epoch": epoch, "controls": known})


def test_what_the_reader_changed_is_a_mark_that_says_from_what_to_what(run: Run) -> None:
    changed(run, 1, step_size=0.5)
    changed(run, 2, step_size=0.5, keep_threshold=0.3)
    (run.path / "result.json").unlink()
    view = RunView(run).refresh()
    marks = view.player(view.probes[0], running=False).marks
    assert [mark["epoch"] for mark in marks] == [1, 2]
    assert "α" in marks[0]["text"]
    assert "0.5 (before: 0.1)" in marks[0]["text"]
    assert "θ" in marks[1]["text"]
    assert "α" not in marks[1]["text"]


def test_without_changes_only_the_best_epochs_are_marks_and_the_last_planned_epoch_is_known(finished_run: Run) -> None:
    view = RunView(finished_run).refresh()
    shown = view.player(view.probes[0], running=False)
    best = {arm["name"]: arm["best_epoch"] for arm in (finished_run.result() or {})["arms"]}
    assert {mark["epoch"] for mark in shown.marks} == set(best.values())
    for mark in shown.marks:
        assert [arm for arm in best if arm in mark["text"]] == [
            a for a, epoch in best.items() if epoch == mark["epoch"]
        ]
    assert shown.planned == finished_run.config().train.epochs


def test_the_result_is_read_once_it_is_there_and_not_again(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    stored, reads = run.result(), []
    (run.path / "result.json").unlink()
    view = RunView(run).refresh()
    assert view.result is None
    files.write_json(run.path / "result.json", stored)
    read = Run.result
    monkeypatch.setattr(Run, "result", lambda run: (reads.append(run), read(run))[1])
    for _ in range(3):
        view.refresh().marks("en")
    assert view.result == stored
    assert len(reads) == 1


def test_epochs_that_arrive_while_a_picture_is_made_do_not_disturb_it(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another reader's page reads the run in the middle of it."""
    view = RunView(run).refresh()
    last, snapshots = view.epochs[-1], run.path / "snapshots"
    probe = Snapshot.probe

    def arriving(snapshot: Snapshot, index: int, arm: str) -> ProbeRecord | None:
        if view.epochs[-1] == last:
            shutil.copy(snapshots / f"epoch_{last:04d}.npz", snapshots / f"epoch_{last + 1:04d}.npz")
            view.refresh()
        return probe(snapshot, index, arm)

    monkeypatch.setattr(Snapshot, "probe", arriving)
    before, after = (view.player(view.probes[0], running=True) for _ in range(2))
    assert (before.epochs[-1], after.epochs[-1]) == (last, last + 1)
    for shown in (before, after):
        assert shown.masks.shape[1] == shown.attention.shape[1] == len(shown.thresholds) == len(shown.epochs)
        assert all(shown.attention_recorded)
        assert not np.isnan(shown.masks).any()


def test_epochs_that_recorded_less_of_a_sentence_limit_what_is_shown(run: Run) -> None:
    path = run.path / "snapshots" / "epoch_0000.npz"
    arrays = files.read_arrays(path)
    for name in [name for name in arrays if name.startswith("probe/0/")]:
        if name.endswith("/edges"):
            arrays[name] = arrays[name][..., :2, :2]
        elif name.endswith("/keys"):
            arrays[name] = arrays[name][..., :2]
    files.write_arrays(path, arrays)
    view = RunView(run).refresh()
    shown = view.player(view.probes[0], running=False)
    assert shown.attention.shape[-2:] == (2, 2)
    assert (shown.keys == len(shown.spans) + 1).all()
    assert pack(shown, lang="en", strings=templates(STRING_KEYS))


def test_arms_know_what_their_masks_are(finished_run: Run) -> None:
    view = RunView(finished_run).refresh()
    shown = view.player(view.probes[0], running=False)
    for arm in shown.arms:
        assert arm["shows"] == "words"
        assert arm["roles"] == [{"static": "once", "repaired": "epoch"}[arm["name"]]]
    assert np.all(shown.heads == 1)


def test_no_epoch_is_packed_twice_and_what_has_not_changed_is_not_packed_again(run: Run) -> None:
    last = run.path / "snapshots" / f"epoch_{run.epochs()[-1]:04d}.npz"
    hidden = last.rename(run.path / "later.npz")
    (run.path / "result.json").unlink()
    strings, view = templates(STRING_KEYS), RunView(run).refresh()
    early = view.player(view.probes[0], running=True)
    whole = pack(early, lang="en", strings=strings)
    assert view.refresh().player(view.probes[0], running=True) is early
    assert pack(early, lang="en", strings=strings) is whole
    parts = dict(early.packed)
    assert len(parts) == len(early.epochs)

    hidden.rename(last)
    later = view.refresh().player(view.probes[0], running=True)
    grown = pack(later, lang="en", strings=strings)
    assert all(later.packed[key] is part for key, part in parts.items())
    assert len(later.packed) == len(parts) + 1
    fresh = RunView(run).refresh()
    assert grown == pack(fresh.player(fresh.probes[0], running=True), lang="en", strings=strings)
