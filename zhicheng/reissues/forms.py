"""What holders and clerks fill in for a replacement or renewal; the rules are the actions' (A2)."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from zhicheng.approvals.models import Sex
from zhicheng.organizations.models import Kind as UnitKind
from zhicheng.organizations.models import Organization
from zhicheng.reference.models import Level
from zhicheng.reissues.models import Field, Kind, Reissue
from zhicheng.web.forms import no_id_number

PLAIN = {"autocomplete": "off", "spellcheck": "false"}
ACCEPT = ".pdf,.jpg,.jpeg,.png,application/pdf,image/jpeg,image/png"
UNITS = (UnitKind.DISTRICT_OFFICE, UnitKind.MUNICIPAL_DEPARTMENT, UnitKind.LARGE_ENTERPRISE)


def text_field(label: Any, *, most: int, needed: bool = True, hint: Any = "") -> forms.CharField:
    """One line of plain text in which no ID number may stand."""
    return forms.CharField(
        label=label,
        max_length=most,
        required=needed,
        help_text=hint,
        validators=[no_id_number],
        widget=forms.TextInput(attrs=PLAIN),
    )


def long_text(label: Any, *, needed: bool = True, hint: Any = "", most: int = 300) -> Any:
    """Several lines in which no ID number may stand."""
    return forms.CharField(
        label=label,
        max_length=most,
        required=needed,
        help_text=hint,
        validators=[no_id_number],
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off"}),
    )


def day_field(label: Any, *, needed: bool = True, hint: Any = "", today: bool = False) -> Any:
    """A day, by the browser's own calendar."""
    return forms.DateField(
        label=label,
        required=needed,
        help_text=hint,
        initial=timezone.localdate if today else None,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )


def units() -> list[tuple[str, str]]:
    """Who takes applications: they collect, handle and issue certificates (N3, N10)."""
    found = Organization.objects.in_force(timezone.localdate()).filter(
        has_authority=True, kind__in=UNITS
    )
    return [(str(pk), name) for pk, name in found.order_by("name").values_list("pk", "name")]


class UnitField(forms.TypedChoiceField):
    """A drop-down of the units that take applications; gives the id."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            choices=lambda: [("", _("请选择")), *units()], coerce=int, empty_value=None, **kwargs
        )


class StartForm(forms.Form):
    """The holder and the certificate: what is needed to find it."""

    kind = forms.ChoiceField(
        label=_("补办（换发）理由"),
        choices=(
            (Kind.REPLACEMENT.value, _("补办：证书遗失")),
            (Kind.RENEWAL.value, _("换发：证书内容有误或毁损")),
        ),
        widget=forms.RadioSelect,
    )
    name = forms.CharField(
        label=_("姓名"),
        max_length=100,
        help_text=_("照原证书填写。"),
        widget=forms.TextInput(attrs=PLAIN),
    )
    id_number = forms.CharField(
        label=_("身份证号码"),
        max_length=40,
        help_text=_("照原证书填写；其中有误的，下一步再更正。"),
        widget=forms.TextInput(attrs=PLAIN),
    )
    old_number = text_field(_("原证书编号"), most=60)
    telephone = forms.CharField(
        label=_("联系电话"),
        max_length=20,
        widget=forms.TextInput(attrs={**PLAIN, "inputmode": "tel"}),
    )


class OldDataForm(forms.Form):
    """What stands on an old certificate that isn't on file."""

    unit = UnitField(
        label=_("办理单位"), help_text=_("您所在的区县职改办、市级主管部门或大型企事业单位。")
    )
    sex = forms.ChoiceField(label=_("性别"), choices=[("", _("请选择")), *Sex.choices])
    work_unit = text_field(_("工作单位"), most=200)
    specialty = text_field(_("专业名称"), most=100)
    qualification = text_field(_("资格名称"), most=60)
    level = forms.ChoiceField(
        label=_("级别"),
        required=False,
        choices=[("", _("由资格名称确定")), *Level.choices],
        help_text=_("资格名称不能确定级别时才需选择。"),
    )
    approval_date = day_field(_("批准时间"), hint=_("证书上的批准（评审通过）日期。"))
    document_number = text_field(_("批准文号"), most=80, hint=_("例如 渝职改办〔2018〕150号"))


