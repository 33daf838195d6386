"""What to look at in the player's picture of one sentence, said in words from its own numbers."""

from __future__ import annotations

import numpy as np

from dynmask_core.ui.components.player import PlayerData
from dynmask_core.ui.i18n import in_a_row, t

DRAWN = frozenset({"cycle", "redrawn", "redrawn_step"})
"""Roles of masks that chance draws again and again."""
LEAST_MOVE = 0.05
"""A mask value that moved less than this is not worth a look."""


def look_here(data: PlayerData) -> str:
    """One or two sentences, plain text: the words whose masks moved most in the last arm, and who is right in the end.
    "" if nothing moved and nothing is answered."""
    return " ".join(part for part in (_moves(data), _answers(data)) if part)


def telling(of: list[PlayerData]) -> int:
    """The index of the sentence in which most happens: the last arm right and the first wrong, then answers that
    differ, then the farthest move of a mask."""

    def worth(data: PlayerData) -> tuple[int, float]:
        answers = _final(data)
        differ = len(set(answers)) > 1
        better = differ and data.label is not None and answers[-1] == data.label != answers[0]
        moved = np.nan_to_num(np.abs(data.masks[-1, -1] - data.masks[-1, 0])) if len(data.epochs) else np.zeros(1)
        return int(differ) + int(better), float(moved[_words(data)].max(initial=0))

    return max(range(len(of)), key=lambda index: worth(of[index]))


def _words(data: PlayerData) -> list[int]:
    """Which of the tokens can be meant by a sentence about words: those with a letter or a digit, no punctuation."""
    return [i for i, (a, b) in enumerate(data.spans) if any(sign.isalnum() for sign in data.text[a:b])]


def _farthest(data: PlayerData, moved: np.ndarray) -> int:
    """The word that moved farthest up; of those that moved as far, the longest, which tells most."""
    return max(_words(data), key=lambda i: (round(float(moved[i]), 2), data.spans[i][1] - data.spans[i][0]))


def _final(data: PlayerData) -> list[int | None]:
    """The class that each arm answers in the last epoch; None if it is not recorded."""
    if not data.epochs or not data.classes:
        return [None] * len(data.arms)
    last = data.probabilities[:, -1]
    return [None if np.isnan(row).any() else int(row.argmax()) for row in last]


def _moves(data: PlayerData) -> str:
    """The word that rose most and the one that fell most in the last arm, and whether it fell below θ. Of a mask that
    is drawn anew, only that: what chance hides is no story."""
    if not data.epochs or not _words(data):
        return ""
    if not DRAWN.isdisjoint(data.arms[-1].get("roles", ())):
        return t("look.drawn", arm=data.arms[-1]["name"])
    first, last = data.masks[-1, 0], data.masks[-1, -1]
    if not np.isfinite(first).all() or not np.isfinite(last).all():
        return ""
    moved = last - first
    words = [data.text[a:b] for a, b in data.spans]
    up, down = _farthest(data, moved), _farthest(data, -moved)
    said = []
    if moved[up] > LEAST_MOVE:
        said.append(t("look.up", word=words[up], start=f"{first[up]:.2f}", now=f"{last[up]:.2f}"))
    if moved[down] < -LEAST_MOVE:
        key = "look.gone" if last[down] < data.thresholds[-1] else "look.down"
        said.append(t(key, word=words[down], start=f"{first[down]:.2f}", now=f"{last[down]:.2f}"))
    if not said:
        return ""
    moves = t("look.both", up=said[0], down=said[1]) if len(said) == 2 else said[0]
    return t("look.arm", arm=data.arms[-1]["name"], moves=moves)


def _answers(data: PlayerData) -> str:
    """Who is right in the end; "" for a sentence without a known class."""
    answers = _final(data)
    if data.label is None or None in answers:
        return ""
    right = [arm["name"] for arm, answer in zip(data.arms, answers, strict=True) if answer == data.label]
    wrong = [arm["name"] for arm, answer in zip(data.arms, answers, strict=True) if answer != data.label]
    truth, ended = data.classes[data.label], data.epochs[-1] >= data.planned and not data.running
    when = t("look.end") if ended else t("look.now", epoch=data.epochs[-1])
    if not wrong:
        return t("look.all_right", when=when, truth=truth)
    if not right:
        return t("look.all_wrong", when=when, truth=truth)
    return t("look.some_right", when=when, truth=truth, right=in_a_row(right), wrong=in_a_row(wrong))
