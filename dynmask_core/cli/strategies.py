"""`dynmask strategies`: every mask strategy there is."""

from __future__ import annotations

import argparse
import inspect
from typing import Any


def add(commands: Any) -> None:
    command = commands.add_parser("strategies", help="every mask strategy, with site, refresh, source, parameters")
    command.set_defaults(run=run, show=show)


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    from dynmask_core.masks import REGISTRY

    return {
        "strategies": [
            {
                "name": name,
                "site": strategy.site,
                "refresh": strategy.refresh,
                "source": strategy.source,
                "parameters": list(strategy.uses),
                "description": inspect.getdoc(strategy),
            }
            for name, strategy in REGISTRY.items()
        ]
    }


def show(result: dict[str, Any]) -> None:
    for strategy in result["strategies"]:
        kind = ", ".join(f"{part} {strategy[part]}" for part in ("site", "refresh", "source"))
        print(f"{strategy['name']:10s} {kind}")
        print(f"           {strategy['description'].splitlines()[0]}")
        if strategy["parameters"]:
            print(f"           parameters: {', '.join(strategy['parameters'])}")
