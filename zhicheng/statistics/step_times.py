"""How many days each step took, by unit: exact medians and 90th percentiles of the kept days."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import connection
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from zhicheng.statistics.models import Step
from zhicheng.statistics.rules import percentile
from zhicheng.statistics.suppression import alone, is_small

# {unit: {step: {days: how many}}}
Histograms = Mapping[int, Mapping[int, Mapping[int, int]]]


@dataclass
class StepTime:
    """How many cases, and within how many days half and nine tenths of them were done.

    ``n`` is None where the group is too small to be shown; there are no days then.
    """

    n: int | None
    median: int | None
    ninth: int | None


@dataclass(frozen=True)
class Section:
    """Steps of one way. ``counted`` is the one whose number of cases stands beside their days."""

    key: str
    title: str | Promise
    cases: str | Promise
    steps: Sequence[Step]
    counted: Step


REGISTERS = Section(
    "registers",
    _l("登记表和空白证书"),
    _l("受理的登记表"),
    (Step.ENDORSE, Step.ACCEPT, Step.ALLOT, Step.HAND_OVER, Step.RECEIVE),
    Step.ACCEPT,
)
CERTIFICATES = Section(
    "steps",
    _l("纸质证书"),
    _l("其中计时的证书"),
    (Step.FILL, Step.SEAL, Step.EMBOSS, Step.ISSUE, Step.WHOLE),
    Step.WHOLE,
)
REISSUES = Section(
    "reissues",
    _l("补办换发"),
    _l("核发的申请"),
    (Step.REISSUE_ACCEPT, Step.REISSUE_GRANT, Step.REISSUE_ISSUE, Step.REISSUE_WHOLE),
    Step.REISSUE_WHOLE,
)
ELECTRONIC = Section(
    "electronic", _l("电子证书"), _l("生成的电子证书"), (Step.ELECTRONIC,), Step.ELECTRONIC
)
SECTIONS = (REGISTERS, CERTIFICATES, REISSUES, ELECTRONIC)


def histograms(year: int) -> Histograms:
    """The days of what was done in a year."""
    found: dict[int, dict[int, dict[int, int]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT issuer_id, step, days, n FROM statistics_duration WHERE year = %s", [year]
        )
        for issuer, step, days, n in cursor.fetchall():
            found.setdefault(issuer, {}).setdefault(step, {})[days] = n
    return found


def times(of: Sequence[Mapping[int, Mapping[int, int]]]) -> dict[Step, StepTime]:
    """Of one unit, or of several together."""
    found = {}
    for step in Step:
        days: dict[int, int] = {}
        for histogram in of:
            for day, n in histogram.get(step.value, {}).items():
                days[day] = days.get(day, 0) + n
        found[step] = StepTime(sum(days.values()), percentile(days, 0.5), percentile(days, 0.9))
    return found


def outside(step: StepTime) -> StepTime:
    """As it may be shown outside the office: in fives, and no days of fewer than five."""
    if not step.n:
        return step
    small = is_small(step.n)
    return StepTime(alone(step.n), None if small else step.median, None if small else step.ninth)


def days_words() -> str:
    """How days are told."""
    return _(
        "以日历日计；中位：一半在几天内办完；九成：十分之九在几天内办完。登记表按该年办完该环节的登记表"
        "计算（以最后一次提交为准；配发、移交、签收按每份配发计），纸质证书按该年发放的证书（登记表来源）"
        "计算，补办换发按该年办完该环节的申请计算，电子证书自导入核准文件起，按该年生成的证书计算。"
    )
