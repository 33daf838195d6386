"""README and documentation: what they show works, what they point to exists, and nothing is left out."""

from __future__ import annotations

import importlib
import json
import re
import shlex
import shutil
import struct
import subprocess
import textwrap
import tomllib
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
from small_encoders import small_bert

from dynmask_core import MaskedTextClassifier
from dynmask_core.cli.bench import SUITES
from dynmask_core.cli.main import COMMANDS, INTERRUPTED, OK, main, parser
from dynmask_core.data.samples import list_corpora, list_samples
from dynmask_core.errors import InputError
from dynmask_core.masks import REGISTRY, canonical, separate
from dynmask_core.messages import LANGUAGES
from dynmask_core.mlm import Refresh
from dynmask_core.recipes import RECIPES
from dynmask_core.runs import Run, default_root
from dynmask_core.studies import list_studies

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "dynmask_core" / "docs"
SAMPLES = ROOT / "sample_data"
PAGES = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
    for path in (ROOT / "README.md", *sorted(DOCS.glob("*.md")), SAMPLES / "README.md")
}
FENCE = re.compile(r"(?:^<!-- ([^>]*) -->\n)?^( *)```(\w*)\n(.*?)^\2```$", re.DOTALL | re.MULTILINE)
OTHERS = {
    # run by .ci/run
    "python3 -m venv .venv", ". .venv/bin/activate", "pip install -e .", "pip install -e .[dev]",
    "python -m pytest -n 2", "ruff check .", "ruff format --check .", "mypy",
    # by the tests in the browser
    "streamlit run app.py", "python -m dynmask_core.docs.picture",
    # by tests/unit/test_cluster.py, through their classes
    "dask scheduler", "dask worker tcp://SCHEDULER:8786 --nthreads 1",
}  # fmt: skip
"""Commands that are not the project's own, and who runs them."""
TINY = {"--model": "tiny", "--epochs": "1", "--max-rows": "60"}
STUDIES = ("compare", "sweep", "curve")


@dataclass(frozen=True)
class Block:
    """A fenced block. mark: what the comment right above it says, "" without one."""

    page: str
    mark: str
    language: str
    code: str


def blocks(language: str) -> list[Block]:
    found = [
        Block(page, mark, kind, textwrap.dedent(code))
        for page, text in PAGES.items()
        for mark, _, kind, code in FENCE.findall(text)
    ]
    return [block for block in found if block.language == language]


def prose(page: str) -> str:
    return FENCE.sub("", PAGES[page])


def inline(page: str) -> list[str]:
    """What stands between backticks within a line of prose, which may be wrapped."""
    return [" ".join(code.split()) for code in re.findall(r"`([^`]+)`", prose(page))]


def shell_commands() -> Iterator[list[str]]:
    """Every command of every `sh` block, as words."""
    for block in blocks("sh"):
        for line in block.code.splitlines():
            words = shlex.split(line, comments=True)
            while "&&" in words:
                yield words[: words.index("&&")]
                words = words[words.index("&&") + 1 :]
            if words:
                yield words


def arguments_of(words: list[str]) -> list[str] | None:
    """What a command of the project's own is given; None for a command of others."""
    if words[:1] == ["dynmask"]:
        return words[1:]
    return words[3:] if words[:3] == ["python", "-m", "dynmask_core"] else None


def own(commands: Iterator[list[str]]) -> list[list[str]]:
    given = [arguments for words in commands if (arguments := arguments_of(words))]
    return [list(one) for one in dict.fromkeys(map(tuple, given))]


def named_commands() -> Iterator[list[str]]:
    """Commands that prose names."""
    for page in PAGES:
        for code in inline(page):
            if "…" not in code:
                yield ["train" if word == "COMMAND" else word for word in shlex.split(code)]


def subparsers() -> dict[str, ArgumentParser]:
    choices: Any = next(action.choices for action in parser()._actions if action.dest == "command")
    return dict(choices)


def has_option(command: str, option: str) -> bool:
    return option in subparsers()[command]._option_string_actions


def test_every_command_is_known() -> None:
    for words in shell_commands():
        assert arguments_of(words) is not None or " ".join(words) in OTHERS, words
    assert (ROOT / "app.py").is_file()


