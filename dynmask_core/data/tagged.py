"""Sentences with people, places, organisations and dates, written by rule; every word has its tag (BIO).

The names are put together from parts, so most of those in the test were never seen in training, and in English the same
made-up names are towns and surnames ("Ashford"): what a name is shows in the words around it. The sentences come from
few patterns: a model that is good here has learned these patterns, not the language.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from dynmask_core.data.table import Table
from dynmask_core.keys import generator

SENTENCES = 1200
Words = list[str]
Maker = Callable[["_Draw"], Words]


def _list(words: str) -> tuple[str, ...]:
    return tuple(words.split())


_FIRST = _list(
    "Ada Anna Ben Clara Daniel Edith Emma Felix Flora George Grace Hannah Henry Ida Jacob Jane Kate Leo Lucy Martin "
    "Mary Nora Oscar Paul Peter Rosa Ruth Samuel Sofia Theo Thomas Vera Victor Walter"
)
_TOWN = _list(
    "Ash Beck Brad Broad Cald Cop Dar Dun East Fern Hart Hazel Hol Lang Lin Mar Mill North Nor Oak Pen Red Rose Shel "
    "Stan Sut Thorn Wal West Wood"
)
_END = _list("bridge burn bury by dale field ford ham hurst ley mere stead thorpe ton ville well wick worth")
_BODY = _list("Bank Brewery College Herald Hospital Library Museum Orchestra Press Railways Rovers Theatre United")
_DAY = _list("Monday Tuesday Wednesday Thursday Friday Saturday Sunday")
_MONTH = _list("January February March April June July August September October November December")
_ENGLISH = """
PER moved from LOC to LOC in DATE .
PER , who was born in LOC , has joined ORG .
On DATE ORG will open a branch in LOC .
ORG and ORG have agreed to work together in LOC .
The letter that PER sent from LOC reached PER on DATE .
In LOC nobody had heard of PER before DATE .
PER told PER that ORG would close in DATE .
ORG has made PER its director .
Before DATE PER had never been to LOC .
The train from LOC to LOC was late on DATE .
PER sold the house in LOC and went to LOC .
ORG lost against ORG in LOC on DATE .
Is it true that PER left ORG in DATE ?
PER studied at ORG and later taught in LOC .
The mayor of LOC met PER and PER on DATE .
Rain fell on LOC and LOC all through DATE .
PER painted the bridge of LOC for ORG .
Since DATE the road to LOC has been closed .
ORG paid PER for three songs about LOC .
PER wrote to ORG , but nobody answered .
Mrs SUR and Mr SUR run a small shop in LOC .
SUR said that LOC had changed since DATE .
Doctor SUR works for ORG in LOC .
Nobody at ORG remembers SUR .
"""

_SURNAME = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
_GIVEN = "明华丽强芳伟敏静秀英杰娟涛超平刚桂文辉玲志建国春梅晓燕海红鹏宇欣雪婷浩然子轩思远佳怡"
_PLACE = "清云江河山石龙白金东南西北新安平永长林泉湖溪松柳桥沙青红玉凤临宁"
_KIND = _list("市 县 镇 村 区")
_OFFICE = _list("大学 医院 银行 日报社 中学 博物馆 剧院 图书馆 铁路局 乐团")
_NUMBER = _list("一 二 三 四 五 六 七 八 九 十")
_CHINESE = """
PER 去 年 从 LOC 搬 到 了 LOC 。
PER 出 生 在 LOC ， 现 在 在 ORG 工 作 。
ORG 将 于 DATE 在 LOC 开 设 分 部 。
ORG 和 ORG 决 定 在 LOC 合 作 。
PER 从 LOC 寄 来 的 信 DATE 才 到 。
DATE 以 前 ， LOC 没 有 人 听 说 过 PER 。
PER 告 诉 PER ， ORG 要 在 DATE 关 门 。
ORG 请 PER 担 任 主 任 。
DATE 从 LOC 开 往 LOC 的 火 车 晚 点 了 。
PER 卖 掉 了 LOC 的 房 子 。
听 说 PER 离 开 了 ORG ， 是 真 的 吗 ？
PER 在 ORG 读 书 ， 后 来 到 LOC 教 书 。
DATE ， PER 和 PER 在 LOC 见 了 面 。
LOC 和 LOC 下 了 整 整 一 天 的 雨 。
PER 为 ORG 画 了 LOC 的 桥 。
通 往 LOC 的 路 从 DATE 起 封 闭 。
ORG 的 PER 写 了 三 首 关 于 LOC 的 歌 。
PER 给 ORG 写 了 信 ， 没 有 人 回 答 。
PER 说 ， LOC 变 了 很 多 。
ORG 里 没 有 人 记 得 PER 。
"""


class _Draw:
    """Random choices of one sentence."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng

    def one(self, of: Sequence[str]) -> str:
        return of[int(self.rng.integers(len(of)))]

    def chance(self, share: float) -> bool:
        return float(self.rng.random()) < share


