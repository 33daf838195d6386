"""`python -m dynmask_core.bench.fuzz --kind uploads --number 3000`: tries inputs, and prints a line per kind."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from dynmask_core.bench.fuzz.kinds import KINDS
from dynmask_core.bench.fuzz.tried import Account, try_all


def main(arguments: Sequence[str] | None = None) -> int:
    """0 if every input was answered."""
    parser = argparse.ArgumentParser(prog="python -m dynmask_core.bench.fuzz", description=__doc__)
    parser.add_argument("--kind", choices=[*KINDS, "all"], default="all")
    parser.add_argument("--number", type=int, default=500, metavar="N", help="inputs of each kind (default 500)")
    parser.add_argument("--seed", type=int, default=0, help="(default 0)")
    parser.add_argument("--only", type=int, metavar="I", help="the input with this number alone")
    parser.add_argument("--files", type=Path, metavar="FOLDER", help="files to damage, beside the program's own")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="where inputs with a fault are written")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    numbers = range(options.number) if options.only is None else [options.only]
    faults = 0
    for kind in KINDS if options.kind == "all" else [options.kind]:
        account = try_all(kind, KINDS[kind](options.files), options.seed, numbers, options.keep)
        faults += len(account.faults)
        print(json.dumps(account.to_json()) if options.json else _line(account), flush=True)
        for fault in account.faults[:20]:
            print(f"  {fault}", file=sys.stderr)
    return int(faults > 0)


def _line(account: Account) -> str:
    return (
        f"{account.kind:9s} {account.tried:6d} tried  {account.refused:6d} refused  {account.read:6d} read  "
        f"{len(account.faults)} not ours  slowest {account.slowest:.2f} s (number {account.slowest_number})  "
        f"memory {account.memory} MB"
    )


if __name__ == "__main__":
    sys.exit(main())
