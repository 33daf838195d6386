"""A run as one HTML page to take away: opened from disk, offline, in both languages."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from dynmask_core.data.media import TEXT, medium
from dynmask_core.errors import InputError
from dynmask_core.messages import LANGUAGES, catalogue, speaking_of
from dynmask_core.runs import Run
from dynmask_core.ui.components import act, lens, player
from dynmask_core.ui.components.player import PlayerData
from dynmask_core.ui.replay.lenses import Lenses, lenses_of
from dynmask_core.ui.replay.packing import squeezed
from dynmask_core.ui.replay.told import told_of
from dynmask_core.ui.replay.what_ifs import what_ifs_of
from dynmask_core.ui.watch.run_view import RunView
from dynmask_core.ui.web import WEB, own_sheet
from dynmask_core.ui.web.alone import OTHERS, THEMES, bundle

HERE = Path(__file__).parent
POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; media-src data:"
"""The page itself forbids every connection: readers may be offline, or may not trust it."""
LOCALES = {"en": "en", "zh": "zh-Hans"}
LIMIT = 5_000_000
"""Bytes of a page. What was recorded in training is always there; lens and what-ifs share the rest."""
LEAST = 500_000
"""Bytes that they have in any case, though a long run fills the page."""
STRINGS = (
    *player.STRING_KEYS, *act.STRING_KEYS, *lens.STRING_KEYS,
    *(f"lens.{name}" for name in ("layer", "head", "query", "gone", "only_training", "map.entmax", "map.other")),
    *(f"lens.look.{what}" for what in ("forbidden", "removed", "soft", "heads", "input", "nothing")),
    "take.replay.lens_missing", "take.replay.act_missing",
)  # fmt: skip


@dataclass(frozen=True)
class Replay:
    """The page, and what it could take along: lens_epochs (None stands for the best one of every arm) of so many kept
    ones, lenses and what_ifs: for how many of the recorded sentences."""

    html: str
    sentences: int
    lens_epochs: list[int | None]
    kept_epochs: int
    lenses: int
    what_ifs: int

    def to_json(self) -> dict[str, Any]:
        told = {name: value for name, value in vars(self).items() if name != "html"}
        return told | {"bytes": len(self.html.encode())}


def replay(run: Run, lang: str = "en") -> str:
    """The page of `make`."""
    return make(run, lang).html


def make(run: Run, lang: str = "en", limit: int = LIMIT) -> Replay:
    """Masks, attention and predictions of every recorded sentence over all epochs, its lens and what-ifs as far as they
    fit into `limit` bytes, outcome, scores, settings.

    lang: the language it opens in; the other one is a click away. Raises InputError `nothing_recorded` before the first
    epoch is recorded, `file_damaged` of what it cannot do without, KeyError if `lang` is not in LANGUAGES.
    """
    with speaking_of(run.config().input):
        return _make(run, lang, limit)


def _make(run: Run, lang: str, limit: int) -> Replay:
    view = RunView(run).refresh()
    view.require("log", "probes", "vocabulary", "result")
    if not view.ready or not view.probes:
        raise InputError("nothing_recorded", name=run.name)
    pictures = [_packed(view.player(probe, running=False, language="en")) for probe in view.probes]
    with _one_thread(run):
        asked = what_ifs_of(view)
        bare = _page(view, lang, limit, pictures, asked, Lenses([], 0, []))
        seen = lenses_of(view, max(limit - len(bare.encode()) - _MORE, LEAST))
    html = _page(view, lang, limit, pictures, asked, seen)
    counts = (sum(one is not None for one in many) for many in (seen.sentences, asked))
    return Replay(html, len(pictures), seen.epochs, seen.kept, *counts)


_MORE = 150_000
"""Bytes of the lens's own code and sentences, at most."""


_MAKING = threading.Lock()
"""The number of threads belongs to the whole process: two replays at once would restore each other's."""


@contextmanager
def _one_thread(run: Run) -> Iterator[None]:
    """Asks small models a thousand times: on busy cores, threads that wait for one another take many times as long."""
    if not isinstance(run.folder, Path):
        yield  # an exported run has no models
        return
    import torch

    with _MAKING:
        before = torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            yield
        finally:
            torch.set_num_threads(before)


def _page(
    view: RunView, lang: str, limit: int, pictures: list[str], asked: list[str | None], seen: Lenses
) -> str:  # fmt: skip
    pages = Environment(loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    told = {language: told_of(view, language, seen, limit, acts=any(asked)) for language in LANGUAGES}
    book = {
        # Strings and marks are said once, not with each sentence.
        "strings": {lang: {key: catalogue(lang)[key] for key in STRINGS} for lang in LANGUAGES},
        "marks": {lang: view.marks(lang) for lang in LANGUAGES},
        "titles": {lang: told[lang]["title"] for lang in LANGUAGES},
        "locales": LOCALES,
        "sentences": pictures,
        "lenses": seen.sentences,
        "lensEpochs": seen.epochs,
        "whatIfs": asked,
    }
    return pages.get_template("replay.html.jinja").render(
        policy=POLICY,
        lang=lang,
        locales=LOCALES,
        languages=LANGUAGES,
        told=told,
        sentences=[_listed(view, index) for index in range(len(view.probes))],
        style=Markup("\n".join((_variables(), _read(WEB / "web.css"), *map(own_sheet, PARTS), _own("replay.css")))),
        code=Markup(_code()),
        book=Markup(json.dumps(book).replace("<", "\\u003c")),
    )


PARTS = {"player": ("unseal", "textsOf"), "lens": ("unseal", "sharesOf"), "act": ()}
"""The app's own components, and what the page needs of their modules."""


def _code() -> str:
    parts = [f"const {name}Part = {bundle(name, *also)};" for name, also in PARTS.items()]
    return "\n".join((*parts, *map(_own, ("numbers.js", "replay.js", "lens_part.js", "act_part.js"))))


def _packed(picture: PlayerData) -> str:
    """A sentence's numbers, compressed: attention changes little from epoch to epoch."""
    strings = dict.fromkeys(player.STRING_KEYS, "")
    return squeezed(player.pack(replace(picture, marks=[]), lang="en", strings=strings))


def _listed(view: RunView, index: int) -> str:
    probe = view.probes[index]
    label = [view.classes[probe.label]] if view.classes and probe.label is not None else []
    name = [probe.text] if medium(probe.text) == TEXT else []
    return " · ".join([str(index + 1), *label, *name])


def _variables() -> str:
    """The variables that Streamlit would give the components, for a light and a dark reader."""

    def rule(theme: str) -> str:
        values = (THEMES[theme] | OTHERS).items()
        return ":root { " + " ".join(f"--st-{name}: {value};" for name, value in values) + " }"

    return f"{rule('light')}\n@media (prefers-color-scheme: dark) {{ {rule('dark')} }}"


def _own(name: str) -> str:
    return _read(HERE / name)


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")