def tags_en() -> Table:
    """1,200 English sentences: columns `text` and `tags`, with tokens."""
    return _table("tags_en", _ENGLISH, {"PER": _person, "SUR": _town, "LOC": _place, "ORG": _office, "DATE": _date})


def tags_zh() -> Table:
    """1,200 Chinese sentences, of which every character is a token, as is usual for Chinese."""
    makers: dict[str, Maker] = {"PER": _person_zh, "LOC": _place_zh, "ORG": _office_zh, "DATE": _date_zh}
    return _table("tags_zh", _CHINESE, makers)


def _table(name: str, patterns: str, makers: dict[str, Maker]) -> Table:
    lines = [line.split() for line in patterns.strip().splitlines()]
    tokens: list[Words] = []
    tags: list[Words] = []
    for number in range(SENTENCES):
        draw = _Draw(generator(0, name, number))
        words: Words = []
        marks: Words = []
        for piece in lines[int(draw.rng.integers(len(lines)))]:
            made = makers[piece](draw) if piece in makers else [piece]
            kind = {"SUR": "PER"}.get(piece, piece)
            words += made
            marks += [f"B-{kind}", *[f"I-{kind}"] * (len(made) - 1)] if piece in makers else ["O"]
        tokens.append(words)
        tags.append(marks)
    cells = {"text": [" ".join(words) for words in tokens], "tags": [json.dumps(marks) for marks in tags]}
    return Table(pd.DataFrame(cells, dtype=object), "jsonl", name=name, tokens=tokens)


def _town(draw: _Draw) -> Words:
    return [draw.one(_TOWN) + draw.one(_END)]


def _person(draw: _Draw) -> Words:
    return [draw.one(_FIRST), *(_town(draw) if draw.chance(0.8) else [])]


def _place(draw: _Draw) -> Words:
    return [draw.one(["Lake", "Mount", "Port"]), *_town(draw)] if draw.chance(0.2) else _town(draw)


def _office(draw: _Draw) -> Words:
    return ["University", "of", *_town(draw)] if draw.chance(0.2) else [*_town(draw), draw.one(_BODY)]


def _date(draw: _Draw) -> Words:
    return [draw.one(_DAY)] if draw.chance(0.4) else [draw.one(_MONTH), str(int(draw.rng.integers(1, 29)))]


def _person_zh(draw: _Draw) -> Words:
    return [draw.one(_SURNAME), draw.one(_GIVEN), *([draw.one(_GIVEN)] if draw.chance(0.7) else [])]


def _place_zh(draw: _Draw) -> Words:
    return [draw.one(_PLACE), draw.one(_PLACE), *([draw.one(_KIND)] if draw.chance(0.8) else [])]


def _office_zh(draw: _Draw) -> Words:
    return [draw.one(_PLACE), draw.one(_PLACE), *draw.one(_OFFICE)]


def _date_zh(draw: _Draw) -> Words:
    if draw.chance(0.5):
        return ["星", "期", draw.one([*_NUMBER[:6], "日"])]
    return [draw.one(_NUMBER), "月", draw.one(_NUMBER), "日"]
