"""Registers in every state, taken there on past days by the same actions that people use.

Each course is one register's; the days are working days ago. Some wait for longer than they may.
"""

from zhicheng.approvals.actions import import_list
from zhicheng.blanks import actions as stock
from zhicheng.certificates import actions as path
from zhicheng.certificates import issuing
from zhicheng.certificates.models import Certificate
from zhicheng.certificates.spoilage import spoil
from zhicheng.demo.city import City
from zhicheng.demo.clock import Course
from zhicheng.demo.counter import authorisation
from zhicheng.demo.faults import FaultyCity, faulty_sheets
from zhicheng.demo.filing import Filing
from zhicheng.demo.people import people
from zhicheng.organizations.models import Organization
from zhicheng.reference.models import Grade
from zhicheng.registers import steps
from zhicheng.registers.actions import upload_register

SPOILED = ("misprint", "damaged", "misprint", "misprint", "misprint", "damaged")


class Registers(Filing):
    """The courses of the story's year."""

    def __init__(self, city: City) -> None:
        super().__init__(city)
        units = city.units
        self.hospital, self.children = units["山城第一人民医院"], units["两江妇女儿童医院"]
        self.institute, self.equipment = units["嘉陵机械研究所"], units["缙云智能装备有限公司"]
        self.school = units["歌乐山职业技术学校"]

    def courses(self) -> list[Course]:
        """All of them."""
        heavy = self.city.enterprises["长江重工"]
        children, industry = "children.clerk", "industry.officer"
        return [
            self.issued(),
            self.issued_elsewhere(),
            self.issued_in_part(),
            self.sealed(30, "副主任医师", 26),
            self.sealed(16, "主治医师", 31),
            self.spoiling(heavy),
            self.to_be_filled(),
            self.on_the_way(),
            self.allotted("institute.clerk", self.institute, 21, "高级工程师", industry, (22, 8)),
            self.allotted(
                "hospital.clerk", self.hospital, 18, "主治医师", "health.officer", (15, 3)
            ),
            self.office("institute.clerk", self.institute, 25, "工程师", industry, (17, 13, 6)),
            self.office(
                "hospital.clerk", self.hospital, 16, "主治医师", "health.officer", (14, 11, 4)
            ),
            self.office(children, self.children, 12, "主治医师", "health.officer", (10, 8, 2)),
            self.office(
                "school.clerk", self.school, 15, "高级讲师", "education.officer", (9, 6, 2)
            ),
            self.district(),
            self.office("heavy.clerk", heavy, 20, "高级工程师", "", (6, 0, 0)),
            self.office("equipment.clerk", self.equipment, 14, "高级工程师", industry, (8, 4, 0)),
            self.office(
                "hospital.clerk", self.hospital, 12, "主治医师", "health.officer", (5, 1, 0)
            ),
            self.office(children, self.children, 20, "", "health.officer", (6, 0, 0)),
            self.office(
                "hospital.clerk", self.hospital, 10, "主治医师", "health.officer", (2, 0, 0)
            ),
            self.returned(),
            self.corrected("school.clerk", self.school, 14, "讲师", 6),
            self.faulty(),
        ]

    def issued(self) -> Course:
        """Issued, one blank spoiled on the way."""
        yield self.ago(79)
        done = self.draft("hospital.clerk", self.hospital, 40)
        yield from self.accepted(done, "hospital.clerk", "health.officer", at=(78, 75, 71))
        yield from self.handed_out(done, "health.clerk", at=(69, 68, 68))
        yield self.ago(66, 9, 40)
        self.fill(done, "health.clerk")
        yield self.ago(65, 11, 15)
        first = Certificate.objects.filter(register=done).order_by("blank_serial")[2]
        spoil(
            actor=self.who("health.clerk"),
            register_id=done.pk,
            serials=[first.blank_serial or 0],
            reason="misprint",
            note="姓名打印偏位",
        )
        yield self.ago(63, 15, 30)
        self.seal(done, "health.officer")
        yield self.ago(60, 10, 0)
        self.emboss(done, "health.embosser")
        yield self.ago(57, 14, 20)
        path.issue(actor=self.who("health.clerk"), register_id=done.pk)
        yield self.ago(54, 16)
        self.settle(done, "health.clerk", *Grade.values)

    def issued_elsewhere(self) -> Course:
        """Issued by another department; two numbers were typed from somewhere else."""
        yield self.ago(72, 10)
        filed = self.draft(
            "institute.clerk",
            self.institute,
            30,
            title="助理工程师",
            strange=("渝工2019-0117", "渝工2019-0118"),
        )
        yield from self.accepted(filed, "institute.clerk", "industry.officer", at=(71, 68, 62))
        yield from self.handed_out(filed, "industry.clerk", at=(59, 57, 56))
        yield self.ago(52, 14)
        self.fill(filed, "industry.clerk")
        yield self.ago(50, 10, 40)
        self.seal(filed, "industry.officer")
        yield self.ago(47, 15, 20)
        self.emboss(filed, "industry.embosser")
        yield self.ago(41, 10, 10)
        path.issue(actor=self.who("industry.clerk"), register_id=filed.pk)
        yield self.ago(38, 9, 30)
        self.settle(filed, "industry.clerk")  # spare blanks are left, and wait

    def issued_in_part(self) -> Course:
        """Some issued to an agent, some waiting for their holders."""
        yield self.ago(46, 16, 0)
        waiting = self.draft("hospital.clerk", self.hospital, 24, title="主治医师")
        yield from self.accepted(waiting, "hospital.clerk", "health.officer", at=(45, 41, 38))
        yield from self.handed_out(waiting, "health.clerk", at=(35, 33, 33))
        yield self.ago(30)
        self.fill(waiting, "health.clerk")
        yield self.ago(28, 15)
        self.seal(waiting, "health.officer")
        yield self.ago(25, 10)
        self.emboss(waiting, "health.embosser")
        yield self.ago(23, 9, 50)
        agent = issuing.name_agent(
            actor=self.who("health.clerk"),
            name="杜若谷",
            id_number=next(people(4343)).id_number,
            relation="colleague",
            authorisation=authorisation(),
            id_checked=True,
        )
        some = Certificate.objects.filter(register=waiting).order_by("position")
        path.issue(
            actor=self.who("health.clerk"),
            register_id=waiting.pk,
            certificate_ids=list(some.values_list("pk", flat=True)[:9]),
            agent_id=agent.pk,
            id_checked=True,
        )

    def sealed(self, count: int, title: str, begun: int) -> Course:
        """Sealed: senior ones go to the office's steel seal, others wait for the department's."""
        clerk = "children.clerk"
        yield self.ago(begun, 9, 30)
        filed = self.draft(clerk, self.children, count, title=title)
        yield from self.accepted(
            filed, clerk, "health.officer", at=(begun - 1, begun - 4, begun - 9)
        )
        yield from self.handed_out(filed, "health.clerk", at=(begun - 12, begun - 14, begun - 14))
        yield self.ago(begun - 18)
        self.fill(filed, "health.clerk")
        yield self.ago(begun - 21, 16)
        self.seal(filed, "health.officer")

    def spoiling(self, heavy: Organization) -> Course:
        """A large enterprise: more spoiled than spares, an exchange is due."""
        yield self.ago(42, 10)
        document = f"渝经信职改〔{self.year}〕12号"
        filed = self.draft("heavy.clerk", heavy, 24, document=document)
        yield from self.accepted(filed, "heavy.clerk", "", at=(41, 0, 36))
        yield from self.handed_out(filed, "heavy.clerk", at=(33, 30, 29))
        yield self.ago(20, 9, 20)
        self.fill(filed, "heavy.clerk")
        serials = Certificate.objects.filter(register=filed).order_by("blank_serial")
        for day, (reason, item) in enumerate(zip(SPOILED, list(serials[3:9]), strict=True)):
            yield self.ago(18 - day, 15, 30)
            spoil(
                actor=self.who("heavy.clerk"),
                register_id=filed.pk,
                serials=[item.blank_serial or 0],
                reason=reason,
            )
        yield self.ago(9, 11)
        stock.request_exchange(
            actor=self.who("heavy.clerk"), register_id=filed.pk, grade=serials[0].grade
        )

    def to_be_filled(self) -> Course:
        """The department has its blanks, and has let them lie."""
        yield self.ago(38, 11)
        filed = self.draft("equipment.clerk", self.equipment, 18, title="工程师")
        yield from self.accepted(filed, "equipment.clerk", "industry.officer", at=(37, 33, 27))
        yield from self.handed_out(filed, "industry.clerk", at=(16, 11, 8))

    def on_the_way(self) -> Course:
        """Handed over, not yet received."""
        yield self.ago(27, 10, 40)
        filed = self.draft("equipment.clerk", self.equipment, 12, title="助理工程师")
        yield from self.accepted(filed, "equipment.clerk", "industry.officer", at=(26, 24, 17))
        yield self.ago(11, 10)
        self.allot(filed)
        yield self.ago(4, 15)
        self.hand_over(filed, "industry.clerk")

    def allotted(
        self,
        clerk: str,
        unit: Organization,
        count: int,
        title: str,
        endorser: str,
        at: tuple[int, int],
    ) -> Course:
        """Blanks are set aside for it and wait to be collected."""
        begun, allotted = at
        yield self.ago(begun, 11, 30)
        filed = self.draft(clerk, unit, count, title=title)
        yield from self.accepted(filed, clerk, endorser, at=(begun - 1, begun - 3, begun - 6))
        yield self.ago(allotted, 10, 30)
        self.allot(filed)

    def office(
        self,
        clerk: str,
        unit: Organization,
        count: int,
        title: str,
        endorser: str,
        at: tuple[int, int, int],
    ) -> Course:
        """As far as the day on which it was submitted, endorsed, accepted; 0: it waits for that."""
        submitted, endorsed, accepted = at
        yield self.ago(submitted, 9, 15)
        filed = self.draft(clerk, unit, count, title=title)
        yield self.ago(submitted, 16, 40)
        self.submit(filed, clerk)
        if endorser and endorsed:
            yield self.ago(endorsed, 10, 50)
            self.endorse(filed, endorser)
        if accepted:
            yield self.ago(accepted, 14, 30)
            self.accept(filed)

    def district(self) -> Course:
        """Filed by a district office, which has its own seal, for acceptance."""
        yield self.ago(13, 15)
        filed = self.draft(
            "wanzhou.clerk",
            "万州区中心医院",
            36,
            department=self.city.districts["万州区"].name,
            telephone="023-5800 0000",
        )
        yield self.ago(12, 9, 40)
        self.submit(filed, "wanzhou.clerk")

    def returned(self) -> Course:
        """Sent back by the department."""
        yield self.ago(14, 10, 10)
        filed = self.draft("school.clerk", self.school, 16)
        yield self.ago(14, 16)
        self.submit(filed, "school.clerk")
        yield self.ago(11, 11, 20)
        steps.return_register(
            actor=self.who("education.officer"),
            register_id=filed.pk,
            reason="第 3 行工作单位请写全称；纸质件缺填报人签字。",
        )

    def corrected(
        self, clerk: str, unit: Organization, count: int, title: str, begun: int
    ) -> Course:
        """Not submitted yet: numbers were missing or doubled, and a second file mends that."""
        yield self.ago(begun, 14)
        lines, telephone = self.lines(unit, count, title), "023-6300 0000"
        wrong = [*lines]
        wrong[2] = lines[2].but(证书编号="")
        wrong[5] = lines[5].but(证书编号=lines[4].certificate_number)
        filed = self.upload(clerk, wrong, telephone)
        yield self.ago(begun, 16, 30)
        self.upload_again(filed, clerk, lines, telephone)

    def faulty(self) -> Course:
        """The draft in which every kind of fault stands once, with the documents it cites."""
        # Numbers as the health commission's rule wants them: see ``Story``.
        faulty = FaultyCity(unit=self.hospital.name, year=self.year, certificates=f"{self.year}129")
        sheets = faulty_sheets(faulty)
        yield self.ago(13, 10)
        import_list(actor=self.who("office.clerk"), content=sheets.approvals, name="补充名单.xlsx")
        yield self.ago(3, 11)
        upload_register(
            actor=self.who("hospital.clerk"),
            content=sheets.register,
            name=f"山城第一人民医院{self.year}年登记表（待更正）.xlsx",
            year=self.year,
        )
