"""Entities are counted as seqeval counts them."""

from __future__ import annotations

import pytest

from dynmask_core.evaluate.entities import entities, entity_scores


@pytest.mark.parametrize(
    ("tags", "found"),
    [
        ("B-PER I-PER O B-LOC", [(0, 2, "PER"), (3, 4, "LOC")]),
        ("B-PER B-PER", [(0, 1, "PER"), (1, 2, "PER")]),
        ("I-PER I-PER", [(0, 2, "PER")]),  # what continues nothing begins
        ("B-PER I-LOC", [(0, 1, "PER"), (1, 2, "LOC")]),
        ("O I-LOC O", [(1, 2, "LOC")]),
        ("S-PER B-LOC E-LOC O", [(0, 1, "PER"), (1, 3, "LOC")]),
        ("E-PER E-PER", [(0, 1, "PER"), (1, 2, "PER")]),
        ("B-PER E-PER I-PER", [(0, 2, "PER"), (2, 3, "PER")]),
        ("KEY KEY O NAME", [(0, 2, "KEY"), (3, 4, "NAME")]),
        ("B-first-name I-first-name", [(0, 2, "first-name")]),
        ("O O", []),
        ("", []),
    ],
)
def test_entities_are_read_from_tags(tags: str, found: list[tuple[int, int, str]]) -> None:
    assert entities(tags.split()) == found


def test_only_exact_spans_count() -> None:
    # The example of seqeval's README: one of two entities is found exactly.
    truth = [["O", "O", "O", "B-MISC", "I-MISC", "I-MISC", "O"], ["B-PER", "I-PER", "O"]]
    given = [["O", "O", "B-MISC", "I-MISC", "I-MISC", "I-MISC", "O"], ["B-PER", "I-PER", "O"]]
    found = entity_scores(truth, given)
    assert found == {"precision": 0.5, "recall": 0.5, "f1": 0.5, "entities": 2}
    assert entity_scores([["B-NP", "I-NP", "O"]], [["I-NP", "I-NP", "O"]])["f1"] == 1
    assert entity_scores([["B-NP", "I-NP"]], [["B-NP", "O"]])["f1"] == 0
    assert entity_scores([["O"]], [["O"]]) == {"precision": 0, "recall": 0, "f1": 0, "entities": 0}
