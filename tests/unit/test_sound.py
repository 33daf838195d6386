"""Sounds: files of every kind, spoken words and noise, and the units that models read."""

from __future__ import annotations

import hashlib
import io
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.io import wavfile
from small_media import few_words

from dynmask_core.config import DataConfig
from dynmask_core.data import build, list_samples, load_sample
from dynmask_core.data.media import SOUND, content_of, is_readable, open_picture, sound_of, to_url, wave_of
from dynmask_core.data.sound.features import BANDS, decibels, ideal_ratio, normalised, power_of
from dynmask_core.data.sound.noise import NOISES, noise, scaled
from dynmask_core.data.sound.voice import WORDS, speaker, spoken
from dynmask_core.data.sound.words import CLEAN, RATE
from dynmask_core.data.table import Table
from dynmask_core.errors import InputError
from dynmask_core.inputs.sound import Sound
from dynmask_core.keys import generator
from dynmask_core.messages import told

ROOT = Path(__file__).resolve().parents[2]
TONE = np.sin(2 * np.pi * 440 * np.arange(4000) / RATE)


def file_of(values: np.ndarray, rate: int = RATE) -> bytes:
    written = io.BytesIO()
    wavfile.write(written, rate, values)
    return written.getvalue()


def of_24_bits(values: np.ndarray) -> bytes:
    raw = b"".join(struct.pack("<i", value)[:3] for value in (values * (2**23 - 1)).astype(np.int32))
    form = struct.pack("<IHHIIHH", 16, 1, 1, RATE, RATE * 3, 3, 24)
    return b"RIFF" + struct.pack("<I", 36 + len(raw)) + b"WAVEfmt " + form + b"data" + struct.pack("<I", len(raw)) + raw


GOOD = file_of((TONE * (2**15 - 1)).astype(np.int16))
KINDS = {
    "8 bits": file_of((TONE * 127 + 128).astype(np.uint8)),
    "16 bits": GOOD,
    "24 bits": of_24_bits(TONE),
    "32 bits": file_of((TONE * (2**31 - 1)).astype(np.int32)),
    "float": file_of(TONE.astype(np.float32)),
    "double": file_of(TONE),
    "stereo": file_of(np.stack([TONE, TONE], 1).astype(np.float32)),
    "streamed": GOOD[:4] + b"\xff\xff\xff\xff" + GOOD[8:40] + b"\xff\xff\xff\xff" + GOOD[44:],
    "no length": GOOD[:40] + b"\0\0\0\0" + GOOD[44:],
    "too long a length": GOOD[:40] + struct.pack("<I", 10**9) + GOOD[44:],
    "a chunk before": GOOD[:12] + b"JUNK" + struct.pack("<I", 10) + b"x" * 10 + GOOD[12:],
}


@pytest.mark.parametrize("kind", KINDS)
def test_files_of_every_kind_sound_alike(kind: str) -> None:
    wave, rate = wave_of(to_url(KINDS[kind], "audio/wav"))
    assert rate == RATE
    np.testing.assert_allclose(wave, TONE, atol=0.02)


@pytest.mark.parametrize("end", [3000, 3001])
def test_a_file_that_was_cut_is_read_as_far_as_it_goes(end: int) -> None:
    wave, _ = wave_of(to_url(GOOD[:end], "audio/wav"))
    np.testing.assert_allclose(wave, TONE[: len(wave)], atol=0.01)
    assert len(wave) == (end - 44) // 2


@pytest.mark.parametrize(
    "content",
    [
        b"", b"ID3" + b"x" * 100, GOOD[:20], GOOD[:24] + b"\0\0\0\0" + GOOD[28:], GOOD[:22] + b"\0\0" + GOOD[24:],
        GOOD[:24] + struct.pack("<I", 4 * 10**9) + GOOD[28:],
        GOOD[:12] + b"JUNK" + struct.pack("<I", 2**31) + b"x" * 10 + GOOD[12:],
    ],
    ids=["nothing", "no WAV", "half a header", "no rate", "no channels", "rate of a radar", "endless chunk"],
)  # fmt: skip
def test_what_is_no_sound_is_refused(content: bytes) -> None:
    assert not is_readable(to_url(content, "audio/wav"))
    with pytest.raises(InputError, match="decoded"):
        wave_of(to_url(content, "audio/wav"))


