"""Years of before: a dozen people of a hospital in each, whose certificates were all issued."""

from datetime import datetime
from itertools import islice

from zhicheng.approvals.actions import attach_scan, import_list
from zhicheng.approvals.models import ApprovalDocument
from zhicheng.blanks import actions as stock
from zhicheng.certificates import actions as path
from zhicheng.demo.approvals import HEALTH
from zhicheng.demo.city import City
from zhicheng.demo.clock import Course
from zhicheng.demo.filing import Filing
from zhicheng.demo.people import people
from zhicheng.demo.reissues import scan
from zhicheng.demo.workbooks import Listed, approval_list
from zhicheng.reference.models import Grade
from zhicheng.values.serials import SerialRange

STOCK = SerialRange(18001, 18400)
PEOPLE, MORE = 9, 2  # in the first year, and in each one after it


class Earlier(Filing):
    """One year's register, on the same days as every year."""

    def __init__(self, city: City, year: int) -> None:
        super().__init__(city)
        self.year = year
        count = PEOPLE + MORE * (year - city.days.first_year)
        self.people = [
            Listed(
                person=person,
                document_number=f"渝职改办〔{year}〕31号",
                department=HEALTH,
                mode="委员会评审",
                channel="线下",
                approval_date=self.on(3, 18).date(),
                issued_on=self.on(4, 2).date(),
                work_unit="山城第一人民医院",
                series="卫生技术人员",
                level="中级",
                qualification="主治医师",
                specialty="内科",
            )
            for person in islice(people(seed=year), count)
        ]

    def on(self, month: int, day: int, hour: int = 0) -> datetime:
        """A day of this year."""
        return self.city.days.on(month, day, year=self.year).replace(hour=hour or 9)

    def course(self) -> Course:
        """From the list to the last certificate."""
        office, health = self.who("office.officer"), self.who("health.clerk")
        if self.year == self.city.days.first_year:
            yield self.on(1, 10)
            stock.record_print_run(
                actor=office,
                grade=Grade.INTERMEDIATE,
                serials=STOCK,
                received_on=self.on(1, 10).date(),
                printer="市人力社保局定点印制企业（演示）",
            )
        yield self.on(4, 12)
        clerk = self.who("office.clerk")
        import_list(
            actor=clerk,
            content=approval_list(self.people),
            name=f"{self.year}年度卫生系列评审通过人员.xlsx",
        )
        document = ApprovalDocument.objects.get(number=f"渝职改办〔{self.year}〕31号")
        page = scan("核准文件.jpg").kept
        attach_scan(actor=clerk, document_id=document.pk, content=page, name="核准文件.jpg")
        yield self.on(5, 8)
        hospital = self.city.units["山城第一人民医院"]
        filed = self.draft("hospital.clerk", hospital, len(self.people))
        self.submit(filed, "hospital.clerk")
        yield self.on(5, 11, 15)
        self.endorse(filed, "health.officer")
        yield self.on(5, 17, 10)
        self.accept(filed)
        yield self.on(5, 20, 14)
        self.allot(filed)
        yield self.on(5, 24)
        self.hand_over(filed, "health.clerk")
        self.receive(filed, "health.clerk")
        yield self.on(5, 30, 10)
        self.fill(filed, "health.clerk")
        yield self.on(6, 2, 15)
        self.seal(filed, "health.officer")
        yield self.on(6, 7, 11)
        self.emboss(filed, "health.embosser")
        yield self.on(6, 15, 10)
        path.issue(actor=health, register_id=filed.pk)
        self.settle(filed, "health.clerk", Grade.INTERMEDIATE)
