"""One form, two ways to ask: who knows the ID number, or who holds the certificate in hand."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from zhicheng.verification.reports import codes, rules

_PLAIN = {"autocomplete": "off", "spellcheck": "false"}


class AskForm(forms.Form):
    """The name, and either the ID number or the certificate number."""

    name = forms.CharField(label=_("姓名"), max_length=100, widget=forms.TextInput(attrs=_PLAIN))
    id_number = forms.CharField(
        label=_("身份证号码"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs=_PLAIN),
    )
    number = forms.CharField(
        label=_("证书编号"),
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs=_PLAIN),
    )

    def clean(self) -> dict[str, Any]:
        """One of the two numbers is needed; both may be given, then both must fit."""
        data = super().clean() or {}
        if not data.get("id_number") and not data.get("number"):
            raise forms.ValidationError(_("请填写身份证号码或证书编号。"))
        return data


class HolderForm(forms.Form):
    """All three, which the holder alone knows together."""

    name = forms.CharField(label=_("姓名"), max_length=100, widget=forms.TextInput(attrs=_PLAIN))
    id_number = forms.CharField(
        label=_("身份证号码"), max_length=40, widget=forms.TextInput(attrs=_PLAIN)
    )
    number = forms.CharField(
        label=_("证书编号"), max_length=60, widget=forms.TextInput(attrs=_PLAIN)
    )


class CodeForm(forms.Form):
    """The sixteen characters of a report, however they were typed."""

    code = forms.CharField(
        label=_("报告核验码"),
        max_length=60,
        widget=forms.TextInput(
            attrs={
                **_PLAIN,
                "autocapitalize": "characters",
                "inputmode": "text",
                "placeholder": "XXXX XXXX XXXX XXXX",
                "data-groups": "4",
            }
        ),
        help_text=_("报告上的 16 位字母和数字，4 位一组；空格和大小写不影响查验。"),
    )

    def clean_code(self) -> str:
        """A slip of the pen is told at once: the last character checks the others."""
        code = codes.tidy(self.cleaned_data["code"])
        if not codes.is_code(code):
            raise forms.ValidationError(
                _("核验码不完整或者有抄写错误，请逐位核对；核验码中没有 0、1、I、L 和 O。")
            )
        return code


class DaysForm(forms.Form):
    """For how long a report is valid."""

    days = forms.IntegerField(
        label=_("有效天数"),
        min_value=rules.SHORTEST,
        max_value=rules.LONGEST,
        initial=rules.USUAL,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        help_text=_("30 至 180 天，从今天算起"),
    )


class PdfForm(forms.Form):
    """A file that calls itself an electronic certificate."""

    file = forms.FileField(
        label=_("电子证书文件（PDF）"),
        widget=forms.ClearableFileInput(attrs={"accept": "application/pdf,.pdf"}),
    )


class NumberForm(forms.Form):
    """The name on a certificate whose number is known."""

    name = forms.CharField(label=_("姓名"), max_length=100, widget=forms.TextInput(attrs=_PLAIN))


class EvidenceForm(NumberForm):
    """As a question by number, for the log's evidence."""

    number = forms.CharField(label=_("证书编号"), max_length=60)
