"""Spoiled blanks: first the spares of the same register, then nothing until an exchange (N9)."""

from collections.abc import Sequence

from django.db import connection
from django.utils import timezone

from zhicheng.audit.recording import recorded, retrying
from zhicheng.blanks import ledger
from zhicheng.blanks.models import Custody, CustodyState, Holding, Reason, Spoilage, SpoilReason
from zhicheng.blanks.rules import unknown_serial
from zhicheng.certificates.actions import TABLE
from zhicheng.certificates.models import Certificate, CertificateState
from zhicheng.certificates.owners import Owner, owner
from zhicheng.files.models import StoredFile
from zhicheng.files.store import Prepared, store, told
from zhicheng.organizations.guard import require
from zhicheng.organizations.models import Account
from zhicheng.organizations.permissions import Action
from zhicheng.values.refusal import Refusal
from zhicheng.values.serials import format_serial, ranges_of, take

SPOILABLE = (CustodyState.FILLING, CustodyState.UNIT, CustodyState.SPARE)


@retrying
def spoil(
    *,
    actor: Account,
    register_id: int | None = None,
    reissue: int | None = None,
    serials: Sequence[int],
    reason: str,
    note: str = "",
    photo: Prepared | None = None,
) -> list[Spoilage]:
    """Records spoiled blanks of a register and puts spares in their place while there are any.

    A reissue has no spares: its spoiled blank is exchanged at the municipal office at once.

    A certificate whose blank is spoiled goes back to 'filled in' on a spare, or waits for a
    blank when no spare is left. All named serials are done, or none.
    """
    with recorded(actor, Action.CERTIFICATE_SPOIL) as record:
        whose = owner(register_id=register_id, reissue=reissue)
        require(actor, Action.CERTIFICATE_SPOIL, whose)
        if reason not in SpoilReason.values or not serials:
            raise Refusal(
                "spoilage.reason_missing",
                "登记废旧证书须写明编号和原因。",
                clause="N9",
                found="编号或原因为空",
                expected="、".join(str(label) for label in SpoilReason.labels),
            )
        accounts = {
            (item.state, item.grade): item
            for item in Custody.objects.filter(
                **whose.purpose, organization=whose.unit, state__in=SPOILABLE
            )
        }
        ledger.lock(accounts.values())
        where = _where(sorted(set(serials)), list(accounts.values()))
        written, ids, digests = [], [], []
        kept = store(photo, account_id=actor.pk) if photo else None
        # Spares first: one that is spoiled itself takes nobody's place.
        order = sorted(where, key=lambda key: (key[0] != CustodyState.SPARE, key))
        for state, grade in order:
            named = where[state, grade]
            outcome = _spoil_of(
                whose, actor, accounts, CustodyState(state), grade, named, reason, note, kept
            )
            written += outcome[0]
            ids += outcome[1]
            digests += outcome[2]
        record(
            subject=whose.subject,
            data={
                "reason": reason,
                **({"photo": told(kept)} if kept else {}),
                "spoiled": {
                    format_serial(item.serial): (
                        format_serial(item.replaced_by) if item.replaced_by else None
                    )
                    for item in written
                },
            },
            rows=TABLE if ids else "",
            ids=ids,
            digests=digests,
        )
    return written


def _where(serials: list[int], accounts: list[Custody]) -> dict[tuple[str, str], list[int]]:
    """Which of the register's accounts holds each serial; refuses one that none holds."""
    holdings = [
        (ledger.from_range(serials_), custody.state, custody.grade)
        for custody in accounts
        for serials_ in Holding.objects.filter(custody=custody).values_list("serials", flat=True)
    ]
    found: dict[tuple[str, str], list[int]] = {}
    for serial in serials:
        for item, state, grade in holdings:
            if serial in item:
                found.setdefault((state, grade), []).append(serial)
                break
        else:
            raise unknown_serial(serial)
    return found


def _spoil_of(
    whose: Owner,
    actor: Account,
    accounts: dict[tuple[str, str], Custody],
    state: CustodyState,
    grade: str,
    serials: list[int],
    reason: str,
    note: str,
    photo: StoredFile | None,
) -> tuple[list[Spoilage], list[int], list[bytes]]:
    source = accounts[(state, grade)]
    spoiled = whose.custody(CustodyState.SPOILED, grade)
    ledger.move(
        ranges_of(serials), source=source, target=spoiled, reason=Reason.SPOILAGE, actor=actor
    )
    replacements: list[int] = []
    spare = accounts.get((CustodyState.SPARE, grade))
    if state is not CustodyState.SPARE and spare is not None:
        taken = take(ledger.held(spare), len(serials))
        replacements = [serial for item in taken for serial in range(item.first, item.last + 1)]
        ledger.move(taken, source=spare, target=source, reason=Reason.SPARE, actor=actor)
    by_serial = dict(zip(serials, replacements, strict=False))
    certificates: dict[int, str] = {}
    ids: list[int] = []
    digests: list[bytes] = []
    if state is CustodyState.FILLING:
        certificates = {
            serial: number
            for serial, number in Certificate.objects.filter(blank_serial__in=serials).values_list(
                "blank_serial", "number"
            )
            if serial is not None
        }
        ids, digests = move_certificates(serials, by_serial, actor)
    written = Spoilage.objects.bulk_create(
        Spoilage(
            serial=serial,
            grade=grade,
            **whose.purpose,
            certificate_number=certificates.get(serial, ""),
            reason=reason,
            note=note,
            replaced_by=by_serial.get(serial),
            needs_blank=state is not CustodyState.SPARE and serial not in by_serial,
            photo=photo,
            spoiled_by=actor,
        )
        for serial in serials
    )
    return list(written), ids, digests


def move_certificates(
    serials: list[int], by_serial: dict[int, int], actor: Account | None = None
) -> tuple[list[int], list[bytes]]:
    """Puts the certificates on their spares, or lets them wait; every seal has to be put anew.

    Without ``actor`` whoever filled them in stays named: who reports a loss may be who seals.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE certificates_certificate
            SET state = CASE WHEN s.spare IS NULL THEN %s ELSE %s END, blank_serial = s.spare,
                filled_at = %s, filled_by_id = coalesce(%s, filled_by_id),
                official_seal_at = NULL, official_seal_by_id = NULL, official_seal_unit_id = NULL,
                embossed_at = NULL, embossed_by_id = NULL, embossed_unit_id = NULL
            FROM unnest(%s::bigint[], %s::bigint[]) AS s (serial, spare)
            WHERE certificates_certificate.blank_serial = s.serial
            RETURNING id, certificate_digest(certificates_certificate.*)
            """,
            [
                CertificateState.AWAITING_BLANK,
                CertificateState.FILLED,
                timezone.now(),
                actor.pk if actor else None,
                serials,
                [by_serial.get(serial) for serial in serials],
            ],
        )
        changed = sorted(cursor.fetchall())
    return [row[0] for row in changed], [row[1] for row in changed]
