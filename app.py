"""The frame: page settings, language, navigation. Start it with `streamlit run app.py`."""

if __name__ == "__main__":  # a page is drawn
    import streamlit as st

    from dynmask_core.ui import frame
    from dynmask_core.ui.keeper import keeper
    from dynmask_core.ui.workers import queue

    st.set_page_config(page_title="DynMask", page_icon=frame.ICON, layout="wide")
    keeper(queue())  # worker processes need seconds to load torch: start them early
    frame.run()
else:  # Streamlit's server is started: it finds the name `app`
    from starlette.middleware import Middleware
    from streamlit.starlette import App

    from dynmask_core.ui.server import check, lifespan
    from dynmask_core.ui.web.serving import Served

    check()
    app = App(__file__, lifespan=lifespan, middleware=[Middleware(Served)])
