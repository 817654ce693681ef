"""What a text finds, kind by kind: only what the account may see, never how much there is else."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from django.db.models import Case, Model, Q, QuerySet, When
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from zhicheng.approvals.models import ApprovedPerson
from zhicheng.approvals.queries import visible as visible_documents
from zhicheng.blanks.models import PrintRun
from zhicheng.certificates.models import Certificate
from zhicheng.certificates.queries import visible as visible_certificates
from zhicheng.certificates.queries.life import life
from zhicheng.historic.queries import ledgers as visible_ledgers
from zhicheng.historic.queries import visible as visible_registrations
from zhicheng.organizations.guard import might, sees_all
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.organizations.queries import known_to
from zhicheng.protection import blind_index
from zhicheng.registers.models import RegisterRow
from zhicheng.registers.queries import visible as visible_registers
from zhicheng.reissues.queries import visible_to as visible_reissues
from zhicheng.search import holders
from zhicheng.search.kinds import Group, Hit, Kind, begins
from zhicheng.search.models import UnitKey
from zhicheng.search.numbered import NUMBERED
from zhicheng.search.rules import Asked
from zhicheng.selfissued.queries import certificates as visible_self_issued
from zhicheng.values.serials import LARGEST_SERIAL, format_serial
from zhicheng.verification.models import LegacyRecord

FEW, PAGE, PAGES = 5, 20, 10
# So many numbers with the typed beginning are looked through for those that the account may see.
CANDIDATES = 500
_M = TypeVar("_M", bound=Model)


def found(account: Account, asked: Asked, *, each: int = FEW) -> list[Group]:
    """The first of every kind; kinds of which nothing was found are left out."""
    groups = [one_kind(account, asked, kind, count=each) for kind in kinds_for(account)]
    return [group for group in groups if group.hits or group.narrow]


def found_as_number_too(account: Account, asked: Asked, by_person: Sequence[Group]) -> list[Group]:
    """What was found by ID number, and what the same text finds as a number of something else."""
    if asked.other_number is None:
        return list(by_person)
    groups = {group.kind.key: group for group in by_person}
    for group in found(account, asked.other_number, each=PAGE):
        before = groups.get(group.kind.key)
        if before is not None:
            known = {hit.url for hit in before.hits}
            more = [hit for hit in group.hits if hit.url not in known]
            group = replace(group, hits=[*before.hits, *more], more=before.more or group.more)
        groups[group.kind.key] = group
    return list(groups.values())


def one_kind(
    account: Account, asked: Asked, kind: Kind, *, start: int = 0, count: int = PAGE
) -> Group:
    """One kind from ``start`` on; nothing of one that is found by numbers which this is none of."""
    hits = kind.find(account, asked, start, count + 1) if _asks(asked, kind) else ()
    narrow = kind.key == "certificate" and _too_many_numbers(account, asked)
    return Group(kind, hits[:count], len(hits) > count, narrow)


def _too_many_numbers(account: Account, asked: Asked) -> bool:
    """Whether more numbers begin so than are looked through for the account's own."""
    if not asked.number or sees_all(account):
        return False
    begin = Certificate.objects.filter(begins(asked, "number")).order_by()
    return begin[CANDIDATES : CANDIDATES + 1].exists()


def _asks(asked: Asked, kind: Kind) -> bool:
    return not kind.sign or any(text.startswith(kind.sign) for text in asked.beginnings)


def kinds_for(account: Account) -> list[Kind]:
    """The kinds that the account may see at all."""
    return [kind for kind in KINDS if might(account, kind.action)]


def _certificates(account: Account, asked: Asked, start: int, count: int) -> list[Hit]:
    mine = visible_certificates(account)
    if asked.id_number:
        rows = mine.filter(id_number_index=blind_index(asked.id_number)).order_by("-pk")
        return [_certificate(row) for row in rows[start : start + count]]
    if asked.number:
        begin = Certificate.objects.filter(begins(asked, "number"))
        # A list of ids, then the account's: no plan may walk all numbers for a small unit.
        enough = start + count if sees_all(account) else CANDIDATES
        ids = list(begin.order_by().values_list("pk", flat=True)[:enough])
        rows = mine.filter(pk__in=ids).order_by("number")
        return [_certificate(row) for row in rows[start : start + count]]
    ids = holders.named(holders.CERTIFICATES, account, asked, start, count)
    by_id = {row.pk: row for row in mine.filter(pk__in=ids)} if ids else {}
    return [_certificate(by_id[pk]) for pk in ids if pk in by_id]


