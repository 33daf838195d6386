"""Imports point one way, and what only looks at runs does without what trains them."""

from __future__ import annotations

import ast
import functools
import graphlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "dynmask_core"

# A module may import its own layer and those above it in this list.
LAYERS: list[tuple[str, ...]] = [
    (
        "dynmask_core",
        "dynmask_core.attention_code",
        "dynmask_core.colors",
        "dynmask_core.messages",
        "dynmask_core.remedies",
        "dynmask_core.errors",
        "dynmask_core.glossary",
        "dynmask_core.keys",
        "dynmask_core.lazy",
        "dynmask_core.place",
    ),
    ("dynmask_core.config", "dynmask_core.recipes"),
    ("dynmask_core.data",),
    ("dynmask_core.events",),
    ("dynmask_core.masks", "dynmask_core.mlm"),
    ("dynmask_core.model", "dynmask_core.article"),
    ("dynmask_core.inputs", "dynmask_core.evaluate"),
    ("dynmask_core.masked_model",),
    ("dynmask_core.tasks",),
    ("dynmask_core.training",),
    ("dynmask_core.runs",),
    ("dynmask_core.blocks", "dynmask_core.analysis"),
    ("dynmask_core.studies",),
    ("dynmask_core.jobs",),
    ("dynmask_core.report",),
    ("dynmask_core.learn",),
    ("dynmask_core.classifier", "dynmask_core.classifier_input", "dynmask_core.classifier_told"),
    ("dynmask_core.cli", "dynmask_core.__main__", "dynmask_core.bench", "dynmask_core.docs", "dynmask_core.ui"),
    ("dynmask_core.notebook",),
    ("pages", "app"),
]
# The package's own face hands out the classifier on demand, so that importing it costs nothing.
ON_DEMAND = {("dynmask_core", "dynmask_core.classifier")}


def sources() -> list[Path]:
    found = [*(ROOT / PACKAGE).rglob("*.py"), *(ROOT / "pages").glob("*.py"), ROOT / "app.py"]
    return [path for path in found if path.is_file()]


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@functools.cache
def imported(path: Path) -> tuple[str, ...]:
    """Every module that a file names in an import, wherever the import stands."""
    return tuple(imports(path))


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            module = node.module or ""
            inside = ROOT.joinpath(*module.split("."))
            for alias in node.names:
                is_module = (inside / f"{alias.name}.py").is_file() or (inside / alias.name).is_dir()
                yield f"{module}.{alias.name}" if is_module else module


def layer(module: str) -> int | None:
    """The number of a module's layer, None for modules of others."""
    best = max(
        (name for names in LAYERS for name in names if module == name or module.startswith(f"{name}.")),
        key=len,
        default=None,
    )
    if best is None:
        return None
    assert best != PACKAGE or module == PACKAGE, f"{module} has no layer: write it down"
    return next(number for number, names in enumerate(LAYERS) if best in names)


@pytest.mark.parametrize("path", sources(), ids=name_of)
def test_imports_point_one_way(path: Path) -> None:
    own = layer(name_of(path))
    assert own is not None
    for module in imported(path):
        other = layer(module)
        if other is not None and (name_of(path), module) not in ON_DEMAND:
            assert other <= own, f"{name_of(path)} imports {module}"


def graph() -> dict[str, set[str]]:
    """By module of the package, those that it names in an import, be it in a function or for type checking alone."""
    modules = {name_of(path): set(imported(path)) for path in sources()}
    return {module: (names & modules.keys()) - {module} for module, names in modules.items()}


def part(module: str) -> str:
    """The part of the package that a module is, or lies in: `dynmask_core.data`."""
    return ".".join(module.split(".")[:2])


def test_no_module_imports_itself_by_way_of_others() -> None:
    try:
        graphlib.TopologicalSorter(graph()).prepare()
    except graphlib.CycleError as error:
        # In the error's list each is imported by the next one.
        pytest.fail(" imports ".join(reversed(error.args[1])))


def test_no_part_of_the_package_imports_itself_by_way_of_others() -> None:
    parts: dict[str, set[str]] = {}
    for module, names in graph().items():
        parts.setdefault(part(module), set()).update(part(name) for name in names)
    parts = {own: others - {own} for own, others in parts.items()}
    try:
        graphlib.TopologicalSorter(parts).prepare()
    except graphlib.CycleError as error:
        pytest.fail(" imports ".join(reversed(error.args[1])))


@pytest.mark.parametrize("path", sources(), ids=name_of)
def test_only_the_screen_imports_streamlit(path: Path) -> None:
    on_screen = name_of(path).startswith(("dynmask_core.ui", "pages.", "app"))
    drawn = on_screen or name_of(path).startswith("dynmask_core.report.")
    names = {module.split(".")[0] for module in imported(path)}
    speaks = name_of(path) == "dynmask_core.bench.reader"  # to a server, in Streamlit's own messages
    assert on_screen or speaks or "streamlit" not in names
    assert drawn or "plotly" not in names


@pytest.mark.parametrize("path", sources(), ids=name_of)
def test_training_knows_nothing_of_files_processes_or_pages(path: Path) -> None:
    inside = ("training", "tasks", "inputs", "model", "masked_model")
    if name_of(path).startswith(tuple(f"dynmask_core.{name}" for name in inside)):
        names = {module.split(".")[0] for module in imported(path)}
        assert not names & {"pathlib", "os", "io", "multiprocessing", "threading", "concurrent", "tempfile"}


def test_looking_at_runs_does_not_load_what_trains_them() -> None:
    names = (
        "config",
        "events",
        "data",
        "masks",
        "mlm",
        "inputs",
        "tasks",
        "runs",
        "studies",
        "jobs",
        "report",
        "learn",
        "cli",
    )
    light = ["dynmask_core", *(f"dynmask_core.{name}" for name in names)]
    code = f"""
import importlib, sys
for module in {light}:
    importlib.import_module(module)
    print(module, [name for name in ("torch", "scipy", "sklearn", "streamlit", "plotly") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.splitlines() == [f"{module} []" for module in light]


def test_every_file_that_is_no_module_is_packaged() -> None:
    import tomllib

    setup = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    folders = {ROOT / setup["package-dir"].get(name, name.replace(".", "/")): name for name in setup["packages"]}

    def packaged(file: Path) -> bool:
        homes = {folder: setup["package-data"].get(folders[folder], []) for folder in file.parents if folder in folders}
        return any(file in home.glob(pattern) for home, patterns in homes.items() for pattern in patterns)

    kept = [path for path in (ROOT / PACKAGE).rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    assert [path.relative_to(ROOT) for path in kept if path.suffix != ".py" and not packaged(path)] == []


def test_every_package_is_packaged() -> None:
    import tomllib

    listed = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]
    found = {name_of(path) for path in (ROOT / PACKAGE).rglob("__init__.py")}
    assert found <= set(listed)
