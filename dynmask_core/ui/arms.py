"""The arms of the next run: up to four strings in the syntax of masks.compose, kept in session and address.

The widgets get their values from these strings and write them back.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import streamlit as st

from dynmask_core.config import ExperimentConfig
from dynmask_core.errors import InputError
from dynmask_core.masks import REGISTRY, brief, parse, written
from dynmask_core.masks.base import DRAW
from dynmask_core.masks.compose import Part
from dynmask_core.masks.compose import read as read_value
from dynmask_core.masks.expression import shortest
from dynmask_core.masks.search import by_family
from dynmask_core.messages import gloss
from dynmask_core.tasks import offered
from dynmask_core.ui import address, composer, starts
from dynmask_core.ui.i18n import capital, explained, helped, lang, plain, setting_label, strategy_name, t
from dynmask_core.ui.parameter import parameter_widget

EXTRAS = starts.SLOTS[2:]


def names(config: ExperimentConfig) -> list[str]:
    """The strategies that can act in such an experiment, sorted by family."""
    return by_family(offered(config))


def read(text: str, optional: bool = False) -> str:
    """The arm in its shortest form; "" (no arm) is allowed if `optional`. Raises InputError."""
    if optional and not text:
        return ""
    try:
        return written(parse(text))
    except InputError:
        # A "+" typed by hand in an address arrives as a space.
        if " " not in text:
            raise
        return written(parse(text.replace(" ", "+")))


def arrive() -> None:
    """Reads the arms from the address, and keeps the address up to date."""
    for slot, default in starts.now().slots().items():
        address.text(slot, default, partial(read, optional=slot in EXTRAS))


def chosen_arms() -> tuple[str, ...]:
    """The chosen arms, baseline first, without repetitions."""
    return tuple(dict.fromkeys(st.session_state[slot] for slot in starts.SLOTS if st.session_state[slot]))


def take(arms: tuple[str, ...]) -> None:
    """Replaces the chosen arms by these two to four, the baseline first."""
    for slot, arm in zip(starts.SLOTS, [*arms, "", ""], strict=False):
        st.session_state[slot] = arm


def uses(arm: str, setting: str) -> bool:
    """True if a strategy of the arm reads this setting (a name in Controls or MaskConfig)."""
    return any(setting in REGISTRY[name].uses for name, _ in parse(arm))


def picker(slot: str, known: Sequence[str]) -> None:
    """A select box of the `known` strategies and, behind a small button, all parameters of the arm."""
    parts = parse(st.session_state[slot])
    name = "arm" if slot in EXTRAS else slot
    with st.container(key=slot, gap="xxsmall"):
        with st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall"):
            key = f"{slot}_strategy"
            st.session_state[key] = parts[0][0]
            more = [] if name == "baseline" else [t(f"setting.{name}.help")]
            st.selectbox(
                setting_label(name, "restarts"), _with(known, [parts[0][0]]), format_func=_in_list,
                help=explained("baseline" if name == "baseline" else "arm", *more, t("help.restarts")),
                key=key, on_change=_take, args=(slot, key),
            )  # fmt: skip
            with st.popover(t("arms.tune"), icon=":material/tune:", help=t("arms.tune.help"), key=f"{slot}_tune"):
                _tune(slot, parts, known)
            if slot in EXTRAS:
                st.button(
                    t("arms.remove"), icon=":material/close:", type="tertiary", key=f"{slot}_remove",
                    on_click=_remove, args=(slot,),
                )  # fmt: skip
        if st.session_state[slot] != parts[0][0]:
            arm = st.session_state[slot]
            st.caption(plain(brief(arm)), help=plain(arm) if brief(arm) != arm else None)
        if problem := st.session_state.pop(f"{slot}_problem", None):
            st.warning(plain(problem.sentence(lang())))


def extras(known: Sequence[str]) -> None:
    """The third and fourth arm, and the button that adds one of the `known` strategies."""
    there = [slot for slot in EXTRAS if st.session_state[slot]]
    if there:
        for column, slot in zip(st.columns(3), there, strict=False):
            with column:
                picker(slot, known)
    if len(there) < len(EXTRAS):
        st.button(t("arms.add"), icon=":material/add:", type="tertiary", key="arms_add", on_click=_add, args=(known,))


def _with(known: Sequence[str], chosen: Sequence[str]) -> list[str]:
    """The options of a box. They include `chosen`, even if it cannot act here, because a box shows only its options."""
    return list(dict.fromkeys([*known, *chosen]))


def _in_list(name: str) -> str:
    return f"{strategy_name(name)} · {gloss(f'family.{REGISTRY[name].family}', lang())[0]}"


def _tune(slot: str, parts: list[Part], known: Sequence[str]) -> None:
    for place, (name, values) in enumerate(parts):
        words, sentence = gloss(f"strategy.{name}", lang())
        st.markdown(f"**{plain(name)}** · {plain(words)}")
        st.caption(plain(capital(sentence)))
        # Every strategy accepts `draw`, but it is of interest only if the mask is random.
        common = (DRAW,) if REGISTRY[name].source == "random" else ()
        for parameter in (*REGISTRY[name].parameters, *common):
            value = values.get(parameter.name, parameter.default)
            key = f"{slot}_{place}_{name}_{parameter.name}"
            parameter_widget(parameter, value, key, partial(_set, slot, place, parameter.name))
            if parameter.reads is shortest and st.button(
                t("arms.compose"), icon=":material/draw:", key=f"{key}_compose"
            ):
                composer.go_with(str(value))
    first, *others = (name for name, _ in parts)
    key = f"{slot}_others"
    st.session_state[key] = others
    st.multiselect(
        t("arms.combine"), [name for name in _with(known, others) if name != first], format_func=_in_list, key=key,
        help=helped("arms.combine.help", "restarts"),
        placeholder=t("arms.combine.none"), on_change=_combine, args=(slot, key), wrap=True,
    )  # fmt: skip


def _write(slot: str, parts: list[Part]) -> None:
    """Writes the arm; if it is invalid, keeps the old one and says why."""
    try:
        st.session_state[slot] = written(parse(written(parts)))
    except InputError as error:
        st.session_state[f"{slot}_problem"] = error


def _take(slot: str, key: str) -> None:
    """Changes the first strategy; those combined with it stay."""
    name = st.session_state[key]
    _write(slot, [(name, {}), *(part for part in parse(st.session_state[slot])[1:] if part[0] != name)])


def _combine(slot: str, key: str) -> None:
    first, *before = parse(st.session_state[slot])
    known = dict(before)
    _write(slot, [first, *((name, known.get(name, {})) for name in st.session_state[key])])


def _set(slot: str, place: int, name: str, value: Any) -> None:
    parts = parse(st.session_state[slot])
    strategy, values = parts[place]
    try:
        values[name] = read_value(strategy, REGISTRY[strategy].parameter(name), value)
    except InputError as error:
        st.session_state[f"{slot}_problem"] = error
    else:
        _write(slot, parts)


def _add(known: Sequence[str]) -> None:
    slot = next(slot for slot in EXTRAS if not st.session_state[slot])
    st.session_state[slot] = next(name for name in known if name not in chosen_arms())


def _remove(slot: str) -> None:
    left = [st.session_state[other] for other in EXTRAS if other != slot and st.session_state[other]]
    for other, arm in zip(EXTRAS, [*left, "", ""], strict=False):
        st.session_state[other] = arm
