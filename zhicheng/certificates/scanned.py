"""Finds what lies under the scanner, in a fixed number of statements."""

from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Q

from zhicheng.blanks import alarms
from zhicheng.blanks.case_rules import SerialBlocked
from zhicheng.blanks.models import Channel, Spoilage
from zhicheng.certificates.models import Certificate, TransferSlip
from zhicheng.certificates.queries.transfers import visible_slips
from zhicheng.certificates.scan_text import Kind, looks_like_credential, read
from zhicheng.credentials.queries import published_keys
from zhicheng.credentials.rules import Reason
from zhicheng.organizations.guard import relations, sees_all
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Role
from zhicheng.values.serials import SerialRange


class Trouble(StrEnum):
    """Why a scanned text leads to no certificate in hand."""

    UNREADABLE = "unreadable"
    NO_CREDENTIAL = "no_credential"
    OLD_PAPER = "old_paper"
    SPOILED = "spoiled"
    BLOCKED = "blocked"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Scanned:
    """What was found: a certificate, a slip, or the trouble with it."""

    code: str
    certificate: Certificate | None = None
    slip: TransferSlip | None = None
    trouble: Trouble | None = None
    serial: int | None = None
    reason: Reason | None = None
    blocked: SerialBlocked | None = None


def find(account: Account, text: str, *, where: str) -> Scanned:
    """The certificate or slip of a scanned text; a lost blank raises its alarm (N18)."""
    scan = read(text, published_keys() if looks_like_credential(text.strip()) else ())
    if scan.kind == Kind.NOTHING:
        return Scanned("", trouble=Trouble.UNREADABLE)
    if scan.kind == Kind.REFUSED:
        return Scanned("", trouble=Trouble.NO_CREDENTIAL, reason=scan.reason)
    if scan.kind == Kind.SLIP:
        slip = visible_slips(account).filter(number=scan.code).first()
        return Scanned(scan.code, slip=slip, trouble=None if slip else Trouble.UNKNOWN)
    certificate = by_code(scan.code, None if scan.kind == Kind.CREDENTIAL else scan.serial)
    if certificate is None:
        return _gone(account, scan.code, scan.serial, where, Trouble.UNKNOWN)
    if scan.kind == Kind.CREDENTIAL and scan.serial != certificate.blank_serial:
        return _gone(account, scan.code, scan.serial, where, Trouble.OLD_PAPER)
    return Scanned(scan.code, certificate)


def by_code(code: str, serial: int | None = None) -> Certificate | None:
    """The certificate of this number, else the one that lies on the blank of this serial."""
    wanted = Q(number=code)
    if serial is not None:
        wanted |= Q(blank_serial=serial)
    found = list(
        Certificate.objects.filter(wanted)
        .select_related(
            "register", "issuing_unit", "embosser", "official_seal_by", "embossed_by", "issued_by"
        )
        .defer("id_number_cipher", "id_number_index", "register__source")[:2]
    )
    found.sort(key=lambda item: item.number != code)
    return found[0] if found else None


def _gone(
    account: Account, code: str, serial: int | None, where: str, otherwise: Trouble
) -> Scanned:
    """No certificate in hand: a spoiled blank, one that is out of control, or nothing known."""
    if serial is None:
        return Scanned(code, trouble=otherwise)
    try:
        alarms.refuse_blocked(
            account, [SerialRange(serial, serial)], channel=Channel.SCAN, attempted=where
        )
    except SerialBlocked as refusal:
        return Scanned(code, trouble=Trouble.BLOCKED, serial=serial, blocked=refusal)
    if Spoilage.objects.filter(serial=serial).exists():
        return Scanned(code, trouble=Trouble.SPOILED, serial=serial)
    return Scanned(code, trouble=otherwise, serial=serial)


def sees(account: Account, certificate: Certificate) -> bool:
    """Whether the account may know whose certificate it is (as ``queries.visible``)."""
    if sees_all(account):
        return True
    return account.role != Role.ADMINISTRATOR and bool(relations(account.organization, certificate))
