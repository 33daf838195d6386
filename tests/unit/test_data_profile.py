"""What a column's cells say: texts, labels, and what is neither."""

from __future__ import annotations

import time

import pandas as pd
import pytest

from dynmask_core.data.profile import Profile, profiles


def content(cell: str) -> Profile:
    return profiles(pd.DataFrame({"a": [cell] * 8 + ["yes", "no"]}, dtype=object))["a"]


@pytest.mark.parametrize(
    "cell",
    [
        "12,5", "$12.50", "1e-5", "45%", "10 GB", "user_123", "B00LQOCH0", "https://a.example/c?d=e",
        "www.foo.example/bar",
        "a.b-c@d.example", "+49 171 555 12 34", "192.168.0.1", "@handle", "img/cat/01.jpg",
        '{"a": 1}', "#1234", "v1.2.3",
        "52.52, 13.40", '{"long": "' + "very " * 200 + '"}',
        "2024/03/01 10:00:00 AM GMT+1", "Mon Apr 06 22:19:45 PDT 2009", "16-Sep-05", "January 18, 2017",
        "2020年3月5日 12:30",
        "昨天 12:30", "3小时前", "2 days ago", "Fri, 16 Sep 2005 11:29:43 +0200", "2023-04-01T10:15:30.12+00:00",
        "March 2021",
    ],
)  # fmt: skip
def test_ids_numbers_addresses_and_dates_are_no_texts(cell: str) -> None:
    assert content(cell).text == 0


@pytest.mark.parametrize(
    "cell",
    [
        "good",
        "3 stars",
        "I paid $10",
        "好吃",
        "late again, 2 days",
        "Sci/Tech",
        "may be",
        "价格/质量",
        "sat at 12:30 outside",
    ],
)
def test_short_remarks_are_texts(cell: str) -> None:
    assert content(cell).text > 0


@pytest.mark.parametrize("cell", ["1.5", "10/10", "may", "1-2", "sun", "2019"])
def test_what_may_be_a_label_is_no_date(cell: str) -> None:
    assert content(cell).unlike_label == "values"


@pytest.mark.parametrize(
    "cell", ["1 " * 10_000, "a." * 10_000, "a/" * 10_000, "jan " * 9000, "-" * 20_000 + "x", "1," * 9000]
)
def test_long_cells_are_looked_at_quickly(cell: str) -> None:
    began = time.perf_counter()
    assert content(cell).text >= 0
    assert time.perf_counter() - began < 1
