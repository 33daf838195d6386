"""Tries inputs, and counts how they are answered."""

from __future__ import annotations

import resource
import signal
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from random import Random
from types import FrameType
from typing import Any

from dynmask_core.errors import InputError
from dynmask_core.messages import LANGUAGES

SECONDS = 30
"""Of work: an input that is not answered by then counts as a fault."""
LONGEST = 2000
"""Characters of a sentence."""

Input = tuple[bytes, str]
"""What is tried, and the name that it has."""


@dataclass(frozen=True)
class Kind:
    """make: draws an input. answer: reads it; raises InputError to refuse it."""

    make: Callable[[Random], Input]
    answer: Callable[[bytes, str], object]


@dataclass
class Account:
    """tried, refused, read: numbers of inputs. faults: what was neither. slowest: seconds of work on one input, those
    of the processes that it started included. memory: MB at the highest point, of this process or of one that it
    started."""

    kind: str
    tried: int = 0
    refused: int = 0
    read: int = 0
    slowest: float = 0.0
    slowest_number: int = -1
    memory: int = 0
    faults: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def try_all(kind: str, made: Kind, seed: int, numbers: Iterable[int], keep: Path | None = None) -> Account:
    """keep: a folder for the inputs that are not answered. Ctrl-C ends it early."""
    account = Account(kind)
    _load(made)
    for number in numbers:
        content, name = made.make(Random(f"{seed} {kind} {number}"))
        account.tried += 1
        began = _work()
        try:
            with _no_longer_than(SECONDS):
                made.answer(content, name)
            account.read += 1
        except InputError as error:
            account.refused += 1
            account.faults += [f"{number} ({name!r:.60}): {why}" for why in _badly_said(error)]
        except KeyboardInterrupt:  # what has been tried until now is told
            account.tried -= 1
            break
        except Exception as error:  # whatever it is: that is what is sought
            account.faults.append(f"{number} ({name!r:.60}): {type(error).__name__}: {str(error)[:200]}")
            if keep is not None:
                keep.mkdir(parents=True, exist_ok=True)
                (keep / f"{kind}-{seed}-{number}").write_bytes(content)
        spent = _work() - began
        if spent > account.slowest:
            account.slowest, account.slowest_number = spent, number
    used = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    account.memory = max(used) // 1024
    return account


def _load(made: Kind) -> None:
    """Tries one input that does not count, so that the first one is not charged with loading the program."""
    with suppress(Exception):
        made.answer(*made.make(Random(0)))


def _badly_said(error: InputError) -> Iterator[str]:
    for lang in LANGUAGES:
        said = error.sentence(lang)
        if not said.strip() or "\n" in said or len(said) > LONGEST:
            yield f"{error.code} is no sentence: {said!r:.200}"


def _work() -> float:
    done = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in done)


@contextmanager
def _no_longer_than(seconds: int) -> Iterator[None]:
    """Raises TimeoutError after so many seconds of this process's work, as soon as Python is asked."""

    def end(number: int, frame: FrameType | None) -> None:
        raise TimeoutError(f"not answered in {seconds} s of work")

    before = signal.signal(signal.SIGVTALRM, end)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
