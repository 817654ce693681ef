"""How a unit of the made-up city files a register, and how it goes its way through the offices."""

from collections.abc import Iterator, Sequence

from zhicheng.blanks import actions as stock
from zhicheng.blanks.left_over import return_left_over
from zhicheng.blanks.queries.left_over import of_register
from zhicheng.certificates import actions as path
from zhicheng.certificates.issuing import attach_signed_lists
from zhicheng.certificates.models import Certificate
from zhicheng.demo.approvals import listed
from zhicheng.demo.city import City
from zhicheng.demo.clock import Course
from zhicheng.demo.reissues import scan
from zhicheng.demo.workbooks import Line, register
from zhicheng.organizations.models import Account, Organization
from zhicheng.registers import steps
from zhicheng.registers.actions import replace_file, upload_register
from zhicheng.registers.models import Register


class Filing:
    """The people that no register has yet, and the steps of one; ``ago`` as in ``Days``."""

    def __init__(self, city: City) -> None:
        self.city = city
        self.ago = city.days.ago
        self.year = city.days.year
        self.people = listed(self.year)
        self.taken: set[str] = set()
        self.sequence = 0

    def who(self, name: str) -> Account:
        """An account of the demo by its user name."""
        return self.city.accounts[name]

    def _lines(self, unit: str, department: str, *, document: str, title: str) -> Iterator[Line]:
        for item in self.people:
            if (
                item.work_unit != unit
                or item.person.id_number in self.taken
                or (document and item.document_number != document)
                or (title and item.qualification != title)
            ):
                continue
            self.taken.add(item.person.id_number)
            self.sequence += 1
            yield Line(item, f"{self.year}12{self.sequence:06d}", department)

    def upload(self, clerk: str, lines: Sequence[Line], telephone: str) -> Register:
        """The lines as a clerk's draft."""
        account = self.who(clerk)
        return upload_register(
            actor=account,
            content=self._file(account, lines, telephone),
            name=f"{account.organization.name}{self.year}年登记表.xlsx",
            year=self.year,
        )

    def upload_again(
        self, filed: Register, clerk: str, lines: Sequence[Line], telephone: str
    ) -> None:
        """The lines as the corrected file of a draft."""
        account = self.who(clerk)
        replace_file(
            actor=account,
            register_id=filed.pk,
            content=self._file(account, lines, telephone),
            name=f"{account.organization.name}{self.year}年登记表（更正）.xlsx",
        )

    def _file(self, account: Account, lines: Sequence[Line], telephone: str) -> bytes:
        return register(
            lines,
            unit=account.organization.name,
            year=self.year,
            filler=account.display_name,
            telephone=telephone,
        )

    def lines(self, unit: Organization, count: int, title: str) -> list[Line]:
        """The next people of a unit, of a title, for a file that is still to be made."""
        department = unit.supervisor.name if unit.supervisor else unit.name
        found = self._lines(unit.name, department, title=title, document="")
        return [next(found) for _ in range(count)]

    def draft(
        self,
        clerk: str,
        unit: Organization | str,
        count: int,
        *,
        title: str = "",
        document: str = "",
        department: str = "",
        telephone: str = "023-6300 0000",
        strange: Sequence[str] = (),
    ) -> Register:
        """The next people of a unit, of a title or document, as its clerk's draft.

        The first ones get the numbers in ``strange``.
        """
        name = unit if isinstance(unit, str) else unit.name
        if isinstance(unit, Organization):
            department = unit.supervisor.name if unit.supervisor else unit.name
        lines = self._lines(name, department, title=title, document=document)
        taken = [next(lines) for _ in range(count)]
        taken[: len(strange)] = [
            line.but(证书编号=number) for line, number in zip(taken, strange, strict=False)
        ]
        return self.upload(clerk, taken, telephone)

    def submit(self, filed: Register, clerk: str) -> None:
        """The clerk hands it in."""
        steps.submit(actor=self.who(clerk), register_id=filed.pk)

    def endorse(self, filed: Register, officer: str) -> None:
        """The department puts its seal to it."""
        steps.endorse(actor=self.who(officer), register_id=filed.pk)

    def accept(self, filed: Register) -> None:
        """The office takes it on."""
        steps.accept(actor=self.who("office.officer"), register_id=filed.pk)

    def allot(self, filed: Register) -> None:
        """The office sets blanks aside for it."""
        stock.allot_register(actor=self.who("office.officer"), register_id=filed.pk)

    def hand_over(self, filed: Register, clerk: str) -> None:
        """The blanks leave the store."""
        stock.hand_over(
            actor=self.who("office.clerk"),
            register_id=filed.pk,
            collected_by=self.who(clerk).display_name,
        )

    def receive(self, filed: Register, clerk: str) -> None:
        """The unit has them."""
        stock.receive(actor=self.who(clerk), register_id=filed.pk)

    def accepted(
        self, filed: Register, clerk: str, endorser: str, *, at: tuple[int, int, int]
    ) -> Course:
        """Submitted, endorsed (by whom there is) and accepted, so many working days ago."""
        submitted, endorsed, accepted = at
        yield self.ago(submitted, 10, 20)
        self.submit(filed, clerk)
        if endorser:
            yield self.ago(endorsed, 14, 45)
            self.endorse(filed, endorser)
        yield self.ago(accepted, 15, 10)
        self.accept(filed)

    def handed_out(self, filed: Register, clerk: str, *, at: tuple[int, int, int]) -> Course:
        """Allotted, handed over and received, so many working days ago."""
        allotted, handed_over, received = at
        yield self.ago(allotted, 10, 5)
        self.allot(filed)
        yield self.ago(handed_over, 11, 0)
        self.hand_over(filed, clerk)
        yield self.ago(received, 16, 20)
        self.receive(filed, clerk)

    def fill(self, filed: Register, clerk: str) -> None:
        """Everything is written onto its blanks."""
        path.fill_in(actor=self.who(clerk), register_id=filed.pk)

    def seal(self, filed: Register, officer: str) -> None:
        """Everything gets the official seal."""
        path.seal(actor=self.who(officer), register_id=filed.pk)

    def settle(self, filed: Register, clerk: str, *grades: str) -> None:
        """After the last one is issued: the signed list is kept, spare blanks go back."""
        attach_signed_lists(
            actor=self.who(clerk), register_id=filed.pk, files=[scan("领取签收表.jpg")]
        )
        for grade in grades:
            if spare := of_register(filed, grade).serials:
                return_left_over(
                    actor=self.who("office.officer"),
                    register_id=filed.pk,
                    grade=grade,
                    serials=spare,
                )

    def emboss(self, filed: Register, own: str) -> None:
        """Everything gets the steel seal: the office's, or the unit's own."""
        office = self.who("office.embosser")
        for account in (office, self.who(own)):
            if Certificate.objects.filter(
                register=filed, state="sealed", embosser=account.organization_id
            ).exists():
                path.emboss(actor=account, register_id=filed.pk)
