"""Forms of notifications: what is shown and mailed, the address, robots, deadlines."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from zhicheng.notifications.deadlines import KINDS, LONGEST
from zhicheng.notifications.kinds import ALWAYS_SHOWN, DUE_TASKS, GROUPS, Group
from zhicheng.notifications.models_messengers import Style
from zhicheng.notifications.rules import LONGEST_TEMPLATE
from zhicheng.web.forms import no_id_number

GROUP_CHOICES = [(group.value, label) for group, label in GROUPS.items()]
MAILED = [*GROUP_CHOICES, (DUE_TASKS, _("到期和逾期的待办事项"))]
HIDEABLE = [(group.value, label) for group, label in GROUPS.items() if group not in ALWAYS_SHOWN]


def _boxes(label: Any, choices: Any, hint: Any = "") -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label,
        choices=choices,
        required=False,
        help_text=hint,
        widget=forms.CheckboxSelectMultiple,
    )


class PreferenceForm(forms.Form):
    """What to hear of, and how."""

    shown = _boxes(_("在系统中提醒"), HIDEABLE, _("账号与系统的提醒关系到账号安全，总是显示。"))
    mailed = _boxes(_("写进每日邮件"), MAILED)
    digest = forms.BooleanField(
        label=_("每个工作日发一封邮件"),
        required=False,
        help_text=_(
            "每天到时看一次：有新提醒，或有到期、逾期的待办才发送；"
            "邮件中只有数量和链接，没有任何人的信息。"
        ),
    )
    digest_hour = forms.TypedChoiceField(
        label=_("发送时间"), coerce=int, choices=[(hour, f"{hour:02}:00") for hour in range(6, 22)]
    )
    language = forms.ChoiceField(label=_("邮件语言"), choices=settings.LANGUAGES)


class AddressForm(forms.Form):
    """The address to which a code is sent."""

    address = forms.CharField(
        label=_("电子邮箱"),
        max_length=254,
        validators=[no_id_number],
        help_text=_("先发一封带确认码的邮件；确认之前不会发送别的邮件。"),
        widget=forms.TextInput(attrs={"autocomplete": "email", "inputmode": "email"}),
    )


class CodeForm(forms.Form):
    """The code that came by mail."""

    code = forms.CharField(
        label=_("确认码"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "spellcheck": "false"}),
    )


class MessengerChangeForm(forms.Form):
    """What of a connected robot can be changed."""

    name = forms.CharField(label=_("名称"), max_length=60, validators=[no_id_number])
    groups = _boxes(_("事项"), GROUP_CHOICES)
    template = forms.CharField(
        label=_("消息模板"),
        max_length=LONGEST_TEMPLATE,
        required=False,
        help_text=_("JSON，可用 {title}、{text}、{count}、{url}；不填按类型使用标准模板。"),
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
    )


class MessengerForm(MessengerChangeForm):
    """A robot of the city's messenger."""

    field_order = ("name", "style", "url", "secret", "groups", "template")
    style = forms.ChoiceField(label=_("类型"), choices=Style.choices)
    url = forms.CharField(
        label=_("接收地址"),
        max_length=500,
        help_text=_("机器人的 https 地址。其中含有密钥，保存后只显示主机名。"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    secret = forms.CharField(
        label=_("加签密钥"),
        max_length=200,
        required=False,
        help_text=_("钉钉机器人的 SEC… 密钥；其他系统的签名密钥由本系统生成，只显示一次。"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )


class DeadlineForm(forms.Form):
    """Working days of one kind from a day on."""

    kind = forms.ChoiceField(
        label=_("事项"), choices=[(kind, label) for kind, (label, _days) in KINDS.items()]
    )
    valid_from = forms.DateField(
        label=_("生效日期"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    days = forms.IntegerField(label=_("工作日"), min_value=1, max_value=LONGEST)


class MovedForm(forms.Form):
    """Days off, or worked weekends."""

    first = forms.DateField(
        label=_("自"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    last = forms.DateField(
        label=_("至"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    works = forms.TypedChoiceField(
        label=_("安排"),
        choices=[("0", _("放假")), ("1", _("上班（调休）"))],
        coerce=lambda value: value == "1",
    )
    note = forms.CharField(
        label=_("说明"), max_length=40, required=False, validators=[no_id_number]
    )


def everything() -> list[str]:
    """All groups, for a new robot."""
    return [group.value for group in Group]
