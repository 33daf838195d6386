"""Home: a finished run plays at once; the user's first own run is two clicks away."""

from __future__ import annotations

import streamlit as st

from dynmask_core.ui import demo, first_masks
from dynmask_core.ui.components.page_of_text import STRING_KEYS as PAGE_STRINGS
from dynmask_core.ui.components.page_of_text import page_of_text
from dynmask_core.ui.components.player import STRING_KEYS, mask_player
from dynmask_core.ui.components.tour import tour
from dynmask_core.ui.frame import go_to, read_lesson, require_frame
from dynmask_core.ui.i18n import lang, t, templates
from dynmask_core.ui.look_here import look_here, telling

require_frame(__file__)

st.title(t("home.title"))
st.markdown(t("home.what"))
with st.container(horizontal=True, key="home_actions"):
    if st.button(t("home.train"), type="primary", icon=":material/play_arrow:", key="go_train"):
        demo.take_settings(lang())
        go_to("train")
    if st.button(t("home.own"), icon=":material/upload_file:", key="go_data"):
        go_to("data")
    if st.button(t("home.mask"), icon=":material/school:", key="go_learn"):
        read_lesson(first_masks.LESSON)
tour("home")

view = demo.view(lang())
st.header(t("home.demo"), anchor=False)
pictures = demo.pictures(lang())
order = [telling(pictures), *(i for i in range(len(pictures)) if i != telling(pictures))]
index = st.selectbox(
    t("probe.choose"), order, format_func=lambda i: view.probes[i].text, key="home_probe",
    label_visibility="collapsed",
)  # fmt: skip
st.text(look_here(pictures[index]))
mask_player(pictures[index], lang=lang(), strings=templates(STRING_KEYS), key=f"home_player_{lang()}")
st.caption(demo.caption(view))

st.header(t("home.second"), anchor=False)
corpus = demo.corpus(lang())
static, dynamic = (f"{share:.0%}" for share in corpus.ever[:, -1])
st.markdown(t("home.second.look", static=static, dynamic=dynamic))
page_of_text(
    corpus.page(0, 1, running=False), lang=lang(), strings=templates(PAGE_STRINGS), key=f"home_corpus_{lang()}"
)
if st.button(t("home.second.go"), icon=":material/password:", key="go_mlm"):
    go_to("mlm")

with st.expander(t("home.more_title")):
    st.markdown(t("home.more"))
