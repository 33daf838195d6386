"""`dynmask strategies`: lists all mask strategies, or shows a mask of one's own."""

from __future__ import annotations

import argparse
from typing import Any

from dynmask_core.messages import gloss

USUAL, MOST = 16, 64
"""Places shown without a text, and of a text."""


def add(commands: Any) -> None:
    command = commands.add_parser("strategies", help="every mask strategy: site, refresh, source, needs, parameters")
    command.add_argument("--mask", metavar="EXPRESSION", help="show the edges of your own mask instead of the list")
    command.add_argument("--text", default="", help="with --mask: on this text (default: on 16 places)")
    command.add_argument("--find", metavar="WORDS", default="", help="only masks that fit, such as 'hide the future'")
    command.set_defaults(run=run, show=show)


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    if arguments.mask is not None:
        return _mask(arguments.mask, arguments.text)
    from dynmask_core.masks import REGISTRY
    from dynmask_core.masks.search import by_family, search

    names = search(arguments.find, by_family(REGISTRY))
    return {
        "strategies": [
            {
                "name": name,
                "family": strategy.family,
                "site": strategy.site,
                "refresh": strategy.refresh,
                "source": strategy.source,
                "needs": sorted(strategy.needs_of({})),
                "description": ": ".join(gloss(f"strategy.{name}")),
                "formula": strategy.formula,
                "paper": strategy.paper,
                "only_training": strategy.only_training,
                "settings": list(strategy.uses),
                "parameters": [
                    {"name": p.name, "default": p.default, "expected": p.expected, "help": gloss(f"param.{p.name}")[1]}
                    for p in strategy.parameters
                ],
            }
            for name in names
            for strategy in (REGISTRY[name],)
        ]
    }


def _mask(text: str, sentence: str) -> dict[str, Any]:
    from dynmask_core.analysis.composed import compose
    from dynmask_core.data.tokenize import Tokenizer

    words = Tokenizer().tokens(sentence)
    return compose(text, words, min(len(words) + 1, MOST) if words else USUAL).to_json()


def _show_mask(result: dict[str, Any]) -> None:
    print(
        f"{result['arm']}  keeps {result['kept']:.0%}".replace("%", " %")
        + f" of {result['places']} × {result['places']} edges"
    )
    for place, row in enumerate(result["rows"]):
        word = result["words"][place] if place < len(result["words"]) else ""
        own = place in result["alone"]
        cells = ("■" if edge == "1" else "●" if own and key == place else "·" for key, edge in enumerate(row))
        print(f"{place:3d} {' '.join(cells)}  {word}")


def show(result: dict[str, Any]) -> None:
    if "rows" in result:
        _show_mask(result)
        return
    family = ""
    for strategy in result["strategies"]:
        if strategy["family"] != family:
            family = strategy["family"]
            print(f"\n{': '.join(gloss(f'family.{family}'))}")
        kind = ", ".join(f"{part} {strategy[part]}" for part in ("site", "refresh", "source"))
        print(f"{strategy['name']:12s} {kind}")
        print(f"             {strategy['description']}")
        for parameter in strategy["parameters"]:
            print(f"             {parameter['name']}={parameter['default']} ({parameter['expected']})")
        if strategy["needs"]:
            print(f"             needs: {', '.join(strategy['needs'])}")
        if strategy["settings"]:
            print(f"             settings: {', '.join(strategy['settings'])}")
