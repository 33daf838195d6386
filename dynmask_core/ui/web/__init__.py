"""Shared code of the components that the browser draws, and how a component's script and style sheet are joined.

There is no bundler. The files are plain ES modules; `script` joins one with all that it imports. web.css comes before a
component's own sheet. Both are served as one file, see `web.serving`; Streamlit is given a line that imports it.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

from dynmask_core import colors
from dynmask_core.messages import LANGUAGES, catalogue
from dynmask_core.ui.web.serving import offer

WEB = Path(__file__).parent
COMPONENTS = WEB.parent / "components"
COLORS = {
    "mask": colors.MASK,
    "attention": colors.ATTENTION,
    "attention_span": colors.ATTENTION_SPAN,
    "attention_power": colors.ATTENTION_POWER,
    "inks": colors.INKS,
}
SAVE_WORDS = ("as", "failed", "picture")
"""Of the control that saves pictures; the same in every component, so that none needs to be given them."""
_IMPORT = re.compile(r'^import \{[^}]*\} from "(\./[\w.]+|\.\./[\w./]+)";\n', re.MULTILINE)


def component(name: str) -> ComponentRenderer:
    """Registers the component whose folder holds NAME.js, which exports `mount(…)` by default, and NAME.css."""
    address = offer(name, styled(name))
    return st.components.v2.component(
        f"dynmask_{name}", js=f"const {{ default: draw }} = await import({address});\nexport default draw;\n"
    )


def styled(name: str) -> str:
    """NAME.js as pages of the app need it: it gives its style sheet to the part of the page in which it is drawn, and
    can fetch pieces of its data. Pages that stand alone must not fetch anything."""
    fetching = _text(WEB / "pieces.js")
    drawing = fetching + script(name).replace("export default", "const draw =")
    return f"""{drawing}
const SHEET = new CSSStyleSheet();
SHEET.replaceSync({json.dumps(sheet(name))});
export default (given) => {{
  const home = given.parentElement.getRootNode();
  if (!home.adoptedStyleSheets.includes(SHEET)) home.adoptedStyleSheets.push(SHEET);
  return draw({{ ...given, createPieces }});
}};
"""


def sheet(name: str) -> str:
    return "\n".join(((WEB / "web.css").read_text(encoding="utf-8"), own_sheet(name)))


def own_sheet(name: str) -> str:
    """Without what all components share, for a page with several of them."""
    return (COMPONENTS / name / f"{name}.css").read_text(encoding="utf-8")


def script(name: str) -> str:
    """NAME.js and every module that it imports as one module, each after those it needs.

    All share one scope: two files must not define the same top-level name.
    """
    joined = "\n".join(map(_text, modules(COMPONENTS / name / f"{name}.js")))
    words = {lang: {word: catalogue(lang)[f"save.{word}"] for word in SAVE_WORDS} for lang in LANGUAGES}
    return f"const COLORS = {json.dumps(COLORS)};\nconst SAVE_WORDS = {json.dumps(words)};\n{joined}"


def _text(module: Path) -> str:
    """Without what joins it to others."""
    return re.sub(r"^export (?!default)", "", _IMPORT.sub("", module.read_text(encoding="utf-8")), flags=re.MULTILINE)


def modules(entry: Path) -> list[Path]:
    """`entry` and all files that it imports, directly or not, each after those it needs."""
    found: dict[Path, None] = {}

    def visit(path: Path) -> None:
        if path in found:
            return
        for name in _IMPORT.findall(path.read_text(encoding="utf-8")):
            visit((path.parent / name).resolve())
        found[path] = None

    visit(entry.resolve())
    return list(found)
