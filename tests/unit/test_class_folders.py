"""Pictures and sounds that people bring: a zip with a folder for each class."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from dynmask_core.cli import main
from dynmask_core.config import MAX_SIDE
from dynmask_core.data import build, media, read_bytes
from dynmask_core.data.media import content_of, pixels_of, sound_of
from dynmask_core.data.readers import class_folders
from dynmask_core.errors import InputError


def picture(seed: int = 0, size: tuple[int, int] = (12, 12), format: str = "PNG", mode: str = "RGB") -> bytes:
    """A picture whose left half is bright for even seeds, the right one for odd ones."""
    pixels = np.random.default_rng(seed).integers(0, 90, (size[1], size[0], 3), dtype=np.uint8)
    half = slice(None, size[0] // 2) if seed % 2 == 0 else slice(size[0] // 2, None)
    pixels[:, half] += 150
    file = io.BytesIO()
    PIL.Image.fromarray(pixels).convert(mode).save(file, format)
    return file.getvalue()


def sound(seed: int = 0) -> bytes:
    wave = np.random.default_rng(seed).integers(-999, 999, 400, dtype=np.int16)
    return content_of(sound_of(wave, 8000))


def zipped(members: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


class OfWindows(zipfile.ZipInfo):
    """A file whose name is written as Windows does in China: not in UTF-8, and nothing says so."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:
        return self.filename.encode("gb18030"), 0


def two_classes(count: int = 40, before: str = "") -> dict[str, bytes]:
    return {f"{before}{('left', 'right')[i % 2]}/{i}.png": picture(i) for i in range(count)}


@pytest.mark.parametrize("before", ["", "pets/", "a/b/"])
def test_folders_are_classes_whatever_lies_around_them(before: str) -> None:
    table = read_bytes(zipped(two_classes(6, before)), "pets.zip")
    assert (table.columns, table.warnings) == (["image", "label", "file"], ())
    assert sorted(table.cells("label")) == ["left"] * 3 + ["right"] * 3
    row = table.cells("file").index(f"{before}left/4.png")
    assert content_of(table.cells("image")[row]) == picture(4)


def test_train_and_test_folders_are_a_split() -> None:
    members = {**two_classes(8, "set/train/"), **two_classes(8, "set/test/")}
    table = read_bytes(zipped(members), "set.zip")
    assert sorted(set(zip(table.cells("split"), table.cells("label"), strict=True))) == [
        ("test", "left"), ("test", "right"), ("train", "left"), ("train", "right"),
    ]  # fmt: skip
    dataset, report = build(table)
    assert report.columns.split == "split"
    assert len(dataset.rows("test")) == 8


def test_sounds_are_read_as_they_are() -> None:
    table = read_bytes(zipped({f"{'ab'[i % 2]}/{i}.WAV": sound(i) for i in range(8)}), "words.zip")
    assert table.columns == ["sound", "label", "file"]
    assert content_of(table.cells("sound")[0]) == sound(0)
    assert build(table)[0].medium == "sound"


