"""Which folders the workers of a Dask cluster see under the same path as this machine."""

from __future__ import annotations

import logging
import math
import os
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dynmask_core.runs import files

if TYPE_CHECKING:
    from distributed import Client

ANSWER = 5.0
"""Seconds to wait for an answer."""
AGAIN = 60.0
"""Seconds for which workers that did not answer are not asked again."""
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Seen:
    """by_all: whether all `workers` see a folder; to be believed until then, in seconds of the steady clock."""

    workers: frozenset[str]
    by_all: bool
    until: float = math.inf


class Sight:
    """What is known of the workers of the scheduler at `address`.

    They are asked once for each folder, again when workers have come or gone, and after `AGAIN` seconds if they did not
    answer within `ANSWER` seconds. What they say is logged.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        self._lock = threading.Lock()
        self._known: dict[Path, _Seen] = {}

    def sees(self, client: Client, folder: Path) -> bool:
        """Whether every worker sees `folder`, which is made if it is not there, and may write to it."""
        with self._lock:
            try:
                workers = frozenset(_wait(client, client.nthreads))
            except TimeoutError:
                log.warning("the scheduler at %s did not say in %g s which workers it has", self.address, ANSWER)
                return False
            known = self._known.get(folder)
            if known is None or known.workers != workers or time.monotonic() > known.until:
                known = self._known[folder] = self._ask(client, folder, workers)
            return known.by_all

    def _ask(self, client: Client, folder: Path, workers: frozenset[str]) -> _Seen:
        folder.mkdir(parents=True, exist_ok=True)
        sign, token = folder.absolute() / f".seen-{secrets.token_hex(8)}", secrets.token_hex(16)
        files.write_bytes(sign, token.encode())
        try:
            seen = _wait(client, partial(client.run, read_sign, str(sign), on_error="return"))
        except TimeoutError:
            log.warning("the workers did not say in %g s whether they see %s: runs are sent to them", ANSWER, folder)
            return _Seen(workers, False, time.monotonic() + AGAIN)
        finally:
            sign.unlink(missing_ok=True)
        blind = sorted(worker for worker, read in seen.items() if read != token)
        if blind:
            log.warning("runs are sent to the workers, since these do not see %s: %s", folder, ", ".join(blind))
        return _Seen(workers, bool(seen) and not blind)


def _wait(client: Client, call: Callable[[], Any]) -> Any:
    """What a call of the client gives. Raises TimeoutError after `ANSWER` seconds."""

    async def give() -> Any:
        return await call()

    return client.sync(give, callback_timeout=ANSWER)


def read_sign(path: str) -> str:
    """The content of the file `path`; "" if its folder is not writable. Raises OSError if the file is missing."""
    sign = Path(path)
    return sign.read_text() if os.access(sign.parent, os.W_OK) else ""
