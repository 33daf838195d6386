"""A report as one HTML page: light and dark, narrow and wide, on paper; it loads nothing."""

from __future__ import annotations

import re
from html import escape
from importlib import resources

import plotly.graph_objects as go

from dynmask_core.messages import LANGUAGES
from dynmask_core.report.blocks import Block, Code, Content, Folded, Picture, Table, Words, head_of
from dynmask_core.report.drawing import alt

BREAKS = re.compile(r"[+:|/_.](?=\w)")
"""Where a name may go on in the next line."""
LOCALES = {"en": "en", "zh": "zh-Hans"}
MARKS = {"better": "▲", "worse": "▼", "undetected": "≈", "too_few": "…", "chosen": "★", "note": "!"}
# Whoever opens a report may be offline or may not trust it: the page itself forbids any connection.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data: blob:"
CONFIG = {"displayModeBar": False, "responsive": True}
ON_PAPER = """
addEventListener('beforeprint', () => {
  document.querySelectorAll('details').forEach(one => { one.open = true; });
  document.querySelectorAll('.js-plotly-plot').forEach(one => Plotly.relayout(one, {width: 660, autosize: false}));
});
addEventListener('afterprint', () => {
  document.querySelectorAll('.js-plotly-plot').forEach(one => Plotly.relayout(one, {width: null, autosize: true}));
});
"""


def html_of(content: Content, lang: str) -> str:
    if lang not in LANGUAGES:
        raise KeyError(lang)
    page = _Page()
    body = "\n".join(
        f"<section><h2>{escape(section.title)}</h2>\n{''.join(map(page.written, section.blocks))}</section>"
        for section in content.sections
    )
    style = (resources.files("dynmask_core.report") / "report.css").read_text(encoding="utf-8")
    return (
        f'<!doctype html>\n<html lang="{LOCALES[lang]}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{escape(content.title)}</title>\n<style>\n{style}</style>\n</head>\n<body>\n<main>\n"
        f"<h1>{escape(content.title)}</h1>\n<p class='lead'>{escape(content.lead)}</p>\n{body}\n</main>\n"
        f"<script>{ON_PAPER}</script>\n</body>\n</html>\n"
    )


class _Page:
    """Writes blocks; the first figure brings along what draws all of them."""

    def __init__(self) -> None:
        self._drawn = False

    def written(self, block: Block) -> str:
        if isinstance(block, Words):
            if block.look in MARKS:
                mark = f'<span aria-hidden="true">{MARKS[block.look]}</span>'
                return f'<p class="finding {block.look}">{mark} {escape(block.text)}</p>\n'
            term, rest = head_of(block)
            return f"<p>{f'<strong>{escape(term)}</strong>' if term else ''}{escape(rest)}</p>\n"
        if isinstance(block, Table):
            return _table(block)
        if isinstance(block, Picture):
            return self._figure(block)
        if isinstance(block, Code):
            return f'<pre tabindex="0"><code>{escape(block.text)}</code></pre>\n'
        if isinstance(block, Folded):
            inside = "".join(map(self.written, block.blocks))
            return f"<details><summary>{escape(block.title)}</summary>\n{inside}</details>\n"
        raise TypeError(block)

    def _figure(self, picture: Picture) -> str:
        figure = picture.draw()
        # Where a page has chosen a template for all figures, this one goes its own way.
        figure.layout.template = go.layout.Template()
        figure.update_layout(font={"family": "system-ui, sans-serif"})
        drawn = figure.to_html(
            full_html=False, include_plotlyjs=not self._drawn, include_mathjax=False, config=CONFIG,
            default_width="100%", default_height=f"{figure.layout.height}px",
        )  # fmt: skip
        self._drawn = True
        kind = "colored" if picture.colored else "see-through"
        instead = f"<noscript><pre>{escape(picture.plain)}</pre></noscript>" if picture.plain else ""
        label = escape(alt(figure))
        return f'<figure class="{kind}"><div role="img" aria-label="{label}">{drawn}</div>{instead}</figure>\n'


def _table(table: Table) -> str:
    def cell(kind: str, place: int, words: str) -> str:
        look = "" if place < table.left else ' class="number"'
        written = escape(words)
        if place < table.left:
            written = BREAKS.sub(r"\g<0><wbr>", written)
        return f"<{kind}{look}>{written}</{kind}>"

    head = "".join(cell("th", place, name) for place, name in enumerate(table.head))
    rows = "\n".join(
        f"<tr>{''.join(cell('td', place, words) for place, words in enumerate(row))}</tr>" for row in table.rows
    )
    return (
        f'<div class="table" tabindex="0"><table>\n<thead><tr>{head}</tr></thead>\n'
        f"<tbody>\n{rows}\n</tbody></table></div>\n"
    )
