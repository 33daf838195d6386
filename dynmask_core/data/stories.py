"""Short stories of people who go to places, and a question: which sentences answer it is known."""

from __future__ import annotations

import numpy as np
import pandas as pd

from dynmask_core.data.table import Table

NAMES = ["Mary", "John", "Anna", "Tom", "Lucy", "Peter", "Emma", "David"]
PLACES = ["kitchen", "garden", "office", "school", "park", "station", "library", "market"]
THINGS = ["ball", "book", "apple", "letter", "cup", "key"]
MOVES = ("went to", "walked to", "moved to")
SENTENCES = 8


def stories(facts: int = 1, count: int = 5000, seed: int = 0) -> Table:
    """Columns `source` (eight sentences and a question) and `target` (a place), with a rationale: 1 for the sentences
    that are needed for the answer.

    facts: 1 asks where a person is, 2 where a thing is that a person has taken. In the manner of bAbI (Weston et al.
    2015), tasks 1 and 2, but in words of our own. Equal arguments give equal stories.
    """
    rng = np.random.default_rng(np.random.SeedSequence([seed, 0x5707, facts]))
    found: dict[str, tuple[str, list[int]]] = {}
    while len(found) < count:
        source, target, marks = _story(rng, facts)
        found.setdefault(source, (target, marks))
    cells = {"source": list(found), "target": [target for target, _ in found.values()]}
    name = "stories" if facts == 1 else "stories_two"
    frame = pd.DataFrame(cells, dtype=object)
    return Table(frame, "csv", name=name, rationale=[marks for _, marks in found.values()])


def _story(rng: np.random.Generator, facts: int) -> tuple[str, str, list[int]]:
    people = [NAMES[i] for i in rng.permutation(len(NAMES))[:4]]
    things = [THINGS[i] for i in rng.permutation(len(THINGS))]
    takes = set(rng.permutation(np.arange(1, SENTENCES - 1))[:2].tolist()) if facts == 2 else set()
    lines: list[str] = []
    at: dict[str, tuple[str, int]] = {}
    holder: dict[str, tuple[str, int]] = {}
    for line in range(SENTENCES):
        if line in takes:
            thing, who = things[len(holder)], list(at)[int(rng.integers(len(at)))]
            holder[thing] = (who, line)
            lines.append(f"{who} took the {thing}.")
            continue
        who, place = people[int(rng.integers(len(people)))], PLACES[int(rng.integers(len(PLACES)))]
        at[who] = (place, line)
        lines.append(f"{who} {MOVES[int(rng.integers(len(MOVES)))]} the {place}.")
    if facts == 2:
        thing = list(holder)[int(rng.integers(len(holder)))]
        who, taken = holder[thing]
        question, needed = f"Where is the {thing}?", [taken]
    else:
        who = list(at)[int(rng.integers(len(at)))]
        question, needed = f"Where is {who}?", []
    place, moved = at[who]
    marks = [int(line in (*needed, moved)) for line in range(SENTENCES)] + [0]
    return " ".join([*lines, question]), place, marks
