"""Which reader a file gets, and what a new format needs."""

from __future__ import annotations

import pandas as pd
import pytest

from dynmask_core.data import Table, build, guess, read_bytes
from dynmask_core.data import readers as package
from dynmask_core.data.readers import READERS
from dynmask_core.data.readers.source import Reader, Source
from dynmask_core.errors import InputError

BLOCKS = "%blocks\n" + "".join(f"{'ab'[i % 2]}> text number {i}\n" for i in range(20))


def test_no_two_readers_share_a_name_or_an_ending() -> None:
    names = [reader.format for reader in READERS]
    endings = [suffix for reader in READERS for suffix in reader.suffixes]
    assert len(set(names)) == len(names)
    assert len(set(endings)) == len(endings)
    assert all(suffix == suffix.casefold() and suffix.startswith(".") for suffix in endings)


def test_any_text_finds_a_reader() -> None:
    assert READERS[-1].is_text(Source("¿?".encode()))


def read_blocks(source: Source) -> Table:
    """A toy format: after a first line `%blocks`, lines of a label, `>` and a text."""
    rows = [line.split("> ") for line in source.lines()[1:]]
    frame = pd.DataFrame(rows, columns=["label", "text"], dtype=object)
    return Table(frame, "blocks", source.decoded.encoding, warnings=source.decoded.warnings)


@pytest.fixture
def blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = Reader("blocks", (".blocks",), read_blocks, is_text=lambda source: source.text.startswith("%blocks"))
    monkeypatch.setattr(package, "READERS", (reader, *READERS))


@pytest.mark.usefixtures("blocks")
@pytest.mark.parametrize("name", ["a.BLOCKS", "a.txt", ""])
def test_a_new_format_is_known_by_its_ending_and_by_its_text(name: str) -> None:
    table = read_bytes(BLOCKS.encode("utf-16"), name)
    assert (table.format, table.name, table.encoding, len(table)) == ("blocks", name, "utf-16", 20)
    columns = guess(table).columns
    assert (columns.text, columns.label) == ("text", "label")
    assert build(table)[0].classes == ("a", "b")


@pytest.mark.usefixtures("blocks")
def test_a_new_format_can_be_named_and_is_offered() -> None:
    assert read_bytes(BLOCKS.encode(), "a.csv", format="blocks").format == "blocks"
    with pytest.raises(InputError, match="blocks"):
        read_bytes(BLOCKS.encode(), format="bricks")


@pytest.mark.parametrize(("encoding", "doubtful"), [("utf-8", False), ("gb18030", True), ("cp1251", True)])
@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.txt"])
def test_every_reader_of_text_passes_on_that_its_encoding_is_a_guess(name: str, encoding: str, doubtful: bool) -> None:
    said = {"cp1251": "Отличный фильм и хорошая игра"}.get(encoding, "这家酒店的房间很大，服务也很好")
    lines = {"a.csv": f"text,label\n{said},1\n", "a.jsonl": f'{{"text": "{said}", "label": 1}}\n', "a.txt": said}
    table = read_bytes(lines[name].encode(encoding), name)
    assert [warning.code for warning in table.warnings] == ["encoding_guessed"] * doubtful
