"""What a column's name says about its role."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import regex


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


def _strengths(table: dict[float, str]) -> dict[str, float]:
    return {word: strength for strength, words in table.items() for word in words.split()}


# How much a word alone says, in (0, 1]: of a "title" and a "content" column, "content" is the text.
TEXT_WORDS = _strengths(
    {
        1.0: "text sentence review content comment document body message tweet utterance post sms "
        "文本 内容 评论 正文 句子 短评 內容 評論 本文 テキスト レビュー 口コミ コメント 문장 내용 본문 텍스트 리뷰 "
        "댓글 후기 点评 kommentar nachricht rezension texte commentaire contenu texto comentario mensaje reseña "
        "testo commento messaggio recensione текст отзыв комментарий сообщение نص النص تعليق التعليق ข้อความ รีวิว",
        0.9: "feedback narrative query 留言 反馈 弹幕 评语 反饋 感想 의견 avis opinión ความคิดเห็น",
        0.8: "question abstract description complaint paragraph passage transcript article phrase prompt opinion "
        "remark 描述 摘要 意见 建议 新闻 投诉 详情 问题 诉求 意見 建議 問題 beschreibung beschwerde réponse antwort",
        0.6: "news note reply response answer reason 评价 回复 微博 备注 評價 備註 bewertung",
        0.5: "headline title subject summary token word input data 标题 主题 词 概述 標題 titel titre título betreff "
        "タイトル 件名 제목",
    }
)
LABEL_WORDS = _strengths(
    {
        1.0: "label target 标签 标注 標籤 ラベル 라벨 레이블 étiquette etiqueta etichetta метка ป้ายกำกับ",
        0.95: "class category sentiment topic intent polarity emotion 类别 分类 情感 情绪 意图 极性 类 類別 分類 情緒 "
        "カテゴリ カテゴリー 感情 분류 카테고리 감정 감성 kategorie catégorie categoría categoria sentimiento "
        "категория тональность تصنيف التصنيف الفئة หมวด หมวดหมู่",
        0.85: "rating star score overall grade 评分 星级 打分 得分 评级 分数 星数 总评 評分 星級 評価 評点 별점 평점 "
        "점수 bewertung calificación puntuación valoración оценка рейтинг تقييم التقييم คะแนน",
        0.8: "toxic toxicity hate hateful spam sarcasm sarcastic stance mood feeling verdict offensive humor abusive "
        "立场 倾向 满意度 类型 等级 類型 滿意度 満足度 種別 만족도 stimmung klasse classe clase класс",
        0.6: "type kind tag genre section domain group status priority severity department queue resolution answer "
        "tone annotation recommended satisfaction satisfied subject state "
        "评价 推荐 栏目 频道 部门 状态 满意 优先级 主题 好评",
        0.4: "note",
    }
)
SPLIT_NAMES = ("split", "fold", "set", "subset", "partition", "集合", "划分")
_HEADINGS = (
    {word for word, strength in TEXT_WORDS.items() if strength == 1}
    | {word for word, strength in LABEL_WORDS.items() if strength >= 0.85}
    | set(SPLIT_NAMES)
    | _set("question abstract description headline title token word 标题 词")
)
# Beside a word that is known, these say that the column is about the text or label, but not it.
_ABOUT = _set(
    "uuid guid hash id date time timestamp created updated at by count num number total url link length len author "
    "user username annotator worker vote reason 时间 日期 人数 数量 编号 序号 链接 长度 昵称 作者 理由 原因 用户名"
)
_NO_TEXT = _ABOUT | _set("index type label category name source language lang keyword")
_NO_LABEL = _ABOUT | _set(
    "predicted prediction predict pred confidence conf gold prob probability proba logit model average avg mean std "
    "median previous old agreement weight 预测 置信度 概率 平均"
)
_KNOWN = {*TEXT_WORDS, *LABEL_WORDS, *SPLIT_NAMES, *_NO_TEXT, *_NO_LABEL}
# Scripts without spaces, and Korean, whose compounds have none; one character may belong to any word.
_UNSPACED_WORDS = sorted((word for word in _KNOWN if min(word) >= "\u0e00" and len(word) > 1), key=len, reverse=True)
_UNSPACED = re.compile(f"({'|'.join(_UNSPACED_WORDS)})")
_BETWEEN = regex.compile(r"[^\p{L}\p{M}\p{N}]+")
LONG_NAME = 5
"""From so many words on, a name is a question in which a known word may stand by chance."""


@dataclass(frozen=True)
class Role:
    """words: how much each says, in (0, 1]. about: words that make a name one of something else."""

    words: Mapping[str, float]
    about: frozenset[str]


TEXT = Role(TEXT_WORDS, _NO_TEXT)
LABEL = Role(LABEL_WORDS, _NO_LABEL)


@dataclass(frozen=True)
class Named:
    """What a name says. strength in [0, 1]: how clearly it names the role. full: it says nothing else.
    about: it rather names something about that role, such as a date or a prediction."""

    strength: float
    full: bool
    about: bool


def named(name: str, role: Role) -> Named:
    """How well a column's name fits a role: the whole name, or a part of it."""
    words = _words(name)
    found = [role.words[word] for word in words if word in role.words]
    about = any(word in role.about for word in words)
    if not found:
        return Named(0.0, False, about)
    if len(words) == 1:
        return Named(found[0], True, False)
    # "score" alone is a rating, "sentiment score" what a model gave.
    about = about or ("score" in words and max(found) > role.words.get("score", 1.0))
    if len(words) >= LONG_NAME:
        return Named(0.6 * max(found), False, about)
    full = len(found) == len(words) and not about
    return Named((0.95 if full else 0.75) * found[-1], full, about)  # a review title is a title


def is_known_name(name: str) -> bool:
    """Whether a cell looks like a column name rather than data: "spam" and 好评 can be both, "label" cannot."""
    words = _words(name)
    return len(words) == 1 and words[0] in _HEADINGS


def normal(name: str) -> str:
    """A name without the differences in which names are written: case, spaces and hyphens."""
    return name.strip().casefold().replace("-", "_").replace(" ", "_")


def _words(name: str) -> list[str]:
    """The words of a name, in lower case and singular: "reviewTexts" → review, text; 评论内容 → 评论, 内容."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    words = [word.casefold() for word in _BETWEEN.split(apart) if word]
    words = [word[:-1] if word.endswith("s") and word not in _KNOWN and word[:-1] in _KNOWN else word for word in words]
    return [part for word in words for part in ([word] if word in _KNOWN else _UNSPACED.split(word)) if part]
