"""One reader of the app without a browser: speaks with the server as Streamlit's own page does, and draws nothing.

So thirty of them take a few per cent of a core, and what is measured is the server. A browser takes its share on the
reader's own machine.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
import urllib.request
from collections.abc import AsyncIterator
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

PATIENCE = 300.0
"""Seconds after which an answer is given up."""


class Reader:
    """A session on the server at `host` ("localhost:8501"). Answers the server's timers as a page does.

    cookie: of an earlier Reader, who comes back as the same visitor; "" for a new one.
    """

    def __init__(self, host: str, cookie: str = "") -> None:
        self.host = host
        self.cookie = cookie
        self.received = bytearray()
        """All that the server has sent."""
        self.query = ""
        self._page_hash = ""
        self._widgets: dict[str, tuple[str, str]] = {}
        self._values: dict[str, WidgetState] = {}
        self._timers: dict[str, asyncio.Task[None]] = {}
        self._finished = asyncio.Condition()
        self._drawn = 0

    @contextlib.asynccontextmanager
    async def visit(self, page: str, query: str) -> AsyncIterator[Reader]:
        """Opens a page; ends when it is left. The page is ready when `settled` returns."""
        from websockets.asyncio.client import connect
        from websockets.typing import Subprotocol

        self.cookie = self.cookie or await asyncio.to_thread(self._new_cookie)
        async with connect(
            f"ws://{self.host}/_stcore/stream", subprotocols=[Subprotocol("streamlit")], max_size=None, max_queue=None,
            additional_headers={"Cookie": self.cookie}, ping_interval=None, open_timeout=PATIENCE,
        ) as self._socket:  # fmt: skip
            self._hearing = asyncio.create_task(self._hear())
            self._hearing.add_done_callback(lambda _: asyncio.ensure_future(self._tell()))
            try:
                self.query = query
                await self._send(page=page)
                yield self
            finally:
                for task in (self._hearing, *self._timers.values()):
                    task.cancel()

    async def settled(self, quiet: float = 0.4) -> float:
        """Waits until the server has drawn the whole page, and did not draw it again for `quiet` seconds; returns when
        that was, in seconds of `time.monotonic`."""
        async with asyncio.timeout(PATIENCE):
            while True:
                await self._drawn_after(0)
                drawn, at = self._drawn, time.monotonic()
                await asyncio.sleep(quiet)
                if drawn == self._drawn:
                    return at

    async def click(self, key: str) -> float:
        """Presses the button `key`; returns the seconds until the server has drawn the whole page anew."""
        return await self._act(key, trigger_value=True)

    async def type(self, key: str, text: str) -> float:
        """Writes into the text field `key`; as `click`."""
        return await self._act(key, string_value=text)

    def has(self, key: str) -> bool:
        """Whether the page has a widget `key`."""
        return key in self._widgets

    async def _act(self, key: str, **value: Any) -> float:
        name, fragment = self._widgets[key]
        began, before = time.monotonic(), self._drawn
        await self._send(WidgetState(id=name, **value), fragment=fragment)
        async with asyncio.timeout(PATIENCE):
            await self._drawn_after(before)
        return time.monotonic() - began

    async def _drawn_after(self, number: int) -> None:
        """Waits until the page was drawn more than `number` times. Raises ConnectionError if the server has gone."""
        async with self._finished:
            await self._finished.wait_for(lambda: self._drawn > number or self._hearing.done())
        if self._hearing.done():
            raise ConnectionError from self._hearing.exception()

    async def _send(
        self, widget: WidgetState | None = None, *, page: str = "", fragment: str = "", timer: bool = False
    ) -> None:
        message = BackMsg()
        state = message.rerun_script
        state.query_string, state.page_name, state.page_script_hash = self.query, page, self._page_hash
        state.fragment_id, state.is_auto_rerun = fragment, timer
        state.context_info.locale, state.context_info.url = "en", f"http://{self.host}/{page}"
        if widget is not None and not widget.trigger_value:
            self._values[widget.id] = widget
        state.widget_states.widgets.extend(self._values.values())
        if widget is not None and widget.trigger_value:
            state.widget_states.widgets.append(widget)
        from websockets.exceptions import ConnectionClosed

        try:
            await self._socket.send(message.SerializeToString())
        except ConnectionClosed as error:
            raise ConnectionError from error

    async def _hear(self) -> None:
        async for data in self._socket:
            assert isinstance(data, bytes)
            self.received += data
            message = ForwardMsg.FromString(data)
            match message.WhichOneof("type"):
                case "new_session" if not message.metadata.run.fragment_ids:  # the whole page is drawn: its timers end
                    for fragment in list(self._timers):
                        self._stop_timer(fragment)
                case "navigation":  # not new_session: that may name the script of the whole app
                    self._page_hash = message.navigation.page_script_hash
                case "page_info_changed":
                    self.query = message.page_info_changed.query_string
                case "delta":
                    self._note(message.delta)
                case "auto_rerun":
                    self._set_timer(message.auto_rerun.fragment_id, message.auto_rerun.interval)
                case "stop_auto_rerun":
                    for fragment in message.stop_auto_rerun.fragment_ids:
                        self._stop_timer(fragment)
                case "script_finished" if message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
                    self._drawn += 1
                    await self._tell()

    async def _tell(self) -> None:
        async with self._finished:
            self._finished.notify_all()

    def _note(self, delta: Any) -> None:
        """Remembers the widgets of a new element by their keys; Streamlit writes these at the end of their names."""
        if delta.WhichOneof("type") != "new_element":
            return
        element = getattr(delta.new_element, delta.new_element.WhichOneof("type") or "", None)
        name = str(getattr(element, "id", ""))
        if name.startswith("$$"):
            self._widgets[name.split("-", 2)[-1]] = name, delta.fragment_id

    def _set_timer(self, fragment: str, interval: float) -> None:
        async def tick() -> None:
            while True:
                await asyncio.sleep(interval)
                await self._send(fragment=fragment, timer=True)

        self._stop_timer(fragment)
        self._timers[fragment] = asyncio.create_task(tick())

    def _stop_timer(self, fragment: str) -> None:
        if old := self._timers.pop(fragment, None):
            old.cancel()

    def _new_cookie(self) -> str:
        """What tells this browser from others, see `ui.visitor`."""
        with urllib.request.urlopen(f"http://{self.host}/_stcore/health", timeout=PATIENCE) as answer:
            return str(answer.headers.get("Set-Cookie", "")).partition(";")[0]
