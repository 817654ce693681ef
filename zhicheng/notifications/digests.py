"""What a daily mail says: news by kind, what is due or overdue; counts and links alone (N18)."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from django.db.models import BooleanField, F, Func, OuterRef, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from zhicheng.notifications.kinds import DUE_TASKS, Group
from zhicheng.notifications.links import absolute
from zhicheng.notifications.models import Notification, Preference
from zhicheng.organizations.models import Account
from zhicheng.web.tasks import TaskGroup, tasks_of


@dataclass(frozen=True)
class Digest:
    """One day's for one account: ``news`` are (newest first) id and group, ``tasks`` all of them.

    ``counts_tasks``: what is due or overdue is a reason to send it.
    """

    news: tuple[tuple[int, str], ...]
    tasks: tuple[TaskGroup, ...]
    counts_tasks: bool

    @property
    def pressing(self) -> int:
        """How many kinds of task are overdue, or due today or on the next working day."""
        return sum(presses(group) for group in self.tasks) if self.counts_tasks else 0

    @property
    def needed(self) -> bool:
        """Whether there is anything to tell."""
        return bool(self.news) or self.pressing > 0

    def subject(self) -> str:
        """The mail's subject, in the language of the moment."""
        if self.news:
            return ngettext(
                "%(count)d 条新提醒 · 职称证书管理系统",
                "%(count)d 条新提醒 · 职称证书管理系统",
                len(self.news),
            ) % {"count": len(self.news)}
        return ngettext(
            "%(count)d 类待办到期或逾期 · 职称证书管理系统",
            "%(count)d 类待办到期或逾期 · 职称证书管理系统",
            self.pressing,
        ) % {"count": self.pressing}

    def context(self) -> dict[str, object]:
        """What the templates show."""
        counted = Counter(group for _pk, group in self.news)
        return {
            "title": _("每日提醒"),
            "news": [
                (
                    group.label,
                    counted[group.value],
                    absolute(f"/notifications/?group={group.value}"),
                )
                for group in Group
                if counted[group.value]
            ],
            "tasks": [
                (item.title, item.count, item.overdue, item.soon, absolute(item.url))
                for item in self.tasks
            ],
            "tasks_url": absolute(reverse("web:tasks")),
            "settings_url": absolute(reverse("notifications:preferences")),
        }


def digest_of(preference: Preference, account: Account, day: date) -> Digest:
    """What the account would be told on that day."""
    news = (
        Notification.objects.filter(account=account, pk__gt=preference.mailed_upto, read_at=None)
        .exclude(group__in=preference.not_mailed)
        .order_by("-pk")
    )
    return Digest(
        tuple(news.values_list("pk", "group")),
        tuple(group for group in tasks_of(account, day) if not group.others),
        DUE_TASKS not in preference.not_mailed,
    )


def presses(group: TaskGroup) -> bool:
    """Whether it has to be done now, by whoever is asked."""
    return not group.others and (group.overdue or group.soon)


def news_of_each() -> QuerySet[Notification]:
    """For a query of preferences: what is new to each and wanted by mail."""
    muted = Func(
        F("group"),
        OuterRef("not_mailed"),
        template="(%(expressions)s))",
        arg_joiner=" = ANY(",
        output_field=BooleanField(),
    )
    return (
        Notification.objects.filter(
            account=OuterRef("account"), pk__gt=OuterRef("mailed_upto"), read_at=None
        )
        .annotate(muted=muted)
        .filter(muted=False)
    )
