"""“Make a lesson of this”: the page with its settings becomes a step of a lesson that the visitor writes."""

from __future__ import annotations

import csv
import io
import re
import secrets
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from dynmask_core.data import Dataset
from dynmask_core.data.samples import PREFIX
from dynmask_core.data.split import PARTS
from dynmask_core.errors import InputError
from dynmask_core.learn.bundle import Bundle
from dynmask_core.learn.catalogue import ready
from dynmask_core.learn.draft import Draft, DraftStep
from dynmask_core.learn.front import FILE_NAME
from dynmask_core.learn.lesson import LESSON_WORD, Panel
from dynmask_core.learn.limits import STEPS
from dynmask_core.learn.pages import rules
from dynmask_core.learn.recorded import name_of
from dynmask_core.runs import Run, default_root, equal, find_run
from dynmask_core.runs.store import export_run
from dynmask_core.runs.uploads import Upload
from dynmask_core.ui import carried, in_class
from dynmask_core.ui.choose.chooser import CORPUS, LABELLED, Chooser
from dynmask_core.ui.choose.own import OWN
from dynmask_core.ui.choose.texts import LessonText, OwnText, texts_of
from dynmask_core.ui.frame import lead_to
from dynmask_core.ui.i18n import lang, plain, t
from dynmask_core.ui.question.subjects import BY_NAME
from dynmask_core.ui.visitor import visitor

SAID = (
    "data", "corpus", "baseline", "dynamic", "refresh", "kind", "epochs", "mlm_epochs", "task", "marked", "pairs",
    "task_arms", "task_epochs",
)  # fmt: skip
"""Settings that a step names even where they are as the page begins: that can differ by language, or change later."""
KEY = "lesson_draft"


@dataclass
class Made:
    """The draft, with what this session alone knows.

    text: the visitor's own text that may travel, as (name of its chooser, how to find it again). travels: whether it
    does. run: the name of the run that may. models: whether its models travel with it. kept: the name under which the
    lesson is kept on the server, "" if it is not yet. replaced: whether steps have lost another text or run. loaded:
    the file that the draft was loaded from.
    """

    draft: Draft
    text: tuple[str, Any] | None = None
    run: str = ""
    models: bool = False
    kept: str = ""
    travels: bool = False
    replaced: bool = False
    loaded: Bundle | None = None

    @classmethod
    def of(cls, bundle: Bundle) -> Made:
        """The draft of a file, with all that it carries. A changed copy of a ready lesson is another lesson."""
        lesson = bundle.lesson
        if lesson.id in {one.name for one in ready()}:
            lesson = replace(lesson, id=f"{lesson.id}-{secrets.token_hex(2)}", place=0)
        text = (LABELLED.key, bundle) if lesson.data else None
        run = name_of(bundle) if lesson.run else ""
        return cls(Draft.of(lesson), text, run, travels=bool(text), loaded=bundle)

    def takes_text(self, name: str, found: Any) -> None:
        """This text may travel from now on. Another one's steps lose it: a lesson carries one, and none unasked."""
        if self.text is not None and self.text != (name, found):
            self.travels = False
            self.replaced |= self.draft.lose("data")
        self.text = name, found

    def takes_run(self, name: str) -> None:
        """The same for a run."""
        if self.run and self.run != name:
            self.draft.run = self.models = False
            self.replaced |= self.draft.lose("run")
        self.run = name

    def may_give_models(self) -> bool:
        """Models travel with all texts of their run: that is for who started it to say, or the texts are a sample."""
        run = Run.at(default_root(), self.run)
        if run is None:
            return False
        return run.config().data.source.startswith(PREFIX) or equal.started_by(run, visitor())

    def bundle(self) -> Bundle:
        """The lesson with what travels, checked. Raises InputError: those of `Draft.checked` and `Bundle.check`, and
        `own_text_gone`, `unknown_run`."""
        name, data = self.data() if self.travels and self.draft.uses("data") else ("", b"")
        self.draft.data = name
        return _checked(self.draft.checked(), data, self._recorded())

    def _recorded(self) -> bytes:
        """The run that travels, b"" for none. One that came with the file travels as it came."""
        if not self.draft.run or not self.draft.uses("run"):
            return b""
        if self.loaded is not None and self.loaded.run and self.run == name_of(self.loaded):
            return self.loaded.run
        run = find_run(default_root(), self.run)
        return _parcel(run, run.status().epoch, self.models and self.may_give_models())

    def data(self) -> tuple[str, bytes]:
        """Name and content of the file that may travel."""
        assert self.text is not None
        name, found = self.text
        if found is None:
            raise InputError("own_text_gone")
        if isinstance(found, Bundle):  # it came with another lesson
            return found.lesson.data, found.data
        chooser: Chooser[Any] = CORPUS if name == CORPUS.key else LABELLED
        upload = Upload.find(default_root(), found)
        reading = None if upload is None else upload.reading()
        if upload is None or reading is None:
            raise InputError("own_text_gone")
        content = upload.content()
        if reading.name and reading == LessonText.of(reading.name, content, chooser.purpose).reading:
            return _file_name(reading.name), content
        # Read in a way that its author has chosen: what was read travels, so that nobody has to choose again.
        config = replace(reading.config, max_tokens=chooser.max_tokens)
        _, dataset, _ = texts_of(OwnText(found, reading), config, 0, chooser.purpose)
        return "texts.csv", _table(dataset, labelled=chooser is LABELLED)


