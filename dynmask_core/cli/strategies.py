"""`dynmask strategies`: lists all mask strategies."""

from __future__ import annotations

import argparse
from typing import Any

from dynmask_core.messages import gloss


def add(commands: Any) -> None:
    command = commands.add_parser("strategies", help="every mask strategy: site, refresh, source, needs, parameters")
    command.set_defaults(run=run, show=show)


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    from dynmask_core.masks import REGISTRY

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
            for name, strategy in REGISTRY.items()
        ]
    }


def show(result: dict[str, Any]) -> None:
    for strategy in result["strategies"]:
        kind = ", ".join(f"{part} {strategy[part]}" for part in ("site", "refresh", "source"))
        print(f"{strategy['name']:12s} {kind}")
        print(f"             {strategy['description']}")
        for parameter in strategy["parameters"]:
            print(f"             {parameter['name']}={parameter['default']} ({parameter['expected']})")
        if strategy["needs"]:
            print(f"             needs: {', '.join(strategy['needs'])}")
        if strategy["settings"]:
            print(f"             settings: {', '.join(strategy['settings'])}")
