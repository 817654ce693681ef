"""What people fill in about layouts and printers; rules are the actions' business."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from zhicheng.documents.calibration import Point
from zhicheng.documents.layout import GRADES
from zhicheng.layouts.queries import layout_for
from zhicheng.reference.models import Grade
from zhicheng.values.text import hide_id_numbers
from zhicheng.web.forms import no_id_number

A4 = (297.0, 210.0)


class TomlField(forms.FileField):
    """A layout as a file; gives its text."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.FileInput(attrs={"accept": ".toml,text/plain"}))
        super().__init__(**kwargs)

    def clean(self, data: Any, initial: Any = None) -> Any:
        """(name, text), or nothing."""
        file = super().clean(data, initial)
        if not file:
            return ("", "")
        if file.size > 200_000:
            raise forms.ValidationError(_("该文件过大，不像是套打版式。"))
        try:
            return (hide_id_numbers(file.name), file.read().decode("utf-8-sig"))
        except UnicodeDecodeError as error:
            raise forms.ValidationError(_("该文件不是 UTF-8 文本。")) from error


class DraftForm(forms.Form):
    """A new draft: for which blanks, and from what."""

    grade = forms.ChoiceField(label=_("等级"), choices=Grade.choices)
    year = forms.IntegerField(
        label=_("印制年度"),
        min_value=1990,
        max_value=2100,
        help_text=_("空白证书上的版本年度。该年度没有自己的版式时，沿用以前年度的。"),
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    file = TomlField(
        label=_("导入版式文件（TOML）"),
        required=False,
        help_text=_("不选文件时，从这些空白证书现在使用的版式开始。"),
    )
    note = forms.CharField(
        label=_("说明"), max_length=200, required=False, validators=[no_id_number]
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["year"].initial = timezone.localdate().year


class RevisionForm(forms.Form):
    """A step with a draft as it was seen."""

    revision = forms.IntegerField(widget=forms.HiddenInput(attrs={"data-revision": ""}))


class ImportForm(RevisionForm):
    """Another content for a draft."""

    file = TomlField(label=_("版式文件（TOML）"))


class BackgroundForm(RevisionForm):
    """The scan of a real blank; no file takes it away."""

    file = forms.FileField(
        label=_("空白证书的扫描件（JPEG 或 PNG）"),
        help_text=_("沿证书的边裁齐后上传，300 dpi 即可；只在编辑时作底图，不会印出来。"),
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png"}),
    )


class PrinterForm(forms.Form):
    """A printer's name and how blanks are put into it."""

    name = forms.CharField(
        label=_("打印机名称"),
        max_length=60,
        validators=[no_id_number],
        help_text=_("同一台打印机的不同纸盒分别登记，例如“三楼激光打印机（手送纸盒）”。"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    tray_note = forms.CharField(
        label=_("进纸说明"),
        max_length=200,
        required=False,
        validators=[no_id_number],
        help_text=_("例如：正面朝上、证书左边先进。"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


def sheets() -> dict[str, tuple[str, float, float]]:
    """The papers that a ruler sheet can be printed on: the blanks' sizes and A4."""
    found = {}
    for grade in GRADES:
        layout = layout_for(grade, None).layout
        label = f"{Grade(grade).label} {layout.width:g} × {layout.height:g}"
        found[grade] = (label, layout.width, layout.height)
    found["a4"] = ("A4 297 × 210", *A4)
    return found


def _measure(label: Any, *, required: bool = True) -> forms.FloatField:
    return forms.FloatField(
        label=label,
        required=required,
        min_value=0,
        max_value=450,
        widget=forms.NumberInput(
            attrs={"step": "0.1", "inputmode": "decimal", "autocomplete": "off"}
        ),
    )


class CalibrationForm(forms.Form):
    """Where the crosses of the ruler sheet really stand, in mm from the paper's edges."""

    sheet = forms.ChoiceField(label=_("标尺页的纸张（毫米）"))
    ax = _measure(_("十字 A 距左边"))
    ay = _measure(_("十字 A 距上边"))
    bx = _measure(_("十字 B 距左边"), required=False)
    by = _measure(_("十字 B 距上边"), required=False)
    cx = _measure(_("十字 C 距左边"))
    cy = _measure(_("十字 C 距上边"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sheets = sheets()
        field = self.fields["sheet"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(key, sheet[0]) for key, sheet in self.sheets.items()]

    def clean(self) -> dict[str, Any]:
        """B is measured as a whole or not at all."""
        values = super().clean() or {}
        for name, other in (("bx", "by"), ("by", "bx")):
            if values.get(name) is None and values.get(other) is not None:
                self.add_error(name, _("十字 B 的两个数要一起填，或都不填。"))
        return values

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of the sheet that was measured."""
        return self.sheets[self.cleaned_data["sheet"]][1:]

    @property
    def found(self) -> dict[str, Point]:
        """The crosses that were measured."""
        values = self.cleaned_data
        crosses = {"A": (values["ax"], values["ay"]), "C": (values["cx"], values["cy"])}
        if values.get("bx") is not None and values.get("by") is not None:
            crosses["B"] = (values["bx"], values["by"])
        return crosses
