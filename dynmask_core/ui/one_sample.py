"""The sample on which the catalogue shows its masks: a sentence to type, or a picture or sound to choose or bring."""

from __future__ import annotations

import streamlit as st

from dynmask_core.data import Dataset
from dynmask_core.data.limits import MAX_BYTES
from dynmask_core.data.media import IMAGE, TEXT, is_readable, to_url
from dynmask_core.data.tokenize import Tokenizer
from dynmask_core.errors import InputError
from dynmask_core.training.probes import choose_probes
from dynmask_core.ui import shown
from dynmask_core.ui.components.thumbs import Thumb, choose_thumb
from dynmask_core.ui.i18n import helped, lang, plain, t

MAX_TYPED = 500
OFFERED = 8
"""So many samples of the data can be chosen."""
ENDINGS = {"png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "wav": "audio/wav"}
"""Of files that a reader may bring → media types."""


def choose(dataset: Dataset, name: str) -> str:
    """Draws the choice; returns the sample. name: of the data, in which a choice of before means nothing elsewhere."""
    if dataset.medium == TEXT:
        return _sentence(dataset)
    probes = choose_probes(dataset, 0, OFFERED)
    reader = shown.reader_of(dataset)
    left, right = st.columns([2, 1])
    with left:
        labels = [dataset.classes[probe.label] if probe.label is not None else "" for probe in probes]
        thumbs = [Thumb(shown.picture(reader, probe.text), label) for probe, label in zip(probes, labels, strict=True)]
        chosen = choose_thumb(thumbs, title=t("masks.sample"), of=name, key="masks_sample")
    with right:
        sample = _brought(dataset.medium) or probes[chosen].text
        shown.hear(sample)
        return sample


def units(dataset: Dataset, sample: str, tokenizer: str) -> list[str]:
    """What the sample's units are called."""
    if dataset.medium == TEXT:
        return Tokenizer(tokenizer).tokens(sample)  # type: ignore[arg-type]
    read = shown.reader_of(dataset).show(sample)
    return [read.text[start:end] for start, end in read.spans]


def _sentence(dataset: Dataset) -> str:
    usual = choose_probes(dataset, 0, 1)[0].text
    typed = st.text_input(
        t("masks.sentence"), key="masks_sentence", placeholder=usual, persist_state="session",
        help=helped("masks.sentence.help", "picture"),
    )  # fmt: skip
    return (typed or "").strip()[:MAX_TYPED] or usual


def _brought(medium: str) -> str:
    """A file of the reader's own as a sample; "" if there is none that can be read."""
    endings = [ending for ending, kind in ENDINGS.items() if kind.startswith("image/") == (medium == IMAGE)]
    label = t(f"masks.own.{medium}")
    file = st.file_uploader(label, type=endings, max_upload_size=MAX_BYTES // 2**20, key=f"masks_own_{medium}")
    if file is None:
        return ""
    sample = to_url(file.getvalue(), ENDINGS[file.name.rpartition(".")[2].lower()])
    if not is_readable(sample):
        st.error(plain(InputError("media_broken").sentence(lang())), icon=":material/error:")
        return ""
    return sample