def _certificate(row: Certificate) -> Hit:
    return Hit(
        f"{row.name} {row.number}",
        f"{row.qualification} · {row.work_unit}",
        reverse("certificates:detail", args=[row.pk]),
        row.state if row.voided_at is None else "void",
        str(row.get_state_display() if row.voided_at is None else _("已作废")),
    )


def _rows(account: Account, asked: Asked, start: int, count: int) -> list[Hit]:
    """Rows of registers that have no certificate yet: else that is found."""
    ids = _expected(holders.ROWS, account, asked, start, count)
    mine = visible_registers(account).order_by().values("pk")
    rows = RegisterRow.objects.filter(pk__in=ids, register__in=mine).select_related("register")
    rows = rows.defer("id_number_cipher", "register__source")
    by_id = {row.pk: row for row in rows} if ids else {}
    return [_row(by_id[pk]) for pk in ids if pk in by_id]


def _row(row: RegisterRow) -> Hit:
    place = _("%(register)s 第 %(position)s 行") % {
        "register": row.register.number,
        "position": row.position,
    }
    return Hit(
        f"{row.name} {row.certificate_number}".strip(),
        " · ".join(part for part in (place, row.qualification, row.work_unit) if part),
        f"{reverse('registers:detail', args=[row.register_id])}?row={row.pk}",
        row.register.state,
        str(row.register.get_state_display()),
    )


def _people(account: Account, asked: Asked, start: int, count: int) -> list[Hit]:
    """Whom approval documents list, as long as there is no certificate of it."""
    if asked.number:
        return []
    ids = _expected(holders.PEOPLE, account, asked, start, count)
    mine = visible_documents(account).order_by().values("pk")
    people = ApprovedPerson.objects.filter(pk__in=ids, document__in=mine)
    people = people.select_related("document").defer("id_number_cipher", "document__scan")
    by_id = {person.pk: person for person in people} if ids else {}
    return [
        Hit(
            f"{by_id[pk].name} {by_id[pk].document.number}",
            f"{by_id[pk].qualification} · {by_id[pk].work_unit}",
            f"{reverse('approvals:detail', args=[by_id[pk].document_id])}?person={pk}#person-{pk}",
        )
        for pk in ids
        if pk in by_id
    ]


def _expected(
    keys: holders.Keys, account: Account, asked: Asked, start: int, count: int
) -> list[int]:
    if asked.number:
        return holders.numbered(keys, account, asked.beginnings, start, count)
    return holders.named(keys, account, asked, start, count)


def _blanks(account: Account, asked: Asked, start: int, _count: int) -> list[Hit]:
    serial = asked.serial
    if start or serial is None or not 0 < serial <= LARGEST_SERIAL:
        return []
    # Most numbers that are typed were never printed on a blank.
    if not PrintRun.objects.filter(serials__contains=serial).exists():
        return []
    known = life(account, serial)
    if known is None:
        return []
    return [
        Hit(
            format_serial(serial),
            _("空白证书的全部经过"),
            reverse("ledger:serial", args=[serial]),
        )
    ]


def _registers(account: Account, asked: Asked, start: int, count: int) -> list[Hit]:
    mine = visible_registers(account).order_by("-pk")
    if asked.id_number:
        rows = RegisterRow.objects.filter(id_number_index=blind_index(asked.id_number))
        mine = mine.filter(pk__in=rows.order_by().values("register"))
    elif asked.number:
        mine = mine.filter(begins(asked, "number"))
    else:
        return []
    return [
        Hit.of(
            row,
            row.number,
            f"{row.reporting_unit} · {row.year}",
            reverse("registers:detail", args=[row.pk]),
        )
        for row in mine[start : start + count]
    ]


def _documents(account: Account, asked: Asked, start: int, count: int) -> list[Hit]:
    mine = visible_documents(account).order_by("-pk")
    if asked.id_number:
        people = ApprovedPerson.objects.filter(id_number_index=blind_index(asked.id_number))
        mine = mine.filter(pk__in=people.order_by().values("document"))
    elif asked.documents:
        wanted = Q()
        for text in asked.documents:
            wanted |= Q(number__contains=text)
        mine = mine.filter(wanted)
    else:
        return []
    return [
        Hit(
            row.number,
            f"{row.approving_department} · {row.get_review_mode_display()}",
            reverse("approvals:detail", args=[row.pk]),
        )
        for row in mine[start : start + count]
    ]


def _reissues(account: Account, asked: Asked, start: int, count: int) -> list[Hit]:
    mine = visible_reissues(account).order_by("-pk")
    if asked.id_number:
        person = blind_index(asked.id_number)
        mine = mine.filter(id_number_index=person)
    elif asked.number:
        mine = mine.filter(begins(asked, "receipt_number") | Q(old_number=asked.number))
    elif asked.name:
        mine = mine.filter(name__startswith=asked.name)
    else:
        return []
    return [
        Hit.of(
            row,
            row.receipt_number,
            f"{row.name} · {row.get_kind_display()} · {row.old_number}",
            reverse("reissues:application", args=[row.pk]),
        )
        for row in mine[start : start + count]
    ]


