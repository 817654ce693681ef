"""Several things of one kind at once: chosen on a list, named before they are done, each by itself.

Every thing goes through the action that does it alone, in a transaction of its own, so one that is
refused leaves the others done, and the outcome names each. What is set-based in its action
(alarms) stays so.
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any, ClassVar

from django import forms
from django.db import IntegrityError
from django.db.models import Count, Min, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.utils.translation import ngettext

from zhicheng.organizations.guard import might, require
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.values.refusal import Refusal
from zhicheng.web.cells import cells
from zhicheng.web.lists import ChoiceFilter, ListPage
from zhicheng.web.refusals import from_database
from zhicheng.web.tasks import has_queue

MOST = 50
AGES = (3, 7, 15, 30)
KEPT = 5  # outcomes that a session remembers


@dataclass(frozen=True)
class Outcome:
    """What became of one thing: done, running (then ``follow`` finds its end), or refused.

    A refused one says all that its refusal does.
    """

    label: str
    url: str
    state: str
    message: str
    clause: str = ""
    follow: str = ""
    found: str = ""
    expected: str = ""
    mend: str = ""


Run = Callable[[Account, Sequence[Any], Mapping[str, Any]], list[Outcome]]


def _fits(row: Any) -> str:
    return ""


@dataclass(frozen=True)
class Operation:
    """What can be done with what was chosen; ``question`` is asked above the names.

    ``unfit`` says why it can't be done with a row, before anybody tries; empty when it can.
    """

    key: str
    label: str | Promise
    question: str | Promise
    action: Action
    run: Run
    form: type[forms.Form] | None = None
    tone: str = "primary"
    follow: Callable[[Account, Outcome], Outcome] | None = None
    unfit: Callable[[Any], str] = _fits


def one_by_one(
    do: Callable[[Account, Any, Mapping[str, Any]], Outcome],
    name: Callable[[Any], tuple[str, str]],
) -> Run:
    """Each through its own action; a refusal or a broken constraint is that thing's outcome."""

    def run(account: Account, rows: Sequence[Any], values: Mapping[str, Any]) -> list[Outcome]:
        found = []
        for row in rows:
            label, url = name(row)
            try:
                found.append(do(account, row, values))
            except Refusal as refusal:
                found.append(refused(label, url, refusal))
            except IntegrityError as error:
                found.append(refused(label, url, from_database(error)))
        return found

    return run


def refused(label: str, url: str, refusal: Refusal) -> Outcome:
    """A thing that was not done, and why."""
    return refused_as_told(label, url, vars(refusal))


def refused_as_told(label: str, url: str, told: Mapping[str, Any]) -> Outcome:
    """As ``refused``, of a refusal that was kept as a mapping."""
    names = ("message", "clause", "found", "expected", "mend")
    return Outcome(label, url, "refused", **{name: str(told.get(name) or "") for name in names})


class QueuePage(ListPage):
    """A list whose rows can be ticked. Rows carry ``since``, and people in ``row_count``."""

    template_name = "web/queue.html"
    summary_template = "web/_queue_units.html"
    key: ClassVar[str] = ""
    unit: ClassVar[str] = ""  # the relation that names whose thing it is: a filter and a sum
    operations: ClassVar[Sequence[Operation]] = ()
    default_sort: ClassVar[Sequence[str]] = ("since",)
    picks: ClassVar[bool] = True
    export_name = "queue"
    empty_title = _l("没有等您办理的事项")
    empty_text = _l("全部办完了。新的事项出现时会列在待办事项中。")

    def named(self, row: Any) -> tuple[str, str]:
        """What the row is called, and its page."""
        return str(row), row.get_absolute_url()

    def offered(self) -> list[Operation]:
        """The operations that the account may ever take."""
        return [item for item in self.operations if might(self.account, item.action)]

    def narrow_by_unit(self, rows: QuerySet[Any], value: str) -> QuerySet[Any]:
        """Only this organisation's."""
        return rows.filter(**{f"{self.unit}_id": int(value)}) if value.isdecimal() else rows

    def units(self) -> list[dict[str, Any]]:
        """Who has how many things waiting, and since when: the longest waiting first."""
        found = (
            self.get_queryset()
            .order_by()
            .values(f"{self.unit}_id", f"{self.unit}__name")
            .annotate(things=Count("pk"), oldest=Min("since"))
            .order_by("oldest")[:200]
        )
        return [
            {
                "pk": item[f"{self.unit}_id"],
                "name": item[f"{self.unit}__name"],
                "count": item["things"],
                "oldest": item["oldest"],
            }
            for item in found
        ]

    @property
    def filters(self) -> Sequence[ChoiceFilter]:  # type: ignore[override]
        """By unit and by age."""
        ages = [(str(days), _("%(days)d 天以上") % {"days": days}) for days in AGES]
        return (
            ChoiceFilter(
                "unit",
                _l("单位"),
                lambda _request: [
                    (str(item["pk"]), f"{item['name']}（{item['count']}）")
                    for item in self.known_units
                ],
                apply=self.narrow_by_unit,
            ),
            ChoiceFilter("age", _l("已等候"), ages, apply=_older),
        )

    @property
    def known_units(self) -> list[dict[str, Any]]:
        """As ``units``, asked once for a page."""
        if not hasattr(self, "_units"):
            self._units = self.units()
        return self._units

    def extra_context(self) -> dict[str, Any]:
        """The buttons, and what can't be ticked."""
        return {
            "operations": self.offered(),
            "units": self.known_units,
            "most": MOST,
            "confirm_url": reverse("web:queue_confirm", args=[self.key]),
        }

    # --- after the list: naming, doing, telling -----------------------------------------------

    def operation(self, key: str) -> Operation:
        """The operation of that key; refused to who may not take it."""
        for item in self.operations:
            if item.key == key:
                if not might(self.account, item.action):
                    require(self.account, item.action)
                return item
        raise Http404

    def chosen(self, request: HttpRequest) -> list[Any]:
        """The ticked rows that still wait; raises Refusal for none or too many."""
        keys = sorted({int(text) for text in request.POST.getlist("pick") if text.isdecimal()})
        if not keys or len(keys) > MOST:
            raise Refusal(
                "queue.how_many",
                _("请勾选要一并办理的事项。"),
                clause="N18",
                found=ngettext("已选 %(count)d 项", "已选 %(count)d 项", len(keys))
                % {"count": len(keys)},
                expected=_("1 至 %(most)d 项") % {"most": MOST},
                mend=_("请返回列表重新勾选。"),
            )
        found = list(self.get_queryset().filter(pk__in=keys).order_by("since", "pk"))
        if not found:
            raise Refusal(
                "queue.gone",
                _("所选事项都已不在待办中，没有办理。"),
                clause="N18",
                found=_("已由他人办理，或状态已变"),
                mend=_("请返回列表查看现在的状态。"),
            )
        return found


