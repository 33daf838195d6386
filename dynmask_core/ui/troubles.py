"""What goes wrong while a page is drawn and is not the page's fault: bad input, a damaged file, a disk that refuses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from dynmask_core.errors import InputError, of_system
from dynmask_core.runs import files
from dynmask_core.ui.i18n import lang, plain


@contextmanager
def told() -> Iterator[None]:
    """Around a part of a page: what goes wrong in it is a sentence in its place, and the other parts are drawn."""
    try:
        yield
    except InputError as error:
        _say(error)
    except OSError as error:
        _say(of_system(error, files.told))


def _say(error: InputError) -> None:
    st.error(plain(error.sentence(lang())), icon=":material/error:")
