"""Work that outlives a page: one process per run under way, a line for those that wait."""

from dynmask_core.jobs.execute import execute
from dynmask_core.jobs.previews import Previews
from dynmask_core.jobs.queue import Queue

__all__ = ["Previews", "Queue", "execute"]