def _older(rows: QuerySet[Any], value: str) -> QuerySet[Any]:
    return rows.filter(since__lt=timezone.now() - timedelta(days=int(value)))


_pages: dict[str, type[QueuePage]] = {}


def provides_queue(page: type[QueuePage]) -> None:
    """Registers a queue; call it from an app's ``ready``."""
    _pages[page.key] = page
    has_queue(page.key, f"/tasks/queue/{page.key}/")


def page_of(key: str) -> type[QueuePage]:
    """The queue of that key."""
    if key not in _pages:
        raise Http404
    return _pages[key]


def opened(request: HttpRequest, key: str) -> QueuePage:
    """The queue for this request, after the permission table was asked."""
    page = page_of(key)()
    page.setup(request)
    if page.action is not None and not might(page.account, page.action):
        require(page.account, page.action)
    return page


def confirmed(page: QueuePage, operation: Operation, request: HttpRequest) -> HttpResponse:
    """The page that names what is about to be done; asks for what the operation needs."""
    chosen = page.chosen(request)
    unfit = [(page.named(row), operation.unfit(row)) for row in chosen if operation.unfit(row)]
    rows = [row for row in chosen if not operation.unfit(row)]
    asked = len(set(request.POST.getlist("pick")))
    doing = "confirmed" in request.POST
    form = None
    if operation.form is not None:
        form = operation.form(request.POST) if doing else operation.form()
    if doing and rows and (form is None or form.is_valid()):
        values = dict(form.cleaned_data) if form is not None else {}
        outcomes = operation.run(page.account, rows, values)
        return redirect(
            "web:queue_outcome", page.key, _remember(request, page, operation, outcomes)
        )
    return render(
        request,
        "web/queue_confirm.html",
        {
            "list": page,
            "operation": operation,
            "form": form,
            "rows": [
                {
                    "row": row,
                    "named": page.named(row),
                    "cells": cells(row, page.columns[1:]),
                }
                for row in rows
            ],
            "gone": asked - len(chosen),
            "unfit": unfit,
            "columns": page.columns[1:],
            "people": sum(getattr(row, "row_count", 0) or 0 for row in rows),
        },
        status=422 if doing else 200,
    )


def _remember(
    request: HttpRequest, page: QueuePage, operation: Operation, outcomes: Sequence[Outcome]
) -> str:
    token = secrets.token_urlsafe(12)
    kept = request.session.get("queue_outcomes", {})
    kept[token] = {
        "queue": page.key,
        "operation": operation.key,
        "outcomes": [asdict(item) for item in outcomes],
    }
    request.session["queue_outcomes"] = dict(list(kept.items())[-KEPT:])
    return token


def recalled(request: HttpRequest, page: QueuePage, token: str) -> tuple[Operation, list[Outcome]]:
    """What a step of this session came to; what still ran is asked for its end."""
    told = request.session.get("queue_outcomes", {}).get(token)
    if told is None or told["queue"] != page.key:
        raise Http404
    operation = page.operation(told["operation"])
    outcomes = [Outcome(**item) for item in told["outcomes"]]
    if operation.follow is not None:
        follow = operation.follow
        outcomes = [
            follow(page.account, item) if item.state == "running" else item for item in outcomes
        ]
    return operation, outcomes
