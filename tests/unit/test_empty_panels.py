"""Where there is nothing to show, a sentence says what to do, and names the control by what is written on it."""

from __future__ import annotations

import pytest

from dynmask_core.messages import LANGUAGES, text

NAMED = {
    "train.empty": "train.start", "study.empty": "study.start", "mlm.empty": "train.start",
    "act.nothing": "train.continue", "score.later": "train.continue", "take.later": "train.start",
    "thresholds.nothing": "train.start", "thresholds.later": "train.stop", "faith.later": "train.stop",
    "wrong.no_tests": "nav.data", "study.none": "study.start", "figure.empty": "study.start",
    "player.waiting": "train.start", "fills.waiting": "train.start", "lens.later": "train.start",
    "mlm.ends.later": "train.stop", "overlay.none": "train.start",
}  # fmt: skip
"""Sentence of an empty panel → the control that it sends the reader to."""


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(("empty", "control"), NAMED.items())
def test_an_empty_panel_names_what_to_press(empty: str, control: str, lang: str) -> None:
    assert text(control, lang) in text(empty, lang)
