"""What every form needs: free texts that bear no ID number, and errors as one refusal."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhicheng.values.dated_days import check_from
from zhicheng.values.refusal import Refusal
from zhicheng.web.privacy import holds_id_number
from zhicheng.web.saying import say


def no_id_number(text: str) -> None:
    """Validator of remarks and names: an ID number never stands in clear (invariant 10)."""
    if holds_id_number(text):
        raise ValidationError(_("这里不能填写身份证号码。"), code="id_number")


def cleaned(form: forms.BaseForm) -> dict[str, Any]:
    """The form's values; raises Refusal naming field and fault where a dialog has no page."""
    if form.is_valid():
        return dict(form.cleaned_data)
    faults = []
    for name, errors in form.errors.items():
        label = form.fields[name].label if name in form.fields else ""
        faults.append(f"{label}：{errors[0]}" if label else str(errors[0]))
    raise Refusal(
        "form.invalid",
        _("填写的内容不完整或不正确，没有办理。"),
        found="；".join(faults),
        mend=_("请更正后重新办理。"),
    )


def come_back(shown: HttpResponse) -> HttpResponse:
    """A page whose form came back with its faults: nothing was done, its address isn't kept."""
    shown.status_code = 422
    shown["HX-Push-Url"] = "false"
    return shown


def said(refusal: Refusal) -> ValidationError:
    """What a rule refused in a field's value, as that field's fault: the whole of its words."""
    parts = [say(refusal.message)]
    if refusal.found:
        parts.append(_("现为：%(found)s") % {"found": say(refusal.found)})
    if refusal.expected:
        parts.append(_("应为：%(expected)s") % {"expected": say(refusal.expected)})
    if refusal.mend:
        parts.append(say(refusal.mend))
    return ValidationError(" ".join(parts), code=refusal.rule)


class FromDayField(forms.DateField):
    """From which day on a setting holds: today unless chosen otherwise, and never a past day."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", gettext_lazy("生效日期"))
        super().__init__(
            initial=timezone.localdate,
            widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            **kwargs,
        )

    def validate(self, value: date | None) -> None:
        """As the action will say it, but at its field."""
        super().validate(value)
        if value is not None:
            try:
                check_from(value, timezone.localdate(), "setting.past")
            except Refusal as refusal:
                raise said(refusal) from refusal
