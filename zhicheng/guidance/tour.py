"""The tour of one account: which steps it has, which of them the audit trail shows as done."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from zhicheng.audit.models import AuditEvent
from zhicheng.guidance.models import Tour
from zhicheng.guidance.rules import STEPS, Step, current, steps_of
from zhicheng.organizations.guard import might
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action, Role
from zhicheng.web.samples import Sample


@dataclass(frozen=True)
class Shown:
    """A step as the page shows it."""

    step: Step
    state: str  # done, now, todo
    url: str


def tour_of(account: Account) -> tuple[Tour, list[Shown]]:
    """The account's tour with its steps; begins with the account, ticks what was done since."""
    tour = Tour.objects.filter(account=account).first()
    if tour is None:
        tour, _new = Tour.objects.get_or_create(
            account=account, defaults={"started_at": account.created_at}
        )
    steps = steps_of(Role(account.role), frozenset(a for a in Action if might(account, a)))
    if tour.dismissed_at is None:
        _tick(tour, steps)
    done = frozenset(tour.ticked)
    now = current(steps, done)
    return tour, [
        Shown(step, "done" if step.key in done else "now" if step is now else "todo", _url(step))
        for step in steps
    ]


def _tick(tour: Tour, steps: list[Step]) -> None:
    open_steps = [step for step in steps if step.key not in tour.ticked]
    wanted = {str(action) for step in open_steps for action in step.actions}
    if not wanted:
        return
    mine = AuditEvent.objects.filter(actor_id=tour.account_id, occurred_at__gte=tour.started_at)
    done = set(mine.filter(tag__in=wanted).values_list("tag", flat=True).distinct())
    new = [step.key for step in open_steps if done & set(step.actions)]
    if new:
        tour.ticked = [*tour.ticked, *new]
        tour.save(update_fields=["ticked"])


def _url(step: Step) -> str:
    try:
        return reverse(step.page)
    except NoReverseMatch:
        return ""


def dismiss(account: Account) -> None:
    """Puts the tour away; it can be taken again from the guidance page."""
    Tour.objects.filter(account=account).update(dismissed_at=timezone.now())


def restart(account: Account) -> None:
    """Begins again: only what is done from now on counts."""
    Tour.objects.update_or_create(
        account=account,
        defaults={"started_at": timezone.now(), "dismissed_at": None, "ticked": []},
    )


def panel(request: HttpRequest) -> str:
    """The tour on the first page, until it is put away; '' on every other page."""
    match, account = request.resolver_match, request.user
    if match is None or match.view_name != "web:tasks" or not isinstance(account, Account):
        return ""
    tour, steps = tour_of(account)
    if tour.dismissed_at is not None or not steps:
        return ""
    return render_to_string("guidance/tour.html", shown(steps) | {"on_page": False}, request)


def shown(steps: list[Shown]) -> dict[str, object]:
    """What the template needs."""
    done = sum(step.state == "done" for step in steps)
    return {"steps": steps, "done": done, "total": len(steps), "over": done == len(steps)}


def sample() -> Sample:
    """A clerk's tour with one step done, for the style guide."""
    states = ("done", "now", *("todo",) * len(STEPS[Role.CLERK]))
    steps = [Shown(*each, "#") for each in zip(STEPS[Role.CLERK], states, strict=False)]
    return Sample("tour", _("第一天的引导"), "guidance/tour.html", shown(steps) | {"on_page": True})
