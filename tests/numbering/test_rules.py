"""The pure rules of certificate numbers: make, read, judge, and refuse what can't be read back."""

import itertools
import string

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from zhicheng.registers.numbering.elements import CHECK_CHARACTERS, Part
from zhicheng.registers.numbering.own_numbers import Numbering
from zhicheng.registers.numbering.rules import (
    GRADES,
    Exhausted,
    Place,
    Rule,
    check_character,
    shared_number,
)

CODES = {"senior": "G", "intermediate": "Z", "junior": "C"}


def rule(pattern: str, **fields: object) -> Rule:
    return Rule(
        pattern,
        **{
            "region": "500101",
            "unit_code": "A7",
            "grade_codes": CODES,
            "per_year": False,
            "check": "mod_11_2" if "校验" in pattern else "none",
            **fields,
        },
    )


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    """Rules as an office might configure them, also unusable ones."""
    parts = draw(
        st.permutations(["{年}", "{年2}", "{区县}", "{单位}", "{等级}", "渝", "-", "〔", "K9"])
    )
    chosen = parts[: draw(st.integers(0, 6))]
    chosen.insert(draw(st.integers(0, len(chosen))), f"{{流水{draw(st.integers(1, 7))}}}")
    check = draw(st.sampled_from(["none", "mod_11_2", "mod_37_36", "luhn"]))
    if check != "none":
        chosen.append("{校验}")
    codes = draw(
        st.lists(st.text("0123456789GZCab", min_size=1, max_size=2), min_size=3, max_size=3)
    )
    return Rule(
        "".join(chosen),
        year_source=draw(st.sampled_from(["approval", "register"])),
        region_source=draw(st.sampled_from(["issuing", "reporting"])),
        region="500101",
        unit_code=draw(st.sampled_from(["A7", "0", "12X"])),
        grade_codes=dict(zip(GRADES, codes, strict=True)),
        leading_zeros=draw(st.booleans()),
        per_year="年" in "".join(chosen) and draw(st.booleans()),
        per_grade="{等级}" in chosen and draw(st.booleans()),
        check=check,
    )


PLACES = st.builds(
    Place,
    st.sampled_from(list(GRADES)),
    st.integers(2000, 2099),
    st.sampled_from(["500101", "500241"]),
)


@given(rules(), PLACES, st.data())
@settings(max_examples=300, deadline=None)
def test_every_number_made_fits_its_rule_and_is_read_back(
    made_by: Rule, place: Place, data: st.DataObject
) -> None:
    assume(not made_by.problems())
    sequence = data.draw(st.integers(1, made_by.highest))
    number = made_by.format(sequence, place)
    said = made_by.parse(number)
    assert said is not None and said.sequence == sequence
    assert made_by.expression.fullmatch(number)
    assert made_by.fault(number, place) == ""
    parts = {element.part: element for element in made_by.elements}
    if Part.GRADE in parts:
        assert said.grade == place.grade
    if Part.YEAR in parts:
        assert said.year == str(place.year)[-parts[Part.YEAR].width :]
    if made_by.leading_zeros:
        assert len(number) == len(made_by.format(1, place)) or Part.GRADE in parts


@given(rules(), PLACES, PLACES, st.data())
@settings(max_examples=200, deadline=None)
def test_two_places_or_sequences_never_give_the_same_number_twice(
    made_by: Rule, one: Place, other: Place, data: st.DataObject
) -> None:
    """What the counter promises: in one scope a sequence is used once, so numbers differ."""
    assume(not made_by.problems())
    first = data.draw(st.integers(1, made_by.highest))
    second = data.draw(st.integers(1, made_by.highest))
    if made_by.scope(one) == made_by.scope(other) and first == second:
        return
    if str(one.year)[-2:] == str(other.year)[-2:] and one.year != other.year:
        return  # two digits of a year come again after a century
    assert made_by.format(first, one) != made_by.format(second, other)


