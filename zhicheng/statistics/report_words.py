"""What the yearly report says in words: its period and the paragraph that begins it.

Always Chinese, as the report is; from the numbers that its tables show and from no others.
"""

from datetime import date

from zhicheng.statistics.definitions import Measure
from zhicheng.statistics.overview import Headline, Overview
from zhicheng.statistics.processes import Unit


def unfinished(year: int, day: date) -> bool:
    """Whether the year still goes on at the day up to which is counted."""
    return day.year <= year


def period(year: int, day: date) -> str:
    """From when to when the report counts."""
    if not unfinished(year, day):
        return f"{year}年1月1日至12月31日"
    last = max(day, date(year, 1, 1))
    return f"{year}年1月1日至{last.month}月{last.day}日（数据截至日；本年尚未结束，不是全年数）"


def opening(
    overview: Overview, more: dict[Measure, int], unit: Unit | None, day: date
) -> list[str]:
    """The figures in sentences. ``more`` are further figures, for whoever may see them.

    ``unit`` is the work of all units together, or the unit's own; None where there is none.
    """
    going_on = unfinished(overview.year, day)
    told = {item.definition.key: item for item in overview.headlines}
    begin = "本年度至数据截至日，" if going_on else "本年度"
    first = [
        _said(f"{begin}评审通过", "人次", told["passed"], going_on=going_on),
        _said("首次核发证书", "本", told["issued"], going_on=going_on),
        _said("补办换发证书", "本", told["reissued"], going_on=going_on) + _parts(more),
    ]
    if "voided" in told:
        revoked = more.get(Measure.REVOKED, 0)
        of_those = f"（其中撤销资格 {revoked} 本）" if revoked else ""
        first.append(_said("作废证书", "本", told["voided"], going_on=going_on) + of_those)
    second = []
    standing = told["in_force"]
    if standing.n is not None:
        when = "数据截至时" if going_on else "年末"
        about = "约 " if standing.about and standing.n else ""
        second.append(f"{when}有效证书 {about}{standing.n} 本")
    # Outside the office it is the unit's own work, whatever its figures are of.
    whose = "" if overview.area.exact else "本单位"
    if unit is not None and unit.used:
        rate = "" if unit.spoilage_rate is None else f"，废旧率 {unit.spoilage_rate:.2f}%"
        second.append(f"{whose}使用空白证书 {unit.used} 本，其中作废 {unit.spoiled} 本{rate}")
    if unit is not None and unit.return_rate is not None:
        second.append(
            f"{whose}提交或退回的登记表 {unit.registers} 份，其中被退回 {unit.returned} 份，"
            f"退回率 {unit.return_rate:.2f}%"
        )
    return ["；".join(first) + "。" + ("；".join(second) + "。" if second else "")]


def _parts(more: dict[Measure, int]) -> str:
    if Measure.REPLACEMENT not in more:
        return ""
    return f"（补办 {more[Measure.REPLACEMENT]} 本、换发 {more[Measure.RENEWAL]} 本）"


def _said(what: str, unit: str, found: Headline, *, going_on: bool) -> str:
    """A figure, and what it is to the year before; an unfinished year is no year's change."""
    if found.n is None:
        return f"{what}不足 5 {unit}"
    words = f"{what} {found.n} {unit}"
    if not found.before:
        return words
    if going_on:
        return f"{words}（为上年全年的 {100 * found.n / found.before:.1f}%）"
    return f"{words}，{change(found)}"


def change(found: Headline) -> str:
    """Against the year before."""
    percent = found.change
    if percent is None:
        return ""
    if not percent:
        return "与上年持平"
    return f"比上年{'增加' if percent > 0 else '减少'} {abs(percent):.1f}%"
