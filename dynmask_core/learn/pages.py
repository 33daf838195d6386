"""Which pages a lesson can lead to, and what their addresses can say. What a page would ignore is refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import get_args
from urllib.parse import parse_qsl

from dynmask_core.config import PRESETS, Device, GateMode, InitialMask, Sight, StepRule, Way
from dynmask_core.config.offers import (
    BATCHES,
    COLDEST,
    DRAWS,
    GUESS_VIEWS,
    HIDEABLE,
    MAX_EPOCHS,
    MAX_SEED,
    MOST_CANDIDATES,
    MOST_EVIDENCE,
    MOST_STUDY_SEEDS,
    RATES,
    REFRESHES,
    STEP_SIZES,
    TASK_VIEWS,
    VIEWS,
    WARMEST,
)
from dynmask_core.data.media import MEDIA
from dynmask_core.data.samples import list_hidden, list_samples, list_sequences
from dynmask_core.data.tokenize import TOKENIZER_MODES
from dynmask_core.errors import InputError
from dynmask_core.learn.lesson import LESSON_WORD, Panel
from dynmask_core.learn.limits import ADDRESS
from dynmask_core.learn.markup import shown
from dynmask_core.masks import REGISTRY, canonical, separate
from dynmask_core.masks.expression import shortest
from dynmask_core.masks.search import CARDS, LONGEST, search
from dynmask_core.mlm import SELECTIONS
from dynmask_core.studies import KINDS

ARMS = ("baseline", "dynamic", "arm3", "arm4")
"""The parameters that name arms; the first two are always there."""
MOST_ARMS = 4
Rule = Callable[[str], bool]
"""True for a value that the page takes."""


def _one(options: Sequence[object]) -> Rule:
    written = {f"{option:g}" if isinstance(option, float) else str(option) for option in options}
    return written.__contains__


def _some(options: Sequence[str]) -> Rule:
    return lambda value: set(value.split(",")) <= set(options)


def _number(low: float, high: float, *, whole: bool = True) -> Rule:
    form = re.compile(r"\d{1,10}" if whole else r"\d{1,4}(\.\d{1,6})?", re.ASCII)
    return lambda value: bool(form.fullmatch(value)) and low <= float(value) <= high


def _read(read: Callable[[str], object], *, empty: bool = False) -> Rule:
    def rule(value: str) -> bool:
        try:
            return (empty and not value) or bool(read(value))
        except InputError:
            return False

    return rule


@cache
def rules() -> dict[str, dict[str, Rule]]:
    """By page, the parameters that it takes. `hide`, `lang` and names of runs are not a lesson's to set."""
    samples = [sample.name for sample in list_samples(*MEDIA)]
    data = {"data": _one([*samples, LESSON_WORD])}
    usual = {
        "model": _one(list(PRESETS)),
        "seed": _number(0, MAX_SEED),
        "device": _one(get_args(Device)),
        "batch": _one(BATCHES),
        "tokenizer": _one(TOKENIZER_MODES),
    }
    training = data | usual
    training |= {slot: _read(canonical, empty=slot not in ARMS[:2]) for slot in ARMS}
    training |= {
        "alpha": _one(STEP_SIZES),
        "tau": _number(0, MOST_EVIDENCE, whole=False),
        "theta": _number(0, 1, whole=False),
        "epochs": _number(1, MAX_EPOCHS),
        "initial": _one(get_args(InitialMask)),
        "rule": _one(get_args(StepRule)),
        "gate": _one(get_args(GateMode)),
    }
    run = {"run": _one([LESSON_WORD])}
    seeds = {f"{name}_seeds": _number(kind.least_seeds, MOST_STUDY_SEEDS) for name, kind in KINDS.items()}
    return {
        "home": {},
        "data": data,
        "masks": data
        | {
            "family": _one(sorted({strategy.family for strategy in REGISTRY.values()})),
            "for": _one(MEDIA),
            "site": _one(sorted({strategy.site for strategy in REGISTRY.values()})),
            "edges": _read(shortest),
            "find": lambda query: len(query) <= LONGEST and bool(search(query, [*CARDS, *REGISTRY])),
        },
        "train": training | run | {"view": _one(VIEWS)},
        "compare": training
        | seeds
        | {"kind": _one(list(KINDS)), "train_rows": _number(0, 50_000), "test_on": _one(["", *samples])},
        "mlm": usual
        | run
        | {
            "corpus": _one([*(sample.name for sample in list_hidden()), LESSON_WORD]),
            "refresh": _some(REFRESHES),
            "select": _one(SELECTIONS),
            "rate": _one(RATES),
            "mlm_epochs": _number(1, MAX_EPOCHS),
            "mask_share": _number(0, 1, whole=False),
            "random_share": _number(0, 1, whole=False),
            "mlm_view": _one(GUESS_VIEWS),
        },
        "tasks": {name: usual[name] for name in ("model", "seed", "device")}
        | run
        | {
            "task": _one(["mark", "continue"]),
            "marked": _one([sample.name for sample in list_samples(*MEDIA, task="mark")]),
            "pairs": _one([sample.name for sample in list_sequences()]),
            "task_arms": _read(_arms),
            "task_epochs": _number(1, MAX_EPOCHS),
            "sight": _one(get_args(Sight)),
            "way": _one(get_args(Way)),
            "task_view": _one(TASK_VIEWS),
            "draw": _one(DRAWS),
            "temperature": _number(COLDEST, WARMEST, whole=False),
            "top_k": _number(0, MOST_CANDIDATES),
            "draw_seed": _number(0, MAX_SEED),
        },
    }


def _arms(written: str) -> bool:
    arms = [canonical(arm) for arm in separate(written, ",")]
    return 1 <= len(set(arms)) == len(arms) <= MOST_ARMS


HIDING = ("train", "compare", "mlm", "tasks")
"""The pages that can be told what not to show."""


def hidden_on(page: str, *lists: Iterable[str]) -> str:
    """What the address of a page says to hide: the names of all `lists` (a lesson's, a class's), each once, in the
    order of HIDEABLE; "" for nothing, or a page that cannot hide anything."""
    wanted = {name for names in lists for name in names} if page in HIDING else set()
    return ",".join(name for name in HIDEABLE if name in wanted)


def read_address(address: str, label: str, line: int, *, after: bool = False) -> Panel:
    """The page and the settings that an address names. Raises InputError `lesson_address_…` with the line."""
    if len(address) > ADDRESS:
        raise InputError("lesson_address_long", line=line, most=ADDRESS)
    page, mark, query = address.partition("?")
    known = rules()
    if page not in known:
        raise InputError("lesson_address_page", line=line, address=shown(address), known=", ".join(known))
    try:
        if mark and not query:
            raise ValueError(address)
        given = parse_qsl(query, keep_blank_values=True, strict_parsing=bool(mark), max_num_fields=40, errors="strict")
    except ValueError:
        raise InputError("lesson_address_form", line=line, address=shown(address)) from None
    # A "+" between masks arrives as a space, as it does in the app.
    given = [(name, value.replace(" ", "+") if name in (*ARMS, "task_arms") else value) for name, value in given]
    for name, value in given:
        if name not in known[page]:
            names = ", ".join(known[page]) or "–"
            raise InputError("lesson_address_name", line=line, name=shown(name), page=page, known=names)
        if not known[page][name](value):
            raise InputError("lesson_address_value", line=line, name=name, value=shown(value), page=page)
    twice = {name for name, _ in given if [other for other, _ in given].count(name) > 1}
    if twice:
        raise InputError("lesson_address_twice", line=line, name=min(twice))
    return Panel(page, tuple(given), label, after)
