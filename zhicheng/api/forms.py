"""What an officer fills in about keys and subscriptions; rules are the actions' business."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from zhicheng.api import rules
from zhicheng.api.rules import EVENTS, SCOPES, Scope
from zhicheng.web.forms import no_id_number

LIVES = ((90, _("90 天")), (180, _("180 天")), (365, _("1 年")))
OVERLAPS = (0, 1, 7, 30)


class KeyForm(forms.Form):
    """A new key; offers the scopes that the organisation may have."""

    name = forms.CharField(
        label=_("系统名称"),
        max_length=60,
        validators=[no_id_number],
        help_text=_("持有密钥的系统，例如“市证书查询系统”。同名的系统得到又一个密钥。"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    scopes = forms.MultipleChoiceField(
        label=_("权限范围"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("只选用得到的；不超出本机构经办人的权限。"),
        error_messages={"required": _("请至少选择一项。")},
    )
    purpose = forms.CharField(
        label=_("用途"),
        max_length=200,
        required=False,
        validators=[no_id_number],
        help_text=_("取用完整身份证号码的须写明，每次取用连同用途记入审计。"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    life = forms.TypedChoiceField(label=_("有效期"), choices=LIVES, coerce=int, initial=180)
    per_minute = forms.IntegerField(
        label=_("每分钟请求数"),
        min_value=1,
        max_value=rules.MOST_PER_MINUTE,
        initial=rules.PER_MINUTE,
    )

    def __init__(self, *args: Any, offered: Iterable[Scope], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["scopes"].choices = [  # type: ignore[attr-defined]
            (scope.value, f"{gettext(SCOPES[scope].label)} — {gettext(SCOPES[scope].hint)}")
            for scope in offered
        ]

    def clean(self) -> dict[str, Any]:
        """ID numbers need a purpose, and the certificates that bear them."""
        given: dict[str, Any] = super().clean() or {}
        scopes = given.get("scopes", [])
        if Scope.ID_NUMBERS_READ.value in scopes:
            if not given.get("purpose", "").strip():
                self.add_error("purpose", _("取用完整身份证号码的，请写明用途。"))
            if Scope.CERTIFICATES_READ.value not in scopes:
                self.add_error("scopes", _("“完整身份证号码”须与“证书数据”一并选择。"))
        return given

    @property
    def expires_at(self) -> datetime:
        """The end of the last day."""
        day = timezone.localdate() + timedelta(days=self.cleaned_data["life"])
        return timezone.make_aware(datetime.combine(day, time(23, 59, 59)))


def days(count: int) -> str:
    """A number of days in words."""
    return ngettext("%(count)d 天", "%(count)d 天", count) % {"count": count}


class RotateForm(forms.Form):
    """How long both keys work."""

    overlap = forms.TypedChoiceField(
        label=_("新旧密钥并用"),
        coerce=int,
        initial=7,
        help_text=_("到时旧密钥自动失效，请在此前把新密钥装到对方系统。"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(count, days(count)) for count in OVERLAPS]
        self.fields["overlap"].choices = choices  # type: ignore[attr-defined]


class SubscriptionForm(forms.Form):
    """Where events are sent, and which."""

    url = forms.CharField(
        label=_("接收地址"),
        max_length=500,
        validators=[no_id_number],
        help_text=_("对方系统公开的 https 地址；不发往内部网络。"),
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "inputmode": "url", "placeholder": "https://"}
        ),
    )
    events = forms.MultipleChoiceField(
        label=_("事件"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("请至少选择一种事件。")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["events"].choices = [  # type: ignore[attr-defined]
            (event.value, f"{gettext(label)}（{event.value}）") for event, label in EVENTS.items()
        ]
