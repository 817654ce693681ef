"""What the inspector fills in."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from zhicheng.anomalies.models import DetectionPolicy, Inquiry, InquiryOutcome
from zhicheng.anomalies.rules import LIMITS, Thresholds
from zhicheng.files.store import Prepared, prepare
from zhicheng.values.refusal import Refusal
from zhicheng.web.forms import FromDayField, no_id_number, said


def _text(label: Any, *, hint: Any = "", longest: int, required: bool = True) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=longest,
        help_text=hint,
        required=required,
        validators=[no_id_number],
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off"}),
    )


class SetAsideForm(forms.Form):
    """Why it needs no inquiry."""

    reason = _text(
        _("排除理由"),
        hint=_("为什么不需要核查；此后又有达到标准的新情况，或程度增加一半以上时，会重新列出。"),
        longest=300,
    )


class OpenForm(forms.Form):
    """A new inquiry."""

    subject = _text(
        _("核查事项"), hint=_("不填的，以线索的情况为事项。"), longest=200, required=False
    )


class JoinForm(forms.Form):
    """Into which open inquiry."""

    inquiry = forms.ModelChoiceField(
        label=_("核查案卷"), queryset=Inquiry.objects.filter(outcome="").order_by("-id")
    )


class EntryForm(forms.Form):
    """A step of an inquiry."""

    text = _text(
        _("核查经过"), hint=_("何时、何人、查了什么、结果如何；登记后不能修改。"), longest=1000
    )
    file = forms.FileField(
        label=_("佐证材料"),
        required=False,
        help_text=_("PDF、JPEG 或 PNG，不超过 20 MB，可不附。"),
        widget=forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png"}),
    )

    def clean_file(self) -> Prepared | None:
        """The uploaded file judged by its content, or None when there is none."""
        file = self.cleaned_data["file"]
        try:
            return prepare(file.read(), file.name) if file else None
        except Refusal as refusal:
            raise said(refusal) from refusal

    def clean(self) -> dict[str, Any]:
        """A form that comes back has lost its file: nobody shall send it again without."""
        values = super().clean() or {}
        if self.errors and values.get("file"):
            self.add_error("file", _("请重新选择文件。"))
        return values


class CloseForm(forms.Form):
    """The outcome."""

    # None is chosen beforehand: an outcome is for good.
    outcome = forms.ChoiceField(
        label=_("核查结果"), choices=[("", _("请选择")), *InquiryOutcome.choices]
    )
    conclusion = _text(
        _("核查结论"), hint=_("查明了什么，怎样处理；结案后不能修改。"), longest=1000
    )


class PolicyForm(forms.Form):
    """From which figures on something is listed; see ``Thresholds``."""

    valid_from = FromDayField()

    def __init__(self, *args: Any, current: Thresholds, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, value in vars(current).items():
            least, most = LIMITS[name]
            self.fields[name] = forms.IntegerField(
                label=DetectionPolicy._meta.get_field(name).verbose_name,  # type: ignore[union-attr]
                min_value=least,
                max_value=most,
                initial=value,
            )

    def thresholds(self) -> Thresholds:
        """What was filled in."""
        return Thresholds(**{name: self.cleaned_data[name] for name in LIMITS})
