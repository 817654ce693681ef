"""Every address of the product, asked for by everybody (invariant 9, 10).

Nobody meets a server error; strangers are sent to the login; other organisations don't learn that
an object exists; no page shows an ID number in clear; no page's queries grow with its rows.
"""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from tests.support.city import (
    City,
    accepted_register,
    announce,
    carry,
    deliver,
    found_city,
    id_number,
)
from tests.support.printing import printed, started
from tests.support.stations import authorisation
from zhicheng.api.actions import create_key
from zhicheng.api.webhooks import subscribe
from zhicheng.certificates import issuing
from zhicheng.certificates.models import Certificate
from zhicheng.certificates.printjobs.ending import confirm
from zhicheng.certificates.spoilage import spoil
from zhicheng.certificates.transfers import make_slip
from zhicheng.electronic.making import make_electronic
from zhicheng.layouts.actions import start_draft
from zhicheng.layouts.models import LayoutVersion, Printer
from zhicheng.layouts.printers import add_printer
from zhicheng.organizations.models import Account
from zhicheng.protection import reveal
from zhicheng.registers.models import NumberingRule, Register, RegisterRow
from zhicheng.registers.numbering.actions import set_rule

pytestmark = pytest.mark.django_db

PUBLIC = {
    "/",
    "/notice/",
    "/login/",
    "/healthz",
    "/robots.txt",
    "/v/",
    "/v/worker.js",
    "/v/manifest.webmanifest",
    "/historic/register/",
    "/historic/progress/",
    "/reissues/apply/",
    "/reissues/progress/",
    "/reissues/form.pdf",
    "/fonts/rare.css",
    "/e/",
    "/e/verify/",
    "/report/",
    "/holder/",
    "/log/",
    "/.well-known/zhicheng-keys.json",
    "/.well-known/zhicheng-keys.cbor",
    "/api/v1/",
    "/api/v1/openapi.json",
    "/guidance/handbook/",
    "/guidance/handbook.pdf",
}
# Public too, but nothing without the right question.
ASKING = {"/log/checkpoint", "/log/consistency", "/log/inclusion", "/log/leaves"}
# For whoever proved to be a certificate's holder; all others are asked for the proof.
HOLDERS = {"/holder/certificate/", "/holder/lookups/"}
# Addresses that answer to POST alone, or that need more than an object's id.
OF_REGISTER = (
    "/registers/{register}/",
    "/registers/{register}/findings/",
    "/registers/{register}/missing/",
    "/registers/{register}/paper/",
    "/registers/{register}/history/",
    "/registers/{register}/versions/",
    "/registers/{register}/versions/1/",
    "/registers/{register}/compare/?from=1&to=1",
    "/registers/{register}/numbers/",
    "/registers/{register}/source/",
    "/blanks/allotments/{register}/",
    "/blanks/allotments/{register}/slip.pdf",
    "/blanks/left-over/{register}/intermediate/",
    "/blanks/exchange/{register}/intermediate/",
    "/certificates/registers/{register}/",
    "/certificates/transfers/{slip}/",
    "/certificates/transfers/{slip}/slip.pdf",
    "/certificates/{certificate}/",
    "/photos/registers/{register}/",
    "/certificates/printing/{job}/",
)
# Of those who issue: an embosser is told so, others don't learn that there is anything.
OF_ISSUERS = (
    "/certificates/registers/{register}/issued/",
    "/certificates/agents/{agent}/authorisation/",
    "/certificates/signed-lists/{signed}/",
)
STEPS = (
    "/registers/{register}/submit/",
    "/registers/{register}/withdraw/",
    "/registers/{register}/endorse/",
    "/registers/{register}/accept/",
    "/registers/{register}/return/",
    "/registers/{register}/numbers/",
    "/registers/{register}/export/",
    "/registers/{register}/compare/export/",
    "/registers/{register}/marked/",
    "/registers/{register}/paper/scans/",
    "/registers/{register}/versions/1/settle/",
    "/registers/{register}/paper/print/",
    "/blanks/allotments/{register}/allot/",
    "/blanks/allotments/{register}/hand-over/",
    "/blanks/allotments/{register}/receive/",
    "/blanks/left-over/{register}/intermediate/return/",
    "/blanks/left-over/{register}/intermediate/carry-over/",
    "/blanks/left-over/{register}/intermediate/transfer/",
    "/blanks/exchange/{register}/intermediate/request/",
    "/blanks/exchange/{register}/intermediate/take-back/",
    "/certificates/registers/{register}/fill/",
    "/certificates/registers/{register}/print/",
    "/certificates/registers/{register}/otherwise/",
    "/certificates/registers/{register}/spoil/",
    "/certificates/registers/{register}/seal/",
    "/certificates/registers/{register}/emboss/",
    "/certificates/registers/{register}/issue/",
    "/certificates/registers/{register}/signature-list.pdf",
    "/certificates/registers/{register}/signed-lists/",
    "/certificates/transfers/{slip}/scan/",
    "/certificates/transfers/{slip}/remove/",
    "/certificates/transfers/{slip}/send/",
    "/certificates/transfers/{slip}/cancel/",
    "/certificates/transfers/{slip}/receive/",
    "/certificates/transfers/{slip}/return/",
    "/certificates/transfers/{slip}/take-back/",
    "/certificates/agents/{agent}/reveal/",
    "/certificates/{certificate}/reveal/",
    "/photos/registers/{register}/bulk/",
    "/certificates/{certificate}/print/",
    "/certificates/printing/{job}/load/",
    "/certificates/printing/{job}/recut/",
    "/certificates/printing/{job}/confirm/",
    "/certificates/printing/{job}/prepare/",
    "/certificates/printing/{job}/cancel/",
    "/certificates/printing/{job}/1.pdf",
)
# The same of an online document and one of its electronic certificates.
OF_ONLINE = (
    "/electronic/documents/{document}/",
    "/electronic/certificates/{certificate}/",
    "/certificates/{certificate}/",
)
ONLINE_STEPS = (
    "/electronic/documents/{document}/make/",
    "/electronic/documents/{document}/files.zip",
    "/electronic/certificates/{certificate}/file.pdf",
    "/electronic/certificates/{certificate}/photo/",
)