def _self_issued(account: Account, asked: Asked, start: int, count: int) -> list[Hit]:
    rows = _by_beginning(visible_self_issued(account), asked, "number")
    return [
        Hit.of(
            row,
            f"{row.name} {row.number}",
            f"{row.qualification} · {row.unit}",
            row.get_absolute_url(),
        )
        for row in rows[start : start + count]
    ]


def _registrations(account: Account, asked: Asked, start: int, count: int) -> list[Hit]:
    mine = visible_registrations(account)
    rows = _by_beginning(mine, asked, "receipt_number", "certificate_number")
    return [
        Hit.of(
            row,
            f"{row.name} {row.certificate_number}",
            f"{row.receipt_number} · {row.unit}",
            row.get_absolute_url(),
        )
        for row in rows[start : start + count]
    ]


def _legacy(account: Account, asked: Asked, start: int, count: int) -> list[Hit]:
    """Lines of old ledgers; what a registration brought is found as a registration."""
    lines = LegacyRecord.objects.filter(ledger__in=visible_ledgers(account).order_by().values("pk"))
    rows = _by_beginning(lines.defer("id_number_cipher"), asked, "certificate_number")
    return [
        Hit(
            f"{row.name} {row.certificate_number}",
            f"{row.qualification} · {row.origin}",
            reverse("historic:ledger", args=[row.ledger]),
        )
        for row in rows[start : start + count]
    ]


def _by_beginning(rows: QuerySet[_M], asked: Asked, *numbers: str) -> QuerySet[_M]:
    """Rows of the person, or whose name or one of whose numbers begins with what was typed."""
    if asked.id_number:
        return rows.filter(id_number_index=blind_index(asked.id_number)).order_by("-pk")
    wanted = Q()
    if asked.number:
        wanted = begins(asked, *numbers)
    elif asked.name:
        wanted = Q(name__startswith=asked.name)
    if not wanted:
        return rows.none()
    # As many as can be paged to, then their order: no plan may walk all for a few in order.
    few = rows.filter(wanted).order_by().values("pk")[: PAGES * PAGE + 1]
    return rows.filter(pk__in=few).order_by("name", "pk")


def _units(account: Account, asked: Asked, start: int, count: int) -> list[Hit]:
    rows = known_to(account).select_related("supervisor")
    wanted = Q()
    if asked.letters:
        for name in asked.letters:
            wanted |= Q(initials__startswith=name.initials, spelled__startswith=name.spelled)
        rows = rows.filter(pk__in=UnitKey.objects.filter(wanted).values("organization"))
        rows = rows.order_by("valid_to", "name")
    elif asked.name:
        wanted = Q(name__contains=asked.text) | Q(short_name__contains=asked.text)
        near = Q(name__regex=asked.abbreviated) if asked.abbreviated else wanted
        rows = rows.filter(wanted | near).order_by(
            Case(When(wanted, then=0), default=1), "valid_to", "name"
        )
    else:
        return []
    return [
        Hit(
            row.name,
            str(row.get_kind_display()) + (f" · {row.supervisor}" if row.supervisor else ""),
            reverse("organizations:detail", args=[row.pk]),
        )
        for row in rows[start : start + count]
    ]


KINDS: Sequence[Kind] = (
    Kind("certificate", _l("证书"), Action.CERTIFICATE_VIEW, _certificates),
    Kind("row", _l("登记表人员"), Action.REGISTER_VIEW, _rows),
    Kind("person", _l("核准文件人员"), Action.APPROVAL_VIEW, _people),
    Kind("blank", _l("空白证书"), Action.BLANK_VIEW, _blanks),
    Kind("reissue", _l("补办换发"), Action.REISSUE_VIEW, _reissues),
    Kind("self_issued", _l("自主发放证书"), Action.SELF_ISSUED_VIEW, _self_issued),
    Kind("registration", _l("历史证书登记"), Action.HISTORIC_VIEW, _registrations),
    Kind("legacy", _l("历史台账"), Action.LEDGER_VIEW, _legacy),
    Kind("register", _l("登记表"), Action.REGISTER_VIEW, _registers),
    Kind("document", _l("核准文件"), Action.APPROVAL_VIEW, _documents),
    *NUMBERED,
    Kind("unit", _l("机构"), Action.ORGANIZATION_VIEW, _units),
)
