"""The scripts and sheets that the browser gets: put together from parts that are written once."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

from dynmask_core.colors import ATTENTION, MASK, Theme, mask_color
from dynmask_core.ui.web import COMPONENTS, WEB, modules, script, sheet, styled
from dynmask_core.ui.web.packing import cut, language_of, seal

NAMES = sorted(path.parent.name for path in COMPONENTS.glob("*/__init__.py"))
IMPORT = re.compile(r'^import (?:\{([^}]*)\} from )?"([^"]+)";$', re.MULTILINE)
TOP_LEVEL = re.compile(r"^(?:export )?(?:async )?(?:function\*?|const|let|class) (\w+)", re.MULTILINE)


def code(path: Path) -> str:
    return re.sub(r"(^|\s)//.*", "", path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", NAMES)
def test_a_component_is_one_module_with_one_face(name: str) -> None:
    text = script(name)
    assert not re.search(r"^import\b", text, re.MULTILINE)
    assert re.findall(r"^export .*", text, re.MULTILINE) == [f"export default {face(text)};"]


def face(text: str) -> str:
    found = re.search(r"^export default (mount\(\w+\));", text, re.MULTILINE)
    assert found
    return found[1]


@pytest.mark.parametrize("name", NAMES)
def test_no_name_is_taken_twice_in_the_scope_that_parts_share(name: str) -> None:
    taken = TOP_LEVEL.findall(styled(name))
    assert len(taken) == len(set(taken)) > 10


@pytest.mark.parametrize("name", NAMES)
def test_every_part_stands_after_those_it_needs_and_once(name: str) -> None:
    order = modules(COMPONENTS / name / f"{name}.js")
    assert order[-1].name == f"{name}.js"
    assert len(order) == len(set(order))
    for place, path in enumerate(order):
        for _, other in IMPORT.findall(path.read_text(encoding="utf-8")):
            assert (path.parent / other).resolve() in order[:place]


@pytest.mark.parametrize("name", NAMES)
def test_what_is_imported_is_exported_and_used(name: str) -> None:
    for path in modules(COMPONENTS / name / f"{name}.js"):
        body = IMPORT.sub("", code(path))
        for names, other in IMPORT.findall(path.read_text(encoding="utf-8")):
            exported = re.findall(r"^export (?:function|const) (\w+)", code(path.parent / other), re.MULTILINE)
            for one in (one.strip() for one in names.split(",")):
                assert one in exported, f"{path.name}: {other} exports no {one}"
                assert re.search(rf"\b{one}\b", body), f"{path.name} does not use {one}"


def test_no_part_and_no_export_lies_idle() -> None:
    scripts = {path for name in NAMES for path in modules(COMPONENTS / name / f"{name}.js")}
    scripts |= set(modules(WEB / "pieces.js"))  # of components in the app alone
    assert scripts == {path.resolve() for folder in (WEB, COMPONENTS) for path in folder.rglob("*.js")}
    imported = {
        one.strip() for path in scripts for names, _ in IMPORT.findall(path.read_text()) for one in names.split(",")
    }
    exported = {one for path in scripts for one in re.findall(r"^export (?:function|const) (\w+)", code(path), re.M)}
    assert exported == imported


def test_a_class_without_a_prefix_is_written_in_the_shared_sheet_alone() -> None:
    shared = set(re.findall(r"\.([a-z][\w-]*)", re.sub(r"/\*.*?\*/", "", (WEB / "web.css").read_text(), flags=re.S)))
    for name in NAMES:
        own = re.sub(r"/\*.*?\*/", "", (COMPONENTS / name / f"{name}.css").read_text(), flags=re.S)
        heads = " ".join(re.findall(r"([^{}]+)\{", own))
        named = set(re.findall(r"\.([a-z][\w-]*)", heads))
        (prefix,) = {one.split("-")[0] for one in named - shared}
        assert len(prefix) == 2
        assert sheet(name).index(".web ") < sheet(name).index(f".{prefix}")


def test_the_browser_draws_the_scales_that_python_draws() -> None:
    said = json.loads(script("player").splitlines()[0].removeprefix("const COLORS = ").removesuffix(";"))
    assert said["mask"] == {theme: list(stops) for theme, stops in MASK.items()}
    assert said["attention"] == {theme: list(stops) for theme, stops in ATTENTION.items()}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_mask_has_the_colours_of_the_scale_and_a_word_on_it_can_be_read(theme: Theme) -> None:
    for value, stop in zip((0, 0.5, 1), MASK[theme], strict=True):
        assert mask_color(value, theme)[0] == stop
    for value in np.linspace(0, 1, 101).tolist():
        paper, ink = (brightness(color) for color in mask_color(value, theme))
        assert (max(paper, ink) + 0.05) / (min(paper, ink) + 0.05) >= 4.5


def brightness(color: str) -> float:
    """WCAG 2's relative luminance, 0 to 1."""
    parts = np.array(list(bytes.fromhex(color[1:]))) / 255
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def test_what_was_sealed_can_be_read_again_and_equal_content_has_an_equal_digest() -> None:
    whole = seal({"a": "ü"}, b"\x01\x02")
    size = int.from_bytes(whole[:4], "little")
    header = json.loads(whole[4 : 4 + size])
    assert (header["a"], whole[4 + size :]) == ("ü", b"\x01\x02")
    assert seal({"a": "ü"}, b"\x01\x02") == whole
    assert all(other not in whole for other in (digest({"a": "u"}, b"\x01\x02"), digest({"a": "ü"}, b"\x01")))


def digest(header: dict[str, str], body: bytes) -> bytes:
    whole = seal(header, body)
    return str(json.loads(whole[4 : 4 + int.from_bytes(whole[:4], "little")])["digest"]).encode()


def test_words_and_gaps_give_the_text_again() -> None:
    text, spans = " a 👍🏽, b", [(1, 2), (3, 5), (5, 6), (7, 8)]
    words, gaps = cut(text, spans)
    assert words == ["a", "👍🏽", ",", "b"]
    assert gaps[0] + "".join(word + gap for word, gap in zip(words, gaps[1:], strict=True)) == text


@pytest.mark.parametrize(("text", "language"), [("一条河", "zh"), ("川がある", ""), ("カ川", ""), ("a river", "")])
def test_only_chinese_is_declared(text: str, language: str) -> None:
    assert language_of(text) == language


SCRIPTS = sorted([*WEB.glob("*.js"), *COMPONENTS.rglob("*.js")])


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_words_on_a_canvas_follow_the_size_of_letters(path: Path) -> None:
    # On a projector all words must grow, also those that no style sheet reaches.
    text = code(path)
    assert not re.findall(r"\.font = `[^`$]*\d+px", text)
    if ".font = `" in text:
        assert "theme.letters" in text or "{ letters } = theme" in text