@given(
    st.sampled_from(["mod_11_2", "mod_37_36", "luhn"]),
    PLACES,
    st.integers(1, 99999),
    st.data(),
)
@settings(max_examples=400, deadline=None)
def test_the_check_character_catches_every_single_error(
    algorithm: str, place: Place, sequence: int, data: st.DataObject
) -> None:
    made_by = rule("{年}{区县}{流水5}{校验}", check=algorithm, region_source="reporting")
    number = made_by.format(sequence, place)
    at = data.draw(st.integers(0, len(number) - 1))
    alphabet = CHECK_CHARACTERS[algorithm] if at == len(number) - 1 else set(string.digits)
    wrong = data.draw(st.sampled_from(sorted(alphabet - {number[at]})))
    mistyped = number[:at] + wrong + number[at + 1 :]
    assert made_by.parse(mistyped) is None
    assert made_by.fault(mistyped)


@given(st.sampled_from(["mod_11_2", "luhn"]), st.text(string.digits, min_size=6, max_size=15))
@settings(max_examples=300, deadline=None)
def test_the_check_character_catches_swapped_neighbours(algorithm: str, digits: str) -> None:
    """MOD 11-2 promises all of them, Luhn all but 09 and 90; MOD 37-36 promises most only."""
    check = check_character(algorithm, digits)
    for at in range(len(digits) - 1):
        left, right = digits[at], digits[at + 1]
        if left == right or (algorithm == "luhn" and {left, right} == {"0", "9"}):
            continue
        swapped = digits[:at] + right + left + digits[at + 2 :]
        assert check_character(algorithm, swapped) != check


def test_leading_zeros_stay() -> None:
    assert rule("{单位}{流水6}", unit_code="007").format(42, Place("senior", 2026)) == "007000042"
    said = rule("{单位}{流水6}", unit_code="007").parse("007000042")
    assert said is not None and said.sequence == 42


def test_a_sequence_never_grows_beyond_its_width() -> None:
    made_by = rule("{流水2}")
    assert made_by.format(99, Place("senior", 2026)) == "99"
    try:
        made_by.format(100, Place("senior", 2026))
    except Exhausted:
        return
    raise AssertionError("a number of three digits was made")


def test_a_faulty_number_is_told_by_its_part() -> None:
    made_by = rule("渝{年}{区县}{等级}{流水5}{校验}")
    good = made_by.format(7, Place("senior", 2026))
    assert made_by.fault(good) == ""
    said = {
        good.replace("500101", "500102"): "第6–11位“500102”应为区县代码“500101”",
        good.replace("G", "H"): "第12位“H”应为等级代码（高级“G”、中级“Z”、初级“C”）",
        good.replace("2026", "2O26"): "第2–5位“2O26”应为4位年份（批准时间的年度）",
        "X" + good[1:]: "第1位“X”应为“渝”",
        good[:-1]: "编号不完整，后面还应有1位校验码，编号应为18位",
        good + "7": "末尾多出“7”，编号应为18位",
        good[:-1] + "9": "第18位校验码“9”与前面各位不符（按前面各位应为“4”）",
    }
    for number, words in said.items():
        assert made_by.fault(number).startswith(words), number


def test_a_number_of_another_grade_year_or_region_is_told() -> None:
    made_by = rule("{年2}{区县}{等级}{流水5}", region_source="reporting")
    number = made_by.format(1, Place("senior", 2026, "500101"))
    assert made_by.fault(number, Place("senior", 2026, "500101")) == ""
    assert "是高级，本行资格为初级，应为“C”" in made_by.fault(number, Place("junior", 2026))
    assert "年份“26”与批准时间的年度不一致，应为“25”" in made_by.fault(
        number, Place("senior", 2025)
    )
    assert "应为“500241”" in made_by.fault(number, Place("senior", 2026, "500241"))
    assert made_by.fault(number, Place("", 0)) == ""  # nothing certain, nothing held against it


