"""What people fill in on the pages of approval documents; rules are the actions' business."""

from django import forms
from django.utils.translation import gettext_lazy as _


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
