"""What all steps of an application's life share: how one is chosen, tried, and told of.

A group of steps is a mixin of :class:`Life`: ``may_x`` says by the model whether x may happen,
``do_x`` tries it. Chance takes any of them, or rather those that lead far.
"""

from collections import Counter
from collections.abc import Callable
from typing import Any

from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from tests.reissues.life_model import NEEDS, OPEN, REQUIRED, App, Old
from tests.support.city import City, deliver, found_city
from tests.support.reissues import about, issued
from zhicheng.certificates.models import Certificate
from zhicheng.organizations.models import Account
from zhicheng.reissues import actions
from zhicheng.reissues.applicants import Applicant
from zhicheng.reissues.content import Correction
from zhicheng.values.refusal import Refusal

STEPS: Counter[str] = Counter()  # what all lives of this process did, and what was refused


class Life(RuleBasedStateMachine):
    """Three holders, two units, and everybody who works on their applications."""

    city: City

    def __init__(self) -> None:
        super().__init__()
        self.block = transaction.atomic()
        self.block.__enter__()
        self.apps: dict[int, App] = {}
        self.olds: dict[int, Old] = {}
        self.numbers = self.losses = 0
        self.steps: dict[str, tuple[Callable[[App], bool], Callable[[int, App], None]]] = {
            name: (getattr(self, f"may_{name}"), getattr(self, f"do_{name}"))
            for name in sorted(
                item.removeprefix("do_") for item in dir(self) if item.startswith("do_")
            )
        }

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.block.__exit__(None, None, None)

    @initialize()
    def found(self) -> None:
        self.city = found_city()
        self.olds = {item.pk: Old() for item in issued(self.city, 3)}
        deliver(self.city, 60)

    @precondition(lambda self: len(self.apps) < 9)
    @rule(
        data=st.data(), kind=st.sampled_from(sorted(NEEDS)), unit=st.sampled_from(sorted(REQUIRED))
    )
    def begin(self, data: st.DataObject, kind: str, unit: str) -> None:
        old = data.draw(st.sampled_from(sorted(self.olds)), label="certificate")
        self.start(kind, unit, old)

    def start(self, kind: str, unit: str, old: int) -> int:
        """Begins an application; gives it, or 0 where it must be refused."""
        good = not self.olds[old].void and not self.running(old)
        made = self.attempt(
            good,
            "begin",
            lambda: actions.apply(actor=Applicant(), application=self.form(kind, old, unit, 0)),
        )
        if not good:
            return 0
        self.apps[made.pk] = App(kind, old, unit)
        return int(made.pk)

    @precondition(lambda self: self.apps)
    @rule(data=st.data())
    def any_step(self, data: st.DataObject) -> None:
        pk = data.draw(st.sampled_from(sorted(self.apps)), label="application")
        self.step(pk, data.draw(st.sampled_from(sorted(self.steps)), label="step"))

    @precondition(lambda self: self.possible())
    @rule(data=st.data())
    def good_step(self, data: st.DataObject) -> None:
        pk, name = data.draw(st.sampled_from(self.possible()), label="application, step")
        self.step(pk, name)

    @precondition(lambda self: self.forward())
    @rule(data=st.data())
    def go_on(self, data: st.DataObject) -> None:
        """The next step of an application's ordinary way, so that many lives get far."""
        pk, name = data.draw(st.sampled_from(self.forward()), label="application, step")
        self.step(pk, name)

    MISHAPS = ("spoil", "lose_blank", "find", "withdraw", "send_back_by_opinion", "refuse",
               "refuse_by_opinion")  # fmt: skip

    def mishaps(self) -> list[tuple[int, str]]:
        """What can go wrong with applications that are far: accepted, or with their blank."""
        return [
            (pk, name)
            for pk, app in sorted(self.apps.items())
            if app.blank or app.state == "opinions"
            for name in self.MISHAPS
            if self.steps[name][0](app)
        ]

    @precondition(lambda self: self.mishaps())
    @rule(data=st.data())
    def mishap(self, data: st.DataObject) -> None:
        """Something goes wrong where most is at stake; what follows is seen at once."""
        pk, name = data.draw(st.sampled_from(self.mishaps()), label="application, mishap")
        self.step(pk, name)
        for following in ("exchange", "hand_out", "return_spoiled", "take_back"):
            if self.steps[following][0](self.apps[pk]) and data.draw(st.booleans()):
                self.step(pk, following)

    @precondition(lambda self: self.forward())
    @rule(data=st.data(), steps=st.integers(3, 11))
    def go_far(self, data: st.DataObject, steps: int) -> None:
        pk, _name = data.draw(st.sampled_from(self.forward()), label="application")
        for _each in range(steps):
            names = [name for key, name in self.forward() if key == pk]
            if not names:
                break
            self.step(pk, names[0])

    WAY = (
        "add_paper", "submit", "accept", "hand_in", "agree", "give_number", "hand_out", "fill",
        "seal", "emboss", "issue", "exchange", "take_back",
    )  # fmt: skip

    def forward(self) -> list[tuple[int, str]]:
        found = []
        for pk, app in sorted(self.apps.items()):
            for name in self.WAY:
                done = name == "give_number" and app.number
                if not done and self.steps[name][0](app):
                    found.append((pk, name))
                    break
        return found

    def possible(self) -> list[tuple[int, str]]:
        return [
            (pk, name)
            for pk, app in sorted(self.apps.items())
            for name, (may, _do) in self.steps.items()
            if may(app)
        ]

    def step(self, pk: int, name: str) -> None:
        app = self.apps[pk]
        self.steps[name][1](pk, app)

    def attempt(self, expected: bool, name: str, call: Callable[[], Any]) -> Any:
        """Runs an action; it must be refused exactly when the model refuses."""
        result = None
        try:
            with transaction.atomic():
                result = call()
            happened = True
        except Refusal as refusal:
            happened, result = False, refusal
        STEPS[f"{name} {'done' if happened else 'refused'}"] += 1
        assert happened == expected, (name, expected, result)
        return result

    # What steps share.

    def running(self, old: int, but: App | None = None) -> bool:
        return any(
            app.old == old and app.state in OPEN for app in self.apps.values() if app is not but
        )

    def form(self, kind: str, old: int, unit: str, content: int) -> Any:
        certificate = Certificate.objects.get(pk=old)
        other = (
            {"corrections": (Correction("specialty", f"更正专业{old}号{content}"),)}
            if kind == "renewal"
            else {}
        )
        return about(certificate, kind, unit_id=getattr(self.city, unit).pk, **other)

    def clerk(self, app: App) -> Account:
        return self.city.who(app.unit, "clerk")

    def lift(self, app: App) -> None:
        if app.lost:
            self.olds[app.old].lost = app.lost = False

    def ended(self, app: App, state: str) -> None:
        self.lift(app)
        if app.due:
            app.due, app.waste = False, app.waste + 1
        if app.made:
            app.made = "withdrawn"
        if app.blank == "filling":
            app.blank, app.waste = "", app.waste + 1
        app.state = "closing" if app.blank == "unit" else state
