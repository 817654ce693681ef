"""Every component with made-up content, so that its look can be judged on one page."""

from dataclasses import dataclass
from datetime import timedelta
from operator import itemgetter
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from zhicheng.values.refusal import Refusal
from zhicheng.web import tokens
from zhicheng.web.badges import STATE_TONES
from zhicheng.web.cells import Listed, options
from zhicheng.web.columns import Column
from zhicheng.web.forms import no_id_number
from zhicheng.web.lists import Page
from zhicheng.web.samples import samples
from zhicheng.web.tasks import TaskGroup

TONES = (
    ("draft", gettext_lazy("填报中")),
    ("filed", gettext_lazy("待市职改办受理")),
    ("filled", gettext_lazy("已填制")),
    ("issued", gettext_lazy("已发放")),
    ("returned", gettext_lazy("已退回")),
)
ICONS = (
    "checklist file-spreadsheet file-text stack-2 certificate scale building shield-check search "
    "download upload printer barcode rubber-stamp recycle history pencil plus eye lock key"
).split()
# Rare and minority names must show whole everywhere: 𠮷 is outside the basic plane.
NAMES = ("𠮷田玉兰", "李㛃", "王䶮", "陈𬭸", "阿卜杜热西提·买买提吐尔逊")


class ExampleForm(forms.Form):
    """One field of each sort; bound to faulty values, it shows how errors look."""

    recipient = forms.CharField(
        label=gettext_lazy("领取人"), help_text=gettext_lazy("到场领取空白证书的人。")
    )
    count = forms.IntegerField(label=gettext_lazy("本数"), min_value=1)
    received = forms.DateField(
        label=gettext_lazy("入库日期"), widget=forms.DateInput(attrs={"type": "date"})
    )
    file = forms.FileField(
        label=gettext_lazy("扫描件"),
        required=False,
        help_text=gettext_lazy("PDF 或图片；可以把文件拖到这里。"),
    )
    note = forms.CharField(
        label=gettext_lazy("说明"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        validators=[no_id_number],
    )
    checked = forms.BooleanField(label=gettext_lazy("已清点实物"), required=False)


@dataclass(frozen=True)
class _Entry:
    at: Any
    label: str
    who: str
    organization: str
    details: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Finding:
    row: int | None
    column: str
    severity: str
    message: str
    clause: str = ""
    value: str = ""
    suggestion: str = ""


@login_required
@require_safe
def styleguide(request: HttpRequest) -> HttpResponse:
    """The page; nothing on it is real and nothing can be sent from it."""
    return render(
        request,
        "web/styleguide.html",
        {
            "tones": TONES,
            "states": sorted(STATE_TONES.items(), key=lambda item: item[1]),
            "pairs": tokens.pairs(),
            "sizes": tokens.SIZES,
            "spaces": tokens.SPACES,
            "icons": ICONS,
            "names": NAMES,
            "path": _path(),
            "groups": _groups(),
            "tiles": [(187, _("等您办理"), False), (2, _("类已逾期"), True)],
            "parts": ((2024, 310, 12), (2025, 402, 30), (2026, 187, 9)),
            "operations": [
                {"key": "accept", "label": _("受理"), "tone": "primary"},
                {"key": "return", "label": _("退回"), "tone": "danger"},
            ],
            "most": 200,
            "samples": samples(),
            "sections": [
                {"label": "库存", "url": "#", "current": True},
                {"label": "配发", "url": "#", "count": 3},
                {"label": "废旧证书", "url": "#"},
            ],
            "entries": _entries(),
            "found": _findings(),
            "refusal": _refusal(),
            "form": ExampleForm(),
            "faulty": ExampleForm(
                {"faulty-count": "0", "faulty-note": "身份证号码 000000190001010000"},
                prefix="faulty",
            ),
            "list": {
                "title": _("示例列表"),
                "search_fields": ("name",),
                "search_hint": _("姓名、证书编号"),
            },
            "filters": [
                {
                    "name": "state",
                    "title": _("状态"),
                    "kind": "choice",
                    "options": options(TONES, ""),
                },
                {"name": "day", "title": _("发放日期"), "kind": "dates", "from": "", "to": ""},
            ],
            "page": _page(),
        },
    )


def _path() -> list[dict[str, str]]:
    states = ("done", "done", "now", "todo", "todo", "todo")
    labels = (_("填报"), _("受理"), _("配发"), _("填制"), _("钢印"), _("发放"))
    return [
        {"label": label, "state": state, "note": "11-24 09:12" if state == "done" else ""}
        for label, state in zip(labels, states, strict=True)
    ]


def _groups() -> list[TaskGroup]:
    """One overdue with others behind it, one soon, one without a deadline."""
    today, now = timezone.localdate(), timezone.now()
    waits = [
        (f"DJ2026-{number:04} 36 人", f"#{number}", now - timedelta(days=20 - number))
        for number in range(1, 4)
    ]
    return [
        TaskGroup(
            _("待受理的登记表"),
            12,
            "#",
            waits[0][2],
            tuple(waits),
            "N5",
            dues=(today - timedelta(days=3), today, today + timedelta(days=5)),
            queue="#",
        ),
        TaskGroup(
            _("待加盖钢印的证书"), 38, "#", now, (("DJ2026-0004", "#4", now),), "N8", dues=(today,)
        ),
        TaskGroup(_("备用证书不足"), 1, "#"),
    ]


def _entries() -> list[_Entry]:
    now = timezone.now()
    return [
        _Entry(now, _("受理登记表"), "郑国平", "市职改办", ("36 人", "高级 12，中级 24")),
        _Entry(now - timedelta(days=1), _("提交登记表"), "冉嘉豪", "万州区职改办"),
    ]


def _findings() -> list[_Finding]:
    return [
        _Finding(
            7,
            "批准时间",
            "error",
            "批准时间与核准文件不一致。",
            "N6",
            "2026-04-02",
            "2026-03-18",
        ),
        _Finding(
            9, "工作单位", "warning", "工作单位与核准文件的写法不同。", "N6", "山城医院", NAMES[4]
        ),
        _Finding(12, "姓名", "tidied", "去掉了姓名中的空格。", "A1", "李 㛃", "李㛃"),
    ]


def _refusal() -> Refusal:
    return Refusal(
        "certificates.not_embossed",
        "有 2 本证书还没有加盖钢印，没有发放。",
        clause="N8",
        found="0012007、0012011：已加盖公章",
        expected="已加盖钢印",
        mend="请先送市职改办加盖钢印，或只选择已加盖钢印的证书发放。",
    )


def _page() -> Page:
    kinds = ("code", "text", "badge", "number", "date")
    titles = (_("证书编号"), _("姓名"), _("状态"), _("本数"), _("批准时间"))
    labels = dict(TONES)
    columns = [
        Column(
            title,
            itemgetter(place),
            kind=kind,
            label=(lambda row: labels[row[2]]) if kind == "badge" else "",
            link=(lambda _row: "#") if kind == "code" else None,
        )
        for place, (title, kind) in enumerate(zip(titles, kinds, strict=True))
    ]
    today = timezone.now().date()
    rows = [
        Listed((f"20261200{number:04}", name, state, number, today), columns)
        for number, (name, (state, _label)) in enumerate(zip(NAMES, TONES, strict=True), start=1)
    ]
    headers = [
        {
            "title": title,
            "kind": kind,
            "sort": kind,
            "next": f"-{kind}",
            "order": "ascending" if kind == "code" else "",
        }
        for title, kind in zip(titles, kinds, strict=True)
    ]
    return Page(rows, 2, 187, counted_all=True, size=5, headers=headers)
