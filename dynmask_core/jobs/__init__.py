"""Work that outlives a page: one process per active run, and a queue for the others."""

from dynmask_core.jobs.execute import execute
from dynmask_core.jobs.previews import Previews
from dynmask_core.jobs.queue import Queue

__all__ = ["Previews", "Queue", "execute"]