# The draft is drawn again after every field: what has not changed is neither packed nor checked again.
@st.cache_resource(show_spinner=False, max_entries=4, hash_funcs=BY_NAME)
def _parcel(run: Run, epoch: int, models: bool) -> bytes:
    buffer = io.BytesIO()
    export_run(run, buffer, models=models)
    return buffer.getvalue()


@st.cache_resource(show_spinner=False, max_entries=8)
def _checked(source: str, data: bytes, run: bytes) -> Bundle:
    bundle = Bundle(source, data, run)
    bundle.check()
    return bundle


def made() -> Made | None:
    """This session's draft."""
    found: Made | None = st.session_state.get(KEY)
    return found


def load(bundle: Bundle) -> None:
    """Makes the lesson this session's draft, in the place of the one before, and opens it."""
    st.session_state[KEY] = Made.of(bundle)
    st.session_state[carried.KEY], st.session_state["step"] = KEY, 1


def offer(page: str) -> None:
    """Draws the button at the end of a page, which leads to the draft; nothing where the page stands in a lesson, and
    for a participant of a class, who is to follow it."""
    if st.context.is_embedded or in_class.who():
        return
    now = made()
    steps = len(now.draft.steps) if now else 0
    with st.container(key="make_lesson", horizontal=True, horizontal_alignment="right"):
        label = t("draft.add", steps=steps) if steps else t("draft.make")
        st.button(
            plain(label), icon=":material/school:", type="tertiary", key="make_lesson_of_this",
            help=t("draft.make.help"), disabled=steps >= STEPS, on_click=_make, args=(page,),
        )  # fmt: skip


def _make(page: str) -> None:
    """Makes the page a step and goes to the draft."""
    try:
        _add(page)
    except InputError as error:  # the lesson that brought the run has just been deleted
        st.toast(plain(error.sentence(lang())), icon=":material/error:")
        return
    st.session_state[carried.KEY] = KEY
    lead_to("learn")


def _add(page: str) -> None:
    title = t(f"nav.{page}")
    now = made() or Made(Draft(lang(), t("draft.title.usual"), t("draft.goals.usual")))  # type: ignore[arg-type]
    now.draft.steps.append(DraftStep(title, Panel(page, _present(page, now), t("draft.label", page=title))))
    st.session_state[KEY] = now


def _present(page: str, now: Made) -> tuple[tuple[str, str], ...]:
    """What the page's address says, and what it leaves out as usual; own text and run become the lesson's."""
    state, query = st.session_state, st.query_params.to_dict()
    run = query.get("run") or state.get(f"{page}_run", "")
    said: dict[str, str] = {}
    for name, rule in rules()[page].items():
        value = query.get(name, "")
        if not value and name in SAID:
            chosen = state.get(name, "")
            value = ",".join(chosen) if isinstance(chosen, list) else str(chosen)
        if name in ("data", "corpus") and value in (OWN, "labelled", LESSON_WORD):
            value = _remember_text(name, value, now)
        if name == "run" and run:
            now.takes_run(carried.run().name if run == LESSON_WORD else run)
            value = LESSON_WORD
        if value and rule(value):
            said[name] = value
    if not run:
        # The views are those of a run.
        said = {name: value for name, value in said.items() if name not in ("view", "mlm_view", "task_view")}
    return tuple(said.items())


def _remember_text(name: str, value: str, now: Made) -> str:
    if value == LESSON_WORD:
        now.takes_text(name, carried.carrier())
    else:
        chooser: Chooser[Any] = CORPUS if name == CORPUS.key and value == OWN else LABELLED
        if own := chooser.own():
            now.takes_text(chooser.key, own.key)
    return LESSON_WORD


def _table(dataset: Dataset, *, labelled: bool) -> bytes:
    """The texts that are used, as a CSV file that is read as the same data set."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(["text", *(["label"] if labelled else []), *(["split"] if dataset.given is not None else [])])
    for place, text in enumerate(dataset.texts):
        label = [dataset.classes[dataset.labels[place]]] if labelled else []
        part = [] if dataset.given is None else [PARTS[dataset.given[place]] if dataset.given[place] >= 0 else ""]
        writer.writerow([text, *label, *part])
    return buffer.getvalue().encode()


def _file_name(name: str) -> str:
    """The name under which a file travels: a plain one."""
    if re.fullmatch(FILE_NAME, name):
        return name
    ending = re.search(r"\.[A-Za-z0-9]{1,8}$", name)
    return f"texts{ending[0] if ending else '.csv'}"
