"""Equal experiments are trained once: a run that was started on a page is found again by what it was made of.

Beside the runs lies one small file for each such experiment, so finding one takes no longer with a thousand runs.
"""

from __future__ import annotations

import threading
import time
from functools import cache
from hashlib import blake2b
from importlib.metadata import version
from pathlib import Path

from dynmask_core.config import ExperimentConfig
from dynmask_core.data.dataset import Dataset
from dynmask_core.data.encoder_folder import mark
from dynmask_core.data.samples import PREFIX
from dynmask_core.errors import InputError
from dynmask_core.runs import files
from dynmask_core.runs.run import Run
from dynmask_core.runs.status import Status

FOLDER = "equal"
"""Its name under the runs folder; no run can have this name."""
LOCK = threading.RLock()
"""Held from the search for an equal run until a new one is entered: of thirty visitors who start at the same moment,
one starts a run."""
LEARNS = ("config", "data", "evaluate", "inputs", "masks", "mlm", "model", "tasks", "training")
"""Packages whose code decides what a run learns, besides the modules that stand beside them."""
QUIET = 30.0
"""Seconds without a sign of life after which nobody is led to a run. A server that answers thirty clicks at once may
be silent for longer than the seconds after which a run is shown as interrupted."""
MARK, WATCHED = "equal.json", "watched"
AGAIN = 3600.0
"""Seconds between two looks for entries whose run is gone."""
_tidied: dict[Path, float] = {}


def key_of(config: ExperimentConfig, dataset: Dataset) -> str:
    """A hash of the settings, the texts with their split, and the code; "" for texts that are not the app's own.

    What a visitor has brought is never compared: that others have the same text is nobody's business.
    """
    if not config.data.source.startswith(PREFIX):
        return ""
    total = blake2b(f"{code()} {config.digest()}".encode(), digest_size=16)
    if config.encoder:
        total.update(mark(config.encoder).encode())
    for text in dataset.texts:
        total.update(f"{text}\x1e".encode())
    for array in (dataset.labels, dataset.split, dataset.given):
        total.update(b"\x1f" if array is None else array.tobytes())
    return total.hexdigest()


@cache
def code() -> str:
    """A hash of the code that this server trains with. Another version may give other numbers."""
    package = Path(__file__).parents[1]
    sources = [*package.glob("*.py"), *(path for name in LEARNS for path in (package / name).rglob("*.py"))]
    total = blake2b(f"{version('torch')} {version('numpy')}".encode(), digest_size=8)
    for path in sorted(sources):
        total.update(path.read_bytes())
    return total.hexdigest()


def enter(run: Run, key: str, visitor: str) -> None:
    """Notes who has started a new run, and from now on lets others find it. key: "" if nobody is to find it.

    The run's own file holds a hash in which the visitor is joined with the run: it does not tell which other runs are
    of the same visitor.
    """
    files.write_json(run.path / MARK, {"key": key, "owner": run.mark_of(visitor)})
    if key:
        files.write_json(_entry(run, key), run.name)
        tidy(run.path.parent)


def tidy(root: Path) -> int:
    """Deletes the entries whose run is gone, at most once an hour; returns how many. Entries are read one by one, so
    this is not for every start."""
    place, gone = root / FOLDER, 0
    with LOCK:
        if time.time() - _tidied.get(place, 0.0) < AGAIN:
            return 0
        _tidied[place] = time.time()
        for entry in place.glob("*.json"):
            name = files.wish(entry)
            if not isinstance(name, str) or Run.at(root, name) is None:
                entry.unlink(missing_ok=True)
                gone += 1
    return gone


def find(root: Path, key: str) -> Run | None:
    """The run under `root` with this key that is finished, or on its way there; None if there is none.

    Left out are runs that wait for who started them, and those whose settings were changed while they trained.
    """
    name = files.wish(root / FOLDER / f"{key}.json") if key else None
    run = Run.at(root, name) if isinstance(name, str) else None
    try:
        return run if run is not None and _leads_to(run) else None
    except InputError:
        return None  # a run that is damaged is trained again


def _leads_to(run: Run) -> bool:
    if run.asked_probes() or run.controls() != run.config().controls:
        return False
    stored: Status | None = files.wish(run.path / "status.json", Status.read)
    working = stored is not None and stored.state in ("queued", "starting", "training")
    goes_on = working and run.silence() < QUIET and run.wanted() == ("run", None)
    if any(event["type"] == "controls_changed" for event in run.events()):
        return False
    return goes_on or run.result() is not None


def watch(run: Run, visitor: str) -> None:
    """Notes that a visitor was led to the run; if it is of somebody else, it has onlookers from now on."""
    if not started_by(run, visitor):
        (run.path / WATCHED).touch()


def leave(run: Run) -> bool:
    """Keeps others from finding the run, because it will be changed. False if it has onlookers already."""
    with LOCK:
        mark = _marked(run)
        if mark.get("key"):
            entry = _entry(run, mark["key"])
            if files.wish(entry) == run.name:
                entry.unlink(missing_ok=True)
            files.write_json(run.path / MARK, {**mark, "key": ""})
        return not has_onlookers(run)


def has_onlookers(run: Run) -> bool:
    """Whether somebody who did not start the run was led to it."""
    return bool((run.folder / WATCHED).exists())


def looks_on(run: Run, visitor: str) -> bool:
    """Whether a visitor may only look at the run. Before anybody was led there, whoever has its address acts on it."""
    return has_onlookers(run) and not started_by(run, visitor)


def started_by(run: Run, visitor: str) -> bool:
    return bool(_marked(run).get("owner") == run.mark_of(visitor))


def _marked(run: Run) -> dict[str, str]:
    found = files.wish(run.folder / MARK)
    return found if isinstance(found, dict) else {}


def _entry(run: Run, key: str) -> Path:
    return run.path.parent / FOLDER / f"{key}.json"