@pytest.mark.parametrize("arguments", own(shell_commands()) + own(named_commands()), ids=" ".join)
def test_every_command_is_understood(arguments: list[str]) -> None:
    try:
        read = parser().parse_args(arguments)
    except SystemExit as ended:
        if ended.code == 0:  # --help
            return
        raise
    for arm in separate(getattr(read, "arms", None) or "none", ","):
        canonical(arm)
    if suite := getattr(read, "suite", None):
        assert callable(importlib.import_module(f"dynmask_core.bench.{suite}").run)


def copy_of_a_sample(name: str, folder: Path) -> str:
    """A file of that kind: the first lines of a sample."""
    sample = "english_prose.txt" if name.endswith(".txt") else "english_sentiment.csv"
    lines = (SAMPLES / sample).read_text(encoding="utf-8").splitlines(keepends=True)
    (folder / sample).write_text("".join(lines[:200]), encoding="utf-8")
    return str(folder / sample)


@pytest.mark.parametrize("arguments", [one for one in own(shell_commands()) if one[0] != "bench"], ids=" ".join)
def test_the_commands_of_the_blocks_run(
    arguments: list[str], finished_run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In small: a tiny model, one epoch, sixty texts. A study is made and its training left to test_cli_studies.py."""
    monkeypatch.chdir(tmp_path)
    if "RUN" in arguments:
        monkeypatch.setenv("DYNMASK_RUNS", str(finished_run.path.parent))
    words = []
    for word in arguments:
        if word in ("FILE", "DATA", "TEXT") or word.endswith((".csv", ".txt")):
            word = copy_of_a_sample(word, tmp_path)
        words.append({"RUN": finished_run.name, "dask": "local", "FOLDER": str(small_bert())}.get(word, word))
    for option, value in {**TINY, **({"--train-rows": "20"} if "--train-rows" in words else {})}.items():
        if has_option(words[0], option):
            words += [option, value]
    if words[0] in STUDIES:
        monkeypatch.setattr("dynmask_core.jobs.Queue", interrupted)
        assert main(words) == INTERRUPTED
        assert (study := list_studies(default_root()))
        assert study[0].config.kind == words[0]
    else:
        assert main(words) == OK


def interrupted(**_: Any) -> None:
    raise KeyboardInterrupt


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash")
def test_the_test_command_is_the_one_that_ci_reads() -> None:
    (block,) = (block for block in blocks("sh") if block.mark == "test command")
    assert "pip install -e '.[dev]'" in block.code
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    reads = next(line for line in script.splitlines() if line.startswith("test_command="))
    told = subprocess.run(
        ["bash", "-c", f'{reads}; echo "$test_command"'], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert told.stdout == block.code


class Trainer:
    """Stands for Hugging Face's: takes what that takes."""

    def __init__(self, model: Any, args: Any, data_collator: Callable[..., Any], train_dataset: Any) -> None:
        self.batch = data_collator(train_dataset)


@pytest.mark.parametrize("block", [block for block in blocks("python") if not block.mark], ids=lambda block: block.page)
def test_the_python_examples_run(block: Block, capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, Any] = {}
    if "tokenizer" in block.code:
        pytest.importorskip("transformers")
        from dynmask_core.bench.corruption import tokenizer

        texts = [{"input_ids": [2, *range(5, 25), 3]}] * 4
        names = {"tokenizer": tokenizer(205), "Trainer": Trainer, "model": None, "arguments": None, "texts": texts}
    exec(block.code, names)
    if "tokenizer" in names:
        assert set(names["trainer"].batch) >= {"input_ids", "labels"}
    assert ("print(" in block.code) == bool(capsys.readouterr().out)


@pytest.mark.parametrize("block", blocks("json"), ids=lambda block: block.page)
def test_json_is_json(block: Block) -> None:
    assert json.loads(block.code)


def test_the_strategy_of_the_documentation_works() -> None:
    (block,) = (block for block in blocks("python") if block.mark == "a strategy")
    code = block.code
    entries = next(other.code for other in blocks("json") if '"strategy.longwords"' in other.code)
    assert len(code.splitlines()) < 40
    exec(compile(code, "longwords.py", "exec", dont_inherit=True), {"__name__": "longwords"})
    try:
        assert canonical("longwords+window:2") == "longwords+window:2"
        model = MaskedTextClassifier(strategy="longwords", model="tiny", epochs=1)
        model.fit(["a lovely day", "an awful day"] * 8, ["good", "poor"] * 8)
        assert model.masks(["an awful"]) == [[("an", 0.0), ("awful", 1.0)]]
    finally:
        del REGISTRY["longwords"]
    told = json.loads(entries)["strategy.longwords"]
    assert set(told) == set(LANGUAGES)
    assert ": " in told["en"]
    assert "：" in told["zh"]


def test_every_command_strategy_sample_recipe_and_suite_is_named() -> None:
    commands = subparsers()
    assert len(commands) == len(COMMANDS)
    samples = {sample.name for sample in (*list_samples(), *list_corpora())}
    said = {code for page in PAGES if page != "sample_data/README.md" for code in inline(page)}
    wanted = {*(f"dynmask {name}" for name in commands), *REGISTRY, *samples, *RECIPES, *SUITES}
    # What a command is given may follow its name.
    said |= {" ".join(code.split()[:2]) for code in said if code.startswith("dynmask ")}
    assert wanted <= said


def is_arm_or_refresh(written: str) -> bool:
    for read in (canonical, Refresh.read):
        try:
            read(written)
        except InputError:
            continue
        return True
    return False


@pytest.mark.parametrize("page", PAGES)
def test_arms_options_and_paths_that_prose_names_exist(page: str) -> None:
    options = {option for command in subparsers().values() for option in command._option_string_actions}
    options |= {"--nthreads"}  # of `dask worker`
    for code in inline(page):
        if re.split("[:+]", code)[0] in REGISTRY:
            assert is_arm_or_refresh(code), code
        if code.startswith("--"):
            assert code.split()[0] in options, code
        if re.fullmatch(r"[\w.-]+(/[\w.-]+)*/?", code) and "/" in code:
            assert (ROOT / code).exists() or (ROOT / "dynmask_core" / code).exists(), code


def anchors(page: str) -> set[str]:
    """The names that GitHub gives to the headings of a page."""
    headings = re.findall(r"^#+ (.*)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def links(page: str) -> list[str]:
    found: list[str] = re.findall(r"\]\(([^)\s]+)\)", re.sub(r"`[^`]*`", "", prose(page)))
    return [link for link in found if not re.match("https?:", link)]


@pytest.mark.parametrize("page", PAGES)
def test_links_point_to_what_is_there(page: str) -> None:
    for link in links(page):
        path, _, anchor = link.partition("#")
        target = ((ROOT / page).parent / path).resolve() if path else ROOT / page
        assert target.is_file(), link
        if anchor:
            assert anchor in anchors(target.relative_to(ROOT).as_posix()), link


def test_the_readme_leads_to_every_page() -> None:
    linked = {link.partition("#")[0] for link in links("README.md")}
    assert set(PAGES) - {"README.md"} <= linked


def test_the_architecture_names_every_package() -> None:
    tree = next(block.code for block in blocks("") if block.page.endswith("architecture.md"))
    for package in (ROOT / "dynmask_core").glob("*/__init__.py"):
        assert f"  {package.parent.name}/ " in tree, package.parent.name


def test_what_the_architecture_names_exists() -> None:
    tree = next(block.code for block in blocks("") if block.page.endswith("architecture.md"))
    above: list[str] = []
    named = 0
    for line in tree.splitlines():
        found = re.match(r"( *)([\w./]+)( |$)", line)
        # Text that goes on from the line above stands further right than any name.
        if found is None or len(found[1]) > 2 * len(above) + 2 or len(found[1]) > 6:
            continue
        above[len(found[1]) // 2 :] = [found[2].rstrip("/")]
        path = ROOT.joinpath(*above)
        assert path.is_dir() if found[2].endswith("/") else path.is_file() or path.with_suffix(".py").is_file(), line
        named += 1
    assert named > 25


def test_pictures_are_pictures_of_one_screen() -> None:
    shown = {link for page in PAGES for link in re.findall(r"[\w-]+\.png", PAGES[page])}
    assert shown == {path.name for path in DOCS.glob("*.png")}
    for name in shown:
        picture = (DOCS / name).read_bytes()
        assert picture[:8] == b"\x89PNG\r\n\x1a\n"
        assert struct.unpack(">II", picture[16:24]) == (1440, 900)
        assert len(picture) < 400_000


def test_the_documentation_is_packaged() -> None:
    setuptools = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
    assert "dynmask_core.docs" in setuptools["packages"]
    for path in DOCS.glob("*.*"):
        globs = ("*.py", *setuptools["package-data"]["dynmask_core.docs"])
        assert any(fnmatch(path.name, pattern) for pattern in globs), path.name
