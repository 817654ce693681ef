"""Random lives of applications beside a plain model: every order of every step (N10-N14).

The model knows no database: sets, words and counters. Each step is tried in the database exactly
when the rules of Hypothesis say so, and must happen or be refused as the model says.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.support.city import City, deliver, found_city
from tests.support.reissues import TODAY, about, issued, paper
from zhicheng.audit.verify import verify
from zhicheng.blanks import investigations
from zhicheng.blanks.models import Holding
from zhicheng.certificates import actions as path
from zhicheng.certificates.models import Certificate
from zhicheng.certificates.reconcile import reconcile
from zhicheng.organizations.models import Account
from zhicheng.reissues import actions, actions_blank, actions_old, actions_opinions
from zhicheng.reissues.applicants import Applicant
from zhicheng.reissues.content import Correction
from zhicheng.reissues.models import Reissue
from zhicheng.reissues.waiting import reissues_waiting
from zhicheng.values.refusal import Refusal
from zhicheng.values.serials import SerialRange

STEPS: Counter[str] = Counter()  # what all lives of this process did, and what was refused
OPEN = {"applied", "returned", "opinions", "granted", "collected", "making"}
UNDER_WAY = {"applied", "returned", "opinions", "granted"}
AT_UNIT = {"collected", "making"}
REQUIRED = {
    "health": ["applicant", "work_unit", "department", "approving"],
    "district": ["applicant", "work_unit", "district", "department", "approving"],
}
NEEDS = {"replacement": {"review_form", "newspaper"}, "renewal": {"review_form", "proof"}}


@dataclass
class Old:
    """A certificate in force, or what became of it."""

    void: bool = False
    lost: bool = False


@dataclass
class App:
    """An application as the notice knows it."""

    kind: str
    old: int
    unit: str
    state: str = "draft"
    papers: set[str] = field(default_factory=set)
    content: int = 0
    agreed: dict[str, int] = field(default_factory=dict)
    lost: bool = False
    handed: bool = False
    number: bool = False
    blank: str = ""  # "", "unit" or "filling"
    due: bool = False
    waste: int = 0
    made: str = ""  # the new certificate's state

    @property
    def turn(self) -> str:
        """Whose opinion is next."""
        given = [level for level, content in self.agreed.items() if content == self.content]
        return next((level for level in REQUIRED[self.unit] if level not in given), "")


class ReissueLife(RuleBasedStateMachine):
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
        try:
            if self.olds:
                proof = reconcile()
                assert proof.passed, proof.faults
                report = verify()
                assert report.passed, report.faults
                self.no_application_is_lost()
        finally:
            transaction.set_rollback(True)
            self.block.__exit__(None, None, None)

    @initialize()
    def found(self) -> None:
        self.city = found_city()
        self.olds = {item.pk: Old() for item in issued(self.city, 3)}
        deliver(self.city, 60)

    # The steps, by hand and by chance.

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

    # Helpers.

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

    # The applicant.

    def may_add_paper(self, app: App) -> bool:
        return app.state in ("draft", "returned") and bool(NEEDS[app.kind] - app.papers)

    def do_add_paper(self, pk: int, app: App) -> None:
        kind = min(NEEDS[app.kind] - app.papers, default="review_form")
        good = app.state in ("draft", "returned")
        self.attempt(
            good,
            "add_paper",
            lambda: actions.add_evidence(
                actor=Applicant(pk),
                reissue_id=pk,
                kind=kind,
                field="specialty" if kind == "proof" else "",
                file=paper(),
            ),
        )
        if good:
            app.papers.add(kind)

    def may_remove_paper(self, app: App) -> bool:
        return app.state in ("draft", "returned") and bool(app.papers)

    def do_remove_paper(self, pk: int, app: App) -> None:
        kind = min(app.papers, default="")
        named = [
            item.pk
            for item in Reissue.objects.get(pk=pk).evidence.filter(kind=kind, removed_at=None)
        ]
        good = self.may_remove_paper(app)
        for item in named:
            self.attempt(
                good,
                "remove_paper",
                lambda item=item: actions.remove_evidence(
                    actor=Applicant(pk), reissue_id=pk, evidence_id=item
                ),
            )
        if good:
            app.papers.discard(kind)

    def may_amend(self, app: App) -> bool:
        return (
            app.state in ("draft", "returned")
            and not self.olds[app.old].void
            and not self.running(app.old, app)
        )

    def do_amend(self, pk: int, app: App) -> None:
        good = self.may_amend(app)
        self.attempt(
            good,
            "amend",
            lambda: actions.amend(
                actor=Applicant(pk),
                reissue_id=pk,
                application=self.form(app.kind, app.old, app.unit, app.content + 1),
            ),
        )
        if good and app.kind == "renewal":
            app.content += 1
            app.papers.discard("proof")

    def may_submit(self, app: App) -> bool:
        return self.may_amend(app) and app.papers >= NEEDS[app.kind]

    def do_submit(self, pk: int, app: App) -> None:
        good = self.may_submit(app)
        self.attempt(good, "submit", lambda: actions.submit(actor=Applicant(pk), reissue_id=pk))
        if good:
            app.state = "applied"

    def may_withdraw(self, app: App) -> bool:
        return app.state in UNDER_WAY | AT_UNIT | {"draft"}

    def do_withdraw(self, pk: int, app: App) -> None:
        good = self.may_withdraw(app)
        self.attempt(good, "withdraw", lambda: actions.withdraw(actor=Applicant(pk), reissue_id=pk))
        if good:
            self.ended(app, "ended")

    def may_find(self, app: App) -> bool:
        return app.kind == "replacement" and app.state in UNDER_WAY | AT_UNIT

    def do_find(self, pk: int, app: App) -> None:
        good = self.may_find(app)
        self.attempt(good, "find", lambda: actions.report_found(actor=Applicant(pk), reissue_id=pk))
        if good:
            self.ended(app, "ended")

    def ended(self, app: App, state: str) -> None:
        self.lift(app)
        if app.due:
            app.due, app.waste = False, app.waste + 1
        if app.made:
            app.made = "withdrawn"
        if app.blank == "filling":
            app.blank, app.waste = "", app.waste + 1
        app.state = "closing" if app.blank == "unit" else state

    # The unit and the five opinions.

    def may_accept(self, app: App) -> bool:
        return app.state == "applied"

    def do_accept(self, pk: int, app: App) -> None:
        self.accepting(pk, app, 2)

    def may_accept_one_copy(self, app: App) -> bool:
        return False

    def do_accept_one_copy(self, pk: int, app: App) -> None:
        self.accepting(pk, app, 1)

    def accepting(self, pk: int, app: App, copies: int) -> None:
        good = app.state == "applied" and copies == 2
        self.attempt(
            good,
            "accept",
            lambda: actions_opinions.accept(
                actor=self.clerk(app), reissue_id=pk, signed_on=TODAY, copies=copies
            ),
        )
        if good:
            app.state = "opinions"
            app.agreed["applicant"] = app.content
            if app.kind == "replacement":
                self.olds[app.old].lost = app.lost = True

    def may_accept_loss(self, app: App) -> bool:
        return app.kind == "replacement" and app.state in ("applied", "returned") and not app.lost

    def do_accept_loss(self, pk: int, app: App) -> None:
        good = self.may_accept_loss(app)
        self.attempt(
            good,
            "accept_loss",
            lambda: actions_opinions.accept_loss(actor=self.clerk(app), reissue_id=pk),
        )
        if good:
            self.olds[app.old].lost = app.lost = True

    def opine(self, pk: int, app: App, level: str, decision: str) -> bool:
        good = app.state == "opinions" and app.turn == level
        by = {"work_unit": "hospital", "department": app.unit, "approving": "health"}.get(level)

        def call() -> object:
            if by is None:
                return actions_opinions.record_opinion(
                    actor=self.clerk(app),
                    reissue_id=pk,
                    level=level,
                    decision=decision,
                    text="原因",
                    given_on=TODAY,
                    scan=paper(),
                )
            return actions_opinions.opine(
                actor=self.city.who(by, "officer"),
                reissue_id=pk,
                level=level,
                decision=decision,
                text="原因",
            )

        self.attempt(good, f"{decision} at {level}", call)
        return good

    def may_agree(self, app: App) -> bool:
        return app.state == "opinions" and app.turn not in ("", "applicant")

    def do_agree(self, pk: int, app: App) -> None:
        level = app.turn or "approving"
        if self.opine(pk, app, level, "agree"):
            app.agreed[level] = app.content
            if not app.turn:
                app.state = "granted"

    def may_agree_out_of_order(self, app: App) -> bool:
        return False

    def do_agree_out_of_order(self, pk: int, app: App) -> None:
        for level in ("work_unit", "district", "department", "approving"):
            if level != app.turn or app.state != "opinions":
                self.opine(pk, app, level, "agree")

    def may_send_back_by_opinion(self, app: App) -> bool:
        return self.may_agree(app)

    def do_send_back_by_opinion(self, pk: int, app: App) -> None:
        if self.opine(pk, app, app.turn or "approving", "return"):
            app.state = "returned"

    def may_refuse_by_opinion(self, app: App) -> bool:
        return self.may_agree(app)

    def do_refuse_by_opinion(self, pk: int, app: App) -> None:
        if self.opine(pk, app, app.turn or "approving", "refuse"):
            self.ended(app, "refused")

    def may_send_back(self, app: App) -> bool:
        return app.state in ("applied", "opinions", "granted")

    def do_send_back(self, pk: int, app: App) -> None:
        good = self.may_send_back(app)
        self.attempt(
            good,
            "send_back",
            lambda: actions_opinions.return_application(
                actor=self.clerk(app), reissue_id=pk, reason="材料不清"
            ),
        )
        if good:
            app.state = "returned"

    def may_refuse(self, app: App) -> bool:
        return app.state in UNDER_WAY

    def do_refuse(self, pk: int, app: App) -> None:
        good = self.may_refuse(app)
        self.attempt(
            good,
            "refuse",
            lambda: actions_opinions.refuse(
                actor=self.city.who(app.unit, "officer"), reissue_id=pk, reason="不符"
            ),
        )
        if good:
            self.ended(app, "refused")

    def may_hand_in(self, app: App) -> bool:
        before = app.kind == "renewal" and app.state in UNDER_WAY
        return (before or app.state == "done") and not app.handed

    def do_hand_in(self, pk: int, app: App) -> None:
        good = self.may_hand_in(app)
        number = Certificate.objects.get(pk=app.old).number
        self.attempt(
            good,
            "hand_in",
            lambda: actions_old.hand_in(
                actor=self.clerk(app), reissue_id=pk, number=number, received_on=TODAY
            ),
        )
        app.handed = app.handed or good

    # The blank and the new certificate.

    def may_hand_out(self, app: App) -> bool:
        if app.state in AT_UNIT:
            return not app.blank and not app.due
        return app.state == "granted" and (app.kind == "replacement" or app.handed)

    def do_hand_out(self, pk: int, app: App) -> None:
        good = self.may_hand_out(app)
        self.attempt(
            good,
            "hand_out",
            lambda: actions_blank.hand_out(
                actor=self.city.who("office", "clerk"), reissue_id=pk, collected_by="王领取"
            ),
        )
        if good:
            app.blank = "unit"
            app.state = "making" if app.state == "making" else "collected"

    def may_give_number(self, app: App) -> bool:
        return app.state in ("opinions", "granted", "collected")

    def do_give_number(self, pk: int, app: App) -> None:
        good = self.may_give_number(app)
        self.numbers += 1
        self.attempt(
            good,
            "give_number",
            lambda: actions_blank.assign_number(
                actor=self.clerk(app), reissue_id=pk, number=f"新证{self.numbers:05d}"
            ),
        )
        app.number = app.number or good

    def may_fill(self, app: App) -> bool:
        begins = app.state == "collected" and app.number
        again = app.state == "making" and app.made == "awaiting_blank"
        return (begins or again) and app.blank == "unit"

    def do_fill(self, pk: int, app: App) -> None:
        good = self.may_fill(app)
        self.attempt(
            good,
            "fill",
            lambda: actions_blank.fill_in(actor=self.clerk(app), reissue_id=pk),
        )
        if good:
            app.state, app.made, app.blank = "making", "filled", "filling"

    def may_spoil(self, app: App) -> bool:
        return app.state in AT_UNIT and app.blank != ""

    def do_spoil(self, pk: int, app: App) -> None:
        good = self.may_spoil(app)
        self.attempt(
            good,
            "spoil",
            lambda: actions_blank.spoil(actor=self.clerk(app), reissue_id=pk, reason="misprint"),
        )
        if good:
            self.off_its_blank(app)
            app.due = True

    def off_its_blank(self, app: App) -> None:
        if app.blank == "filling":
            app.made = "awaiting_blank"
        app.blank = ""

    def may_exchange(self, app: App) -> bool:
        return app.state in AT_UNIT and app.due

    def do_exchange(self, pk: int, app: App) -> None:
        good = self.may_exchange(app)
        self.attempt(
            good,
            "exchange",
            lambda: actions_blank.exchange(actor=self.city.who("office", "officer"), reissue_id=pk),
        )
        if good:
            app.due, app.blank = False, "unit"

    def may_lose_blank(self, app: App) -> bool:
        return app.blank != ""

    def do_lose_blank(self, pk: int, app: App) -> None:
        lying = Holding.objects.filter(
            custody__reissue=pk, custody__state__in=["unit", "filling"]
        ).first()
        assert (lying is not None) == self.may_lose_blank(app)
        if lying is None:
            return
        serial = lying.serials.lower
        (case,) = self.attempt(
            True,
            "lose_blank",
            lambda: investigations.report_loss(
                actor=self.clerk(app), serials=[SerialRange(serial, serial)], note="找不到"
            ),
        )
        self.off_its_blank(app)
        # Every other one is found again: empty ones serve others, written ones are waste.
        self.losses += 1
        if self.losses % 2:
            empty = lying.custody.state == "unit"
            self.attempt(
                True,
                "blank found",
                lambda: investigations.settle_case(
                    actor=self.city.who("office", "officer"),
                    case_id=case.pk,
                    outcome="found",
                    conclusion="找到",
                ),
            )
            app.waste += 0 if empty else 1

    def may_seal(self, app: App) -> bool:
        return app.made == "filled"

    def do_seal(self, pk: int, app: App) -> None:
        good = self.may_seal(app)
        if app.made:
            officer = self.city.who(app.unit, "officer")
            self.attempt(good, "seal", lambda: path.seal(actor=officer, reissue=pk))
        if good:
            app.made = "sealed"

    def may_emboss(self, app: App) -> bool:
        return app.made == "sealed"

    def do_emboss(self, pk: int, app: App) -> None:
        good = self.may_emboss(app)
        if app.made:
            embosser = self.city.who("health", "embosser")
            self.attempt(good, "emboss", lambda: path.emboss(actor=embosser, reissue=pk))
        if good:
            app.made = "embossed"

    def may_issue(self, app: App) -> bool:
        return app.made == "embossed"

    def do_issue(self, pk: int, app: App) -> None:
        good = self.may_issue(app)
        if app.made:
            self.attempt(good, "issue", lambda: path.issue(actor=self.clerk(app), reissue=pk))
        if good:
            app.made, app.state, app.blank = "issued", "done", ""
            self.olds[app.old].void = True
            self.olds[Certificate.objects.get(reissue=pk).pk] = Old()

    def may_take_back(self, app: App) -> bool:
        return app.state == "closing"

    def do_take_back(self, pk: int, app: App) -> None:
        good = self.may_take_back(app)
        self.attempt(
            good,
            "take_back",
            lambda: actions_blank.take_back(actor=self.city.who("office", "clerk"), reissue_id=pk),
        )
        if good:
            app.state, app.blank = "ended", ""

    def may_return_spoiled(self, app: App) -> bool:
        return app.waste > 0

    def do_return_spoiled(self, pk: int, app: App) -> None:
        good = self.may_return_spoiled(app)
        self.attempt(
            good,
            "return_spoiled",
            lambda: actions_blank.return_spoiled(
                actor=self.city.who("office", "officer"), reissue_id=pk
            ),
        )
        if good:
            app.waste = 0

    # What must hold after every step.

    @invariant()
    def every_application_is_where_the_model_says(self) -> None:
        found = {item.pk: item for item in Reissue.objects.all()}
        assert found.keys() == self.apps.keys()
        for pk, app in self.apps.items():
            item = found[pk]
            assert (item.state, item.lost_at is not None) == (app.state, app.lost), pk
        STEPS["moments compared"] += 1

    @invariant()
    def no_blank_without_complete_papers(self) -> None:
        live = {"unit", "filling", "on_certificate"}
        lying: dict[int, list[str]] = {pk: [] for pk in self.apps}
        for holding in Holding.objects.filter(custody__reissue__isnull=False).select_related(
            "custody"
        ):
            assert holding.custody.reissue is not None
            count = holding.serials.upper - holding.serials.lower
            lying[holding.custody.reissue] += [holding.custody.state] * count
        for pk, app in self.apps.items():
            states = Counter(lying[pk])
            wanted = Counter(
                {app.blank or "unit": 1 if app.blank else 0, "spoiled": app.waste + app.due}
            )
            wanted["on_certificate"] = 1 if app.state == "done" else 0
            got = Counter({name: n for name, n in states.items() if name in {*live, "spoiled"}})
            assert +got == +wanted, (pk, got, wanted)
            if got.keys() & live:
                assert app.papers >= NEEDS[app.kind]
                assert not app.turn
                assert app.handed or app.kind == "replacement"

    @invariant()
    def never_two_in_force(self) -> None:
        certificates = {item.pk: item for item in Certificate.objects.all()}
        for pk, old in self.olds.items():
            assert certificates[pk].in_force == (not old.void), pk
            if not old.void:
                assert (certificates[pk].lost_at is not None) == old.lost
        in_force: Counter[tuple[bytes, str]] = Counter()
        for item in certificates.values():
            if item.in_force:
                in_force[bytes(item.id_number_index), item.document_number] += 1
        assert set(in_force.values()) <= {1}
        assert sum(in_force.values()) == (3 if self.olds else 0)

    def no_application_is_lost(self) -> None:
        """Each one that isn't finished waits for its holder, or on somebody's task list."""
        named: set[str] = set()
        for account in self.city.accounts.values():
            for group in reissues_waiting(account):
                named |= {label.split(" ")[0] for label, _address, _since in group.items}
        for pk, app in self.apps.items():
            if app.state in (OPEN - {"returned"}) | {"closing"} and not self.only_lost(app):
                assert Reissue.objects.get(pk=pk).receipt_number in named, (pk, app)

    def only_lost(self, app: App) -> bool:
        """More than five of a kind aren't named on the first page; there are at most nine."""
        return len(self.apps) > 5
