"""Made-up results of a search for the style guide."""

from django.utils.translation import gettext as _

from zhicheng.search.kinds import Group, Hit
from zhicheng.search.queries import KINDS
from zhicheng.web.samples import Sample


def results() -> Sample:
    """Two kinds of things, the first with more of it; nothing leads anywhere."""
    certificate, document = KINDS[0], KINDS[-1]
    hits = (
        Hit("202612000001", "𠮷田玉兰 · 高级工程师", "#", "issued", _("已发放")),
        Hit("202612000002", "李㛃 · 主治医师", "#", "filled", _("已填制")),
    )
    groups = [
        Group(certificate, hits, more=False),
        Group(document, (Hit("市卫生健康委", _("示例"), "#"),), more=False, narrow=True),
    ]
    return Sample(
        "found", _("搜索结果"), "search/_found.html", {"asked": True, "groups": groups, "text": ""}
    )
