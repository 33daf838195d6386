"""Numbers as text, and figures in monospaced characters for viewers without images."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from dynmask_core.blocks import Form
from dynmask_core.messages import p_value, told
from dynmask_core.studies.settings import shown

WIDTH = 57
"""Characters of a strip: fits an upright phone."""
BARS, MOST_BARS = "▁▂▃▄▅▆▇█", 24


def percent(share: float) -> str:
    return f"{100 * share:.1f}"


def points(difference: float) -> str:
    return f"{100 * difference:+.1f}"


def span(ends: tuple[float, float], *, signed: bool = False) -> str:
    """An interval of shares, in percent or (signed) in points."""
    write = points if signed else percent
    return f"{write(ends[0])} … {write(ends[1])}"


def estimate(of: tuple[float, float, float]) -> str:
    """A mean with the ends of its interval, all of them shares or differences of shares, in percentage points."""
    mean, low, high = (100 * value for value in of)
    return f"{mean:.1f} [{low:.1f}, {high:.1f}]"


def path(values: Sequence[float]) -> str:
    """Numbers in [0, 1] as bars of eight heights; of many, MOST_BARS of them, the first and the last among them."""
    count = min(len(values), MOST_BARS)
    places = [round(i * (len(values) - 1) / max(count - 1, 1)) for i in range(count)]
    return "".join(BARS[min(int(values[place] * len(BARS)), len(BARS) - 1)] for place in places)


def flops(count: float) -> str:
    """Three digits and a prefix: 98.2 M, 1.35 T."""
    for prefix, unit in (("P", 1e15), ("T", 1e12), ("G", 1e9), ("M", 1e6)):
        if count >= unit:
            return f"{count / unit:#.3g} {prefix}".replace(". ", " ")
    return f"{count:.0f}"


WRITTEN: dict[Form, Callable[[Any], str]] = {
    "setting": shown,
    "percent": percent,
    "points": points,
    "percent_span": span,
    "points_span": partial(span, signed=True),
    "p": p_value,
    "tenths": "{:.1f}".format,
    "hundredths": "{:.2f}".format,
    "thousandths": "{:.3f}".format,
    "estimate": estimate,
    "count": "{:,}".format,
    "whole": str,
    "flops": flops,
    "path": path,
}


def written(value: Any, form: Form, lang: str) -> str:
    """A cell of a table as text."""
    if value is None:
        return "–"
    return told(value, lang) if form == "words" else WRITTEN[form](value)


def strips(
    rows: Sequence[tuple[str, Sequence[float], float, tuple[float, float]]], zero: str = "", *, signed: bool = False
) -> str:
    """rows: (name, values of the seeds, mean, interval), all in one unit. zero: name of the line at 0, "" for no line.

    Each seed is an o, or a digit if several share a place; [ # ] is the interval with the mean.
    """
    numbers = [value for _, values, mean, ends in rows for value in (*values, mean, *ends)]
    low, high = min([*numbers, 0.0] if zero else numbers), max([*numbers, 0.0] if zero else numbers)
    if high <= low:
        low, high = low - 0.5, high + 0.5

    def place(value: float) -> int:
        return round((value - low) / (high - low) * (WIDTH - 1))

    form = "+.1f" if signed else ".1f"
    first, last = format(low, form), format(high, form)
    lines = [first + " " * (WIDTH - len(first) - len(last)) + last]
    if zero:
        at = min(max(place(0.0), len(first) + 1), WIDTH - len(last) - 2)
        lines[0] = f"{lines[0][:at]}0{lines[0][at + 1 :]}"
    for name, values, mean, ends in rows:
        dots, bar = ([" "] * WIDTH for _ in range(2))
        if zero:
            dots[place(0.0)] = bar[place(0.0)] = "|"
        for at, count in Counter(map(place, values)).items():
            dots[at] = "o" if count == 1 else str(min(count, 9))
        for at in range(place(ends[0]), place(ends[1]) + 1):
            bar[at] = "-"
        bar[place(ends[0])], bar[place(ends[1])] = "[", "]"
        bar[place(mean)] = "#"
        lines += [one_line(name), "".join(dots).rstrip(), "".join(bar).rstrip()]
    return "\n".join(lines + ([f"0 = {one_line(zero)}"] if zero else []))


def grid(title: str, across: Sequence[str], down: Sequence[str], cells: Sequence[Sequence[str]]) -> str:
    """A map as text in columns. cells: by row and column."""
    table = [["", *across], *([name, *row] for name, row in zip(down, cells, strict=True))]
    table = [[one_line(cell)[:14] for cell in row] for row in table]
    widths = [max(len(row[column]) for row in table) for column in range(len(across) + 1)]
    lines = ["  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in table]
    return "\n".join([one_line(title), *(line.rstrip() for line in lines)])


def one_line(name: str) -> str:
    return " ".join(name.split())
