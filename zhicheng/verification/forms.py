"""The two ways to ask: who knows the ID number, or who holds the certificate in hand."""

from django import forms
from django.utils.translation import gettext_lazy as _


class PersonForm(forms.Form):
    """Name and ID number of the holder."""

    name = forms.CharField(
        label=_("姓名"), max_length=100, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    id_number = forms.CharField(
        label=_("身份证号码"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    way = forms.CharField(widget=forms.HiddenInput, initial="person")


class NumberForm(forms.Form):
    """Certificate number and the name on it."""

    number = forms.CharField(
        label=_("证书编号"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    name = forms.CharField(
        label=_("姓名"), max_length=100, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    way = forms.CharField(widget=forms.HiddenInput, initial="number")
