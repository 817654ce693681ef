"""What the public of the made-up city asks: a holder's reports, and numbers that somebody tries."""

from django.db.models import QuerySet

from zhicheng.certificates.models import Certificate
from zhicheng.demo.city import City
from zhicheng.demo.clock import Course
from zhicheng.demo.people import people
from zhicheng.organizations.guard import CONSOLE
from zhicheng.values.id_number import check_digit
from zhicheng.verification import enumeration
from zhicheng.verification.lookups import Question, record_lookups
from zhicheng.verification.models import EnumerationAlarm, Way
from zhicheng.verification.queries import find_by_number
from zhicheng.verification.reports import actions as reports

# Addresses of documentation, which are nobody's (RFC 5737).
NEIGHBOUR, STAFF_OFFICE, TRYING = "192.0.2.7", "198.51.100.24", "203.0.113.66"
APPLICANTS, FOUND = 36, 12
TRIED = 24


def tell_public(city: City) -> Course:
    """A holder has reports made; two addresses ask for many, one of which the office knows."""
    ago, held = city.days.ago, Certificate.objects.filter(state="issued").order_by("pk")
    yield ago(7, 9, 25)
    mine = held[0]
    record_lookups(
        [Question(Way.PERSON, (mine.number,), mine.name, number=mine.number, address=NEIGHBOUR)]
    )
    yield ago(6, 20, 10)
    reports.make(record=find_by_number(mine.number, mine.name)[0], days=90)
    yield ago(5, 12, 40)
    wrong = reports.make(record=find_by_number(mine.number, mine.name)[0], days=30)
    reports.revoke(record=find_by_number(mine.number, mine.name)[0], key=wrong.pk)
    yield ago(4, 10, 30)
    record_lookups(_staff_office(held))
    enumeration.raise_alarms(actor=CONSOLE)
    yield ago(4, 15, 50)
    known = EnumerationAlarm.objects.get(acknowledged_at=None)
    enumeration.acknowledge(
        actor=city.accounts["office.officer"],
        alarm_id=known.pk,
        note="已电话核实：某单位人事部门逐人核对应聘人员，已告知可以使用批量核验。",
    )
    yield ago(1, 3, 35)
    record_lookups(_tried())
    enumeration.raise_alarms(actor=CONSOLE)


def _staff_office(held: QuerySet[Certificate]) -> list[Question]:
    """Somebody checks a list of applicants one by one, most of whom hold nothing."""
    strangers = people(7007)
    return [
        *(
            Question(
                Way.NUMBER, (item.number,), item.name, number=item.number, address=STAFF_OFFICE
            )
            for item in held[:FOUND]
        ),
        *(
            Question(Way.PERSON, name=who.name, id_number=who.id_number, address=STAFF_OFFICE)
            for who in (next(strangers) for _ in range(APPLICANTS - FOUND))
        ),
    ]


def _tried() -> list[Question]:
    """Somebody knows a name and a birthday, and tries the last four digits."""
    sought = next(people(7117))
    begun = sought.id_number[:14]
    tried = [f"{begun}{order:03d}" for order in range(1, 2 * TRIED, 2)]
    return [
        Question(
            Way.PERSON, name=sought.name, id_number=first17 + check_digit(first17), address=TRYING
        )
        for first17 in tried
    ]
