"""`dynmask article`: the article's demo and rule, step by step."""

from __future__ import annotations

import argparse
from typing import Any


def add(commands: Any) -> None:
    command = commands.add_parser("article", help="the article's demo and rule, step by step")
    command.add_argument("--seed", type=int, default=0, help="of the random start of the article's code (default 0)")
    command.set_defaults(run=run, show=show)


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    from dynmask_core import article

    return article.run(arguments.seed)


def show(result: dict[str, Any]) -> None:
    print("tokens   ", "  ".join(f"{t} {sign}" for t, sign in zip(result["tokens"], result["labels"], strict=True)))
    for title, rounds in (("from zeros", result), ("from a uniform random mask", result["as_printed"])):
        print(f"\n{title}")
        for line in rounds["history"]:
            print(f"  round {line['round']:2d}  {line['mask']}  score {line['score']:.2f}")
        print(f"  best      {rounds['best_mask']}")
    print(f"\nprinted in the article: {result['printed_in_article']}\n{result['reason']}\n\nthe second program")
    for line in result["second_program"]:
        print(f"  {line['probability']:.4f}  {line['sentence']}  mask {line['mask']}")
