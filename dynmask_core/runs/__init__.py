"""The run folder: all that the trainer, the pages and the command line share."""

from dynmask_core.runs.run import Run
from dynmask_core.runs.status import ACTIVE, Status
from dynmask_core.runs.store import default_root, find_run, list_runs
from dynmask_core.runs.writer import RunWriter

__all__ = ["ACTIVE", "Run", "RunWriter", "Status", "default_root", "find_run", "list_runs"]
