"""The replay of a run: one page in two languages that asks for nothing outside itself."""

from __future__ import annotations

import base64
import gzip
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dynmask_core.cli.main import main
from dynmask_core.data import Dataset
from dynmask_core.errors import InputError
from dynmask_core.events import Probe
from dynmask_core.messages import catalogue
from dynmask_core.runs import Run, files
from dynmask_core.runs.store import export_run, open_export
from dynmask_core.ui.replay import STRINGS, replay

DEMO = Path(__file__).resolve().parents[2] / "dynmask_core" / "ui" / "demo_en.zip"
VOID = {"meta", "link", "img", "input", "br", "hr"}


class Page(HTMLParser):
    """Every element with its attributes, and the text of each kind of element; fails if they are not nested."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self.open: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open:
            self.texts.setdefault(self.open[-1], []).append(data)

    @property
    def book(self) -> dict[str, Any]:
        return json.loads(next(text for text in self.texts["script"] if text.startswith("{")))  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def html() -> str:
    return replay(open_export(DEMO))


@pytest.fixture(scope="module")
def page(html: str) -> Page:
    return Page(html)


def test_it_holds_both_languages_and_opens_in_the_one_asked_for(page: Page) -> None:
    parts = [attributes for _, attributes in page.found if "data-lang" in attributes]
    assert {part["data-lang"] for part in parts if "hidden" not in part} == {"en"}
    assert {part["data-lang"] for part in parts if "hidden" in part} == {"zh"}
    said = "".join(page.texts["p"])
    for lang in ("en", "zh"):
        assert catalogue(lang)["player.attention_caution"] in said
        assert page.book["strings"][lang] == {key: catalogue(lang)[key] for key in STRINGS}
    assert '<html lang="zh-Hans">' in replay(open_export(DEMO), "zh")


def test_it_can_load_nothing_from_anywhere(html: str, page: Page) -> None:
    (policy,) = [a["content"] for tag, a in page.found if tag == "meta" and a.get("http-equiv")]
    assert policy is not None
    rules = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert rules.pop("default-src") == "'none'"
    assert set(rules.values()) == {"'unsafe-inline'", "data:"}
    for tag, attributes in page.found:
        assert tag not in ("link", "iframe", "object", "embed", "base", "form"), tag
        assert not {"src", "href", "srcset", "action", "background"} & set(attributes)
    assert not re.search(r"@import|url\((?!data:)|\bfetch\(|XMLHttpRequest|WebSocket|\bimport\(", html)


def test_a_default_run_stays_under_five_megabytes(html: str) -> None:
    assert len(html.encode()) < 5_000_000


def test_every_recorded_sentence_is_there_with_the_numbers_of_the_run(page: Page) -> None:
    run = open_export(DEMO)
    listed = "".join(page.texts["option"])
    assert len(page.book["sentences"]) == len(run.probes())
    for index, (probe, packed) in enumerate(zip(run.probes(), page.book["sentences"], strict=True)):
        assert probe.text in listed
        sealed = gzip.decompress(base64.b64decode(packed))
        size = int.from_bytes(sealed[:4], "little")
        header, body = json.loads(sealed[4 : 4 + size]), sealed[4 + size :]
        arms, epochs, tokens = header["shape"][:3]
        last = np.frombuffer(body, dtype=np.uint8).reshape(epochs, -1)[-1]
        masks = last[: arms * tokens].reshape(arms, tokens)
        recorded = run.snapshot(run.epochs()[-1]).probe(index, run.config().arms[1])
        assert recorded is not None
        np.testing.assert_allclose(masks[1] / 255, recorded.mask, atol=0.003)


def test_it_says_the_scores_and_what_they_show(page: Page) -> None:
    result = open_export(DEMO).result()
    assert result is not None
    cells, said = page.texts["td"], "".join(page.texts["p"] + page.texts["strong"])
    for arm in result["arms"]:
        assert cells.count(f"{arm['test']['f1']:.1%}") >= 2  # once per language
        assert f"{arm['name']} {arm['test']['accuracy']:.1%}" in said
    assert "chance" in said
    assert "偶然" in said


def test_what_users_wrote_stays_text(dataset: Dataset, settings: Any, tmp_path: Path) -> None:
    nasty = "</script><script>window.hurt = 1</script><img src=x onerror=alert(1)>"
    run = Run.create(tmp_path / "nasty", settings("none"), dataset)
    export_run(open_copy(run, nasty), tmp_path / "run.zip")
    page = Page(replay(open_export(tmp_path / "run.zip")))
    assert nasty in "".join(page.texts["option"])
    assert [tag for tag, _ in page.found].count("script") == 2
    assert not [tag for tag, _ in page.found if tag == "img"]


def open_copy(run: Run, sentence: str) -> Run:
    """Trains the run with a recorded sentence of the reader's."""
    from dynmask_core.jobs import execute

    run.add_probe(sentence)
    execute(run.path)
    stored = [vars(Probe(**probe)) for probe in files.read_json(run.path / "probes.json")]
    assert sentence in [probe["text"] for probe in stored]
    return run


def test_a_run_that_has_recorded_nothing_has_no_replay(dataset: Dataset, settings: Any, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="recorded nothing"):
        replay(Run.create(tmp_path, settings("none"), dataset))


def test_the_command_writes_the_replay(finished_run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    where = ["--runs-dir", str(finished_run.path.parent)]
    target = tmp_path / "run.html"
    assert main(["runs", "export", finished_run.name, "--to", str(target), *where]) == 0
    assert Page(target.read_text(encoding="utf-8")).book["sentences"]
    assert main(["runs", "export", finished_run.name, "--to", str(tmp_path / "run.docx"), *where]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
