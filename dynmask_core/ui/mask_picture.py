"""A mask on one sentence, as HTML: words with their values, and small attention maps. The user's text is escaped;
colours suit a light and a dark page."""

from __future__ import annotations

import base64
import io
import struct
import zlib
from html import escape

import numpy as np
import PIL.Image

from dynmask_core.analysis.preview import Preview
from dynmask_core.attention_code import decode, encode
from dynmask_core.colors import ATTENTION, ATTENTION_SPAN, THEMES, mask_color
from dynmask_core.inputs import Picture
from dynmask_core.ui.i18n import t

LESS, MORE = (
    tuple((a + b) // 2 for a, b in zip(*(bytes.fromhex(ATTENTION[theme][place][1:]) for theme in THEMES), strict=True))
    for place in (1, -2)
)
"""Inks for less and more attention than an even share: between those of the light and the dark theme, because a picture
does not know its page's theme. An even share is transparent."""
SIDE = 64
"""Pixels of a map, about."""
GONE = 0.005
BAND = 4
"""Pixels of the height of a band."""


def words(shown: Preview, threshold: float) -> str:
    """Each word with its mask value as shade and number; removed words (below `threshold`) are struck through.
    threshold 0: only a mask of 0 removes."""
    chips = []
    for token, value in zip(shown.tokens, shown.mask.tolist(), strict=True):
        removed = value < max(threshold, GONE)
        said = escape(f"{value:.2f}, {t('masks.removed' if removed else 'masks.kept')}")
        (light, light_ink), (dark, dark_ink) = mask_color(value, "light"), mask_color(value, "dark")
        style = f"background-color:light-dark({light},{dark});color:light-dark({light_ink},{dark_ink})"
        chips.append(
            f'<span class="mk-word{" mk-gone" if removed else ""}" style="{style}" title="{said}">'
            f"<b>{escape(token)}</b><i>{_short(value)}</i></span>"
        )
    return f'<div class="mk-sentence" translate="no">{" ".join(chips)}</div>'


def over(shown: Preview, threshold: float) -> str:
    """The sample's picture with the mask over it: the more is removed, the denser the hatching. threshold: see
    `words`."""
    picture = shown.picture
    assert picture is not None
    if shown.bands is not None:
        return _over_bands(picture, shown.bands)
    cells = []
    for token, value in zip(shown.tokens, shown.mask.tolist(), strict=True):
        removed = value < max(threshold, GONE)
        said = escape(f"{token}: {value:.2f}, {t('masks.removed' if removed else 'masks.kept')}")
        cells.append(f'<span style="--gone:{1 if removed else 1 - value:.2f}" title="{said}"></span>')
    kept = int((shown.mask >= max(threshold, GONE)).sum())
    alt = escape(t("masks.over", kept=kept, all=len(shown.mask)))
    strip = " mk-strip" if picture.rows == 1 else ""
    grid = f"grid-template-columns:repeat({picture.columns},1fr);grid-template-rows:repeat({picture.rows},1fr)"
    return (
        f'<div class="mk-photo{strip}"><img src="{escape(picture.url)}" alt="{alt}">'
        f'<div class="mk-over" style="{grid}" aria-hidden="true">{"".join(cells)}</div></div>'
        f"<p class=mk-note>{alt}</p>"
    )


def _over_bands(picture: Picture, bands: np.ndarray) -> str:
    """The same of a mask over bands, uint8 [T, bands] in 255ths."""
    alt = escape(t("masks.over_bands", percent=f"{100 * (1 - bands.mean() / 255):.0f}"))
    gone = (255 - bands.T[::-1]).repeat(BAND, 0).repeat(4 * BAND, 1)  # low bands at the bottom
    across, down = np.meshgrid(*(np.arange(size) for size in gone.shape[::-1]))
    line = (across + down) % (2 * BAND)
    grey = np.where(line == 0, 0, np.where(line == 1, 255, 128)).astype(np.uint8)
    strength = np.where(line < 2, 0.75, 0.62)
    hatching = PIL.Image.fromarray(np.stack([grey, (gone * strength).astype(np.uint8)], -1), "LA")
    file = io.BytesIO()
    hatching.save(file, "PNG")
    over = base64.b64encode(file.getvalue()).decode()
    return (
        f'<div class="mk-photo mk-strip"><img src="{escape(picture.url)}" alt="{alt}">'
        f'<img class="mk-bands" src="data:image/png;base64,{over}" alt=""></div><p class=mk-note>{alt}</p>'
    )


def _short(value: float) -> str:
    return f"{value:.0f}" if value in (0, 1) else f"{value:.2f}".removeprefix("0")


def maps(shown: Preview, *, gates: bool) -> str:
    """One map per layer and head, each weight against an even share; forbidden edges are hatched. gates: write below
    each map how much of the head passes."""
    rows = []
    for layer, heads in enumerate(shown.attention, 1):
        pictures = []
        for head, codes in enumerate(heads, 1):
            alt = escape(t("masks.maps_alt", layer=layer, head=head))
            gate = float(shown.heads[layer - 1, head - 1])
            off = gate < GONE
            note = t("masks.head_off") if off else f"{gate:.2f}" if gates else ""
            picture = _png(codes, shown.keys[layer - 1, head - 1])
            pictures.append(
                f'<figure class="mk-map{" mk-off" if off else ""}">'
                f'<img src="data:image/png;base64,{picture}" alt="{alt}" title="{alt}">'
                + (f"<figcaption>{escape(note)}</figcaption>" if note else "")
                + "</figure>"
            )
        rows.append(
            f'<div class="mk-layer"><span>{escape(t("masks.layer", layer=layer))}</span>{"".join(pictures)}</div>'
        )
    return "".join(rows)


def legend() -> str:
    """The colours of `maps`, from less than an even share over the even share to more; and what is forbidden."""
    less, more = (f"rgb({','.join(map(str, ink))})" for ink in (LESS, MORE))
    most = f"{2**ATTENTION_SPAN:g}"
    return (
        f'<div class="mk-scale"><span>×1/{most}</span>'
        f'<i style="background:linear-gradient(to right,{less},transparent,{more})"></i><span>×{most}</span>'
        f"<span>{escape(t('masks.even_share'))}</span>"
        f"{hatched(place='')}</div>"
    )


def hatched(place: str = "mk-scale") -> str:
    """The sign of a forbidden edge. place: class of the line that it stands in, "" if it stands in one already."""
    sign = f'<i class="mk-hatch"></i><span>{escape(t("masks.forbidden"))}</span>'
    return f'<div class="{place}">{sign}</div>' if place else sign


def pattern(edges: np.ndarray) -> str:
    """bool [S, S], the edges that are open, as a PNG in base64: these clear, the others hatched."""
    keys = np.maximum(edges.sum(1), 1)
    return _png(encode(edges / keys[:, None], edges), keys)


def _png(codes: np.ndarray, keys: np.ndarray) -> str:
    """uint8 [S, S] codes (see attention_code) and the number of keys [S] as a PNG in base64, several pixels a cell.

    Palette: 0–254 levels from −ATTENTION_SPAN to ATTENTION_SPAN, 255 the lines of the hatching.
    """
    with np.errstate(divide="ignore"):
        level = np.log2(decode(codes) * keys[:, None])
    places = np.rint(127 + 127 * np.clip(level / ATTENTION_SPAN, -1, 1)).astype(np.uint8)
    each = max(1, round(SIDE / len(codes)))
    places, forbidden = (grid.repeat(each, 0).repeat(each, 1) for grid in (places, codes == 0))
    across, down = np.meshgrid(*(np.arange(size) for size in places.shape[::-1]))
    places = np.where(forbidden, np.where((across + down) % 4 == 0, np.uint8(255), np.uint8(127)), places)
    strength = np.abs(np.linspace(-1, 1, 255)) ** 0.6
    opacity = np.append(np.round(255 * strength), 150).astype(np.uint8)
    colours = bytes(LESS) * 127 + bytes(MORE) * 128 + bytes((128, 128, 128))
    height, width = places.shape
    lines = np.zeros((height, width + 1), dtype=np.uint8)  # each line begins with its filter type, 0 (none)
    lines[:, 1:] = places
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
        (b"PLTE", colours),
        (b"tRNS", opacity.tobytes()),
        (b"IDAT", zlib.compress(lines.tobytes(), 9)),
        (b"IEND", b""),
    )
    body = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
    return base64.b64encode(b"\x89PNG\r\n\x1a\n" + body).decode()
