"""What officers, units and holders fill in about old certificates; the rules are the actions'."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from zhicheng.approvals.models import Sex
from zhicheng.historic.models import Registration
from zhicheng.organizations.models import Organization
from zhicheng.protection import reveal
from zhicheng.reference.models import Level
from zhicheng.reissues.forms import ACCEPT, PLAIN, UnitField, day_field, long_text, text_field
from zhicheng.verification.models import Outcome


class LedgerForm(forms.Form):
    """An old ledger to be read."""

    file = forms.FileField(
        label=_("台账文件"),
        help_text=_("Excel（.xlsx、.xls）、WPS 或 CSV，栏目和表头位置不限，最多 200,000 行。"),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.et,.ods,.csv,.txt,.xml,.html"}),
    )
    title = text_field(
        _("台账名称"),
        most=120,
        needed=False,
        hint=_("查询和来源冲突中注明的来源，例如“2005—2010年发证台账”；不填则用文件名。"),
    )
    self_managed = forms.BooleanField(
        label=_("整本都是自主评审证书（单位自主印制）"), required=False
    )


class HolderForm(forms.Form):
    """Whose certificate it is: enough for one that a ledger knows."""

    certificate_number = text_field(_("证书编号"), most=60)
    name = forms.CharField(
        label=_("姓名"),
        max_length=100,
        help_text=_("照证书填写。"),
        widget=forms.TextInput(attrs=PLAIN),
    )
    id_number = forms.CharField(
        label=_("身份证号码"),
        max_length=40,
        help_text=_("18 位；证书上是 15 位旧号码的，填哪一个都可以。"),
        widget=forms.TextInput(attrs=PLAIN),
    )
    telephone = forms.CharField(
        label=_("联系电话"),
        max_length=20,
        widget=forms.TextInput(attrs={**PLAIN, "inputmode": "tel"}),
    )
    unit = UnitField(
        label=_("核对单位"),
        help_text=_("原发证的区县职改办、市级主管部门或大型企事业单位，由它核对。"),
    )


class DataForm(forms.Form):
    """What stands on the certificate."""

    sex = forms.ChoiceField(
        label=_("性别"), required=False, choices=[("", _("请选择")), *Sex.choices]
    )
    work_unit = text_field(_("工作单位"), most=200, needed=False, hint=_("证书上的工作单位。"))
    specialty = text_field(_("专业名称"), most=100, needed=False)
    qualification = text_field(_("资格名称"), most=60, needed=False)
    level = forms.ChoiceField(
        label=_("级别"),
        required=False,
        choices=[("", _("由资格名称确定")), *Level.choices],
    )
    approval_date = day_field(_("批准时间"), needed=False, hint=_("评审委员会评审通过的日期。"))
    issued_on = day_field(_("发证时间"), needed=False, hint=_("证书或批准文件的日期，没有的不填。"))
    document_number = text_field(
        _("批准文号"), most=80, needed=False, hint=_("例如 渝职改办〔1998〕88号")
    )
    committee = text_field(_("评委会"), most=200, needed=False)
    department = text_field(_("核准部门"), most=200, needed=False)
    issuer = text_field(_("发证单位"), most=200, needed=False)

    def __init__(self, *args: Any, whole: bool = False, **kwargs: Any) -> None:
        """``whole``: no ledger says any of it."""
        super().__init__(*args, **kwargs)
        for name in NEEDED if whole else ():
            self.fields[name].required = True


NEEDED = ("sex", "work_unit", "specialty", "qualification", "approval_date", "document_number")


def initial_of(registration: Registration) -> dict[str, Any]:
    """What was filled in, for its form; the ID number in clear, for its holder alone."""
    names = (*HolderForm.base_fields, *DataForm.base_fields)
    told: dict[str, Any] = {}
    for name in names:
        if name == "unit":
            told[name] = registration.unit_id
        elif name == "id_number":
            told[name] = reveal(bytes(registration.id_number_cipher))
        elif name == "telephone":
            told[name] = reveal(bytes(registration.telephone_cipher))
        else:
            told[name] = getattr(registration, name)
    return told


class FileForm(forms.Form):
    """A file of one kind."""

    file = forms.FileField(
        label=_("选择文件"),
        help_text=_("PDF、JPEG 或 PNG，不超过 20 MB。"),
        widget=forms.FileInput(attrs={"accept": ACCEPT}),
    )


class NoteForm(forms.Form):
    """A remark that may be left out."""

    note = long_text(_("核对说明"), needed=False, hint=_("例如：与本单位发证台账第 12 页一致。"))


class WhyForm(forms.Form):
    """A reason that may not."""

    reason = long_text(_("原因"))


class AcceptForm(forms.Form):
    """Who answers today for the department that approved."""

    department = forms.TypedChoiceField(
        label=_("资格核准部门"),
        coerce=int,
        help_text=_("原核准部门已撤并的，选择现在承担其职责的部门。"),
        choices=lambda: [
            ("", _("请选择")),
            *Organization.objects.filter(is_approving_department=True)
            .order_by("name")
            .values_list("pk", "name"),
        ],
    )


class DecisionForm(forms.Form):
    """Which of two sources is right."""

    outcome = forms.ChoiceField(
        label=_("认定结果"), choices=Outcome.choices, widget=forms.RadioSelect
    )
    reason = long_text(_("理由"), most=500, hint=_("依据哪些材料，怎样核实。"))
    correct = long_text(
        _("正确内容"), needed=False, most=500, hint=_("两个来源都有误时必填：正确内容和更正办法。")
    )
