"""`--what lens`: how the attention of one word comes about, number by number."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

from dynmask_core.cli.questions.base import Analysis
from dynmask_core.config.checks import one_of
from dynmask_core.errors import InputError
from dynmask_core.runs import Run


def _options(command: Any) -> None:
    command.add_argument("--layer", type=int, metavar="N", help="of the lens, from 0 (default: where the arms differ)")
    command.add_argument("--head", type=int, metavar="N", help="of the lens, from 0 (default: where the arms differ)")
    command.add_argument("--query", metavar="WORD", help="a word of the sentence, or its place; 0 is [CLS]")


def _ask(run: Run, arguments: argparse.Namespace) -> dict[str, Any]:
    # Loaded here: to list the options must not take the seconds that torch needs.
    from dynmask_core.analysis.lens import SOURCE, lens, telling
    from dynmask_core.analysis.subject import Subject

    arms = run.config().arms
    arm = arms[-1] if arguments.arm is None else arguments.arm
    one_of("arm", arm, arms)
    watched = [probe.text for probe in run.probes()]
    text = (watched or [""])[0] if arguments.text is None else arguments.text
    sample = -1 - watched.index(text) if text in watched else -1
    seen = {name: lens(Subject.open(run, name, arguments.epoch), text, sample) for name in arms}
    asked = seen.pop(arm)
    layer, head, query = telling([*seen.values(), asked])
    layer = layer if arguments.layer is None else arguments.layer
    head = head if arguments.head is None else arguments.head
    if arguments.query is not None:
        query = _place(arguments.query, asked.words)
    rows = [one.row(layer, head, query).to_json() for one in (asked, *seen.values())]
    return {"text": text, "kept_epochs": run.kept_epochs(), "rows": rows, "source": SOURCE}


def _place(written: str, words: Sequence[str]) -> int:
    """Of a word, or a number. A word may itself be a number: what stands in the sentence comes first."""
    if written in words:
        return words.index(written)
    if not written.isdecimal():
        raise InputError("bad_setting", name="query", value=written, expected=", ".join(words))
    return int(written)


def _show(result: dict[str, Any]) -> None:
    for row in result["rows"]:
        head = "" if row["head_gate"] == 1 else f", head gate {row['head_gate']:.2f}"
        print(f"\n{row['arm']} after epoch {row['epoch']}: block {row['layer']}, head {row['head']}{head}")
        share = row["map"] if row["map"] != "entmax" else f"entmax {row['alpha']:g}"
        width = max(len(key["word"]) for key in row["keys"])
        print(f"“{row['word']}” looks at")
        print(f"  {'':{width}}     q·k      /√d    +mask  {share:>9s}   ×|v|")
        for key in row["keys"]:
            bias = "-∞" if key["bias"] is None else f"{key['bias']:+.3f}"
            numbers = f"{key['dot']:8.3f} {key['scaled']:8.3f} {bias:>8s} {key['weight']:10.4f} {key['part']:7.3f}"
            print(f"  {key['word']:{width}}{numbers}{'  left out' if key['removed'] else ''}")
        print(f"length of the weighted sum of values: {row['result_length']:.3f}")
    print(f"\nAttention is not proof of a reason. Why the values' lengths are shown: {result['source']}")


ANALYSIS = Analysis("how the attention of one word comes about, for one sentence", _options, _ask, _show)
