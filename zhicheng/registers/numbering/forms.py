"""What is filled in to set a numbering rule; whether it can work is the rules' business."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from zhicheng.organizations.models import Organization
from zhicheng.registers.numbering.models import Check, RegionSource, YearSource
from zhicheng.web.forms import FromDayField

_PLAIN = {"autocomplete": "off", "spellcheck": "false", "class": "zc-mono"}


def _code(label: Any, initial: str = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        required=False,
        max_length=10,
        initial=initial,
        widget=forms.TextInput(attrs={**_PLAIN, "size": 4}),
    )


class RuleForm(forms.Form):
    """A pattern with elements in braces, and how each element is to be taken."""

    unit = forms.ModelChoiceField(label=_("发放单位"), queryset=Organization.objects.none())
    valid_from = FromDayField(
        label=_("启用日期"),
        help_text=_("从这一天起编号用此规则；编过号的规则不能改，只能由新规则接替。"),
    )
    pattern = forms.CharField(
        label=_("编号样式"),
        max_length=80,
        strip=True,
        initial="{单位}{年}{等级}{流水5}",
        widget=forms.TextInput(attrs={**_PLAIN, "data-pattern": True}),
        help_text=_("花括号以外的字照写。点下面的按钮在光标处插入。"),
    )
    unit_code = _code(_("单位代码"))
    senior_code = _code(_("高级代码"), "G")
    intermediate_code = _code(_("中级代码"), "Z")
    junior_code = _code(_("初级代码"), "C")
    year_source = forms.ChoiceField(
        label=_("年度取自"), choices=YearSource.choices, initial=YearSource.APPROVAL
    )
    region_source = forms.ChoiceField(
        label=_("区县取自"), choices=RegionSource.choices, initial=RegionSource.ISSUING
    )
    start = forms.IntegerField(label=_("起始号"), min_value=1, max_value=999_999_999, initial=1)
    leading_zeros = forms.BooleanField(label=_("流水号补零"), required=False, initial=True)
    per_year = forms.BooleanField(label=_("每年重新计数"), required=False, initial=True)
    per_grade = forms.BooleanField(label=_("各等级分别计数"), required=False)
    per_region = forms.BooleanField(label=_("各区县分别计数"), required=False)
    check_algorithm = forms.ChoiceField(
        label=_("校验码"), choices=Check.choices, initial=Check.NONE
    )

    def __init__(self, *args: Any, units: QuerySet[Organization], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["unit"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = units.select_related("region")
        if units.count() == 1:
            field.empty_label = None

    def values(self) -> dict[str, Any]:
        """The fields of a NumberingRule; the unit apart."""
        return {name: value for name, value in self.cleaned_data.items() if name != "unit"}
