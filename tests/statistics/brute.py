"""The same figures by hand: plain rows read one by one and counted in Python, by the definitions.

Nothing of ``zhicheng.statistics`` is used here but the names of figures and dimensions.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from itertools import combinations
from typing import Any

from zhicheng.approvals.models import ApprovalDocument, ApprovedPerson
from zhicheng.blanks.models import Allotment
from zhicheng.certificates.models import Certificate
from zhicheng.organizations.models import Organization
from zhicheng.protection import reveal
from zhicheng.registers.models import Register, RegisterRow
from zhicheng.reissues.models import Reissue
from zhicheng.selfissued.models import SelfIssuedCertificate

CHINA = timezone(timedelta(hours=8))
FIGURES = ("passed", "issued", "replacement", "renewal", "reissued", "voided", "revoked", "lost",
           "historic", "self_issued")  # fmt: skip
BY = ("year", "region", "unit", "issuer", "department", "series", "level", "grade",
      "qualification", "mode", "channel", "sex", "age")  # fmt: skip


def _year(moment: datetime | None) -> int:
    return moment.astimezone(CHINA).year if moment else 0


def _age(kind: str, cipher: bytes, year: int) -> str:
    number = reveal(bytes(cipher))
    if kind == "passport" or len(number) != 18:
        return "unknown"
    age = year - int(number[6:10])
    for limit, name in ((30, "<30"), (35, "30-34"), (40, "35-39"), (45, "40-44"), (50, "45-49"),
                        (55, "50-54")):  # fmt: skip
        if age < limit:
            return name
    return "55+"


class Hand:
    """Everything on file, and the cases that it tells."""

    def __init__(self) -> None:
        self.documents = {row["id"]: row for row in ApprovalDocument.objects.values()}
        self.people = {row["id"]: row for row in ApprovedPerson.objects.values()}
        self.certificates = {row["id"]: row for row in Certificate.objects.values()}
        self.registers = {row["id"]: row for row in Register.objects.values()}
        self.reissues = {row["id"]: row for row in Reissue.objects.values()}
        self.own = {row["id"]: row for row in SelfIssuedCertificate.objects.values()}
        self.organizations = {row["id"]: row for row in Organization.objects.values()}
        self.named = {
            row["name"]: row["id"] for row in self.organizations.values() if row["valid_to"] is None
        }
        self.rows: dict[int, dict[str, Any]] = {}
        for row in RegisterRow.objects.order_by("accepted", "id").values():
            state = self.registers[row["register_id"]]["state"]
            # An accepted one last, else the newest; nobody stands on what isn't submitted.
            if row["approved_person_id"] and state in ("endorsing", "filed", "accepted"):
                self.rows[row["approved_person_id"]] = row
        self.allotments = list(Allotment.everything.values())
        self.first = {
            row["approved_person_id"]: row
            for row in self.certificates.values()
            if row["origin"] != "reissue" and row["state"] != "withdrawn"
        }

    def cases(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """(figure, its values by dimension) of each case."""
        for person in self.people.values():
            yield "passed", self._person(person)
        for certificate in self.certificates.values():
            if certificate["state"] != "issued":
                continue
            facts = self._certificate(certificate)
            yield self._how(certificate), {**facts, "year": _year(certificate["issued_at"])}
            if certificate["voided_at"]:
                at = {**facts, "year": _year(certificate["voided_at"])}
                yield "voided", at
                if certificate["void_reason"] == "revoked":
                    yield "revoked", at
            elif certificate["lost_at"]:
                yield "lost", {**facts, "year": _year(certificate["lost_at"])}
        for own in self.own.values():
            if own["state"] == "accepted":
                yield "self_issued", self._own(own)

    def standing(self, year: int) -> Iterator[dict[str, Any]]:
        """The certificates in force at the end of a year."""
        for certificate in self.certificates.values():
            if certificate["state"] != "issued" or _year(certificate["issued_at"]) > year:
                continue
            if not certificate["voided_at"] or _year(certificate["voided_at"]) > year:
                yield {**self._certificate(certificate), "year": year}

    def _how(self, certificate: dict[str, Any]) -> str:
        if certificate["origin"] == "historic":
            return "historic"
        if certificate["origin"] != "reissue":
            return "issued"
        return str(self.reissues[certificate["reissue"]]["kind"])

    def _place(self, unit: int, issuer: int) -> dict[str, int]:
        region = None
        for organization in (unit, issuer):
            if organization and region is None:
                region = self.organizations[organization]["region_id"]
        return {"unit": unit, "issuer": issuer, "region": region or 0}

    def _person(self, person: dict[str, Any]) -> dict[str, Any]:
        document = self.documents[person["document_id"]]
        certificate = self.first.get(person["id"])
        named = self.named.get(person["work_unit"])
        unit = issuer = None
        if not certificate and person["id"] in self.rows:
            register = self.registers[self.rows[person["id"]]["register_id"]]
            unit, issuer = register["reporting_unit_id"], register["issuing_unit_id"]
        if certificate and certificate["register_id"]:
            unit = self.registers[certificate["register_id"]]["reporting_unit_id"]
        unit = unit or named or (certificate["issuing_unit_id"] if certificate else None)
        if certificate:
            issuer = certificate["issuing_unit_id"]
        elif named and not issuer:
            home = self.organizations[named]
            issuer = named if home["has_authority"] else home["supervisor_id"]
        year = person["approval_date"].year
        return {
            **self._place(unit or 0, issuer or 0),
            **self._titles(person, person["series"]),
            "year": year,
            "department": document["approving_department_id"],
            "mode": document["review_mode"],
            "channel": document["channel"],
            "sex": person["sex"],
            "age": _age(person["id_kind"], person["id_number_cipher"], year),
        }

    def _certificate(self, certificate: dict[str, Any]) -> dict[str, Any]:
        old = self.certificates.get(certificate["replaces_id"])
        reissue = self.reissues.get(certificate["reissue"])
        key = certificate["approved_person_id"] or (old and old["approved_person_id"])
        person = self.people.get(key)
        document = self.documents[person["document_id"]] if person else None
        unit = None
        for register in (certificate["register_id"], old and old["register_id"]):
            if register and unit is None:
                unit = self.registers[register]["reporting_unit_id"]
        if unit is None and reissue:
            unit = reissue["work_unit_organization_id"]
        unit = unit or self.named.get(certificate["work_unit"]) or certificate["issuing_unit_id"]
        by_medium = "online" if certificate["medium"] == "electronic" else "paper"
        return {
            **self._place(unit, certificate["issuing_unit_id"]),
            **self._titles(certificate, person["series"] if person else ""),
            "department": certificate["approving_department_id"],
            "mode": document["review_mode"] if document else "",
            "channel": document["channel"] if document else by_medium,
            "sex": certificate["sex"],
            "age": _age(
                certificate["id_kind"],
                certificate["id_number_cipher"],
                certificate["approval_date"].year,
            ),
        }

    def _own(self, row: dict[str, Any]) -> dict[str, Any]:
        return {
            **self._place(row["unit_id"], row["unit_id"]),
            **self._titles(row, row["series"]),
            "year": (row["issued_on"] or row["approval_date"]).year,
            "department": 0,
            "mode": "self_managed",
            "channel": "",
            "sex": row["sex"],
            "age": _age(row["id_kind"], row["id_number_cipher"], row["approval_date"].year),
        }

    def steps(self) -> Iterator[tuple[str, int, int, int]]:
        """(step, unit, year, days) of everything that is timed."""

        def told(step: str, unit: int, first: Any, last: Any, year: int = 0) -> Any:
            if first and last and last >= first:
                days = (last.astimezone(CHINA).date() - first.astimezone(CHINA).date()).days
                yield step, unit, year or _year(last), days

        for row in self.registers.values():
            unit, sent = row["issuing_unit_id"], row["submitted_at"]
            yield from told("ENDORSE", unit, sent, row["endorsed_at"])
            yield from told("ACCEPT", unit, row["endorsed_at"] or sent, row["accepted_at"])
        for row in self.allotments:
            if row["state"] == "withdrawn":
                continue
            register = self.registers[row["register_id"]]
            unit, handed = register["issuing_unit_id"], row["handed_over_at"]
            yield from told("ALLOT", unit, register["accepted_at"], row["allotted_at"])
            yield from told("HAND_OVER", unit, row["allotted_at"], handed)
            yield from told("RECEIVE", unit, handed, row["received_at"])
        for row in self.reissues.values():
            unit, sent, granted = row["unit_id"], row["submitted_at"], row["granted_at"]
            yield from told("REISSUE_ACCEPT", unit, sent, row["accepted_at"])
            yield from told("REISSUE_GRANT", unit, row["accepted_at"], granted)
            yield from told("REISSUE_ISSUE", unit, granted, row["done_at"])
            yield from told("REISSUE_WHOLE", unit, sent, row["done_at"])
        for row in self.certificates.values():
            if row["state"] != "issued":
                continue
            unit, issued, year = row["issuing_unit_id"], row["issued_at"], _year(row["issued_at"])
            if row["origin"] == "online":
                document = self.documents[self.people[row["approved_person_id"]]["document_id"]]
                yield from told("ELECTRONIC", unit, document["imported_at"], issued)
            if row["origin"] == "register":
                accepted = self.registers[row["register_id"]]["accepted_at"]
                way = (accepted, row["filled_at"], row["official_seal_at"], row["embossed_at"],
                       issued)  # fmt: skip
                for place, step in enumerate(("FILL", "SEAL", "EMBOSS", "ISSUE")):
                    yield from told(step, unit, way[place], way[place + 1], year)
                yield from told("WHOLE", unit, accepted, issued, year)

    def _titles(self, row: dict[str, Any], series: str) -> dict[str, Any]:
        return {
            "series": series,
            "level": row["level"],
            "grade": row["grade"],
            "qualification": row["qualification"],
        }


def tally() -> tuple[dict[tuple[str, tuple[str, ...]], Counter[tuple[Any, ...]]], list[int]]:
    """{(figure, dimensions): {values: how many}} by every one and two dimensions; the years."""
    hand = Hand()
    found: dict[tuple[str, tuple[str, ...]], Counter[tuple[Any, ...]]] = {}
    wanted = [(), *((name,) for name in BY), *combinations(BY, 2)]

    def add(figure: str, facts: dict[str, Any], chosen: list[tuple[str, ...]]) -> None:
        for names in chosen:
            key = tuple(facts[name] for name in names)
            found.setdefault((figure, names), Counter())[key] += 1

    years: set[int] = set()
    for figure, facts in hand.cases():
        years.add(facts["year"])
        add(figure, facts, wanted)
        if figure in ("replacement", "renewal"):
            add("reissued", facts, wanted)
    span = list(range(min(years), max(years) + 1))
    with_year = [names for names in wanted if "year" in names]
    for year in span:
        for facts in hand.standing(year):
            add("in_force", facts, with_year)
    for facts in hand.standing(span[-1]):
        add("in_force", facts, [names for names in wanted if "year" not in names])
    return found, span


def days() -> Counter[tuple[str, int, int, int]]:
    """How many papers and certificates of a unit and year took so many days for a step."""
    return Counter(Hand().steps())
