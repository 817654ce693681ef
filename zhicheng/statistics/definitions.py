"""What is counted and from which records: the one place that says so (N19).

The pages, the exports and the yearly report show these very texts, and ``sources`` counts by
them; ``tests/statistics`` counts by hand and compares.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from zhicheng.approvals.models import Channel, ReviewMode, Sex
from zhicheng.reference.models import Grade, Level
from zhicheng.statistics.rules import AGE_BANDS

UNKNOWN = 0  # the code of a value that nobody stated


class Measure(IntEnum):
    """A figure; the numbers are the codes in the tables."""

    PASSED = 1
    ISSUED = 2
    REPLACEMENT = 3
    RENEWAL = 4
    VOIDED = 5
    REVOKED = 6
    LOST = 7
    HISTORIC = 8
    SELF_ISSUED = 9
    REISSUED = 20
    IN_FORCE = 21


# Figures that are made of others: so many times each.
MADE_OF: Mapping[Measure, Mapping[Measure, int]] = {
    Measure.REISSUED: {Measure.REPLACEMENT: 1, Measure.RENEWAL: 1},
    Measure.IN_FORCE: {
        Measure.ISSUED: 1,
        Measure.REPLACEMENT: 1,
        Measure.RENEWAL: 1,
        Measure.HISTORIC: 1,
        Measure.VOIDED: -1,
    },
}


@dataclass(frozen=True)
class Definition:
    """A figure's name, its unit, what it counts, and the records that it comes from, in words.

    ``year`` says which year a case belongs to; a ``standing`` figure counts everything up to the
    end of the year.
    """

    key: str
    label: str | Promise
    unit: str | Promise
    text: str | Promise
    table: str | Promise
    year: str | Promise
    standing: bool = False


MEASURES: Mapping[Measure, Definition] = {
    Measure.PASSED: Definition(
        "passed",
        _("评审通过人次"),
        _("人次"),
        _("核准文件所列的评审通过人员，一人的一项资格计一人次；含自主评审。"),
        _("核准名单（资格核准文件所列的人员）"),
        _("批准时间的年份"),
    ),
    Measure.ISSUED: Definition(
        "issued",
        _("首次核发证书"),
        _("本"),
        _(
            "按登记表或线上评审核发的证书；以后补办、换发的不再计入，作废的不扣除；历史证书登记和单位自主发放的不计入。"
        ),
        _("证书登记，来源为登记表或线上评审，状态为已发放"),
        _("发放时间的年份"),
    ),
    Measure.HISTORIC: Definition(
        "historic",
        _("历史证书登记"),
        _("本"),
        _("持证人登记以前取得的证书，经审核生成的电子证书；不是当年评审的，不计入首次核发。"),
        _("证书登记，来源为历史证书，状态为已发放"),
        _("电子证书生成时间的年份"),
    ),
    Measure.SELF_ISSUED: Definition(
        "self_issued",
        _("单位自主发放证书"),
        _("本"),
        _("自主评审单位自行发放、报送后收录的证书；不是统一样式的证书，不计入核发和有效证书。"),
        _("自主评审单位报送的自主发放证书，状态为已收录"),
        _("发证日期的年份，没有的取批准时间的年份"),
    ),
    Measure.REPLACEMENT: Definition(
        "replacement",
        _("补办证书"),
        _("本"),
        _("按补办申请核发的新证书。"),
        _("证书登记和补办换发申请，申请为补办，新证书状态为已发放"),
        _("新证书发放时间的年份"),
    ),
    Measure.RENEWAL: Definition(
        "renewal",
        _("换发证书"),
        _("本"),
        _("按换发（更正、毁损）申请核发的新证书。"),
        _("证书登记和补办换发申请，申请为换发，新证书状态为已发放"),
        _("新证书发放时间的年份"),
    ),
    Measure.REISSUED: Definition(
        "reissued",
        _("补办换发证书"),
        _("本"),
        _("补办证书与换发证书之和。"),
        _("证书登记和补办换发申请，新证书状态为已发放"),
        _("新证书发放时间的年份"),
    ),
    Measure.VOIDED: Definition(
        "voided",
        _("作废证书"),
        _("本"),
        _("已发放后作废的证书：被补办、换发的新证书替代，或资格被撤销。"),
        _("证书登记，已有作废时间"),
        _("作废时间的年份"),
    ),
    Measure.REVOKED: Definition(
        "revoked",
        _("撤销资格作废"),
        _("本"),
        _("作废证书中原因为撤销资格的。"),
        _("证书登记，作废原因为已撤销资格"),
        _("作废时间的年份"),
    ),
    Measure.LOST: Definition(
        "lost",
        _("报失未补证书"),
        _("本"),
        _("现在处于报失状态、没有作废的证书；仍计入有效证书。"),
        _("证书登记，已有报失时间而没有作废时间"),
        _("报失时间的年份"),
    ),
    Measure.IN_FORCE: Definition(
        "in_force",
        _("有效证书"),
        _("本"),
        _(
            "已发放而没有作废的证书：首次核发 + 补办 + 换发 + 历史证书登记 − 作废。"
            "换发、补办后只计新证书，一人的同一资格只计一本，按新证书上的信息归类。"
        ),
        _("证书登记，状态为已发放而没有作废时间"),
        _("截至该年年末（本年为截至数据时间）"),
        standing=True,
    ),
}
BY_KEY: Mapping[str, Measure] = {item.key: measure for measure, item in MEASURES.items()}


class Dimension(IntEnum):
    """By what is counted; the numbers are places in the tables, so they stay."""

    YEAR = 1
    REGION = 2
    UNIT = 3
    ISSUER = 4
    DEPARTMENT = 5
    SERIES = 6
    LEVEL = 7
    QUALIFICATION = 8
    MODE = 9
    CHANNEL = 10
    SEX = 11
    AGE = 12
    GRADE = 30  # follows from the level, so it is stored nowhere


@dataclass(frozen=True)
class Facet:
    """A dimension's name, the column that holds its codes, and what it means."""

    key: str
    label: str | Promise
    column: str
    text: str | Promise
    short: bool = False  # few values: may stand across a table


