"""Forms of the administrator's pages."""

from django import forms

from zhicheng.organizations.models import Account, Organization


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
            "valid_to",
        )
        widgets = {
            "valid_from": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "valid_to": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        }

    def _post_clean(self) -> None:
        """Leaves the judgement to the action, so that there is one."""


class AccountForm(forms.ModelForm):
    """A new account; its first password is made by the system and shown once."""

    class Meta:
        model = Account
        fields = ("username", "display_name", "organization", "role", "telephone")

    def _post_clean(self) -> None:
        """Leaves the judgement to the action, so that there is one."""


class AccountChangeForm(forms.ModelForm):
    """What an administrator may change of an account."""

    class Meta:
        model = Account
        fields = ("display_name", "organization", "role", "telephone", "is_active")

    def _post_clean(self) -> None:
        """Leaves the judgement to the action, so that there is one."""
