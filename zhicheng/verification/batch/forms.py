"""The upload page's form."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from zhicheng.verification.models import BatchPurpose


class BatchForm(forms.Form):
    """The list, what it is verified for, and that the people know."""

    file = forms.FileField(
        label=_("核验名单"),
        help_text=_("Excel、WPS 表格或 CSV 文本，不超过 5000 行。"),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.et,.xlsm,.ods,.csv,.txt"}),
        error_messages={
            "required": _("请选择核验名单。"),
            "empty": _("这个文件是空的，请重新选择。"),
        },
    )
    purpose = forms.ChoiceField(label=_("用途"), choices=BatchPurpose.choices)
    purpose_note = forms.CharField(
        label=_("用途说明"),
        max_length=100,
        required=False,
        help_text=_("用途为“其他”时必填。持证人能看到由哪个单位查询。"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    consent = forms.BooleanField(
        label=_("名单中的人员已知情并同意核验"),
        error_messages={"required": _("须经本人知情同意，才能核验其证书。")},
    )

    def clean(self) -> dict[str, Any]:
        """Another purpose has to be named."""
        data = super().clean() or {}
        if data.get("purpose") == BatchPurpose.OTHER and not data.get("purpose_note", "").strip():
            self.add_error("purpose_note", _("请写明用途。"))
        return data
