"""English dates, times, numbers, prices and short sentences with their Chinese, by rule: every answer is known."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from dynmask_core.data.table import Table

Draw = np.random.Generator
Pair = tuple[str, str]

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
DAYS_ZH = "一二三四五六日"
DIGITS_ZH = "零一二三四五六七八九"
ONES = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
MONEY = {"$": "美元", "£": "英镑", "€": "欧元", "¥": "元"}
PARTS_OF_DAY = {"am": ((5, "凌晨"), (8, "早上"), (11, "上午")), "pm": ((5, "下午"), (11, "晚上"))}
"""What Chinese calls the hours up to this one."""
PEOPLE = {
    "I": "我", "We": "我们", "They": "他们", "You": "你", "Anna": "安娜", "Tom": "汤姆", "My mother": "我妈妈",
    "The teacher": "老师", "The students": "学生们", "My friend": "我的朋友",
}  # fmt: skip
SINGULAR = frozenset({"Anna", "Tom", "My mother", "The teacher", "My friend"})
DEEDS = {
    "drink": ({"tea": "茶", "coffee": "咖啡", "milk": "牛奶", "water": "水"}, "喝"),
    "read": ({"the newspaper": "报纸", "a book": "书", "the letter": "信"}, "看"),
    "buy": ({"bread": "面包", "fruit": "水果", "flowers": "花", "rice": "米饭"}, "买"),
    "learn": ({"Chinese": "中文", "English": "英文", "music": "音乐"}, "学"),
    "visit": ({"the museum": "博物馆", "Beijing": "北京", "the old town": "老城", "the park": "公园"}, "去"),
}  # fmt: skip
WHEN = {
    "in the morning": "早上", "in the evening": "晚上", "today": "今天", "tomorrow": "明天", "every day": "每天",
    **{f"on {day}": f"星期{zh}" for day, zh in zip(DAYS, DAYS_ZH, strict=True)},
}  # fmt: skip
THINGS = {
    "apple": "个苹果", "egg": "个鸡蛋", "book": "本书", "ticket": "张票", "bottle": "个瓶子", "chair": "把椅子",
    "cat": "只猫", "pen": "支笔",
}  # fmt: skip
COLOURS = {"red": "红色", "white": "白色", "black": "黑色", "green": "绿色"}
OBJECTS = {"car": "车", "house": "房子", "shirt": "衬衫", "bag": "包", "table": "桌子"}
LOOKS = {"new": "新", "old": "旧", "big": "大", "small": "小", "expensive": "贵", "beautiful": "漂亮"}


def dates(pairs: int = 6000, seed: int = 0) -> Table:
    """`pairs` different sources; columns `source` and `target`. Equal arguments give equal pairs."""
    rng = np.random.default_rng(np.random.SeedSequence([seed, 0xDA7E]))
    kinds: tuple[Callable[[Draw], Pair], ...] = (_date, _date, _time, _number, _price, _deed, _count, _look)
    found: dict[str, str] = {}
    while len(found) < pairs:
        source, target = kinds[int(rng.integers(len(kinds)))](rng)
        found.setdefault(source, target)
    frame = pd.DataFrame({"source": list(found), "target": list(found.values())}, dtype=object)
    return Table(frame, "csv", name="dates")


def number_words(number: int) -> str:
    """0…9,999 in English words."""
    if number < 20:
        return ONES[number]
    if number < 100:
        return TENS[number // 10] + (f"-{ONES[number % 10]}" if number % 10 else "")
    unit, name = (1000, "thousand") if number >= 1000 else (100, "hundred")
    rest = number % unit
    between = " and " if rest < 100 else " "
    return f"{ONES[number // unit]} {name}" + (f"{between}{number_words(rest)}" if rest else "")


def number_characters(number: int) -> str:
    """0…9,999 in Chinese characters: one 零 for a gap, and 十 without 一 only at the beginning."""
    if number < 10:
        return DIGITS_ZH[number]
    text, gap = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // unit % 10
        if digit:
            text += ("零" if gap else "") + ("" if digit == 1 and unit == 10 and not text else DIGITS_ZH[digit]) + name
            gap = False
        else:
            gap = bool(text)
    return text


def _pick(rng: Draw, among: dict[str, str]) -> Pair:
    keys = list(among)
    key = keys[int(rng.integers(len(keys)))]
    return key, among[key]


def _ordinal(number: int) -> str:
    return f"{number}{'th' if number in (11, 12, 13) else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"


def _date(rng: Draw) -> Pair:
    year, month, day = int(rng.integers(1900, 2050)), int(rng.integers(1, 13)), int(rng.integers(1, 29))
    name = MONTHS[month - 1]
    wanted = f"{year}年{month}月{day}日"
    ways = (
        f"{name} {day}, {year}",
        f"{day} {name} {year}",
        f"the {_ordinal(day)} of {name} {year}",
        f"{name[:3]} {day}, {year}",
        f"{month}/{day}/{year}",
    )
    way = int(rng.integers(len(ways) + 1))
    if way < len(ways):
        return ways[way], wanted
    week = int(rng.integers(7))
    return f"{DAYS[week]}, {name} {day}", f"{month}月{day}日星期{DAYS_ZH[week]}"


def _time(rng: Draw) -> Pair:
    hour, minute = int(rng.integers(1, 12)), int(rng.integers(0, 60))
    half = ("am", "pm")[int(rng.integers(2))]
    said = next(name for last, name in PARTS_OF_DAY[half] if hour <= last)
    way = int(rng.integers(4))
    if way == 0:
        return f"{number_words(hour)} o'clock {half}", f"{said}{hour}点"
    if way == 1:
        return f"half past {number_words(hour)} {half}", f"{said}{hour}点半"
    minutes = f"{minute}分" if minute else ""
    return f"{'at ' if way == 2 else ''}{hour}:{minute:02d} {half}", f"{said}{hour}点{minutes}"


def _number(rng: Draw) -> Pair:
    number = int(rng.integers(11, (100, 1000, 10_000)[int(rng.integers(3))]))
    return number_words(number), number_characters(number)


def _price(rng: Draw) -> Pair:
    sign, name = _pick(rng, MONEY)
    whole, part = int(rng.integers(1, 1000)), int(rng.integers(1, 100))
    amount = f"{whole}.{part:02d}" if rng.random() < 0.6 else str(whole)
    return f"{sign}{amount}", f"{amount}{name}"


def _deed(rng: Draw) -> Pair:
    who, subject = _pick(rng, PEOPLE)
    verb = list(DEEDS)[int(rng.integers(len(DEEDS)))]
    things, does = DEEDS[verb]
    what, thing = _pick(rng, things)
    when, time = _pick(rng, WHEN)
    return f"{who} {verb}{'s' if who in SINGULAR else ''} {what} {when}.", f"{subject}{time}{does}{thing}。"


def _count(rng: Draw) -> Pair:
    who, subject = _pick(rng, PEOPLE)
    thing, noun = _pick(rng, THINGS)
    number = int(rng.integers(2, 100))
    many = f"{number} {thing}s"
    if rng.random() < 0.5:
        return f"{who} {'has' if who in SINGULAR else 'have'} {many}.", f"{subject}有{number}{noun}。"
    when, time = _pick(rng, WHEN)
    return f"{who} {'needs' if who in SINGULAR else 'need'} {many} {when}.", f"{subject}{time}需要{number}{noun}。"


def _look(rng: Draw) -> Pair:
    colour, shade = _pick(rng, COLOURS)
    thing, noun = _pick(rng, OBJECTS)
    look, quality = _pick(rng, LOOKS)
    if rng.random() < 0.5:
        return f"Is the {colour} {thing} {look}?", f"{shade}的{noun}{quality}吗？"
    return f"The {colour} {thing} is not {look}.", f"{shade}的{noun}不{quality}。"
