"""A run as one HTML page to take away: opened from disk, offline, in both languages."""

from __future__ import annotations

import base64
import gzip
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from dynmask_core.errors import InputError
from dynmask_core.messages import LANGUAGES, catalogue
from dynmask_core.runs import Run
from dynmask_core.ui.components.player import STRING_KEYS, PlayerData, pack
from dynmask_core.ui.replay.told import told_of
from dynmask_core.ui.watch.run_view import RunView
from dynmask_core.ui.web import script, sheet
from dynmask_core.ui.web.alone import OTHERS, THEMES

HERE = Path(__file__).parent
POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:"
"""The page itself forbids every connection: readers may be offline, or may not trust it."""
LOCALES = {"en": "en", "zh": "zh-Hans"}


def replay(run: Run, lang: str = "en") -> str:
    """The page: masks, attention and predictions of every recorded sentence over all epochs, outcome, scores, settings.

    lang: the language it opens in; the other one is a click away. Raises InputError `nothing_recorded` before the first
    epoch is recorded, KeyError if `lang` is not in LANGUAGES.
    """
    view = RunView(run).refresh()
    if not view.ready or not view.probes:
        raise InputError("nothing_recorded", name=run.name)
    pages = Environment(loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    told = {language: told_of(view, language) for language in LANGUAGES}
    # "</" would end the script.
    code = "\n".join((script("player").replace("export default", "const draw ="), _own("replay.js"))).replace(
        "</", "<\\/"
    )
    return pages.get_template("replay.html.jinja").render(
        policy=POLICY,
        lang=lang,
        locales=LOCALES,
        languages=LANGUAGES,
        told=told,
        sentences=[_listed(view, index) for index in range(len(view.probes))],
        style=Markup("\n".join((_variables(), sheet("player"), _own("replay.css")))),
        code=Markup(code),
        book=Markup(json.dumps(_book(view, told)).replace("<", "\\u003c")),
    )


def _book(view: RunView, told: dict[str, Any]) -> dict[str, Any]:
    """What the page's script needs. Strings and marks are said once, not with each sentence."""
    pictures = [view.player(probe, running=False, language="en") for probe in view.probes]
    return {
        "strings": {lang: {key: catalogue(lang)[key] for key in STRING_KEYS} for lang in LANGUAGES},
        "marks": {lang: view.marks(lang) for lang in LANGUAGES},
        "titles": {lang: told[lang]["title"] for lang in LANGUAGES},
        "locales": LOCALES,
        "sentences": [_packed(picture) for picture in pictures],
    }


def _packed(picture: PlayerData) -> str:
    """A sentence's numbers, compressed: attention changes little from epoch to epoch."""
    sealed = pack(replace(picture, marks=[]), lang="en", strings=dict.fromkeys(STRING_KEYS, ""))
    return base64.b64encode(gzip.compress(sealed, 9, mtime=0)).decode()


def _listed(view: RunView, index: int) -> str:
    probe = view.probes[index]
    label = [view.classes[probe.label]] if view.classes and probe.label is not None else []
    return " · ".join([str(index + 1), *label, probe.text])


def _variables() -> str:
    """The variables that Streamlit would give the player, for a light and a dark reader."""

    def rule(theme: str) -> str:
        values = (THEMES[theme] | OTHERS).items()
        return ":root { " + " ".join(f"--st-{name}: {value};" for name, value in values) + " }"

    return f"{rule('light')}\n@media (prefers-color-scheme: dark) {{ {rule('dark')} }}"


def _own(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8")
