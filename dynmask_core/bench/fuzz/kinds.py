"""What is tried: how an input is drawn, and who has to answer it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random
from urllib.parse import quote

from dynmask_core.bench.fuzz import corpus, encoder
from dynmask_core.bench.fuzz.damage import damaged, renamed, repacked
from dynmask_core.bench.fuzz.tried import Input, Kind

_PAGES = ("train", "compare", "masks", "data", "mlm", "tasks", "learn", "home", "glossary", "", "../x", "//x.y", "x:y")
_ODD = (
    "", "0", "-1", "1e9", "nan", "inf", "1e999", "0x10", "９", "٣", "true", "en", "zh", "tiny", "small", "a" * 300,
    "%00", "../..", "/etc/passwd", "<b>", "javascript:x", "none", "static", "random:ratio=.5",
    "sample:english_sentiment",
    "20260101-000000-0123456789abcdef", "20260101-000000-0123456789abcdeg", "\u202e", "=1+1", "很好", "9" * 500,
    ",", ":", "+", "()", "((((", "random:ratio=.9..1@cosine", "causal & window(2)", "~" * 400, "not " * 300,
)  # fmt: skip


def uploads(folder: Path | None) -> Kind:
    """Files that readers bring, to `dynmask data`."""
    good = (*corpus.files(), *corpus.from_folder(folder))
    others = [content for content, _ in good]

    def make(random: Random) -> Input:
        content, name = random.choice(good)
        if content.startswith(b"PK") and random.random() < 0.7:
            return repacked(content, random, lambda inner: damaged(inner, others, random)), renamed(name, random)
        return damaged(content, others, random), renamed(name, random)

    return Kind(make, _checked)


def zips(folder: Path | None) -> Kind:
    """Zips of pictures and of sounds, with a folder for each class."""

    def make(random: Random) -> Input:
        draw, ending = random.choice(((corpus.picture, "png"), (corpus.sound, "wav")))
        before = random.choice(("", "", "set/", "../", "/", "train/", "a/b/c/", "C:\\", "\u202e/"))
        members = {f"{before}{'ab'[i % 2]}/{i}.{ending}": draw(random) for i in range(random.choice((4, 12, 40)))}
        others = tuple(members.values())
        for name in random.sample(sorted(members), random.choice((0, 1, 3))):
            members[name] = damaged(members[name], others, random)
        if random.random() < 0.1:
            members[f"a/inner.{random.choice(('zip', ending))}"] = corpus.zipped(members)
        packed = corpus.zipped(members)
        if random.random() < 0.3:
            packed = repacked(packed, random, lambda inner: damaged(inner, others, random))
        return (damaged(packed, others, random) if random.random() < 0.2 else packed), "set.zip"

    return Kind(make, _checked)


def arms(folder: Path | None) -> Kind:
    """Arms as they are written in commands and addresses."""
    from dynmask_core.masks import REGISTRY, canonical
    from dynmask_core.masks.naming import named
    from dynmask_core.messages import LANGUAGES, told

    def piece(random: Random) -> str:
        name = random.choice(sorted(REGISTRY))
        known = [parameter.name for parameter in REGISTRY[name].parameters] or ["ratio"]
        given = [f"{random.choice([*known, 'x', ''])}={random.choice(_ODD)}" for _ in range(random.choice((0, 1, 2)))]
        return ":".join([name, *given])

    def make(random: Random) -> Input:
        arm = "+".join(piece(random) for _ in range(random.choice((1, 1, 2, 3))))
        written = arm.encode()
        if random.random() < 0.6:
            written = damaged(written, [piece(random).encode()], random)[: random.choice((60, 2000, 20_000))]
        return written, "arm"

    def answer(content: bytes, name: str) -> object:
        arm = canonical(content.decode(errors="replace"))
        return [told(named(arm), lang) for lang in LANGUAGES]

    return Kind(make, answer)


def addresses(folder: Path | None) -> Kind:
    """Addresses of pages, as lessons and links hold them; and names of runs."""
    from dynmask_core.learn.pages import read_address, rules
    from dynmask_core.runs import Run, default_root

    known = rules()
    every = sorted({key for own in known.values() for key in own} | {"run", "study", "lang", "x"})

    def make(random: Random) -> Input:
        page = random.choice((*known, *_PAGES))
        keys = sorted(known.get(page, ())) if random.random() < 0.8 else every
        given = (
            f"{random.choice(keys or every)}={quote(random.choice(_ODD), safe='')}" for _ in range(random.randint(1, 4))
        )
        address = f"{page}?{'&'.join(given)}".encode()
        return (damaged(address, [b"?a=b&a=c"], random)[:4000] if random.random() < 0.5 else address), "address"

    def answer(content: bytes, name: str) -> object:
        address = content.decode(errors="replace")
        assert Run.at(default_root(), address) is None, "an address is no name of a run"
        return read_address(address, "page", 1)

    return Kind(make, answer)


def lessons(folder: Path | None) -> Kind:
    """Lessons that strangers write, alone and as a zip with what they carry."""
    from dynmask_core import learn
    from dynmask_core.learn.bundle import TEXT, Bundle

    ready = sorted((Path(learn.__file__).parent / "lessons").glob("*.*"))
    texts = [path.read_bytes() for path in ready if path.suffix == ".md"]
    carried = [path.read_bytes() for path in ready if path.suffix == ".zip" and path.stat().st_size < 2 * 2**20]

    def make(random: Random) -> Input:
        text = random.choice(texts)
        if random.random() < 0.6:
            return damaged(text, texts, random), "lesson.md"
        parts = {TEXT: text.replace(b"licence: ", b"data: own.csv\nlicence: ", 1), "own.csv": corpus.files()[0][0]}
        if carried and random.random() < 0.3:
            parts["run.zip"] = repacked(random.choice(carried), random, lambda inner: damaged(inner, texts, random))
            parts[TEXT] = parts[TEXT].replace(b"licence: ", b"run: run.zip\nlicence: ", 1)
        return repacked(corpus.zipped(parts), random, lambda inner: damaged(inner, texts, random)), "lesson.zip"

    return Kind(make, Bundle.read)


def encoders(folder: Path | None) -> Kind:
    """Folders of pre-trained encoders."""
    return Kind(encoder.make, encoder.answer)


def _checked(content: bytes, name: str) -> object:
    from dynmask_core.config import DataConfig
    from dynmask_core.data import read_bytes
    from dynmask_core.data.load import load

    return load(read_bytes(content, name), DataConfig(name or "file"), 0)


KINDS: dict[str, Callable[[Path | None], Kind]] = {
    "uploads": uploads,
    "zips": zips,
    "arms": arms,
    "addresses": addresses,
    "lessons": lessons,
    "encoders": encoders,
}
"""By name; each is made for a folder of files to damage, or None."""
