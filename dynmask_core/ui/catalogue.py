"""A strategy as a card: what it is, what it does to a sentence, which parameters it has."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from itertools import groupby
from pathlib import Path

import streamlit as st

from dynmask_core.analysis.preview import Preview
from dynmask_core.config import Controls
from dynmask_core.errors import InputError
from dynmask_core.masks import REGISTRY, Param
from dynmask_core.masks.compose import require
from dynmask_core.masks.search import by_family
from dynmask_core.messages import gloss
from dynmask_core.tasks import task_of
from dynmask_core.ui import arms, mask_picture, starts
from dynmask_core.ui.frame import go_to
from dynmask_core.ui.i18n import capital, lang, t
from dynmask_core.ui.pictures import shows_maps
from dynmask_core.ui.settings import ACTS_AS

STYLE = Path(__file__).with_suffix(".css")


def fits(name: str, family: str, site: str) -> bool:
    """True if the strategy has that family and site ("": any)."""
    strategy = REGISTRY[name]
    return family in ("", strategy.family) and site in ("", strategy.site)


def acting(medium: str) -> list[str]:
    """The strategies that can act on samples of this medium, "" for any, sorted by family."""
    return arms.names(starts.blank(medium)) if medium else by_family(REGISTRY)


def unfit(name: str, medium: str) -> InputError | None:
    """Why a strategy cannot act on samples of this medium, if it cannot."""
    blank = starts.blank(medium)
    try:
        require(name, task_of(blank).provided(blank))
    except InputError as error:
        return error
    return None


def sections(names: Sequence[str], first: Sequence[str], draw: Callable[[str, list[str]], None]) -> None:
    """Draws the cards by `draw(key, names)`: under one heading those that come `first`, then one for each family."""
    if first:
        st.header(t("masks.first"), anchor="first")
        st.caption(t("masks.first.about"))
        draw("first_masks", list(first))
    strategies = [name for name in names if name not in first]
    for family, members in groupby(strategies, key=lambda name: REGISTRY[name].family):
        words, told = gloss(f"family.{family}", lang())
        st.header(capital(words), anchor=family)
        st.caption(capital(told))
        draw(f"family_{family}", list(members))


def card(name: str, shown: Preview | InputError | None) -> None:
    strategy = REGISTRY[name]
    with st.container(border=True, key=f"card_{name}", height="stretch"):
        st.html(_head(name) + _picture(name, shown))
        if strategy.formula:
            # A card is narrow: put the parts of a formula one below the other.
            st.latex(r"\begin{gathered}" + strategy.formula.replace(r",\quad", r",\\") + r"\end{gathered}")
        st.html(_foot(name))
        if st.button(t("masks.try"), icon=":material/model_training:", key=f"try_{name}", type="tertiary"):
            # Beside no mask one sees what this one does.
            arms.take(("static" if name == "none" else "none", name))
            go_to("train")


def legend() -> None:
    """Explains pictures and words; tooltips alone would not work on a phone."""
    with st.expander(t("masks.legend"), icon=":material/help:"):
        st.markdown(t("masks.legend.tokens"))
        st.markdown(t("masks.legend.maps"))
        st.markdown(t("masks.legend.training"))
        for axis, heading in (("site", "acts"), ("source", "from"), ("refresh", "changes")):
            used = dict.fromkeys(getattr(strategy, axis) for strategy in REGISTRY.values())
            lines = (gloss(f"{axis}.{value}", lang()) for value in used)
            items = "".join(f"<li><b>{escape(word)}</b>: {escape(sentence)}</li>" for word, sentence in lines)
            st.html(f'<div class="mk"><b>{escape(t(f"masks.{heading}"))} …</b><ul>{items}</ul></div>')


def _head(name: str) -> str:
    strategy = REGISTRY[name]
    words, sentence = gloss(f"strategy.{name}", lang())
    tags = [
        _tag(t(f"masks.{heading}"), *gloss(f"{axis}.{value}", lang()))
        for heading, axis, value in (
            ("acts", "site", strategy.site),
            ("from", "source", strategy.source),
            ("changes", "refresh", strategy.refresh),
        )
    ]
    if strategy.only_training:
        tags.append(_tag("", t("masks.training_only"), t("masks.training_only.help")))
    return (
        f'<div class="mk"><h3><span translate="no">{escape(name)}</span> <small>{escape(words)}</small></h3>'
        f"<p>{escape(capital(sentence))}</p><p class=mk-tags>{''.join(tags)}</p></div>"
    )


def _tag(heading: str, word: str, sentence: str) -> str:
    return f'<span class="mk-tag" title="{escape(sentence)}">{escape(heading)} <b>{escape(word)}</b></span>'


def _picture(name: str, shown: Preview | InputError | None) -> str:
    strategy = REGISTRY[name]
    if shown is None:
        inside = f"<p class=mk-note>{escape(t('masks.waiting'))}</p>"
    elif isinstance(shown, InputError):
        inside = f"<p class=mk-note>⚠ {escape(shown.sentence(lang()))}</p>"
    elif not shown.tokens:
        inside = f"<p class=mk-note>{escape(t('probe.empty'))}</p>"
    elif shows_maps(name):
        inside = mask_picture.maps(shown, gates=strategy.site == "head") + mask_picture.legend()
    else:
        threshold = Controls().keep_threshold if "keep_threshold" in strategy.uses else 0.0
        inside = (mask_picture.over if shown.picture else mask_picture.words)(shown, threshold)
        if (shown.mask == 1).all() and not shown.picture:
            inside += f"<p class=mk-note>{escape(t('masks.all_kept'))}</p>"
    state = "waiting" if shown is None else "error" if isinstance(shown, InputError) else "drawn"
    return f'<div class="mk mk-picture mk-{state}">{inside}</div>'


def _foot(name: str) -> str:
    strategy = REGISTRY[name]
    parts = [f"<p class=mk-note>{escape(t('masks.no_parameters'))}</p>"]
    if strategy.parameters:
        brief = ", ".join(f"{p.name} <b>{escape(_cut(_written(p.default), 16))}</b>" for p in strategy.parameters)
        rows = "".join(_parameter(p) for p in strategy.parameters)
        parts = [f"<details><summary>{escape(t('masks.parameters'))}: {brief}</summary><ul>{rows}</ul></details>"]
    read = [t(f"setting.{key}") for key, use in ACTS_AS.items() if use in strategy.uses]
    if read:
        parts.append(f"<p class=mk-note>{escape(t('masks.also'))} {escape(' · '.join(read))}</p>")
    if strategy.paper:
        parts.append(
            f"<p class=mk-note>{escape(t('masks.paper'))}: <span translate=no>{escape(strategy.paper)}</span></p>"
        )
    return f'<div class="mk">{"".join(parts)}</div>'


def _parameter(parameter: Param) -> str:
    words, sentence = gloss(f"param.{parameter.name}", lang())
    if parameter.choices:
        room = " | ".join(parameter.choices)
    elif parameter.is_text:
        room = t("masks.text")
    else:
        room = t("masks.range", low=f"{parameter.low:g}", high=f"{parameter.high:g}")
    bounds = t("masks.default", range=room, default=_cut(_written(parameter.default), 120))
    if parameter.scheduled:
        bounds += f" · {t('masks.may_change')}"
    return (
        f'<li><code translate="no">{escape(parameter.name)}</code> <b>{escape(words)}</b>: {escape(sentence)} '
        f'<span class="mk-note" translate="no">{escape(bounds)}</span></li>'
    )


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"


def _written(value: float | int | str) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
