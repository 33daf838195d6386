"""One harmed file costs what it held: commands say its name in one sentence, and other runs are untouched.

DYNMASK_LONG=1 takes every file with every harm, and every command.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torn

from dynmask_core.cli import main

COMMANDS = {
    "finished": (
        "runs show {run}",
        "ask {run} --what errors",
        "ask {run} --what trajectories",
        "ask {run} --what lens --text ba",
        "ask {run} --what overlay --beside {sound}",
        "predict {run} {texts}",
        "runs export {run} --to {to}.html",
        "runs export {run} --to {to}.md",
        "runs export {run} --models --to {to}.zip",
        "runs export {run} --what words --to {to}.csv",
        "runs export {run} --what model --to {to}.zip",
    ),
    "stopped": (
        "runs show {run}",
        "ask {run} --what errors",
        "runs export {run} --to {to}.html",
        "runs export {run} --to {to}.md",
        "train --resume {run}",
    ),
    "study": (),
}
QUICK = 2
"""How many commands follow the listing in the short form."""


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> torn.Shelf:
    return torn.shelf(tmp_path_factory.mktemp("torn") / "runs", study=True)


def faults(
    shelf: torn.Shelf, folder: str, file: str, how: str, place: Path, capsys: pytest.CaptureFixture[str]
) -> list[str]:
    """What is wrong with how commands take the harm."""
    here = shelf.copy(place / "runs")
    harmed = getattr(here, folder)
    torn.harm(harmed.path / file, how)
    texts = place / "texts.txt"
    texts.write_text("ba bo\nla le\n")
    found = []

    def told(command: str) -> str | None:
        """The output of a command that ends as it must, else None."""
        words = [
            word.format(run=harmed.name, sound=here.sound.name, texts=texts, to=place / "out")
            for word in command.split()
        ]
        capsys.readouterr()
        try:
            code = main([*words, "--json", "--runs-dir", str(here.root)])
        except BaseException as error:
            found.append(f"{command}: {type(error).__name__} {str(error)[:60]}")
            return None
        said = capsys.readouterr()
        last = said.err.strip().splitlines()[-1] if said.err.strip() else ""
        if code == 2 and Path(file).name not in last:
            found.append(f"{command}: does not name the file: {last[:150]}")
        elif code not in (0, 2):
            found.append(f"{command}: {code}")
        return said.out if code == 0 else None

    listing = told("runs list")
    if listing is None:
        found.append("runs list: no list")
    else:
        said = json.loads(listing.splitlines()[-1])
        names = {line["run"] for line in said["runs"]} | {line["study"] for line in said["studies"]}
        every = {one.name for one in (here.finished, here.stopped, here.sound, here.study) if one is not None}
        if names != every:
            found.append("runs list: not all are listed")
    commands = COMMANDS[folder]
    if commands and not torn.LONG:
        start = len(file + how)
        commands = tuple(commands[(start + i) % len(commands)] for i in range(QUICK))
    for command in commands:
        told(command)
    return found


def test_one_harmed_file_costs_no_more_than_it_held(
    shelf: torn.Shelf, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = {}
    for number, (folder, file, how) in enumerate(shelf.cases(seed=0)):
        if wrong := faults(shelf, folder, file, how, tmp_path / str(number), capsys):
            found[f"{folder} {file} {how}"] = wrong
    assert found == {}
