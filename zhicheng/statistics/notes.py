"""What is said beside figures of which some aren't shown; page, Excel file and report say the same.

Each of these follows from what is shown anyway: none tells of a number.
"""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from zhicheng.statistics.definitions import DIMENSIONS
from zhicheng.statistics.tables import Table


def note_on(table: Table) -> str:
    """Which groups have no line, or no number; nothing where each has both."""
    if table.left_out:
        return none_listed_words()
    if table.unlisted:
        # The other dimension's groups are listed with their sums.
        return "".join(
            _("“%(facet)s”各组人数过少，不予列出，只列合计。") % {"facet": DIMENSIONS[item].label}
            for item in table.unlisted
        )
    if table.withheld:
        return _("分组过小，交叉数字不予显示，只列合计。")
    return silent_words(table.silent)


def none_listed_words() -> str:
    """Why no group has a line."""
    return _("各组人数过少，分组不予列出，只列合计。")


def silent_words(years: Sequence[int]) -> str:
    """Why these years have nothing but asterisks in groups that other years list."""
    if not years:
        return ""
    return _("%(years)s 年各组人数过少，都以 * 代替。") % {"years": "、".join(map(str, years))}


def hidden_words() -> str:
    """What an asterisk means."""
    return (
        _("不足 5 人的分组不显示；为防止由合计推算，一并隐去了必要的其他分组。")
        + " "
        + rounding_words()
    )


def rounding_words() -> str:
    """Why parts don't add up to the sum outside the office."""
    return _("各分组的数字按 5 取整，与合计可能略有出入；合计是准确数。")


def fine_print(*, rounded: bool, hidden: bool) -> str:
    """What stands under figures of which some are hidden or in fives; nothing under exact ones."""
    if hidden:
        return f"* {hidden_words()}"
    return rounding_words() if rounded else ""


def charted_words(drawn: int, lines: int) -> str:
    """That a picture shows the first groups alone; nothing where it shows them all."""
    if lines <= drawn:
        return ""
    return _("图中只画前 %(drawn)d 组，其余见表。") % {"drawn": drawn}
