"""Scripts that browsers keep: compressed once, under names that change with them; nothing else is answered for."""

from __future__ import annotations

import gzip
import re
from typing import Any

import pytest
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient

from dynmask_core.ui.web import serving
from dynmask_core.ui.web.serving import Served, offer


@pytest.fixture
def client() -> TestClient:
    return TestClient(Served(PlainTextResponse("from the app")))


def path_of(address: str) -> str:
    found = re.search(r'"\.\./([^"]+)"', address)
    assert found
    return f"/static/{found[1]}"


def test_a_script_of_the_app_is_served_for_good_under_a_name_of_its_content(client: TestClient) -> None:
    first, other = path_of(offer("one", "let a = 1;")), path_of(offer("one", "let a = 2;"))
    assert first != other
    for at in (first, f"/some/base{first}"):
        answer = client.get(at)
        assert answer.text == "let a = 1;"
        assert answer.headers["content-type"].startswith("text/javascript")
        assert answer.headers["content-encoding"] == "gzip"
        assert "immutable" in answer.headers["cache-control"]
    plain = client.get(other, headers={"accept-encoding": "identity"})
    assert (plain.text, plain.headers.get("content-encoding")) == ("let a = 2;", None)


def test_streamlits_own_scripts_are_compressed_once(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    packed = []

    def pack(content: bytes, **settings: Any) -> bytes:
        packed.append(content)
        return compress(content, **settings)

    compress = gzip.compress
    monkeypatch.setattr(serving.gzip, "compress", pack)
    serving._packed.cache_clear()
    name, file = next(iter(Served(PlainTextResponse("")).files.items()))
    for _ in range(3):
        assert client.get(f"/static/{name}").content == file.read_bytes()
    assert len(packed) == 1


@pytest.mark.parametrize(
    "path", ["/static/../../app.py", "/static/dynmask/none.js", "/static/js/none.js", "/media/static/", "/"]
)
def test_all_else_goes_on_to_the_app(client: TestClient, path: str) -> None:
    assert client.get(path).text == "from the app"
