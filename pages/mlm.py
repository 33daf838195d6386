"""Guess the word: masked language modelling with static and dynamic masks."""

from __future__ import annotations

import streamlit as st

from dynmask_core.errors import InputError
from dynmask_core.recipes import RECIPES
from dynmask_core.runs import ACTIVE, Run, Status, default_root
from dynmask_core.ui import arms, choose
from dynmask_core.ui import settings as all_settings
from dynmask_core.ui.frame import go_to, require_frame
from dynmask_core.ui.guess import ends, fills, hidden_words, settings
from dynmask_core.ui.i18n import lang, plain, t, templates
from dynmask_core.ui.report import corpus_account
from dynmask_core.ui.watch import sentence, which
from dynmask_core.ui.watch.panel import Parts, panel
from dynmask_core.ui.watch.run_view import RunView
from dynmask_core.ui.workers import attached_run

require_frame(__file__)
LABELS = 200  # of the comparison offered below: with many labels, pre-training has little to add
MAX_TYPED = 500
# Here a mask does not remove a word but hides it, and the model must guess it.
RENAMED = tuple(f"player.{name}" for name in ("kept", "removed", "keeps", "mask_low", "mask_high", "threshold"))

run = attached_run("mlm")

st.title(t("mlm.title"))
st.markdown(t("mlm.what"))


def form() -> str:
    corpus = settings.what_to_hide()
    settings.more()
    return corpus


name = all_settings.place(form)
try:
    data, dataset, report = choose.CORPUS.load(name, st.session_state["tokenizer"], int(st.session_state["seed"]))
    config, unusable = settings.experiment(data), None
    if run is None or not all_settings.hidden():
        corpus_account(report, shown=run is not None)
except InputError as error:
    unusable = error
    st.error(plain(error.sentence(lang())), icon=":material/error:")
    if run is None:
        st.stop()


def create() -> Run:
    """Raises here, not earlier, so that an open run stays visible while the settings are unusable."""
    if unusable:
        raise unusable
    return Run.create(default_root(), config, dataset)


def nothing() -> None:
    # All that the masks depend on; a new device or model, for example, does not redraw them.
    key = str((id(dataset), config.data, config.task, config.arms, config.train.seed, config.train.epochs))
    masks(hidden_words.masked(key, config, dataset), key, config.train.epochs, running=False)
    st.info(t("mlm.empty"), icon=":material/play_arrow:")


def masks(of: hidden_words.Masked, key: str, epoch: int, *, running: bool) -> None:
    st.subheader(t("mlm.masks"), anchor=False)
    hidden_words.show(of, epoch, running=running)
    hidden_words.ever_asked(of, key)


def show(view: RunView, status: Status) -> None:
    running = status.state in ACTIVE
    if view.ready and not running:
        ends.ends(view)
    epoch = min(status.epoch + 1, status.epochs) if running else status.epochs
    masks(hidden_words.of_run(view.run), view.run.name, epoch, running=running)
    if not view.ready:
        return
    st.subheader(t("mlm.sentence"), anchor=False)
    text = which.choose(view, "mlm_probe", most=MAX_TYPED)
    if text:
        fills.fills(view, text)
        st.subheader(t("mlm.inside"), anchor=False)
        ours = templates(f"mlm.{key}" for key in RENAMED)
        sentence.player(view, text, status, key="mlm_player", words={key: ours[f"mlm.{key}"] for key in RENAMED})


if run is not None:
    st.caption(plain(settings.describe(run.config())))
panel(run, Parts(create, nothing, show))

st.subheader(t("mlm.downstream"), anchor=False)
st.markdown(t("mlm.downstream.what"))
if st.button(t("mlm.downstream.go"), icon=":material/balance:", key="go_downstream"):
    arms.take(RECIPES["pretraining"].arms)
    st.session_state["kind"], st.session_state["train_rows"] = "compare", LABELS
    go_to("compare")
ends.published()
