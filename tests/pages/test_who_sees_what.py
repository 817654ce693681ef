"""Every address of the product, asked for by everybody (invariant 9, 10).

Nobody meets a server error; strangers are sent to the login; other organisations don't learn that
an object exists; no page shows an ID number in clear.
"""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.pages.addresses import ASKING, HOLDERS, OF_ISSUERS, OF_REGISTER, PUBLIC, STEPS, addresses
from tests.pages.things import carry_one
from tests.support.city import City, accepted_register, carry, deliver, id_number
from tests.support.pages import logged_in
from tests.support.printing import printed, started
from tests.support.stations import authorisation
from zhicheng.api.actions import create_key
from zhicheng.api.webhooks import subscribe
from zhicheng.certificates import issuing
from zhicheng.certificates.models import Certificate
from zhicheng.certificates.printjobs.ending import confirm
from zhicheng.certificates.spoilage import spoil
from zhicheng.certificates.transfers import make_slip
from zhicheng.layouts.actions import start_draft
from zhicheng.layouts.printers import add_printer
from zhicheng.organizations.models import Account
from zhicheng.protection import reveal
from zhicheng.registers.models import Register, RegisterRow

pytestmark = pytest.mark.django_db


@pytest.fixture
def done(city: City) -> Register:
    """A register of five, issued; one blank spoiled on the way, a print job confirmed."""
    register = accepted_register(city, 5)
    deliver(city, 20)
    carry(city, register, "filled")
    clerk = city.who("health", "clerk")
    job = started(clerk, register)
    printed(clerk, job)
    confirm(actor=clerk, job_id=job.pk)
    serial = register.certificates.order_by("blank_serial")[0].blank_serial
    spoil(
        actor=city.who("health", "clerk"),
        register_id=register.pk,
        serials=[serial or 0],
        reason="damaged",
    )
    for step in ("sealed", "embossed", "issued"):
        carry_one(city, register, step)
    start_draft(actor=city.who("office", "clerk"), grade="senior", year=2026)
    add_printer(actor=city.who("health", "clerk"), organization=city.health, name="一号机")
    return register


@pytest.fixture
def names(city: City, done: Register) -> dict[str, int]:
    """Everything that an address can name: the register, its papers, a slip of the same unit."""
    clerk = city.who("health", "clerk")
    agent = issuing.name_agent(
        actor=clerk,
        name="杜若谷",
        id_number=id_number(7),
        relation="colleague",
        authorisation=authorisation(),
        id_checked=True,
    )
    (signed,) = issuing.attach_signed_lists(
        actor=clerk, register_id=done.pk, files=[authorisation()]
    )
    senior = accepted_register(city, 2, grades=["senior"])
    deliver(city, 10, grade="senior")
    carry(city, senior, "sealed")
    slip = make_slip(actor=clerk, embosser_id=city.office.pk, register_id=senior.pk)
    return {
        "register": done.pk,
        "certificate": Certificate.objects.filter(register=done)[0].pk,
        "agent": agent.pk,
        "signed": signed.pk,
        "slip": slip.pk,
        "job": done.print_jobs.latest("pk").pk,
    }


# One account for each kind of relation to the register; ``long`` asks for all accounts.
DIFFERENT = (
    *(("office", role) for role in ("clerk", "officer", "embosser", "auditor", "administrator")),
    *(("health", role) for role in ("clerk", "officer", "embosser")),
    ("hospital", "clerk"),
    ("district", "officer"),
)


def test_everybody_gets_an_answer_from_every_address(city: City, names: dict[str, int]) -> None:
    ask_all(names, [city.who(*who) for who in DIFFERENT])


@pytest.mark.long
def test_every_single_account_gets_an_answer_from_every_address(
    city: City, names: dict[str, int]
) -> None:
    ask_all(names, list(city.accounts.values()))


def ask_all(names: dict[str, int], accounts: list[Account]) -> None:
    numbers = [reveal(bytes(row.id_number_cipher or b"")) for row in RegisterRow.objects.all()]
    seen = 0
    for account in accounts:
        client = logged_in(account)
        for path in addresses(names):
            answer = client.get(path)
            assert answer.status_code in (200, 302, 400, 401, 403, 404, 405, 422), (path, account)
            if answer.status_code == 200 and not answer.streaming:
                seen += 1
                text = answer.content.decode("utf-8", errors="ignore")
                assert not [number for number in numbers if number in text], path
    assert seen > 200


