"""Pages that no link of an account leads to: behind a proof, or of a thing that is named nowhere.

A *door* is somebody who proved something by the product's own forms: a holder, an applicant, an
account halfway through its login. It is opened anew for whoever walks or looks, because the proof
lies in a session; :func:`client_of` takes a door's name like an account's. ``BEYOND`` are addresses
that an account or visitor comes to from outside, by a scanned code or an old letter.

What is typed into the forms is looked up in the demo city; no ID number leaves this process but as
what somebody typed.
"""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.test import Client
from django.urls import reverse

from tests.support.second_factor import turn_on
from zhicheng.certificates.models import Certificate
from zhicheng.historic.models import Registration, RegistrationState
from zhicheng.organizations import second_factor
from zhicheng.organizations.actions import change_password
from zhicheng.organizations.models import Account
from zhicheng.protection import reveal
from zhicheng.registers.models_past import RegisterUpload
from zhicheng.reissues.models import Reissue, ReissueState
from zhicheng.selfissued.models import SelfIssuedCertificate, Standing
from zhicheng.verification.models import VerificationReport


@dataclass(frozen=True)
class Door:
    """Who that is, for people; and how one gets in: gives the addresses to begin with."""

    label: str
    open: Callable[[Client], list[str]]


def client_of(name: str, language: str = "") -> Client:
    """A browser of this account or door ('' is a visitor), without the login page."""
    client = opened(name, language)[0] if name in DOORS else visitor(language)
    if name and name not in DOORS:
        enter(client, name)
    return client


def opened(name: str, language: str = "") -> tuple[Client, list[str]]:
    """A browser that went in through a door, and where it begins."""
    client = visitor(language)
    return client, DOORS[name].open(client)


def visitor(language: str = "") -> Client:
    """A browser of somebody new, with a network address of its own: questions are counted."""
    address = f"198.18.{secrets.randbelow(256)}.{secrets.randbelow(256)}"  # RFC 2544: nobody's
    client = Client(raise_request_exception=True, REMOTE_ADDR=address)
    if language:
        client.cookies["django_language"] = language
    return client


def enter(client: Client, username: str) -> None:
    """Logs in without the login page."""
    client.force_login(
        Account.objects.get(username=username),
        backend="django.contrib.auth.backends.ModelBackend",
    )


def _sent(client: Client, path: str, fields: Mapping[str, str]) -> str:
    """Sends a form that leads on; gives where to."""
    answer = client.post(path, fields)
    assert answer.status_code == 302, f"{path} answered {answer.status_code}"
    return str(answer.headers["Location"])


# --- holders --------------------------------------------------------------------------------------


def reported() -> tuple[VerificationReport, Certificate]:
    """A report that runs, and the certificate that it is of."""
    report = VerificationReport.objects.filter(revoked_at=None).earliest("pk")
    return report, Certificate.objects.get(number=report.certificate_number)


def person_of(certificate: Certificate) -> dict[str, str]:
    """What its holder types in."""
    return {
        "name": certificate.name,
        "id_number": reveal(bytes(certificate.id_number_cipher)),
        "number": certificate.number,
    }


def _holder(client: Client) -> list[str]:
    mine = _sent(client, reverse("verification:holder"), person_of(reported()[1]))
    return [mine, reverse("verification:who_looked")]


def _by_receipt(client: Client, asked: str, thing: Reissue | Registration, app: str) -> list[str]:
    """Through the receipt and ID number, then the telephone number too."""
    number = thing.receipt_number
    person = {"number": number, "id_number": reveal(bytes(thing.id_number_cipher))}
    status = _sent(client, asked, person)
    telephone = {"telephone": reveal(bytes(thing.telephone_cipher))}
    _sent(client, reverse(f"{app}:my_telephone", args=[number]), telephone)
    return [status, reverse(f"{app}:my_draft", args=[number])]


def _applicant(client: Client) -> list[str]:
    mine = Reissue.objects.filter(state=ReissueState.DRAFT, created_by=None).earliest("pk")
    found = _by_receipt(client, reverse("reissues:progress"), mine, "reissues")
    return [*found, reverse("reissues:my_confirm", args=[mine.receipt_number])]