@pytest.mark.parametrize("format", ["PNG", "JPEG", "GIF", "BMP", "WEBP"])
def test_large_pictures_are_made_smaller_and_keep_their_proportions(format: str) -> None:
    members = {f"{'ab'[i % 2]}/{i}.{format.lower()}": picture(i, (300, 150), format) for i in range(4)}
    for sample in read_bytes(zipped(members), "a.zip").cells("image"):
        assert pixels_of(sample).shape[:2] == (MAX_SIDE // 2, MAX_SIDE)


def test_a_picture_stands_as_the_camera_was_held_and_has_a_white_ground() -> None:
    turned, clear, deep = io.BytesIO(), io.BytesIO(), io.BytesIO()
    exif = PIL.Image.Exif()
    exif[0x0112] = 6
    PIL.Image.new("L", (40, 20)).save(turned, "JPEG", exif=exif)
    PIL.Image.new("RGBA", (4, 4), (0, 0, 0, 0)).save(clear, "PNG")
    PIL.Image.fromarray(np.full((4, 4), 32768, dtype=np.uint16)).save(deep, "PNG")
    members = {"a/1.jpg": turned.getvalue(), "a/2.png": clear.getvalue(), "b/3.png": deep.getvalue()}
    found = list(map(pixels_of, read_bytes(zipped(members), "a.zip").cells("image")))
    assert found[0].shape == (40, 20)
    assert (found[1] == 255).all()
    assert (found[2] == 127).all()


def test_what_is_no_sample_is_left_out_and_said() -> None:
    good = two_classes(20)
    odd = {
        "left/broken.png": picture()[:60],
        "right/text.jpg": b"no picture",
        "right/notes.md": b"of Ann",
        "cover.png": picture(),
        "left/.hidden.png": b"",
        "__MACOSX/left/._1.png": b"",
        "right/Thumbs.db": b"",
    }
    table = read_bytes(zipped({**good, **odd}), "a.zip")
    assert {warning.code: warning.params["files"] for warning in table.warnings} == {
        "media_broken": 2,
        "media_others": 1,
        "media_loose": 1,
    }
    assert "left/broken.png" in table.warnings[0].text()
    dataset, report = build(table)
    assert (len(dataset), report.dropped) == (20, {"media_broken": 2})


def test_names_that_windows_wrote_in_chinese_are_read() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for i, name in enumerate(["小猫图片", "小狗图片"] * 4):
            archive.writestr(OfWindows(f"{name}/{i}.png"), picture(i))
    assert set(read_bytes(file.getvalue(), "a.zip").cells("label")) == {"小猫图片", "小狗图片"}


@pytest.mark.parametrize(
    ("code", "members"),
    [
        ("media_mixed", {**two_classes(4), "left/1.wav": sound()}),
        ("media_all_broken", {"a/1.png": b"1", "b/2.png": b"2"}),
        ("unpacked_too_large", {f"{i % 2}/{i}.wav": b"\0" * (15 * 2**20) for i in range(8)}),
    ],
)
def test_a_zip_that_cannot_be_read_is_refused(code: str, members: dict[str, bytes]) -> None:
    with pytest.raises(InputError) as told:
        read_bytes(zipped(members), "a.zip")
    assert told.value.code == code


def test_pictures_are_not_decoded_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    file = io.BytesIO()
    PIL.Image.new("1", (8000, 8000)).save(file, "PNG")
    members = zipped({**two_classes(4), "left/bomb.png": file.getvalue()})
    assert "left/bomb.png" in read_bytes(members, "a.zip").warnings[0].text()
    monkeypatch.setattr(media, "MAX_DECODED", 500)
    monkeypatch.setattr(class_folders, "MAX_FILES", 5)
    with pytest.raises(InputError) as told:
        read_bytes(zipped(two_classes(5)), "a.zip")
    assert told.value.code == "pictures_too_large"
    with pytest.raises(InputError) as told:
        read_bytes(zipped(two_classes(6)), "a.zip")
    assert told.value.code == "too_many_files"


@pytest.mark.parametrize("folder", ["", "cat/"])
def test_pictures_without_classes_can_be_answered_but_not_learned(folder: str) -> None:
    table = read_bytes(zipped({f"{folder}{i}.png": picture(i) for i in range(9)}), "a.zip")
    assert "label" not in table.columns
    with pytest.raises(InputError) as told:
        build(table)
    assert told.value.code == "media_without_classes"


def test_a_table_with_some_pictures_beside_it_is_still_a_table() -> None:
    csv = b"text,label\n" + b"".join(b"some words %d,%d\n" % (i, i % 2) for i in range(20))
    table = read_bytes(zipped({"a.csv": csv, "logo/1.png": picture(), "logo/2.png": picture()}), "a.zip")
    assert table.format == "csv"


def test_a_zip_and_a_table_of_pictures_go_through_all_commands(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def told(*arguments: str) -> dict:  # type: ignore[type-arg]
        assert main([*arguments, "--json"]) == 0
        return json.loads(capsys.readouterr().out.splitlines()[-1])  # type: ignore[no-any-return]

    packed, table, answers = tmp_path / "sides.zip", tmp_path / "sides.csv", tmp_path / "answers.csv"
    packed.write_bytes(zipped({**two_classes(48), "left/broken.png": b"no"}))
    read_bytes(packed.read_bytes(), packed.name).frame[["image", "label"]].to_csv(table, index=False)
    account = told("data", str(packed))
    assert (account["medium"], account["rows"], account["dropped"]) == ("image", 48, {"media_broken": 1})
    assert account["image"] == {
        "smallest": [12, 12], "largest": [12, 12], "read_at": [12, 12], "channels": 3, "patch": [2, 2], "patches": 36,
    }  # fmt: skip
    assert not {"vocabulary", "lengths", "truncated"} & set(account)
    assert told("data", str(table))["classes"] == account["classes"] == {"left": 24, "right": 24}
    size = ("--epochs", "5", "--model", "tiny", "--runs-dir", str(tmp_path))
    run = told("train", str(packed), "--arms", "none", *size)["run"]
    assert told("predict", run, str(packed), "--to", str(answers), "--runs-dir", str(tmp_path))["empty"] == 1
    rows = answers.read_text("utf-8-sig").splitlines()
    assert sum(line.startswith("left/") and ",left," in line for line in rows) > 20
    assert "left/broken.png,," in rows
    assert told("predict", run, str(table), "--runs-dir", str(tmp_path))["answers"][0]["text"] == "1"