def test_values_that_are_no_numbers_are_silence() -> None:
    wave, _ = wave_of(to_url(file_of(np.array([0.5, np.nan, np.inf, -0.5], dtype=np.float32)), "audio/wav"))
    assert wave.tolist() == [0.5, 0.0, 0.0, -0.5]


def test_sounds_that_cannot_be_read_are_counted_and_left_out() -> None:
    frame = few_words().frame.copy()
    frame.loc[0, "sound"] = to_url(b"no", "audio/wav")
    frame.loc[1, "sound"] = to_url(file_of(np.zeros(0, dtype=np.int16)), "audio/wav")
    dataset, report = build(Table(frame, "wav", name="some"))
    assert dataset.medium == SOUND
    assert report.dropped == {"media_broken": 1, "no_tokens": 1}


@pytest.mark.parametrize("kind", NOISES)
@pytest.mark.parametrize("level", [-5, 0, 7.5, 20])
def test_noise_is_as_far_from_the_sound_as_asked(kind: str, level: float) -> None:
    said = spoken("iau", speaker(3), generator(0, "test"), RATE)
    added = scaled(said, noise(kind, len(said), RATE, generator(1, kind)), level)
    assert 10 * np.log10((said**2).sum() / (added**2).sum()) == pytest.approx(level, abs=0.01)


@pytest.fixture(scope="module")
def table() -> Table:
    return load_sample("spoken_words")


def test_the_sample_has_the_noise_that_it_names_and_new_voices_in_the_test(table: Table) -> None:
    frame = table.frame
    assert [sample.name for sample in list_samples(SOUND)] == ["spoken_words"]
    assert sum(map(len, frame["sound"])) + sum(map(len, table.targets or [])) < 12e6
    parts = frame.groupby("speaker")["split"].nunique()
    assert (parts == 1).all()
    assert set(frame["split"]) == {"train", "validation", "test"}
    assert (frame.groupby(["label", "snr"]).size().unstack() >= 19).all(axis=None)
    assert table.targets is not None
    for row in np.flatnonzero(frame["split"] == "test")[::17]:
        clean, _ = wave_of(table.targets[row])
        heard, _ = wave_of(frame["sound"][row])
        # Both are as loud as a file can be: the share of the clean sound in what is heard comes from a projection.
        left = heard - clean * (heard @ clean) / (clean @ clean)
        measured = 10 * np.log10(((heard - left) ** 2).sum() / max((left**2).sum(), 1e-12))
        if frame["snr"][row] == CLEAN:
            assert measured > 60
        else:
            assert measured == pytest.approx(float(frame["snr"][row]), abs=0.7)


def test_the_label_is_guessed_and_noise_and_speaker_are_not_learned(table: Table) -> None:
    dataset, report = build(table)
    assert dataset.classes == tuple(sorted(WORDS))
    assert report.columns.label == "label"
    assert dataset.targets is not None
    tested = set(dataset.rows("test").tolist())
    assert all(bool(target) == (row in tested) for row, target in enumerate(dataset.targets))


def test_words_and_noise_are_the_same_in_every_process() -> None:
    code = (
        "import hashlib, numpy as np\n"
        "from dynmask_core.data.sound.noise import NOISES, noise\n"
        "from dynmask_core.data.sound.voice import speaker, spoken\n"
        "from dynmask_core.data.sound.words import as_file\n"
        "from dynmask_core.keys import generator\n"
        "said = [as_file(spoken('uei', speaker(5), generator(3), 8000))]\n"
        "said += [as_file(noise(kind, 3000, 8000, generator(4))) for kind in NOISES]\n"
        "print(hashlib.sha256(''.join(said).encode()).hexdigest())"
    )
    from dynmask_core.data.sound.words import as_file

    said = [as_file(spoken("uei", speaker(5), generator(3), RATE))]
    said += [as_file(noise(kind, 3000, RATE, generator(4))) for kind in NOISES]
    here = hashlib.sha256("".join(said).encode()).hexdigest()
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == here


def reader(**settings: int) -> Sound:
    return Sound(DataConfig("sounds", **settings))  # type: ignore[arg-type]


