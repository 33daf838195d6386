"""`--what overlay`: another run laid over this one."""

from __future__ import annotations

import argparse
from typing import Any

from dynmask_core.cli.questions.base import Analysis, at_least_one
from dynmask_core.errors import InputError
from dynmask_core.messages import told
from dynmask_core.runs import Run, default_root, find_run


def _options(command: Any) -> None:
    command.add_argument("--beside", metavar="OTHER", help="the run to lay over this one")


def _ask(run: Run, arguments: argparse.Namespace) -> dict[str, Any]:
    from dynmask_core.analysis.masks_apart import masks_apart
    from dynmask_core.analysis.overlay import CAUTION, curve, name_in, overlay
    from dynmask_core.analysis.settings import settings_apart, told_settings

    at_least_one("top", arguments.top)
    if arguments.beside is None:
        raise InputError("no_beside")
    name = name_in(arguments.beside) or arguments.beside
    if name == run.name:
        raise InputError("same_run", name=name)
    other = find_run(arguments.runs_dir or default_root(), name)
    apart, found = settings_apart(run, other), overlay(run, other)
    masks = [masks_apart(run, other, (pair.own, pair.other)) for pair in found.pairs]
    known = [one for one in masks if one is not None]
    said = [*told_settings(apart), *found.told(), CAUTION, *(one.told() for one in known)]
    return {
        "beside": other.name,
        "said": [told(sentence) for sentence in said],
        "settings": [one.to_json() for one in apart],
        **found.to_json(arguments.top),
        "curves": [
            {
                "own": pair.own,
                "other": pair.other,
                **{
                    metric: {"own": curve(run, pair.own, metric), "other": curve(other, pair.other, metric)}
                    for metric in ("accuracy", "loss")
                },
            }
            for pair in found.pairs
        ],
        "masks": [one.to_json(arguments.top) for one in known],
    }


def _show(result: dict[str, Any]) -> None:
    print("\n".join(result["said"]))
    for pair in result["pairs"]:
        for text in pair.get("texts", ()):
            print(f"\n{text['text']}\n  true: {text['truth']}\n  {pair['own']}: {text['own']}, there: {text['other']}")
    for masks in result["masks"]:
        print(f"\n{masks['arms']['own']}: words whose masks differ most")
        for word in masks["words"]:
            print(f"  {word['word']:<16} {word['own']:.2f}  there {word['other']:.2f}  seen {word['count']}")


ANALYSIS = Analysis("another run laid over this one: what a setting has changed", _options, _ask, _show)