OF_LAYOUTS = (
    "/layouts/{layout}/",
    "/layouts/{layout}/export.toml",
    "/layouts/{layout}/background/",
    "/layouts/{layout}/compare/{layout}/",
    "/layouts/printers/{printer}/",
    "/layouts/printers/{printer}/ruler.pdf",
    "/layouts/printers/{printer}/test.pdf",
)


@pytest.fixture
def city() -> City:
    return found_city()


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


def carry_one(city: City, register: Register, step: str) -> None:
    from zhicheng.certificates import actions as path

    match step:
        case "sealed":
            path.seal(actor=city.who("health", "officer"), register_id=register.pk)
        case "embossed":
            path.emboss(actor=city.who("health", "embosser"), register_id=register.pk)
        case "issued":
            path.issue(actor=city.who("health", "clerk"), register_id=register.pk)


def logged_in(account: Account) -> Client:
    client = Client(raise_request_exception=True)
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def plain_addresses(patterns: list[URLPattern | URLResolver], prefix: str = "/") -> Iterator[str]:
    """All addresses without a variable part."""
    for item in patterns:
        path = prefix + str(item.pattern)
        if isinstance(item, URLResolver):
            yield from plain_addresses(item.url_patterns, path)
        elif "<" not in path and "static" not in path:
            yield path


def addresses(names: dict[str, int]) -> list[str]:
    own = [path.format(**names) for path in (*OF_REGISTER, *OF_ISSUERS)]
    layout = {"layout": LayoutVersion.objects.get().pk, "printer": Printer.objects.get().pk}
    own += [path.format(**layout) for path in OF_LAYOUTS]
    return sorted(set(plain_addresses(get_resolver().url_patterns))) + own


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


