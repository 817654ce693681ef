"""What people fill in on the pages of blanks; rules are the actions' business."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from zhicheng.reference.models import Grade
from zhicheng.values.refusal import Refusal
from zhicheng.values.serials import SerialRange, count, parse_ranges
from zhicheng.web.forms import no_id_number


class SerialsField(forms.CharField):
    """Serials typed or scanned, one or many, single or as ranges; gives ``SerialRange``s."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("空白证书编号"))
        kwargs.setdefault(
            "help_text",
            _("可逐本扫描，也可填写区间，例如 0012001-0012042；多个之间用逗号或换行分开。"),
        )
        kwargs.setdefault(
            "widget",
            forms.Textarea(
                attrs={"rows": 4, "autocomplete": "off", "spellcheck": "false", "class": "zc-mono"}
            ),
        )
        super().__init__(max_length=100_000, **kwargs)

    def to_python(self, value: Any) -> Any:
        """The ranges; ValidationError in the words of the refusal."""
        text = super().to_python(value)
        try:
            return parse_ranges(text) if text else []
        except Refusal as refusal:
            raise forms.ValidationError(str(refusal)) from refusal

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Never asked for."""
        return bool(data)


class PrintRunForm(forms.Form):
    """A delivery of printed blanks (N1)."""

    grade = forms.ChoiceField(label=_("等级"), choices=Grade.choices)
    serials = forms.CharField(
        label=_("编号区间"),
        max_length=40,
        help_text=_("送货单上的起止编号，例如 0012001-0018000。"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "class": "zc-mono"}),
    )
    printer = forms.CharField(label=_("印刷单位"), max_length=100, required=False)
    received_on = forms.DateField(
        label=_("入库日期"),
        initial=timezone.localdate,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    confirmed_count = forms.IntegerField(
        label=_("清点本数"),
        min_value=1,
        help_text=_("清点实物后填写；与编号区间的本数不一致时不能入库。"),
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )

    def clean_serials(self) -> SerialRange:
        """One range."""
        try:
            ranges = parse_ranges(self.cleaned_data["serials"])
        except Refusal as refusal:
            raise forms.ValidationError(str(refusal)) from refusal
        if len(ranges) != 1:
            raise forms.ValidationError(_("请填写一个连续的编号区间。"))
        return ranges[0]

    def clean_received_on(self) -> Any:
        """A day that has come."""
        day = self.cleaned_data["received_on"]
        if day > timezone.localdate():
            raise forms.ValidationError(_("入库日期不能晚于今天。"))
        return day

    def clean(self) -> dict[str, Any]:
        """The count on paper and the count in the range are the same."""
        values = super().clean() or {}
        serials, counted = values.get("serials"), values.get("confirmed_count")
        if serials is not None and counted is not None and len(serials) != counted:
            self.add_error(
                "confirmed_count",
                _("编号区间 %(serials)s 共 %(size)d 本，与清点的 %(counted)d 本不一致。")
                % {"serials": serials, "size": len(serials), "counted": counted},
            )
        return values


class SparePolicyForm(forms.Form):
    """A dated share of spares (N5)."""

    valid_from = forms.DateField(
        label=_("生效日期"),
        initial=timezone.localdate,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    percent = forms.DecimalField(
        label=_("超发比例（%）"),
        min_value=Decimal(0),
        max_value=Decimal(100),
        max_digits=5,
        decimal_places=2,
        initial=Decimal(5),
    )
    round_up = forms.BooleanField(label=_("不足一本的进位取整"), required=False, initial=True)

    def clean_valid_from(self) -> Any:
        """Today or later: what was allotted stays as it was."""
        day = self.cleaned_data["valid_from"]
        if day < timezone.localdate():
            raise forms.ValidationError(_("生效日期不能早于今天，已配发的不受影响。"))
        return day


class HandOverForm(forms.Form):
    """Who collects the blanks."""

    collected_by = forms.CharField(
        label=_("领取人"),
        max_length=60,
        validators=[no_id_number],
        help_text=_("前来领取空白证书的人员姓名，与交接单上的签字一致。"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class ReturnedForm(forms.Form):
    """The spoiled blanks that are brought to the municipal office."""

    serials = SerialsField(label=_("交回的废旧证书编号"), required=False)


class DestructionForm(forms.Form):
    """The returned spoiled blanks of a grade that shall be destroyed."""

    grade = forms.ChoiceField(label=_("等级"), choices=Grade.choices)
    serials = SerialsField(label=_("提请销毁的编号"))


class SerialSearchForm(forms.Form):
    """One serial."""

    q = forms.CharField(label=_("空白证书编号"), max_length=20)

    def clean_q(self) -> int:
        """The serial as a number."""
        try:
            ranges = parse_ranges(self.cleaned_data["q"])
        except Refusal as refusal:
            raise forms.ValidationError(str(refusal)) from refusal
        if count(ranges) != 1:
            raise forms.ValidationError(_("请填写一个编号，例如 0012001。"))
        return ranges[0].first


class ReorderPolicyForm(forms.Form):
    """When the store counts as too low (N1)."""

    grade = forms.ChoiceField(label=_("等级"), choices=Grade.choices)
    valid_from = forms.DateField(
        label=_("生效日期"),
        initial=timezone.localdate,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    weeks = forms.IntegerField(
        label=_("至少够用（周）"),
        min_value=0,
        max_value=104,
        help_text=_("按近期每周用量计算；0 表示不按周数预警。"),
    )
    stock = forms.IntegerField(
        label=_("至少库存（本）"),
        min_value=0,
        max_value=10_000_000,
        help_text=_("不论用量，库存少于此数即预警；0 表示不按本数预警。"),
    )

    def clean_valid_from(self) -> Any:
        """Earlier days keep the limit that they had."""
        day = self.cleaned_data["valid_from"]
        if day < timezone.localdate():
            raise forms.ValidationError(_("生效日期不能早于今天。"))
        return day
