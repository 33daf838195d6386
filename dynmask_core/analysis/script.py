"""A Python script that repeats a run."""

from __future__ import annotations

import hashlib
import json
from string import Template

from dynmask_core.data.dataset import Dataset
from dynmask_core.runs import Run

SCRIPT = Template('''\
"""Repeats the DynMask run $name: the same texts, split, settings and seed, and the changes made while it trained.

Run it with `python FILE.py`, or $elsewhere if the texts now lie elsewhere. On a CPU the scores are the
same to the last digit with the versions of DynMask and PyTorch that made the run.
"""

$library

import torch

from dynmask_core.analysis.script import fingerprint
from dynmask_core.config import Controls, ExperimentConfig
$imports
from dynmask_core.events import ArmEpoch, Finished
from dynmask_core.training.fit import fit

CONFIG = json.loads(r\'\'\'$config\'\'\')
# α, τ and θ from these epochs on, as they were changed by hand.
CHANGES = json.loads(r\'\'\'$changes\'\'\')
RECORDED = json.loads(r\'\'\'$recorded\'\'\')  # $score of the run, by model
TEXTS = "$fingerprint"
# How the file is read; what is not given is guessed. For example {"encoding": "gb18030", "sheet": "2024"}.
READ = {}

config = ExperimentConfig.from_json(CONFIG)
source = sys.argv[1] if len(sys.argv) > 1 else config.data.source
$load
if fingerprint(dataset) != TEXTS:
    print("These are not the texts and the split of the run: expect other numbers.", file=sys.stderr)

torch.set_num_threads(1)  # more threads change the order of sums
epochs = iter(range(1, config.train.epochs + 1))
now = config.controls


def controls():
    global now
    now = Controls(**CHANGES.get(str(next(epochs)), vars(now)))
    return now


for event in fit(config, dataset, controls=controls):
    if isinstance(event, ArmEpoch):
        print(f"epoch {event.epoch:3d}  {event.arm}  validation {event.validation[$watched]:.4f}", file=sys.stderr)
    if isinstance(event, Finished):
        for arm in event.arms:
            before = RECORDED.get(arm["name"])
            told = "" if before is None else f"  (the run: {before:.4f})"
            print(f"{arm['name']}  $scores{told}")
''')

CLASSIFY = {
    "library": "import json\nimport sys",
    "elsewhere": "`python FILE.py DATA`",
    "imports": "from dynmask_core.data import resolve\nfrom dynmask_core.data.load import load",
    "score": "test accuracy",
    "load": "dataset, _ = load(resolve(source, **READ), config.data, config.train.seed)",
    "watched": "'accuracy'",
    "scores": "test accuracy {arm['test']['accuracy']:.4f}  F1 {arm['test']['f1']:.4f}",
}
"""What the script of labelled texts says of them."""
GUESS = {
    "library": "import dataclasses\nimport json\nimport sys",
    "elsewhere": "`python FILE.py TEXT [EVALUATION]`",
    "imports": "from dynmask_core.data.load import load_corpus",
    "score": "validation loss",
    "load": """\
evaluation = sys.argv[2] if len(sys.argv) > 2 else config.task.evaluation
dataset, _ = load_corpus(dataclasses.replace(config.data, source=source), evaluation, config.train.seed, **READ)""",
    "watched": "'loss'",
    "scores": "validation loss {arm['validation']['loss']:.4f}  right {arm['validation']['accuracy']:.4f}",
}
"""The same of texts whose hidden words are guessed."""
OTHERS = {
    "library": "import dataclasses\nimport json\nimport sys",
    "elsewhere": "`python FILE.py DATA`",
    "score": "validation loss",
    "watched": "'loss'",
    "scores": "validation loss {arm['validation']['loss']:.4f}  right {arm['validation']['accuracy']:.4f}",
}


def _read_by(function: str) -> dict[str, str]:
    """The same of other tasks. function: of `data.load`."""
    load = f"dataset, _ = {function}(dataclasses.replace(config.data, source=source), config.train.seed, **READ)"
    return OTHERS | {"imports": f"from dynmask_core.data.load import {function}", "load": load}


TASKS = {
    "classify": CLASSIFY, "guess": GUESS, "restore": GUESS, "mark": _read_by("load_marked"),
    "continue": _read_by("load_sequences"),
}  # fmt: skip


def script(run: Run) -> str:
    """The script; it needs nothing but dynmask_core and, for a reader's own file, that file."""
    config = run.config()
    told = TASKS[config.task.name]
    arms = (run.result() or {"arms": []})["arms"]
    tested = told is CLASSIFY
    recorded = {arm["name"]: arm["test"]["accuracy"] if tested else arm["validation"]["loss"] for arm in arms}
    changes = {str(one["epoch"]): one["controls"] for one in run.events() if one["type"] == "controls_changed"}
    return SCRIPT.substitute(
        name=run.name,
        config=_literal(config.to_json()),
        changes=_literal(changes),
        recorded=_literal(recorded),
        fingerprint=fingerprint(run.dataset()),
        **told,
    )


def fingerprint(dataset: Dataset) -> str:
    """A short hash of texts, labels or targets, and split: equal for equal data, whatever the file is called."""
    targets = [] if dataset.targets is None else [dataset.targets]
    told = json.dumps([dataset.texts, dataset.labels.tolist(), dataset.classes, dataset.split.tolist(), *targets])
    return hashlib.blake2b(told.encode(), digest_size=8).hexdigest()


def _literal(values: object) -> str:
    """JSON that can stand between three apostrophes: a file's name may hold some."""
    return json.dumps(values, indent=2).replace("'", "\\u0027")