DIMENSIONS: Mapping[Dimension, Facet] = {
    Dimension.YEAR: Facet("year", _("年度"), "year", _("各指标所属年份见指标说明。"), short=True),
    Dimension.REGION: Facet(
        "region",
        _("区县"),
        "region_id",
        _(
            "填报单位登记的区县（列入已提交登记表的人员即取报送单位的区县）；没有的取发放单位的区县，"
            "都没有的归入“市级及未定”。"
        ),
    ),
    Dimension.UNIT: Facet(
        "unit",
        _("填报单位"),
        "unit_id",
        _(
            "报送登记表的单位；线上评审和补办换发没有登记表的，取工作单位同名的机构，"
            "没有的取发放单位。评审通过而还没有证书的人员，列入的登记表提交后即取报送登记表的单位"
            "（列入多份的取已受理的，都没有受理的取最后列入的；未提交、已撤回、已退回的不算）；没有列入的，"
            "按工作单位名称对应机构，对应不上的归入“未对应机构”。"
        ),
    ),
    Dimension.ISSUER: Facet(
        "issuer",
        _("发放单位"),
        "issuer_id",
        _("领取、办理、发放证书的区县职改办、市级主管部门或大型企事业单位。"),
    ),
    Dimension.DEPARTMENT: Facet(
        "department", _("核准部门"), "department_id", _("核准文件的资格核准部门。")
    ),
    Dimension.SERIES: Facet(
        "series", _("系列"), "series_id", _("核准文件所列的系列，没有写明的归入“未注明”。")
    ),
    Dimension.LEVEL: Facet(
        "level", _("级别"), "level", _("正高级、副高级、中级、助理级、员级。"), short=True
    ),
    Dimension.GRADE: Facet(
        "grade",
        _("等级"),
        "grade",
        _("高级（正高级、副高级）、中级、初级（助理级、员级）。"),
        short=True,
    ),
    Dimension.QUALIFICATION: Facet(
        "qualification", _("资格名称"), "qualification_id", _("证书或核准文件上的资格名称。")
    ),
    Dimension.MODE: Facet(
        "mode",
        _("评审方式"),
        "mode",
        _("核准文件的评审方式；补办换发没有对应核准文件的归入“未注明”。"),
        short=True,
    ),
    Dimension.CHANNEL: Facet(
        "channel", _("申报渠道"), "channel", _("核准文件的申报渠道，线上或线下。"), short=True
    ),
    Dimension.SEX: Facet("sex", _("性别"), "sex", _("证书或核准文件上的性别。"), short=True),
    Dimension.AGE: Facet(
        "age",
        _("年龄段"),
        "age",
        _("批准时间的年份减去身份证号码中的出生年份；不能得出出生年份的证件归入“不详”。"),
        short=True,
    ),
}
FACET_BY_KEY: Mapping[str, Dimension] = {facet.key: item for item, facet in DIMENSIONS.items()}

LEVELS: Sequence[str] = [level.value for level in Level]
MODES: Sequence[str] = [mode.value for mode in ReviewMode]
CHANNELS: Sequence[str] = [channel.value for channel in Channel]
SEXES: Sequence[str] = [sex.value for sex in Sex]
GRADES: Sequence[str] = [grade.value for grade in Grade]
GRADE_OF_LEVEL: Mapping[int, int] = {1: 1, 2: 1, 3: 2, 4: 3, 5: 3, 0: 0}


def fixed_labels(dimension: Dimension) -> Mapping[int, str] | None:
    """The codes and words of a dimension with a fixed list; None for one that tables hold."""
    unstated: str | Promise = _("未注明")
    words: list[tuple[int, str | Promise]]
    match dimension:
        case Dimension.LEVEL:
            words = [(place, level.label) for place, level in enumerate(Level, start=1)]
        case Dimension.GRADE:
            words = [(place, grade.label) for place, grade in enumerate(Grade, start=1)]
        case Dimension.MODE:
            words = [(place, mode.label) for place, mode in enumerate(ReviewMode, start=1)]
        case Dimension.CHANNEL:
            words = [(place, channel.label) for place, channel in enumerate(Channel, start=1)]
        case Dimension.SEX:
            words = [(place, sex.label) for place, sex in enumerate(Sex, start=1)]
        case Dimension.AGE:
            words = [(band.code, age_words(band.first, band.last)) for band in AGE_BANDS]
            unstated = _("不详")
        case _:
            return None
    return {code: str(label) for code, label in [*words, (UNKNOWN, unstated)]}


def age_words(first: int, last: int | None) -> str:
    """How a band is called."""
    if first == 0:
        return str(_("%(age)d 岁以下")) % {"age": (last or 0) + 1}
    if last is None:
        return str(_("%(age)d 岁及以上")) % {"age": first}
    return str(_("%(first)d–%(last)d 岁")) % {"first": first, "last": last}