def _registrant(client: Client) -> list[str]:
    mine = Registration.objects.filter(state=RegistrationState.DRAFT).earliest("pk")
    return _by_receipt(client, reverse("historic:progress"), mine, "historic")


# --- logins ---------------------------------------------------------------------------------------

_passwords: dict[str, str] = {}


def password_of(username: str) -> str:
    """What a door set it to."""
    return _passwords[username]


def _anew(username: str) -> Account:
    """The account without a second factor, and with a password that is known here."""
    account = Account.objects.get(username=username)
    if account.second_factor_since is not None:
        admin = Account.objects.get(username="admin")
        second_factor.take_away(actor=admin, account_id=account.pk)
    _passwords[username] = f"Door-{secrets.token_urlsafe(12)}"
    return change_password(actor=account, password=_passwords[username])


def _begins(username: str) -> Callable[[Client], list[str]]:
    """Logged in, about to set up a second factor."""

    def open_(client: Client) -> list[str]:
        _anew(username)
        enter(client, username)
        return []

    return open_


def _halfway(client: Client, username: str = "admin2") -> list[str]:
    """The password was right, the code is asked for."""
    turn_on(_anew(username), _passwords[username])
    return [_sent(client, "/login/", {"username": username, "password": _passwords[username]})]


def _secured(client: Client, username: str = "education.officer") -> list[str]:
    """Logged in by password and a recovery code."""
    _secret, codes = turn_on(_anew(username), _passwords[username])
    asked = _sent(client, "/login/", {"username": username, "password": _passwords[username]})
    _sent(client, asked, {"by": "recovery", "code": codes[0]})
    names = ("replace_second_factor", "renew_recovery_codes", "turn_off_second_factor")
    return [reverse(f"web:{name}") for name in names]


DOORS: Mapping[str, Door] = {
    "holder": Door("持证人", _holder),
    "applicant": Door("补办申请人", _applicant),
    "registrant": Door("历史证书登记人", _registrant),
    "halfway": Door("登录中，等验证码", _halfway),
    "secured": Door("已启用两步验证的账号", _secured),
    "beginner": Door("正在设置两步验证的账号", _begins("office.officer2")),
    "confirmer": Door("刚启用两步验证的账号", _begins("education.clerk")),
}


# --- from outside ---------------------------------------------------------------------------------


def _scanned() -> list[str]:
    report, certificate = reported()
    return [
        reverse("verification:certificate", args=[certificate.number]),
        reverse("verification:report_by_code", args=[reveal(bytes(report.code_cipher))]),
    ]


def _for_a_holder() -> list[str]:
    """What a unit's clerk began for a holder, and got back."""
    hospital = Account.objects.get(username="hospital.clerk").organization_id
    sent_back = Reissue.objects.filter(
        state=ReissueState.RETURNED, created_by__organization=hospital
    )
    pk = sent_back.earliest("pk").pk
    return [reverse("reissues:draft", args=[pk]), reverse("reissues:confirm", args=[pk])]


def _own_certificate() -> list[str]:
    found = SelfIssuedCertificate.objects.filter(state=Standing.ACCEPTED).earliest("pk")
    return [reverse("selfissued:correct", args=[found.pk])]


def _second_file() -> list[str]:
    """What a register's corrected file changed."""
    school = Account.objects.get(username="school.clerk").organization_id
    sent = RegisterUpload.objects.filter(register__reporting_unit=school)
    found = sent.exclude(before_version=None).earliest("pk")
    return [reverse("registers:changes", args=[found.register_id, found.version])]


BEYOND: Mapping[str, Callable[[], list[str]]] = {
    "": _scanned,
    "hospital.clerk": _for_a_holder,
    "school.clerk": _second_file,
    "university.clerk": _own_certificate,
    "employer.clerk": lambda: [reverse("verification:batch"), reverse("verification:batch_new")],
}
