"""Forms of the administrator's pages."""

from typing import Any

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from zhicheng.organizations.models import Account, Organization


def _offer_what_is_in_force(form: forms.ModelForm, field: str) -> None:
    """Organisations that have ended aren't chosen any more; a choice of before stays one."""
    chosen = getattr(form.instance, f"{field}_id")
    choice = form.fields[field]
    assert isinstance(choice, forms.ModelChoiceField)
    ended = Q(valid_to__lt=timezone.localdate()) & ~Q(pk=chosen or 0)
    choice.queryset = Organization.objects.exclude(ended)


class OrganizationForm(forms.ModelForm):
    """Every field of an organisation; the action validates, this only reads the input."""

    class Meta:
        model = Organization
        fields = (
            "name",
            "short_name",
            "kind",
            "has_authority",
            "supervisor",
            "is_approving_department",
            "region",
            "uscc",
            "valid_from",
        )
        widgets = {
            "valid_from": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer_what_is_in_force(self, "supervisor")

    def _post_clean(self) -> None:
        """Leaves the judgement to the action, so that there is one."""


class AccountForm(forms.ModelForm):
    """A new account; its first password is made by the system and shown once."""

    class Meta:
        model = Account
        fields = ("username", "display_name", "organization", "role", "telephone")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer_what_is_in_force(self, "organization")

    def _post_clean(self) -> None:
        """Leaves the judgement to the action, so that there is one."""


class AccountChangeForm(forms.ModelForm):
    """What an administrator may change of an account."""

    class Meta:
        model = Account
        fields = ("display_name", "organization", "role", "telephone", "is_active")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer_what_is_in_force(self, "organization")

    def _post_clean(self) -> None:
        """Leaves the judgement to the action, so that there is one."""


class CloseForm(forms.Form):
    """The last day of an organisation that ends."""

    last_day = forms.DateField(
        label=_("停用日期"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("最后一天；最晚为昨天，保存后立即停用。"),
    )
    sure = forms.BooleanField(label=_("确认停用：该机构的全部账号同时停用"))
