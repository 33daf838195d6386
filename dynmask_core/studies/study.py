"""A study's folder: settings, texts, and the folders of its runs. Any process may read it while the study runs."""

from __future__ import annotations

import functools
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path
from typing import Any, ClassVar, Literal

from dynmask_core.data.dataset import Dataset
from dynmask_core.data.report import Report
from dynmask_core.data.variants import resplit, shorten
from dynmask_core.errors import InputError
from dynmask_core.messages import LANGUAGES
from dynmask_core.runs import ACTIVE, Run, Status, files
from dynmask_core.runs.dataset_file import load_dataset, save_dataset
from dynmask_core.runs.folder import ALIVE_FOR, Folder
from dynmask_core.studies.config import Job, StudyConfig

Wish = Literal["run", "stop"]


@dataclass(frozen=True)
class Progress:
    """Where a study stands. state: "working" (a process works on it), "stopped", "finished" or "failed".

    Numbers of runs: done, working (queued, starting or training), failed, total. fraction: of all work, in [0, 1].
    remaining: seconds to go at the pace so far, None if there is no pace yet. error: of the first run that failed, or
    that the disk refused.
    """

    state: str
    done: int
    working: int
    failed: int
    total: int
    fraction: float
    remaining: float | None
    error: tuple[str, dict[str, Any]] | None = None


