"""What is sent to a reader who watches a run from its start to its end."""

from __future__ import annotations

from collections.abc import Iterator

from playwright.sync_api import Browser

from dynmask_core.bench.serving import Server
from dynmask_core.bench.timing import Row
from dynmask_core.bench.ui.chrome import SETTLED, Wire, work
from dynmask_core.messages import catalogue
from dynmask_core.runs import Run
from dynmask_core.ui.components.player import STRING_KEYS, pack
from dynmask_core.ui.watch.run_view import RunView

RUN = "train?data=chinese_news&model=tiny&epochs=40&seed=11"
TIMES = 3.0
"""Goal: at most so many times what the finished picture takes."""


def measure(browser: Browser, server: Server) -> Iterator[Row]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    wire = Wire(page)
    page.goto(f"http://{server.host}/{RUN}")
    page.wait_for_function(SETTLED)
    page.wait_for_load_state("networkidle")
    wire.forget()
    before, worked = work(browser), server.cpu()
    page.locator(".st-key-do_start button:visible").click()
    page.locator(".st-key-outcome").wait_for(timeout=300_000)
    page.wait_for_load_state("networkidle")
    name = page.evaluate("new URLSearchParams(location.search).get('run')")
    view = RunView(Run(server.runs / name)).refresh()
    data = view.player(view.probes[0], running=False, language="en")
    once = len(pack(data, lang="en", strings={key: catalogue("en")[key] for key in STRING_KEYS}))
    note = (
        f"{wire.told()}; the finished picture takes {once / 1e6:.2f} MB; work {server.cpu() - worked:.2f} s server, "
        f"{work(browser) - before:.2f} s browser, for {len(view.epochs)} epochs"
    )
    share = TIMES * once / wire.total
    yield Row("bytes of a watched run", f"{TIMES:.0f} × its picture", share, (share, share), note)
    context.close()
