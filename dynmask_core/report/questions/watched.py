"""The watched samples that are no texts under their masks, and what watched texts are marked as, as blocks."""

from __future__ import annotations

import itertools

import numpy as np

from dynmask_core.analysis.marked import in_words
from dynmask_core.blocks import Block, Column, Drawn, Paragraph, Pictures, Table
from dynmask_core.config import MarkSettings
from dynmask_core.data.media import IMAGE, TEXT, medium, picture_of, pixels_of
from dynmask_core.events import Probe, ProbeRecord
from dynmask_core.inputs import Picture, make_input
from dynmask_core.masks import brief
from dynmask_core.messages import Words, say
from dynmask_core.runs import Run

MOST = 6
"""So many samples are shown, to keep the report small."""
LEAST = 64
"""Pixels of the shorter side, below which a picture is enlarged: the hatching of hidden parts needs room."""
SHADES = " .:-=+*#%@"
"""From dark to bright, for pictures drawn in characters."""
WIDEST = 48
"""Characters of such a picture."""
GONE = 0.02
"""Parts whose mask lies below are hatched, others only made paler."""


def blocks(run: Run) -> list[Block]:
    """As they stand after the last recorded epoch; [] for texts that are not marked."""
    epochs = run.epochs()
    if not epochs:
        return []
    probes = run.probes()
    kept = [index for index, probe in enumerate(probes) if medium(probe.text) != TEXT][:MOST]
    if kept:
        return _pictures(run, epochs[-1], [(index, probes[index]) for index in kept])
    return _marks(run, epochs[-1], probes) if isinstance(run.config().task, MarkSettings) else []


def _pictures(run: Run, epoch: int, probes: list[tuple[int, Probe]]) -> list[Block]:
    config, snapshot = run.config(), run.snapshot(epoch)
    reader, arms = make_input(config, run.vocabulary()), config.arms
    classes: list[str] = next((event.get("classes", []) for event in run.events() if event["type"] == "started"), [])
    rows: list[tuple[Words, list[Drawn]]] = []
    for index, probe in probes:
        picture = reader.show(probe.text, reader.recorded).picture
        found = [snapshot.probe(index, arm) for arm in arms]
        if picture is None or None in found:
            continue
        label = f" · {classes[probe.label]}" if classes and probe.label is not None else ""
        whole = _drawn(picture, np.ones(picture.rows * picture.columns), say("watched.whole"))
        rows.append((f"{index + 1}{label}", [whole, *(_masked(picture, one) for one in found if one)]))
    if not rows:
        return []
    sound = medium(probes[0][1].text) != IMAGE
    told = say("watched.read.sound" if sound else "watched.read.image", epoch=epoch)
    return [Paragraph(told), Pictures([say("watched.whole"), *map(brief, arms)], rows)]


def _masked(picture: Picture, record: ProbeRecord) -> Drawn:
    parts = picture.rows * picture.columns
    values = np.ones(parts, dtype=np.float64)
    values[: len(record.mask)] = record.mask[:parts]
    kept = f"{values.mean():.2f}"
    marked = None if record.marks is None else np.pad(record.marks.argmax(-1) > 0, (0, parts - len(record.marks)))
    alt = say("watched.alt", gone=int((values < GONE).sum()), parts=parts, mean=kept)
    return _drawn(picture, values, alt, marked)


def _drawn(picture: Picture, values: np.ndarray, alt: Words, marked: np.ndarray | None = None) -> Drawn:
    """values: float [rows · columns] in [0, 1], the mask. marked: bool, parts that are framed."""
    pixels = pixels_of(picture.url)
    grey = pixels if pixels.ndim == 2 else pixels.mean(-1)
    times = max(1, -(-LEAST // min(grey.shape)))
    shown = pixels.repeat(times, 0).repeat(times, 1).astype(np.float64)
    mask = _spread(values.reshape(picture.rows, picture.columns), shown.shape[:2])
    row, column = np.indices(shown.shape[:2])
    hatched = np.where((row + column) % 6 < 3, 150.0, 105.0)
    # What is let through in part fades to the middle of the hatching.
    weight, veil = np.where(mask < GONE, 0.0, mask), np.where(mask < GONE, hatched, 128.0)
    if shown.ndim == 3:
        weight, veil = weight[..., None], veil[..., None]
    shown = shown * weight + veil * (1 - weight)
    letters = _letters(grey, values.reshape(picture.rows, picture.columns))
    if marked is not None:
        shown = _framed(shown, _spread(marked.reshape(picture.rows, picture.columns), shown.shape[:2]))
    return Drawn(picture_of(np.rint(shown).astype(np.uint8)), alt, letters)


def _spread(grid: np.ndarray, size: tuple[int, ...]) -> np.ndarray:
    """The value of the part in which each pixel lies."""
    rows = np.minimum(np.arange(size[0]) * grid.shape[0] // size[0], grid.shape[0] - 1)
    columns = np.minimum(np.arange(size[1]) * grid.shape[1] // size[1], grid.shape[1] - 1)
    spread: np.ndarray = grid[rows][:, columns]
    return spread


def _framed(shown: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """With an orange line around what is marked."""
    around = np.pad(inside, 2)
    core = inside.copy()
    for down, right in itertools.product((0, 2, 4), repeat=2):
        core &= around[down : down + len(inside), right : right + inside.shape[1]]
    coloured = shown if shown.ndim == 3 else shown[..., None].repeat(3, -1)
    coloured[inside & ~core] = (235.0, 120.0, 20.0)
    return coloured


def _letters(grey: np.ndarray, mask: np.ndarray) -> str:
    """A character for each of a few pixels; what is hidden is a slash."""
    step = max(1, -(-grey.shape[1] // WIDEST))
    tall = 2 * step if grey.shape[0] > 16 else step  # characters are twice as high as wide
    seen = grey[::tall, ::step]
    shades = np.rint(seen / 255 * (len(SHADES) - 1)).astype(int)
    gone = _spread(mask, seen.shape) < GONE
    return "\n".join(
        "".join("/" if out else SHADES[shade] for shade, out in zip(*line, strict=True))
        for line in zip(shades, gone, strict=True)
    )


def _marks(run: Run, epoch: int, probes: list[Probe]) -> list[Block]:
    """Of watched texts, the words that each arm marks as something."""
    config, snapshot = run.config(), run.snapshot(epoch)
    assert isinstance(config.task, MarkSettings)
    reader, marks = make_input(config, run.vocabulary()), config.task.marks

    def told(index: int, arm: str) -> str:
        record, shown = snapshot.probe(index, arm), reader.show(probes[index].text, reader.recorded)
        if record is None or record.marks is None:
            return "–"
        units = [shown.text[start:end] for start, end in shown.spans]
        return in_words(units, [marks[code] for code in record.marks.argmax(-1)]) or "–"

    rows = [[probe.text, *(told(index, arm) for arm in config.arms)] for index, probe in enumerate(probes[:MOST])]
    columns = [Column("text", say("data.text_column")), *(Column(arm, brief(arm)) for arm in config.arms)]
    return [Paragraph(say("watched.read.marks", epoch=epoch)), Table("watched_marks", columns, rows)]