def test_strangers_are_sent_to_the_login(client: Client, names: dict[str, int]) -> None:
    for path in addresses(names):
        answer = client.get(path)
        if path in PUBLIC:
            assert answer.status_code == 200, path
        elif path.startswith("/api/v1/"):
            assert answer.status_code in (401, 405), path
        elif path in ASKING:
            assert answer.status_code in (400, 404), path
        elif path == "/language/":
            assert answer.headers["Location"] == "/", path
        elif path == "/login/code/":
            assert answer.headers["Location"] == "/login/"
        elif path in HOLDERS:
            assert answer.headers["Location"] == "/holder/", path
        elif answer.status_code == 302:
            assert answer.headers["Location"].startswith("/login/?next="), path
        else:
            assert answer.status_code in (403, 405), path


def test_other_organisations_do_not_learn_that_it_exists(
    city: City, done: Register, names: dict[str, int]
) -> None:
    before = done.certificates.order_by("pk").values_list("state", "recipient")
    for who in (("district", "clerk"), ("enterprise", "officer"), ("industry", "embosser")):
        client = logged_in(city.who(*who))
        for path in OF_REGISTER:
            assert client.get(path.format(**names)).status_code == 404, (path, who)
        for path in OF_ISSUERS:
            expected = 403 if who[1] == "embosser" else 404
            assert client.get(path.format(**names)).status_code == expected, (path, who)
        for path in STEPS:
            status = client.post(path.format(**names)).status_code
            assert status in (403, 404), (path, who, status)
    assert list(done.certificates.order_by("pk").values_list("state", "recipient")) == list(before)


def test_administrators_see_no_business_data(city: City, names: dict[str, int]) -> None:
    client = logged_in(city.who("office", "administrator"))
    for path in (*OF_REGISTER, *OF_ISSUERS):
        status = client.get(path.format(**names)).status_code
        assert status in (403, 404), path
    for path in ("/registers/", "/certificates/", "/blanks/", "/approvals/", "/audit/"):
        assert client.get(path).status_code == 403, path


def test_auditors_read_everything_and_move_nothing(city: City, names: dict[str, int]) -> None:
    client = logged_in(city.who("office", "auditor"))
    for path in ("/registers/", "/certificates/", "/blanks/", "/approvals/", "/audit/"):
        assert client.get(path).status_code == 200, path
    for path in (*OF_REGISTER, *OF_ISSUERS):
        if "source" not in path:  # this register never was a file
            assert client.get(path.format(**names)).status_code == 200, path
    reading = ("/export/", "/reveal/", "/print/", "/marked/")
    for path in STEPS:
        if not path.endswith(reading):
            answer = client.post(path.format(**names), {"reason": "无"})
            assert answer.status_code in (403, 404), path


def test_keys_and_subscriptions_are_seen_by_their_own_organisation(city: City) -> None:
    made = create_key(
        actor=city.who("health", "officer"),
        organization=city.health,
        name="市卫健委人事系统",
        scopes=["reference:read"],
        expires_at=timezone.now() + timedelta(days=9),
    )
    hearing = subscribe(
        actor=city.who("health", "officer"),
        organization=city.health,
        url="https://example.org/hook",
        events=["certificate.issued"],
    ).subscription
    key, hook = f"/api/keys/{made.key.pk}/", f"/api/webhooks/{hearing.token}/"
    for who, status in (
        (("health", "officer"), 200),
        (("office", "officer"), 200),
        (("office", "auditor"), 200),
        (("industry", "officer"), 404),
        (("health", "clerk"), 403),
        (("office", "administrator"), 403),
    ):
        client = logged_in(city.who(*who))
        for path in (key, hook):
            assert client.get(path).status_code == status, (path, who)
        if who != ("health", "officer"):
            for path in (
                (f"{key}rotate/", f"{hook}end/") if who[0] != "office" else (f"{key}rotate/",)
            ):
                answer = client.post(path, {"overlap": "7"})
                assert answer.status_code in (403, 404), (path, who)
