"""A mask on one sentence, as HTML: words with their values, and small attention maps. The user's text is escaped;
colours suit a light and a dark page."""

from __future__ import annotations

import base64
import struct
import zlib
from html import escape

import numpy as np

from dynmask_core.analysis.preview import Preview
from dynmask_core.colors import ATTENTION, ATTENTION_POWER, mask_color
from dynmask_core.ui.i18n import t

_MIDDLES = (bytes.fromhex(ATTENTION[theme][1].removeprefix("#")) for theme in ("light", "dark"))
INK = tuple((a + b) // 2 for a, b in zip(*_MIDDLES, strict=True))
"""Between the middles of the light and dark attention scales, because a picture does not know the page's theme."""
GONE = 0.005


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


def _short(value: float) -> str:
    return f"{value:.0f}" if value in (0, 1) else f"{value:.2f}".removeprefix("0")


def maps(shown: Preview, *, gates: bool) -> str:
    """One map per layer and head. gates: write below each map how much of the head passes."""
    rows = []
    for layer, heads in enumerate(shown.attention, 1):
        pictures = []
        for head, weights in enumerate(heads, 1):
            alt = escape(t("masks.maps_alt", layer=layer, head=head))
            # A softmax row sums to 1, so the sum of [CLS]'s row is the head's gate.
            gate = weights[0].sum() / 255
            off = gates and gate < GONE
            note = t("masks.head_off") if off else f"{gate:.2f}" if gates else ""
            pictures.append(
                f'<figure class="mk-map{" mk-off" if off else ""}">'
                f'<img src="data:image/png;base64,{_png(weights)}" alt="{alt}" title="{alt}">'
                + (f"<figcaption>{escape(note)}</figcaption>" if note else "")
                + "</figure>"
            )
        rows.append(
            f'<div class="mk-layer"><span>{escape(t("masks.layer", layer=layer))}</span>{"".join(pictures)}</div>'
        )
    return "".join(rows)


def _png(weights: np.ndarray) -> str:
    """uint8 [S, S] as a PNG in base64: one colour, whose opacity follows the player's scale."""
    height, width = weights.shape
    lines = np.zeros((height, width + 1), dtype=np.uint8)  # each line begins with its filter type, 0 (none)
    lines[:, 1:] = weights
    opacity = np.round(255 * (np.arange(256) / 255) ** ATTENTION_POWER).astype(np.uint8)
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
        (b"PLTE", bytes(INK) * 256),
        (b"tRNS", opacity.tobytes()),
        (b"IDAT", zlib.compress(lines.tobytes(), 9)),
        (b"IEND", b""),
    )
    body = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
    return base64.b64encode(b"\x89PNG\r\n\x1a\n" + body).decode()
