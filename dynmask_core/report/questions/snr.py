"""Accuracy in noise, as blocks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dynmask_core.analysis.snr import LEVELS, MOST_SOUNDS, TOLD, InNoise
from dynmask_core.blocks import Block, Column, Figure, Finding, Folded, Paragraph, Table
from dynmask_core.data.report import detectable_difference
from dynmask_core.masks import brief
from dynmask_core.messages import Words, say, several


def blocks(found: Sequence[InNoise], arms: Sequence[str]) -> list[Block]:
    """found: of some arms. arms: all of the run, for their colours."""
    colors = [arms.index(one.arm) for one in found]
    figure = Figure("over_noise", tuple(found), {"colors": colors}, "over_noise")
    results: list[Block] = [Finding(words, "note") for words in said(found)]
    return [*results, Paragraph(say("snr.look")), figure, Paragraph(honest(found[0])), table(found)]


def said(found: Sequence[InNoise]) -> list[Words]:
    """What each arm gets right, without noise and at TOLD, and whether its mask finds the sound."""
    place = LEVELS.index(TOLD)
    sentences: list[Words] = []
    for one in found:
        by_noise = {kind: values[place] for kind, values in one.noises.items()}
        hardest = min(by_noise, key=lambda kind: by_noise[kind])
        words: list[Words] = [
            say(
                "snr.said", arm=brief(one.arm), clean=_percent(one.clean), mean=_percent(one.mean[place]),
                hardest=say(f"snr.noise.{hardest}"), least=_percent(by_noise[hardest]),
                ideal=_percent(one.ideal[place]),
            )
        ]  # fmt: skip
        if one.finds is not None:
            facts = {name: f"{getattr(one.finds, name):.2f}" for name in ("gate", "energy", "base")}
            better = one.finds.gate > max(one.finds.energy, one.finds.base)
            words.append(say("snr.finds" if better else "snr.finds_not", **facts))
        sentences.append(several(*words))
    return sentences


def honest(one: InNoise) -> Words:
    """What the numbers cannot show."""
    words: list[Words] = [say("snr.honest")]
    points = detectable_difference(one.sounds)
    if points is not None:
        words.append(say("snr.chance", sounds=one.sounds, points=f"{points:.1f}"))
    if one.sounds < one.given:
        words.append(say("snr.sampled", sounds=one.sounds, given=one.given, most=MOST_SOUNDS))
    if not one.known:
        words.append(say("snr.unknown"))
    return several(*words)


def table(found: Sequence[InNoise]) -> Folded:
    columns = [Column("arm", say("thresholds.arm")), Column("noise", say("snr.noise"))]
    columns += [Column(str(level), say("snr.level", level=signed(level)), "percent") for level in LEVELS]
    columns.append(Column("clean", say("snr.clean"), "percent"))
    rows: list[list[Any]] = []
    for one in found:
        for kind, values in one.noises.items():
            rows.append([brief(one.arm), say(f"snr.noise.{kind}"), *values, None])
        rows.append([brief(one.arm), say("snr.mean"), *one.mean, one.clean])
        rows.append([brief(one.arm), say("snr.ideal"), *one.ideal, None])
    return Folded(say("snr.table"), [Table("snr_table", columns, rows)])


def signed(level: float) -> str:
    """A level with a real minus sign."""
    return f"{level:g}".replace("-", "−")


def _percent(share: float) -> str:
    return f"{100 * share:.1f}"
