"""One form, two ways to ask: who knows the ID number, or who holds the certificate in hand."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

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
