"""What operators fill in at the printer."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from zhicheng.blanks.forms import SerialsField
from zhicheng.blanks.models import SpoilReason
from zhicheng.certificates.printjobs.rules import LARGEST_PORTION, PORTION
from zhicheng.layouts.queries import printers_of
from zhicheng.organizations.models import Organization
from zhicheng.reference.models import Grade
from zhicheng.web.forms import FromDayField, no_id_number

REASONS = [
    item
    for item in SpoilReason.choices
    if item[0] not in (SpoilReason.WITHDRAWN.value, "seal_fault")
]


class SerialField(forms.CharField):
    """One serial, typed or scanned from the blank."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault(
            "widget",
            forms.TextInput(
                attrs={"inputmode": "numeric", "autocomplete": "off", "class": "zc-mono"}
            ),
        )
        super().__init__(max_length=14, **kwargs)

    def clean(self, value: Any) -> Any:
        """The number; None when it is empty."""
        text = super().clean(value)
        if not text:
            return None
        if not (text.isascii() and text.isdecimal()) or not int(text):
            raise forms.ValidationError(_("请填写空白证书编号，例如 0012001。"))
        return int(text)


class StartForm(forms.Form):
    """With which printer, how many sheets at once."""

    grade = forms.ChoiceField(label=_("等级"), choices=Grade.choices)
    printer = forms.ChoiceField(label=_("打印机"), required=False)
    portion = forms.IntegerField(
        label=_("每次装纸"),
        min_value=1,
        max_value=LARGEST_PORTION,
        initial=PORTION,
        help_text=_("张。每装一次纸核对一次首张编号，串位能及早发现。"),
    )

    def __init__(self, *args: Any, unit: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        printers = [(str(item.pk), item.name) for item in printers_of(unit)]
        none = _("未登记的打印机（不作校准）")
        self.fields["printer"].choices = [*printers, ("", none)]  # type: ignore[attr-defined]

    def clean_printer(self) -> int | None:
        """The printer's id."""
        value = self.cleaned_data["printer"]
        return int(value) if value else None


class TrayForm(forms.Form):
    """The serial on the first sheet of the tray."""

    serial = SerialField(label=_("纸盒首张空白证书编号"))


class MisprintForm(forms.Form):
    """What didn't come out well; whatever isn't named is good."""

    serials = SerialsField(label=_("错制编号"), required=False)
    serial_from = SerialField(
        label=_("从此编号起，本批以后各张全部错位"),
        required=False,
        help_text=_("卡纸、双张进纸后整批串位时填写；只算到这一批装纸的最后一张。"),
    )
    unprinted = SerialsField(
        label=_("没有印上内容的编号"),
        required=False,
        help_text=_("仍是空白、没有损坏的，不作废，转入后续任务再印。"),
        widget=forms.Textarea(
            attrs={"rows": 2, "autocomplete": "off", "spellcheck": "false", "class": "zc-mono"}
        ),
    )
    reason = forms.ChoiceField(label=_("原因"), choices=REASONS)
    note = forms.CharField(
        label=_("说明"), max_length=200, required=False, validators=[no_id_number]
    )
    rest_later = forms.BooleanField(label=_("其余未打印的转入后续任务"), required=False)


class PolicyForm(forms.Form):
    """From when on printing has to be confirmed before the official seal."""

    valid_from = FromDayField()
    required = forms.TypedChoiceField(
        label=_("规定"),
        choices=[("yes", _("打印结果确认后才能登记公章")), ("no", _("不作要求，只在页面提醒"))],
        coerce=lambda value: value == "yes",
    )


class OtherwiseForm(forms.Form):
    """How the unit fills in, when not here."""

    reason = forms.CharField(
        label=_("填制方式"),
        max_length=200,
        validators=[no_id_number],
        help_text=_("例如：本单位用自有软件打印；打字机填制。"),
    )
