"""What is seen of a run of masked language modelling beside its curves: what it fills in, and how it ended."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dynmask_core.colors import arm_color
from dynmask_core.data.tokenize import Tokenizer
from dynmask_core.events import Probe
from dynmask_core.mlm.published import MEASURED, PUBLISHED
from dynmask_core.runs import Run
from dynmask_core.ui.components.fills import STRING_KEYS as FILL_KEYS
from dynmask_core.ui.components.fills import FillsData, Guess, fill_in, hidden_words
from dynmask_core.ui.components.player import STRING_KEYS, mask_player
from dynmask_core.ui.i18n import capital, lang, plain, t, templates
from dynmask_core.ui.parts import number, table
from dynmask_core.ui.run_view import MAX_TOKENS, RunView

MAX_TYPED = 500
RENAMED = tuple(f"player.{name}" for name in ("kept", "removed", "keeps", "mask_low", "mask_high", "threshold"))
RISEN = 0.02
"""Nats above its lowest value from which a loss has risen, and not merely trembled."""
ALIKE = 0.05
"""Nats between two last losses up to which it hardly matters which mask is used."""


def sentence(view: RunView) -> str:
    """The sentence that is looked at: a recorded one, or what the reader types."""
    st.markdown(f"**{t('mlm.sentence')}**")
    recorded = [probe.text for probe in view.probes]
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    with left:
        index = st.selectbox(
            t("probe.choose"), range(len(recorded)), format_func=lambda i: recorded[i], key="mlm_probe"
        )
    with right:
        typed = st.text_input(t("probe.own"), key="mlm_own", placeholder=t("probe.own.placeholder"))
    return typed.strip()[:MAX_TYPED] or (recorded[index] if index is not None and index < len(recorded) else "")


def fills(view: RunView, text: str) -> None:
    """The sentence, words of which the reader hides, and what every model fills in at every epoch it was kept at."""
    tokenizer = Tokenizer(view.config.data.tokenizer)  # type: ignore[arg-type]
    written = tokenizer.spans(text)
    spans = written[: min(view.config.data.max_tokens, MAX_TOKENS)]
    if len(written) > len(spans):
        st.caption(t("mlm.cut", shown=len(spans), total=len(written)))
    if not spans:
        st.caption(t("probe.empty"))
        return
    epochs = view.run.kept_epochs()
    if not epochs:
        st.caption(t("mlm.fills.later"))
        return
    hidden = hidden_words("fills", text, spans, _telling(spans))
    data = FillsData(
        text=text,
        spans=spans,
        hidden=hidden,
        arms=[{"name": arm, "color": arm_color(i)} for i, arm in enumerate(view.arms)],
        epochs=epochs,
        guesses=_by_arm(view.run, epochs, text, tuple(hidden), len(view.arms)),
    )
    fill_in(data, lang=lang(), strings=templates(FILL_KEYS), key="fills")


def _telling(spans: list[tuple[int, int]]) -> list[int]:
    """A first word to hide: the longest one, so that there is something to see at once."""
    return [max(range(len(spans)), key=lambda i: spans[i][1] - spans[i][0])]


def _by_arm(run: Run, epochs: list[int], text: str, hidden: tuple[int, ...], arms: int) -> list[list[list[Guess]]]:
    if not hidden:
        return [[[] for _ in epochs] for _ in range(arms)]
    said = [_guesses(run, epoch, text, hidden) for epoch in epochs]
    return [[[Guess(*guess) for guess in at[arm]] for at in said] for arm in range(arms)]


@st.cache_data(show_spinner=False, max_entries=2000, hash_funcs={Run: lambda run: run.name})
def _guesses(run: Run, epoch: int, text: str, hidden: tuple[int, ...]) -> list[list[tuple[Any, ...]]]:
    # Imported here: torch is needed for this alone, and takes seconds to load.
    from dynmask_core.predict import guesses

    return [[tuple(guess) for guess in arm] for arm in guesses(run, epoch, text, hidden)]


def player(view: RunView, text: str, *, running: bool) -> None:
    """Masks and attention of the sentence, where they were recorded."""
    st.markdown(f"**{t('mlm.inside')}**")
    probe = next((known for known in view.probes if known.text == text), Probe(text))
    if probe not in view.probes:
        if running:
            view.run.add_probe(text)
            st.caption(t("probe.soon"))
        else:
            st.caption(t("mlm.player.unknown"))
        return
    # Here a mask does not remove a word: it hides it, for the model to guess.
    ours = templates(f"mlm.{key}" for key in RENAMED)
    hidden = {key: ours[f"mlm.{key}"] for key in RENAMED}
    mask_player(
        view.player(probe, running=running), lang=lang(), strings=templates(STRING_KEYS) | hidden, key="mlm_player"
    )


def ends(view: RunView) -> None:
    """How every arm ended: its best and its last loss on validation texts, and how often it was right."""
    said = view.arm_epochs()
    rows = []
    for arm in view.arms:
        epochs = [event for event in said if event["arm"] == arm]
        if not epochs:
            return
        best = min(epochs, key=lambda event: event["validation"]["loss"])
        last = epochs[-1]
        rows.append(
            {
                "arm": arm,
                "best": best["validation"]["loss"],
                "epoch": best["epoch"],
                "last": last["validation"]["loss"],
                "right": last["validation"]["accuracy"],
                "gap": last["validation"]["loss"] - last["train"]["loss"],
                "ever": last["train"]["ever_asked"],
            }
        )
    config = {
        "arm": st.column_config.TextColumn(t("mlm.refresh")),
        "best": number(t("mlm.best"), help=t("mlm.best.help")),
        "epoch": number(capital(t("score.best_epoch")), "%d"),
        "last": number(t("mlm.last")),
        "right": number(t("mlm.right"), "percent", help=t("mlm.right.help")),
        "gap": number(t("mlm.gap"), help=t("mlm.gap.help")),
        "ever": number(t("mlm.ever"), "percent"),
    }
    st.markdown(f"**{t('mlm.ends')}**")
    table(rows, config, "mlm_ends")
    _verdict(rows)


def _verdict(rows: list[dict[str, Any]]) -> None:
    """What the last losses say, in words."""
    by_name = {row["arm"]: row for row in rows}
    static, dynamic = by_name.get("static"), by_name.get("dynamic")
    if static is None or dynamic is None:
        return
    said = {"static": f"{static['last']:.2f}", "dynamic": f"{dynamic['last']:.2f}", "best": f"{static['best']:.2f}"}
    said |= {"dynamic_best": f"{dynamic['best']:.2f}", "dynamic_epoch": dynamic["epoch"], "epoch": static["epoch"]}
    st.info(plain(t(f"mlm.verdict.{_judged(static, dynamic)}", **said)), icon=":material/balance:")


def _judged(static: dict[str, Any], dynamic: dict[str, Any]) -> str:
    """overfit: static alone learned by heart. early: neither did, and they are alike. apart: anything else."""
    static_rose, dynamic_rose = (arm["last"] > arm["best"] + RISEN for arm in (static, dynamic))
    if static_rose and not dynamic_rose and dynamic["last"] < static["last"]:
        return "overfit"
    alike = abs(static["last"] - dynamic["last"]) <= ALIKE
    return "early" if alike and not static_rose and not dynamic_rose else "apart"


def published() -> None:
    """What papers and this project measured, so that nobody leaves with the wrong lesson."""
    rows = [
        {
            "source": one.source,
            "task": one.task,
            "plain": one.plain,
            "changed": one.changed,
            "what": t(f"published.{one.key}"),
        }
        for one in PUBLISHED
    ]
    config = {
        "source": st.column_config.TextColumn(t("published.source")),
        "task": st.column_config.TextColumn(t("published.task")),
        "plain": number(t("published.plain"), "%.1f"),
        "changed": number(t("published.changed"), "%.1f"),
        "what": st.column_config.TextColumn(t("published.what")),
    }
    st.markdown(f"**{t('published.title')}**")
    table(rows, config, "published")
    ours = [
        {
            "arm": one.refresh or t("measured.nothing"),
            "best": "–" if one.lowest is None else f"{one.lowest:.2f}",
            "last": "–" if one.last is None else f"{one.last:.2f}",
            "accuracy": one.accuracy,
        }
        for one in MEASURED
    ]
    columns = {
        "arm": st.column_config.TextColumn(t("mlm.refresh")),
        "best": st.column_config.TextColumn(t("mlm.best")),
        "last": st.column_config.TextColumn(t("mlm.last")),
        "accuracy": number(t("measured.accuracy"), "%.1f"),
    }
    st.markdown(f"**{t('measured.title')}**")
    table(ours, columns, "measured")
    st.caption(t("measured.caption"))
