"""A report as one HTML page that loads nothing: for light and dark themes, narrow and wide screens, and paper."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial

import plotly.graph_objects as go
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from dynmask_core.blocks import Content, Figure, Look, head_of, on_paper
from dynmask_core.messages import LANGUAGES, told
from dynmask_core.report import figures
from dynmask_core.report.letters import in_letters
from dynmask_core.report.plain import written

BREAKS = re.compile(r"[+:|/_.](?=\w)")
"""A name may break into a new line after these characters."""
LOCALES = {"en": "en", "zh": "zh-Hans"}
MARKS: dict[Look, str] = {
    "better": "▲", "worse": "▼", "undetected": "≈", "same": "=", "too_few": "…", "few_texts": "…",
    "chosen": "★", "note": "!", "right": "✓", "wrong": "✗",
}  # fmt: skip
# Readers may be offline or may not trust the report: the page itself forbids any connection.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data: blob:"
CONFIG = {"displayModeBar": False, "responsive": True}


def html_of(content: Content, lang: str) -> str:
    """Raises KeyError if `lang` is not in LANGUAGES."""
    if lang not in LANGUAGES:
        raise KeyError(lang)
    loader = PackageLoader("dynmask_core.report")
    pages = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    pages.filters |= {
        "breaking": _breaking,
        "head_of": head_of,
        "inert": _inert,
        "in_letters": partial(in_letters, lang=lang),
        "kind": lambda block: type(block).__name__,
        "on_paper": on_paper,
        "plotted": _Plotter(lang).plotted,
        "said": partial(told, lang=lang),
        "written": partial(written, lang=lang),
    }
    page = pages.get_template("report.html.jinja")
    return page.render(content=content, locale=LOCALES[lang], marks=MARKS, policy=POLICY)


def _breaking(words: str) -> Markup:
    return Markup(BREAKS.sub(r"\g<0><wbr>", str(escape(words))))


def _inert(url: str) -> str:
    """The picture itself, whatever it says: nothing is ever loaded."""
    return f"data:{url[5:]}"


@dataclass(frozen=True)
class _Plotted:
    """html: draws the figure. alt: one sentence for screen readers."""

    html: Markup
    alt: str


class _Plotter:
    """Turns figures into HTML; the first one on a page includes Plotly's script for all."""

    def __init__(self, lang: str) -> None:
        self._lang = lang
        self._drawn = False

    def plotted(self, block: Figure) -> _Plotted:
        figure = figures.draw(block, self._lang)
        # The page may have set a default template for all figures (Streamlit does): do not use it here.
        figure.layout.template = go.layout.Template()
        figure.update_layout(font={"family": "system-ui, sans-serif"})
        html = figure.to_html(
            full_html=False, include_plotlyjs=not self._drawn, include_mathjax=False, config=CONFIG,
            default_width="100%", default_height=f"{figure.layout.height}px",
        )  # fmt: skip
        self._drawn = True
        return _Plotted(Markup(html), figures.alt(figure))
