"""What an officer fills in about a key."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from zhicheng.web.forms import no_id_number


class RevokeForm(forms.Form):
    """From which day on, and why."""

    from_day = forms.DateField(
        label=_("自哪天起作废"),
        initial=timezone.localdate,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text=_("该日及以后签名的证书，核验时一律不通过；之前的仍通过，并提示联网查询。"),
    )
    reason = forms.CharField(
        label=_("作废原因"), max_length=200, validators=[no_id_number], strip=True
    )
