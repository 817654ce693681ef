"""What people fill in about losses, cases, alarms and counts; rules are the actions' business."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from zhicheng.blanks.case_rules import BACK, SPOILED, STORE
from zhicheng.blanks.forms import SerialsField
from zhicheng.blanks.models import CaseOutcome
from zhicheng.files.store import Prepared, prepare
from zhicheng.reference.models import Grade
from zhicheng.web.forms import FromDayField, no_id_number

EVIDENCE_HINT = _("PDF、JPEG 或 PNG，不超过 20 MB，可不附。")


class EvidenceField(forms.FileField):
    """A file that may be handed in; ``prepared`` judges it by its content."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("佐证材料"))
        kwargs.setdefault("required", False)
        kwargs.setdefault("help_text", EVIDENCE_HINT)
        kwargs.setdefault("widget", forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png"}))
        super().__init__(**kwargs)


def prepared(file: Any) -> Prepared | None:
    """The uploaded file judged and made ready, or None when there is none."""
    return prepare(file.read(), file.name) if file else None


def _text(label: Any, *, hint: Any = "", rows: int = 3, longest: int = 500) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=longest,
        help_text=hint,
        validators=[no_id_number],
        widget=forms.Textarea(attrs={"rows": rows, "autocomplete": "off"}),
    )


class LossForm(forms.Form):
    """Missing blanks, as their custodian reports them."""

    serials = SerialsField(label=_("遗失的空白证书编号区间"), required=False)
    note = _text(
        _("情况说明"), hint=_("何时、何地、如何发现，最后一次见到是什么时候，已采取什么措施。")
    )
    file = EvidenceField()


class EntryForm(forms.Form):
    """A step of an investigation."""

    text = _text(_("调查经过"), hint=_("何时、何人、查了什么、结果如何；登记后不能修改。"))
    file = EvidenceField()


class SettleForm(forms.Form):
    """An outcome, for all or a part of what is lost."""

    outcome = forms.ChoiceField(label=_("结果"))
    serials = SerialsField(
        label=_("处理的编号"),
        required=False,
        help_text=_("不填为全部尚未查明的；只找回一部分的，填写这一部分。"),
    )
    place = forms.ChoiceField(
        label=_("找回后的去向"),
        required=False,
        choices=(
            (BACK, _("放回原处（已填制过的作为废旧证书）")),
            (STORE, _("交回市库存")),
            (SPOILED, _("已损坏，作为废旧证书")),
        ),
    )
    conclusion = _text(_("结论"), hint=_("查明的情况和依据。"))

    def __init__(self, *args: Any, outcomes: tuple[str, ...] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labels = {item.value: item.label for item in CaseOutcome}
        allowed = outcomes or tuple(labels)
        self.fields["outcome"].choices = [  # type: ignore[attr-defined]
            (item, labels[item]) for item in allowed
        ]

    def without_serials(self) -> "SettleForm":
        """For a case of which nothing is lost: only outcome and conclusion."""
        del self.fields["serials"], self.fields["place"]
        return self


class AcknowledgeForm(forms.Form):
    """What the office did about an alarm."""

    text = _text(
        _("处理意见"), hint=_("例如：已联系某单位扣下实物，派人取回。"), rows=2, longest=300
    )


class StartForm(forms.Form):
    """What is counted."""

    grade = forms.ChoiceField(
        label=_("等级"), required=False, choices=[("", _("全部等级")), *Grade.choices]
    )
    scope = forms.ChoiceField(label=_("状态"), required=False)

    def __init__(self, *args: Any, states: Any = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["scope"].choices = [  # type: ignore[attr-defined]
            ("", _("全部状态")),
            *((state.value, state.label) for state in states),
        ]


class CountForm(forms.Form):
    """Ranges that lie complete before whoever counts."""

    serials = SerialsField(
        label=_("编号区间"),
        help_text=_("整捆清点时填写起止编号，例如 0012001-0012042；多个用逗号或换行分开。"),
        widget=forms.Textarea(
            attrs={"rows": 2, "autocomplete": "off", "spellcheck": "false", "class": "zc-mono"}
        ),
    )


class ReasonForm(forms.Form):
    """Why a count is given up."""

    note = _text(_("原因"), rows=2, longest=300)


class PolicyForm(forms.Form):
    """A dated period."""

    valid_from = FromDayField()
    months = forms.IntegerField(label=_("盘点周期（月）"), min_value=1, max_value=60, initial=6)
