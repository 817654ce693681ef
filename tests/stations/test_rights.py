"""Invariant 9: nobody takes a step of a slip, an agent or a list whose organisation may not."""

from collections.abc import Callable

import pytest

from tests.support.city import City, accepted_register, carry, deliver, id_number
from tests.support.stations import authorisation, one, scan
from zhicheng.audit.models import AuditEvent
from zhicheng.certificates import issuing, transfers
from zhicheng.organizations.models import Account
from zhicheng.registers.models import Register
from zhicheng.values.refusal import NotPermitted

STRANGERS = (
    ("industry", "officer"),
    ("industry", "embosser"),
    ("enterprise", "clerk"),
    ("hospital", "clerk"),
    ("office", "auditor"),
    ("office", "administrator"),
)


def test_strangers_take_no_step(city: City, senior: Register) -> None:
    clerk, embosser = city.who("health", "clerk"), city.who("office", "embosser")

    def slip(upto: str) -> int:
        register = accepted_register(city, 1, grades=["senior"])
        carry(city, register, "sealed")
        made = transfers.make_slip(actor=clerk, embosser_id=city.office.pk, register_id=register.pk)
        if upto != "draft":
            transfers.send(actor=clerk, slip_id=made.pk, carried_by="送件王")
        if upto in ("arrived", "returning"):
            transfers.receive(actor=embosser, slip_id=made.pk, counted=1)
        if upto == "returning":
            transfers.give_back(
                actor=embosser, slip_id=made.pk, collected_by="取件李", unembossed_too=True
            )
        return made.pk

    draft, sent, arrived, returning = map(slip, ("draft", "sent", "arrived", "returning"))
    (line,) = transfers.TransferSlip.objects.get(pk=draft).lines.all()
    item = one(senior).pk
    agent = issuing.name_agent(
        actor=clerk,
        name="杜若谷",
        id_number=id_number(3),
        relation="spouse",
        authorisation=authorisation(),
        id_checked=True,
    )
    (signed,) = issuing.attach_signed_lists(
        actor=clerk, register_id=senior.pk, files=[authorisation()]
    )

    def forbidden(stranger: Account, who: tuple[str, str]) -> dict[str, Callable[[], object]]:
        calls: dict[str, Callable[[], object]] = {
            "add": lambda: transfers.add_to_slip(
                actor=stranger, slip_id=draft, certificate_ids=[item]
            ),
            "take off": lambda: transfers.take_off_slip(
                actor=stranger, slip_id=draft, line_ids=[line.pk]
            ),
            "send": lambda: transfers.send(actor=stranger, slip_id=draft, carried_by="某人"),
            "cancel": lambda: transfers.cancel(actor=stranger, slip_id=draft),
            "count there": lambda: transfers.count_there(
                actor=stranger, slip_id=sent, certificate_id=item
            ),
            "found": lambda: transfers.note_found(actor=stranger, slip_id=sent, text="1", why="x"),
            "receive": lambda: transfers.receive(actor=stranger, slip_id=sent, counted=1),
            "return": lambda: transfers.give_back(
                actor=stranger, slip_id=arrived, collected_by="某人", unembossed_too=True
            ),
            "count back": lambda: transfers.count_back(
                actor=stranger, slip_id=returning, certificate_id=item
            ),
            "take back": lambda: transfers.take_back(actor=stranger, slip_id=returning, counted=1),
            "attach": lambda: issuing.attach_signed_lists(
                actor=stranger, register_id=senior.pk, files=[authorisation()]
            ),
        }
        if who not in (("industry", "officer"), ("enterprise", "clerk")):  # who issue themselves
            calls |= {
                "make": lambda: transfers.make_slip(actor=stranger, embosser_id=city.office.pk),
                "agent": lambda: issuing.name_agent(
                    actor=stranger,
                    name="杜若谷",
                    id_number=id_number(3),
                    relation="spouse",
                    authorisation=authorisation(),
                    id_checked=True,
                ),
            }
        if who[1] != "auditor":  # who reads everything
            calls |= {
                "authorisation": lambda: issuing.open_authorisation(actor=stranger, agent=agent),
                "signed list": lambda: issuing.open_signed_list(actor=stranger, item=signed),
                "unmask": lambda: issuing.show_agents_id_number(
                    actor=stranger, agent=agent, purpose="issue"
                ),
            }
        return calls

    before = AuditEvent.objects.count()
    done = []
    for who in STRANGERS:
        for name, call in forbidden(city.who(*who), who).items():
            try:
                call()
            except NotPermitted:
                continue
            done.append((who, name))
    assert done == []
    assert AuditEvent.objects.count() == before


WRONG = {
    "official-seal": (("health", "clerk"), ("health", "embosser"), ("industry", "officer")),
    "embossed-seal": (("health", "officer"), ("industry", "embosser"), ("office", "embosser")),
    "issue": (("health", "embosser"), ("office", "clerk"), ("office", "auditor")),
}


@pytest.mark.parametrize("slug", WRONG)
def test_a_scan_by_the_wrong_person_is_red_and_records_nothing(city: City, slug: str) -> None:
    step = {"official-seal": "filled", "embossed-seal": "sealed", "issue": "embossed"}[slug]
    register = accepted_register(city, 1)
    deliver(city, 4)
    carry(city, register, step)
    for who in WRONG[slug]:
        answer = scan(city.who(*who), slug, one(register).number, id_checked=True)
        assert answer.outcome == "bad", who
    assert one(register).state == step
