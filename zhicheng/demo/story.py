"""Registers in every state, taken there by the same actions that people use."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal

from zhicheng.approvals.actions import import_list
from zhicheng.blanks import actions as stock
from zhicheng.certificates import actions as path
from zhicheng.certificates import issuing
from zhicheng.certificates.models import Certificate
from zhicheng.certificates.spoilage import spoil
from zhicheng.demo.anomalies import tell_anomalies
from zhicheng.demo.approvals import listed
from zhicheng.demo.city import City
from zhicheng.demo.counter import authorisation, tell_counter
from zhicheng.demo.electronic import tell_electronic
from zhicheng.demo.faults import FaultyCity, faulty_sheets
from zhicheng.demo.historic import tell_historic
from zhicheng.demo.history import tell_history
from zhicheng.demo.incidents import tell_incidents
from zhicheng.demo.interfaces import tell_interfaces
from zhicheng.demo.modes import tell_employer, tell_records, tell_self_issued
from zhicheng.demo.people import people
from zhicheng.demo.printing import tell_printing
from zhicheng.demo.printing_shop import open_printing_shop
from zhicheng.demo.reissues import tell_reissues
from zhicheng.demo.workbooks import Line, approval_list, register
from zhicheng.organizations.models import Account, Organization
from zhicheng.reference.models import Grade
from zhicheng.registers import steps
from zhicheng.registers.actions import upload_register
from zhicheng.registers.models import Register
from zhicheng.registers.numbering.actions import set_rule
from zhicheng.values.serials import SerialRange, parse_ranges

YEAR = 2026
STOCK = {
    Grade.SENIOR: SerialRange(12001, 15000),
    Grade.INTERMEDIATE: SerialRange(20001, 26000),
    Grade.JUNIOR: SerialRange(40001, 42000),
}


class Story:
    """Tells the year of the made-up city; call ``tell`` once on an empty database."""

    def __init__(self, city: City) -> None:
        self.city = city
        self.people = listed()
        self.taken: set[str] = set()
        self.sequence = 0

    def tell(self) -> None:
        """Approvals, stock, registers in every state, historic records, numbering rules."""
        self._approvals()
        self._stock()
        open_printing_shop(self.city)
        self._registers()
        self._numbering()
        tell_self_issued(self.city)
        tell_employer(self.city)
        tell_electronic(self.city, YEAR)
        tell_reissues(self.city)
        tell_incidents(self.city)
        tell_interfaces(self.city)
        tell_printing(self.city)
        tell_counter(self.city)
        tell_historic(self.city)
        tell_history(self.city)
        tell_anomalies(self.city)

    def who(self, name: str) -> Account:
        """An account of the demo by its user name."""
        return self.city.accounts[name]

    def _approvals(self) -> None:
        tell_records(self.city)
        import_list(
            actor=self.who("office.clerk"),
            content=approval_list(self.people),
            name="2026年度评审通过人员.xlsx",
        )

    def _stock(self) -> None:
        office = self.who("office.officer")
        stock.set_spare_policy(
            actor=office, valid_from=date(2018, 10, 1), rate=Decimal("0.05"), round_up=True
        )
        for grade, serials in STOCK.items():
            stock.record_print_run(
                actor=office,
                grade=grade,
                serials=serials,
                received_on=date(2026, 1, 8),
                printer="市人力社保局定点印制企业（演示）",
            )
        # An order of which a part came, two blanks missing and one torn.
        order = stock.place_order(
            actor=office,
            grade=Grade.SENIOR,
            serials=SerialRange(15001, 15600),
            quantity=600,
            ordered_on=date(2026, 5, 11),
            printer="市人力社保局定点印制企业（演示）",
        )
        stock.count_in(
            actor=office,
            order_id=order.pk,
            good=parse_ranges("15001-15120 15123-15217 15219-15300"),
            damaged=parse_ranges("15218"),
            missing=parse_ranges("15121-15122"),
            delivered_on=date(2026, 6, 2),
            note="第一批，两箱",
        )

    def _lines(
        self, unit: str, department: str, *, document: str = "", title: str = ""
    ) -> Iterator[Line]:
        """The next people of a unit that no register has yet."""
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
            yield Line(item, f"{YEAR}12{self.sequence:06d}", department)

    def _upload(self, clerk: str, lines: Sequence[Line], *, telephone: str) -> Register:
        account = self.who(clerk)
        content = register(
            lines,
            unit=account.organization.name,
            year=YEAR,
            filler=account.display_name,
            telephone=telephone,
        )
        return upload_register(
            actor=account,
            content=content,
            name=f"{account.organization.name}{YEAR}年登记表.xlsx",
            year=YEAR,
        )

    def _some(self, lines: Iterator[Line], count: int) -> list[Line]:
        return [next(lines) for _ in range(count)]

    def _unit_register(
        self, clerk: str, unit: Organization, count: int, *, title: str = "", document: str = ""
    ) -> Register:
        department = unit.supervisor.name if unit.supervisor else unit.name
        lines = self._lines(unit.name, department, title=title, document=document)
        return self._upload(clerk, self._some(lines, count), telephone="023-6300 0000")

    def _accepted(self, filed: Register, clerk: str, endorser: str | None) -> Register:
        steps.submit(actor=self.who(clerk), register_id=filed.pk)
        if endorser:
            steps.endorse(actor=self.who(endorser), register_id=filed.pk)
        return steps.accept(actor=self.who("office.officer"), register_id=filed.pk)

    def _handed_out(self, accepted: Register, clerk: str) -> None:
        office = self.who("office.officer")
        stock.allot_register(actor=office, register_id=accepted.pk)
        stock.hand_over(
            actor=self.who("office.clerk"),
            register_id=accepted.pk,
            collected_by=self.who(clerk).display_name,
        )
        stock.receive(actor=self.who(clerk), register_id=accepted.pk)

    def _registers(self) -> None:
        units = self.city.units
        hospital, children = units["山城第一人民医院"], units["两江妇女儿童医院"]
        institute, equipment = units["嘉陵机械研究所"], units["缙云智能装备有限公司"]
        school = units["歌乐山职业技术学校"]

        # Issued, one blank spoiled on the way.
        done = self._unit_register("hospital.clerk", hospital, 40)
        self._accepted(done, "hospital.clerk", "health.officer")
        self._handed_out(done, "health.clerk")
        path.fill_in(actor=self.who("health.clerk"), register_id=done.pk)
        first = Certificate.objects.filter(register=done).order_by("blank_serial")[2]
        spoil(
            actor=self.who("health.clerk"),
            register_id=done.pk,
            serials=[first.blank_serial or 0],
            reason="misprint",
            note="姓名打印偏位",
        )
        path.seal(actor=self.who("health.officer"), register_id=done.pk)
        path.emboss(actor=self.who("office.embosser"), register_id=done.pk)
        if Certificate.objects.filter(register=done, state="sealed").exists():
            path.emboss(actor=self.who("health.embosser"), register_id=done.pk)
        path.issue(actor=self.who("health.clerk"), register_id=done.pk)

        # Some issued to an agent, some waiting for their holders.
        waiting = self._unit_register("hospital.clerk", hospital, 24, title="主治医师")
        self._accepted(waiting, "hospital.clerk", "health.officer")
        self._handed_out(waiting, "health.clerk")
        path.fill_in(actor=self.who("health.clerk"), register_id=waiting.pk)
        path.seal(actor=self.who("health.officer"), register_id=waiting.pk)
        path.emboss(actor=self.who("health.embosser"), register_id=waiting.pk)
        some = list(
            Certificate.objects.filter(register=waiting)
            .order_by("position")
            .values_list("pk", flat=True)[:9]
        )
        agent = issuing.name_agent(
            actor=self.who("health.clerk"),
            name="杜若谷",
            id_number=next(people(4343)).id_number,
            relation="colleague",
            authorisation=authorisation(),
            id_checked=True,
        )
        path.issue(
            actor=self.who("health.clerk"),
            register_id=waiting.pk,
            certificate_ids=some,
            agent_id=agent.pk,
            id_checked=True,
        )

        # Sealed, on the way to both embossers.
        sealed = self._unit_register("children.clerk", children, 30)
        self._accepted(sealed, "children.clerk", "health.officer")
        self._handed_out(sealed, "health.clerk")
        path.fill_in(actor=self.who("health.clerk"), register_id=sealed.pk)
        path.seal(actor=self.who("health.officer"), register_id=sealed.pk)

        # A large enterprise: more spoiled than spares, an exchange is due.
        heavy = self._unit_register(
            "heavy.clerk",
            self.city.enterprises["长江重工"],
            24,
            document="渝经信职改〔2026〕12号",
        )
        self._accepted(heavy, "heavy.clerk", None)
        self._handed_out(heavy, "heavy.clerk")
        path.fill_in(actor=self.who("heavy.clerk"), register_id=heavy.pk)
        serials = Certificate.objects.filter(register=heavy).order_by("blank_serial")
        for reason, item in zip(
            ("misprint", "damaged", "misprint"), list(serials[3:6]), strict=True
        ):
            spoil(
                actor=self.who("heavy.clerk"),
                register_id=heavy.pk,
                serials=[item.blank_serial or 0],
                reason=reason,
            )

        stock.request_exchange(
            actor=self.who("heavy.clerk"), register_id=heavy.pk, grade=serials[0].grade
        )

        # Received, to be filled in; handed over; allotted; accepted.
        received = self._unit_register("equipment.clerk", equipment, 18, title="工程师")
        self._accepted(received, "equipment.clerk", "industry.officer")
        self._handed_out(received, "industry.clerk")
        on_the_way = self._unit_register("equipment.clerk", equipment, 12, title="助理工程师")
        self._accepted(on_the_way, "equipment.clerk", "industry.officer")
        stock.allot_register(actor=self.who("office.officer"), register_id=on_the_way.pk)
        stock.hand_over(
            actor=self.who("office.clerk"), register_id=on_the_way.pk, collected_by="袁雪琴"
        )
        allotted = self._unit_register("institute.clerk", institute, 21, title="高级工程师")
        self._accepted(allotted, "institute.clerk", "industry.officer")
        stock.allot_register(actor=self.who("office.officer"), register_id=allotted.pk)
        accepted = self._unit_register("institute.clerk", institute, 25, title="工程师")
        self._accepted(accepted, "institute.clerk", "industry.officer")

        # Filed by a district for acceptance; waiting for endorsement; returned; drafts.
        district = self._lines("万州区中心医院", self.city.districts["万州区"].name)
        filed = self._upload("wanzhou.clerk", self._some(district, 36), telephone="023-5800 0000")
        steps.submit(actor=self.who("wanzhou.clerk"), register_id=filed.pk)
        endorsing = self._unit_register("children.clerk", children, 20)
        steps.submit(actor=self.who("children.clerk"), register_id=endorsing.pk)
        returned = self._unit_register("school.clerk", school, 16)
        steps.submit(actor=self.who("school.clerk"), register_id=returned.pk)
        steps.return_register(
            actor=self.who("education.officer"),
            register_id=returned.pk,
            reason="第 3 行工作单位请写全称；纸质件缺填报人签字。",
        )
        self._unit_register("school.clerk", school, 14, title="讲师")
        self._faulty()

    def _faulty(self) -> None:
        """The draft in which every kind of fault stands once, with the documents it cites."""
        # Numbers as the health commission's rule wants them: see ``_numbering``.
        faulty = FaultyCity(unit="山城第一人民医院", year=YEAR, certificates=f"{YEAR}129")
        sheets = faulty_sheets(faulty)
        import_list(actor=self.who("office.clerk"), content=sheets.approvals, name="补充名单.xlsx")
        upload_register(
            actor=self.who("hospital.clerk"),
            content=sheets.register,
            name="山城第一人民医院2026年登记表（待更正）.xlsx",
            year=YEAR,
        )

    def _numbering(self) -> None:
        """Three units number by rule, one of them by its second; the others as they like."""
        set_rule(
            actor=self.who("health.officer"),
            unit=self.city.departments["市卫生健康委"],
            valid_from=date(YEAR, 1, 1),
            pattern="{年}12{流水6}",
        )
        industry = self.city.departments["市经济信息委"]
        codes = {"senior_code": "G", "intermediate_code": "Z", "junior_code": "C"}
        set_rule(
            actor=self.who("office.officer"),
            unit=industry,
            valid_from=date(2025, 1, 1),
            pattern="JX{年}{流水6}",
        )
        set_rule(
            actor=self.who("industry.officer"),
            unit=industry,
            valid_from=date(YEAR, 1, 1),
            pattern="JX{年}{等级}{流水5}",
            per_grade=True,
            **codes,
        )
        set_rule(
            actor=self.who("heavy.officer"),
            unit=self.city.enterprises["长江重工"],
            valid_from=date(YEAR, 1, 1),
            pattern="{单位}{年2}{等级}{流水5}{校验}",
            unit_code="CJ",
            check_algorithm="mod_11_2",
            **codes,
        )
