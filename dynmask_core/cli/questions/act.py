"""`--what act`: words removed or restored and heads forced off; two nearly equal sentences side by side."""

from __future__ import annotations

import argparse
from typing import Any

from dynmask_core.cli.questions.base import Analysis
from dynmask_core.errors import InputError
from dynmask_core.messages import told
from dynmask_core.runs import Run

WORDS = "1,2,…"
HEADS = "0.0,0.1,…"


def _options(command: Any) -> None:
    command.add_argument("--remove", default="", metavar="N,N", help="words of --text to remove, 1 is the first")
    command.add_argument("--restore", default="", metavar="N,N", help="words that stay even if the mask removes them")
    command.add_argument("--heads-off", default="", metavar="L.H,L.H", help="heads to switch off, as LAYER.HEAD from 0")
    command.add_argument(
        "--against", metavar="SENTENCE", help="a nearly equal sentence: which words differ, and matter"
    )


def _ask(run: Run, arguments: argparse.Namespace) -> dict[str, Any]:
    from dynmask_core.analysis.act import act, open_arms
    from dynmask_core.analysis.contrast import contrast
    from dynmask_core.analysis.forced import Forced
    from dynmask_core.analysis.standing import at

    if arguments.text is None:
        raise InputError("no_sentence", what="act")
    forced = Forced(
        frozenset(_words("remove", arguments.remove)),
        frozenset(_words("restore", arguments.restore)),
        frozenset(_heads(arguments.heads_off)),
    )
    subjects = open_arms(run, () if arguments.arm is None else (arguments.arm,), arguments.epoch)
    epoch, early = at(run) if arguments.epoch is None else (arguments.epoch, False)
    result = {"epoch": epoch, "early": early} | act(subjects, arguments.text, forced).to_json()
    if arguments.against is not None:
        found = contrast(subjects, arguments.text, arguments.against)
        result["against"] = found.to_json() | {"said": [told(found.verdict(arm)) for arm in found.arms]}
    return result


def _words(name: str, written: str) -> list[int]:
    parts = [part.strip() for part in written.split(",") if part.strip()]
    if not all(part.isdecimal() for part in parts):
        raise InputError("bad_setting", name=name, value=written, expected=WORDS)
    return [int(part) for part in parts]


def _heads(written: str) -> list[tuple[int, int]]:
    heads = []
    for part in (part.strip() for part in written.split(",") if part.strip()):
        layer, dot, head = part.partition(".")
        if not (dot and layer.isdecimal() and head.isdecimal()):
            raise InputError("bad_setting", name="heads_off", value=written, expected=HEADS)
        heads.append((int(layer), int(head)))
    return heads


def _show(result: dict[str, Any]) -> None:
    early = f", early: after epoch {result['epoch']}" if result["early"] else ""
    print(f"run {result['run']}{early}")
    for arm in result["arms"]:
        print(f"\n{arm['arm']}: {arm['predicted']}")
        for name, before in arm["before"].items():
            after = arm["after"][name]
            print(f"  {name}: {before:.3f} → {after:.3f} ({100 * (after - before):+.1f} points)")
        print("  word (mask): what the answer loses without it, in points")
        for word, mask, counts, drop in zip(
            result["words"], arm["mask"], arm["counts"], arm["word_drops"], strict=True
        ):
            told_drop = f"{100 * drop:+.1f}" if counts else "out of the text"
            unseen = ", never seen in training" if not word["known"] else ""
            print(f"  {word['position']:>3} {word['text']} ({mask:.2f}): {told_drop}{unseen}")
    if "against" in result:
        print(f"\nagainst: {result['against']['second']}")
        for sentence in result["against"]["said"]:
            print(f"  {sentence}")


ANALYSIS = Analysis(
    "what the arms answer when words are removed or restored or heads are off, and why not the same to --against",
    _options, _ask, _show,
)  # fmt: skip
