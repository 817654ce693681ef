"""The year of the made-up city: founded long ago, its registers filed in the last months."""

from decimal import Decimal

from django.utils import timezone

from zhicheng.approvals.actions import attach_scan, import_list
from zhicheng.approvals.models import ApprovalDocument
from zhicheng.blanks import actions as stock
from zhicheng.demo.anomalies import tell_anomalies
from zhicheng.demo.city import City
from zhicheng.demo.clock import Clock, Course, run
from zhicheng.demo.counter import tell_counter
from zhicheng.demo.earlier import Earlier
from zhicheng.demo.electronic import tell_electronic
from zhicheng.demo.historic import tell_historic
from zhicheng.demo.history import tell_history
from zhicheng.demo.incidents import tell_incidents
from zhicheng.demo.interfaces import tell_interfaces
from zhicheng.demo.modes import tell_employer, tell_records, tell_self_issued
from zhicheng.demo.printing import tell_printing
from zhicheng.demo.printing_shop import open_printing_shop
from zhicheng.demo.public import tell_public
from zhicheng.demo.registers import Registers
from zhicheng.demo.reissues import scan, tell_reissues
from zhicheng.demo.workbooks import approval_list
from zhicheng.reference.models import Grade
from zhicheng.registers.numbering.actions import set_rule
from zhicheng.values.serials import SerialRange, parse_ranges

STOCK = {
    Grade.SENIOR: SerialRange(12001, 15000),
    Grade.INTERMEDIATE: SerialRange(20001, 26000),
    Grade.JUNIOR: SerialRange(40001, 42000),
}
# Numbers that registers leave to the rule, which gives them to replacements and renewals.
FOR_REISSUES = 50
PRINTER = "市人力社保局定点印制企业（演示）"


class Story:
    """Tells the past of the made-up city; call ``tell`` once on an empty database."""

    def __init__(self, city: City, clock: Clock) -> None:
        self.city = city
        self.clock = clock
        self.days = city.days
        self.registers = Registers(city)
        self.who = self.registers.who

    def tell(self) -> None:
        """The first half of the year in its order, then everything that overlaps."""
        run(
            self.clock,
            [
                self._policy(),
                *(Earlier(self.city, year).course() for year in self.days.earlier),
                self._store(),
                open_printing_shop(self.city),
                self._approvals(),
                tell_history(self.city),
                tell_electronic(self.city),
                *self.registers.courses(),
                self._numbering(),
                tell_self_issued(self.city),
                tell_employer(self.city),
                *tell_reissues(self.city),
                tell_incidents(self.city),
                tell_interfaces(self.city),
                tell_public(self.city),
                tell_printing(self.city),
                tell_counter(self.city),
                *tell_historic(self.city),
                tell_anomalies(self.city),
            ],
        )

    def _policy(self) -> Course:
        """How many blanks a register gets beyond its people."""
        first = self.days.first_year
        yield self.days.on(1, 7, year=first)
        stock.set_spare_policy(
            actor=self.who("office.officer"),
            valid_from=timezone.localdate(),
            rate=Decimal("0.05"),
            round_up=True,
        )

    def _store(self) -> Course:
        """Blanks of the year, and an order of which a part came, two missing and one torn."""
        office, days = self.who("office.officer"), self.days
        yield days.on(1, 8)
        for grade, serials in STOCK.items():
            stock.record_print_run(
                actor=office,
                grade=grade,
                serials=serials,
                received_on=days.on(1, 8).date(),
                printer=PRINTER,
            )
        yield days.ago(27, 14)
        order = stock.place_order(
            actor=office,
            grade=Grade.SENIOR,
            serials=SerialRange(15001, 15600),
            quantity=600,
            ordered_on=days.ago(27).date(),
            printer=PRINTER,
        )
        yield days.ago(16, 10)
        stock.count_in(
            actor=office,
            order_id=order.pk,
            good=parse_ranges("15001-15120 15123-15217 15219-15300"),
            damaged=parse_ranges("15218"),
            missing=parse_ranges("15121-15122"),
            delivered_on=days.ago(16).date(),
            note="第一批，两箱",
        )

    def _approvals(self) -> Course:
        """The year's lists with their scans, the online one lately; one scan changed afterwards."""
        clerk, people = self.who("office.clerk"), self.registers.people
        yield self.days.on(1, 15)
        tell_records(self.city)
        yield self.days.on(6, 10)
        import_list(
            actor=clerk,
            content=approval_list([item for item in people if item.channel == "线下"]),
            name=f"{self.days.year}年度评审通过人员.xlsx",
        )
        page = scan("核准文件.jpg").kept
        documents = ApprovalDocument.objects.filter(scan_sha256="").order_by("pk")
        pks = list(documents.values_list("pk", flat=True))
        for pk in pks:
            attach_scan(actor=clerk, document_id=pk, content=page, name="核准文件.jpg")
        yield self.days.ago(2, 15, 30)
        import_list(
            actor=clerk,
            content=approval_list([item for item in people if item.channel == "线上"]),
            name=f"{self.days.year}年度农业系列线上评审通过人员.xlsx",
        )
        yield self.days.ago(1, 17, 10)
        attach_scan(
            actor=clerk,
            document_id=pks[0],
            content=page,
            name="核准文件（重新扫描）.jpg",
        )

    def _numbering(self) -> Course:
        """Three units number by rule, one by its second from today on; others as they like."""
        yield self.days.ago(47, 11, 30)
        set_rule(
            actor=self.who("health.officer"),
            unit=self.city.departments["市卫生健康委"],
            valid_from=timezone.localdate(),
            pattern="{年}12{流水6}",
        )
        self.registers.sequence += FOR_REISSUES
        yield self.days.ago(1, 16, 40)  # what was filed before is numbered otherwise
        industry = self.city.departments["市经济信息委"]
        codes = {"senior_code": "G", "intermediate_code": "Z", "junior_code": "C"}
        set_rule(
            actor=self.who("office.officer"),
            unit=industry,
            valid_from=timezone.localdate(),
            pattern="JX{年}{流水6}",
        )
        set_rule(
            actor=self.who("industry.officer"),
            unit=industry,
            valid_from=self.days.ago(0).date(),
            pattern="JX{年}{等级}{流水5}",
            per_grade=True,
            **codes,
        )
        set_rule(
            actor=self.who("heavy.officer"),
            unit=self.city.enterprises["长江重工"],
            valid_from=timezone.localdate(),
            pattern="{单位}{年2}{等级}{流水5}{校验}",
            unit_code="CJ",
            check_algorithm="mod_11_2",
            **codes,
        )
