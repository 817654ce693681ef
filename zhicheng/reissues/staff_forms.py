"""What officers and clerks fill in while an application goes its way; rules are the actions'."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from zhicheng.approvals.models import ApprovedPerson
from zhicheng.blanks.models import SpoilReason
from zhicheng.organizations.models import Organization
from zhicheng.reissues.forms import ACCEPT, PLAIN, day_field, long_text, text_field
from zhicheng.reissues.models import Decision, Fate, Ground, SightingChannel, Step
from zhicheng.web.forms import no_id_number

BY_HAND = [item for item in SpoilReason.choices if item[0] != SpoilReason.WITHDRAWN]
SIGHTED = [
    item
    for item in SightingChannel.choices
    if item[0] in (SightingChannel.HANDED_IN, SightingChannel.STATION)
]


def _scan(*, needed: bool) -> forms.FileField:
    return forms.FileField(
        label=_("签章页扫描件"),
        required=needed,
        help_text=_("PDF、JPEG 或 PNG，不超过 20 MB。"),
        widget=forms.FileInput(attrs={"accept": ACCEPT}),
    )


class AcceptForm(forms.Form):
    """The signed form in duplicate came with the evidence."""

    signed_on = day_field(_("申请人签字日期"), today=True)
    copies = forms.IntegerField(
        label=_("收到的签字申请表份数"),
        min_value=0,
        max_value=9,
        initial=2,
        help_text=_("一式两份。"),
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    scan = _scan(needed=False)


class WhyForm(forms.Form):
    """A reason that the applicant reads."""

    reason = long_text(_("原因"), hint=_("申请人会看到。"))


class OpinionForm(forms.Form):
    """A box of the form, signed by an account."""

    decision = forms.ChoiceField(
        label=_("结论"), choices=Decision.choices, initial=Decision.AGREE, widget=forms.RadioSelect
    )
    text = long_text(_("意见"), needed=False, hint=_("印在申请表上；退回或不同意的须写明原因。"))


class PaperOpinionForm(OpinionForm):
    """The same from the stamped paper."""

    given_on = day_field(_("签署日期"), today=True)
    scan = _scan(needed=True)


class MatchForm(forms.Form):
    """The office's decision about data that no approval document confirms (N6).

    ``people`` None: the data are beyond doubt, only the department is named anew.
    """

    person = forms.ChoiceField(label=_("评审通过人员"), required=False)
    approving_department = forms.ChoiceField(label=_("资格核准部门"))
    note = long_text(_("认定依据"))

    def __init__(self, *args: Any, people: list[ApprovedPerson] | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].choices = [  # type: ignore[attr-defined]
            ("", _("不在核准文件中")),
            *(
                (
                    str(item.pk),
                    f"{item.name} {item.qualification} {item.specialty} {item.document.number}",
                )
                for item in people or []
            ),
        ]
        if people is None:
            del self.fields["person"]
        departments = (
            Organization.objects.in_force(timezone.localdate())
            .filter(is_approving_department=True)
            .order_by("name")
        )
        self.fields["approving_department"].choices = [  # type: ignore[attr-defined]
            ("", _("请选择")),
            *((str(pk), name) for pk, name in departments.values_list("pk", "name")),
        ]


class HandInForm(forms.Form):
    """The old certificate, as it lies on the table."""

    number = text_field(_("原证书编号"), most=60, hint=_("照收到的证书填写。"))
    serial = forms.IntegerField(
        label=_("空白证书编号"),
        required=False,
        min_value=1,
        help_text=_("印在证书上的编号，没有则不填。"),
        widget=forms.TextInput(attrs={**PLAIN, "inputmode": "numeric"}),
    )
    received_on = day_field(_("收回日期"), today=True)


class DisposeForm(forms.Form):
    """What became of a handed-in certificate."""

    fate = forms.ChoiceField(label=_("处理"))
    on = day_field(_("日期"), today=True)
    witness = text_field(_("监督人"), most=60, needed=False, hint=_("销毁的须填写。"))
    note = text_field(_("说明"), most=200, needed=False)

    def __init__(self, *args: Any, done: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        allowed = (Fate.ARCHIVED, Fate.DESTROYED) if done else (Fate.GIVEN_BACK,)
        self.fields["fate"].choices = [  # type: ignore[attr-defined]
            (item.value, item.label) for item in allowed
        ]


class CollectForm(forms.Form):
    """Who collects the blank."""

    collected_by = text_field(_("领取人"), most=60, hint=_("到市职改办领取的人。"))


class HandOutForm(CollectForm):
    """One blank for one application."""

    serial = forms.IntegerField(
        label=_("空白证书编号"),
        required=False,
        min_value=1,
        help_text=_("可扫描；不填则取库存中最小的编号。"),
        widget=forms.TextInput(attrs={**PLAIN, "inputmode": "numeric"}),
    )


class NumberForm(forms.Form):
    """The new certificate's number."""

    number = text_field(
        _("新证书编号"), most=60, needed=False, hint=_("不填则按本单位的编号规则编定。")
    )


class SpoiledForm(forms.Form):
    """Why the blank is spoiled (N9)."""

    reason = forms.ChoiceField(label=_("原因"), choices=BY_HAND)
    note = forms.CharField(
        label=_("说明"), max_length=200, required=False, validators=[no_id_number]
    )
    photo = forms.FileField(
        label=_("照片"),
        required=False,
        help_text=_("可不填。JPEG 或 PNG；遮住身份证号码。"),
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png"}),
    )


class SightedForm(forms.Form):
    """A void or lost certificate that turned up."""

    number = text_field(_("证书编号"), most=60)
    channel = forms.ChoiceField(label=_("途径"), choices=SIGHTED)
    note = text_field(_("说明"), most=200, needed=False, hint=_("何人持有、在何处、如何处理。"))


class DeadlineForm(forms.Form):
    """How long a step may take, from a day on."""

    step = forms.ChoiceField(label=_("环节"), choices=Step.choices)
    days = forms.IntegerField(label=_("天数"), min_value=1, max_value=365)
    valid_from = day_field(_("生效日期"), today=True)


class RevokeForm(forms.Form):
    """The office's decision that a certificate doesn't count any more."""

    ground = forms.ChoiceField(
        label=_("撤销原因"), choices=Ground.choices, widget=forms.RadioSelect
    )
    reason = long_text(
        _("情况说明"), most=500, hint=_("依据哪些事实、怎样查实。公众查询不显示，记入审计。")
    )
    document_number = text_field(_("撤销决定文号"), most=80)
    decided_on = day_field(_("决定日期"), today=True)
    file = forms.FileField(
        label=_("撤销决定扫描件"),
        help_text=_("PDF、JPEG 或 PNG，不超过 20 MB。"),
        widget=forms.FileInput(attrs={"accept": ACCEPT}),
    )
