"""Home: a finished run plays at once; the user's first own run is two clicks away."""

from __future__ import annotations

import streamlit as st

from dynmask_core.ui import demo
from dynmask_core.ui.components.player import STRING_KEYS, mask_player
from dynmask_core.ui.frame import go_to, require_frame
from dynmask_core.ui.i18n import lang, t, templates

require_frame(__file__)

st.title(t("home.title"))
st.markdown(t("home.what"))
with st.container(horizontal=True, key="home_actions"):
    if st.button(t("home.train"), type="primary", icon=":material/play_arrow:", key="go_train"):
        st.session_state["data"] = demo.SAMPLES[lang()]
        go_to("train")
    if st.button(t("home.own"), icon=":material/upload_file:", key="go_data"):
        go_to("data")

view = demo.view(lang())
st.subheader(t("home.demo"))
texts = range(len(view.probes))
index = st.selectbox(t("probe.choose"), texts, format_func=lambda i: view.probes[i].text, key="home_probe")
data = view.player(view.probes[index], running=False, autoplay=True)
mask_player(data, lang=lang(), strings=templates(STRING_KEYS), key=f"home_player_{lang()}")
st.caption(demo.caption(view))
with st.expander(t("home.more_title")):
    st.markdown(t("home.more"))