# Who looks at which page whose rows could cost a query each.
COUNTED = (
    (("health", "clerk"), "/certificates/"),
    (("health", "clerk"), "/certificates/registers/{register}/"),
    (("health", "clerk"), "/certificates/registers/"),
    (("health", "clerk"), "/certificates/printing/"),
    (("health", "clerk"), "/certificates/printing/{job}/"),
    (("hospital", "clerk"), "/registers/{register}/"),
    (("hospital", "clerk"), "/registers/{register}/versions/1/"),
    (("office", "clerk"), "/registers/{register}/paper/"),
    (("office", "officer"), "/registers/"),
    (("office", "officer"), "/blanks/"),
    (("office", "officer"), "/blanks/allotments/"),
    (("office", "officer"), "/blanks/allotments/{register}/"),
    (("office", "officer"), "/blanks/orders/"),
    (("office", "officer"), "/blanks/left-over/"),
    (("health", "officer"), "/blanks/left-over/{register}/intermediate/"),
    (("office", "officer"), "/blanks/movements/"),
    (("office", "auditor"), "/audit/"),
    (("health", "clerk"), "/tasks/"),
    (("health", "clerk"), "/certificates/registers/{register}/issued/"),
    (("health", "clerk"), "/certificates/uncollected/"),
    (("health", "clerk"), "/certificates/transfers/"),
    (("health", "clerk"), "/certificates/scan/issue/?register={register}"),
    (("health", "clerk"), "/certificates/scan/issue/missing/?register={register}"),
)


def counted(city: City, people: int) -> dict[str, int]:
    """How many queries each page takes with a register of so many people, issued."""
    register = accepted_register(city, people)
    deliver(city, 2 * people + 4)
    carry(city, register, "filled")
    job = started(city.who("health", "clerk"), register, address="")
    for step in ("sealed", "embossed", "issued"):
        carry_one(city, register, step)
    found = {}
    for who, path in COUNTED:
        client = logged_in(city.who(*who))
        client.get("/tasks/")
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(path.format(register=register.pk, job=job.pk))
        assert answer.status_code == 200, path
        found[path] = len(queries)
    return found


def test_the_queries_of_a_page_do_not_grow_with_its_rows(city: City) -> None:
    few, many = counted(city, 4), counted(city, 40)
    # A second register brings a few of its own (there is somewhere to move spares to); rows none.
    assert not {path for path in few if many[path] > few[path] + 5 or many[path] >= 60}, (few, many)


def electronic(city: City, people: int = 3) -> dict[str, int]:
    """An online document of the health commission with its electronic certificates."""
    if not NumberingRule.objects.exists():
        set_rule(
            actor=city.who("office", "officer"),
            unit=city.health,
            valid_from=date(2020, 1, 1),
            pattern="DZ{年}{流水6}",
        )
    document = announce(city, people, channel="online")[0].document
    make_electronic(actor=city.who("health", "officer"), document_id=document.pk)
    made = Certificate.objects.filter(approved_person__document=document)
    return {"document": document.pk, "certificate": made[0].pk}


def test_electronic_certificates_are_for_those_whom_they_concern(city: City) -> None:
    names = electronic(city)
    numbers = [reveal(bytes(item.id_number_cipher)) for item in Certificate.objects.all()]
    for account in city.accounts.values():
        client = logged_in(account)
        for path in OF_ONLINE:
            answer = client.get(path.format(**names), follow=True)
            assert answer.status_code in (200, 403, 404), (path, account)
            text = answer.content.decode()
            assert not [number for number in numbers if number in text], path
    for who in (("district", "clerk"), ("enterprise", "officer"), ("industry", "embosser")):
        client = logged_in(city.who(*who))
        for path in OF_ONLINE:
            assert client.get(path.format(**names)).status_code == 404, (path, who)
        for path in ONLINE_STEPS:
            assert client.post(path.format(**names)).status_code in (403, 404), (path, who)
    administrator = logged_in(city.who("office", "administrator"))
    auditor = logged_in(city.who("office", "auditor"))
    for path in OF_ONLINE:
        assert administrator.get(path.format(**names)).status_code in (403, 404), path
        assert auditor.get(path.format(**names), follow=True).status_code == 200, path
    for path in ONLINE_STEPS:
        assert auditor.post(path.format(**names)).status_code == 403, path
        answer = Client().post(path.format(**names))
        assert answer.headers["Location"].startswith("/login/?next="), path


def test_pages_of_electronic_certificates_do_not_grow_with_their_rows(city: City) -> None:
    counts: list[dict[str, int]] = []
    client = logged_in(city.who("health", "officer"))
    for people in (2, 20):
        names = electronic(city, people)
        client.get("/tasks/")
        counts.append({})
        for path in (*OF_ONLINE[:1], "/electronic/", "/electronic/certificates/", "/tasks/"):
            with CaptureQueriesContext(connection) as queries:
                assert client.get(path.format(**names)).status_code == 200
            counts[-1][path] = len(queries)
    few, many = counts
    assert not {path for path in few if many[path] > few[path] + 1}, counts
