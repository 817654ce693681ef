"""What people fill in on the pages of certificates; rules are the actions' business."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from zhicheng.blanks.forms import SerialsField
from zhicheng.blanks.models import SpoilReason
from zhicheng.certificates.models import RecipientRelation
from zhicheng.certificates.unmasking import PURPOSES
from zhicheng.reference.models import Grade
from zhicheng.web.forms import no_id_number

SPOILED_AT_ONCE = 2000

# A reissue's end withdraws its blank by itself.
BY_HAND = [item for item in SpoilReason.choices if item[0] != SpoilReason.WITHDRAWN]


class FillForm(forms.Form):
    """Which grade is filled in; empty for all."""

    grade = forms.ChoiceField(
        label=_("等级"), choices=[("", _("全部等级")), *Grade.choices], required=False
    )


class SpoilForm(forms.Form):
    """Spoiled blanks and why."""

    serials = SerialsField(label=_("废旧证书的空白证书编号"), required=False)
    reason = forms.ChoiceField(label=_("原因"), choices=BY_HAND)
    note = forms.CharField(
        label=_("说明"), max_length=200, required=False, validators=[no_id_number]
    )
    photo = forms.FileField(
        label=_("照片"),
        required=False,
        help_text=_("可不填。JPEG 或 PNG，拍清废旧证书编号和损坏处；遮住身份证号码。"),
        widget=forms.ClearableFileInput(attrs={"accept": "image/jpeg,image/png"}),
    )


class IssueForm(forms.Form):
    """To whom the certificates are handed."""

    relation = forms.ChoiceField(
        label=_("领取方式"), choices=RecipientRelation.choices, initial=RecipientRelation.HOLDER
    )
    recipient = forms.CharField(
        label=_("代领人姓名"), max_length=100, required=False, validators=[no_id_number]
    )


class RevealForm(forms.Form):
    """For what the whole ID number is looked at."""

    purpose = forms.ChoiceField(
        label=_("用途"), choices=[(key, label) for key, label in PURPOSES.items()]
    )


class RangeForm(forms.Form):
    """A part of the register by 序号, both ends included."""

    first = forms.IntegerField(label=_("起始序号"), min_value=1)
    last = forms.IntegerField(label=_("截止序号"), min_value=1)

    def clean(self) -> dict[str, Any]:
        """The first isn't after the last."""
        values = super().clean() or {}
        if values.get("first") and values.get("last") and values["first"] > values["last"]:
            raise forms.ValidationError(_("起始序号不能大于截止序号。"))
        return values