def test_loudness_does_not_count_and_a_tone_is_in_its_band() -> None:
    quiet, loud = (sound_of(np.rint(TONE * peak).astype(np.int16), RATE) for peak in (3000, 30_000))
    np.testing.assert_allclose(reader().read(quiet), reader().read(loud), atol=0.02)
    low, high = (power_of(np.sin(2 * np.pi * hertz * np.arange(4000) / RATE), RATE).mean(0) for hertz in (300, 2500))
    assert low.argmax() < high.argmax()
    assert low.max() > 100 * np.median(low)


def test_silence_and_the_shortest_sounds_have_units() -> None:
    for values in (np.zeros(4000), np.zeros(1), np.ones(1), np.zeros(0), np.full(3000, 2**15 - 1)):
        sound = sound_of(values.astype(np.int16), RATE)
        units = reader().read(sound)
        assert len(units) >= 2
        assert np.isfinite(units).all()
        assert len(reader().show(sound).spans) == len(units) - 1


def test_the_same_sound_at_another_rate_reads_alike() -> None:
    at_44100 = np.sin(2 * np.pi * 440 * np.arange(22_050) / 44_100)
    one, other = (reader().read(sound_of((wave * 20_000).astype(np.int16), rate))
                  for wave, rate in ((TONE, RATE), (at_44100, 44_100)))  # fmt: skip
    assert one.shape == other.shape
    # In the middle, where neither the beginning nor the end of the filter is heard.
    assert np.corrcoef(one[5:-5].ravel(), other[5:-5].ravel())[0, 1] > 0.9


def test_long_sounds_are_cut_and_that_is_said() -> None:
    long = sound_of((np.random.default_rng(0).normal(size=60 * RATE) * 3000).astype(np.int16), RATE)
    short = sound_of((TONE * 20_000).astype(np.int16), RATE)
    made = reader(**Sound.measured([short, short, long]))
    assert made.longest == pytest.approx(15.36)
    assert len(made.read(long)) == 129
    assert "1 sounds" in told(made.shortened([short, long]))
    assert not made.shortened([short])
    assert Sound.described(made.config, [short, long])["cut"] == 1


def test_the_picture_has_a_column_for_every_unit_and_plays_the_sound() -> None:
    sound = few_words().frame["sound"][0]
    shown = reader().show(sound)
    assert shown.picture is not None
    assert (shown.picture.rows, shown.picture.columns) == (1, len(shown.spans))
    assert shown.picture.sound == sound
    width, height = open_picture(content_of(shown.picture.url)).size
    assert height % BANDS == 0
    assert width % len(shown.spans) == 0
    assert shown.text.split(" s")[:3] == ["0.00", " 0.03", " 0.06"]
    assert len(reader().show(sound, 3).spans) == 3


def test_rate_and_units_follow_the_sounds() -> None:
    short = [sound_of(np.ones(RATE // 2, dtype=np.int16), rate) for rate in (RATE, 16_000)]
    assert Sound.measured(short) == {"rate": RATE, "joined": 3}
    assert Sound.measured([sound_of(np.ones(44_100 * 3, dtype=np.int16), 44_100)]) == {"rate": 16_000, "joined": 8}
    assert Sound.measured([]) == {}


def test_the_ideal_ratio_mask_gives_the_sound_back() -> None:
    said = spoken("oia", speaker(1), generator(0), RATE)
    added = scaled(said, noise("white", len(said), RATE, generator(1)), 0)
    sound, other, both = (power_of(wave, RATE) for wave in (said, added, said + added))
    ratio = ideal_ratio(sound, other)
    assert ((ratio >= 0) & (ratio <= 1)).all()

    def alike(power: np.ndarray) -> float:
        pair = (normalised(decibels(one)).ravel() for one in (sound, power))
        return float(np.corrcoef(*pair)[0, 1])

    assert alike(both * ratio**2) > 0.95 > alike(both)


def test_a_table_of_sounds_is_recognised() -> None:
    frame = pd.DataFrame(few_words().frame)
    dataset, _ = build(Table(frame, "csv", name="few"))
    assert dataset.classes == ("ai", "ua")
