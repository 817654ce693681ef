"""What people fill in on the pages of approval documents; rules are the actions' business."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from zhicheng.organizations.models import Kind, Organization


class ImportForm(forms.Form):
    """The list workbook."""

    file = forms.FileField(
        label=_("评审通过人员名单"),
        help_text=_("Excel、WPS 表格或 CSV 文本（.xlsx、.xls、.et、.ods、.csv），不超过 50 MB。"),
        widget=forms.FileInput(
            attrs={"accept": ".xlsx,.xls,.et,.xlsm,.ods,.csv,.txt,.html,.htm,.xml"}
        ),
        error_messages={
            "required": _("请选择名单文件。"),
            "empty": _("这个文件是空的，请重新选择。"),
        },
    )


class ScanForm(forms.Form):
    """The document's scan."""

    scan = forms.FileField(
        label=_("扫描件"),
        help_text=_("PDF、JPG、PNG 或 TIFF，不超过 30 MB。"),
        widget=forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png,.tif,.tiff"}),
        error_messages={
            "required": _("请选择扫描件。"),
            "empty": _("这个文件是空的，请重新选择。"),
        },
    )


class SelfReviewForm(forms.Form):
    """备案 of a unit that reviews by itself (N16)."""

    unit = forms.ModelChoiceField(
        label=_("单位"),
        queryset=Organization.objects.none(),
        empty_label=_("请选择单位"),
        error_messages={"required": _("请选择单位。")},
    )
    number = forms.CharField(
        label=_("备案号"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("请填写备案号。")},
    )
    scope = forms.CharField(
        label=_("备案范围"),
        max_length=200,
        required=False,
        help_text=_("自主评审的系列、专业和级别"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    valid_from = forms.DateField(
        label=_("有效期起"),
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={
            "required": _("请填写有效期起。"),
            "invalid": _("请按 2026-01-31 的写法填写日期。"),
        },
    )
    valid_to = forms.DateField(
        label=_("有效期止"),
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={
            "required": _("请填写有效期止。"),
            "invalid": _("请按 2026-01-31 的写法填写日期。"),
        },
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        units = Organization.objects.in_force(today).exclude(kind=Kind.MUNICIPAL_OFFICE)
        self.fields["unit"].queryset = units.order_by("name")  # type: ignore[attr-defined]