class Study(Folder):
    HEAD: ClassVar[str] = "study.json"
    BEFORE: ClassVar[str] = "data.json"
    HELD: ClassVar[str] = "study_active"

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._final: dict[str, Status] = {}

    @classmethod
    def create(cls, root: Path, config: StudyConfig, dataset: Dataset, report: Report) -> Study:
        """Makes a new folder under `root`. `dataset` also holds the texts of `test_on`."""
        study = cls.new(root)
        with study.made():
            save_dataset(study.path / "dataset.npz", dataset)
            files.write_json(study.path / "data.json", {lang: report.to_json(lang) for lang in LANGUAGES})
            files.write_json(study.path / "study.json", {"config": config.to_json(), "key": key_of(config, dataset)})
        return study

    @functools.cached_property
    def config(self) -> StudyConfig:
        """Raises InputError: `file_missing`, `file_damaged`."""
        return self._stored[0]

    @functools.cached_property
    def jobs(self) -> list[Job]:
        return self.config.jobs()

    def data_report(self, lang: str) -> dict[str, Any]:
        """What was found in the texts: Report.to_json in the language `lang`. Raises InputError: `file_missing`,
        `file_damaged`."""
        found: dict[str, Any] = files.need_json(self.path / "data.json", lambda stored: {**stored[lang]})
        return found

    def dataset(self) -> Dataset:
        """The texts of all runs; each run splits them in its own way."""
        return load_dataset(self.path / "dataset.npz")

    def run(self, job: Job) -> Run:
        """The folder of a job's run, whether it exists or not. Its name is a hash of study and job."""
        key = blake2b(f"{self.name} {job.digest}".encode(), digest_size=8).hexdigest()
        return Run(self.path / "runs" / f"{self.name[:15]}-{key}")

    def prepare(self, job: Job, dataset: Dataset) -> Run:
        """The run of a job, ready to be trained; made anew if it is missing, or so damaged that it cannot go on.
        dataset: the study's, read once for many jobs."""
        run = self.run(job)
        if not self._can_go_on(run, job):
            shutil.rmtree(run.path, ignore_errors=True)
            divided = resplit(dataset, job.seed)
            # Not job.size: without `sizes`, train_rows may still limit all runs to the same number.
            if (size := job.config.data.train_rows) is not None:
                divided = shorten(divided, size, job.seed)
            Run.derive(run.path, job.config, self.path / "dataset.npz", divided.split)
        return run

    def _can_go_on(self, run: Run, job: Job) -> bool:
        """Whether it is done, or has what it needs to be trained or to go on."""
        texts = run.path / "dataset.npz"
        try:
            if run.config().digest() != job.digest or not texts.exists():
                return False
            if run.result() is not None:
                return True
            run.require_checkpoint()
            run.split()
            if not texts.samefile(self.path / "dataset.npz"):
                run.dataset()
        except InputError:
            return False
        return True

    def finished(self) -> Iterator[tuple[Job, Run]]:
        """The finished jobs with their runs, in order."""
        for job in self.jobs:
            if self.status(job).state == "finished":
                yield job, self.run(job)

    def status(self, job: Job) -> Status:
        """The status of the job's run; "stopped" if it has not begun. A finished status is read only once."""
        run = self.run(job)
        if run.name not in self._final:
            status = run.status() if run.exists() else Status("stopped")
            if status.state != "finished":
                return status
            try:
                run.result()
            except InputError as error:  # the run is trained again: see `prepare`
                return replace(status, state="failed", error=(error.code, error.params))
            self._final[run.name] = status
        return self._final[run.name]

    def statuses(self) -> list[Status]:
        """The status of every job, in order."""
        return [self.status(job) for job in self.jobs]

    def progress(self, statuses: Sequence[Status] | None = None) -> Progress:
        """statuses: if the caller has just read them."""
        statuses = self.statuses() if statuses is None else statuses
        counts = {state: sum(s.state == state for s in statuses) for state in ("finished", "failed")}
        working = sum(s.state in ACTIVE for s in statuses)
        fraction = sum(1.0 if s.state == "finished" else s.fraction for s in statuses) / len(statuses)
        spent = sum(s.elapsed for s in statuses)
        to_go = spent * (1 - fraction) / fraction / max(working, 1) if fraction > 0.001 and working else None
        if counts["finished"] == len(statuses):
            state = "finished"
        elif self.worked_on():
            state = "working"
        else:
            state = "failed" if counts["failed"] else "stopped"
        errors = [s.error for s in statuses if s.state == "failed" or (s.state == "interrupted" and s.error)]
        return Progress(
            state,
            counts["finished"],
            working,
            counts["failed"],
            len(statuses),
            fraction,
            to_go,
            next(iter(errors), None),
        )

    # Requests of viewers, and the process that works on the study.

    def command(self, wish: Wish) -> None:
        self.ask(wish)

    def wanted(self) -> Wish:
        wish: Wish = self.asked() or "run"
        return wish

    def take(self) -> bool:
        """Claims the study for this process; False if another one works on it. If two try at once, one succeeds."""
        try:
            (self.path / "alive").touch(exist_ok=False)
        except FileExistsError:
            if self.worked_on():
                return False
            self.sign_of_life()  # the file was left by a process that was killed
        return True

    def worked_on(self) -> bool:
        """True while a process hands the study's runs to workers; it gives a sign of life every second."""
        return self.silence() < ALIVE_FOR

    def let_go(self) -> None:
        """Ends the claim made by `take`."""
        (self.path / "alive").unlink(missing_ok=True)

    @property
    def _stored(self) -> tuple[StudyConfig, str]:
        found: tuple[StudyConfig, str] = files.need_json(
            self.path / self.HEAD, lambda stored: (StudyConfig.from_json(stored["config"]), str(stored["key"]))
        )
        return found

    @property
    def key(self) -> str:
        """See `key_of`. "" if the file that has it is damaged: it equals no other."""
        try:
            return self._stored[1]
        except InputError:
            return ""


def key_of(config: StudyConfig, dataset: Dataset) -> str:
    """A hash of the settings, the texts, their labels and the given split."""
    total = blake2b(config.digest().encode(), digest_size=8)
    for text, label in zip(dataset.texts, dataset.labels.tolist(), strict=True):
        total.update(f"{label}\x1f{dataset.classes[label]}\x1f{text}\x1e".encode())
    total.update(b"" if dataset.given is None else dataset.given.tobytes())
    return total.hexdigest()


def list_studies(root: Path) -> list[Study]:
    """All studies under `root`, newest first."""
    return Study.listed(root)


def find_study(root: Path, name: str) -> Study:
    """The study of that name. Raises InputError: `unknown_study`, `file_missing` if its settings are gone."""
    if study := Study.at(root, name):
        return study
    Study.refuse_headless(root, name)
    raise InputError("unknown_study", name=name, root=root)


def same_study(root: Path, config: StudyConfig, dataset: Dataset) -> Study | None:
    """The newest study under `root` with the same settings and texts, which can be continued; None if there is none."""
    key = key_of(config, dataset)
    return next((study for study in list_studies(root) if study.key == key), None)
