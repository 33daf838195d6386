"""Learn: the ready lessons, one of them step by step, alone or with a class, or the visitor's own as it is written."""

from __future__ import annotations

import streamlit as st

from dynmask_core.ui.frame import require_frame
from dynmask_core.ui.learn import editor, reader, shelf
from dynmask_core.ui.learn.classroom import place

require_frame(__file__)

st.session_state.pop("lesson_left", None)  # whoever is here has found the way back
if shelf.writing() or not place.drawn():
    bundle = shelf.opened()
    if bundle is not None:
        reader.read(bundle)
    elif shelf.writing():
        editor.edit()
    else:
        shelf.shelf()
