"""What people fill in on the register's pages; rules are the actions' business."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

EARLIEST_YEAR = 2000


class FileForm(forms.Form):
    """A register file."""

    file = forms.FileField(
        label=_("登记表文件"),
        help_text=_(
            "可以把文件拖到这里。Excel、WPS 表格或 CSV 文本"
            "（.xlsx、.xls、.et、.ods、.csv），不超过 50 MB。"
        ),
        widget=forms.FileInput(
            attrs={"accept": ".xlsx,.xls,.et,.xlsm,.ods,.csv,.txt,.html,.htm,.xml"}
        ),
        error_messages={
            "required": _("请选择登记表文件。"),
            "empty": _("这个文件是空的，请重新选择。"),
        },
    )


class UploadForm(FileForm):
    """A register file and its year."""

    year = forms.IntegerField(
        label=_("年度"),
        required=False,
        help_text=_("留空时取表格标题中的年度；标题也没有写的，为今年。"),
        min_value=EARLIEST_YEAR,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        error_messages={
            "invalid": _("年度应为四位数字，例如 2026。"),
        },
    )

    def clean_year(self) -> int | None:
        """A year that has begun, or none."""
        year: int | None = self.cleaned_data["year"]
        if year is not None and year > timezone.localdate().year:
            raise forms.ValidationError(_("年度不能晚于今年。"))
        return year


class ReasonForm(forms.Form):
    """Why a register goes back."""

    reason = forms.CharField(
        label=_("退回原因"),
        max_length=500,
        error_messages={"required": _("请填写退回原因。")},
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class PaperForm(forms.Form):
    """What a scanner read from the printed form's code."""

    text = forms.CharField(
        label=_("二维码内容"),
        max_length=500,
        error_messages={"required": _("请扫描或输入二维码内容。")},
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "spellcheck": "false", "autofocus": True}
        ),
    )


class PhotoForm(forms.Form):
    """A photograph or scan of printed pages, for an office without a scanner at hand."""

    file = forms.FileField(
        label=_("照片或扫描件"),
        help_text=_("PDF、JPEG 或 PNG，不超过 20 MB；可以有多页。"),
        widget=forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png"}),
        error_messages={
            "required": _("请选择照片或扫描件。"),
            "empty": _("这个文件是空的，请重新选择。"),
        },
    )
