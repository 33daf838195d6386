"""Learn: the ready lessons, or one of them, step by step."""

from __future__ import annotations

from dynmask_core.ui.frame import require_frame
from dynmask_core.ui.learn import reader, shelf

require_frame(__file__)

bundle = shelf.opened()
if bundle is None:
    shelf.shelf()
else:
    reader.read(bundle)
