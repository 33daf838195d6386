"""Plain text: one example per line, one column `text`, no label."""

from __future__ import annotations

import pandas as pd

from dynmask_core.data.readers.source import Reader, Source
from dynmask_core.data.table import Table


def _read(source: Source) -> Table:
    frame = pd.DataFrame({"text": source.lines()}, dtype=object)
    return Table(frame, "text", source.decoded.encoding, has_header=False, warnings=source.decoded.warnings)


# Any text can be plain text, and .txt files are often tables.
TEXT = Reader("text", (".txt",), _read, is_text=lambda source: True, shared_suffix=True)