def test_ambiguous_rules_are_refused_with_an_example() -> None:
    uneven = {"senior": "1", "intermediate": "11", "junior": "2"}
    for bad in (
        rule("{等级}{流水4}", leading_zeros=False, grade_codes=uneven),
        rule("{流水4}{等级}", leading_zeros=False, grade_codes=uneven),
        rule("{等级}{流水4}", grade_codes={**CODES, "junior": "G"}),
    ):
        (told,) = bad.problems()
        assert "有歧义" in told and "两种读法" in told
    assert rule("{等级}-{流水4}", leading_zeros=False, grade_codes=uneven).problems() == []
    assert rule("{等级}{流水4}", grade_codes=uneven).problems() == []  # padded: one reading


def test_unusable_rules_say_why() -> None:
    cases = {
        "无流水号": (rule("渝{年}"), "须有且只有一个流水号"),
        "两个流水号": (rule("{流水3}{流水3}"), "须有且只有一个流水号"),
        "不认识": (rule("{序号}{流水3}"), "不认识的部分“{序号}”"),
        "括号": (rule("{流水3"), "花括号须成对"),
        "太宽": (rule("{流水12}"), "流水号须为1至9位"),
        "校验在中间": (rule("{年}{校验}{流水3}"), "校验码须在各部分之后"),
        "没有算法": (rule("{流水3}{校验}", check="none"), "请选择校验算法"),
        "没有校验": (rule("{流水3}", check="luhn"), "编号样式中须有 {校验}"),
        "重号": (rule("{流水3}", per_grade=True), "没有等级，会重号"),
        "全角": (rule("渝（{流水3}）"), "请用半角"),
        "空格": (rule("渝 {流水3}"), "请用半角、不留空格：“渝”"),
        "公式": (rule("={流水3}"), "会把它当作公式"),
        "没有区县": (rule("{区县}{流水3}", region=""), "没有六位区县代码"),
        "没有单位代码": (rule("{单位}{流水3}", unit_code=""), "请填写单位代码"),
        "没有等级代码": (rule("{等级}{流水3}", grade_codes={}), "请填写高级、中级、初级的代码"),
        "起始号": (rule("{流水3}", start=1000), "起始号须在1至999之间"),
        "像身份证": (rule("{区县}{年}{流水8}"), "与身份证号码同形"),
        "太长": (rule("渝" * 40 + "{流水3}"), "不能超过40位"),
    }
    for name, (bad, words) in cases.items():
        assert any(words in told for told in bad.problems()), (name, bad.problems())


def test_whether_two_rules_can_make_the_same_number_is_decided_exactly() -> None:
    wanzhou = rule("{年}{区县}{流水5}")
    yubei = rule("{年}{区县}{流水5}", region="500112")
    anybody = rule("{年}{流水9}")
    assert shared_number(wanzhou, yubei) == ""
    assert shared_number(wanzhou, anybody) == ""  # 15 digits and 13
    loose = rule("{年}{单位}{流水9}", unit_code="50")
    both = shared_number(wanzhou, loose)
    assert wanzhou.expression.fullmatch(both) and loose.expression.fullmatch(both)


def test_a_new_rule_does_not_make_older_numbers_wrong() -> None:
    old, new = rule("A{流水4}"), rule("B{等级}{流水4}")
    both = Numbering([new, old])
    assert both.fault("A0001", grade="senior", approved_in=2026) == ""
    assert both.fault("BG0001", grade="senior", approved_in=2026) == ""
    assert "应为“B”" in both.fault("C0001", grade="senior", approved_in=2026)
    assert "本行资格为中级" in both.fault("BG0001", grade="intermediate", approved_in=2026)


def test_every_check_character_of_the_alphabet_occurs() -> None:
    for algorithm, alphabet in CHECK_CHARACTERS.items():
        seen = {
            check_character(algorithm, "".join(digits))
            for digits in itertools.product(string.digits, repeat=3)
        }
        assert seen <= alphabet and len(seen) >= 10
