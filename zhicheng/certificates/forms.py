"""What people fill in on the pages of certificates; rules are the actions' business."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from zhicheng.blanks.forms import SerialsField
from zhicheng.blanks.models import SpoilReason
from zhicheng.certificates.models import AgentRelation, RecipientRelation
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


class AgentForm(forms.Form):
    """Somebody who takes certificates for others; what is lacking, the rule says."""

    agent_name = forms.CharField(
        label=_("代领人姓名"), max_length=100, required=False, validators=[no_id_number]
    )
    # A field for a number that is never shown again: browsers don't offer it to the next person.
    agent_id_number = forms.CharField(
        label=_("代领人身份证号码"),
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    agent_relation = forms.ChoiceField(
        label=_("与持证人关系"), choices=[("", _("请选择")), *AgentRelation.choices], required=False
    )
    agent_relation_text = forms.CharField(
        label=_("关系说明"),
        max_length=60,
        required=False,
        validators=[no_id_number],
        help_text=_("选择“其他”时填写。"),
    )
    authorisation = forms.FileField(
        label=_("授权材料"),
        required=False,
        help_text=_("授权委托书或单位介绍信，PDF、JPEG 或 PNG；一份可用于成批代领。"),
        widget=forms.ClearableFileInput(attrs={"accept": "application/pdf,image/jpeg,image/png"}),
    )
    agent_id_checked = forms.BooleanField(label=_("已核对代领人身份证"), required=False)


class IssueForm(AgentForm):
    """To whom the certificates are handed."""

    relation = forms.ChoiceField(
        label=_("领取方式"), choices=RecipientRelation.choices, initial=RecipientRelation.HOLDER
    )
    id_checked = forms.BooleanField(label=_("已核对持证人身份证"), required=False)
    field_order = ("relation", "id_checked")


class SlipForm(forms.Form):
    """A new transfer slip: for whom, and which register's certificates stand on it at once."""

    embosser = forms.IntegerField(label=_("钢印单位"))
    register = forms.IntegerField(label=_("登记表"), required=False)
    everything = forms.BooleanField(label=_("全部已盖公章的证书"), required=False)


class SendForm(forms.Form):
    """Who carries the certificates to the embosser."""

    carried_by = forms.CharField(label=_("送件人姓名"), max_length=100, validators=[no_id_number])


class ReturnForm(forms.Form):
    """Who fetches the certificates from the embosser."""

    collected_by = forms.CharField(label=_("取件人姓名"), max_length=100, validators=[no_id_number])
    unembossed_too = forms.BooleanField(label=_("未盖钢印的一并退回"), required=False)


class CountForm(forms.Form):
    """What whoever signs has counted, and that the differences were shown to the other side."""

    counted = forms.IntegerField(
        label=_("清点本数"),
        min_value=0,
        required=False,
        help_text=_("没有逐本扫描的，清点后填写；有出入的请逐本扫描。"),
    )
    differences_seen = forms.BooleanField(label=_("已当面指明差异"), required=False)


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
