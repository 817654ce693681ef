"""Every step of the certificate's path, each for a whole batch in a fixed number of statements.

A batch is of one register, or of one reissue: every step but filling in takes either.

``certificate_ids`` None means: all of the register that wait for this step. Named ones are all
done or none.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypedDict, cast

from django.db import connection
from django.utils import timezone

from zhicheng.audit.recording import recorded, retrying
from zhicheng.blanks import ledger
from zhicheng.blanks.models import CustodyState, Reason
from zhicheng.certificates import rules
from zhicheng.certificates.issue_records import agent_of, write_records
from zhicheng.certificates.lifecycle import CERTIFICATE
from zhicheng.certificates.models import CertificateState, RecipientRelation
from zhicheng.certificates.owners import Owner, before_issue, owner
from zhicheng.certificates.printable import require_rows_printable
from zhicheng.certificates.printjobs.policy import require_printed
from zhicheng.organizations.guard import require
from zhicheng.organizations.models import Account, Organization
from zhicheng.organizations.permissions import Action, Relation
from zhicheng.reference.models import Grade
from zhicheng.registers.models import Register, RegisterState
from zhicheng.values.refusal import Refusal
from zhicheng.values.serials import ranges_of, take

TABLE = "certificates.certificate"
RETURNING = "RETURNING id, certificate_digest(certificates_certificate.*), blank_serial, grade"


class Selection(TypedDict):
    """A locked certificate of a step, as far as the rules ask."""

    id: int
    number: str
    state: str
    embosser_id: int
    filled_by_id: int
    official_seal_by_id: int


@dataclass(frozen=True)
class Batch:
    """What a step did: how many certificates, and their ids."""

    count: int
    ids: list[int]


def _rows(sql: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())


@retrying
def fill_in(
    *,
    actor: Account,
    register_id: int,
    grade: str | None = None,
    row_ids: Sequence[int] | None = None,
) -> Batch:
    """Binds the register's rows to the unit's blanks in serial order (N6, N8).

    Rows without a certificate get one; certificates whose spoiled blank was exchanged get their
    new blank. ``row_ids`` picks some of the rows. The approval document is compared once more.
    """
    with recorded(actor, Action.CERTIFICATE_FILL) as record:
        whose = owner(register_id=register_id)
        register = whose.subject
        require(actor, Action.CERTIFICATE_FILL, register)
        if register.state != RegisterState.ACCEPTED:
            raise Refusal(
                "certificate.register_not_accepted",
                "证书按已受理的登记表填制。",
                clause="N6",
                found=register.get_state_display(),
                expected=str(RegisterState.ACCEPTED.label),
            )
        compare_with_approvals(register)
        office = Organization.objects.municipal_office()
        waiting = _rows(
            """
            SELECT r.grade, count(*) FROM registers_registerrow r
            LEFT JOIN certificates_certificate c ON c.row_id = r.id
            WHERE r.register_id = %s AND r.accepted AND (c.id IS NULL OR c.state = %s)
              AND (%s::bigint[] IS NULL OR r.id = ANY(%s)) AND (%s::text IS NULL OR r.grade = %s)
            GROUP BY r.grade ORDER BY r.grade
            """,
            [
                register.pk,
                CertificateState.AWAITING_BLANK,
                *[list(row_ids) if row_ids is not None else None] * 2,
                *[grade] * 2,
            ],
        )
        total = sum(number for _grade, number in waiting)
        rules.require_something(total, step="填制", wanted_label="已受理、未填制的登记表行")
        if row_ids is not None and total != len(set(row_ids)):
            raise Refusal(
                "certificate.rows_filled_before",
                "所选的人员中有的已经填制，整批没有办理。",
                clause="N8",
                found=f"可填制 {total} 人",
                expected=f"所选 {len(set(row_ids))} 人都未填制",
                mend="请刷新页面后重新选择。",
            )
        require_rows_printable(register, grade=grade, row_ids=row_ids)
        ids, digests, serials = [], [], []
        for row_grade, number in waiting:
            unit = whose.custody(CustodyState.UNIT, row_grade)
            filling = whose.custody(CustodyState.FILLING, row_grade)
            ledger.lock([unit, filling])
            available = ledger.held(unit)
            blanks = take(available, number)
            rules.require_blanks(
                number, sum(len(item) for item in available), str(Grade(row_grade).label)
            )
            ledger.move(blanks, source=unit, target=filling, reason=Reason.FILLING, actor=actor)
            filled = _bind(
                register,
                actor,
                office,
                row_grade,
                row_ids,
                [item.first for item in blanks],
                [item.last for item in blanks],
            )
            ids += [row[0] for row in filled]
            digests += [row[1] for row in filled]
            serials += [str(item) for item in blanks]
        record(
            subject=register,
            data={"count": len(ids), "serials": serials},
            rows=TABLE,
            ids=ids,
            digests=digests,
        )
    return Batch(len(ids), ids)


def compare_with_approvals(register: Register) -> None:
    """Checks N6 again at printing: the approval document may have been corrected since."""
    wrong = _rows(
        """
        SELECT r.position, r.name FROM registers_registerrow r
        JOIN approvals_approvedperson p ON p.id = r.approved_person_id
        JOIN approvals_approvaldocument d ON d.id = p.document_id
        WHERE r.register_id = %s AND r.accepted AND (
            p.name <> r.name OR p.id_number_index <> r.id_number_index
            OR p.qualification <> r.qualification OR p.specialty <> r.specialty
            OR p.approval_date <> r.approval_date OR p.grade <> r.grade
            OR d.number <> r.document_number)
        ORDER BY r.position LIMIT 5
        """,
        [register.pk],
    )
    if wrong:
        raise Refusal(
            "certificate.approval_changed",
            "登记表受理后核准文件有变动，证书信息与核准文件不一致，不能填制。",
            clause="N6",
            found="、".join(f"第 {position} 行 {name}" for position, name in wrong),
            expected="与任职资格核准文件一致",
            mend="请与市职改办核对核准文件。",
        )


def _bind(
    register: Register,
    actor: Account,
    office: Organization,
    grade: str,
    row_ids: Sequence[int] | None,
    firsts: list[int],
    lasts: list[int],
) -> list[tuple[Any, ...]]:
    """Writes the certificates of one grade; gives (id, digest) of each."""
    return _rows(
        """
        WITH waiting AS (
            SELECT r.*, c.id AS certificate_id,
                   row_number() OVER (ORDER BY r.position) AS place
            FROM registers_registerrow r
            LEFT JOIN certificates_certificate c ON c.row_id = r.id
            WHERE r.register_id = %(register)s AND r.accepted AND r.grade = %(grade)s
              AND (c.id IS NULL OR c.state = 'awaiting_blank')
              AND (%(row_ids)s::bigint[] IS NULL OR r.id = ANY(%(row_ids)s))
        ), blanks AS (
            SELECT serial, row_number() OVER (ORDER BY serial) AS place
            FROM unnest(%(firsts)s::bigint[], %(lasts)s::bigint[]) AS b (first, last)
            CROSS JOIN LATERAL generate_series(b.first, b.last) AS serial
        ), renewed AS (
            UPDATE certificates_certificate
            SET state = 'filled', blank_serial = b.serial, filled_at = %(now)s,
                filled_by_id = %(actor)s
            FROM waiting w JOIN blanks b ON b.place = w.place
            WHERE certificates_certificate.id = w.certificate_id
            RETURNING certificates_certificate.id,
                      certificate_digest(certificates_certificate.*)
        ), made AS (
            INSERT INTO certificates_certificate (
                number, register_id, row_id, position, approved_person_id, state, blank_serial,
                name, sex, id_kind, id_number_cipher, id_number_index, id_number_masked,
                work_unit, specialty, qualification, grade, level, approval_date, document_number,
                issuing_unit_id, approving_department_id, embosser_id, filled_at, filled_by_id,
                recipient, recipient_relation)
            SELECT w.certificate_number, w.register_id, w.id, w.position, p.id, 'filled', b.serial,
                   w.name, w.sex, w.id_kind, w.id_number_cipher, w.id_number_index,
                   w.id_number_masked, w.work_unit, w.specialty, w.qualification, w.grade, p.level,
                   w.approval_date, w.document_number, %(unit)s, d.approving_department_id,
                   CASE w.grade WHEN 'senior' THEN %(office)s ELSE d.approving_department_id END,
                   %(now)s, %(actor)s, '', ''
            FROM waiting w JOIN blanks b ON b.place = w.place
            JOIN approvals_approvedperson p ON p.id = w.approved_person_id
            JOIN approvals_approvaldocument d ON d.id = p.document_id
            WHERE w.certificate_id IS NULL
            ORDER BY w.position
            RETURNING certificates_certificate.id,
                      certificate_digest(certificates_certificate.*)
        )
        SELECT * FROM renewed UNION ALL SELECT * FROM made ORDER BY 1
        """,
        {  # type: ignore[arg-type]
            "register": register.pk,
            "grade": grade,
            "row_ids": list(row_ids) if row_ids is not None else None,
            "firsts": firsts,
            "lasts": lasts,
            "now": timezone.now(),
            "actor": actor.pk,
            "unit": register.issuing_unit_id,
            "office": office.pk,
        },
    )


def _selection(
    whose: Owner, certificate_ids: Sequence[int] | None, action: Action
) -> list[Selection]:
    """The certificates of a step, locked: the named ones, or all that wait for it."""
    chosen = whose.certificates().order_by("pk")
    if certificate_ids is None:
        chosen = chosen.filter(state__in=CERTIFICATE.sources(action))
    else:
        chosen = chosen.filter(pk__in=list(certificate_ids))
    values = chosen.select_for_update(no_key=True).values(
        "id", "number", "state", "embosser_id", "filled_by_id", "official_seal_by_id"
    )
    found = cast(list[Selection], list(values))
    if certificate_ids is not None and len(found) != len(set(certificate_ids)):
        raise Refusal(
            "certificate.not_of_this_register",
            "所选证书中有的不属于这份登记表，整批没有办理。",
            clause="N8",
            found=f"属于 {whose.label} 的 {len(found)} 本",
            expected=f"所选 {len(set(certificate_ids))} 本",
        )
    return found


def _selected(found: Sequence[Selection]) -> list[rules.Selected]:
    return [
        rules.Selected(item["number"], item["state"], str(CertificateState(item["state"]).label))
        for item in found
    ]


def _labels(action: Action) -> str:
    return "、".join(CERTIFICATE.states[state] for state in sorted(CERTIFICATE.sources(action)))


def _require_other_people(
    found: Sequence[Selection],
    field: Literal["filled_by_id", "official_seal_by_id"],
    actor: Account,
) -> None:
    same = [item["number"] for item in found if item[field] == actor.pk]
    if same:
        raise Refusal(
            "certificate.same_person",
            "填制、加盖公章、加盖钢印须由不同的人办理。",
            clause="N18",
            found=f"{'、'.join(same[:5])} 的前一步由您本人办理",
            expected="另一名工作人员",
        )


@retrying
def seal(
    *,
    actor: Account,
    register_id: int | None = None,
    reissue: int | None = None,
    certificate_ids: Sequence[int] | None = None,
) -> Batch:
    """The issuing unit has put its official seal (公章) on the certificates (N8)."""
    with recorded(actor, Action.CERTIFICATE_SEAL) as record:
        whose = owner(register_id=register_id, reissue=reissue)
        require(actor, Action.CERTIFICATE_SEAL, whose)
        found = _selection(whose, certificate_ids, Action.CERTIFICATE_SEAL)
        waits_for = _labels(Action.CERTIFICATE_SEAL)
        rules.require_something(len(found), step="加盖公章", wanted_label=waits_for)
        rules.require_state(
            _selected(found),
            CERTIFICATE.sources(Action.CERTIFICATE_SEAL),
            step="加盖公章",
            wanted_label=waits_for,
        )
        _require_other_people(found, "filled_by_id", actor)
        require_printed(whose, [item["id"] for item in found])
        changed = _rows(
            f"""
            UPDATE certificates_certificate
            SET state = 'sealed', official_seal_at = %s, official_seal_by_id = %s,
                official_seal_unit_id = %s
            WHERE id = ANY(%s) {RETURNING}
            """,
            [timezone.now(), actor.pk, actor.organization_id, [item["id"] for item in found]],
        )
        batch = _record(record, whose, changed)
    return batch


@retrying
def emboss(
    *,
    actor: Account,
    register_id: int | None = None,
    reissue: int | None = None,
    certificate_ids: Sequence[int] | None = None,
) -> Batch:
    """The embossed seal (钢印): senior by the municipal office, else the approving department."""
    with recorded(actor, Action.CERTIFICATE_EMBOSS) as record:
        whose = owner(register_id=register_id, reissue=reissue)
        found = _selection(whose, certificate_ids, Action.CERTIFICATE_EMBOSS)
        mine = [item for item in found if item["embosser_id"] == actor.organization_id]
        if certificate_ids is None:
            # A register may hold grades that others emboss: only ours is meant by 'all'.
            found = mine
        require(actor, Action.CERTIFICATE_EMBOSS, _Embossing(actor.organization_id))
        rules.require_embosser(
            [item["number"] for item in found if item["embosser_id"] != actor.organization_id],
            organization=actor.organization.name,
        )
        waits_for = _labels(Action.CERTIFICATE_EMBOSS)
        rules.require_something(len(found), step="加盖钢印", wanted_label=waits_for)
        rules.require_state(
            _selected(found),
            CERTIFICATE.sources(Action.CERTIFICATE_EMBOSS),
            step="加盖钢印",
            wanted_label=waits_for,
        )
        _require_other_people(found, "official_seal_by_id", actor)
        changed = _rows(
            f"""
            UPDATE certificates_certificate
            SET state = 'embossed', embossed_at = %s, embossed_by_id = %s, embossed_unit_id = %s
            WHERE id = ANY(%s) {RETURNING}
            """,
            [timezone.now(), actor.pk, actor.organization_id, [item["id"] for item in found]],
        )
        batch = _record(record, whose, changed)
    return batch


@dataclass(frozen=True)
class _Embossing:
    """The part of a batch that one organisation embosses, for the guard."""

    organization_id: int

    def parties(self) -> dict[Relation, set[int]]:
        return {Relation.EMBOSSING: {self.organization_id}}


@retrying
def issue(
    *,
    actor: Account,
    register_id: int | None = None,
    reissue: int | None = None,
    certificate_ids: Sequence[int] | None = None,
    agent_id: int | None = None,
    id_checked: bool = False,
) -> Batch:
    """Hands complete certificates out: to each holder, or to one agent for all (N8).

    ``agent_id`` is an agent on record with authorisation (``issuing.name_agent``): nobody else
    takes certificates of others. ``id_checked``: whoever came has shown an ID card.
    """
    with recorded(actor, Action.CERTIFICATE_ISSUE) as record:
        whose = owner(register_id=register_id, reissue=reissue)
        require(actor, Action.CERTIFICATE_ISSUE, whose)
        agent = agent_of(whose, agent_id).name if agent_id is not None else None
        relation = RecipientRelation.HOLDER if agent is None else RecipientRelation.AGENT
        found = _selection(whose, certificate_ids, Action.CERTIFICATE_ISSUE)
        waits_for = _labels(Action.CERTIFICATE_ISSUE)
        rules.require_something(len(found), step="发放", wanted_label=waits_for)
        rules.require_seals(_selected(found))
        rules.require_state(
            _selected(found),
            CERTIFICATE.sources(Action.CERTIFICATE_ISSUE),
            step="发放",
            wanted_label=waits_for,
        )
        if whose.reissue is not None:
            before_issue(actor, [item["id"] for item in found])
        changed = _rows(
            f"""
            UPDATE certificates_certificate
            SET state = 'issued', issued_at = %s, issued_by_id = %s,
                recipient = coalesce(%s::text, name), recipient_relation = %s
            WHERE id = ANY(%s) {RETURNING}
            """,
            [timezone.now(), actor.pk, agent, relation, [item["id"] for item in found]],
        )
        by_grade: dict[str, list[int]] = {}
        for _id, _digest, serial, grade in changed:
            by_grade.setdefault(grade, []).append(serial)
        for grade, serials in sorted(by_grade.items()):
            source = whose.custody(CustodyState.FILLING, grade)
            target = whose.custody(CustodyState.ON_CERTIFICATE, grade)
            ledger.lock([source, target])
            ledger.move(
                ranges_of(serials), source=source, target=target, reason=Reason.ISSUE, actor=actor
            )
        batch = _record(record, whose, changed, relation=relation)
        write_records(record, whose, batch.ids, agent_id=agent_id, id_checked=id_checked)
    return batch


def _record(record: Any, whose: Owner, changed: list[tuple[Any, ...]], **data: Any) -> Batch:
    changed.sort()
    ids = [row[0] for row in changed]
    serials = [str(item) for item in ranges_of(row[2] for row in changed)]
    record(
        subject=whose.subject,
        data={"count": len(ids), "serials": serials, **data},
        rows=TABLE,
        ids=ids,
        digests=[row[1] for row in changed],
    )
    return Batch(len(ids), ids)
