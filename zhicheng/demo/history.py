"""Approval documents of eight years in all districts: what statistics compare (N19).

Of every district a few people a year, more in the larger ones and more from year to year.
"""

from datetime import date
from itertools import islice
from random import Random

from zhicheng.approvals.actions import attach_scan, import_list
from zhicheng.approvals.models import ApprovalDocument
from zhicheng.demo.approvals import EDUCATION, FARMING, HEALTH, INDUSTRY
from zhicheng.demo.city import City
from zhicheng.demo.clock import Course
from zhicheng.demo.people import people
from zhicheng.demo.reissues import scan
from zhicheng.demo.workbooks import Listed, approval_list
from zhicheng.organizations.actions import create_organization
from zhicheng.organizations.guard import CONSOLE
from zhicheng.organizations.models import Kind

YEARS = 8
KINDS = ("人民医院", "第一中学", "农业服务中心", "设计院")
# Department and its mark in document numbers, series, specialties, titles by level.
FIELDS = (
    (HEALTH, "渝卫职改", "卫生技术人员", ("内科", "外科", "儿科"),
     (("正高级", "主任医师"), ("副高级", "副主任医师"), ("中级", "主治医师"), ("助理级", "医师"))),
    (EDUCATION, "渝教职改", "中小学教师", ("语文", "数学", "英语"),
     (("正高级", "正高级教师"), ("副高级", "高级教师"), ("中级", "一级教师"),
      ("助理级", "二级教师"))),
    (FARMING, "渝农职改", "农业技术人员", ("作物栽培", "植物保护"),
     (("正高级", "正高级农艺师"), ("副高级", "高级农艺师"), ("中级", "农艺师"),
      ("助理级", "助理农艺师"))),
    (INDUSTRY, "渝经信职改", "工程技术人员", ("机械设计与制造", "电气工程", "自动化"),
     (("正高级", "正高级工程师"), ("副高级", "高级工程师"), ("中级", "工程师"),
      ("助理级", "助理工程师"))),
)  # fmt: skip
SHARES = (4, 18, 45, 33)


def tell_history(city: City) -> Course:
    """A unit in each district, and the documents that list people there."""
    years = range(city.days.year - YEARS + 1, city.days.year + 1)
    yield city.days.on(6, 17)
    chance = Random(2019)  # noqa: S311 - a made-up city
    districts = [item for item in city.districts.values() if item.valid_to is None]
    for place, office in enumerate(districts):
        create_organization(
            actor=CONSOLE,
            name=_unit(office.short_name, place),
            short_name="",
            kind=Kind.REPORTING_UNIT,
            has_authority=False,
            supervisor=office,
            region=office.region,
        )
    source = people(seed=1919)
    found: list[Listed] = []
    for year in years:
        for place, office in enumerate(districts):
            department, mark, series, specialties, titles = FIELDS[place % 4]
            count = 2 + chance.randrange(4) + (len(districts) - place) // 9 + (year - years[0]) // 2
            for person in islice(source, count):
                level, qualification = chance.choices(titles, SHARES)[0]
                found.append(
                    Listed(
                        person=person,
                        document_number=f"{mark}〔{year}〕{41 + place % 4}号",
                        department=department,
                        mode="联合评审" if (year + place % 4) % 5 == 0 else "委员会评审",
                        channel="线下",
                        approval_date=date(year, 5, 20),
                        issued_on=date(year, 6, 12),
                        work_unit=_unit(office.short_name, place),
                        series=series,
                        level=level,
                        qualification=qualification,
                        specialty=chance.choice(specialties),
                    )
                )
    import_list(
        actor=city.accounts["office.clerk"],
        content=approval_list(found),
        name=f"{years[0]}至{years[-1]}年度各区县评审通过人员.xlsx",
    )
    # Long done: they must not stand among what the office has to do.
    page = scan("核准文件.jpg").kept
    for pk in ApprovalDocument.objects.filter(
        number__in={item.document_number for item in found}, scan_sha256=""
    ).values_list("pk", flat=True):
        attach_scan(
            actor=city.accounts["office.clerk"], document_id=pk, content=page, name="核准文件.jpg"
        )


def _unit(office: str, place: int) -> str:
    return office.removesuffix("职改办") + KINDS[place % 4]
