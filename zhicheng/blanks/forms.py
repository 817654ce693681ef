"""What people fill in on the pages of blanks; rules are the actions' business."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from zhicheng.blanks.models import Disposal
from zhicheng.blanks.rules import common, difference
from zhicheng.reference.models import Grade
from zhicheng.values.refusal import Refusal
from zhicheng.values.serials import SerialRange, count, parse_ranges
from zhicheng.web.forms import FromDayField, no_id_number


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


class EditionField(forms.IntegerField):
    """印制年度: the year of the blank's edition; empty where nobody says."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            label=_("印制年度"),
            required=False,
            min_value=1980,
            max_value=2100,
            widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
            **kwargs,
        )


def one_range(text: str) -> SerialRange:
    """A single range; ValidationError otherwise."""
    try:
        ranges = parse_ranges(text)
    except Refusal as refusal:
        raise forms.ValidationError(str(refusal)) from refusal
    if len(ranges) != 1:
        raise forms.ValidationError(_("请填写一个连续的编号区间。"))
    return ranges[0]


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
    edition = EditionField(
        help_text=_("空白证书上的版本年度，套打版式按它选用；不填为入库日期的年份。")
    )
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
        return one_range(self.cleaned_data["serials"])

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


class PrintOrderForm(forms.Form):
    """An order at the printer's (N1)."""

    grade = forms.ChoiceField(label=_("等级"), choices=Grade.choices)
    serials = forms.CharField(
        label=_("编号区间"),
        max_length=40,
        help_text=_("要求印刷单位印上的起止编号，例如 0012001-0018000。"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "class": "zc-mono"}),
    )
    quantity = forms.IntegerField(
        label=_("印制数量"),
        min_value=1,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    printer = forms.CharField(label=_("印刷单位"), max_length=100, validators=[no_id_number])
    edition = EditionField(
        help_text=_("要求印制的空白证书版本年度，套打版式按它选用；可在到货时再填。")
    )
    ordered_on = forms.DateField(
        label=_("下单日期"),
        initial=timezone.localdate,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    note = forms.CharField(
        label=_("备注"), max_length=200, required=False, validators=[no_id_number]
    )

    def clean_serials(self) -> SerialRange:
        """One range."""
        return one_range(self.cleaned_data["serials"])


class CountInForm(forms.Form):
    """A delivery that is counted in: what the slip names, what came, what is damaged (N1).

    Missing serials are named by hand as well: a count that was broken off isn't a shortage.
    """

    announced = SerialsField(
        label=_("送货单所列编号"),
        help_text=_("默认为尚未到货的全部编号；分批到货的，填本批的编号。"),
    )
    received = SerialsField(
        label=_("实收编号"),
        help_text=_("逐本或逐箱扫描，也可填写区间；损坏的也算实收。"),
        required=False,
    )
    damaged = SerialsField(label=_("其中损坏"), help_text="", required=False)
    missing = SerialsField(
        label=_("缺少"),
        help_text=_("送货单上有而没有收到的编号；登记后立案，由印刷单位补足或核销。"),
        required=False,
    )
    edition = EditionField(
        help_text=_("空白证书上的版本年度；不填按印制单，印制单没有写明的按到货日期的年份。")
    )
    delivered_on = forms.DateField(
        label=_("到货日期"),
        initial=timezone.localdate,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    note = forms.CharField(
        label=_("备注"), max_length=150, required=False, validators=[no_id_number]
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["received"].widget.attrs["data-counts"] = "received-count"

    def clean_delivered_on(self) -> Any:
        """A day that has come."""
        day = self.cleaned_data["delivered_on"]
        if day > timezone.localdate():
            raise forms.ValidationError(_("到货日期不能晚于今天。"))
        return day

    def clean(self) -> dict[str, Any]:
        """Announced = received + missing, and damaged ones are among the received."""
        values = super().clean() or {}
        names = ("announced", "received", "damaged", "missing")
        if any(name not in values for name in names):
            return values
        announced, received, damaged, missing = (values[name] for name in names)
        strange = difference(received, announced)
        self._name("received", strange, _("不在送货单上的编号：%(serials)s。"))
        strange = difference(damaged, received)
        self._name("damaged", strange, _("未实收的编号：%(serials)s。"))
        unnamed = difference(difference(announced, received), missing)
        text = _("送货单所列而未实收：%(serials)s。请继续清点，确实缺少的填在这里。")
        self._name("missing", unnamed, text)
        twice = common(missing, received)
        self._name("missing", twice, _("既实收又缺少的编号：%(serials)s。"))
        return {**values, "good": difference(received, damaged)}

    def _name(self, field: str, serials: list[SerialRange], text: Any) -> None:
        if serials:
            named = "、".join(str(item) for item in serials[:8])
            self.add_error(field, text % {"serials": named + ("…" if len(serials) > 8 else "")})


class WriteOffForm(forms.Form):
    """How it was found out that missing serials will never come."""

    conclusion = forms.CharField(
        label=_("核对结果"),
        max_length=300,
        validators=[no_id_number],
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class SpareDisposalForm(forms.Form):
    """What may become of left-over blanks, from a day on (N5)."""

    valid_from = FromDayField()
    allowed = forms.MultipleChoiceField(
        label=_("允许的办法"),
        choices=Disposal.choices,
        initial=Disposal.values,
        widget=forms.CheckboxSelectMultiple,
    )
    proposed = forms.ChoiceField(
        label=_("默认办法"), choices=Disposal.choices, initial=Disposal.RETURN
    )


class LeftOverForm(forms.Form):
    """Which left-over blanks."""

    serials = SerialsField(label=_("剩余证书编号"))


class TransferForm(LeftOverForm):
    """Which left-over blanks, and to which register of the unit."""

    to = forms.TypedChoiceField(label=_("调入的登记表"), coerce=int)

    def __init__(self, *args: Any, targets: Sequence[tuple[int, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["to"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = list(targets)


class CorrectionForm(forms.Form):
    """Why a movement is taken back."""

    reason = forms.CharField(
        label=_("更正原因"),
        max_length=200,
        validators=[no_id_number],
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class ChosenForm(forms.Form):
    """Other serials than the proposed ones, a box for each grade; an empty one keeps those."""

    def __init__(self, grades: Mapping[str, str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number, (grade, label) in enumerate(grades.items(), start=1):
            field = SerialsField(label=_("%(grade)s编号") % {"grade": label}, required=False)
            field.widget.attrs["data-counts"] = f"count-{number}"
            self.fields[f"serials_{grade}"] = field

    def clean(self) -> dict[str, Any]:
        """At least one grade is chosen by hand; otherwise nobody meant this form."""
        values = super().clean() or {}
        if not self.errors and not any(values.values()):
            raise forms.ValidationError(_("请扫描或填写至少一个等级的编号。"))
        return values


class ReceiptForm(forms.Form):
    """What the unit names on the spot: missing and damaged serials of the slip."""

    missing = SerialsField(
        label=_("缺少的编号"),
        help_text=_("交接单上有而没有收到的；登记后立案查找。全部收到的不填。"),
        required=False,
    )
    damaged = SerialsField(
        label=_("损坏的编号"),
        help_text=_("收到时已破损、不能使用的；登记为废旧证书。没有的不填。"),
        required=False,
    )
    note = forms.CharField(
        label=_("差异说明"), max_length=150, required=False, validators=[no_id_number]
    )


class SparePolicyForm(forms.Form):
    """A dated share of spares (N5)."""

    valid_from = FromDayField()
    percent = forms.DecimalField(
        label=_("超发比例（%）"),
        min_value=Decimal(0),
        max_value=Decimal(100),
        max_digits=5,
        decimal_places=2,
        initial=Decimal(5),
    )
    round_up = forms.BooleanField(label=_("不足一本的进位取整"), required=False, initial=True)


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
    valid_from = FromDayField()
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
