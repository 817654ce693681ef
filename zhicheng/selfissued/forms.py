"""What is filled in on the pages of self-issued certificates."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from zhicheng.approvals.models import Sex
from zhicheng.reference.catalog import LEVEL_LABELS

_PLAIN = {"autocomplete": "off", "spellcheck": "false"}


def _text(label: Any, size: int, **options: Any) -> forms.CharField:
    return forms.CharField(
        label=label, max_length=size, widget=forms.TextInput(attrs=_PLAIN), **options
    )


class ReportForm(forms.Form):
    """The unit's file."""

    file = forms.FileField(
        label=_("自主发放证书报送表"),
        help_text=_("Excel、WPS 表格或 CSV 文本，不超过 5000 本。"),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.et,.xlsm,.ods,.csv,.txt"}),
        error_messages={
            "required": _("请选择文件。"),
            "empty": _("这个文件是空的，请重新选择。"),
        },
    )


class ReasonForm(forms.Form):
    """Why a report goes back."""

    reason = _text(_("原因"), 300, error_messages={"required": _("请写明原因。")})


class EndForm(forms.Form):
    """Why a certificate holds no longer, and in which sense."""

    kind = forms.ChoiceField(
        label=_("办理"),
        choices=[
            ("void", _("本单位已作废这本证书（查询显示已作废）")),
            ("mistaken", _("报送有误，撤回（查询不再显示）")),
        ],
        widget=forms.RadioSelect,
    )
    reason = _text(_("原因"), 200, error_messages={"required": _("请写明原因。")})


class CorrectionForm(forms.Form):
    """A certificate with what is to be said of it from now on; the number stays."""

    name = _text(_("姓名"), 100)
    sex = forms.ChoiceField(label=_("性别"), choices=Sex.choices)
    id_number = _text(
        _("身份证号码"), 40, required=False, help_text=_("不更正身份证号码的，留空。")
    )
    work_unit = _text(_("工作单位"), 200)
    series = _text(_("系列"), 40, required=False)
    level = forms.ChoiceField(
        label=_("级别"), choices=[(word, _(word)) for word in LEVEL_LABELS.values()]
    )
    qualification = _text(_("资格名称"), 40)
    specialty = _text(_("专业名称"), 100)
    approval_date = _text(_("批准时间"), 20)
    document_number = _text(_("批准文号"), 60)
    issued_on = _text(_("发证日期"), 20, required=False)
    correction_reason = _text(
        _("更正原因"), 200, error_messages={"required": _("请写明更正原因。")}
    )
