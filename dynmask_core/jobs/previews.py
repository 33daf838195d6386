"""Previews of masks, made one after another in one low-priority process, so that training comes first."""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import Executor

from dynmask_core.analysis.preview import Preview, digest
from dynmask_core.data.dataset import Dataset
from dynmask_core.errors import InputError, kind_of
from dynmask_core.jobs import worker
from dynmask_core.jobs.queue import close_at_exit, local_executor, shut_down

log = logging.getLogger(__name__)
PATIENCE = 20.0
"""A preview that nobody has asked for during this many seconds is not made."""
KEPT = 1000
RETRY = 30.0
"""Seconds until a preview that failed unexpectedly is tried again, if somebody still asks for it."""

Wish = tuple[str, str, str, str]
"""Digest of the data set, tokenizer, sentence, arm."""


def quiet_executor() -> Executor:
    """Like the executor of a queue slot, but with low priority."""
    return local_executor(worker.start_quietly)


class Previews:
    """Shared by all visitors. The process starts at the first request."""

    def __init__(self, make_executor: Callable[[], Executor] = quiet_executor) -> None:
        self._make = make_executor
        self._executor: Executor | None = None
        self._asked: dict[Wish, tuple[float, Dataset]] = {}
        self._made: OrderedDict[Wish, Preview | InputError] = OrderedDict()
        self._failed: dict[Wish, float] = {}
        self._change = threading.Condition()
        self._closed = False
        threading.Thread(target=self._serve, daemon=True).start()
        close_at_exit(self)

    def look(
        self, dataset: Dataset, sentence: str, arms: Sequence[str], tokenizer: str = "auto"
    ) -> dict[str, Preview | InputError]:
        """The previews that are ready, by arm."""
        return self._found(dataset, sentence, arms, tokenizer, ask=False)

    def ask(
        self, dataset: Dataset, sentence: str, arms: Sequence[str], tokenizer: str = "auto"
    ) -> dict[str, Preview | InputError]:
        """As `look`. The rest is made, in this order, as long as somebody keeps asking."""
        return self._found(dataset, sentence, arms, tokenizer, ask=True)

    def _found(
        self, dataset: Dataset, sentence: str, arms: Sequence[str], tokenizer: str, *, ask: bool
    ) -> dict[str, Preview | InputError]:
        data, now = digest(dataset), time.monotonic()
        with self._change:
            found = {}
            for arm in arms:
                wish = (data, tokenizer, sentence, arm)
                if wish in self._made:
                    self._made.move_to_end(wish)
                    found[arm] = self._made[wish]
                elif now - self._failed.get(wish, -RETRY) < RETRY:
                    found[arm] = InputError("no_preview")
                elif ask:
                    self._asked[wish] = (now, dataset)
            self._change.notify_all()
        return found

    def close(self) -> None:
        with self._change:
            self._closed = True
            self._change.notify_all()
        if self._executor is not None:
            shut_down(self._executor)

    def _next(self) -> tuple[Wish, Dataset] | None:
        """The first wish of the latest request. Waits for one; None once closed."""
        with self._change:
            while not self._closed:
                limit = time.monotonic() - PATIENCE
                self._asked = {wish: asked for wish, asked in self._asked.items() if asked[0] > limit}
                if self._asked:
                    last = max(when for when, _ in self._asked.values())
                    return next((wish, data) for wish, (when, data) in self._asked.items() if when == last)
                self._change.wait()
            return None

    def _serve(self) -> None:
        while (found := self._next()) is not None:
            wish, dataset = found
            made = self._make_one(wish, dataset)
            with self._change:
                self._asked.pop(wish, None)
                now = time.monotonic()
                self._failed = {one: when for one, when in self._failed.items() if now - when < RETRY}
                if made is None:
                    self._failed[wish] = now
                    continue
                self._made[wish] = made
                if len(self._made) > KEPT:
                    self._made.popitem(last=False)

    def _make_one(self, wish: Wish, dataset: Dataset) -> Preview | InputError | None:
        """None if it failed for a reason that may pass; an InputError is permanent."""
        _, tokenizer, sentence, arm = wish
        try:
            if self._executor is None:
                self._executor = self._make()
            return self._executor.submit(worker.preview, arm, dataset, sentence, tokenizer).result()
        except InputError as error:
            return error
        except Exception as error:
            log.warning("preview: %s", kind_of(error))
            if not self._closed and not self._healthy():
                self._executor = None
            return None

    def _healthy(self) -> bool:
        try:
            return self._executor is not None and bool(self._executor.submit(worker.ready).result())
        except Exception:
            return False
