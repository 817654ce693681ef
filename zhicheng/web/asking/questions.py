"""Questions in words for those who can't run a script: made by chance, answered by anybody. Pure.

They are read aloud as easily as seen: no picture, no sound, no time limit. A script could be
taught to answer them; that is why an address may answer only so many in an hour.
"""

import random
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

_DIGITS = "零一二三四五六七八九十"
_NUMBERS = (
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_ORDINALS = ("first", "second", "third", "fourth", "fifth")
_DAYS = ("星期一", "星期二", "星期三", "星期四", "星期五", "星期六", "星期日")
_WEEK = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
# Things of a kind, in both languages; nothing is in two kinds.
_KINDS: Mapping[tuple[str, str], Sequence[tuple[str, str]]] = {
    ("水果", "fruit"): (
        ("苹果", "apple"), ("香蕉", "banana"), ("橘子", "orange"), ("葡萄", "grape"),
        ("西瓜", "melon"), ("桃子", "peach"), ("樱桃", "cherry"), ("柠檬", "lemon"),
    ),
    ("动物", "animal"): (
        ("老虎", "tiger"), ("兔子", "rabbit"), ("大象", "elephant"), ("山羊", "goat"),
        ("猴子", "monkey"), ("松鼠", "squirrel"), ("骆驼", "camel"), ("狐狸", "fox"),
    ),
    ("颜色", "colour"): (
        ("红色", "red"), ("蓝色", "blue"), ("绿色", "green"), ("黄色", "yellow"),
        ("紫色", "purple"), ("黑色", "black"), ("白色", "white"), ("灰色", "grey"),
    ),
    ("家具", "furniture"): (
        ("桌子", "table"), ("椅子", "chair"), ("衣柜", "wardrobe"), ("书架", "bookshelf"),
        ("沙发", "sofa"), ("床", "bed"), ("凳子", "stool"), ("茶几", "desk"),
    ),
    ("乐器", "instrument"): (
        ("钢琴", "piano"), ("笛子", "flute"), ("二胡", "erhu"), ("小提琴", "violin"),
        ("吉他", "guitar"), ("鼓", "drum"), ("古筝", "zither"), ("小号", "trumpet"),
    ),
}  # fmt: skip
_WORDS = [word for kind in _KINDS.values() for word in kind]


@dataclass(frozen=True)
class Asked:
    """A question in Chinese and in English, and the answers that are right."""

    chinese: str
    english: str
    answers: frozenset[str]


def question(seed: int) -> Asked:
    """The question that belongs to a seed, always the same."""
    chance = random.Random(seed)  # noqa: S311  (the seed is the secret)
    return chance.choice(_MAKERS)(chance)


def is_right(asked: Asked, answer: str) -> bool:
    """Whether the answer, however it is typed, is one of the right ones."""
    return _plain(answer) in asked.answers


def _plain(text: str) -> str:
    kept = unicodedata.normalize("NFKC", text[:60]).casefold()
    kept = "".join(sign for sign in kept if sign.isalnum())
    for day in ("周", "礼拜"):
        if kept.startswith(day):
            kept = kept.replace(day, "星期", 1)
    return kept.replace("星期天", "星期日")


def _number(value: int) -> frozenset[str]:
    chinese = _chinese(value)
    both = {str(value), chinese, _english(value), "两" if value == 2 else ""}
    return frozenset(both - {""})


def _english(value: int) -> str:
    """As ``_plain`` leaves it: forty-two, forty two and fortytwo are one."""
    if value < 20:
        return _NUMBERS[value - 1] if value else ""
    tens, ones = divmod(value, 10)
    return _TENS[tens - 2] + (_NUMBERS[ones - 1] if ones else "")


def _chinese(value: int) -> str:
    tens, ones = divmod(value, 10)
    if tens == 0:
        return _DIGITS[ones]
    return ("" if tens == 1 else _DIGITS[tens]) + "十" + (_DIGITS[ones] if ones else "")


def _sum(chance: random.Random) -> Asked:
    first, second = chance.randint(2, 9), chance.randint(2, 9)
    third = chance.randint(1, first + second - 1)
    third = min(third, 9)
    return Asked(
        f"{_chinese(first)}加{_chinese(second)}再减{_chinese(third)}，等于几？",
        f"What is {_NUMBERS[first - 1]} plus {_NUMBERS[second - 1]} minus {_NUMBERS[third - 1]}?",
        _number(first + second - third),
    )


def _place(chance: random.Random) -> Asked:
    words = chance.sample(_WORDS, 5)
    place = chance.randrange(5)
    return Asked(
        f"在“{'、'.join(chinese for chinese, _ in words)}”这五个词中，"
        f"第{_chinese(place + 1)}个词是什么？",
        f"Which is the {_ORDINALS[place]} of these words:"
        f" {', '.join(english for _, english in words)}?",
        frozenset(words[place]),
    )


def _odd(chance: random.Random) -> Asked:
    kind, other = chance.sample(list(_KINDS), 2)
    words = chance.sample(_KINDS[kind], 3)
    stranger = chance.choice(_KINDS[other])
    words.insert(chance.randrange(4), stranger)
    return Asked(
        f"“{'、'.join(chinese for chinese, _ in words)}”中，哪一个不是{kind[0]}？",
        f"Which of these is no {kind[1]}: {', '.join(english for _, english in words)}?",
        frozenset(stranger),
    )


def _day(chance: random.Random) -> Asked:
    today, after = chance.randrange(7), chance.randint(1, 5)
    then = (today + after) % 7
    return Asked(
        f"今天如果是{_DAYS[today]}，再过{_chinese(after)}天是星期几？",
        f"If today is {_WEEK[today]}, which day of the week is it in {_NUMBERS[after - 1]}"
        f" {'day' if after == 1 else 'days'}?",
        frozenset({_DAYS[then], _DAYS[then][-1], _WEEK[then].casefold(), str(then + 1)}),
    )


def _largest(chance: random.Random) -> Asked:
    values = chance.sample(range(11, 99), 4)
    largest = chance.random() < 0.5
    right = max(values) if largest else min(values)
    listed = [_chinese(value) for value in values]
    return Asked(
        f"“{'、'.join(listed)}”这四个数中，最{'大' if largest else '小'}的是哪一个？",
        f"Which is the {'largest' if largest else 'smallest'} of these numbers:"
        f" {', '.join(map(str, values))}?",
        _number(right),
    )


_MAKERS: Sequence[Callable[[random.Random], Asked]] = (_sum, _place, _odd, _day, _largest)