class DetailsForm(forms.Form):
    """What can be changed of an application beside the certificate's own data."""

    telephone = forms.CharField(
        label=_("联系电话"),
        max_length=20,
        required=False,
        widget=forms.TextInput(attrs={**PLAIN, "inputmode": "tel"}),
    )
    unit = UnitField(label=_("办理单位"), help_text=_("由它受理、领取空白证书并核发。"))
    newspaper_name = text_field(_("遗失登报报纸名称"), most=100, needed=False)
    newspaper_date = day_field(_("登报时间"), needed=False)
    newspaper_page = text_field(_("版面"), most=20, needed=False)
    damaged = forms.BooleanField(
        label=_("原证书毁损，内容没有错误"),
        required=False,
    )
    reason = long_text(_("情况说明"), needed=False)

    def __init__(self, *args: Any, reissue: Reissue, **kwargs: Any) -> None:
        kwargs["initial"] = {
            "unit": reissue.unit_id,
            "newspaper_name": reissue.newspaper_name,
            "newspaper_date": reissue.newspaper_date,
            "newspaper_page": reissue.newspaper_page,
            "damaged": reissue.damaged,
            "reason": reissue.reason,
        }
        super().__init__(*args, **kwargs)
        self.fields["telephone"].help_text = _("已登记 %(telephone)s，不改则不填。") % {
            "telephone": reissue.telephone_masked
        }
        lost = reissue.kind == Kind.REPLACEMENT
        dropped = ("damaged",) if lost else ("newspaper_name", "newspaper_date", "newspaper_page")
        for name in dropped:
            del self.fields[name]


class CorrectionForm(forms.Form):
    """A field that is wrong on the old certificate, and what is right (N14)."""

    field = forms.ChoiceField(label=_("更正项目"))
    new = forms.CharField(
        label=_("更正为"),
        max_length=200,
        help_text=_("批准时间写作 2018-10-26。"),
        widget=forms.TextInput(attrs=PLAIN),
    )

    def __init__(self, *args: Any, taken: tuple[str, ...] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [item for item in Field.choices if item[0] not in taken]
        self.fields["field"].choices = choices  # type: ignore[attr-defined]


class SeveralFilesInput(forms.FileInput):
    """A file box that takes several at once."""

    allow_multiple_selected = True


class SeveralFilesField(forms.FileField):
    """Several files; what they are, their content says later."""

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        """The files as a list."""
        given = data if isinstance(data, list | tuple) and data else [None]
        return [super(SeveralFilesField, self).clean(item, initial) for item in given]


class PapersForm(forms.Form):
    """Papers of one kind."""

    papers = SeveralFilesField(
        label=_("选择文件"),
        help_text=_("PDF、JPEG 或 PNG，每个不超过 20 MB，可一次选择几个。"),
        widget=SeveralFilesInput(attrs={"accept": ACCEPT}),
    )


class ProgressForm(forms.Form):
    """Receipt number and ID number: they open the progress of an application to its holder."""

    number = forms.CharField(
        label=_("受理号"),
        max_length=40,
        help_text=_("例如 BH2026-482915067-0，在受理回执上。"),
        widget=forms.TextInput(attrs=PLAIN),
    )
    id_number = forms.CharField(
        label=_("身份证号码"), max_length=40, widget=forms.TextInput(attrs=PLAIN)
    )


class TelephoneForm(forms.Form):
    """The application's telephone number: opens the rest of it."""

    telephone = forms.CharField(
        label=_("联系电话"),
        max_length=30,
        help_text=_("申请时登记的号码。"),
        widget=forms.TextInput(attrs={**PLAIN, "inputmode": "tel"}),
    )


class ReasonForm(forms.Form):
    """Why, in a few words."""

    reason = long_text(_("说明"), needed=False)
