"""What is filled in of a record of authorised, joint or self-managed review (N15, N16)."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from zhicheng.approvals.models import RecordEnd, RecordMode
from zhicheng.organizations.models import Kind, Organization
from zhicheng.reference.catalog import load_catalog
from zhicheng.reference.models import Level

_DAY = {
    "required": _("请填写日期。"),
    "invalid": _("请按 2026-01-31 的写法填写日期。"),
}


def _day(label: Any) -> forms.DateField:
    return forms.DateField(
        label=label,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages=_DAY,
    )


class RecordForm(forms.Form):
    """备案 of a unit; nothing chosen under series, level and title means all of them."""

    mode = forms.ChoiceField(label=_("评审方式"), choices=RecordMode.choices)
    unit = forms.ModelChoiceField(
        label=_("评审单位"),
        queryset=Organization.objects.none(),
        empty_label=_("请选择单位"),
        error_messages={"required": _("请选择单位。")},
    )
    department = forms.ModelChoiceField(
        label=_("授权或同意部门"),
        queryset=Organization.objects.none(),
        required=False,
        empty_label=_("（自主评审可不填）"),
        help_text=_("授权、联合评审：统一发文公布结果的资格核准部门。"),
    )
    number = forms.CharField(
        label=_("备案号或授权文号"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("请填写备案号或授权文号。")},
    )
    valid_from = _day(_("有效期起"))
    valid_to = _day(_("有效期止"))
    levels = forms.MultipleChoiceField(
        label=_("级别"),
        choices=Level.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("不选即全部级别。"),
    )
    series = forms.MultipleChoiceField(
        label=_("系列"),
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 8}),
        help_text=_("不选即全部系列；按住 Ctrl 可选多个。"),
    )
    qualifications = forms.CharField(
        label=_("资格名称"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("只限个别资格时填写，用顿号或换行分开；不填即不限。"),
    )
    scope = forms.CharField(
        label=_("备注"),
        max_length=200,
        required=False,
        help_text=_("例如联合评审的其他单位、专业限制。"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = Organization.objects.in_force(today).exclude(kind=Kind.EMPLOYER).order_by("name")
        units: Any = self.fields["unit"]
        units.queryset = known.exclude(kind=Kind.MUNICIPAL_OFFICE)
        departments: Any = self.fields["department"]
        departments.queryset = known
        series: Any = self.fields["series"]
        series.choices = [(name, name) for name in load_catalog().series]

    def clean_qualifications(self) -> list[str]:
        """The titles, one by one."""
        text = self.cleaned_data["qualifications"]
        for mark in "，,；;\r\n":
            text = text.replace(mark, "、")
        return [part.strip() for part in text.split("、") if part.strip()]


class EndForm(forms.Form):
    """Why and from when a record holds no longer."""

    kind = forms.ChoiceField(label=_("失效原因"), choices=RecordEnd.choices)
    ended_on = _day(_("自何日起失效"))
    reason = forms.CharField(
        label=_("说明"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("事由和文号；此前评审通过的结果不受影响。"),
        error_messages={"required": _("请写明原因。")},
    )
